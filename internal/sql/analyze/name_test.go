package analyze_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/streamctl/streamctl/internal/sql/analyze"
	"github.com/streamctl/streamctl/internal/sql/expr"
	"github.com/streamctl/streamctl/internal/types"
)

// TestNamesOfUnaliasedItems checks the names of Spark 4.3 (toPrettySQL).
func TestNamesOfUnaliasedItems(t *testing.T) {
	st := types.StructOf(types.Field{Name: "b", Nullable: true, Type: types.StructOf(types.Field{Name: "c", Type: types.Int, Nullable: true})})
	scope := scopeOf([]types.Field{
		{Name: "a", Type: types.Int, Nullable: true}, {Name: "x", Type: types.Int}, {Name: "d", Type: types.Date},
		{Name: "s", Type: types.String}, {Name: "st", Type: st}, {Name: "m", Type: types.MapOf(types.String, types.Int, true)},
		{Name: "arr", Type: types.ArrayOf(st, true)},
	}, "t")
	for text, want := range map[string]string{
		"A": "A", "t.A": "A", "st.B.c": "c", "m['k']": "m[k]", "m.k": "k", "arr.b": "b", "arr[0].b.c": "arr[0].b.c",
		"'text'": "text", "1e3": "1000.0", "1.50": "1.50", "0.0000001": "1E-7", "X'1f'": "X'1F'", "DATE'2024-01-01'": "DATE '2024-01-01'", "NULL": "NULL",
		"a + 1": "(a + 1)", "a != 2": "(NOT (a = 2))", "a <> 2": "(NOT (a = 2))", "a == 2": "(a = 2)", "a <=> x": "(a <=> x)",
		"a IS NULL": "(a IS NULL)", "isnull(a)": "(a IS NULL)", "a IN (1, 2)": "(a IN (1, 2))", "a BETWEEN 0 AND 2": "between(a, 0, 2)",
		"s LIKE 'b%'": "s LIKE b%", "s RLIKE 'b'": "RLIKE(s, b)", "s ILIKE 'b'": "ilike(s, b)",
		"-1": "-1", "-a": "(- a)", "-(2)": "(- 2)", "~5": "~5", "s || a": "concat(s, a)", "a + '1'": "(a + 1)",
		"CAST(A AS STRING)": "A", "t.a::string": "a", "TRY_CAST(s AS INT)": "s", "int(2.7)": "2.7", "(a::string)": "a", "CAST(a + 1 AS STRING)": "CAST((a + 1) AS STRING)",
		"a::string::int": "CAST(CAST(a AS STRING) AS INT)", "st.b.c::string": "CAST(st.b.c AS STRING)", "upper(a::string)": "upper(CAST(a AS STRING))",
		"s LIKE ANY ('a', 'b')": "likeany(s)", "s NOT LIKE ALL ('a')": "notlikeall(s)", "s ILIKE ANY ('a')": "likeany(lower(s))",
		"s LIKE ANY ('a', NULL)": "(s LIKE a OR s LIKE NULL)", "s LIKE ALL (s, 'b')": "(s LIKE s AND s LIKE b)", "s NOT ILIKE 'a' ESCAPE '#'": "(NOT ilike(s, a))",
		"(a, x + 1, 'q')": "named_struct(a, a, col2, (x + 1), col3, q)", "(a AS q, x)": "named_struct(q, a AS q, x, x)",
		"CASE WHEN a > 1 THEN x ELSE a END": "CASE WHEN (a > 1) THEN x ELSE a END",
		"CASE 1 WHEN 1 THEN 'x' END":        "CASE WHEN (1 = 1) THEN x END", "if(a = 1, a, x)": "(IF((a = 1), a, x))",
		"round(a)": "round(a, 0)", "substring(s, 2)": "substring(s, 2, 2147483647)", "split(s, ',')": "split(s, ,, -1)",
		"lpad(s, 3)": "lpad(s, 3,  )", "regexp_replace(s, 'p', 'r')": "regexp_replace(s, p, r, 1)", "locate('l', s)": "locate(l, s, 1)",
		"from_unixtime(0)": "from_unixtime(0, yyyy-MM-dd HH:mm:ss)", "sqrt(a)": "SQRT(a)", "pi()": "PI()", "ln(a)": "ln(a)", "pow(a, 2)": "pow(a, 2)",
		"power(a, 2)": "POWER(a, 2)", "trim(BOTH 'x' FROM s)": "TRIM(BOTH x FROM s)", "sign(a)": "sign(a)", "ceil(1.5D)": "CEIL(1.5)",
		"d + 1": "date_add(d, 1)", "d + INTERVAL 2 HOURS": "d + INTERVAL '02' HOUR", "struct(1, 'x')": "struct(1, x)",
		"1 > 0.5": "(1 > 0)", "x > 1.5": "(x > 1)", "1 < 0.5": "(1 < 1)", "UPPER(s)": "upper(s)", "shiftleft(x, 1)": "shiftleft(x, 1)",
		"transform(arr, e -> e.b)": "transform(arr, lambdafunction(namedlambdavariable().b, namedlambdavariable()))",
	} {
		list, err := selectList([]string{text}, scope)
		switch {
		case err != nil && strings.Contains(err.Error(), "embedded engine"):
		case err != nil:
			t.Errorf("%s: %v", text, err)
		case list[0].Name != want:
			t.Errorf("%s is named %q, want %q", text, list[0].Name, want)
		}
	}
}

