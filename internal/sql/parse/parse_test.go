package parse

import (
	"fmt"
	"strings"
	"testing"

	"github.com/streamctl/streamctl/internal/sparkerr"
	"github.com/streamctl/streamctl/internal/sql/ast"
)

// sexp formats a tree as an s-expression.
func sexp(e ast.Expr) string {
	switch e := e.(type) {
	case nil:
		return "nil"
	case *ast.Literal:
		return []string{"", "", "s:", "x:", "", "d:", "e:", "t:"}[e.Kind] + e.Text + e.Suffix
	case *ast.IntervalLit:
		parts := []string{"interval", e.Text}
		for _, p := range e.Parts {
			parts = append(parts, sexp(p.Value), p.From, p.To)
		}
		return "(" + strings.Join(strings.Fields(strings.Join(parts, " ")), " ") + ")"
	case *ast.Subquery:
		switch {
		case e.Exists:
			return "(subquery exists " + query(e.Query) + ")"
		case e.X != nil:
			return "(subquery " + not(e.Not) + sexp(e.X) + " in " + query(e.Query) + ")"
		}
		return "(subquery " + query(e.Query) + ")"
	case *ast.Name:
		return strings.Join(e.Parts, ".")
	case *ast.Star:
		return strings.Join(append(e.Target, "*"), ".") + except(e)
	case *ast.Call:
		return list(call(e), e.Args...)
	case *ast.Unary:
		return list(e.Op, e.X)
	case *ast.Binary:
		return list(e.Op, e.L, e.R)
	case *ast.Between:
		return list(not(e.Not)+"between", e.X, e.Lo, e.Hi)
	case *ast.In:
		return list(not(e.Not)+"in", append([]ast.Expr{e.X}, e.List...)...)
	case *ast.Like:
		return list(not(e.Not)+e.Op+e.Quantifier+e.Escape, append([]ast.Expr{e.X}, e.Patterns...)...)
	case *ast.Is:
		if e.Y != nil {
			return list(not(e.Not)+"is "+e.What, e.X, e.Y)
		}
		return list(not(e.Not)+"is "+e.What, e.X)
	case *ast.Case:
		args := []ast.Expr{e.Operand}
		for _, w := range e.Whens {
			args = append(args, w.Cond, w.Then)
		}
		return list("case", append(args, e.Else)...)
	case *ast.Cast:
		return list(fmt.Sprintf("cast %v %s", e.Try, e.Type), e.X)
	case *ast.Subscript:
		return list("at", e.X, e.Index)
	case *ast.Field:
		return list("field "+e.Name, e.X)
	case *ast.Extract:
		return list("extract "+e.Path, e.X)
	case *ast.Lambda:
		return list("lambda "+strings.Join(e.Params, ","), e.Body)
	case *ast.Alias:
		return list("as "+strings.Join(e.Names, ","), e.X)
	case *ast.Tuple:
		return list("tuple", e.Items...)
	case *ast.Parameter:
		return ":" + e.Name
	}
	return "?"
}

func list(head string, args ...ast.Expr) string {
	for _, a := range args {
		head += " " + sexp(a)
	}
	return "(" + head + ")"
}

func not(not bool) string {
	if not {
		return "not "
	}
	return ""
}

func except(s *ast.Star) string {
	text := ""
	for _, e := range s.Except {
		text += " -" + strings.Join(e, ".")
	}
	return text
}

func call(c *ast.Call) string {
	head := strings.Join(c.Name, ".") + "()"
	if c.Named != nil {
		head += "[" + strings.Join(c.Named, ",") + "]"
	}
	if c.Distinct {
		head += " distinct"
	}
	if c.Filter != nil {
		head += " filter " + sexp(c.Filter)
	}
	for _, o := range c.Within {
		head += fmt.Sprintf(" within %s %v", sexp(o.X), o.Desc)
	}
	if c.IgnoreNulls {
		head += " ignore nulls"
	}
	if c.Over {
		head += " over"
	}
	return head
}

