package kernel

import (
	"github.com/streamctl/streamctl/internal/types"
	"github.com/streamctl/streamctl/internal/vector"
)

// Int64At returns the value at position j (not row j) of a vector of an integral type.
func Int64At(v *vector.Vector, j int) int64 {
	switch v.Type.Kind {
	case types.KindByte:
		return int64(v.I8[j])
	case types.KindShort:
		return int64(v.I16[j])
	case types.KindInt:
		return int64(v.I32[j])
	}
	return v.I64[j]
}

// Floats returns the items of row i of an ARRAY<FLOAT> vector, which must not be NULL; whole is false if one of them is NULL. The items
// belong to the vector.
func Floats(v *vector.Vector, i int) (items []float32, whole bool) {
	w, list := v.Views[v.At(i)], v.Children[0]
	for k := w.Off; k < w.Off+w.Len; k++ {
		if list.IsNull(int(k)) {
			return nil, false
		}
	}
	return list.F32[w.Off : w.Off+w.Len], true
}
