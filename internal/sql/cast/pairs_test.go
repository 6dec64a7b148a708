package cast

import (
	"errors"
	"strings"
	"testing"

	"github.com/streamctl/streamctl/internal/datetime"
	"github.com/streamctl/streamctl/internal/sparkerr"
	"github.com/streamctl/streamctl/internal/sql/expr"
	"github.com/streamctl/streamctl/internal/types"
	"github.com/streamctl/streamctl/internal/valuetext"
	"github.com/streamctl/streamctl/internal/vector"
)

// pairs lists, for a value of a type, the results of casts as real Spark prints them: target=value, or target=!condition.
var pairs = []struct{ from, value, results string }{
	{"boolean", "true", "string=true; tinyint=1; smallint=1; int=1; bigint=1; float=1.0; double=1.0; decimal(5,2)=1.00"},
	{"boolean", "false", "string=false; tinyint=0; smallint=0; bigint=0; double=0.0; decimal(5,2)=0.00"},

	{"tinyint", "1", "boolean=true; int=1; bigint=1; decimal(10,0)=1; decimal(5,2)=1.00; decimal(38,18)=1.000000000000000000; timestamp=1970-01-01 00:00:01; interval day to second=INTERVAL '0 00:00:01' DAY TO SECOND; interval year to month=INTERVAL '0-1' YEAR TO MONTH; interval hour=INTERVAL '01' HOUR; string=1"},
	{"tinyint", "-128", "boolean=true; smallint=-128; int=-128; bigint=-128; float=-128.0; double=-128.0; decimal(38,18)=-128.000000000000000000; timestamp=1969-12-31 23:57:52"},
	{"smallint", "32767", "tinyint=!CAST_OVERFLOW; decimal(5,2)=!NUMERIC_VALUE_OUT_OF_RANGE.WITH_SUGGESTION; decimal(38,18)=32767.000000000000000000; interval hour=INTERVAL '32767' HOUR; string=32767"},
	{"smallint", "300", "boolean=true; int=300; bigint=300; float=300.0; double=300.0; interval day to second=INTERVAL '0 00:05:00' DAY TO SECOND; interval hour=INTERVAL '300' HOUR"},
	{"int", "0", "boolean=false; tinyint=0; smallint=0; bigint=0; float=0.0; decimal(10,0)=0; decimal(5,2)=0.00; interval year to month=INTERVAL '0-0' YEAR TO MONTH"},
	{"int", "-1", "tinyint=-1; smallint=-1; decimal(5,2)=-1.00; interval day to second=INTERVAL '-0 00:00:01' DAY TO SECOND; interval hour=INTERVAL '-01' HOUR; interval day=INTERVAL '-1' DAY; interval minute to second=INTERVAL '-00:01' MINUTE TO SECOND"},
	{"int", "70000", "boolean=true; smallint=!CAST_OVERFLOW; timestamp=1970-01-01 19:26:40; interval minute to second=INTERVAL '1166:40' MINUTE TO SECOND; varchar(2)=70000; variant=70000"},
	{"int", "2147483647", "bigint=2147483647; double=2.147483647E9; interval year to month=INTERVAL '178956970-7' YEAR TO MONTH; interval year=!CAST_OVERFLOW; interval day=!CAST_OVERFLOW"},
	{"int", "-2147483648", "tinyint=!CAST_OVERFLOW; decimal(5,2)=!NUMERIC_VALUE_OUT_OF_RANGE.WITH_SUGGESTION; timestamp=1901-12-13 20:45:52; interval year to month=INTERVAL '-178956970-8' YEAR TO MONTH; interval hour=INTERVAL '-2147483648' HOUR"},
	{"bigint", "9223372036854775807", "boolean=true; int=!CAST_OVERFLOW; decimal(38,18)=9223372036854775807.000000000000000000; interval day to second=!CAST_OVERFLOW; interval hour=!CAST_OVERFLOW; interval year to month=!CAST_OVERFLOW"},
	{"bigint", "3000000000", "tinyint=!CAST_OVERFLOW; int=!CAST_OVERFLOW; float=3.0E9; double=3.0E9; string=3000000000"},
	{"bigint", "-9223372036854775808", "float=-9.223372E18; double=-9.223372036854776E18; decimal(5,2)=!NUMERIC_VALUE_OUT_OF_RANGE.WITH_SUGGESTION; timestamp=-290308-12-21 19:59:05.224192; interval day to second=!CAST_OVERFLOW"},

	{"float", "-1.5", "boolean=true; tinyint=-1; smallint=-1; bigint=-1; double=-1.5; decimal(10,0)=-2; decimal(38,18)=-1.500000000000000000; timestamp=1969-12-31 23:59:58.5; string=-1.5"},
	{"float", "NaN", "tinyint=!CAST_OVERFLOW; smallint=!CAST_OVERFLOW; int=!CAST_OVERFLOW; bigint=!CAST_OVERFLOW; double=NaN; decimal(10,0)=NULL; timestamp=!CAST_INVALID_INPUT; string=NaN"},
	{"float", "1e10", "int=!CAST_OVERFLOW; bigint=10000000000; double=1.0E10; decimal(5,2)=!NUMERIC_VALUE_OUT_OF_RANGE.WITH_SUGGESTION; timestamp=2286-11-20 17:46:40"},
	{"float", "0.1", "smallint=0; decimal(10,0)=0; decimal(38,18)=0.100000001490116120; timestamp=1970-01-01 00:00:00.1"},
	{"float", "3.4e38", "decimal(38,18)=!NUMERIC_VALUE_OUT_OF_RANGE.WITH_SUGGESTION"},
	{"double", "-2.5", "boolean=true; tinyint=-2; float=-2.5; decimal(10,0)=-3; decimal(38,18)=-2.500000000000000000; timestamp=1969-12-31 23:59:57.5; string=-2.5"},
	{"double", "1e300", "boolean=true; smallint=!CAST_OVERFLOW; float=Infinity; decimal(10,0)=!NUMERIC_VALUE_OUT_OF_RANGE.WITH_SUGGESTION; timestamp=!CAST_OVERFLOW; string=1.0E300"},
	{"double", "-Infinity", "tinyint=!CAST_OVERFLOW; bigint=!CAST_OVERFLOW; decimal(38,18)=NULL; timestamp=!CAST_INVALID_INPUT; boolean=true"},
	{"double", "-0.0", "boolean=false; bigint=0; float=-0.0; decimal(10,0)=0; timestamp=1970-01-01 00:00:00"},
	{"double", "2147483647.5", "smallint=!CAST_OVERFLOW; int=2147483647; decimal(10,0)=2147483648; string=2.1474836475E9"},
	{"double", "9223372036854775807", "bigint=9223372036854775807"},
	{"double", "1e19", "bigint=!CAST_OVERFLOW; decimal(38,18)=10000000000000000000.000000000000000000"},

	{"decimal(3,1)", "-2.5", "tinyint=-2; bigint=-2; float=-2.5; double=-2.5; boolean=true; decimal(10,0)=-3; decimal(5,2)=-2.50"},
	{"decimal(2,1)", "1.5", "timestamp=1970-01-01 00:00:01.5; interval day to second=INTERVAL '0 00:00:01.5' DAY TO SECOND; interval year to month=INTERVAL '0-2' YEAR TO MONTH; string=1.5"},
	{"decimal(20,0)", "99999999999999999999", "tinyint=!CAST_OVERFLOW; bigint=!CAST_OVERFLOW; decimal(10,0)=!NUMERIC_VALUE_OUT_OF_RANGE.WITH_SUGGESTION; timestamp=-78449-06-15 02:58:03.596224; interval day to second=!CAST_OVERFLOW; interval year to month=!CAST_OVERFLOW"},
	{"decimal(7,7)", "0.0000001", "boolean=true; int=0; float=1.0E-7; double=1.0E-7; interval day to second=INTERVAL '0 00:00:00' DAY TO SECOND; string=0.0000001; timestamp=1970-01-01 00:00:00"},
	{"decimal(19,18)", "0.999999999999999999", "int=1; bigint=0"},
	{"decimal(11,0)", "10000000000", "smallint=!CAST_OVERFLOW; int=!CAST_OVERFLOW; bigint=10000000000; decimal(5,2)=!NUMERIC_VALUE_OUT_OF_RANGE.WITH_SUGGESTION; interval year to month=!CAST_OVERFLOW"},

	{"date", "2024-02-29", "timestamp=2024-02-29 00:00:00; timestamp_ntz=2024-02-29 00:00:00; string=2024-02-29"},
	{"date", "-0001-01-01", "timestamp_ntz=-0001-01-01 00:00:00; string=-0001-01-01"},
	{"timestamp", "2024-02-29 12:34:56.789", "tinyint=!CAST_OVERFLOW; int=1709210096; double=1.709210096789E9; decimal(10,0)=1709210097; date=2024-02-29; timestamp_ntz=2024-02-29 12:34:56.789; string=2024-02-29 12:34:56.789"},
	{"timestamp", "1969-12-31 23:59:59.5", "tinyint=-1; bigint=-1; decimal(10,0)=-1; date=1969-12-31"},
	{"timestamp_ntz", "2024-02-29 12:34:56.789", "timestamp=2024-02-29 12:34:56.789; date=2024-02-29; string=2024-02-29 12:34:56.789"},
	{"time(6)", "12:34:56.789123", "int=45296; decimal(20,9)=45296.789123000; time(3)=12:34:56.789; time(0)=12:34:56; timestamp=2024-03-01 12:34:56.789123; timestamp_ntz=2024-03-01 12:34:56.789123; string=12:34:56.789123"},

	{"binary", "ABC", "string=ABC; binary=[41 42 43]"},
	{"interval day to second", "1 02:03:04.5", "int=93784; decimal(10,0)=93785; decimal(38,18)=93784.500000000000000000; interval minute to second=INTERVAL '1563:04.5' MINUTE TO SECOND; interval hour=INTERVAL '26' HOUR; string=INTERVAL '1 02:03:04.5' DAY TO SECOND"},
	{"interval day", "-3", "smallint=-3; decimal(5,2)=-3.00; interval day to second=INTERVAL '-3 00:00:00' DAY TO SECOND; interval hour=INTERVAL '-72' HOUR; string=INTERVAL '-3' DAY"},
	{"interval minute", "300", "tinyint=!CAST_OVERFLOW; int=300; interval day=INTERVAL '0' DAY"},
	{"interval year to month", "1-2", "tinyint=14; decimal(5,2)=14.00; interval year=INTERVAL '1' YEAR"},
	{"interval year", "5", "tinyint=5; bigint=5; decimal(5,2)=5.00; string=INTERVAL '5' YEAR"},

	{"string", "", "boolean=!CAST_INVALID_INPUT; int=!CAST_INVALID_INPUT; double=!CAST_INVALID_INPUT; decimal(5,2)=!CAST_INVALID_INPUT; date=!CAST_INVALID_INPUT; timestamp=!CAST_INVALID_INPUT; interval=NULL; binary=[]"},
	{"string", " 12 ", "boolean=!CAST_INVALID_INPUT; tinyint=12; smallint=12; int=12; bigint=12; float=12.0; double=12.0; decimal(5,2)=12.00"},
	{"string", "1.6", "tinyint=!CAST_INVALID_INPUT; decimal(5,0)=2; decimal(2,1)=1.6; double=1.6"},
	{"string", "300", "tinyint=!CAST_INVALID_INPUT; smallint=300; decimal(2,0)=!NUMERIC_VALUE_OUT_OF_RANGE.WITH_SUGGESTION"},
	{"string", "1e400", "decimal(38,0)=!NUMERIC_OUT_OF_SUPPORTED_RANGE; double=Infinity"},
	{"string", "t", "boolean=true; int=!CAST_INVALID_INPUT; string=t; varchar(1)=t"},
	{"string", "2024-02-30", "date=!CAST_INVALID_INPUT; timestamp=!CAST_INVALID_INPUT; timestamp_ntz=!CAST_INVALID_INPUT"},
	{"string", "2024-02-29 12:34", "date=2024-02-29; timestamp=2024-02-29 12:34:00; timestamp_ntz=2024-02-29 12:34:00"},
	{"string", "2024-02-29T12:34:56+02:00", "timestamp=2024-02-29 10:34:56; timestamp_ntz=2024-02-29 12:34:56"},
	{"string", "12:34:56.789", "time(0)=12:34:56; time(3)=12:34:56.789"},
	{"string", "25:00", "time(0)=!CAST_INVALID_INPUT"},
	{"string", "1 day 2 hours", "interval=1 days 2 hours; int=!CAST_INVALID_INPUT"},
	{"string", "today", "date=!CAST_INVALID_INPUT"}, // a special word only in constants
}

