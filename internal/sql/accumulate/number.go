package accumulate

import (
	"github.com/streamctl/streamctl/internal/decimal"
	"github.com/streamctl/streamctl/internal/sql/kernel"
	"github.com/streamctl/streamctl/internal/types"
	"github.com/streamctl/streamctl/internal/vector"
)

// numberAt returns a number or an ANSI interval as a double.
func numberAt(v *vector.Vector, i int) float64 {
	at := v.At(i)
	switch v.Type.Kind {
	case types.KindFloat:
		return float64(v.F32[at])
	case types.KindDouble:
		return v.F64[at]
	case types.KindDecimal:
		return v.Dec[at].Float64(v.Type.Scale)
	case types.KindYearMonth:
		return float64(v.I32[at])
	case types.KindDayTime:
		return float64(v.I64[at])
	}
	return float64(kernel.Int64At(v, at))
}

// setNumber is the inverse of numberAt for doubles and intervals.
func setNumber(v *vector.Vector, i int, x float64) {
	switch v.Type.Kind {
	case types.KindYearMonth:
		v.I32[i] = int32(x)
	case types.KindDayTime:
		v.I64[i] = int64(x)
	default:
		v.F64[i] = x
	}
}

// ordinal returns such a value as a double.
func ordinal(v *vector.Vector, i int) float64 {
	switch v.Type.Kind {
	case types.KindDate:
		return float64(v.I32[v.At(i)])
	case types.KindTimestamp, types.KindTimestampNTZ:
		return float64(v.I64[v.At(i)])
	}
	return numberAt(v, i)
}

// setOrdinal is the inverse of ordinal; it truncates fractions.
func setOrdinal(v *vector.Vector, i int, x float64) {
	switch v.Type.Kind {
	case types.KindByte:
		v.I8[i] = int8(x)
	case types.KindShort:
		v.I16[i] = int16(x)
	case types.KindInt, types.KindDate, types.KindYearMonth:
		v.I32[i] = int32(x)
	case types.KindFloat:
		v.F32[i] = float32(x)
	case types.KindDouble:
		v.F64[i] = x
	case types.KindDecimal:
		d, scale, ok := decimal.FromFloat64(x)
		if ok {
			d, ok = decimal.Rescale(d, scale, v.Type.Scale)
		}
		v.Dec[i] = d
		if !ok || !decimal.Fits(d, v.Type.Precision) {
			v.SetNull(i)
		}
	default:
		v.I64[i] = int64(x)
	}
}
