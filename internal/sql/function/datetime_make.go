package function

import (
	"fmt"
	"math"
	"strings"
	"time"

	"github.com/streamctl/streamctl/internal/datetime"
	"github.com/streamctl/streamctl/internal/decimal"
	"github.com/streamctl/streamctl/internal/sparkerr"
	"github.com/streamctl/streamctl/internal/sql/coerce"
	"github.com/streamctl/streamctl/internal/sql/expr"
	"github.com/streamctl/streamctl/internal/types"
)

// datetimeMakeFunctions build dates and timestamps from numbers and convert them to numbers.
func datetimeMakeFunctions() []*expr.Function {
	fs := []*expr.Function{
		{
			Name: "make_date", Group: "datetime_funcs", Usage: "make_date(year, month, day)", Doc: "The date with the given year, month and day.",
			Example: "make_date(2013, 7, 15)", Result: "2013-07-15", MinArgs: 3, MaxArgs: 3,
			Resolve: returns(types.Date, coerce.Int), Compile: eachRow(makeDate),
		},
		{
			Name: "timestamp_seconds", Group: "datetime_funcs", Usage: "timestamp_seconds(seconds)",
			Doc:     "The timestamp the given number of seconds after 1970-01-01 00:00 UTC.",
			Example: "timestamp_seconds(1230219000)", Result: "2008-12-25 15:30:00", MinArgs: 1, MaxArgs: 1,
			Resolve: resolveSeconds, Compile: eachRow(timestampSeconds),
		},
		fromEpoch("timestamp_millis", "milliseconds", "timestamp_millis(1230219000123)", "2008-12-25 15:30:00.123", 1000),
		fromEpoch("timestamp_micros", "microseconds", "timestamp_micros(1230219000123123)", "2008-12-25 15:30:00.123123", 1),
		{
			Name: "date_from_unix_date", Group: "datetime_funcs", Usage: "date_from_unix_date(days)",
			Doc: "The date the given number of days after 1970-01-01.", Example: "date_from_unix_date(1)", Result: "1970-01-02", MinArgs: 1, MaxArgs: 1,
			Resolve: returns(types.Date, coerce.Int), Compile: eachInt(func(r *row) int { return r.int(0) }),
		},
		{
			Name: "unix_date", Group: "datetime_funcs", Usage: "unix_date(date)", Doc: "The number of days from 1970-01-01 to a date.",
			Example: "unix_date(DATE '1970-01-02')", Result: "1", MinArgs: 1, MaxArgs: 1,
			Resolve: expects(types.Int, coerce.Date), Compile: eachInt(func(r *row) int { return r.int(0) }),
		},
		toEpoch("unix_seconds", "seconds", "1", datetime.MicrosPerSecond),
		toEpoch("unix_millis", "milliseconds", "1000", 1000),
		toEpoch("unix_micros", "microseconds", "1000000", 1),
		{
			Name: "unix_nanos", Group: "datetime_funcs", Usage: "unix_nanos(timestamp)",
			Doc:     "The number of nanoseconds from 1970-01-01 00:00 UTC to a timestamp.",
			MinArgs: 1, MaxArgs: 1, // accepts only nanosecond timestamps, which require a setting
			Resolve: expects(types.DecimalOf(21, 0), coerce.NanosTimestamp), Compile: eachRow(func(r *row) error {
				r.setNull()
				return nil
			}),
		},
	}
	for _, m := range []making{
		{"make_timestamp", types.Timestamp, false, []int{1, 2, 3, 6, 7}},
		{"make_timestamp_ltz", types.Timestamp, false, []int{2, 3, 6, 7}},
		{"make_timestamp_ntz", types.TimestampNTZ, false, []int{2, 6}},
		{"try_make_timestamp", types.Timestamp, true, []int{1, 2, 3, 6, 7}},
		{"try_make_timestamp_ltz", types.Timestamp, true, []int{2, 3, 6, 7}},
		{"try_make_timestamp_ntz", types.TimestampNTZ, true, []int{2, 6}},
	} {
		fs = append(fs, m.function())
	}
	return fs
}

