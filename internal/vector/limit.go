package vector

import (
	"unsafe"

	"github.com/streamctl/streamctl/internal/types"
	"github.com/streamctl/streamctl/internal/variant"
)

// MaxBytes is the default bound for the data, and for each other slice, of a vector.
const MaxBytes = 1 << 31

// An Overflow is the value of a panic: a vector would grow beyond its bound. Copies that return no error raise it; package eval makes an
// error of the expression of it.
type Overflow struct{ Bytes, Most int }

// Bound sets how many bytes the data and each other slice of v and of its children may have.
func (v *Vector) Bound(bytes int) {
	v.most = bytes
	for _, c := range v.Children {
		c.Bound(bytes)
	}
}

// Most is the bound of v.
func (v *Vector) Most() int {
	if v.most > 0 {
		return v.most
	}
	return MaxBytes
}

// AppendData appends b to the data within the bound of v.
func (v *Vector) AppendData(b []byte) {
	if n := len(v.Data) + len(b); n > v.Most() {
		panic(Overflow{n, v.Most()})
	}
	v.Data = append(v.Data, b...)
}

// Capacity is how many bytes of memory v and its children own.
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

// Slots is Capacity without the bytes of texts, which readers have as parts of buffers.
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

// TextBytes is about how many bytes the value of row i has when it is printed, if not less: the items of a list count as often as they
// occur, also where they share their bytes. Counting ends beyond MaxBytes: lists that share lists may have more items than can be visited.
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

// varies reports that values of v have texts of different lengths.
func (v *Vector) varies() bool {
	switch v.Type.Kind {
	case types.KindArray, types.KindMap, types.KindStruct, types.KindString, types.KindChar, types.KindVarchar, types.KindBinary, types.KindVariant:
		return true
	}
	return false
}

// TextBytes is about how many bytes of text the selected rows of b have, counted as the values' own TextBytes; what comes out beyond most says no
// more than that. NULLs may count.
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

// Portion is how many of rows, at least one, have at most so much text together.
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

// viewBytes adds up the lengths of the selected texts.
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

// extend makes s n long and keeps what it has. It gets at most to most bytes.
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
