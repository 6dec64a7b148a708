// Package variant implements Spark's binary encoding of VARIANT: reading, building, paths and edits. A variant consists of
// two byte strings, the value and the metadata; the metadata is the dictionary of the names of all its objects. (Spark:
// common/variant, VariantUtil.)
//
// Vectors, and Spark's rows, store both as one byte string: the length of the value in four bytes, little endian; the value;
// the metadata.
package variant

import (
	"encoding/binary"
	"math"

	"github.com/streamctl/streamctl/internal/decimal"
)

// MaxSize is the limit in bytes for the value, and for the metadata, of a variant. (Spark: VariantUtil.SIZE_LIMIT.)
const MaxSize = 1 << 27

// A Kind is the type of a value inside a variant.
type Kind uint8

// The kinds of values.
const (
	Null Kind = iota
	Boolean
	Long
	Double
	Decimal
	String
	Binary
	Date
	Timestamp
	TimestampNTZ
	Float
	Array
	Object
)

// The lower two bits of a value's first byte.
const (
	basicPrimitive = iota
	basicShortString
	basicObject
	basicArray
)

// The other bits of a primitive value's first byte.
const (
	primitiveNull         = 0
	primitiveTrue         = 1
	primitiveFalse        = 2
	primitiveInt1         = 3
	primitiveInt2         = 4
	primitiveInt4         = 5
	primitiveInt8         = 6
	primitiveDouble       = 7
	primitiveDecimal4     = 8
	primitiveDecimal8     = 9
	primitiveDecimal16    = 10
	primitiveDate         = 11
	primitiveTimestamp    = 12
	primitiveTimestampNTZ = 13
	primitiveFloat        = 14
	primitiveBinary       = 15
	primitiveLongString   = 16
)

var primitives = [...]struct {
	kind Kind
	size int // of the value without its first byte; for strings and binaries, of the length only
}{
	primitiveNull: {Null, 0}, primitiveTrue: {Boolean, 0}, primitiveFalse: {Boolean, 0},
	primitiveInt1: {Long, 1}, primitiveInt2: {Long, 2}, primitiveInt4: {Long, 4}, primitiveInt8: {Long, 8},
	primitiveDouble: {Double, 8}, primitiveDecimal4: {Decimal, 5}, primitiveDecimal8: {Decimal, 9}, primitiveDecimal16: {Decimal, 17},
	primitiveDate: {Date, 4}, primitiveTimestamp: {Timestamp, 8}, primitiveTimestampNTZ: {TimestampNTZ, 8},
	primitiveFloat: {Float, 4}, primitiveBinary: {Binary, 4}, primitiveLongString: {String, 4},
}

const (
	version       = 1
	maxShortText  = 63
	lengthOfValue = 4 // bytes before a stored variant
)

// A Value is a variant, or a value inside one. Its encoding starts data, which may contain further values after it.
type Value struct{ data, meta []byte }

// Of returns the variant stored in b.
func Of(b []byte) Value {
	n := lengthOfValue + int(binary.LittleEndian.Uint32(b))
	return Value{b[lengthOfValue:n:n], b[n:]}
}

// Bytes returns the value alone, in Spark's encoding.
func (v Value) Bytes() []byte { return v.data[:v.size()] }

// Metadata returns the dictionary of names, in Spark's encoding.
func (v Value) Metadata() []byte { return v.meta }

// AppendStored appends v in the form that vectors store, with the metadata of the variant that contains it.
func (v Value) AppendStored(dst []byte) []byte { return appendStored(dst, v.Bytes(), v.meta) }

func appendStored(dst, value, meta []byte) []byte {
	dst = binary.LittleEndian.AppendUint32(dst, uint32(len(value)))
	return append(append(dst, value...), meta...)
}

func (v Value) basic() byte { return v.data[0] & 3 }
func (v Value) info() byte  { return v.data[0] >> 2 }

// Kind returns the type of v.
func (v Value) Kind() Kind {
	switch v.basic() {
	case basicShortString:
		return String
	case basicObject:
		return Object
	case basicArray:
		return Array
	}
	return primitives[v.info()].kind
}

// size returns the number of bytes of data that belong to v.
func (v Value) size() int {
	switch v.basic() {
	case basicShortString:
		return 1 + int(v.info())
	case basicObject, basicArray:
		l := v.list()
		return l.data + l.offset(l.n)
	}
	n := 1 + primitives[v.info()].size
	if k := v.info(); k == primitiveLongString || k == primitiveBinary {
		n += int(binary.LittleEndian.Uint32(v.data[1:]))
	}
	return n
}

// Bool returns the value of a Boolean.
func (v Value) Bool() bool { return v.info() == primitiveTrue }

// Int returns the value of a Long, the days of a Date, or the microseconds of a timestamp.
func (v Value) Int() int64 { return signed(v.data[1 : 1+primitives[v.info()].size]) }

// Double returns the value of a Double.
func (v Value) Double() float64 { return math.Float64frombits(binary.LittleEndian.Uint64(v.data[1:])) }

// Float returns the value of a Float.
func (v Value) Float() float32 { return math.Float32frombits(binary.LittleEndian.Uint32(v.data[1:])) }

// Text returns the value of a String or Binary.
func (v Value) Text() []byte {
	if v.basic() == basicShortString {
		return v.data[1 : 1+v.info()]
	}
	return v.data[5 : 5+binary.LittleEndian.Uint32(v.data[1:])]
}

