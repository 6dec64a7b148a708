package kernel

import (
	"github.com/streamctl/streamctl/internal/types"
	"github.com/streamctl/streamctl/internal/vector"
)

// Copy copies row j of src to row i of dst, including NULL. The types have the same shape; strings and elements are appended
// to dst's data and children.
func Copy(dst *vector.Vector, i int, src *vector.Vector, j int) {
	if src.IsNull(j) {
		dst.SetNull(i)
		return
	}
	copyValue(dst, dst.At(i), src, src.At(j))
}

// CopyRows copies the rows sel of src (nil: the first n) to the same positions of dst.
func CopyRows(dst, src *vector.Vector, n int, sel vector.Selection) {
	if src.Valid == nil {
		CopyValues(dst, src, n, sel)
		return
	}
	for k := range Count(n, sel) {
		i := Row(sel, k)
		Copy(dst, i, src, i)
	}
}

// CopyValues is CopyRows for rows that are not NULL in src.
func CopyValues(dst, src *vector.Vector, n int, sel vector.Selection) {
	if sel == nil && CopyAll(dst, src, n) {
		return
	}
	if sel != nil && (copyFixed(dst, src, sel) || copyConstText(dst, src, sel)) {
		return
	}
	for k := range Count(n, sel) {
		i := Row(sel, k)
		copyValue(dst, dst.At(i), src, src.At(i))
	}
}

// CopyAll copies the first n values, ignoring NULLs, of a flat vector of one of the most frequent fixed-width types. It
// returns false for others.
func CopyAll(dst, src *vector.Vector, n int) bool {
	if src.IsConst() || dst.IsConst() {
		return false
	}
	switch src.Type.Kind.Storage() {
	case types.KindBoolean:
		copy(dst.Bool[:n], src.Bool)
	case types.KindInt:
		copy(dst.I32[:n], src.I32)
	case types.KindLong:
		copy(dst.I64[:n], src.I64)
	case types.KindDouble:
		copy(dst.F64[:n], src.F64)
	case types.KindDecimal:
		copy(dst.Dec[:n], src.Dec)
	default:
		return false
	}
	return true
}

// AppendRepeated appends row j of src n times; all copies share its bytes or items.
func AppendRepeated(dst, src *vector.Vector, j, n int) {
	if n == 0 {
		return
	}
	at := dst.Len()
	dst.Extend(at + n)
	Copy(dst, at, src, j)
	for i := at + 1; i < at+n; i++ {
		repeatValue(dst, at, i)
	}
}

// repeatValue copies row j of v to row i.
func repeatValue(v *vector.Vector, j, i int) {
	if v.IsNull(j) {
		v.SetNull(i)
		return
	}
	switch v.Type.Kind {
	case types.KindArray, types.KindMap:
		v.Views[i] = v.Views[j]
	case types.KindStruct:
		for _, c := range v.Children {
			repeatValue(c, j, i)
		}
	case types.KindString, types.KindChar, types.KindVarchar, types.KindBinary, types.KindVariant:
		v.Views[i] = v.Views[j]
	default:
		copyValue(v, i, v, j)
	}
}

// Append copies row j of src to the end of dst, which is flat.
func Append(dst, src *vector.Vector, j int) {
	n := dst.Len()
	dst.Extend(n + 1)
	Copy(dst, n, src, j)
}

// AppendRows copies rows of src to the end of dst, which is flat.
func AppendRows(dst, src *vector.Vector, rows vector.Selection) {
	at := dst.Len()
	dst.Extend(at + len(rows))
	if gatherValues(dst, at, src, rows) {
		if src.Valid != nil {
			gatherNulls(dst, at, src, rows)
		}
		return
	}
	for i, r := range rows {
		Copy(dst, at+i, src, int(r))
	}
}

// AppendRange copies n rows of src, starting with row j, to the end of dst.
func AppendRange(dst, src *vector.Vector, j, n int) {
	at := dst.Len()
	dst.Extend(at + n)
	copyRange(dst, at, src, j, n)
}

func copyRange(dst *vector.Vector, at int, src *vector.Vector, j, n int) {
	if src.Type.Kind == types.KindStruct && src.Valid == nil && !src.IsConst() {
		for k, c := range src.Children {
			copyRange(dst.Children[k], at, c, j, n)
		}
		return
	}
	for k := range n {
		if k > 0 && sameView(src, j+k-1, j+k) { // from array_repeat
			repeatValue(dst, at+k-1, at+k)
		} else {
			Copy(dst, at+k, src, j+k)
		}
	}
}

