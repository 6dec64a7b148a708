package unsaferow

import (
	"fmt"
	"math"

	"github.com/streamctl/streamctl/internal/decimal"
	"github.com/streamctl/streamctl/internal/types"
	"github.com/streamctl/streamctl/internal/vector"
)

// A Decoder decodes rows with given types. It keeps nothing between rows and is safe for concurrent use.
type Decoder struct {
	parts []part
	any   bool // every word is a valid value of each column
}

// NewDecoder returns a decoder.
func NewDecoder(ts []*types.Type) *Decoder {
	d := &Decoder{partsOf(ts), true}
	for i := range d.parts {
		d.any = d.any && d.parts[i].op.takesAny()
	}
	return d
}

// Columns returns empty vectors for Append.
func (d *Decoder) Columns() []*vector.Vector {
	cols := make([]*vector.Vector, len(d.parts))
	for i := range d.parts {
		cols[i] = vector.New(d.parts[i].typ, 0)
	}
	return cols
}

// Append appends one row to cols, flat vectors of the decoder's types and of the same length. The vectors copy what they need of row. For bytes that
// are not a row of these types, it returns a *Malformed error and leaves cols in an undefined state.
func (d *Decoder) Append(row []byte, cols []*vector.Vector) error {
	r, err := openRow(row, len(d.parts))
	if err != nil {
		return err
	}
	for k := range d.parts {
		v := cols[k]
		i := v.Len()
		v.Extend(i + 1)
		if err := r.value(k, &d.parts[k], v, i); err != nil {
			return err
		}
	}
	return nil
}

// A Malformed is the error for bytes that are not a row of the expected types.
type Malformed struct{ Reason string }

func (e *Malformed) Error() string { return "not a row of the expected types: " + e.Reason }

func malformed(format string, args ...any) error { return &Malformed{fmt.Sprintf(format, args...)} }

// An opened value is a row or an array whose NULL bits and slots are within its bytes.
type opened struct {
	data []byte
	bits int // start of the NULL bits
	slot int // start of the first slot
	step int // from one slot to the next
	free int // end of the last value in the variable part: values are in order and do not overlap, which bounds the work by the number of bytes
}

func openRow(b []byte, n int) (opened, error) {
	head := headSize(n)
	if len(b) < head || len(b)%8 != 0 {
		return opened{}, malformed("%d bytes for %d columns", len(b), n)
	}
	if r := n & 63; r != 0 && little.Uint64(b[(n-1)>>6<<3:])>>r != 0 {
		return opened{}, malformed("it has more than %d columns", n)
	}
	return opened{data: b, slot: bitBytes(n), step: 8, free: head}, nil
}

// openArray returns an array and its number of elements of p.
func openArray(b []byte, p *part) (opened, int, error) {
	if len(b) < 8 {
		return opened{}, 0, malformed("an array of %d bytes", len(b))
	}
	count := little.Uint64(b)
	if count > uint64(len(b))*8 || p.op != opVoid && count > uint64(len(b)) {
		return opened{}, 0, malformed("an array of %d elements in %d bytes", count, len(b))
	}
	n := int(count)
	slot := 8 + bitBytes(n)
	free := slot + padded(p.width*n)
	if len(b) < free || len(b)%8 != 0 {
		return opened{}, 0, malformed("an array of %d elements in %d bytes", count, len(b))
	}
	return opened{data: b, bits: 8, slot: slot, step: p.width, free: free}, n, nil
}

func (o *opened) isNull(k int) bool { return o.data[o.bits+k>>3]>>(k&7)&1 != 0 }

// value sets position i of v to field or element k.
func (o *opened) value(k int, p *part, v *vector.Vector, i int) error {
	if o.isNull(k) {
		v.SetNull(i)
		return nil
	}
	b := o.data[o.slot+o.step*k:]
	switch p.op {
	case opVoid:
		return errVoid
	case opBool:
		v.Bool[i] = b[0] != 0
	case opByte:
		v.I8[i] = int8(b[0])
	case opShort:
		v.I16[i] = int16(little.Uint16(b))
	case opInt:
		v.I32[i] = int32(little.Uint32(b))
	case opLong:
		v.I64[i] = int64(little.Uint64(b))
	case opFloat:
		v.F32[i] = math.Float32frombits(little.Uint32(b))
	case opDouble:
		v.F64[i] = math.Float64frombits(little.Uint64(b))
	case opDecimal:
		v.Dec[i] = decimal.FromInt64(int64(little.Uint64(b)))
		return fits(v.Dec[i], p.typ)
	default:
		part, err := o.part(little.Uint64(b), p)
		if err != nil {
			return err
		}
		return variable(part, p, v, i)
	}
	return nil
}

// part returns the bytes of the variable part that a slot locates.
func (o *opened) part(slot uint64, p *part) ([]byte, error) {
	from, size := int(slot>>32), int(uint32(slot))
	if from < o.free || from%8 != 0 || padded(size) > len(o.data)-from {
		return nil, malformed("a value of type %s has %d bytes at offset %d of %d", p.typ, size, from, len(o.data))
	}
	o.free = from + padded(size)
	return o.data[from : from+size], nil
}

// variable sets position i of v to a value from the variable part.
func variable(b []byte, p *part, v *vector.Vector, i int) error {
	switch p.op {
	case opBytes:
		return setBytes(b, v, i)
	case opWide:
		d, err := readWide(b, p.typ)
		v.Dec[i] = d
		return err
	case opInterval:
		if err := isInterval(b); err != nil {
			return err
		}
		v.Cal[i] = vector.CalendarInterval{Months: int32(little.Uint32(b)), Days: int32(little.Uint32(b[4:])), Micros: int64(little.Uint64(b[8:]))}
		return nil
	case opStruct:
		r, err := openRow(b, len(p.parts))
		for k := 0; k < len(p.parts) && err == nil; k++ {
			err = r.value(k, &p.parts[k], v.Children[k], i)
		}
		return err
	case opArray:
		_, err := list(b, p, 0, v, i)
		return err
	}
	return entries(b, p, v, i)
}

func setBytes(b []byte, v *vector.Vector, i int) error {
	if n := len(v.Data) + len(b); n > v.Most() {
		return fmt.Errorf("a column of %d bytes exceeds the limit of %d", n, v.Most())
	}
	v.SetBytes(i, b)
	return isBytes(b, v.Type)
}

// list appends the elements of an array to child c of v, makes them the value at position i of v, and returns their number.
func list(b []byte, p *part, c int, v *vector.Vector, i int) (int, error) {
	elem, child := &p.parts[c], v.Children[c]
	a, n, err := openArray(b, elem)
	if err != nil {
		return 0, err
	}
	from := child.Len()
	child.Extend(from + n)
	v.Views[i] = vector.View{Off: uint32(from), Len: uint32(n)}
	for k := range n {
		if err := a.value(k, elem, child, from+k); err != nil {
			return 0, err
		}
	}
	return n, nil
}

// entries sets position i of v to a map.
func entries(b []byte, p *part, v *vector.Vector, i int) error {
	keys, values, err := openMap(b)
	if err != nil {
		return err
	}
	n, err := list(keys, p, 0, v, i)
	if err != nil {
		return err
	}
	m, err := list(values, p, 1, v, i)
	if err == nil && m != n {
		return unequal(n, m)
	}
	return err
}