// Decimal returns the value of a Decimal without trailing zeros. (Spark: VariantUtil.getDecimal.) The scale is negative if
// zeros before the point are removed.
func (v Value) Decimal() (unscaled decimal.Int128, scale int) {
	unscaled, scale = v.exactDecimal()
	if unscaled.IsZero() {
		return unscaled, 0
	}
	for {
		q, ok := decimal.Div(unscaled, decimal.FromInt64(10), 0)
		if back, fits := decimal.Mul(q, decimal.FromInt64(10), 0); !ok || !fits || back != unscaled {
			return unscaled, scale
		}
		unscaled, scale = q, scale-1
	}
}

func (v Value) exactDecimal() (unscaled decimal.Int128, scale int) {
	b := v.data[2 : 1+primitives[v.info()].size]
	if len(b) == 16 {
		return decimal.Int128{Hi: int64(binary.LittleEndian.Uint64(b[8:])), Lo: binary.LittleEndian.Uint64(b)}, int(v.data[1])
	}
	return decimal.FromInt64(signed(b)), int(v.data[1])
}

// A list describes the layout of an object or array.
type list struct {
	bytes            []byte
	n                int
	idSize, ids      int // objects: size of a name id, and where the ids begin
	offSize, offsets int
	data             int
}

func (v Value) list() list {
	info := v.info()
	l := list{bytes: v.data, offSize: int(info&3) + 1, offsets: 2}
	large := info>>2&1 != 0
	if v.basic() == basicObject {
		l.idSize, large = int(info>>2&3)+1, info>>4&1 != 0
	}
	l.n = int(v.data[1])
	if large {
		l.n, l.offsets = int(binary.LittleEndian.Uint32(v.data[1:])), 5
	}
	l.ids = l.offsets
	l.offsets += l.n * l.idSize
	l.data = l.offsets + (l.n+1)*l.offSize
	return l
}

func (l *list) offset(i int) int { return unsigned(l.bytes[l.offsets+i*l.offSize:], l.offSize) }
func (l *list) id(i int) int     { return unsigned(l.bytes[l.ids+i*l.idSize:], l.idSize) }

// Len returns the number of members of an Array or Object.
func (v Value) Len() int {
	l := v.list()
	return l.n
}

// Members calls f with each member of an Array or Object in order, until f returns false. name is nil for members of an
// Array.
func (v Value) Members(f func(i int, name []byte, member Value) bool) {
	l := v.list()
	for i := range l.n {
		var name []byte
		if l.idSize > 0 {
			name = nameOf(v.meta, l.id(i))
		}
		if !f(i, name, v.at(&l, i)) {
			return
		}
	}
}

func (v Value) at(l *list, i int) Value { return Value{v.data[l.data+l.offset(i):], v.meta} }

// Item returns the i-th member of an Array.
func (v Value) Item(i int) (item Value, ok bool) {
	l := v.list()
	if i >= l.n {
		return Value{}, false
	}
	return v.at(&l, i), true
}

// Field returns the member of an Object with the given name.
func (v Value) Field(name string) (field Value, ok bool) {
	l := v.list()
	low, high := 0, l.n
	for low < high {
		mid := (low + high) / 2
		switch c := compareNames(nameOf(v.meta, l.id(mid)), []byte(name)); {
		case c == 0:
			return v.at(&l, mid), true
		case c < 0:
			low = mid + 1
		default:
			high = mid
		}
	}
	return Value{}, false
}

// nameOf returns the name with the given id.
func nameOf(meta []byte, id int) []byte {
	size := int(meta[0]>>6) + 1
	n := unsigned(meta[1:], size)
	texts := 1 + (n+2)*size
	at := 1 + (id+1)*size
	from, to := texts+unsigned(meta[at:], size), texts+unsigned(meta[at+size:], size)
	return meta[from:to:to]
}

// compareNames orders names by their UTF-16 units, as Java orders strings. That differs from byte order where a character
// beyond U+FFFF is compared with one from U+E000 to U+FFFF.
func compareNames(a, b []byte) int {
	for i := range min(len(a), len(b)) {
		x, y := a[i], b[i]
		if x == y {
			continue
		}
		const wide, behindSurrogates = 0xF0, 0xEE
		less := x < y
		if x >= behindSurrogates && y >= behindSurrogates && (x >= wide) != (y >= wide) {
			less = !less
		}
		if less {
			return -1
		}
		return 1
	}
	return len(a) - len(b)
}

func unsigned(b []byte, size int) (n int) {
	for i := size - 1; i >= 0; i-- {
		n = n<<8 | int(b[i])
	}
	return n
}

func signed(b []byte) (n int64) {
	for i := len(b) - 1; i >= 0; i-- {
		n = n<<8 | int64(b[i])
	}
	unused := 64 - 8*len(b)
	return n << unused >> unused
}

// TextSize returns an estimate, usually not too low, of the bytes in the JSON text of v.
func (v Value) TextSize() int {
	switch v.Kind() {
	case String, Binary:
		return 2 + 2*len(v.Text())
	case Array, Object:
		n := 2
		v.Members(func(_ int, name []byte, member Value) bool {
			n += 4 + len(name) + member.TextSize()
			return true
		})
		return n
	case Decimal:
		return 41
	case Null, Boolean, Date:
		return 12
	}
	return 32
}
