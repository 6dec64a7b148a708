package variant

import (
	"encoding/binary"
	"math"
	"slices"

	"github.com/streamctl/streamctl/internal/decimal"
)

// A Builder builds one variant at a time. Open an object or array, append its members, then close it.
type Builder struct {
	value  []byte
	ids    map[string]int
	names  []string
	fields []field // of the objects and arrays that are open
	large  bool    // beyond MaxSize: further values are dropped

	// Steps, if not nil, is called with the amount of work done, in units of about the time it takes to copy a kilobyte.
	Steps func(n int)
}

// A field is a member of an open object or array: the id of its name, and its offset from the first member.
type field struct {
	id, offset int32
}

// An Open is an object or array that has not been closed yet.
type Open struct{ start, fields int }

// A DuplicateKey is the error for an object with two members of the same name.
type DuplicateKey struct{ Name string }

func (e *DuplicateKey) Error() string { return "duplicate key " + e.Name + " in an object" }

// TooLarge is the error for a variant of more than MaxSize bytes.
type TooLarge struct{}

func (TooLarge) Error() string { return "a variant exceeds 134217728 bytes" }

// Reset discards the variant, so that another one can be built.
func (b *Builder) Reset() {
	b.value, b.names, b.fields, b.large = b.value[:0], b.names[:0], b.fields[:0], false
	clear(b.ids)
}

// Size returns the number of bytes that AppendStored appends, or the error TooLarge.
func (b *Builder) Size() (int, error) {
	texts, size := b.dictionary()
	meta := 1 + (len(b.names)+2)*size + texts
	if b.large || len(b.value) > MaxSize || meta > MaxSize {
		return 0, TooLarge{}
	}
	return lengthOfValue + len(b.value) + meta, nil
}

// dictionary returns the total length of all names, and the size in bytes of a number in the metadata.
func (b *Builder) dictionary() (texts, size int) {
	for _, name := range b.names {
		texts += len(name)
	}
	return texts, unsignedSize(max(texts, len(b.names)))
}

// AppendStored appends the variant in the form that vectors store.
func (b *Builder) AppendStored(dst []byte) ([]byte, error) {
	if _, err := b.Size(); err != nil {
		return dst, err
	}
	_, size := b.dictionary()
	dst = binary.LittleEndian.AppendUint32(dst, uint32(len(b.value)))
	dst = append(dst, b.value...)
	dst = append(dst, version|byte(size-1)<<6)
	dst = appendUnsigned(dst, len(b.names), size)
	at := 0
	for _, name := range b.names {
		dst = appendUnsigned(dst, at, size)
		at += len(name)
	}
	dst = appendUnsigned(dst, at, size)
	for _, name := range b.names {
		dst = append(dst, name...)
	}
	return dst, nil
}

// room reports whether n more bytes fit.
func (b *Builder) room(n int) bool {
	b.large = b.large || len(b.value)+n > MaxSize
	return !b.large
}

func (b *Builder) primitive(kind int, n int) bool {
	if !b.room(1 + n) {
		return false
	}
	b.value = append(b.value, byte(kind<<2))
	return true
}

// Null appends the variant null.
func (b *Builder) Null() { b.primitive(primitiveNull, 0) }

// Bool appends a boolean.
func (b *Builder) Bool(v bool) {
	kind := primitiveFalse
	if v {
		kind = primitiveTrue
	}
	b.primitive(kind, 0)
}

// Int appends an integer in the fewest bytes that hold it.
func (b *Builder) Int(v int64) {
	kind, size := primitiveInt8, 8
	switch {
	case v == int64(int8(v)):
		kind, size = primitiveInt1, 1
	case v == int64(int16(v)):
		kind, size = primitiveInt2, 2
	case v == int64(int32(v)):
		kind, size = primitiveInt4, 4
	}
	b.fixed(kind, uint64(v), size)
}

func (b *Builder) fixed(kind int, v uint64, size int) {
	if b.primitive(kind, size) {
		b.value = appendUnsigned(b.value, int(v), size)
	}
}

// Double appends a double. Every NaN gets Java's canonical bits.
func (b *Builder) Double(v float64) {
	bits := math.Float64bits(v)
	if math.IsNaN(v) {
		bits = 0x7FF8000000000000
	}
	b.fixed(primitiveDouble, bits, 8)
}

// Float appends a float.
func (b *Builder) Float(v float32) {
	bits := math.Float32bits(v)
	if v != v {
		bits = 0x7FC00000
	}
	b.fixed(primitiveFloat, uint64(bits), 4)
}

// Date appends a date, in days since the epoch.
func (b *Builder) Date(days int32) { b.fixed(primitiveDate, uint64(uint32(days)), 4) }

// Timestamp appends a timestamp, in microseconds since the epoch.
func (b *Builder) Timestamp(micros int64) { b.fixed(primitiveTimestamp, uint64(micros), 8) }

// TimestampNTZ appends a timestamp without time zone, in microseconds since the epoch.
func (b *Builder) TimestampNTZ(micros int64) { b.fixed(primitiveTimestampNTZ, uint64(micros), 8) }