func TestExpressionMakesTheTree(t *testing.T) {
	for _, c := range []struct{ text, want string }{
		// precedence
		{"1 + 2 * 3 - 4", "(- (+ 1 (* 2 3)) 4)"},
		{"a || b + c", "(+ (|| a b) c)"},
		{"a | b ^ c & d << e + f", "(| a (^ b (& c (<< d (+ e f)))))"},
		{"a >> b >>> c", "(>>> (>> a b) c)"},
		{"1 = 1 = true", "(= (= 1 1) true)"},
		{"a == b <=> c <> d != e", "(!= (<> (<=> (== a b) c) d) e)"},
		{"a !> b and c !< d", "(AND (<= a b) (>= c d))"},
		{"not true = false", "(NOT (= true false))"},
		{"!a and not b or c", "(OR (AND (NOT a) (NOT b)) c)"},
		{"a or b and c or d", "(OR (OR a (AND b c)) d)"},
		{"-a * b", "(* (- a) b)"},
		{"- -1", "(- -1)"},
		{"-1", "-1"}, {"- 1.5", "d:-1.5"}, {"-(2)", "(- 2)"}, {"+1", "(+ 1)"}, {"2 -1", "(- 2 1)"}, {"~-1", "(~ -1)"},
		{"-1::string", "(cast false string -1)"}, {"-x::int", "(- (cast false int x))"},
		{"7 div 2 % 3", "(% (DIV 7 2) 3)"},
		// literals
		{"9223372036854775808", "d:9223372036854775808"}, {"-9223372036854775808L", "-9223372036854775808L"},
		{"1.50BD", "d:1.50BD"}, {"1e3", "e:1e3"}, {"1D", "e:1D"}, {"2F", "e:2F"},
		{"'a' \"b\" r'\\c'", `s:ab\c`}, {"X'1F'", "x:\x1f"}, {"x'F'", "x:\x0f"}, {"NULL", "null"},
		{"DATE'2024-01-01'", "t:2024-01-01DATE"}, {"timestamp 'today UTC'", "t:today UTCTIMESTAMP"},
		{"interval 1 day 2.5 hours -'3' minutes", "(interval 1 DAY d:2.5 HOUR s:-3 MINUTE)"},
		{"interval '1 2:3:4.5' day to second", "(interval s:1 2:3:4.5 DAY SECOND)"},
		{"interval '1 day 2 hours'", "(interval 1 day 2 hours)"},
		{"interval", "interval"}, {"interval day", "(as day interval)"}, {"interval + 1", "(+ interval 1)"},
		{"current_date", "current_date"}, {":p + ?", "(+ :p :_5)"},
		// predicates
		{"a not between 1 and 2 and b", "(AND (not between a 1 2) b)"},
		{"a in (1, 2) or b not in ('x')", "(OR (in a 1 2) (not in b s:x))"},
		{"a like 'x%' escape '#'", "(LIKE# a s:x%)"}, {"a not ilike b || 'c'", "(not ILIKE a (|| b s:c))"},
		{"a regexp 'x'", "(RLIKE a s:x)"}, {"a rlike b = c", "(RLIKE a (= b c))"},
		{"a like any ('x', 'y')", "(LIKEANY a s:x s:y)"}, {"a not like some ('x')", "(not LIKEANY a s:x)"}, {"a ilike all ('x')", "(ILIKEALL a s:x)"},
		{"a is null", "(is NULL a)"}, {"a = b is not true", "(not is TRUE (= a b))"}, {"a is unknown", "(is UNKNOWN a)"},
		{"a is distinct from b + 1", "(is DISTINCT a (+ b 1))"}, {"a is not distinct from b", "(not is DISTINCT a b)"},
		// names, subscripts, fields, stars
		{"a.b.`c.d`", "a.b.c.d"}, {"(a).b", "a.b"}, {"a[0].b[c]", "(at (field b (at a 0)) c)"}, {"struct(1).col1", "(field col1 (struct() 1))"},
		{"1.x", "(field x 1)"}, {"*", "*"}, {"t.* except (a, b.c)", "t.* -a -b.c"}, {"st.*", "st.*"},
		{"s collate utf8_lcase", "(collate() s s:utf8_lcase)"}, {"v:a[0]['b'].c", "(extract $.a[0]['b'].c v)"},
		{"identifier('a.b')", "a.b"}, {"identifier('upper')('x')", "(upper() s:x)"},
		// calls
		{"count(*)", "(count() *)"}, {"count(distinct a, b)", "(count() distinct a b)"}, {"count(all a)", "(count() a)"},
		{"f()", "(f())"}, {"a.b.f(1)", "(a.b.f() 1)"}, {"f(x, lo => 1, hi => 2)", "(f()[,lo,hi] x 1 2)"},
		{"sum(a) filter (where b > 1)", "(sum() filter (> b 1) a)"}, {"sum(a) filter", "(as filter (sum() a))"},
		{"first(a ignore nulls)", "(first() ignore nulls a)"}, {"last_value(a) ignore nulls", "(last_value() ignore nulls a)"},
		{"mode() within group (order by v desc nulls last)", "(mode() within v true)"},
		{"lag(x) over (partition by a, b order by c desc rows between 1 preceding and unbounded following)", "(lag() over x)"},
		{"f() over w", "(f() over)"}, {"f() over (w)", "(f() over)"}, {"f() over (range current row)", "(f() over)"},
		{"transform(a, x -> x + 1)", "(transform() a (lambda x (+ x 1)))"}, {"f((x, y) -> x > y)", "(f() (lambda x,y (> x y)))"},
		{"left(a, 1) + right(b, 2)", "(+ (left() a 1) (right() b 2))"}, {"struct(1 as a, b c)", "(struct() (as a 1) (as c b))"},
		// special forms
		{"cast(a as array<struct<x:int,y:varchar(3)>>)", "(cast false array<struct<x:int,y:string>> a)"},
		{"try_cast(a as decimal(5,2))", "(cast true decimal(5,2) a)"}, {"cast(1, 2)", "(cast() 1 2)"}, {"cast", "cast"},
		{"case when a then 1 when b then 2 else 3 end", "(case nil a 1 b 2 3)"}, {"case a when 1 then 2 end", "(case a 1 2 nil)"},
		{"case 'x' when 'y' then 'z' end", "(case s:x s:y s:z nil)"}, {"case + 1", "(+ case 1)"}, {"case", "case"},
		{"case when case = 1 then 2 end", "(case nil (= case 1) 2 nil)"},
		{"extract(day from t)", "(extract() s:day t)"}, {"extract(a, b)", "(extract() a b)"},
		{"substring(a from 2 for 3)", "(substring() a 2 3)"}, {"substr(a from 2)", "(substring() a 2)"}, {"substr(a, 2)", "(substr() a 2)"},
		{"trim(a)", "(trim() a)"}, {"trim('x' from a)", "(trim() s:x a)"}, {"trim(from a)", "(trim() a)"}, {"trim(both from a)", "(trim() a)"},
		{"trim(leading 'x' from a)", "(ltrim() s:x a)"}, {"trim(trailing (x) from a)", "(rtrim() x a)"}, {"trim(both)", "(trim() both)"}, {"trim(both, a)", "(trim() both a)"},
		{"position('a' in b)", "(locate() s:a b)"}, {"position('a', b)", "(position() s:a b)"}, {"position(a in (1), b)", ""},
		{"overlay(a placing b from 1 for 2)", "(overlay() a b 1 2)"}, {"overlay(a, b, 1)", "(overlay() a b 1)"},
		{"dateadd(month, 1, d)", "(timestampadd() s:MONTH 1 d)"}, {"dateadd(d, 1)", "(dateadd() d 1)"}, {"date_add(day, 1)", "(date_add() day 1)"},
		{"timestampdiff(hour, a, b)", "(timestampdiff() s:HOUR a b)"}, {"datediff(a, b)", "(datediff() a b)"},
		{"substring(not a, 1)", "(substring() (NOT a) 1)"}, {"trim(str => 'x')", "(trim()[str] s:x)"}, {"first(distinct a)", "(first() distinct a)"},
		{"position(a = b and c, 1)", "(position() (AND (= a b) c) 1)"},
		// aliases, words that are keywords elsewhere, tuples
		{"id foo", "(as foo id)"}, {"id as `a b`", "(as a b id)"}, {"1 as select", "(as select 1)"}, {"f(x) as (k, v)", "(as k,v (f() x))"}, {"f(x) (k)", "(as k (f() x))"},
		{"a and", "(as and a)"}, {"a like", "(as like a)"}, {"a is", "(as is a)"}, {"a as", "(as as a)"}, {"a in", "(as in a)"},
		{"select + from * where", "(+ select (* from where))"}, {"and and and", "(AND and and)"},
		{"(1, 'a')", "(tuple 1 s:a)"}, {"(a x, b)", "(tuple (as x a) b)"}, {"((a))", "a"},
		{"1 /* c */ + -- d\n 2;", "(+ 1 2)"},
	} {
		e, err := Expression(c.text)
		switch {
		case c.want == "":
			if err == nil {
				t.Errorf("%s: parses as %s", c.text, sexp(e))
			}
		case err != nil:
			t.Errorf("%s: %v", c.text, err)
		case sexp(e) != c.want:
			t.Errorf("%s\n got %s\nwant %s", c.text, sexp(e), c.want)
		}
	}
}

