package function_test

import (
	"strings"
	"testing"

	"github.com/streamctl/streamctl/internal/datetime"
	"github.com/streamctl/streamctl/internal/sql/analyze"
	"github.com/streamctl/streamctl/internal/sql/eval"
	"github.com/streamctl/streamctl/internal/sql/expr"
	"github.com/streamctl/streamctl/internal/sql/parse"
	"github.com/streamctl/streamctl/internal/valuetext"
)

// resolve parses and types an expression without columns.
func resolve(t *testing.T, text string) *expr.Expr {
	t.Helper()
	tree, perr := parse.Expression(text)
	if perr != nil {
		t.Fatalf("%s: %v", text, perr)
	}
	x, err := analyze.Expression(tree, analyze.Scope{}, &expr.Origin{Text: text})
	if err != nil {
		t.Fatalf("%s: %v", text, err)
	}
	return x
}

// show returns the value of an expression as show prints it, or its error.
func show(t *testing.T, text string) string {
	t.Helper()
	v, err := eval.Constant(resolve(t, text), &expr.Context{Zone: datetime.UTC})
	if err != nil {
		return err.Error()
	}
	return string(valuetext.AppendValue(nil, v, 0, valuetext.Options{Zone: datetime.UTC, Show: true}))
}

func TestStringFunctionsMatchSpark(t *testing.T) {
	for _, c := range [][2]string{
		{`upper('ǆ ŉ ﬁ straße')`, "Ǆ ʼN FI STRASSE"},
		{`lower('ΟΔΥΣΣΕΥΣ ΑΣ. İ')`, "οδυσσευς ας. i̇"},
		{`initcap('ß ﬁne o''neil-x')`, "Ss Fine O'neil-x"},
		{`substring('hello', -10, 6)`, "h"},
		{`substring('hello', 0, 2)`, "he"},
		{`substring('日本語', -2)`, "本語"},
		{`hex(substring(X'010203', -2, 1))`, "02"},
		{`right('日本語', 2)`, "本語"},
		{`hex(lpad(X'AABB', 4))`, "0000AABB"},
		{`rpad('日', 3, 'ab')`, "日ab"},
		{`rtrim('é', 'aéé')`, "a"},
		{`locate('', 'abc', 3)`, "1"},
		{`substring_index('a.b.c', '.', -2)`, "b.c"},
		{`substring_index('aaaa', 'aa', 2)`, "a"},
		{`split_part('a,b', ',', -1)`, "b"},
		{`concat_ws(',', array('a', NULL), NULL, 'b')`, "a,b"},
		{`overlay('Spark SQL', 'ANSI ', 7, 0)`, "Spark ANSI SQL"},
		{`translate('abcabc', 'aba', 'xyz')`, "xycxyc"},
		{`reverse('日本')`, "本日"},
		{`regexp_replace('abcd', '(b)(c)', '[$2$1\\$]')`, "a[cb$]d"},
		{`regexp_replace('abc', '(?<x>b)', '<${x}>')`, "a<b>c"},
		{`regexp_extract('foobar', '(?<=foo)(bar)')`, "bar"},
		{`split('a1b22c', '[0-9]+', 2)`, "[a, b22c]"},
		{`split('ab', '')`, "[a, b]"},
		{`regexp_count('aXbXc', '(?i)x')`, "2"},
		{`regexp_instr('日本x', 'x')`, "3"},
		{`format_string('%08.3f|%-5d|%+,d|%x|%o|%c|%b|%S', -3.14159D, 42, 1234567, 255, 8, 65, true, 'ab')`,
			"-003.142|42   |+1,234,567|ff|10|A|true|AB"},
		{`format_string('%.2f %.0f %e %g', 0.125D, 0.5D, 1234.5D, 0.0001D)`, "0.13 1 1.234500e+03 0.000100000"},
		{`format_number(-1234567.891, 2)`, "-1,234,567.89"},
		{`format_number(0.25, '#%')`, "25%"},
		{`format_number(1234.5, '$#,##0.00;($#,##0.00)')`, "$1,234.50"},
		{`format_number(12345, '0.##E0')`, "1.23E4"},
		{`to_char(12454.8, '99,999.9S')`, "12,454.8+"},
		{`to_char(1234, '99')`, "##"},
		{`to_char(-1, 'S999')`, "  -1"},
		{`to_number('<1,234.5>', '9,999.9PR')`, "-1234.5"},
		{`try_to_number('1,23', '9,999')`, "123"},
		{`mask('aB1-', NULL, '*', '#', '?')`, "*B#?"},
		{`quote('it''s')`, `'it\'s'`},
		{`conv('-10', 16, -10)`, "-16"},
		{`conv('-1', 10, 16)`, "FFFFFFFFFFFFFFFF"},
		{`round(-1.5)`, "-2"},
		{`round(1e-5D, 4)`, "0.0"},
		{`round(9.995D, 2)`, "10.0"},
		{`width_bucket(5.0, 10, 0, 5)`, "3"},
		{`parse_url('http://a.b/c?x=1&y=2#f', 'QUERY', 'y')`, "2"},
		{`parse_url('mailto:a@b.c', 'PROTOCOL')`, "mailto"},
		{`url_decode('a%2Bb+c')`, "a+b c"},
		{`decode(X'FEFF0061', 'utf-16')`, "a"},
		{`make_valid_utf8(X'61E28261')`, "a\uFFFDa"},
		{`try_to_binary('xyz')`, "NULL"},
		{`sentences('Mr. Smith went. He paid 1,000.50 (cash). Ok?')`, "[[Mr], [Smith, went], [He, paid, 1,000.50, cash], [Ok]]"},
		{`soundex('Tymczak')`, "T522"},
		{`typeof(1 / 0)`, "double"},
	} {
		if got := show(t, c[0]); got != c[1] {
			t.Errorf("%s: got %q, want %q", c[0], got, c[1])
		}
	}
}

