package kernel

import (
	"encoding/binary"
	"math"

	"github.com/streamctl/streamctl/internal/types"
	"github.com/streamctl/streamctl/internal/vector"
)

// AppendKey appends bytes that are the same for equal values of a type and different for others: NULL equals NULL, NaN equals
// NaN, -0.0 equals 0.0. Concatenated keys of several columns remain unambiguous.
func AppendKey(dst []byte, v *vector.Vector, i int) []byte {
	if v.IsNull(i) {
		return append(dst, 0)
	}
	dst = append(dst, 1)
	i = v.At(i)
	switch v.Type.Kind {
	case types.KindBoolean:
		return append(dst, byte(btoi(v.Bool[i])))
	case types.KindByte:
		return append(dst, byte(v.I8[i]))
	case types.KindShort:
		return binary.LittleEndian.AppendUint16(dst, uint16(v.I16[i]))
	case types.KindInt, types.KindDate, types.KindYearMonth:
		return binary.LittleEndian.AppendUint32(dst, uint32(v.I32[i]))
	case types.KindLong, types.KindTimestamp, types.KindTimestampNTZ, types.KindDayTime, types.KindTime:
		return binary.LittleEndian.AppendUint64(dst, uint64(v.I64[i]))
	case types.KindFloat:
		return binary.LittleEndian.AppendUint32(dst, math.Float32bits(Canonical(v.F32[i])))
	case types.KindDouble:
		return binary.LittleEndian.AppendUint64(dst, math.Float64bits(Canonical(v.F64[i])))
	case types.KindDecimal:
		dst = binary.LittleEndian.AppendUint64(dst, uint64(v.Dec[i].Hi))
		return binary.LittleEndian.AppendUint64(dst, v.Dec[i].Lo)
	case types.KindInterval:
		dst = binary.LittleEndian.AppendUint32(dst, uint32(v.Cal[i].Months))
		dst = binary.LittleEndian.AppendUint32(dst, uint32(v.Cal[i].Days))
		return binary.LittleEndian.AppendUint64(dst, uint64(v.Cal[i].Micros))
	case types.KindVoid:
		return dst
	}
	return appendNestedKey(dst, v, i)
}

// appendNestedKey is AppendKey for values with parts or a length.
func appendNestedKey(dst []byte, v *vector.Vector, i int) []byte {
	switch v.Type.Kind {
	case types.KindStruct:
		for _, c := range v.Children {
			dst = AppendKey(dst, c, i)
		}
		return dst
	case types.KindArray, types.KindMap:
		w := v.Views[i]
		dst = binary.AppendUvarint(dst, uint64(w.Len))
		for k := range int(w.Len) {
			for _, c := range v.Children {
				dst = AppendKey(dst, c, int(w.Off)+k)
			}
		}
		return dst
	}
	b := v.Bytes(i)
	return append(binary.AppendUvarint(dst, uint64(len(b))), b...)
}

// Canonical maps all zeros to one zero and all NaNs to one NaN.
func Canonical[T Float](x T) T {
	switch {
	case x == 0:
		return 0
	case x != x:
		return T(math.Float64frombits(0x7FF8 << 48)) // Java's NaN
	}
	return x
}
