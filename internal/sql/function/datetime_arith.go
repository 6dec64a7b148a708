package function

import (
	"fmt"
	"math"
	"sync"

	"github.com/streamctl/streamctl/internal/datetime"
	"github.com/streamctl/streamctl/internal/sparkerr"
	"github.com/streamctl/streamctl/internal/sql/coerce"
	"github.com/streamctl/streamctl/internal/sql/expr"
	"github.com/streamctl/streamctl/internal/sql/kernel"
	"github.com/streamctl/streamctl/internal/types"
	"github.com/streamctl/streamctl/internal/vector"
)

var numberOfDays = coerce.OneOf(coerce.Int, coerce.Short, coerce.Byte)

// datetimeArithmeticFunctions shift, compare and truncate dates and timestamps.
func datetimeArithmeticFunctions() []*expr.Function {
	return []*expr.Function{
		{
			Name: "date_add", Aliases: []string{"dateadd"}, Group: "datetime_funcs", Usage: "date_add(start_date, num_days)",
			Doc: "The date num_days days later.", Example: "date_add('2016-07-30', 1)", Result: "2016-07-31", MinArgs: 2, MaxArgs: 2,
			Resolve: resolveAddDays, SQL: always("date_add"), Compile: compileAddDays(1),
		},
		{
			Name: "date_sub", Group: "datetime_funcs", Usage: "date_sub(start_date, num_days)",
			Doc: "The date num_days days earlier.", Example: "date_sub('2016-07-30', 1)", Result: "2016-07-29", MinArgs: 2, MaxArgs: 2,
			Resolve: resolveAddDays, Compile: compileAddDays(-1),
		},
		{
			Name: "datediff", Aliases: []string{"date_diff"}, Group: "datetime_funcs", Usage: "datediff(endDate, startDate)",
			Doc: "The number of days from startDate to endDate.", Example: "datediff('2009-07-31', '2009-07-30')", Result: "1", MinArgs: 2, MaxArgs: 2,
			Resolve: returns(types.Int, coerce.Date, coerce.Date),
			Compile: eachInt(func(r *row) int { return int(r.date(0)) - int(r.date(1)) }),
		},
		{
			Name: "add_months", Group: "datetime_funcs", Usage: "add_months(start_date, num_months)",
			Doc:     "The date num_months months later, or the last day of that month if the day does not exist.",
			Example: "add_months('2016-08-31', 1)", Result: "2016-09-30", MinArgs: 2, MaxArgs: 2,
			Resolve: returns(types.Date, coerce.Date, coerce.Int),
			Compile: eachRow(func(r *row) error {
				sum, ok := datetime.AddMonthsChecked(r.date(0), r.int(1))
				if !ok {
					return arithmeticOverflow("")
				}
				r.setDate(sum)
				return nil
			}),
		},
		{
			Name: "months_between", Group: "datetime_funcs", Usage: "months_between(timestamp1, timestamp2[, roundOff])",
			Doc:     "The number of months from timestamp2 to timestamp1, with a fraction based on 31-day months; rounded to 8 digits unless roundOff is false.",
			Example: "months_between('1997-02-28 10:30:00', '1996-10-30')", Result: "3.94959677", MinArgs: 2, MaxArgs: 3,
			Resolve: defaults(returns(types.Double, coerce.Timestamp, coerce.Timestamp, coerce.Boolean), 2, expr.Bool(true)),
			Compile: eachRow(func(r *row) error {
				z := r.ctx.Zone
				r.setDouble(datetime.MonthsBetween(z, r.long(0), r.long(1), r.bool(2)))
				return nil
			}),
		},
		{
			Name: "last_day", Group: "datetime_funcs", Usage: "last_day(date)", Doc: "The last day of the month of a date.",
			Example: "last_day('2009-01-12')", Result: "2009-01-31", MinArgs: 1, MaxArgs: 1,
			Resolve: returns(types.Date, coerce.Date),
			Compile: eachRow(func(r *row) error {
				r.setDate(datetime.LastDay(r.date(0)))
				return nil
			}),
		},
		{
			Name: "next_day", Group: "datetime_funcs", Usage: "next_day(start_date, day_of_week)",
			Doc:     "The first date after start_date on the given day of the week, such as MO, Mon or Monday.",
			Example: "next_day('2015-01-14', 'TU')", Result: "2015-01-20", MinArgs: 2, MaxArgs: 2,
			Resolve: nullable(returns(types.Date, coerce.Date, coerce.String)), Compile: eachRow(nextDay),
		},
		{
			Name: "trunc", Group: "datetime_funcs", Usage: "trunc(date, fmt)",
			Doc:     "The first day of the YEAR, QUARTER, MONTH or WEEK of a date; NULL for other units.",
			Example: "trunc('2019-08-04', 'week')", Result: "2019-07-29", MinArgs: 2, MaxArgs: 2,
			Resolve: nullable(returns(types.Date, coerce.Date, coerce.String)), Compile: eachRow(truncDate), Operands: stopsAtNull,
			Replace: knownUnit(1, datetime.TruncWeek),
		},
		{
			Name: "date_trunc", Group: "datetime_funcs", Usage: "date_trunc(fmt, ts)",
			Doc:     "The timestamp truncated to a unit from YEAR to MICROSECOND; NULL for other units.",
			Example: "date_trunc('YEAR', '2015-03-05T09:32:05.359')", Result: "2015-01-01 00:00:00", MinArgs: 2, MaxArgs: 2,
			Resolve: nullable(returns(types.Timestamp, coerce.String, coerce.Timestamp)), Compile: compileTruncTimestamp, Operands: stopsAtNull,
			Replace: knownUnit(0, math.MaxUint8),
		},
		{
			Name: "timestampadd", Group: "datetime_funcs", Usage: "timestampadd(unit, n, ts)",
			Doc: "The timestamp n units later.", Example: "timestampadd(HOUR, 8, TIMESTAMP_NTZ '2022-02-14 20:30:00')",
			Result: "2022-02-15 04:30:00", MinArgs: 3, MaxArgs: 3, Resolve: resolveTimestampAdd, Compile: compileTimestampAdd,
		},
		{
			Name: "timestampdiff", Group: "datetime_funcs", Usage: "timestampdiff(unit, start, end)",
			Doc: "The number of whole units from start to end.", Example: "timestampdiff(HOUR, TIMESTAMP_NTZ '2022-02-14 20:30:00', TIMESTAMP_NTZ '2022-02-15 04:30:00')",
			Result: "8", MinArgs: 3, MaxArgs: 3, Resolve: returns(types.Long, coerce.String, coerce.Timestamp, coerce.Timestamp),
			Compile: eachRow(timestampDiff),
		},
	}
}