func TestNamesOfUnaliasedCallsMatchSpark(t *testing.T) {
	for _, c := range [][2]string{
		{`ucase('a')`, "ucase(a)"},
		{`char_length('a')`, "char_length(a)"},
		{`substr('abc', 2)`, "substr(abc, 2, 2147483647)"},
		{`lpad('a', 3)`, "lpad(a, 3,  )"},
		{`trim(BOTH 'x' FROM 'axx')`, "TRIM(BOTH x FROM axx)"},
		{`btrim('a', 'b')`, "btrim(a, b)"},
		{`overlay('abc' PLACING 'x' FROM 2)`, "overlay(abc, x, 2, -1)"},
		{`position('a', 'b')`, "position(a, b, 1)"},
		{`split('a', ',')`, "split(a, ,, -1)"},
		{`regexp_instr('a', 'b')`, "regexp_instr(a, b, 0)"},
		{`sqrt(4)`, "SQRT(4)"},
		{`ln(1)`, "ln(1)"},
		{`log(2, 8)`, "LOG(2, 8)"},
		{`pow(2, 3)`, "pow(2, 3)"},
		{`power(2, 3)`, "POWER(2, 3)"},
		{`sign(1)`, "sign(1)"},
		{`ceil(1.5)`, "CEIL(1.5)"},
		{`ceiling(1.5)`, "ceiling(1.5)"},
		{`ceil(1.55, 1)`, "ceil(1.55, 1)"},
		{`round(1.5)`, "round(1.5, 0)"},
		{`e()`, "E()"},
		{`random()`, "rand()"},
		{`to_varchar(454, '999')`, "to_char(454, 999)"},
		{`raise_error('x')`, "raise_error(USER_RAISED_EXCEPTION, map(errorMessage, x))"},
		{`assert_true(0 < 1)`, "assert_true((0 < 1), '(0 < 1)' is not true!)"},
		{`sentences('a')`, "sentences(a, , )"},
		{`mask('a')`, "mask(a, X, x, n, NULL)"},
		{`spark_partition_id()`, "SPARK_PARTITION_ID()"},
		{`current_database()`, "current_schema()"},
	} {
		if got := resolve(t, c[0]).SQL(); got != c[1] {
			t.Errorf("%s prints as %s, want %s", c[0], got, c[1])
		}
	}
}

func TestRandomValuesRepeatWithTheBatch(t *testing.T) {
	draw := func(text string, batch int64, partition int) string {
		v, err := eval.Constant(resolve(t, text), &expr.Context{Zone: datetime.UTC, BatchID: batch, Partition: partition})
		if err != nil {
			t.Fatal(err)
		}
		return string(valuetext.AppendValue(nil, v, 0, valuetext.Options{Zone: datetime.UTC}))
	}
	for _, text := range []string{"rand()", "uuid()", "randstr(8)", "randn()"} {
		if first, again := draw(text, 1, 0), draw(text, 1, 0); first != again {
			t.Errorf("%s differs when the batch runs again", text)
		}
		if draw(text, 1, 0) == draw(text, 2, 0) || draw(text, 1, 0) == draw(text, 1, 1) {
			t.Errorf("%s is the same in another batch or partition", text)
		}
	}
	if got := draw("rand(42)", 7, 0); got != "0.619189370225301" {
		t.Errorf("rand(42) is %s", got)
	}
	if draw("concat(rand(), rand())", 0, 0)[:8] == draw("concat(rand(), rand())", 0, 0)[9:17] {
		t.Error("two calls of rand() give the same")
	}
}

func TestStringsAreBounded(t *testing.T) {
	for _, text := range []string{
		"repeat('ab', 2147483647)", "space(2147483647)", "lpad('a', 2147483647)", "rpad(X'61', 2147483647, X'00')",
		"format_string('%2147483647d', 1)", "format_string('%.2147483647f', 1D)", "format_number(1.5, 2147483647)",
	} {
		if _, err := rowsOf(t, text); err == nil || !strings.Contains(err.Error(), "too long") {
			t.Errorf("%s: %v", text, err)
		}
	}
	if cells, err := rowsOf(t, "lpad('a', 2147483647, '')"); err != nil || cells[0] != "a" {
		t.Errorf("without filling: %q, %v", cells, err)
	}
}
