// Package kernel holds the loops over the typed slices of vectors: arithmetic, comparison, selection and copying. It knows
// only vectors and types; package function chooses the loop and creates the error for a row that has no result.
//
// Loops over flat vectors may also compute rows outside the selection, whose results are undefined anyway.
package kernel

import (
	"bytes"
	"cmp"

	"github.com/streamctl/streamctl/internal/decimal"
	"github.com/streamctl/streamctl/internal/types"
	"github.com/streamctl/streamctl/internal/vector"
)

// Compare orders row i of v and row j of w, which have types of the same shape, and returns -1, 0 or 1. NULL comes first and
// equals NULL, NaN comes last and equals NaN, -0.0 equals 0.0, strings and binaries compare bytewise.
func Compare(v *vector.Vector, i int, w *vector.Vector, j int) int {
	if v.IsNull(i) || w.IsNull(j) {
		return btoi(!v.IsNull(i)) - btoi(!w.IsNull(j))
	}
	i, j = v.At(i), w.At(j)
	switch v.Type.Kind {
	case types.KindBoolean:
		return btoi(v.Bool[i]) - btoi(w.Bool[j])
	case types.KindByte:
		return cmp.Compare(v.I8[i], w.I8[j])
	case types.KindShort:
		return cmp.Compare(v.I16[i], w.I16[j])
	case types.KindInt, types.KindDate, types.KindYearMonth:
		return cmp.Compare(v.I32[i], w.I32[j])
	case types.KindLong, types.KindTimestamp, types.KindTimestampNTZ, types.KindDayTime, types.KindTime:
		return cmp.Compare(v.I64[i], w.I64[j])
	case types.KindFloat:
		return CompareFloat(float64(v.F32[i]), float64(w.F32[j]))
	case types.KindDouble:
		return CompareFloat(v.F64[i], w.F64[j])
	case types.KindDecimal:
		return compareInt128(v.Dec[i], w.Dec[j])
	case types.KindInterval:
		return compareCalendar(v.Cal[i], w.Cal[j])
	case types.KindArray:
		return compareLists(v.Views[i], w.Views[j], v.Children, w.Children)
	case types.KindMap:
		return compareLists(v.Views[i], w.Views[j], v.Children, w.Children)
	case types.KindStruct:
		for k := range v.Children {
			if c := Compare(v.Children[k], i, w.Children[k], j); c != 0 {
				return c
			}
		}
		return 0
	case types.KindVoid:
		return 0
	}
	return bytes.Compare(v.Bytes(i), w.Bytes(j))
}

// CompareFloat orders floats as Spark does: NaN is greatest and equals NaN, -0.0 equals 0.0.
func CompareFloat(a, b float64) int {
	switch {
	case a < b:
		return -1
	case a > b:
		return 1
	case a == b:
		return 0
	}
	return btoi(a != a) - btoi(b != b)
}

func compareInt128(a, b decimal.Int128) int {
	if c := cmp.Compare(a.Hi, b.Hi); c != 0 {
		return c
	}
	return cmp.Compare(a.Lo, b.Lo)
}

func compareCalendar(a, b vector.CalendarInterval) int {
	return cmp.Or(cmp.Compare(a.Months, b.Months), cmp.Compare(a.Days, b.Days), cmp.Compare(a.Micros, b.Micros))
}

// compareLists orders two ranges of rows of parallel children: element by element, then by length.
func compareLists(a, b vector.View, left, right []*vector.Vector) int {
	for k := range min(a.Len, b.Len) {
		for c := range left {
			if r := Compare(left[c], int(a.Off+k), right[c], int(b.Off+k)); r != 0 {
				return r
			}
		}
	}
	return cmp.Compare(a.Len, b.Len)
}

func btoi(b bool) int {
	if b {
		return 1
	}
	return 0
}
