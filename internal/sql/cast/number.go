package cast

import (
	"math"
	"math/big"

	"github.com/streamctl/streamctl/internal/datetime"
	"github.com/streamctl/streamctl/internal/decimal"
	"github.com/streamctl/streamctl/internal/sql/expr"
	"github.com/streamctl/streamctl/internal/sql/kernel"
	"github.com/streamctl/streamctl/internal/types"
	"github.com/streamctl/streamctl/internal/vector"
)

type number interface {
	~int8 | ~int16 | ~int32 | ~int64 | ~float32 | ~float64
}

// widen returns the loops that convert numbers to wider types, which cannot fail; nil for other casts.
func widen(from, to *types.Type) expr.Kernel {
	switch from.Kind {
	case types.KindByte:
		return widenTo(to.Kind, from.Kind, vector.Int8s)
	case types.KindShort:
		return widenTo(to.Kind, from.Kind, vector.Int16s)
	case types.KindInt:
		return widenTo(to.Kind, from.Kind, vector.Int32s)
	case types.KindLong:
		return widenTo(to.Kind, from.Kind, vector.Int64s)
	case types.KindFloat:
		return widenTo(to.Kind, from.Kind, vector.Float32s)
	case types.KindDouble:
		if to.Kind == types.KindFloat {
			return convert(vector.Float64s, vector.Float32s)
		}
	}
	return nil
}

func widenTo[S number](to, from types.Kind, source func(*vector.Vector) []S) expr.Kernel {
	if to < from {
		return nil
	}
	switch to {
	case types.KindShort:
		return convert(source, vector.Int16s)
	case types.KindInt:
		return convert(source, vector.Int32s)
	case types.KindLong:
		return convert(source, vector.Int64s)
	case types.KindFloat:
		return convert(source, vector.Float32s)
	case types.KindDouble:
		return convert(source, vector.Float64s)
	}
	return nil
}

// convert converts all rows of a flat vector, including those outside the selection.
func convert[S, D number](source func(*vector.Vector) []S, target func(*vector.Vector) []D) expr.Kernel {
	return func(_ *expr.Context, n int, sel vector.Selection, args []*vector.Vector, out *vector.Vector) error {
		in, to := source(args[0]), target(out)
		if args[0].IsConst() {
			kernel.Fill(to, D(in[0]))
			return nil
		}
		in, to = in[:n], to[:n]
		for i, x := range in {
			to[i] = D(x)
		}
		return nil
	}
}

// toInteger narrows numbers. A value out of range has no result.
func toInteger(from, to *types.Type) conversion {
	read := integerOf(from, to)
	if read == nil {
		return conversion{}
	}
	lo, hi := limits(to.Kind)
	return conversion{one: func(ctx *expr.Context, v *vector.Vector, i int, out *vector.Vector, k int) bool {
		n, ok := read(v, i)
		if !ok || n < lo || n > hi {
			return false
		}
		setInteger(out, k, n)
		return true
	}}
}

func limits(k types.Kind) (lo, hi int64) {
	switch k {
	case types.KindByte:
		return math.MinInt8, math.MaxInt8
	case types.KindShort:
		return math.MinInt16, math.MaxInt16
	case types.KindInt:
		return math.MinInt32, math.MaxInt32
	}
	return math.MinInt64, math.MaxInt64
}

func setInteger(out *vector.Vector, k int, n int64) {
	switch out.Type.Kind {
	case types.KindByte:
		out.I8[k] = int8(n)
	case types.KindShort:
		out.I16[k] = int16(n)
	case types.KindInt:
		out.I32[k] = int32(n)
	default:
		out.I64[k] = n
	}
}