// Decimal appends a decimal of up to 38 digits with the given scale.
func (b *Builder) Decimal(v decimal.Int128, scale int) {
	kind, size := primitiveDecimal16, 16
	switch {
	case scale <= 9 && decimal.Fits(v, 9):
		kind, size = primitiveDecimal4, 4
	case scale <= 18 && decimal.Fits(v, 18):
		kind, size = primitiveDecimal8, 8
	}
	if !b.primitive(kind, 1+size) {
		return
	}
	b.value = appendUnsigned(append(b.value, byte(scale)), int(v.Lo), min(size, 8))
	if size == 16 {
		b.value = appendUnsigned(b.value, int(v.Hi), 8)
	}
}

// Text appends a string.
func (b *Builder) Text(s []byte) {
	if len(s) > maxShortText {
		b.long(primitiveLongString, s)
	} else if b.room(1 + len(s)) {
		b.value = append(append(b.value, byte(len(s)<<2)|basicShortString), s...)
	}
}

// Binary appends bytes.
func (b *Builder) Binary(s []byte) { b.long(primitiveBinary, s) }

func (b *Builder) long(kind int, s []byte) {
	if b.primitive(kind, 4+len(s)) {
		b.value = append(appendUnsigned(b.value, len(s), 4), s...)
		b.step(len(s))
	}
}

// step counts a copy of n bytes.
func (b *Builder) step(n int) {
	if b.Steps != nil {
		b.Steps(1 + n>>10)
	}
}

// Open begins an object or an array.
func (b *Builder) Open() Open { return Open{len(b.value), len(b.fields)} }

// Item marks the next value as a member of the array.
func (b *Builder) Item(o Open) { b.fields = append(b.fields, field{0, int32(len(b.value) - o.start)}) }

// Key marks the next value as the member of the object with the given name.
func (b *Builder) Key(o Open, name []byte) {
	id, ok := b.ids[string(name)]
	if !ok {
		if b.ids == nil {
			b.ids = map[string]int{}
		}
		id = len(b.names)
		b.names = append(b.names, string(name))
		b.ids[b.names[id]] = id
	}
	b.fields = append(b.fields, field{int32(id), int32(len(b.value) - o.start)})
}

// CloseArray ends an array.
func (b *Builder) CloseArray(o Open) {
	fields := b.fields[o.fields:]
	size, sizeSize := len(b.value)-o.start, countSize(len(fields))
	offSize := unsignedSize(size)
	b.shift(o, 1+sizeSize+(len(fields)+1)*offSize)
	if !b.large {
		h := appendUnsigned(append(b.value[:o.start], byte(sizeSize>>2<<4|(offSize-1)<<2|basicArray)), len(fields), sizeSize)
		b.offsets(h, fields, size, offSize)
	}
	b.fields = b.fields[:o.fields]
}

// CloseObject ends an object and sorts its members by name.
func (b *Builder) CloseObject(o Open) error {
	fields := b.fields[o.fields:]
	slices.SortFunc(fields, func(x, y field) int { return compareNames([]byte(b.names[x.id]), []byte(b.names[y.id])) })
	most := int32(0)
	for i, f := range fields {
		most = max(most, f.id)
		if i > 0 && fields[i-1].id == f.id {
			return &DuplicateKey{b.names[f.id]}
		}
	}
	size, sizeSize := len(b.value)-o.start, countSize(len(fields))
	idSize, offSize := unsignedSize(int(most)), unsignedSize(size)
	b.shift(o, 1+sizeSize+len(fields)*idSize+(len(fields)+1)*offSize)
	if !b.large {
		h := appendUnsigned(append(b.value[:o.start], byte(sizeSize>>2<<6|(idSize-1)<<4|(offSize-1)<<2|basicObject)), len(fields), sizeSize)
		for _, f := range fields {
			h = appendUnsigned(h, int(f.id), idSize)
		}
		b.offsets(h, fields, size, offSize)
	}
	b.fields = b.fields[:o.fields]
	return nil
}

// shift inserts n bytes before the members.
func (b *Builder) shift(o Open, n int) {
	if !b.room(n) {
		return
	}
	b.step(len(b.value) - o.start)
	b.value = append(b.value, make([]byte, n)...)
	copy(b.value[o.start+n:], b.value[o.start:])
}

// offsets writes into h where each member begins and where the last one ends.
func (b *Builder) offsets(h []byte, fields []field, size, offSize int) {
	for _, f := range fields {
		h = appendUnsigned(h, int(f.offset), offSize)
	}
	appendUnsigned(h, size, offSize)
}

// Append appends a variant, adding its names to the dictionary.
func (b *Builder) Append(v Value) error {
	k := v.Kind()
	if k != Array && k != Object {
		if bytes := v.Bytes(); b.room(len(bytes)) {
			b.value = append(b.value, bytes...)
		}
		return nil
	}
	o := b.Open()
	var err error
	v.Members(func(_ int, name []byte, member Value) bool {
		if k == Array {
			b.Item(o)
		} else {
			b.Key(o, name)
		}
		err = b.Append(member)
		return err == nil
	})
	if err != nil || k == Object && b.CloseObject(o) != nil {
		return err
	}
	if k == Array {
		b.CloseArray(o)
	}
	return nil
}

// countSize returns the number of bytes that encode a member count.
func countSize(n int) int {
	if n > math.MaxUint8 {
		return 4
	}
	return 1
}

// unsignedSize returns the number of bytes that encode n.
func unsignedSize(n int) int {
	size := 1
	for n > math.MaxUint8 {
		n >>= 8
		size++
	}
	return size
}

func appendUnsigned(dst []byte, n, size int) []byte {
	for range size {
		dst = append(dst, byte(n))
		n >>= 8
	}
	return dst
}
