package analyze

import (
	"strings"

	"github.com/streamctl/streamctl/internal/datetime"
	"github.com/streamctl/streamctl/internal/sparkerr"
	"github.com/streamctl/streamctl/internal/sql/ast"
	"github.com/streamctl/streamctl/internal/sql/expr"
	"github.com/streamctl/streamctl/internal/types"
	"github.com/streamctl/streamctl/internal/vector"
)

// intervalUnits maps the units of interval literals to the interval fields they imply.
var intervalUnits = map[string]struct {
	yearMonth bool
	field     uint8
}{
	"year": {true, types.Year}, "month": {true, types.Month}, "week": {false, types.Day}, "day": {false, types.Day},
	"hour": {false, types.Hour}, "minute": {false, types.Minute}, "second": {false, types.Second},
	"millisecond": {false, types.Second}, "microsecond": {false, types.Second}, "nanosecond": {false, types.Second},
}

// interval returns a year-month or day-time interval literal: INTERVAL '5 minutes', INTERVAL 1 DAY 2 HOURS, INTERVAL '1-2'
// YEAR TO MONTH.
func (a *analyzer) interval(n *ast.IntervalLit) (*expr.Expr, error) {
	var v *vector.Vector
	var err error
	switch {
	case len(n.Parts) == 0:
		v, err = unitsInterval(n.Text, unitsOf(n.Text))
		if err != nil {
			err = sparkerr.New("INVALID_TYPED_LITERAL", "valueType", `"INTERVAL"`, "value", "'"+n.Text+"'")
		}
	case n.Parts[0].To != "":
		v, err = rangeInterval(n.Parts[0])
	default:
		v, err = partsInterval(n.Parts)
	}
	x := &expr.Expr{}
	if err == nil {
		x = expr.Lit(v)
	}
	return a.locate(x, n), located(a.locate(&expr.Expr{}, n), err)
}

// unitsOf returns the unit words of an interval text.
func unitsOf(text string) []string {
	var units []string
	for _, word := range strings.Fields(strings.ToLower(text)) {
		word = strings.TrimSuffix(word, "s")
		if _, ok := intervalUnits[word]; ok {
			units = append(units, word)
		}
	}
	return units
}

func partsInterval(parts []ast.IntervalPart) (*vector.Vector, error) {
	var text, units []string
	for _, p := range parts {
		unit := strings.TrimSuffix(strings.ToLower(p.From), "s")
		text = append(text, partText(p.Value), unit)
		units = append(units, unit)
	}
	return unitsInterval(strings.Join(text, " "), units)
}

// partText returns the number of an interval part as written.
func partText(e ast.Expr) string {
	switch n := e.(type) {
	case *ast.Literal:
		return n.Text
	case *ast.Unary:
		return n.Op + partText(n.X)
	}
	return ""
}

// unitsInterval parses text as a calendar interval and converts it to the type that spans the units.
func unitsInterval(text string, units []string) (*vector.Vector, error) {
	months, days, micros, err := datetime.ParseCalendar(text)
	if err != nil {
		return nil, err
	}
	first, last := map[bool]uint8{}, map[bool]uint8{}
	for _, word := range units {
		u := intervalUnits[word]
		if f, ok := first[u.yearMonth]; !ok || u.field < f {
			first[u.yearMonth] = u.field
		}
		last[u.yearMonth] = max(last[u.yearMonth], u.field)
	}
	switch {
	case len(first) == 2:
		return nil, sparkerr.New("_LEGACY_ERROR_TEMP_0029", "literal", text)
	case len(first) == 0:
		return nil, sparkerr.New("INVALID_INTERVAL_FORMAT.MISSING_UNIT", "input", text, "word", text)
	}
	if start, ok := first[true]; ok {
		return yearMonth(months, start, last[true]), nil
	}
	total, ok := datetime.IntervalDuration(0, days, micros)
	if !ok {
		return nil, sparkerr.New("INVALID_INTERVAL_FORMAT.ARITHMETIC_EXCEPTION", "input", text)
	}
	return dayTime(total, first[false], last[false]), nil
}

var rangeFields = map[string]uint8{
	"year": types.Year, "month": types.Month, "day": types.Day, "hour": types.Hour, "minute": types.Minute, "second": types.Second,
}

// rangeInterval parses '…' YEAR TO MONTH or '…' DAY TO SECOND.
func rangeInterval(p ast.IntervalPart) (*vector.Vector, error) {
	from, to := strings.TrimSuffix(strings.ToLower(p.From), "s"), strings.TrimSuffix(strings.ToLower(p.To), "s")
	start, ok1 := rangeFields[from]
	end, ok2 := rangeFields[to]
	text := partText(p.Value)
	switch {
	case from == "year" && to == "month":
		months, err := datetime.ParseYearMonth(text, start, end)
		return yearMonth(months, start, end), err
	case !ok1 || !ok2 || from == "year" || from == "month" || to == "year" || to == "month" || start >= end:
		return nil, sparkerr.New("INVALID_INTERVAL_FORMAT.UNSUPPORTED_FROM_TO_EXPRESSION", "input", text, "from", from, "to", to)
	}
	micros, err := datetime.ParseDayTime(text, start, end)
	return dayTime(micros, start, end), err
}

func yearMonth(months int32, start, end uint8) *vector.Vector {
	v := vector.NewConst(types.YearMonthOf(start, end))
	v.I32[0] = months
	return v
}

func dayTime(micros int64, start, end uint8) *vector.Vector {
	v := vector.NewConst(types.DayTimeOf(start, end))
	v.I64[0] = micros
	return v
}
