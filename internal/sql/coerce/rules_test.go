package coerce_test

import (
	"errors"
	"fmt"
	"math/big"
	"strings"
	"testing"

	"github.com/streamctl/streamctl/internal/decimal"
	"github.com/streamctl/streamctl/internal/sparkerr"
	"github.com/streamctl/streamctl/internal/sql/coerce"
	"github.com/streamctl/streamctl/internal/sql/expr"
	"github.com/streamctl/streamctl/internal/types"
	"github.com/streamctl/streamctl/internal/vector"
)

func typeText(t *types.Type) string {
	if t == nil {
		return "none"
	}
	return t.String()
}

func TestCommonTypesOfTwoTypes(t *testing.T) {
	for _, c := range []struct{ a, b, tightest, widest, withoutStrings, plain string }{
		{"int", "int", "int", "int", "int", "int"},
		{"void", "date", "date", "date", "date", "date"},
		{"tinyint", "bigint", "bigint", "bigint", "bigint", "bigint"},
		{"float", "bigint", "double", "double", "double", "float"},
		{"float", "double", "double", "double", "double", "double"},
		{"decimal(10,0)", "int", "decimal(10,0)", "decimal(10,0)", "decimal(10,0)", "decimal(10,0)"},
		{"decimal(5,2)", "int", "none", "decimal(12,2)", "decimal(12,2)", "decimal(12,2)"},
		{"decimal(5,2)", "decimal(7,1)", "none", "decimal(8,2)", "decimal(8,2)", "decimal(8,2)"},
		{"decimal(38,0)", "decimal(38,38)", "none", "decimal(38,0)", "decimal(38,0)", "decimal(38,0)"},
		{"decimal(5,2)", "double", "none", "double", "double", "double"},
		{"string", "tinyint", "none", "bigint", "none", "none"},
		{"string", "float", "none", "double", "none", "none"},
		{"string", "boolean", "none", "boolean", "none", "none"},
		{"string", "timestamp", "none", "timestamp", "none", "none"},
		{"string", "interval day", "none", "none", "none", "none"},
		{"string", "array<int>", "none", "none", "none", "none"},
		{"varchar(3)", "char(2)", "string", "string", "string", "string"},
		{"date", "timestamp", "timestamp", "timestamp", "timestamp", "timestamp"},
		{"date", "timestamp_ntz", "timestamp_ntz", "timestamp_ntz", "timestamp_ntz", "timestamp_ntz"},
		{"timestamp_ntz", "timestamp", "timestamp", "timestamp", "timestamp", "timestamp"},
		{"date", "int", "none", "none", "none", "none"},
		{"time(3)", "time(6)", "time(6)", "time(6)", "time(6)", "time(6)"},
		{"interval day", "interval hour to minute", "interval day to minute", "interval day to minute", "interval day to minute", "interval day to minute"},
		{"interval year", "interval month", "interval year to month", "interval year to month", "interval year to month", "interval year to month"},
		{"interval year", "interval day", "none", "none", "none", "none"},
		{"array<int>", "array<bigint>", "array<bigint>", "array<bigint>", "array<bigint>", "array<bigint>"},
		{"array<string>", "array<int>", "none", "array<bigint>", "none", "none"},
		{"array<decimal(5,2)>", "array<int>", "none", "array<decimal(12,2)>", "array<decimal(12,2)>", "array<decimal(12,2)>"},
		{"map<string,int>", "map<string,double>", "map<string,double>", "map<string,double>", "map<string,double>", "map<string,double>"},
		{"map<string,int>", "map<int,int>", "none", "none", "none", "none"}, // the text of a key may not be a number
		{"struct<a:int>", "struct<A:bigint>", "struct<a:bigint>", "struct<a:bigint>", "struct<a:bigint>", "struct<a:bigint>"},
		{"struct<a:int>", "struct<b:int>", "none", "none", "none", "none"},
		{"struct<a:int>", "struct<a:int,b:int>", "none", "none", "none", "none"},
		{"boolean", "int", "none", "none", "none", "none"},
	} {
		a, b := parseType(t, c.a), parseType(t, c.b)
		for _, rule := range []struct {
			name   string
			common func(a, b *types.Type) *types.Type
			want   string
		}{
			{"Tightest", coerce.Tightest, c.tightest}, {"Widest", coerce.Widest, c.widest},
			{"WidestWithoutStrings", coerce.WidestWithoutStrings, c.withoutStrings}, {"PlainWidest", coerce.PlainWidest, c.plain},
		} {
			if got := typeText(rule.common(a, b)); got != rule.want {
				t.Errorf("%s(%s, %s) = %s, want %s", rule.name, c.a, c.b, got, rule.want)
			}
			if got := typeText(rule.common(b, a)); !strings.EqualFold(got, rule.want) {
				t.Errorf("%s(%s, %s) = %s, want %s", rule.name, c.b, c.a, got, rule.want)
			}
		}
	}
}

