package function

import (
	"math"

	"github.com/streamctl/streamctl/internal/datetime"
	"github.com/streamctl/streamctl/internal/decimal"
	"github.com/streamctl/streamctl/internal/sparkerr"
	"github.com/streamctl/streamctl/internal/sql/coerce"
	"github.com/streamctl/streamctl/internal/sql/expr"
	"github.com/streamctl/streamctl/internal/sql/kernel"
	"github.com/streamctl/streamctl/internal/types"
	"github.com/streamctl/streamctl/internal/vector"
)

// compileTemporal selects the kernel for arithmetic with dates, timestamps and intervals. With try, rows that fail are NULL.
func compileTemporal(call *expr.Expr, op string, try bool) (expr.Kernel, error) {
	row, err := temporalRow(call, op)
	if err != nil {
		return nil, err
	}
	return func(ctx *expr.Context, n int, sel vector.Selection, args []*vector.Vector, out *vector.Vector) error {
		for k := range kernel.Count(n, sel) {
			i := kernel.Row(sel, k)
			err := row(ctx, args[0], args[0].At(i), args[1], args[1].At(i), out, out.At(i))
			switch {
			case err == nil:
			case try:
				out.SetNull(i)
			default:
				return expr.AtRow(i, err)
			}
		}
		return nil
	}, nil
}

// A rowFunc computes position k of out from position i of a and j of b.
type rowFunc func(ctx *expr.Context, a *vector.Vector, i int, b *vector.Vector, j int, out *vector.Vector, k int) error

func temporalRow(call *expr.Expr, op string) (rowFunc, error) {
	sign := 1
	if op == "-" {
		sign = -1
	}
	form, _ := call.Data.(coerce.Form)
	switch form {
	case coerce.DateAddDays:
		return dateAddDays(int32(sign)), nil
	case coerce.DateAddDayInterval:
		return func(_ *expr.Context, a *vector.Vector, i int, b *vector.Vector, j int, out *vector.Vector, k int) error {
			out.I32[k] = a.I32[i] + int32(sign)*int32(b.I64[j]/datetime.MicrosPerDay)
			return nil
		}, nil
	case coerce.DateAddMonths:
		return func(_ *expr.Context, a *vector.Vector, i int, b *vector.Vector, j int, out *vector.Vector, k int) error {
			return setMonthsLater(&out.I32[k], a.I32[i], sign*int(b.I32[j]))
		}, nil
	case coerce.DateAddCalendar:
		return dateAddCalendar(sign), nil
	case coerce.TimestampAddMonths:
		ntz := call.Type.Kind == types.KindTimestampNTZ
		return func(ctx *expr.Context, a *vector.Vector, i int, b *vector.Vector, j int, out *vector.Vector, k int) error {
			return setShifted(&out.I64[k], zoneOf(ctx, ntz), a.I64[i], sign*int(b.I32[j]), 0, 0)
		}, nil
	case coerce.TimestampAddInterval:
		return timestampAddInterval(call, sign), nil
	case coerce.SubtractTimestamps:
		return subtractTimestamps(call.Args[0].Type.Kind == types.KindTimestampNTZ), nil
	case coerce.SubtractDates:
		return func(_ *expr.Context, a *vector.Vector, i int, b *vector.Vector, j int, out *vector.Vector, k int) error {
			out.I64[k] = (int64(a.I32[i]) - int64(b.I32[j])) * datetime.MicrosPerDay
			return nil
		}, nil
	case coerce.MultiplyInterval, coerce.DivideInterval:
		return scaleCalendar(form == coerce.DivideInterval), nil
	case coerce.MultiplyMonths, coerce.DivideMonths:
		return scaleInterval(form == coerce.DivideMonths, call.Args[1].Type, math.MinInt32, math.MaxInt32), nil
	case coerce.MultiplyDayTime, coerce.DivideDayTime:
		return scaleInterval(form == coerce.DivideDayTime, call.Args[1].Type, math.MinInt64, math.MaxInt64), nil
	}
	return nil, sparkerr.Internal("no %s on %s", op, call.Args[0].Type)
}