// integerOf returns a function that reads a value as an integer: numbers are truncated towards zero, timestamps become whole
// seconds, intervals a count of their last field.
func integerOf(from, to *types.Type) func(v *vector.Vector, i int) (int64, bool) {
	switch from.Kind {
	case types.KindBoolean:
		return func(v *vector.Vector, i int) (int64, bool) {
			if v.Bool[i] {
				return 1, true
			}
			return 0, true
		}
	case types.KindByte, types.KindShort, types.KindInt, types.KindLong:
		return func(v *vector.Vector, i int) (int64, bool) { return integerAt(v, i), true }
	case types.KindFloat:
		lo, hi := limits(to.Kind)
		return func(v *vector.Vector, i int) (int64, bool) { return truncate(float64(v.F32[i]), lo, hi) }
	case types.KindDouble:
		lo, hi := limits(to.Kind)
		return func(v *vector.Vector, i int) (int64, bool) { return truncate(v.F64[i], lo, hi) }
	case types.KindDecimal:
		if from.Precision > 18 && to.IsIntegral() && to.Kind != types.KindLong { // Spark: Decimal.roundToInt, which makes 0.999999999999999999 a 1
			lo, hi := limits(to.Kind)
			return func(v *vector.Vector, i int) (int64, bool) { return truncate(v.Dec[i].Float64(from.Scale), lo, hi) }
		}
		return func(v *vector.Vector, i int) (int64, bool) {
			d, ok := decimal.RescaleMode(v.Dec[i], from.Scale, 0, decimal.Down)
			n, fits := d.Int64()
			return n, ok && fits
		}
	case types.KindTimestamp:
		return func(v *vector.Vector, i int) (int64, bool) { return floorDiv(v.I64[i], microsPerSecond), true }
	case types.KindTime:
		return func(v *vector.Vector, i int) (int64, bool) { return v.I64[i] / nanosPerSecond, true }
	case types.KindYearMonth:
		unit := monthsPer(from.End)
		return func(v *vector.Vector, i int) (int64, bool) { return int64(v.I32[i] / unit), true }
	case types.KindDayTime:
		unit := microsPer(from.End)
		return func(v *vector.Vector, i int) (int64, bool) { return v.I64[i] / unit, true }
	}
	return nil
}

// truncate rounds a float towards zero. The limits are compared as doubles, as in Spark's generated code: 2^63 is accepted
// for a BIGINT and becomes the maximum.
func truncate(x float64, lo, hi int64) (int64, bool) {
	switch {
	case !(math.Floor(x) <= float64(hi) && math.Ceil(x) >= float64(lo)):
		return 0, false
	case x >= math.MaxInt64:
		return math.MaxInt64, true
	}
	return int64(x), true
}

func integerAt(v *vector.Vector, i int) int64 {
	switch v.Type.Kind {
	case types.KindByte:
		return int64(v.I8[i])
	case types.KindShort:
		return int64(v.I16[i])
	case types.KindInt:
		return int64(v.I32[i])
	}
	return v.I64[i]
}

func floorDiv(a, b int64) int64 {
	q := a / b
	if a%b < 0 {
		q--
	}
	return q
}

const (
	microsPerSecond = 1_000_000
	nanosPerSecond  = 1_000_000_000
)

func toFloatOrBoolean(from, to *types.Type) conversion {
	read := floatOf(from, to)
	if read == nil {
		return conversion{}
	}
	return conversion{one: func(_ *expr.Context, v *vector.Vector, i int, out *vector.Vector, k int) bool {
		f := read(v, i)
		switch to.Kind {
		case types.KindBoolean:
			out.Bool[k] = f != 0
		case types.KindFloat:
			out.F32[k] = float32(f)
		default:
			out.F64[k] = f
		}
		return true
	}}
}

// floatOf returns a function that reads a value as a double, rounded to float if the target is FLOAT.
func floatOf(from, to *types.Type) func(v *vector.Vector, i int) float64 {
	switch from.Kind {
	case types.KindBoolean:
		return func(v *vector.Vector, i int) float64 {
			if v.Bool[i] {
				return 1
			}
			return 0
		}
	case types.KindByte, types.KindShort, types.KindInt, types.KindLong:
		return func(v *vector.Vector, i int) float64 { return float64(integerAt(v, i)) }
	case types.KindFloat:
		return func(v *vector.Vector, i int) float64 { return float64(v.F32[i]) }
	case types.KindDouble:
		return func(v *vector.Vector, i int) float64 { return v.F64[i] }
	case types.KindDecimal:
		if to.Kind == types.KindFloat {
			return func(v *vector.Vector, i int) float64 { return float64(v.Dec[i].Float32(from.Scale)) }
		}
		return func(v *vector.Vector, i int) float64 { return v.Dec[i].Float64(from.Scale) }
	case types.KindTimestamp:
		return func(v *vector.Vector, i int) float64 { return float64(v.I64[i]) / microsPerSecond }
	}
	return nil
}