func TestErrorsMarkThePosition(t *testing.T) {
	for _, c := range []struct{ text, condition, fragment string }{
		{"1 as a-b", "INVALID_IDENTIFIER", "a-b"}, {"é + 1", "INVALID_IDENTIFIER", "é"}, {"s://a/b", "INVALID_IDENTIFIER", "s://a/b"},
		{"foo 'x'", "UNSUPPORTED_TYPED_LITERAL", "foo 'x'"}, {"X'GG'", "INVALID_TYPED_LITERAL", "X'GG'"}, {"date'today x/y'", "INVALID_TYPED_LITERAL", "date'today x/y'"}, {"date'now UTC'", "INVALID_TYPED_LITERAL", "date'now UTC'"},
		{"a + 300Y", "INVALID_NUMERIC_LITERAL_RANGE", "300Y"}, {"3.4028235E38F", "INVALID_NUMERIC_LITERAL_RANGE", "3.4028235E38F"}, {"1e309", "INVALID_NUMERIC_LITERAL_RANGE", "1e309"},
		{"123456789012345678901234567890123456789", "DECIMAL_PRECISION_EXCEEDS_MAX_PRECISION", "123456789012345678901234567890123456789"},
		{"1e999999999999BD", "DECIMAL_PRECISION_EXCEEDS_MAX_PRECISION", "1e999999999999BD"},
		{"interval 1 day 1 month", "_LEGACY_ERROR_TEMP_0029", "interval 1 day 1 month"},
		{"interval 1 year to month", "_LEGACY_ERROR_TEMP_0027", "interval 1 year to month"},
		{"interval '1' year to day", "_LEGACY_ERROR_TEMP_0028", "interval '1' year to day"},
		{"interval '1' day to hour 1 hour", "_LEGACY_ERROR_TEMP_0024", "interval '1' day to hour 1 hour"},
		{"interval 'x' day 1 hour", "_LEGACY_ERROR_TEMP_0026", "interval 'x' day 1 hour"},
		{"a like 'x' escape '##'", "INVALID_ESC", "'##'"}, {"a ! in (1)", "SYNTAX_DISCONTINUED.BANG_EQUALS_NOT", "! in"},
		{"dateadd('month', 1, d)", "INVALID_PARAMETER_VALUE.DATETIME_UNIT", "dateadd('month', 1, d)"},
		{"a::foo", "UNSUPPORTED_DATATYPE", "foo"}, {"cast(a as decimal(2,3))", "DECIMAL_SCALE_EXCEEDS_PRECISION", "decimal(2,3)"},
		{"array(1) >> 2", "PARSE_SYNTAX_ERROR", ">"}, {"f(a b)", "PARSE_SYNTAX_ERROR", "b"}, {"(a b)", "PARSE_SYNTAX_ERROR", ")"}, {"case a end", "PARSE_SYNTAX_ERROR", "end"},
		{"/* open", "UNCLOSED_BRACKETED_COMMENT", "/* open"}, {"a[1", "PARSE_SYNTAX_ERROR", ""},
	} {
		_, err := Expression(c.text)
		if err == nil {
			t.Errorf("%s: no error", c.text)
			continue
		}
		if f := err.Fragment; err.Condition != c.condition || f.Text[f.Start:f.End] != c.fragment {
			t.Errorf("%s: %v at %q", c.text, err, f.Text[f.Start:f.End])
		}
	}
}

