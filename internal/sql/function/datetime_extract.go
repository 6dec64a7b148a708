package function

import (
	"strings"

	"github.com/streamctl/streamctl/internal/datetime"
	"github.com/streamctl/streamctl/internal/decimal"
	"github.com/streamctl/streamctl/internal/sparkerr"
	"github.com/streamctl/streamctl/internal/sql/coerce"
	"github.com/streamctl/streamctl/internal/sql/expr"
	"github.com/streamctl/streamctl/internal/types"
)

// extractFunctions returns extract(field FROM x) and its other names, which are all defined as a function of x alone.
func extractFunctions() []*expr.Function {
	entry := func(name, usage, example string, aliases ...string) *expr.Function {
		return &expr.Function{
			Name: name, Aliases: aliases, Group: "datetime_funcs", Usage: usage,
			Doc:     "A part of a date, timestamp or interval, such as YEAR, DOW or SECOND.",
			Example: example, Result: "2019", MinArgs: 2, MaxArgs: 2,
			Resolve: resolveExtract, Replace: replaceWith(extracted), SQL: extractSQL,
		}
	}
	return []*expr.Function{
		entry("extract", "extract(field FROM source)", "extract(YEAR FROM TIMESTAMP '2019-08-12 01:00:00.123456')"),
		entry("date_part", "date_part(field, source)", "date_part('YEAR', TIMESTAMP '2019-08-12 01:00:00.123456')", "datepart"),
	}
}

func extractSQL(call *expr.Expr, args []string) string {
	if call.CallName() == "date_part" {
		return callSQL("date_part", args)
	}
	return call.CallName() + "(" + args[0] + " FROM " + args[1] + ")"
}

func resolveExtract(call *expr.Expr) error {
	e, err := extracted(call)
	if err != nil {
		return err
	}
	call.Type, call.Nullable = e.Type, e.Nullable
	return nil
}

// extracted returns the expression that computes the part.
func extracted(call *expr.Expr) (*expr.Expr, error) {
	field, source := call.Args[0], call.Args[1]
	name, err := fold(field)
	if err != nil {
		return nil, err
	}
	if name == nil || !field.Type.IsText() && field.Type.Kind != types.KindVoid {
		return nil, sparkerr.New("NON_FOLDABLE_ARGUMENT", "funcName", "`"+call.CallName()+"`", "paramName", "`field`", "paramType", `"STRING"`)
	}
	if name.IsNull(0) {
		return expr.Null(types.Double), nil
	}
	text := string(name.Bytes(0))
	part := datePart(strings.ToUpper(text))
	switch field := partNames[strings.ToUpper(text)]; {
	case !isTime(source):
	case field == "HOUR" || field == "MINUTE" || field == "SECOND":
		return nil, sparkerr.New("UNSUPPORTED_TIME_TYPE")
	default:
		part = nil
	}
	if isInterval(source.Type) {
		part = intervalPart(strings.ToUpper(text), source.Type)
	}
	if part == nil {
		return nil, sparkerr.New("INVALID_EXTRACT_FIELD", "field", types.Quote(text), "expr", `"`+source.SQL()+`"`)
	}
	e := &expr.Expr{Kind: expr.Call, Fn: part, Args: []*expr.Expr{source}, Span: call.Span, Origin: call.Origin}
	return e, part.Resolve(e)
}

func isInterval(t *types.Type) bool {
	return t.Kind == types.KindYearMonth || t.Kind == types.KindDayTime || t.Kind == types.KindInterval
}

// partNames maps the spellings of the parts that both dates and intervals have.
var partNames = map[string]string{
	"YEAR": "YEAR", "Y": "YEAR", "YEARS": "YEAR", "YR": "YEAR", "YRS": "YEAR",
	"MONTH": "MONTH", "MON": "MONTH", "MONS": "MONTH", "MONTHS": "MONTH",
	"DAY": "DAY", "D": "DAY", "DAYS": "DAY",
	"HOUR": "HOUR", "H": "HOUR", "HOURS": "HOUR", "HR": "HOUR", "HRS": "HOUR",
	"MINUTE": "MINUTE", "M": "MINUTE", "MIN": "MINUTE", "MINS": "MINUTE", "MINUTES": "MINUTE",
	"SECOND": "SECOND", "S": "SECOND", "SEC": "SECOND", "SECONDS": "SECOND", "SECS": "SECOND",
}