func TestCommonTypeOfSeveralTypes(t *testing.T) {
	for want, texts := range map[string][]string{
		"void": {}, "bigint": {"tinyint", "string", "void"}, "none": {"int", "boolean", "int"}, "timestamp": {"date", "string", "timestamp"},
	} {
		var ts []*types.Type
		for _, text := range texts {
			ts = append(ts, operand(t, text).Type)
		}
		if got := typeText(coerce.WidestOf(ts...)); got != want {
			t.Errorf("WidestOf(%v) = %s, want %s", texts, got, want)
		}
	}
}

// castTypes and castTable say which casts exist: y, n, with spark.sql.ansi.enabled=false only (a), or by a function (f).
var (
	castTypes = []string{"boolean", "int", "double", "decimal(5,2)", "string", "binary", "date", "timestamp", "timestamp_ntz", "time(6)", "interval", "interval day", "interval month", "variant", "array<int>", "map<string,int>", "struct<a:int>"}
	castTable = map[string]string{
		"boolean":         "yyyyynnannnnnynnn",
		"int":             "yyyyyafynnnyyynnn",
		"double":          "yyyyynfynnnnnynnn",
		"decimal(5,2)":    "yyyyynfynnnyyynnn",
		"string":          "yyyyyyyyyyyyyynnn",
		"binary":          "nnnnyynnnnnnnynnn",
		"date":            "afffynyyynnnnynnn",
		"timestamp":       "ayyyynyyynnnnynnn",
		"timestamp_ntz":   "nnnnynyyynnnnynnn",
		"time(6)":         "nynyynnyyynnnnnnn",
		"interval":        "nnnnynnnnnynnnnnn",
		"interval day":    "nynyynnnnnnynnnnn",
		"interval month":  "nynyynnnnnnnynnnn",
		"variant":         "yyyyyyyyynnnnyyyy",
		"array<int>":      "nnnnynnnnnnnnyynn",
		"map<string,int>": "nnnnynnnnnnnnnnyn",
		"struct<a:int>":   "nnnnynnnnnnnnnnny",
	}
)

func TestWhichCastsExist(t *testing.T) {
	suggestions := map[rune]string{'n': "CAST_WITHOUT_SUGGESTION", 'a': "CAST_WITH_CONF_SUGGESTION", 'f': "CAST_WITH_FUNC_SUGGESTION"}
	for from, row := range castTable {
		for i, answer := range row {
			to := parseType(t, castTypes[i])
			for _, try := range []bool{false, true} {
				want := suggestions[answer]
				if try && answer == 'a' {
					want = suggestions['n']
				}
				got := ""
				if err := coerce.CheckCast(coerce.Explicit(operand(t, from), to, try)); err != nil {
					got = strings.TrimPrefix(err.Condition, "DATATYPE_MISMATCH.")
				}
				if got != want {
					t.Errorf("cast from %s to %s (try %v): %q, want %q", from, to, try, got, want)
				}
			}
		}
	}
}

