package cast

import (
	"math"
	"math/bits"

	"github.com/streamctl/streamctl/internal/datetime"
	"github.com/streamctl/streamctl/internal/decimal"
	"github.com/streamctl/streamctl/internal/sparkerr"
	"github.com/streamctl/streamctl/internal/sql/expr"
	"github.com/streamctl/streamctl/internal/sql/kernel"
	"github.com/streamctl/streamctl/internal/types"
	"github.com/streamctl/streamctl/internal/vector"
)

// toTemporal converts types other than text to dates, timestamps and intervals.
func toTemporal(from, to *types.Type) conversion {
	switch to.Kind {
	case types.KindDate:
		return conversion{one: toDate(from)}
	case types.KindTimestamp:
		return toTimestamp(from, to)
	case types.KindTimestampNTZ:
		return toTimestampNTZ(from)
	case types.KindTime:
		return conversion{one: func(_ *expr.Context, v *vector.Vector, i int, out *vector.Vector, k int) bool {
			out.I64[k] = v.I64[i] - v.I64[i]%timeUnit(to.Precision)
			return true
		}}
	case types.KindYearMonth:
		return conversion{one: toYearMonth(from, to)}
	case types.KindDayTime:
		return conversion{one: toDayTime(from, to)}
	}
	return conversion{}
}

func toDate(from *types.Type) oneFunc {
	switch from.Kind {
	case types.KindTimestamp:
		return func(ctx *expr.Context, v *vector.Vector, i int, out *vector.Vector, k int) bool {
			out.I32[k] = datetime.DateOf(zone(ctx).ToLocal(v.I64[i]))
			return true
		}
	case types.KindTimestampNTZ:
		return func(_ *expr.Context, v *vector.Vector, i int, out *vector.Vector, k int) bool {
			out.I32[k] = datetime.DateOf(v.I64[i])
			return true
		}
	}
	return nil
}

func toTimestampNTZ(from *types.Type) conversion {
	switch from.Kind {
	case types.KindTimestamp:
		return conversion{one: func(ctx *expr.Context, v *vector.Vector, i int, out *vector.Vector, k int) bool {
			out.I64[k] = zone(ctx).ToLocal(v.I64[i])
			return true
		}}
	case types.KindTime:
		return conversion{one: func(ctx *expr.Context, v *vector.Vector, i int, out *vector.Vector, k int) bool {
			out.I64[k] = timeOfBatch(ctx, v.I64[i])
			return true
		}}
	case types.KindDate:
		return dateToTimestamp(func(_ *expr.Context, day int32) int64 { return int64(day) * datetime.MicrosPerDay })
	}
	return conversion{}
}

// dateToTimestamp fails, for dates outside the range of timestamps, with Java's exception, which has no condition.
func dateToTimestamp(start func(ctx *expr.Context, day int32) int64) conversion {
	return conversion{
		one: func(ctx *expr.Context, v *vector.Vector, i int, out *vector.Vector, k int) bool {
			day := v.I32[i]
			if !datetime.IsTimestampDay(int64(day)) {
				return false
			}
			out.I64[k] = start(ctx, day)
			return true
		},
		fail: func(*expr.Context, *vector.Vector, int) error {
			return sparkerr.Plain("the date lies beyond the range of timestamps: long overflow")
		},
	}
}

// toTimestamp interprets numbers as seconds since the epoch.
func toTimestamp(from, to *types.Type) conversion {
	switch from.Kind {
	case types.KindDate:
		return dateToTimestamp(func(ctx *expr.Context, day int32) int64 { return zone(ctx).StartOfDay(day) })
	case types.KindTime:
		return conversion{one: func(ctx *expr.Context, v *vector.Vector, i int, out *vector.Vector, k int) bool {
			out.I64[k] = zone(ctx).ToUTC(timeOfBatch(ctx, v.I64[i]))
			return true
		}}
	case types.KindTimestampNTZ:
		return conversion{one: func(ctx *expr.Context, v *vector.Vector, i int, out *vector.Vector, k int) bool {
			out.I64[k] = zone(ctx).ToUTC(v.I64[i])
			return true
		}}
	case types.KindFloat, types.KindDouble:
		return doubleToTimestamp(from, to)
	case types.KindDecimal:
		return conversion{one: func(_ *expr.Context, v *vector.Vector, i int, out *vector.Vector, k int) bool {
			out.I64[k] = decimalSeconds(v.Dec[i], from.Scale)
			return true
		}}
	case types.KindByte, types.KindShort, types.KindInt, types.KindLong:
		return conversion{one: func(_ *expr.Context, v *vector.Vector, i int, out *vector.Vector, k int) bool {
			out.I64[k] = saturatingMul(integerAt(v, i), microsPerSecond)
			return true
		}}
	}
	return conversion{}
}

