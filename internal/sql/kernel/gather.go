package kernel

import (
	"github.com/streamctl/streamctl/internal/types"
	"github.com/streamctl/streamctl/internal/vector"
)

// Gather makes dst a flat vector of the given rows of src; a negative row yields NULL.
func Gather(dst, src *vector.Vector, rows []int32) {
	dst.Reset(src.Type, len(rows))
	if gatherValues(dst, 0, src, rows) {
		gatherNulls(dst, 0, src, rows)
		return
	}
	for i, r := range rows {
		switch {
		case r < 0:
			dst.SetNull(i)
		case i > 0 && r == rows[i-1]:
			repeatValue(dst, i-1, i)
		default:
			Copy(dst, i, src, int(r))
		}
	}
}

// GatherShared is Gather, except that strings share the bytes of src: dst is valid only as long as src.
func GatherShared(dst, src *vector.Vector, rows []int32) {
	if !src.Type.IsText() && src.Type.Kind != types.KindBinary {
		Gather(dst, src, rows)
		return
	}
	dst.Reset(src.Type, len(rows))
	dst.Share(src)
	gatherSlice(dst.Views, src.Views, src.At(-1), rows)
	gatherNulls(dst, 0, src, rows)
}

// gatherValues copies the values of the given rows of src to dst from a position on, for types of a fixed size; those of negative rows and
// NULLs are undefined. It returns false for other types.
func gatherValues(dst *vector.Vector, at int, src *vector.Vector, rows []int32) bool {
	mask := src.At(-1)
	switch src.Type.Kind.Storage() {
	case types.KindBoolean:
		gatherSlice(dst.Bool[at:], src.Bool, mask, rows)
	case types.KindByte:
		gatherSlice(dst.I8[at:], src.I8, mask, rows)
	case types.KindShort:
		gatherSlice(dst.I16[at:], src.I16, mask, rows)
	case types.KindInt:
		gatherSlice(dst.I32[at:], src.I32, mask, rows)
	case types.KindLong:
		gatherSlice(dst.I64[at:], src.I64, mask, rows)
	case types.KindFloat:
		gatherSlice(dst.F32[at:], src.F32, mask, rows)
	case types.KindDouble:
		gatherSlice(dst.F64[at:], src.F64, mask, rows)
	case types.KindDecimal:
		gatherSlice(dst.Dec[at:], src.Dec, mask, rows)
	case types.KindInterval:
		gatherSlice(dst.Cal[at:], src.Cal, mask, rows)
	default:
		return false
	}
	return true
}

func gatherSlice[T any](dst, src []T, mask int, rows []int32) {
	dst = dst[:len(rows)]
	for k, r := range rows {
		if r >= 0 {
			dst[k] = src[int(r)&mask]
		}
	}
}

// gatherNulls makes those values of dst from a position on NULL whose row is negative or NULL in src.
func gatherNulls(dst *vector.Vector, at int, src *vector.Vector, rows []int32) {
	if src.Valid == nil {
		signs := int32(0)
		for _, r := range rows {
			signs |= r
		}
		if signs >= 0 {
			return
		}
	}
	for k, r := range rows {
		if r < 0 || src.IsNull(int(r)) {
			dst.SetNull(at + k)
		}
	}
}
