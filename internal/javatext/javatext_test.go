package javatext_test

import (
	"math"
	"slices"
	"strings"
	"testing"

	"github.com/streamctl/streamctl/internal/decimal"
	"github.com/streamctl/streamctl/internal/javatext"
	"github.com/streamctl/streamctl/internal/sparkerr"
)

// arguments are arguments of a format: int, int64, float64, bool, string, or nil for NULL.
type arguments []any

func (a arguments) Count() int { return len(a) }

func (a arguments) Argument(k int) javatext.Argument {
	switch x := a[k-1].(type) {
	case int:
		return javatext.Argument{Class: "java.lang.Integer", Bits: 32, Integer: int64(x)}
	case int64:
		return javatext.Argument{Class: "java.lang.Long", Bits: 64, Integer: x}
	case float64:
		return javatext.Argument{Class: "java.lang.Double", Floating: true, Float: x}
	case bool:
		return javatext.Argument{Class: "java.lang.Boolean", False: !x}
	case nil:
		return javatext.Argument{Null: true}
	}
	return javatext.Argument{Class: "org.apache.spark.unsafe.types.UTF8String"}
}

func (a arguments) Text(k int) string {
	s, _ := a[k-1].(string)
	return s
}

func (a arguments) Hash(int) uint32          { return 0xBEEF }
func (a arguments) Upper(s string) string    { return strings.ToUpper(s) }
func (a arguments) Reserve([]byte, int, int) {}

// The results are those of Spark 4.3.0 on Java 17.
func TestFormatsMatchJava(t *testing.T) {
	for _, c := range []struct {
		format string
		args   arguments
		want   string
	}{
		{"%08.3f|%-5d|%+,d|%x|%o|%c|%b|%S", arguments{-3.14159, 42, 1234567, 255, 8, 65, true, "ab"}, "-003.142|42   |+1,234,567|ff|10|A|true|AB"},
		{"%(,.2f|%#x|% d|%2$s|%<s|%4$s", arguments{1.5, -255, 7, "1.5"}, "1.50|0xffffff01| 7|||1.5"},
		{"%(,.2f", arguments{-1234.5}, "(1,234.50)"},
		{"%e|%g|%a", arguments{12345.678, 0.00001234, 1.0}, "1.234568e+04|1.23400e-05|0x1.0p0"},
		{"%h|%10s|%-10s|%.2s", arguments{"hi", "abc", "abc", "abc"}, "beef|       abc|abc       |ab"},
		{"%x|%X", arguments{int64(-1), 255}, "ffffffffffffffff|FF"},
		{"%s|%b|%d", arguments{nil, nil, nil}, "null|false|null"},
		{"%f|%010f|%e", arguments{math.NaN(), math.Inf(-1), math.Inf(1)}, "NaN| -Infinity|Infinity"},
		{"%.1f %.0f %.2f", arguments{0.25, 0.5, 0.125}, "0.3 1 0.13"}, // half up
		{"%3s|%3s", arguments{"日", "😀"}, "  日| 😀"},                    // widths count UTF-16 units
		{"100%%|%n", nil, "100%|\n"},
		{"", nil, ""},
	} {
		if got, err := javatext.Format([]byte("> "), []byte(c.format), c.args); string(got) != "> "+c.want || err != nil {
			t.Errorf("%s of %v: %q, %v; want %q", c.format, c.args, got, err, c.want)
		}
	}
}

func TestInvalidFormatsFailLikeJava(t *testing.T) {
	for _, c := range []struct {
		format string
		args   arguments
		want   string
	}{
		{"%y", nil, "Conversion = 'y'"},
		{"%", nil, "Conversion = '%'"},
		{"%d", nil, "Format specifier '%d'"},
		{"%2$d", arguments{1}, "Format specifier '%2$d'"},
		{"%-d", arguments{1}, "%-d"},
		{"%.2d", arguments{1}, "2"},
		{"%d", arguments{"a"}, "d != org.apache.spark.unsafe.types.UTF8String"},
		{"%f", arguments{1}, "f != java.lang.Integer"},
		{"%c", arguments{int64(65)}, "c != java.lang.Long"},
	} {
		if _, err := javatext.Format(nil, []byte(c.format), c.args); err == nil || err.Error() != c.want {
			t.Errorf("%s: %v, want %s", c.format, err, c.want)
		}
	}
}

func TestShownYieldsArgumentsAndConversions(t *testing.T) {
	var got []string
	for k, c := range javatext.Shown([]byte("%s %% %3$H %<d%n %S %y %s")) {
		got = append(got, strings.Repeat("*", k)+string(c))
	}
	if want := []string{"*s", "***h", "***d", "**s"}; !slices.Equal(got, want) {
		t.Errorf("%q, want %q", got, want)
	}
}