// resolveAddDays casts strings, and timestamps to dates, but no other numbers. (Spark: AnsiStringPromotionTypeCoercion.)
func resolveAddDays(call *expr.Expr) error {
	start, days := call.Args[0], call.Args[1]
	if start.Type.IsText() || isTimestamp(start.Type) {
		start = coerce.Cast(start, types.Date)
	}
	if days.Type.IsText() {
		days = coerce.Cast(days, types.Int)
	}
	call.Args = []*expr.Expr{start, days}
	return expects(types.Date, coerce.Date, numberOfDays)(call)
}

// compileAddDays wraps around silently, as Spark does.
func compileAddDays(sign int32) compiler {
	return plain(func(_ *expr.Context, n int, sel vector.Selection, args []*vector.Vector, out *vector.Vector) error {
		date, days := args[0], args[1]
		from, by := date.At(-1), days.At(-1)
		if days.Type.Kind == types.KindInt && !out.IsConst() {
			sum := out.I32[:n]
			for i := range sum { // including rows outside the selection
				sum[i] = date.I32[i&from] + sign*days.I32[i&by]
			}
			return nil
		}
		for k := range kernel.Count(n, sel) {
			i := kernel.Row(sel, k)
			out.I32[out.At(i)] = date.I32[i&from] + sign*int32(kernel.Int64At(days, i&by))
		}
		return nil
	})
}

func nextDay(r *row) error {
	weekday, ok := datetime.ParseWeekday(string(r.text(1)))
	if !ok {
		return sparkerr.New("ILLEGAL_DAY_OF_WEEK", "string", string(r.text(1)))
	}
	r.setDate(datetime.NextDay(r.date(0), weekday))
	return nil
}

// knownUnit yields NULL for a unit that is unknown or larger than most. A constant unit is checked before the date.
func knownUnit(arg int, most datetime.TruncLevel) func(call *expr.Expr) *expr.Expr {
	known := &expr.Function{Name: "known unit", Compile: eachRow(func(r *row) error {
		if !isKnown(r.text(0), most) {
			r.setNull()
			return nil
		}
		r.setBytes(r.text(0))
		return nil
	})}
	var (
		once      sync.Once
		unitFirst expr.Function
	)
	return func(call *expr.Expr) *expr.Expr {
		unit := call.Args[arg]
		if unit.Kind == expr.Literal && !unit.IsNullLit() && isKnown(unit.Value.Bytes(0), most) {
			return call
		}
		if !unit.Is(known.Name) {
			args := append([]*expr.Expr(nil), call.Args...)
			args[arg] = &expr.Expr{Kind: expr.Call, Fn: known, Args: []*expr.Expr{unit}, Type: types.String, Nullable: true, Span: unit.Span, Origin: unit.Origin}
			call = call.WithArgs(args)
		}
		if unit.Constant() && call.Fn != &unitFirst {
			call = call.WithArgs(call.Args)
			once.Do(func() {
				unitFirst = *call.Fn
				unitFirst.Operands.Order = expr.FirstFirst
				if arg > 0 {
					unitFirst.Operands.Order = expr.LastFirst
				}
			})
			call.Fn = &unitFirst
		}
		return call
	}
}

func isKnown(unit []byte, most datetime.TruncLevel) bool {
	level := datetime.ParseTruncLevel(string(unit))
	return level != datetime.TruncNone && level <= most
}

