package vector

import (
	"unsafe"

	"github.com/streamctl/streamctl/internal/types"
	"github.com/streamctl/streamctl/internal/variant"
)

// MaxBytes is the default limit for the data, and for each other slice, of a vector.
const MaxBytes = 1 << 31

// An Overflow is the panic value raised when a vector would grow beyond its limit, by copies that cannot return an error. Package eval turns it into
// an error of the expression.
type Overflow struct{ Bytes, Most int }

// Bound limits the size in bytes of the data and of each other slice of v and its children.
func (v *Vector) Bound(bytes int) {
	v.most = bytes
	for _, c := range v.Children {
		c.Bound(bytes)
	}
}

// Most returns the limit set by Bound, or MaxBytes.
func (v *Vector) Most() int {
	if v.most > 0 {
		return v.most
	}
	return MaxBytes
}

// AppendData appends b to the data of v. It panics with an Overflow if the data would exceed v's limit.
func (v *Vector) AppendData(b []byte) {
	if n := len(v.Data) + len(b); n > v.Most() {
		panic(Overflow{n, v.Most()})
	}
	v.Data = append(v.Data, b...)
}

// Capacity returns the number of bytes of memory that v and its children own.
func (v *Vector) Capacity() int {
	data := cap(v.Data)
	if v.shared {
		data = cap(v.own)
	}
	n := data + v.slots()
	for _, c := range v.Children {
		n += c.Capacity()
	}
	return n
}

// Slots is Capacity without the bytes of strings, which readers often keep as parts of buffers.
func (v *Vector) Slots() int {
	n := v.slots()
	for _, c := range v.Children {
		n += c.Slots()
	}
	return n
}

func (v *Vector) slots() int {
	return 8*cap(v.Valid) + cap(v.Bool) + cap(v.I8) + 2*cap(v.I16) + 4*cap(v.I32) + 8*cap(v.I64) + 4*cap(v.F32) + 8*cap(v.F64) +
		16*cap(v.Dec) + 16*cap(v.Cal) + 8*cap(v.Views)
}

// TextBytes returns an estimate, usually not too low, of how many bytes the value of row i takes when printed. Items of a list count every time they
// occur, even if they share bytes. Counting stops beyond MaxBytes: lists that share lists may have more items than can be visited.
func (v *Vector) TextBytes(i int) int {
	if v.IsNull(i) {
		return 4
	}
	switch i = v.At(i); v.Type.Kind {
	case types.KindArray, types.KindMap:
		n, w := 2, v.Views[i]
		for _, c := range v.Children {
			if !c.varies() {
				n += 2 * int(w.Len)
				continue
			}
			for k := int(w.Off); k < int(w.Off+w.Len) && n <= MaxBytes; k++ {
				n += 1 + c.TextBytes(k)
			}
		}
		return n
	case types.KindStruct:
		n := 2
		for _, c := range v.Children {
			n += 1 + c.TextBytes(i)
		}
		return n
	case types.KindString, types.KindChar, types.KindVarchar, types.KindBinary:
		return int(v.Views[i].Len)
	case types.KindVariant:
		return variant.Of(v.Bytes(i)).TextSize()
	}
	return 1
}

// varies reports whether values of v print as text of different lengths.
func (v *Vector) varies() bool {
	switch v.Type.Kind {
	case types.KindArray, types.KindMap, types.KindStruct, types.KindString, types.KindChar, types.KindVarchar, types.KindBinary, types.KindVariant:
		return true
	}
	return false
}

// TextBytes returns an estimate of the bytes of text in the selected rows of b, counted like TextBytes of a vector. Counting stops beyond most, so a
// larger result only means "more than most". NULLs may count.
func (b *Batch) TextBytes(most int) int {
	total := 0
	for _, v := range b.Cols {
		switch v.Type.Kind {
		case types.KindString, types.KindChar, types.KindVarchar, types.KindBinary, types.KindVariant:
			total += v.viewBytes(b)
		case types.KindArray, types.KindMap, types.KindStruct:
			for k := 0; k < b.Rows() && total <= most; k++ {
				row := k
				if b.Sel != nil {
					row = int(b.Sel[k])
				}
				total += v.TextBytes(row)
			}
		}
	}
	return total
}

// Portion returns how many of rows, at least one, together have at most most bytes of text.
func (b *Batch) Portion(rows Selection, most int) int {
	total := 0
	for k, row := range rows {
		for _, v := range b.Cols {
			total += v.TextBytes(int(row))
		}
		if total > most {
			return max(k, 1)
		}
	}
	return len(rows)
}

// viewBytes returns the total length of the selected strings.
func (v *Vector) viewBytes(b *Batch) int {
	total := 0
	switch {
	case v.IsConst():
		return int(v.Views[0].Len) * b.Rows()
	case b.Sel == nil:
		for _, w := range v.Views[:b.N] {
			total += int(w.Len)
		}
	default:
		for _, i := range b.Sel {
			total += int(v.Views[i].Len)
		}
	}
	return total
}

// extend grows s to length n, keeping its contents, and allocates at most most bytes. It panics with an Overflow if n items need more.
func extend[T any](s []T, n, most int) []T {
	if cap(s) < n {
		size := int(unsafe.Sizeof(*new(T)))
		if n > most/size {
			panic(Overflow{n * size, most})
		}
		s = append(make([]T, 0, max(n, min(2*cap(s), most/size))), s...)
	}
	return s[:n]
}