func TestCastsOfNestedTypesNeedCastsOfTheirParts(t *testing.T) {
	notNull := types.StructOf(types.Field{Name: "a", Type: types.Int})
	nullable := types.StructOf(types.Field{Name: "a", Type: types.Int, Nullable: true})
	for _, c := range []struct {
		from, to *types.Type
		want     bool
	}{
		{types.ArrayOf(types.String, true), types.ArrayOf(types.Int, true), true},
		{types.ArrayOf(types.String, true), types.ArrayOf(types.Int, false), false},
		{types.ArrayOf(types.Date, false), types.ArrayOf(types.Int, true), false},
		{types.MapOf(types.Int, types.Int, true), types.MapOf(types.String, types.Long, true), true},
		{types.MapOf(types.Date, types.Int, true), types.MapOf(types.Int, types.Int, true), false},
		{notNull, nullable, true}, {nullable, notNull, false},
		{nullable, types.StructOf(), false},
		{types.Variant, types.MapOf(types.Int, types.Int, true), false},
		{types.ArrayOf(nullable, true), types.Variant, false},
		{types.Void, nullable, true},
	} {
		if got := coerce.CanCast(c.from, c.to); got != c.want {
			t.Errorf("CanCast(%s, %s) = %v", c.from.SQL(), c.to.SQL(), got)
		}
	}
}

func TestNullabilityOfCasts(t *testing.T) {
	for _, c := range []struct {
		from, to  string
		cast, try bool
	}{
		{"int", "bigint", false, false}, {"bigint", "int", false, true}, {"int", "decimal(10,0)", false, false}, {"int", "decimal(9,0)", true, true},
		{"decimal(5,2)", "decimal(7,3)", false, false}, {"decimal(5,2)", "decimal(5,3)", true, true}, {"decimal(3,0)", "int", true, true},
		{"string", "int", true, true}, {"string", "binary", false, false}, {"int", "string", false, false}, {"double", "int", true, true},
		{"float", "timestamp", true, true}, {"date", "timestamp", false, false}, {"timestamp", "date", false, true}, {"timestamp_ntz", "date", true, true}, {"date", "timestamp_ntz", true, false},
		{"timestamp", "tinyint", true, true}, {"timestamp", "bigint", false, false}, {"bigint", "timestamp", false, false}, {"boolean", "decimal(1,0)", false, true},
		{"boolean", "decimal(1,1)", true, true}, {"variant", "int", true, true}, {"time(6)", "smallint", true, true}, {"interval day", "interval day to second", false, false},
		{"array<int>", "array<bigint>", false, false}, {"array<bigint>", "array<int>", false, true}, {"struct<a:int>", "struct<b:double>", false, false},
		{"map<int,int>", "map<bigint,bigint>", false, false}, {"array<int>", "string", false, true},
	} {
		from, to := operand(t, c.from), parseType(t, c.to)
		if got := coerce.Explicit(from, to, false).Nullable; got != c.cast {
			t.Errorf("cast from %s to %s: nullable %v, want %v", c.from, c.to, got, c.cast)
		}
		if got := coerce.Explicit(from, to, true).Nullable; got != c.try {
			t.Errorf("try_cast from %s to %s: nullable %v, want %v", c.from, c.to, got, c.try)
		}
	}
}

func TestImplicitCastKeepsWhatHasTheType(t *testing.T) {
	e := column(types.Int)
	if coerce.Cast(e, types.Int) != e {
		t.Error("an expression is cast to its own type")
	}
	if c := coerce.Cast(e, types.Long); c.Kind != expr.Cast || !c.Implicit || c.Args[0] != e {
		t.Errorf("got %v", c)
	}
}

func TestPrecisionOfDecimalResults(t *testing.T) {
	for _, c := range []struct {
		op             string
		p1, s1, p2, s2 int
		want           string
	}{
		{"+", 5, 2, 7, 3, "8,3"}, {"-", 38, 10, 3, 2, "38,9"}, {"*", 5, 2, 7, 3, "13,5"}, {"*", 38, 10, 38, 10, "38,6"},
		{"/", 5, 2, 7, 3, "16,10"}, {"/", 38, 10, 3, 0, "38,10"}, {"%", 5, 2, 7, 3, "6,3"}, {"div", 5, 2, 7, 3, "6,0"},
		{"*", 38, 38, 38, 38, "38,37"}, {"*", 20, 2, 20, 2, "38,4"},
	} {
		p, s := coerce.DecimalResult(c.op, c.p1, c.s1, c.p2, c.s2)
		if got := fmt.Sprintf("%d,%d", p, s); got != c.want {
			t.Errorf("decimal(%d,%d) %s decimal(%d,%d) is decimal(%s), want decimal(%s)", c.p1, c.s1, c.op, c.p2, c.s2, got, c.want)
		}
	}
}