func TestNestingIsBounded(t *testing.T) {
	const n = 30_000
	for name, text := range map[string]string{
		"parentheses": strings.Repeat("(", n) + "1" + strings.Repeat(")", n),
		"minus":       strings.Repeat("- ", n) + "a",
		"not":         strings.Repeat("not ", n) + "a",
		"calls":       strings.Repeat("f(", n) + "1" + strings.Repeat(")", n),
		"trim":        strings.Repeat("trim(", n) + "1" + strings.Repeat(")", n),
		"position":    strings.Repeat("position(", n) + "1" + strings.Repeat(" in a)", n),
		"case":        strings.Repeat("case a when ", n) + "1",
		"operands":    strings.Repeat("case (", n) + "1" + strings.Repeat(") when 1 then 1 end", n),
		"conditions":  strings.Repeat("case when ", n) + "a" + strings.Repeat(" then 1 end", n),
		"lambda":      strings.Repeat("x -> ", n) + "1",
		"struct":      strings.Repeat("struct(", n) + "1",
		"brackets":    strings.Repeat("a[", n) + "1",
		"types":       "cast(a as " + strings.Repeat("array<", n) + "int",
		"interval":    strings.Repeat("cast(", n) + "1",
		"sum":         "1" + strings.Repeat(" + 1", n),
		"or":          "a" + strings.Repeat(" or a", n),
		"fields":      "f(1)" + strings.Repeat(".a", n),
		"subscripts":  "a" + strings.Repeat("[1]", n),
		"casts":       "a" + strings.Repeat("::int", n),
	} {
		if _, err := Expression(text); err == nil || err.Condition != "FAILED_TO_PARSE_TOO_COMPLEX" {
			t.Errorf("%s: %v", name, err)
		}
	}
	if _, err := Expression("a in (1" + strings.Repeat(", 1", n) + ")"); err != nil {
		t.Errorf("a long list: %v", err)
	}
}