// datePart returns the function for a part of a date or timestamp, or nil if there is no such part.
func datePart(name string) *expr.Function {
	names := map[string]string{
		"YEAR": "year", "QUARTER": "quarter", "QTR": "quarter", "MONTH": "month", "WEEK": "weekofyear", "W": "weekofyear",
		"WEEKS": "weekofyear", "DAY": "dayofmonth", "DAYOFWEEK": "dayofweek", "DOW": "dayofweek", "DOY": "dayofyear",
		"HOUR": "hour", "MINUTE": "minute",
	}
	if part, ok := partNames[name]; ok {
		name = part
	}
	switch name {
	case "YEAROFWEEK":
		return dateField("yearofweek", "", "", "", isoYear)
	case "DAYOFWEEK_ISO", "DOW_ISO":
		return dateField("dayofweek_iso", "", "", "", isoWeekday)
	case "SECOND":
		return &expr.Function{Name: "secondwithfraction", Resolve: returns(secondsType, coerce.AnyTimestamp), Compile: compileSeconds}
	}
	f, _ := Lookup(names[name])
	return f
}

// secondsType is the type of seconds of a minute with their fraction.
var secondsType = types.DecimalOf(8, 6)

func compileSeconds(call *expr.Expr) (expr.Kernel, error) {
	ntz := call.Args[0].Type.Kind == types.KindTimestampNTZ
	return rowKernel(func(r *row) error {
		_, micros := datetime.SplitMicros(zoneOf(r.ctx, ntz).ToLocal(r.long(0)))
		r.setDecimal(decimal.FromInt64(micros % datetime.MicrosPerMinute))
		return nil
	}), nil
}

// intervalPart returns the function for a part of an interval, or nil if the interval does not have it.
func intervalPart(name string, t *types.Type) *expr.Function {
	part := partNames[name]
	if t.Kind == types.KindInterval {
		return calendarPart(part)
	}
	units := map[string]uint8{"DAY": types.Day, "HOUR": types.Hour, "MINUTE": types.Minute, "SECOND": types.Second}
	if t.Kind == types.KindYearMonth {
		units = map[string]uint8{"YEAR": types.Year, "MONTH": types.Month}
	}
	unit, ok := units[part]
	if !ok || unit < t.Start || unit > t.End {
		return nil
	}
	switch part {
	case "YEAR":
		return partFunction(part, types.Int, func(r *row) int64 { return int64(r.int(0) / 12) })
	case "MONTH":
		return partFunction(part, types.Byte, func(r *row) int64 { return int64(r.int(0) % 12) })
	case "DAY":
		return partFunction(part, types.Int, func(r *row) int64 { return r.long(0) / datetime.MicrosPerDay })
	case "HOUR":
		return partFunction(part, types.Byte, func(r *row) int64 { return r.long(0) % datetime.MicrosPerDay / datetime.MicrosPerHour })
	case "MINUTE":
		return partFunction(part, types.Byte, func(r *row) int64 { return r.long(0) % datetime.MicrosPerHour / datetime.MicrosPerMinute })
	}
	return partFunction(part, secondsType, func(r *row) int64 { return r.long(0) % datetime.MicrosPerMinute })
}

func calendarPart(part string) *expr.Function {
	switch part {
	case "YEAR":
		return partFunction(part, types.Int, func(r *row) int64 { return int64(r.calendar(0).Months / 12) })
	case "MONTH":
		return partFunction(part, types.Byte, func(r *row) int64 { return int64(r.calendar(0).Months % 12) })
	case "DAY":
		return partFunction(part, types.Int, func(r *row) int64 {
			return int64(r.calendar(0).Days) + r.calendar(0).Micros/datetime.MicrosPerDay
		})
	case "HOUR":
		return partFunction(part, types.Byte, func(r *row) int64 {
			return r.calendar(0).Micros % datetime.MicrosPerDay / datetime.MicrosPerHour
		})
	case "MINUTE":
		return partFunction(part, types.Byte, func(r *row) int64 { return r.calendar(0).Micros % datetime.MicrosPerHour / datetime.MicrosPerMinute })
	case "SECOND":
		return partFunction(part, secondsType, func(r *row) int64 { return r.calendar(0).Micros % datetime.MicrosPerMinute })
	}
	return nil
}

// partFunction is a function from an interval to an integral type or, from microseconds, to secondsType. Calls of functions
// with the same name count as equal, so each part needs a separate name.
func partFunction(part string, t *types.Type, compute func(r *row) int64) *expr.Function {
	return &expr.Function{
		Name: "interval " + part, Resolve: returns(t),
		Compile: eachRow(func(r *row) error {
			at, v := r.out.At(r.i), compute(r)
			switch t.Kind {
			case types.KindByte:
				r.out.I8[at] = int8(v)
			case types.KindInt:
				r.out.I32[at] = int32(v)
			default:
				r.out.Dec[at] = decimal.FromInt64(v)
			}
			return nil
		}),
	}
}