// The decimal for an integral type has just the digits of its largest value.
func TestDecimalsForIntegersHoldEveryValue(t *testing.T) {
	for typ, bits := range map[*types.Type]uint{types.Byte: 7, types.Short: 15, types.Int: 31} {
		d := coerce.DecimalFor(typ)
		if digits := len(new(big.Int).Lsh(big.NewInt(1), bits).String()); d.Precision != digits || d.Scale != 0 {
			t.Errorf("%s becomes %s, want %d digits", typ, d, digits)
		}
	}
	for typ, want := range map[*types.Type]string{types.Long: "decimal(20,0)", types.Float: "decimal(14,7)", types.Double: "decimal(30,15)", types.DecimalOf(3, 1): "decimal(3,1)", types.String: "decimal(38,18)"} {
		if got := coerce.DecimalFor(typ).String(); got != want {
			t.Errorf("%s becomes %s, want %s", typ, got, want)
		}
	}
}

func decimalLiteral(precision, scale int, unscaled decimal.Int128) *expr.Expr {
	v := vector.NewConst(types.DecimalOf(precision, scale))
	v.Dec[0] = unscaled
	return expr.Lit(v)
}

func integerLiteral(typ *types.Type, n int64) *expr.Expr {
	v := vector.NewConst(typ)
	switch typ.Kind {
	case types.KindByte:
		v.I8[0] = int8(n)
	case types.KindShort:
		v.I16[0] = int16(n)
	case types.KindInt:
		v.I32[0] = int32(n)
	default:
		v.I64[0] = n
	}
	return expr.Lit(v)
}

// Next to a decimal, the type of an integral literal has just its digits; a TINYINT always has three.
func TestLiteralsBesideDecimalsHaveTheirOwnDigits(t *testing.T) {
	for _, c := range []struct {
		literal *expr.Expr
		want    string
	}{
		{integerLiteral(types.Int, 7), "decimal(6,2)"}, {integerLiteral(types.Int, -12345), "decimal(8,2)"}, {integerLiteral(types.Short, 100), "decimal(6,2)"},
		{integerLiteral(types.Long, 0), "decimal(6,2)"}, {integerLiteral(types.Byte, 7), "decimal(6,2)"}, {expr.Null(types.Int), "decimal(13,2)"}, {column(types.Int), "decimal(13,2)"},
	} {
		e := call("+", types.DecimalOf(5, 2))
		e.Args = append(e.Args, c.literal)
		if err := coerce.Arithmetic(e); err != nil || e.Type.String() != c.want {
			t.Errorf("decimal(5,2) + %s is %v, %v, want %s", c.literal.SQL(), e.Type, err, c.want)
		}
	}
}