// toDecimal rescales HALF_UP. A result with too many digits is an error that shows the number.
func toDecimal(from, to *types.Type) conversion {
	switch from.Kind {
	case types.KindFloat, types.KindDouble:
		return doubleToDecimal(from, to)
	}
	if from.IsIntegral() && to.Precision <= 18 && to.Precision-to.Scale >= integerDigits[from.Kind] {
		return smallDecimal(to)
	}
	read, scale := exactOf(from, to)
	if read == nil {
		return conversion{}
	}
	return conversion{
		one: func(_ *expr.Context, v *vector.Vector, i int, out *vector.Vector, k int) bool {
			d, ok := decimal.Rescale(read(v, i), scale, to.Scale)
			out.Dec[k] = d
			return ok && decimal.Fits(d, to.Precision)
		},
		fail: func(_ *expr.Context, v *vector.Vector, i int) error {
			return outOfRange(string(decimal.Append(nil, read(v, i), scale)), to)
		},
	}
}

// integerDigits is the maximum number of digits of each integral type.
var integerDigits = map[types.Kind]int{types.KindByte: 3, types.KindShort: 5, types.KindInt: 10, types.KindLong: 19}

// smallDecimal converts integers to a decimal whose unscaled values all fit into 64 bits.
func smallDecimal(to *types.Type) conversion {
	unit := int64(decimal.Pow10(to.Scale).Lo)
	return conversion{one: func(_ *expr.Context, v *vector.Vector, i int, out *vector.Vector, k int) bool {
		out.Dec[k] = decimal.FromInt64(integerAt(v, i) * unit)
		return true
	}}
}

// exactOf returns a function that reads a value as an unscaled decimal of the returned scale.
func exactOf(from, to *types.Type) (read func(v *vector.Vector, i int) decimal.Int128, scale int) {
	if from.Kind == types.KindDecimal {
		return func(v *vector.Vector, i int) decimal.Int128 { return v.Dec[i] }, from.Scale
	}
	if from.Kind == types.KindTimestamp || from.Kind == types.KindDayTime && from.End == types.Second {
		return func(v *vector.Vector, i int) decimal.Int128 { return decimal.FromInt64(v.I64[i]) }, 6
	}
	if from.Kind == types.KindTime {
		return func(v *vector.Vector, i int) decimal.Int128 { return decimal.FromInt64(v.I64[i]) }, 9
	}
	whole := integerOf(from, to)
	if whole == nil {
		return nil, 0
	}
	return func(v *vector.Vector, i int) decimal.Int128 {
		n, _ := whole(v, i)
		return decimal.FromInt64(n)
	}, 0
}

// doubleToDecimal converts by way of the double's decimal text; NaN and infinities become NULL.
func doubleToDecimal(from, to *types.Type) conversion {
	read := floatOf(from, types.Double)
	return conversion{
		one: func(_ *expr.Context, v *vector.Vector, i int, out *vector.Vector, k int) bool {
			f := read(v, i)
			if math.IsNaN(f) || math.IsInf(f, 0) {
				out.SetNull(k)
				return true
			}
			d, scale, ok := decimal.FromFloat64(f)
			if ok {
				d, ok = decimal.Rescale(d, scale, to.Scale)
			}
			out.Dec[k] = d
			return ok && decimal.Fits(d, to.Precision)
		},
		fail: func(_ *expr.Context, v *vector.Vector, i int) error {
			f := read(v, i)
			if d, scale, ok := decimal.FromFloat64(f); ok {
				return outOfRange(string(decimal.Append(nil, d, scale)), to)
			}
			whole, _ := big.NewFloat(f).Int(nil)
			return outOfRange(whole.String(), to)
		},
	}
}

func monthsPer(field uint8) int32 {
	if field == types.Year {
		return 12
	}
	return 1
}

func microsPer(field uint8) int64 {
	switch field {
	case types.Day:
		return datetime.MicrosPerDay
	case types.Hour:
		return 3600 * microsPerSecond
	case types.Minute:
		return 60 * microsPerSecond
	}
	return microsPerSecond
}
