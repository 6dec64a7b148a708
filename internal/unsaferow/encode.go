package unsaferow

import (
	"math"
	"slices"

	"github.com/streamctl/streamctl/internal/sql/kernel"
	"github.com/streamctl/streamctl/internal/types"
	"github.com/streamctl/streamctl/internal/vector"
)

// An Encoder encodes rows of columns with given types. It keeps nothing between rows and is safe for concurrent use.
type Encoder struct {
	parts []part
	key   bool
}

// NewEncoder returns an encoder that stores values as they are.
func NewEncoder(ts []*types.Type) *Encoder { return &Encoder{parts: partsOf(ts)} }

// NewKeyEncoder returns an encoder for keys: equal values have equal bytes. -0.0 is stored as 0.0 and every NaN as Java's NaN, also in nested
// values. (Spark: NormalizeFloatingNumbers.)
func NewKeyEncoder(ts []*types.Type) *Encoder { return &Encoder{parts: partsOf(ts), key: true} }

// Append appends the UnsafeRow of one row of cols, one vector per type. It panics with a vector.Overflow if the row exceeds 2 GiB.
func (e *Encoder) Append(dst []byte, cols []*vector.Vector, row int) []byte {
	return e.row(dst, e.parts, cols, row)
}

// Least returns the size of the shortest row in bytes.
func (e *Encoder) Least() int { return headSize(len(e.parts)) }

// row appends row i of cols.
func (e *Encoder) row(dst []byte, parts []part, cols []*vector.Vector, i int) []byte {
	start, head := len(dst), headSize(len(parts))
	dst = appendZeros(dst, head)
	slot := start + bitBytes(len(parts))
	for k := range parts {
		p, v := &parts[k], cols[k]
		switch {
		case v.IsNull(i) || p.op == opVoid:
			dst[start+k>>3] |= 1 << (k & 7)
			if p.op.reserved() {
				little.PutUint64(dst[slot:], uint64(len(dst)-start)<<32|p.op.nullSize())
				dst = appendZeros(dst, wideSize)
			}
		case p.op.inSlot():
			e.scalar(dst[slot:slot+8], p, v, v.At(i))
		default:
			from := len(dst)
			dst = e.variable(dst, start, slot, p, v, v.At(i))
			if p.op.reserved() {
				dst = appendZeros(dst, from+wideSize-len(dst))
			}
		}
		slot += 8
	}
	return dst
}

// scalar stores the value at position i of v in b.
func (e *Encoder) scalar(b []byte, p *part, v *vector.Vector, i int) {
	switch p.op {
	case opBool:
		if v.Bool[i] {
			b[0] = 1
		}
	case opByte:
		b[0] = byte(v.I8[i])
	case opShort:
		little.PutUint16(b, uint16(v.I16[i]))
	case opInt:
		little.PutUint32(b, uint32(v.I32[i]))
	case opLong:
		little.PutUint64(b, uint64(v.I64[i]))
	case opDecimal:
		little.PutUint64(b, v.Dec[i].Lo)
	case opFloat:
		f := v.F32[i]
		if e.key {
			f = kernel.Canonical(f)
		}
		little.PutUint32(b, math.Float32bits(f))
	case opDouble:
		f := v.F64[i]
		if e.key {
			f = kernel.Canonical(f)
		}
		little.PutUint64(b, math.Float64bits(f))
	}
}

// variable appends the value at position i of v, padded to whole words, and stores its offset from start and its length at slot.
func (e *Encoder) variable(dst []byte, start, slot int, p *part, v *vector.Vector, i int) []byte {
	from := len(dst)
	switch p.op {
	case opBytes:
		dst = append(dst, v.Bytes(i)...)
	case opWide:
		dst = appendShortest(dst, v.Dec[i])
	case opInterval:
		c := v.Cal[i]
		dst = little.AppendUint32(dst, uint32(c.Months))
		dst = little.AppendUint32(dst, uint32(c.Days))
		dst = little.AppendUint64(dst, uint64(c.Micros))
	case opStruct:
		dst = e.row(dst, p.parts, v.Children, i)
	case opArray:
		dst = e.array(dst, &p.parts[0], v.Children[0], v.Views[i])
	case opMap:
		dst = appendZeros(dst, 8)
		dst = e.array(dst, &p.parts[0], v.Children[0], v.Views[i])
		little.PutUint64(dst[from:], uint64(len(dst)-from-8))
		dst = e.array(dst, &p.parts[1], v.Children[1], v.Views[i])
	}
	size := len(dst) - from
	dst = appendZeros(dst, padded(size)-size)
	if len(dst)-start > math.MaxInt32 {
		panic(vector.Overflow{Bytes: len(dst) - start, Most: math.MaxInt32})
	}
	little.PutUint64(dst[slot:], uint64(from-start)<<32|uint64(size))
	return dst
}

// array appends the elements of v that w locates.
func (e *Encoder) array(dst []byte, p *part, v *vector.Vector, w vector.View) []byte {
	start, n := len(dst), int(w.Len)
	bits := bitBytes(n)
	dst = appendZeros(dst, 8+bits+padded(p.width*n))
	little.PutUint64(dst[start:], uint64(n))
	slot := start + 8 + bits
	for k := range n {
		i := int(w.Off) + k
		switch {
		case v.IsNull(i) || p.op == opVoid:
			dst[start+8+k>>3] |= 1 << (k & 7)
		case p.op.inSlot():
			e.scalar(dst[slot:slot+p.width], p, v, v.At(i))
		default:
			dst = e.variable(dst, start, slot, p, v, v.At(i))
		}
		slot += p.width
	}
	return dst
}

// appendZeros appends n zero bytes.
func appendZeros(dst []byte, n int) []byte {
	from := len(dst)
	dst = slices.Grow(dst, n)[:from+n]
	clear(dst[from:])
	return dst
}