// timeOfBatch puts a time of day, in nanoseconds, on the local date of the batch; microseconds.
func timeOfBatch(ctx *expr.Context, nanos int64) int64 {
	day := datetime.DateOf(zone(ctx).ToLocal(ctx.BatchTime))
	return int64(day)*datetime.MicrosPerDay + nanos/1000
}

// saturatingMul saturates at the limits, as java.util.concurrent.TimeUnit does.
func saturatingMul(a, b int64) int64 {
	if p, ok := mul(a, b); ok {
		return p
	}
	if a < 0 {
		return math.MinInt64
	}
	return math.MaxInt64
}

// decimalSeconds rounds to the digits Spark computes with, truncates to microseconds and keeps the low 64 bits, as Spark
// does.
func decimalSeconds(d decimal.Int128, scale int) int64 {
	d, _ = kernel.RoundDecimal(d)
	if scale >= 6 {
		d, _ = decimal.RescaleMode(d, scale, 6, decimal.Down)
		return int64(d.Lo)
	}
	_, low := bits.Mul64(d.Lo, decimal.Pow10(6-scale).Lo)
	return int64(low)
}

// doubleToTimestamp rejects NaN and infinities as malformed; Spark names the type DOUBLE even for a FLOAT.
func doubleToTimestamp(from, to *types.Type) conversion {
	read := floatOf(from, types.Double)
	return conversion{
		one: func(_ *expr.Context, v *vector.Vector, i int, out *vector.Vector, k int) bool {
			f := read(v, i)
			if math.IsNaN(f) || math.IsInf(f, 0) {
				return false
			}
			n, ok := truncate(f*microsPerSecond, math.MinInt64, math.MaxInt64)
			out.I64[k] = n
			return ok
		},
		fail: func(_ *expr.Context, v *vector.Vector, i int) error {
			f := read(v, i)
			if math.IsNaN(f) || math.IsInf(f, 0) {
				return invalid(double(f), types.Double, to)
			}
			return sparkerr.New("CAST_OVERFLOW", "value", double(f*microsPerSecond), "sourceType", quote(types.Double),
				"targetType", quote(types.Long), "ansiConfig", `"spark.sql.ansi.enabled"`)
		},
	}
}

func toYearMonth(from, to *types.Type) oneFunc {
	unit := monthsPer(to.End)
	if from.Kind == types.KindYearMonth {
		return func(_ *expr.Context, v *vector.Vector, i int, out *vector.Vector, k int) bool {
			out.I32[k] = v.I32[i] - v.I32[i]%unit
			return true
		}
	}
	count := countOf(from, int64(unit))
	if count == nil {
		return nil
	}
	return func(_ *expr.Context, v *vector.Vector, i int, out *vector.Vector, k int) bool {
		n, ok := count(v, i)
		out.I32[k] = int32(n)
		return ok && n == int64(int32(n))
	}
}

func toDayTime(from, to *types.Type) oneFunc {
	unit := microsPer(to.End)
	if from.Kind == types.KindDayTime {
		if to.End == types.Second {
			unit = 1
		}
		return func(_ *expr.Context, v *vector.Vector, i int, out *vector.Vector, k int) bool {
			out.I64[k] = v.I64[i] - v.I64[i]%unit
			return true
		}
	}
	count := countOf(from, unit)
	if count == nil {
		return nil
	}
	return func(_ *expr.Context, v *vector.Vector, i int, out *vector.Vector, k int) (ok bool) {
		out.I64[k], ok = count(v, i)
		return ok
	}
}

// countOf returns a function that reads a number of units, HALF_UP for decimals, as months or microseconds.
func countOf(from *types.Type, unit int64) func(v *vector.Vector, i int) (int64, bool) {
	switch {
	case from.Kind == types.KindDecimal:
		return func(v *vector.Vector, i int) (int64, bool) {
			d, ok := decimal.Mul(v.Dec[i], decimal.FromInt64(unit), from.Scale)
			n, fits := d.Int64()
			return n, ok && fits
		}
	case from.IsIntegral():
		return func(v *vector.Vector, i int) (int64, bool) { return mul(integerAt(v, i), unit) }
	}
	return nil
}

// mul returns a * b for a positive b; ok is false if the product overflows.
func mul(a, b int64) (int64, bool) {
	p := a * b
	return p, p/b == a
}