func parseType(t *testing.T, text string) *types.Type {
	t.Helper()
	typ, err := types.ParseType(text)
	if err != nil {
		t.Fatalf("%s: %v", text, err)
	}
	return typ
}

// pairContext has 2024-03-01 as its batch's date.
var pairContext = &expr.Context{Zone: datetime.UTC, BatchTime: 1709294400_000000, Now: 1709294400_000000}

// textValues returns n rows of text converted to a type, or a constant if n is 0.
func textValues(t *testing.T, typ *types.Type, text string, n int) *vector.Vector {
	t.Helper()
	create := func(typ *types.Type) *vector.Vector {
		if n == 0 {
			return vector.NewConst(typ)
		}
		return vector.New(typ, n)
	}
	v := create(types.String)
	for i := range max(n, 1) {
		v.SetString(i, text)
	}
	k, err := Compile(types.String, typ, false)
	if err != nil {
		t.Fatal(err)
	}
	if k == nil {
		return v
	}
	out := create(typ)
	if err := k(pairContext, max(n, 1), nil, []*vector.Vector{v}, out); err != nil {
		t.Fatalf("%q as %s: %v", text, typ, err)
	}
	return out
}

// result prints row i of a cast's result, or the condition of its error, which must be one of row failing.
func result(t *testing.T, err error, out *vector.Vector, i, failing int) string {
	t.Helper()
	if err == nil {
		return string(valuetext.AppendValue(nil, out, i, valuetext.Options{Show: true}))
	}
	var at *expr.RowError
	if !errors.As(err, &at) || at.Row != failing {
		t.Errorf("%v is not an error of row %d", err, failing)
	}
	var e *sparkerr.Error
	if errors.As(err, &e) && e.Condition != "" {
		return "!" + e.Condition
	}
	return "!"
}

