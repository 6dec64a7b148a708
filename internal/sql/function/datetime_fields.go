package function

import (
	"github.com/streamctl/streamctl/internal/datetime"
	"github.com/streamctl/streamctl/internal/decimal"
	"github.com/streamctl/streamctl/internal/sparkerr"
	"github.com/streamctl/streamctl/internal/sql/coerce"
	"github.com/streamctl/streamctl/internal/sql/expr"
	"github.com/streamctl/streamctl/internal/sql/kernel"
	"github.com/streamctl/streamctl/internal/types"
	"github.com/streamctl/streamctl/internal/vector"
)

// datetimeFieldFunctions extract parts of dates and timestamps.
func datetimeFieldFunctions() []*expr.Function {
	return []*expr.Function{
		dateField("year", "The year of a date.", "year('2016-07-30')", "2016", datetime.Year),
		dateField("quarter", "The quarter of a date, 1 to 4.", "quarter('2016-08-31')", "3", datetime.Quarter),
		dateField("month", "The month of a date, 1 to 12.", "month('2016-07-30')", "7", datetime.Month),
		dateField("dayofmonth", "The day of the month of a date, 1 to 31.", "dayofmonth('2009-07-30')", "30", datetime.DayOfMonth, "day"),
		dateField("dayofyear", "The day of the year of a date, 1 to 366.", "dayofyear('2016-04-09')", "100", datetime.DayOfYear),
		dateField("dayofweek", "The day of the week of a date, from 1 for Sunday to 7.", "dayofweek('2009-07-30')", "5", datetime.DayOfWeek),
		dateField("weekday", "The day of the week of a date, from 0 for Monday to 6.", "weekday('2009-07-30')", "3", datetime.Weekday),
		dateField("weekofyear", "The ISO week of a date, which begins on a Monday.", "weekofyear('2008-02-20')", "8", isoWeek),
		dateName("dayname", "The short English name of the day of the week.", "dayname(DATE '2008-02-20')", "Wed",
			func(days int32) string { return datetime.WeekdayName(datetime.Weekday(days)) }),
		dateName("monthname", "The short English name of the month.", "monthname('2008-02-20')", "Feb",
			func(days int32) string { return datetime.MonthName(datetime.Month(days)) }),
		timeField("hour", "The hour of a timestamp, 0 to 23.", "hour('2018-02-14 12:58:59')", "12", hourOf),
		timeField("minute", "The minute of a timestamp, 0 to 59.", "minute('2009-07-30 12:58:59')", "58", minuteOf),
		timeField("second", "The second of a timestamp, 0 to 59.", "second('2018-02-14 12:58:59')", "59", secondOf),
	}
}

func isoWeek(days int32) int {
	_, week := datetime.ISOWeek(days)
	return week
}

func isoYear(days int32) int {
	year, _ := datetime.ISOWeek(days)
	return year
}

func isoWeekday(days int32) int { return datetime.Weekday(days) + 1 }

func hourOf(microsOfDay int64) int   { return int(microsOfDay / datetime.MicrosPerHour) }
func minuteOf(microsOfDay int64) int { return int(microsOfDay / datetime.MicrosPerMinute % 60) }
func secondOf(microsOfDay int64) int { return int(microsOfDay / datetime.MicrosPerSecond % 60) }

func dateField(name, doc, example, result string, field func(days int32) int, aliases ...string) *expr.Function {
	return &expr.Function{
		Name: name, Aliases: aliases, Group: "datetime_funcs", Usage: name + "(date)", Doc: doc, Example: example, Result: result,
		MinArgs: 1, MaxArgs: 1, Resolve: returns(types.Int, coerce.Date), Compile: mapDate(field),
	}
}

func dateName(name, doc, example, result string, of func(days int32) string) *expr.Function {
	return &expr.Function{
		Name: name, Group: "datetime_funcs", Usage: name + "(date)", Doc: doc, Example: example, Result: result,
		MinArgs: 1, MaxArgs: 1, Resolve: returns(types.String, coerce.Date),
		Compile: eachText(func(r *row, dst []byte) []byte { return append(dst, of(r.date(0))...) }),
	}
}

func timeField(name, doc, example, result string, field func(microsOfDay int64) int) *expr.Function {
	return &expr.Function{
		Name: name, Group: "datetime_funcs", Usage: name + "(expr)", Doc: doc, Example: example, Result: result,
		MinArgs: 1, MaxArgs: -1, Compile: compileTimeField(field),
		Resolve: func(call *expr.Expr) error {
			call.Args = call.Args[:1] // Spark accepts more and drops them
			if isTime(call.Args[0]) {
				return sparkerr.New("UNSUPPORTED_TIME_TYPE")
			}
			return returns(types.Int, coerce.AnyTimestamp)(call)
		},
	}
}

// mapDate compiles a function from a date to INT.
func mapDate(field func(days int32) int) compiler {
	return plain(func(_ *expr.Context, n int, sel vector.Selection, args []*vector.Vector, out *vector.Vector) error {
		days := args[0]
		if sel == nil && !days.IsConst() {
			for i, d := range days.I32[:n] {
				out.I32[i] = int32(field(d))
			}
			return nil
		}
		for k := range kernel.Count(n, sel) {
			i := kernel.Row(sel, k)
			out.I32[out.At(i)] = int32(field(days.I32[days.At(i)]))
		}
		return nil
	})
}

// compileTimeField compiles a function from the local time of day to INT.
func compileTimeField(field func(microsOfDay int64) int) compiler {
	return func(call *expr.Expr) (expr.Kernel, error) {
		ntz := call.Args[0].Type.Kind == types.KindTimestampNTZ
		return func(ctx *expr.Context, n int, sel vector.Selection, args []*vector.Vector, out *vector.Vector) error {
			z, at := zoneOf(ctx, ntz), args[0]
			for k := range kernel.Count(n, sel) {
				i := kernel.Row(sel, k)
				_, micros := datetime.SplitMicros(z.ToLocal(at.I64[at.At(i)]))
				out.I32[out.At(i)] = int32(field(micros))
			}
			return nil
		}, nil
	}
}

func (r *row) date(k int) int32                       { return r.args[k].I32[r.args[k].At(r.i)] }
func (r *row) calendar(k int) vector.CalendarInterval { return r.args[k].Cal[r.args[k].At(r.i)] }
func (r *row) decimal(k int) decimal.Int128           { return r.args[k].Dec[r.args[k].At(r.i)] }
func (r *row) setDate(days int32)                     { r.out.I32[r.out.At(r.i)] = days }
func (r *row) setDecimal(v decimal.Int128)            { r.out.Dec[r.out.At(r.i)] = v }
func (r *row) setCalendar(v vector.CalendarInterval)  { r.out.Cal[r.out.At(r.i)] = v }
