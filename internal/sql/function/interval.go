package function

import (
	"math"

	"github.com/streamctl/streamctl/internal/datetime"
	"github.com/streamctl/streamctl/internal/decimal"
	"github.com/streamctl/streamctl/internal/sql/coerce"
	"github.com/streamctl/streamctl/internal/sql/expr"
	"github.com/streamctl/streamctl/internal/types"
	"github.com/streamctl/streamctl/internal/vector"
)

// intervalFunctions build intervals from numbers.
func intervalFunctions() []*expr.Function {
	return []*expr.Function{
		makeInterval("make_interval", "An interval with the given parts; missing parts are 0.", false),
		makeInterval("try_make_interval", "An interval with the given parts, or NULL if they are too large.", true),
		{
			Name: "make_dt_interval", Group: "datetime_funcs", Usage: "make_dt_interval([days[, hours[, mins[, secs]]]])",
			Doc:     "A day-time interval with the given parts; missing parts are 0.",
			Example: "make_dt_interval(1, 12, 30, 01.001001)", Result: "INTERVAL '1 12:30:01.001001' DAY TO SECOND", MinArgs: 0, MaxArgs: 4,
			Resolve: defaults(returns(types.DayTimeOf(types.Day, types.Second), coerce.Int, coerce.Int, coerce.Int, intervalSeconds), 0,
				expr.Int(0), expr.Int(0), expr.Int(0), zeroSeconds()),
			Compile: eachRow(makeDayTime),
		},
		{
			Name: "make_ym_interval", Group: "datetime_funcs", Usage: "make_ym_interval([years[, months]])",
			Doc:     "A year-month interval with the given parts; missing parts are 0.",
			Example: "make_ym_interval(1, 2)", Result: "INTERVAL '1-2' YEAR TO MONTH", MinArgs: 0, MaxArgs: 2,
			Resolve: defaults(returns(types.YearMonthOf(types.Year, types.Month), coerce.Int), 0, expr.Int(0), expr.Int(0)),
			Compile: eachRow(makeYearMonth),
		},
	}
}

// intervalSeconds is the parameter for seconds with microseconds.
var intervalSeconds = coerce.Exactly(types.DecimalOf(18, 6))

func zeroSeconds() *expr.Expr {
	v := vector.NewConst(types.DecimalOf(18, 6))
	v.Dec[0] = decimal.Int128{}
	return expr.Lit(v)
}

func makeInterval(name, doc string, try bool) *expr.Function {
	resolve := defaults(returns(types.Interval, coerce.Int, coerce.Int, coerce.Int, coerce.Int, coerce.Int, coerce.Int, intervalSeconds), 0,
		expr.Int(0), expr.Int(0), expr.Int(0), expr.Int(0), expr.Int(0), expr.Int(0), zeroSeconds())
	least, usage := 0, "([years[, months[, weeks[, days[, hours[, mins[, secs]]]]]]])"
	if try {
		resolve = nullable(resolve)
		least, usage = 1, "(years[, months[, weeks[, days[, hours[, mins[, secs]]]]]])"
	}
	return &expr.Function{
		Name: name, Group: "datetime_funcs", Usage: name + usage, Doc: doc,
		Example: name + "(100, 11, 1, 1, 12, 30, 01.001001)", Result: "100 years 11 months 8 days 12 hours 30 minutes 1.001001 seconds",
		MinArgs: least, MaxArgs: 7, Resolve: resolve,
		Compile: eachRow(func(r *row) error {
			months, ok1 := intSum(12*int64(r.int(0)), int64(r.int(1)))
			days, ok2 := intSum(7*int64(r.int(2)), int64(r.int(3)))
			micros, ok3 := clockMicros(r, 4)
			switch {
			case ok1 && ok2 && ok3:
				r.setCalendar(vector.CalendarInterval{Months: months, Days: days, Micros: micros})
			case try:
				r.setNull()
			default:
				return arithmeticOverflow("")
			}
			return nil
		}),
	}
}

func intSum(a, b int64) (sum int32, ok bool) {
	s := a + b
	return int32(s), s >= math.MinInt32 && s <= math.MaxInt32
}

// clockMicros adds up hours, minutes and seconds, starting with argument k.
func clockMicros(r *row, k int) (micros int64, ok bool) {
	seconds, ok := r.decimal(k + 2).Int64()
	if !ok {
		return 0, false
	}
	micros, ok = add(seconds, int64(r.int(k+1))*datetime.MicrosPerMinute)
	if !ok {
		return 0, false
	}
	return add(micros, int64(r.int(k))*datetime.MicrosPerHour)
}

func makeDayTime(r *row) error {
	micros, ok := clockMicros(r, 1)
	days, fits := multiply(int64(r.int(0)), datetime.MicrosPerDay)
	if !ok || !fits {
		return intervalOverflow("")
	}
	if micros, ok = add(micros, days); !ok {
		return intervalOverflow("")
	}
	r.setLong(micros)
	return nil
}

func makeYearMonth(r *row) error {
	months, ok := intSum(12*int64(r.int(0)), int64(r.int(1)))
	if !ok {
		return intervalOverflow("")
	}
	r.setInt(int(months))
	return nil
}