// layouts are the forms in which a kernel meets the same value; failing is the row that an error must name.
var layouts = []struct {
	name      string
	rows, row int
	sel       vector.Selection
	failing   int
}{
	{"all rows", 3, 2, nil, 0},
	{"selected", 3, 1, vector.Selection{1}, 1},
	{"constant", 0, 0, nil, 0},
}

func TestEachPairOfTypesIsCastLikeSpark(t *testing.T) {
	for _, p := range pairs {
		for r := range strings.SplitSeq(p.results, "; ") {
			to, want, _ := strings.Cut(r, "=")
			checkPair(t, parseType(t, p.from), parseType(t, to), p.value, want, false)
			if strings.HasPrefix(want, "!") {
				want = "NULL"
			}
			checkPair(t, parseType(t, p.from), parseType(t, to), p.value, want, true)
		}
	}
}

func checkPair(t *testing.T, from, to *types.Type, value, want string, try bool) {
	t.Helper()
	for _, l := range layouts {
		n := max(l.rows, 1)
		in, out := textValues(t, from, value, l.rows), vector.New(to, n)
		k, err := Compile(from, to, try)
		switch {
		case err != nil:
			t.Fatalf("%s to %s: %v", from, to, err)
		case k == nil:
			out = in
		default:
			err = k(pairContext, n, l.sel, []*vector.Vector{in}, out)
		}
		if got := result(t, err, out, l.row, l.failing); got != want {
			t.Errorf("%s %q to %s (try %v, %s) = %s, want %s", from, value, to, try, l.name, got, want)
		}
	}
}