// zoneOf returns the time zone for a timestamp: UTC for timestamps without zone.
func zoneOf(ctx *expr.Context, ntz bool) *datetime.Zone {
	if ntz || ctx.Zone == nil {
		return datetime.UTC
	}
	return ctx.Zone
}

// dateAddDays wraps around silently, as Spark does.
func dateAddDays(sign int32) rowFunc {
	return func(_ *expr.Context, a *vector.Vector, i int, b *vector.Vector, j int, out *vector.Vector, k int) error {
		out.I32[k] = a.I32[i] + sign*int32(kernel.Int64At(b, j))
		return nil
	}
}

func dateAddCalendar(sign int) rowFunc {
	return func(_ *expr.Context, a *vector.Vector, i int, b *vector.Vector, j int, out *vector.Vector, k int) error {
		c := b.Cal[j]
		if c.Micros != 0 {
			return sparkerr.New("INVALID_INTERVAL_WITH_MICROSECONDS_ADDITION", "ansiConfig", ansiConfig)
		}
		if err := setMonthsLater(&out.I32[k], a.I32[i], sign*int(c.Months)); err != nil {
			return err
		}
		out.I32[k] += int32(sign) * c.Days
		return nil
	}
}

func timestampAddInterval(call *expr.Expr, sign int) rowFunc {
	ntz := call.Type.Kind == types.KindTimestampNTZ
	if call.Args[1].Type.Kind == types.KindDayTime {
		return func(ctx *expr.Context, a *vector.Vector, i int, b *vector.Vector, j int, out *vector.Vector, k int) error {
			v := int64(sign) * b.I64[j]
			return setShifted(&out.I64[k], zoneOf(ctx, ntz), a.I64[i], 0, v/datetime.MicrosPerDay, v%datetime.MicrosPerDay)
		}
	}
	return func(ctx *expr.Context, a *vector.Vector, i int, b *vector.Vector, j int, out *vector.Vector, k int) error {
		c := b.Cal[j]
		return setShifted(&out.I64[k], zoneOf(ctx, ntz), a.I64[i], sign*int(c.Months), int64(sign)*int64(c.Days), int64(sign)*c.Micros)
	}
}

// setMonthsLater sets out to the date months later.
func setMonthsLater(out *int32, days int32, months int) error {
	sum, ok := datetime.AddMonthsChecked(days, months)
	if !ok {
		return arithmeticOverflow("")
	}
	*out = sum
	return nil
}

// setShifted sets out to a shifted timestamp. On overflow Spark fails with Java's exception, which has no condition.
func setShifted(out *int64, z *datetime.Zone, at int64, months int, days, micros int64) error {
	sum, ok := z.Shift(at, months, days, micros)
	if !ok {
		return sparkerr.Plain("the sum of a timestamp and an interval is out of range: long overflow")
	}
	*out = sum
	return nil
}

// subtractTimestamps returns the difference of local times, ignoring changes of the zone's offset in between.
func subtractTimestamps(ntz bool) rowFunc {
	sub := kernel.SubInt[int64]()
	return func(ctx *expr.Context, a *vector.Vector, i int, b *vector.Vector, j int, out *vector.Vector, k int) error {
		z := zoneOf(ctx, ntz)
		d, ok := sub.One(z.ToLocal(a.I64[i]), z.ToLocal(b.I64[j]))
		if !ok {
			return arithmeticOverflow("")
		}
		out.I64[k] = d
		return nil
	}
}