// sameView reports whether two rows refer to the same bytes or items of src.
func sameView(src *vector.Vector, i, j int) bool {
	switch src.Type.Kind {
	case types.KindString, types.KindChar, types.KindVarchar, types.KindBinary, types.KindVariant, types.KindArray, types.KindMap:
		return !src.IsNull(i) && !src.IsNull(j) && src.Views[src.At(i)] == src.Views[src.At(j)]
	}
	return false
}

// copyFixed is CopyRows for the most frequent fixed-width types without NULLs. It returns false for others.
func copyFixed(dst, src *vector.Vector, sel vector.Selection) bool {
	mask := src.At(-1)
	switch src.Type.Kind.Storage() {
	case types.KindBoolean:
		copySlice(dst.Bool, src.Bool, mask, sel)
	case types.KindInt:
		copySlice(dst.I32, src.I32, mask, sel)
	case types.KindLong:
		copySlice(dst.I64, src.I64, mask, sel)
	case types.KindDouble:
		copySlice(dst.F64, src.F64, mask, sel)
	case types.KindDecimal:
		copySlice(dst.Dec, src.Dec, mask, sel)
	default:
		return false
	}
	return true
}

// copyConstText lets all rows share the bytes of a constant string. It returns false for other vectors.
func copyConstText(dst, src *vector.Vector, sel vector.Selection) bool {
	if !src.IsConst() || len(sel) == 0 || !src.Type.IsText() && src.Type.Kind != types.KindBinary {
		return false
	}
	from := len(dst.Data)
	dst.AppendData(src.Bytes(0))
	view := vector.View{Off: uint32(from), Len: uint32(len(dst.Data) - from)}
	for _, i := range sel {
		dst.Views[i] = view
	}
	return true
}

func copySlice[T any](dst, src []T, mask int, sel vector.Selection) {
	for _, i := range sel {
		dst[i] = src[int(i)&mask]
	}
}

// copyValue copies the value at position j of src, which must not be NULL, to position i of dst.
func copyValue(dst *vector.Vector, i int, src *vector.Vector, j int) {
	switch src.Type.Kind {
	case types.KindBoolean:
		dst.Bool[i] = src.Bool[j]
	case types.KindByte:
		dst.I8[i] = src.I8[j]
	case types.KindShort:
		dst.I16[i] = src.I16[j]
	case types.KindInt, types.KindDate, types.KindYearMonth:
		dst.I32[i] = src.I32[j]
	case types.KindLong, types.KindTimestamp, types.KindTimestampNTZ, types.KindDayTime, types.KindTime:
		dst.I64[i] = src.I64[j]
	case types.KindFloat:
		dst.F32[i] = src.F32[j]
	case types.KindDouble:
		dst.F64[i] = src.F64[j]
	case types.KindDecimal:
		dst.Dec[i] = src.Dec[j]
	case types.KindInterval:
		dst.Cal[i] = src.Cal[j]
	case types.KindArray, types.KindMap:
		w := src.Views[j]
		dst.Views[i] = vector.View{Off: uint32(dst.Children[0].Len()), Len: w.Len}
		for k, c := range src.Children {
			AppendRange(dst.Children[k], c, int(w.Off), int(w.Len))
		}
	case types.KindStruct:
		for k, c := range src.Children {
			Copy(dst.Children[k], i, c, j)
		}
	case types.KindVoid:
	default:
		w := src.Views[j]
		dst.Views[i] = vector.View{Off: uint32(len(dst.Data)), Len: w.Len}
		dst.AppendData(src.Data[w.Off : w.Off+w.Len])
	}
}

// Replace is Copy to a row that may be NULL.
func Replace(dst *vector.Vector, i int, src *vector.Vector, j int) {
	if src.IsNull(j) {
		dst.SetNull(i)
		return
	}
	setValid(dst, dst.At(i))
	copyValue(dst, dst.At(i), src, src.At(j))
}

// setValid makes row i not NULL, including the members of a struct.
func setValid(v *vector.Vector, i int) {
	if v.Valid != nil {
		v.Valid.Set(i)
	}
	if v.Type.Kind == types.KindStruct {
		for _, c := range v.Children {
			setValid(c, i)
		}
	}
}