// An integer compared with a decimal literal is compared with an integer on the right side of it, or with nothing at all.
func TestIntegersAreComparedWithRoundedDecimalLiterals(t *testing.T) {
	huge, _ := decimal.Rescale(decimal.FromInt64(1), 0, 20)
	minusHuge, _ := decimal.Rescale(decimal.FromInt64(-1), 0, 20)
	for _, c := range []struct {
		op             string
		p, s           int
		literal        decimal.Int128
		after, flipped string // i op literal, literal op i
	}{
		{"<", 2, 1, decimal.FromInt64(15), "2", "1"}, {"<=", 2, 1, decimal.FromInt64(15), "1", "2"},
		{">", 2, 1, decimal.FromInt64(15), "1", "2"}, {">=", 2, 1, decimal.FromInt64(15), "2", "1"},
		{"<", 2, 1, decimal.FromInt64(-15), "-1", "-2"}, {">=", 2, 1, decimal.FromInt64(20), "2", "2"},
		{"<", 21, 0, huge, "true", "false"}, {">=", 21, 0, huge, "false", "true"},
		{"<", 21, 0, minusHuge, "false", "true"}, {">", 21, 0, minusHuge, "true", "false"},
	} {
		for side, want := range []string{c.after, c.flipped} {
			e, literal := call(c.op), decimalLiteral(c.p, c.s, c.literal)
			e.Args = []*expr.Expr{column(types.Int), literal}
			if side == 1 {
				e.Args = []*expr.Expr{literal, column(types.Int)}
			}
			if err := coerce.Comparison(e); err != nil || e.Type != types.Boolean {
				t.Fatalf("%v, type %v", err, e.Type)
			}
			got := e.SQL()
			if e.Kind == expr.Call {
				got = strings.TrimSuffix(e.Args[1-side].SQL(), "L")
			}
			if got != want {
				t.Errorf("%s %s, side %d: %s, want %s", literal.SQL(), c.op, side, got, want)
			}
		}
	}
}

func TestTypesWithoutOrderAreNotCompared(t *testing.T) {
	for typ, want := range map[string]bool{
		"int": true, "array<int>": true, "struct<a:int>": true, "interval": false, "variant": false, "map<int,int>": false,
		"array<map<int,int>>": false, "struct<a:int,b:variant>": false, "interval day": true,
	} {
		c := callOf(t, "<", typ, typ)
		got := answer(c, coerce.Comparison(c))
		if ok := got == "boolean"; ok != want || !ok && got != "!INVALID_ORDERING_TYPE" {
			t.Errorf("%s < %s is %s", typ, typ, got)
		}
	}
}

func TestArgumentsAreCastToParameters(t *testing.T) {
	for _, c := range []struct {
		param     coerce.Param
		arg, want string
	}{
		{coerce.Int, "int", "int"}, {coerce.Int, "bigint", "int"}, {coerce.Int, "string", "int"}, {coerce.Int, "void", "int"}, {coerce.Int, "date", "!"},
		{coerce.String, "int", "string"}, {coerce.String, "array<int>", "!"}, {coerce.String, "varchar(3)", "varchar(3)"}, {coerce.Date, "timestamp", "date"}, {coerce.Date, "int", "!"},
		{coerce.Interval, "string", "!"}, {coerce.Numeric, "string", "double"}, {coerce.Numeric, "void", "double"}, {coerce.Numeric, "decimal(3,1)", "decimal(3,1)"},
		{coerce.AnyDecimal, "int", "decimal(10,0)"}, {coerce.AnyDecimal, "string", "decimal(38,18)"}, {coerce.Integral, "string", "!"}, {coerce.Integral, "double", "!"},
		{coerce.AnyTimestamp, "date", "timestamp"}, {coerce.AnyTimestamp, "string", "timestamp"}, {coerce.AnyTimestamp, "timestamp_ntz", "timestamp_ntz"},
		{coerce.ArrayOf(coerce.Long), "array<int>", "array<bigint>"}, {coerce.ArrayOf(coerce.Long), "array<date>", "!"}, {coerce.ArrayOf(coerce.Long), "int", "!"}, {coerce.ArrayOf(coerce.Long), "void", "array<bigint>"},
		{coerce.OneOf(coerce.Int, coerce.Long), "smallint", "int"}, {coerce.OneOf(coerce.Float, coerce.Double), "int", "double"}, {coerce.OneOf(coerce.String, coerce.Binary), "int", "string"},
		{coerce.OneOf(coerce.String, coerce.Binary), "binary", "binary"}, {coerce.OneOf(coerce.Int, coerce.Date), "boolean", "!"}, {coerce.OneOf(coerce.Int, coerce.Long), "void", "int"},
		{coerce.Any, "map<int,int>", "map<int,int>"}, {coerce.AnyArray, "int", "!"}, {coerce.TimeOrNull, "void", "void"},
		{coerce.Exactly(types.ArrayOf(types.Long, true)), "array<int>", "array<bigint>"}, {coerce.Exactly(types.MapOf(types.Long, types.Long, true)), "map<int,int>", "map<bigint,bigint>"},
		{coerce.Exactly(types.StructOf(types.Field{Name: "a", Type: types.Long, Nullable: true})), "struct<a:int>", "struct<a:bigint>"},
	} {
		e := callOf(t, "f", "int", c.arg)
		err := coerce.Params(e, coerce.Any, c.param)
		got := e.Args[1].Type.String()
		if err != nil {
			got = "!"
			var se *sparkerr.Error
			if !errors.As(err, &se) || se.Condition != "DATATYPE_MISMATCH.UNEXPECTED_INPUT_TYPE" || se.Params["paramIndex"] != "second" {
				t.Errorf("%v does not name the second argument", err)
			}
		}
		if got != c.want {
			t.Errorf("%s as %v becomes %s, want %s", c.arg, c.param, got, c.want)
		}
	}
}