var someTimestamp = coerce.OneOf(coerce.AnyTimestamp, coerce.NanosTimestamp)

// expects returns a resolver for calls of fixed result type whose arguments are not cast.
func expects(t *types.Type, params ...coerce.Param) resolver {
	return func(call *expr.Expr) error {
		if err := coerce.Expects(call, params...); err != nil {
			return err
		}
		coerce.Returns(call, t)
		return nil
	}
}

func fromEpoch(name, unit, example, result string, micros int64) *expr.Function {
	return &expr.Function{
		Name: name, Group: "datetime_funcs", Usage: name + "(" + unit + ")",
		Doc:     "The timestamp the given number of " + unit + " after 1970-01-01 00:00 UTC.",
		Example: example, Result: result, MinArgs: 1, MaxArgs: 1, Resolve: expects(types.Timestamp, coerce.Integral),
		Compile: eachRow(func(r *row) error {
			at, ok := multiply(r.integral(0), micros)
			if !ok {
				return epochOverflow(r, unit)
			}
			r.setLong(at)
			return nil
		}),
	}
}

func toEpoch(name, unit, result string, micros int64) *expr.Function {
	return &expr.Function{
		Name: name, Group: "datetime_funcs", Usage: name + "(timestamp)",
		Doc:     "The number of whole " + unit + " from 1970-01-01 00:00 UTC to a timestamp.",
		Example: name + "(TIMESTAMP '1970-01-01 00:00:01Z')", Result: result, MinArgs: 1, MaxArgs: 1,
		Resolve: expects(types.Long, someTimestamp),
		Compile: eachLong(func(r *row) int64 {
			q := r.long(0) / micros
			if r.long(0)%micros < 0 {
				q--
			}
			return q
		}),
	}
}

func epochOverflow(r *row, unit string) error {
	return sparkerr.New("DATETIME_OVERFLOW", "operation", fmt.Sprintf("add %d %s to TIMESTAMP '1970-01-01 00:00:00'", r.integral(0), unit))
}

func longOverflow() error {
	return sparkerr.Plain("long overflow")
}

func resolveSeconds(call *expr.Expr) error {
	if err := coerce.Expects(call, coerce.Numeric); err != nil {
		return err
	}
	kind := call.Args[0].Type.Kind
	coerce.Returns(call, types.Timestamp)
	call.Nullable = call.Nullable || kind == types.KindFloat || kind == types.KindDouble
	return nil
}

// timestampSeconds converts integers and decimals exactly and truncates floating-point numbers.
func timestampSeconds(r *row) error {
	switch t := r.args[0].Type; {
	case t.Kind == types.KindFloat || t.Kind == types.KindDouble:
		f := r.floating(0)
		if f != f || math.IsInf(f, 0) {
			r.setNull()
			return nil
		}
		r.setLong(saturate(f * float64(datetime.MicrosPerSecond)))
	case t.Kind == types.KindDecimal:
		return decimalSeconds(r, r.decimal(0), t.Scale)
	default:
		at, ok := multiply(r.integral(0), datetime.MicrosPerSecond)
		if !ok {
			return epochOverflow(r, "seconds")
		}
		r.setLong(at)
	}
	return nil
}

// decimalSeconds reports more than 19 digits before it reports fractions of a microsecond. (Java: BigDecimal.longValueExact.)
func decimalSeconds(r *row, seconds decimal.Int128, scale int) error {
	if digits := len(seconds.Abs().String()) - scale + 6; digits <= 19 {
		micros, _ := decimal.RescaleMode(seconds, scale, 6, decimal.Down)
		if decimal.CmpScaled(micros, 6, seconds, scale) != 0 {
			return sparkerr.Plain("Rounding necessary")
		}
		if at, fits := micros.Int64(); fits {
			r.setLong(at)
			return nil
		}
	}
	return sparkerr.New("DATETIME_OVERFLOW", "operation",
		fmt.Sprintf("create a TIMESTAMP from %sBD seconds since the epoch", decimal.Append(nil, seconds, scale)))
}

