// Package vector holds columns of values in memory: typed slices with a validity bitmap, and batches of them.
//
// Ownership: the creator of a vector owns its memory and may reuse it. A batch handed out by a Reader is on loan until the next call; clone what must
// outlive it. Nothing here allocates per row once its slices have grown.
package vector

import (
	"github.com/streamctl/streamctl/internal/decimal"
	"github.com/streamctl/streamctl/internal/types"
)

// A View locates one string, binary, array or map value: Len bytes of Data (or Len rows of the children) starting at Off.
type View struct{ Off, Len uint32 }

// A CalendarInterval is the value of Spark's legacy INTERVAL type.
type CalendarInterval struct {
	Months, Days int32
	Micros       int64
}

// A Vector is a column of Len values of one type. Exactly one of the slices (by Type.Kind) is in use:
//
//	Bool   boolean
//	I8     tinyint
//	I16    smallint
//	I32    int, date (days since the epoch), year-month interval (months)
//	I64    bigint, timestamp, timestamp_ntz and day-time interval (microseconds), time (nanoseconds of the day)
//	F32    float            F64  double
//	Dec    decimal (unscaled value)
//	Cal    legacy interval
//	Views  string, char, varchar, binary, variant (package variant): bytes of Data; array: rows of Children[0];
//	       map: rows of Children[0] (keys) and Children[1] (values)
//	Children  also struct: one per field, at the same positions as the struct itself
//
// A constant vector holds one value, at position 0, for all rows: index slices with At(i), never with i.
type Vector struct {
	Type     *types.Type
	Valid    Bitmap // nil: no NULLs; else bit set = not NULL
	Bool     []bool
	I8       []int8
	I16      []int16
	I32      []int32
	I64      []int64
	F32      []float32
	F64      []float64
	Dec      []decimal.Int128
	Cal      []CalendarInterval
	Views    []View
	Data     []byte
	Children []*Vector

	n        int
	most     int    // bytes; 0: MaxBytes
	flatMask int    // -1: one value per row; 0: constant
	own      []byte // Data before Share
	shared   bool
}

// New returns a vector of n values with undefined contents and no NULLs.
func New(t *types.Type, n int) *Vector {
	v := &Vector{}
	v.Reset(t, n)
	return v
}

// NewConst returns a constant vector: it has room for one value, which it repeats for every row.
func NewConst(t *types.Type) *Vector {
	v := New(t, 1)
	v.flatMask = 0
	return v
}

// NewNull returns a constant NULL.
func NewNull(t *types.Type) *Vector {
	v := NewConst(t)
	v.SetNull(0)
	return v
}

// Reset makes v a flat vector of n values of type t with undefined contents and no NULLs, reusing its slices. It empties the string data; children
// are reset to length 0 (arrays, maps) or n (structs).
func (v *Vector) Reset(t *types.Type, n int) {
	v.Type, v.n, v.flatMask, v.Valid = t, n, -1, nil
	if v.shared {
		v.Data, v.own, v.shared = v.own, nil, false
	}
	v.Data = v.Data[:0]
	switch t.Kind.Storage() {
	case types.KindBoolean:
		v.Bool = grow(v.Bool, n)
	case types.KindByte:
		v.I8 = grow(v.I8, n)
	case types.KindShort:
		v.I16 = grow(v.I16, n)
	case types.KindInt:
		v.I32 = grow(v.I32, n)
	case types.KindLong:
		v.I64 = grow(v.I64, n)
	case types.KindFloat:
		v.F32 = grow(v.F32, n)
	case types.KindDouble:
		v.F64 = grow(v.F64, n)
	case types.KindDecimal:
		v.Dec = grow(v.Dec, n)
	case types.KindInterval:
		v.Cal = grow(v.Cal, n)
	case types.KindString, types.KindChar, types.KindVarchar, types.KindBinary, types.KindVariant:
		v.Views = grow(v.Views, n)
	case types.KindArray:
		v.Views = grow(v.Views, n)
		v.children(1)
		v.Children[0].Reset(t.Elem, 0)
	case types.KindMap:
		v.Views = grow(v.Views, n)
		v.children(2)
		v.Children[0].Reset(t.Key, 0)
		v.Children[1].Reset(t.Elem, 0)
	case types.KindStruct:
		v.children(len(t.Fields))
		for i, f := range t.Fields {
			v.Children[i].Reset(f.Type, n)
		}
	}
}

func (v *Vector) children(k int) {
	for len(v.Children) < k {
		v.Children = append(v.Children, &Vector{})
	}
	v.Children = v.Children[:k]
}

func grow[T any](s []T, n int) []T {
	if cap(s) < n {
		return make([]T, n, n+n/4)
	}
	return s[:n]
}

// Len returns the number of values held: 1 for a constant.
func (v *Vector) Len() int { return v.n }

// IsConst reports whether one value is repeated for all rows.
func (v *Vector) IsConst() bool { return v.flatMask == 0 }

// At maps a row to its position in the slices: i itself, or 0 for a constant.
func (v *Vector) At(i int) int { return i & v.flatMask }

// IsNull reports whether row i is NULL.
func (v *Vector) IsNull(i int) bool { return v.Valid != nil && !v.Valid.Get(i&v.flatMask) }

// SetNull makes row i NULL.
func (v *Vector) SetNull(i int) {
	if v.Valid == nil {
		v.Valid = NewBitmap(v.n, true)
	}
	v.Valid.Clear(i & v.flatMask)
}

// Bytes returns the string or binary value of row i. The slice is valid as long as the vector's contents.
func (v *Vector) Bytes(i int) []byte {
	w := v.Views[i&v.flatMask]
	return v.Data[w.Off : w.Off+w.Len : w.Off+w.Len]
}

// SetBytes appends b to Data and makes it the value of row i.
func (v *Vector) SetBytes(i int, b []byte) {
	v.Views[i&v.flatMask] = View{uint32(len(v.Data)), uint32(len(b))}
	v.Data = append(v.Data, b...)
}

// SetString is SetBytes for a string.
func (v *Vector) SetString(i int, s string) {
	v.Views[i&v.flatMask] = View{uint32(len(v.Data)), uint32(len(s))}
	v.Data = append(v.Data, s...)
}

// Share lets v use src's data until the next Reset, so that values of v can be substrings of those of src, at the same offsets. v must be freshly
// reset, without data, and is valid only as long as src is. Appending to v.Data copies it first.
func (v *Vector) Share(src *Vector) {
	v.own, v.shared = v.Data, true
	v.Data = src.Data[:len(src.Data):len(src.Data)]
}

// CloseBytes makes the bytes appended to Data since position from the value of row i.
func (v *Vector) CloseBytes(i, from int) {
	v.Views[i&v.flatMask] = View{uint32(from), uint32(len(v.Data) - from)}
}

// TextSlack is the number of bytes past the end of a string that CopyText may overwrite.
const TextSlack = 16

// CopyText copies n bytes from src[off:] to dst[at:]. Short strings, the most frequent ones, are copied as 16 bytes if both sides have room: the
// bytes after the string in dst are lost.
func CopyText(dst []byte, at int, src []byte, off, n int) {
	if n <= TextSlack && off+TextSlack <= len(src) && at+TextSlack <= len(dst) {
		*(*[TextSlack]byte)(dst[at:]) = *(*[TextSlack]byte)(src[off:])
		return
	}
	copy(dst[at:at+n], src[off:off+n])
}