// The text of INTERVAL YEAR would hide months that a cast has left in the value, so the value is cast back.
func TestNarrowerIntervalsLoseTheirSmallerFields(t *testing.T) {
	for _, c := range []struct{ value, wide, narrow, want string }{
		{"1-2", "interval year to month", "interval year", "INTERVAL '1-0' YEAR TO MONTH"},
		{"-1-2", "interval year to month", "interval year", "INTERVAL '-1-0' YEAR TO MONTH"},
		{"1 02:03:04.5", "interval day to second", "interval day", "INTERVAL '1 00:00:00' DAY TO SECOND"},
		{"-1 02:03:04.5", "interval day to second", "interval hour to minute", "INTERVAL '-1 02:03:00' DAY TO SECOND"},
		{"12:34:56.789", "time(6)", "time(1)", "12:34:56.7"},
	} {
		wide, narrow := parseType(t, c.wide), parseType(t, c.narrow)
		v := textValues(t, wide, c.value, 1)
		for _, to := range []*types.Type{narrow, wide} {
			k, err := Compile(v.Type, to, false)
			if err != nil {
				t.Fatal(err)
			}
			out := vector.New(to, 1)
			if err := k(pairContext, 1, nil, []*vector.Vector{v}, out); err != nil {
				t.Fatal(err)
			}
			v = out
		}
		if got := result(t, nil, v, 0, 0); got != c.want {
			t.Errorf("%s %s as %s is %s, want %s", c.wide, c.value, c.narrow, got, c.want)
		}
	}
}