// scaleCalendar multiplies or divides each part separately: months are truncated, fractions of days become microseconds,
// which are rounded.
func scaleCalendar(divide bool) rowFunc {
	return func(_ *expr.Context, a *vector.Vector, i int, b *vector.Vector, j int, out *vector.Vector, k int) error {
		c, f := a.Cal[i], b.F64[j]
		if divide && f == 0 {
			return intervalByZero()
		}
		scale := func(part float64) float64 {
			if divide {
				return part / f
			}
			return part * f
		}
		allDays := scale(float64(c.Days))
		months, days := saturate(scale(float64(c.Months))), saturate(allDays) // NaN counts as 0
		if months != int64(int32(months)) || days != int64(int32(days)) {
			return arithmeticOverflow("")
		}
		micros := math.Floor(scale(float64(c.Micros)) + float64(datetime.MicrosPerDay)*(allDays-float64(days)) + 0.5)
		out.Cal[k] = vector.CalendarInterval{Months: int32(months), Days: int32(days), Micros: saturate(micros)}
		return nil
	}
}

func within(f, lo, hi float64) bool { return f >= lo && f <= hi }

// saturate converts to the nearest long, 0 for NaN, as Java does.
func saturate(f float64) int64 {
	switch {
	case f != f:
		return 0
	case f >= math.MaxInt64:
		return math.MaxInt64
	case f <= math.MinInt64:
		return math.MinInt64
	}
	return int64(f)
}

// scaleInterval multiplies or divides a year-month or day-time interval by a number, HALF_UP.
func scaleInterval(divide bool, number *types.Type, lo, hi int64) rowFunc {
	return func(_ *expr.Context, a *vector.Vector, i int, b *vector.Vector, j int, out *vector.Vector, k int) error {
		var amount int64
		if a.Type.Kind == types.KindYearMonth {
			amount = int64(a.I32[i])
		} else {
			amount = a.I64[i]
		}
		if divide && amount == lo && number.IsIntegral() && kernel.Int64At(b, j) == -1 { // Spark: IntervalDivide.checkDivideOverflow
			return intervalOverflow("try_divide")
		}
		scaled, err := scaleAmount(divide, amount, number, b, j)
		if err != nil {
			return err
		}
		if scaled < lo || scaled > hi {
			return intervalOverflow("")
		}
		if out.Type.Kind == types.KindYearMonth {
			out.I32[k] = int32(scaled)
		} else {
			out.I64[k] = scaled
		}
		return nil
	}
}

func scaleAmount(divide bool, amount int64, number *types.Type, b *vector.Vector, j int) (int64, error) {
	switch number.Kind {
	case types.KindFloat, types.KindDouble:
		f := 0.0
		if number.Kind == types.KindFloat {
			f = float64(b.F32[j])
		} else {
			f = b.F64[j]
		}
		return scaleByDouble(divide, amount, f)
	case types.KindDecimal:
		return scaleByDecimal(divide, decimal.FromInt64(amount), b.Dec[j], number.Scale)
	}
	return scaleByDecimal(divide, decimal.FromInt64(amount), decimal.FromInt64(kernel.Int64At(b, j)), 0)
}

func scaleByDouble(divide bool, amount int64, f float64) (int64, error) {
	x := float64(amount) * f
	if divide {
		if f == 0 {
			return 0, intervalByZero()
		}
		x = float64(amount) / f
	}
	r := math.Round(x)
	if !within(r, math.MinInt64, math.Nextafter(math.MaxInt64, 0)) {
		return 0, intervalOverflow("")
	}
	return int64(r), nil
}

func scaleByDecimal(divide bool, amount, d decimal.Int128, scale int) (int64, error) {
	var v decimal.Int128
	var ok bool
	if divide {
		if d.IsZero() {
			return 0, intervalByZero()
		}
		v, ok = decimal.Div(amount, d, scale)
	} else {
		v, ok = decimal.Mul(amount, d, scale)
	}
	n, fits := v.Int64()
	if !ok || !fits {
		return 0, intervalOverflow("")
	}
	return n, nil
}

func intervalByZero() *sparkerr.Error {
	return sparkerr.New("INTERVAL_DIVIDED_BY_ZERO").WithHint("try_divide returns NULL instead")
}