func makeDate(r *row) error {
	days, err := civilDate(r.int(0), r.int(1), r.int(2))
	switch {
	case err != nil:
		return err
	case int64(int32(days)) != days:
		return arithmeticOverflow("")
	}
	r.setDate(int32(days))
	return nil
}

const maxYear = 999_999_999 // Java's limit

// civilDate validates a date as Java does; errors quote Java's messages. Java's years exceed the range of DATE.
func civilDate(year, month, day int) (days int64, err error) {
	switch {
	case year < -maxYear || year > maxYear:
		return 0, fieldOutOfRange("Year", -maxYear, maxYear, year)
	case month < 1 || month > 12:
		return 0, fieldOutOfRange("MonthOfYear", 1, 12, month)
	case day < 1 || day > 31:
		return 0, datetimeOutOfBounds(fmt.Sprintf("Invalid value for DayOfMonth (valid values 1 - 28/31): %d", day))
	case datetime.ValidDate(year, month, day):
	case day == 29:
		return 0, datetimeOutOfBounds(fmt.Sprintf("Invalid date 'February 29' as '%d' is not a leap year", year))
	default:
		return 0, datetimeOutOfBounds(fmt.Sprintf("Invalid date '%s %d'", strings.ToUpper(time.Month(month).String()), day))
	}
	return datetime.DaysFromCivil(year, month, day), nil
}

func fieldOutOfRange(field string, lo, hi, value int) error {
	return datetimeOutOfBounds(fmt.Sprintf("Invalid value for %s (valid values %d - %d): %d", field, lo, hi, value))
}

func datetimeOutOfBounds(message string) error {
	return sparkerr.New("DATETIME_FIELD_OUT_OF_BOUNDS.WITHOUT_SUGGESTION", "rangeMessage", message)
}

// A making is a function that builds a timestamp from numbers.
type making struct {
	name   string
	to     *types.Type
	try    bool
	counts []int
}

func (m making) function() *expr.Function {
	usage := m.name + "(year, month, day, hour, min, sec"
	if m.to.Kind == types.KindTimestamp {
		usage += "[, timezone]"
	}
	doc := "The " + m.to.SQL() + " with the given parts"
	if m.try {
		doc += "; NULL if there is none"
	}
	return &expr.Function{
		Name: m.name, Group: "datetime_funcs", Usage: usage + ")", Doc: doc + ".",
		Example: m.name + "(2014, 12, 28, 6, 30, 45.887)", Result: "2014-12-28 06:30:45.887",
		MinArgs: 1, MaxArgs: 7, ArgCounts: m.counts, Resolve: m.resolve, Compile: m.compile, SQL: m.sql,
	}
}

var secondsWithMicros = coerce.Exactly(types.DecimalOf(16, 6))

func (m making) resolve(call *expr.Expr) error {
	resolve := returns(m.to, coerce.Int, coerce.Int, coerce.Int, coerce.Int, coerce.Int, secondsWithMicros, coerce.String)
	switch n := len(call.Args); {
	case n == 1:
		resolve = expects(m.to, coerce.Date)
	case n < 6:
		resolve = expects(m.to, []coerce.Param{coerce.Date, coerce.TimeOrNull, coerce.String}[:n]...)
	}
	err := resolve(call)
	withTime := len(call.Args) == 2 || len(call.Args) == 3
	call.Nullable = call.Nullable || m.try && len(call.Args) >= 6 || withTime && m.to.Kind == types.KindTimestampNTZ
	return err
}