func truncDate(r *row) error {
	r.setDate(datetime.TruncDate(r.date(0), datetime.ParseTruncLevel(string(r.text(1)))))
	return nil
}

// compileTruncTimestamp parses a constant unit only once.
func compileTruncTimestamp(*expr.Expr) (expr.Kernel, error) {
	return func(ctx *expr.Context, n int, sel vector.Selection, args []*vector.Vector, out *vector.Vector) error {
		unit, at := args[0], args[1]
		var level datetime.TruncLevel
		for k := range kernel.Count(n, sel) {
			i := kernel.Row(sel, k)
			if k == 0 || !unit.IsConst() {
				level = datetime.ParseTruncLevel(string(unit.Bytes(i)))
			}
			out.I64[out.At(i)] = datetime.TruncTimestamp(at.I64[at.At(i)], level, ctx.Zone)
		}
		return nil
	}, nil
}

func resolveTimestampAdd(call *expr.Expr) error {
	if err := coerce.Params(call, coerce.String, coerce.Long, coerce.AnyTimestamp); err != nil {
		return err
	}
	coerce.Returns(call, call.Args[2].Type)
	return nil
}

// unitMonths and unitMicros are the lengths of the units of timestampadd and timestampdiff.
var (
	unitMonths = map[string]int64{"YEAR": 12, "QUARTER": 3, "MONTH": 1}
	unitMicros = map[string]int64{
		"WEEK": 7 * datetime.MicrosPerDay, "DAY": datetime.MicrosPerDay, "DAYOFYEAR": datetime.MicrosPerDay,
		"HOUR": datetime.MicrosPerHour, "MINUTE": datetime.MicrosPerMinute, "SECOND": datetime.MicrosPerSecond,
		"MILLISECOND": 1000, "MICROSECOND": 1,
	}
)

func compileTimestampAdd(call *expr.Expr) (expr.Kernel, error) {
	ntz := call.Type.Kind == types.KindTimestampNTZ
	return rowKernel(func(r *row) error {
		at, ok := addUnits(zoneOf(r.ctx, ntz), string(r.text(0)), r.long(1), r.long(2))
		if !ok {
			return sparkerr.New("DATETIME_OVERFLOW", "operation", fmt.Sprintf("add %d %s to TIMESTAMP '%s'", r.long(1), r.text(0), text(r.args[2], r.i)))
		}
		r.setLong(at)
		return nil
	}), nil
}

// addUnits adds n units to a timestamp; ok is false if the sum is outside the range of timestamps.
func addUnits(z *datetime.Zone, unit string, n, at int64) (sum int64, ok bool) {
	if months, isMonths := unitMonths[unit]; isMonths {
		n, ok = multiply(n, months)
		if !ok || n != int64(int32(n)) {
			return 0, false
		}
		return z.Shift(at, int(n), 0, 0)
	}
	micros, ok := multiply(n, unitMicros[unit])
	switch {
	case !ok:
		return 0, false
	case unitMicros[unit] < datetime.MicrosPerDay: // elapsed time, 24 hours are not always a day
		return z.Shift(at, 0, 0, micros)
	}
	return z.Shift(at, 0, micros/datetime.MicrosPerDay, 0)
}

// multiply returns the product of two longs; ok is false on overflow.
func multiply(a, b int64) (product int64, ok bool) {
	product = a * b
	return product, a == 0 || b == 0 || product/b == a && !(a == -1 && b == -1<<63) && !(b == -1 && a == -1<<63)
}

// add returns the sum of two longs; ok is false on overflow.
func add(a, b int64) (sum int64, ok bool) {
	sum = a + b
	return sum, (sum > a) == (b > 0)
}

// timestampDiff counts whole units of local time. It supports all units of timestampadd but one. (Spark:
// DateTimeUtils.timestampDiff.)
func timestampDiff(r *row) error {
	z, unit := r.ctx.Zone, string(r.text(0))
	start, end := z.ToLocal(r.long(1)), z.ToLocal(r.long(2))
	if unit == "DAYOFYEAR" {
		return sparkerr.New("INVALID_PARAMETER_VALUE.DATETIME_UNIT", "functionName", "`TIMESTAMPDIFF`", "parameter", "`unit`",
			"invalidValue", "'DAYOFYEAR'")
	}
	if months, ok := unitMonths[unit]; ok {
		r.setLong(monthsUntil(start, end) / months)
	} else {
		r.setLong((end - start) / unitMicros[unit])
	}
	return nil
}

// monthsUntil counts whole months between two local timestamps, taking the day and time within the month into account.
func monthsUntil(start, end int64) int64 {
	startDay, startTime := datetime.SplitMicros(start)
	endDay, endTime := datetime.SplitMicros(end)
	switch {
	case endDay > startDay && endTime < startTime:
		endDay--
	case endDay < startDay && endTime > startTime:
		endDay++
	}
	packed := func(days int64) int64 {
		year, month, day := datetime.CivilFromDays(int32(days))
		return (int64(year)*12+int64(month))*32 + int64(day)
	}
	return (packed(endDay) - packed(startDay)) / 32
}