func TestDecimalFormatsMatchJava(t *testing.T) {
	for _, c := range []struct {
		pattern string
		x       float64
		want    string
	}{
		{"#,##0.0000", 12332.123456, "12,332.1235"},
		{"##,##0.0#", 1234567.891, "1,234,567.89"},
		{"0.##E0", 0.000123, "1.23E-4"},
		{"#.#%", 0.256, "25.6%"},
		{"0‰", 0.0125, "12‰"},
		{"#,##0.00", math.NaN(), "NaN"},
		{"#,##0.00", math.Inf(-1), "-∞"},
		{"#", 2.5, "2"}, // half to even
		{"0.0;(0.0)", -5, "(5.0)"},
		{"#,##0.00", 1e20, "100,000,000,000,000,000,000.00"},
		{"'#'0 ''x", 7, "#7 'x"},
		{"¤#,##0.00", 1234.5, "$1,234.50"},
		{"", 1234.5, "1234"},
	} {
		if got := string(javatext.ParseDecimalFormat(c.pattern).AppendDouble([]byte("="), c.x)); got != "="+c.want {
			t.Errorf("%s of %v: %s, want %s", c.pattern, c.x, got[1:], c.want)
		}
	}
}

func TestDecimalFormatsKeepAllDigitsOfDecimals(t *testing.T) {
	v, scale, err := decimal.Parse([]byte("-12345678901234567890.125"))
	if err != nil {
		t.Fatal(err)
	}
	f := javatext.ParseDecimalFormat("#,##0")
	if got, want := string(f.WithPlaces(2).AppendDecimal(nil, v, scale)), "-12,345,678,901,234,567,890.12"; got != want {
		t.Errorf("%s, want %s", got, want)
	}
	if got, want := string(f.AppendInteger(nil, math.MinInt64)), "-9,223,372,036,854,775,808"; got != want {
		t.Errorf("%s, want %s", got, want)
	}
	if got := len(f.WithPlaces(1000).AppendInteger(nil, 1)); got != len("1.")+340 {
		t.Errorf("%d characters, want %d", got, len("1.")+340)
	}
}

func TestNumberFormatsFormatAndParse(t *testing.T) {
	for _, c := range []struct{ format, number, text string }{
		{"S99.9", "-12.5", "-12.5"},
		{"999.9PR", "-12.5", " <12.5>"},
		{"$9.99", "0.5", "$0.50"},
		{"0,999.9MI", "1234.5", "1,234.5 "},
		{"99,999.9S", "12454.8", "12,454.8+"},
		{"S999", "-1", "  -1"},
		{"99", "1234", "##"},
	} {
		f, err := javatext.ParseNumberFormat(c.format)
		if err != nil {
			t.Fatal(err)
		}
		v, scale, err := decimal.Parse([]byte(c.number))
		if err != nil {
			t.Fatal(err)
		}
		if got := f.Format(v, scale); got != c.text {
			t.Errorf("%s of %s: %q, want %q", c.format, c.number, got, c.text)
		}
	}
	for _, c := range []struct{ format, text, want string }{
		{"9,999.9PR", "<1,234.5>", "-1234.5"},
		{"9,999", "1,23", "123"},
		{"$99.99", "$78.12", "78.12"},
		{"999", "abc", ""},
		{"99", "123", ""},
		{"0999", "123", ""}, // a leading 0 requires all digits
		{"9.9", "1.25", ""},
	} {
		f, err := javatext.ParseNumberFormat(c.format)
		if err != nil {
			t.Fatal(err)
		}
		v, ok := f.Parse([]byte(c.text))
		if got := string(decimal.Append(nil, v, f.Scale)); ok != (c.want != "") || ok && got != c.want {
			t.Errorf("%s in %s: %s, %t; want %q", c.text, c.format, got, ok, c.want)
		}
	}
}

func TestInvalidNumberFormatsAreRefused(t *testing.T) {
	for format, want := range map[string]string{
		"": "EMPTY", "S": "WRONG_NUM_DIGIT", "99$": "CUR_MUST_BEFORE_DIGIT", ".$9": "CUR_MUST_BEFORE_DEC", "9.9,9": "THOUSANDS_SEPS_MUST_BEFORE_DEC",
		"9,,9": "CONT_THOUSANDS_SEPS", "9.9.9": "WRONG_NUM_TOKEN", "9X9": "UNEXPECTED_TOKEN",
	} {
		_, err := javatext.ParseNumberFormat(format)
		if e := sparkerr.Root(err); e == nil || e.Condition != "INVALID_FORMAT."+want {
			t.Errorf("%q: %v, want INVALID_FORMAT.%s", format, err, want)
		}
	}
}