// sql prints the form with a time of day as what Spark replaces it by, and try_make_timestamp without its time zone.
func (m making) sql(call *expr.Expr, args []string) string {
	name := call.CallName()
	if m.name == "try_make_timestamp" && len(args) == 7 {
		args = args[:6]
	}
	if len(args) == 2 || len(args) == 3 {
		switch m.name {
		case "make_timestamp_ltz", "try_make_timestamp_ltz":
			return callSQL("make_timestamp", args)
		case "try_make_timestamp_ntz":
			return callSQL(name, []string{callSQL("make_timestamp_ntz", args)})
		}
	}
	return callSQL(name, args)
}

func (m making) compile(call *expr.Expr) (expr.Kernel, error) {
	if len(call.Args) == 1 {
		return rowKernel(func(r *row) error {
			r.setLong(r.ctx.Zone.StartOfDay(r.date(0)))
			return nil
		}), nil
	}
	if len(call.Args) < 6 {
		return m.fromTime(), nil
	}
	return rowKernel(func(r *row) error {
		z := zoneOf(r.ctx, m.to.Kind == types.KindTimestampNTZ)
		if len(r.args) == 7 { // evaluated first
			var err error
			if z, err = datetime.LoadZone(string(r.text(6))); err != nil {
				return err
			}
		}
		days, clock, err := localParts(r)
		switch {
		case err != nil && m.try:
			r.setNull()
			return nil
		case err != nil:
			return err
		}
		local, ok := microsOf(days, clock)
		at := z.ToUTC(local)
		if !ok || local > 1<<62 && at < 0 || local < -1<<62 && at > 0 {
			return longOverflow() // for try_ functions too
		}
		r.setLong(at)
		return nil
	}), nil
}

// localParts combines arguments 0 to 5; clock is in microseconds. Exactly 60 seconds are the next minute.
func localParts(r *row) (days, clock int64, err error) {
	unscaled, _ := r.decimal(5).Int64()
	second, fraction := splitSeconds(unscaled)
	extra := int64(0)
	if second == 60 {
		if fraction != 0 {
			return 0, 0, sparkerr.New("INVALID_FRACTION_OF_SECOND", "secAndMicros", string(decimal.Append(nil, r.decimal(5), 6)))
		}
		second, extra = 0, datetime.MicrosPerMinute
	}
	days, err = civilDate(r.int(0), r.int(1), r.int(2))
	switch hour, minute := r.int(3), r.int(4); {
	case err != nil:
		return 0, 0, err
	case hour < 0 || hour > 23:
		return 0, 0, fieldOutOfRange("HourOfDay", 0, 23, hour)
	case minute < 0 || minute > 59:
		return 0, 0, fieldOutOfRange("MinuteOfHour", 0, 59, minute)
	case second < 0 || second > 59:
		return 0, 0, fieldOutOfRange("SecondOfMinute", 0, 59, int(second))
	default:
		clock = int64(hour)*datetime.MicrosPerHour + int64(minute)*datetime.MicrosPerMinute + second*datetime.MicrosPerSecond + fraction + extra
		return days, clock, nil
	}
}

// microsOf returns a day and time in microseconds if the result fits into a long, even if midnight of that day does not.
func microsOf(days, clock int64) (int64, bool) {
	if days < 0 {
		days, clock = days+1, clock-datetime.MicrosPerDay
	}
	midnight, ok := multiply(days, datetime.MicrosPerDay)
	sum, fits := add(midnight, clock)
	return sum, ok && fits
}

func splitSeconds(micros int64) (seconds, fraction int64) {
	fraction = micros % datetime.MicrosPerSecond
	if fraction < 0 {
		fraction += datetime.MicrosPerSecond
	}
	return (micros - fraction) / datetime.MicrosPerSecond, fraction
}

// floating returns a FLOAT or DOUBLE argument.
func (r *row) floating(k int) float64 {
	if r.args[k].Type.Kind == types.KindFloat {
		return float64(r.args[k].F32[r.args[k].At(r.i)])
	}
	return r.double(k)
}