func TestExpectedTypesAreNotCast(t *testing.T) {
	for _, c := range []struct {
		param     coerce.Param
		arg, want string
	}{{coerce.Int, "int", "int"}, {coerce.Int, "smallint", "!UNEXPECTED_INPUT_TYPE"}, {coerce.Int, "void", "int"}, {coerce.OneOf(coerce.Date, coerce.Int), "void", "date"}} {
		e := callOf(t, "f", c.arg)
		err := coerce.Expects(e, c.param)
		if err == nil {
			coerce.Returns(e, e.Args[0].Type)
			e.Nullable = false
		}
		if got := answer(e, err); got != c.want {
			t.Errorf("%s is accepted as %s, want %s", c.arg, got, c.want)
		}
	}
}

func TestArgumentsGetOneType(t *testing.T) {
	for _, c := range []struct {
		function   string
		args       []string
		same, bare string // with and without conversion of strings
	}{
		{"coalesce", []string{"tinyint", "bigint", "void"}, "bigint", "bigint"},
		{"coalesce", []string{"string", "int"}, "bigint", `("STRING" or "INT")`},
		{"greatest", []string{"string", "int"}, "bigint", `["STRING", "INT"]`},
		{"case", []string{"date", "int"}, `["DATE", "INT"]`, `["DATE", "INT"]`},
		{"array", []string{"array<int>", "array<double>"}, "array<double>", "array<double>"},
	} {
		for i, common := range []func(*expr.Expr, int) (*types.Type, error){coerce.SameType, coerce.SameTypeWithoutStrings} {
			e := callOf(t, c.function, append([]string{"boolean"}, c.args...)...)
			typ, err := common(e, 1)
			got := typeText(typ)
			var se *sparkerr.Error
			if errors.As(err, &se) {
				got = se.Params["dataType"]
			} else if e.Args[0].Type != types.Boolean || e.Args[1].Type.String() != got {
				t.Errorf("%s: the arguments have types %s", c.function, coerce.Types(e.Args))
			}
			if want := []string{c.same, c.bare}[i]; got != want {
				t.Errorf("%s(%v) has type %s, want %s", c.function, c.args, got, want)
			}
		}
	}
}

func TestConcatenationTypes(t *testing.T) {
	for _, c := range []struct {
		args []string
		want string
	}{
		{nil, "string"}, {[]string{"binary", "binary"}, "binary"}, {[]string{"binary", "string"}, "string"}, {[]string{"array<int>", "array<bigint>"}, "array<bigint>"},
		{[]string{"array<int>", "array<boolean>"}, "!DATA_DIFF_TYPES"}, {[]string{"array<int>", "int"}, "!DATA_DIFF_TYPES"}, {[]string{"map<int,int>"}, "!UNEXPECTED_INPUT_TYPE"}, {[]string{"int", "date"}, "string"},
	} {
		e := callOf(t, "concat", c.args...)
		if got := answer(e, coerce.Concat(e)); got != c.want {
			t.Errorf("concat(%v) is %s, want %s", c.args, got, c.want)
		}
	}
}