func TestSelectItems(t *testing.T) {
	items, err := SelectItems("a, b + 1 as c, concat(a, ',') d, *")
	if err != nil {
		t.Fatal(err)
	}
	want := "(items a (as c (+ b 1)) (as d (concat() a s:,)) *)"
	if got := list("items", items...); got != want {
		t.Errorf("got %s", got)
	}
	if _, err := SelectItems("a,"); err == nil {
		t.Error("a trailing comma parses")
	}
}

func TestOrderItem(t *testing.T) {
	for text, want := range map[string]struct {
		desc  bool
		nulls string
	}{
		"a": {}, "a + 1 DESC": {desc: true}, "a asc nulls last": {nulls: "last"}, "a DESC\nNULLS  FIRST": {true, "first"}, "nulls DESC": {desc: true},
	} {
		o, err := OrderItem(text)
		if err != nil {
			t.Errorf("%s: %v", text, err)
			continue
		}
		nulls := ""
		if o.NullsFirst != nil {
			nulls = map[bool]string{true: "first", false: "last"}[*o.NullsFirst]
		}
		if o.Desc != want.desc || nulls != want.nulls {
			t.Errorf("%s: descending %t, NULLs %s", text, o.Desc, nulls)
		}
	}
	for _, text := range []string{"a, b", "a NULLS", "a NULLS FIRST DESC", "a AS b DESC", ""} {
		if _, err := OrderItem(text); err == nil {
			t.Errorf("%q parses", text)
		}
	}
}

func FuzzParse(f *testing.F) {
	for i, c := range corpus(f) {
		if i%40 == 0 {
			f.Add(c.Expr)
		}
	}
	f.Fuzz(func(t *testing.T, text string) {
		e, err := Expression(text)
		checkSpans(t, text, []ast.Expr{e}, err)
		items, err := SelectItems(text)
		checkSpans(t, text, items, err)
	})
}

func checkSpans(t *testing.T, text string, list []ast.Expr, err *sparkerr.Error) {
	if err != nil {
		if p := err.Fragment; p == nil || p.Text == text && (p.Start < 0 || p.Start > p.End || p.End > len(text)) {
			t.Errorf("%q: error marks %+v", text, p)
		}
		return
	}
	for _, e := range list {
		walk(e, func(x ast.Expr) {
			if s := x.Pos(); s.Start < 0 || s.Start >= s.End || s.End > len(text) {
				t.Errorf("%q: %T spans %+v", text, x, s)
			}
		})
	}
}