func TestSelectList(t *testing.T) {
	scope := scopeOf([]types.Field{{Name: "a", Type: types.Int}, {Name: "b", Type: types.Int}}, "t")
	for _, c := range []struct{ items, want string }{
		{"*", "a b"},
		{"t.*, a", "a b a"},
		{"* EXCEPT (B)", "a"},
		{"A, b AS c", "A c"},
		{"a + 1 AS p, p * 2 AS q, q + p", "p q (q + p)"},
		{"b AS a, a AS c", "a c"},
	} {
		list, err := selectList(strings.Split(c.items, ", "), scope)
		if err != nil {
			t.Errorf("%s: %v", c.items, err)
			continue
		}
		names := make([]string, len(list))
		for i, x := range list {
			names[i] = x.Name
		}
		if got := strings.Join(names, " "); got != c.want {
			t.Errorf("%s gives %s, want %s", c.items, got, c.want)
		}
	}
}

func TestHiddenColumns(t *testing.T) {
	scope := scopeOf([]types.Field{{Name: "a", Type: types.Int}}, "")
	below := scopeOf([]types.Field{{Name: "a", Type: types.String}, {Name: "h", Type: types.Int}}, "")
	scope.Qualifiers, scope.Hidden = nil, slices.Values([][]*expr.Expr{below.Columns})
	list, err := selectList([]string{"h", "a"}, analyze.Scope{Columns: scope.Columns, Hidden: scope.Hidden})
	if err != nil || list[0].ID != below.Columns[1].ID || list[1].ID != scope.Columns[0].ID {
		t.Errorf("got %v, %v", list, err)
	}
}

func TestErrors(t *testing.T) {
	scope := scopeOf([]types.Field{
		{Name: "age", Type: types.Int}, {Name: "name", Type: types.String}, {Name: "dup", Type: types.Int}, {Name: "DUP", Type: types.Int},
	}, "")
	for _, c := range []struct{ text, condition, fragment, hint string }{
		{"agee + 1", "UNRESOLVED_COLUMN.WITH_SUGGESTION", "agee", "did you mean age?"},
		{"1 + lowr(name)", "UNRESOLVED_ROUTINE", "lowr(name)", "did you mean lower?"},
		{"foo(nosuch)", "UNRESOLVED_ROUTINE", "foo(nosuch)", ""},
		{"dup", "AMBIGUOUS_REFERENCE", "dup", ""},
		{"name.x", "INVALID_EXTRACT_BASE_FIELD_TYPE", "name.x", ""},
		{"1 + (age = true)", "DATATYPE_MISMATCH.BINARY_OP_DIFF_TYPES", "age = true", ""},
		{"sum(age) + age", "MISSING_GROUP_BY", "sum(age)", "sum needs a groupBy step"},
		{"sum(sum(age))", "NESTED_AGGREGATE_FUNCTION", "sum(age)", ""},
		{"row_number() OVER (ORDER BY age)", "NON_TIME_WINDOW_NOT_SUPPORTED_IN_STREAMING", "row_number() OVER (ORDER BY age)", ""},
		{"CAST(age AS DATE)", "DATATYPE_MISMATCH.CAST_WITH_FUNC_SUGGESTION", "CAST(age AS DATE)", ""},
	} {
		_, err := selectList([]string{c.text}, scope)
		e := asError(err)
		if e == nil {
			t.Errorf("%s: %v", c.text, err)
			continue
		}
		fragment := c.text[e.Fragment.Start:e.Fragment.End]
		if e.Condition != c.condition || fragment != c.fragment || e.Hint != c.hint {
			t.Errorf("%s: %s at %q, hint %q", c.text, e.Condition, fragment, e.Hint)
		}
	}
}

func TestTypesThatKeepDoublingAreRefused(t *testing.T) {
	scope := scopeOf([]types.Field{{Name: "v", Type: types.Int}}, "t")
	for range 60 {
		list, err := selectList([]string{"struct(v AS a, v AS b) AS v"}, scope)
		if err != nil {
			if !strings.Contains(err.Error(), "more than 100000 parts") {
				t.Error(err)
			}
			return
		}
		scope = scopeOf([]types.Field{{Name: "v", Type: list[0].Type}}, "t")
	}
	t.Error("60 steps are accepted")
}
