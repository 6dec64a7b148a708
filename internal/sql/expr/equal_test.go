package expr_test

import (
	"strings"
	"testing"

	"github.com/streamctl/streamctl/internal/datetime"
	"github.com/streamctl/streamctl/internal/sql/analyze"
	"github.com/streamctl/streamctl/internal/sql/eval"
	"github.com/streamctl/streamctl/internal/sql/expr"
	"github.com/streamctl/streamctl/internal/sql/parse"
	"github.com/streamctl/streamctl/internal/types"
)

func TestEqual(t *testing.T) {
	scope := analyze.Scope{}
	for _, name := range []string{"a", "b", "s"} {
		typ := types.Int
		if name == "s" {
			typ = types.String
		}
		scope.Columns = append(scope.Columns, &expr.Expr{Kind: expr.Column, ID: expr.NewID(), Name: name, Type: typ, Nullable: true})
	}
	read := func(text string) *expr.Expr {
		tree, perr := parse.Expression(text)
		if perr != nil {
			t.Fatal(perr)
		}
		x, err := analyze.Expression(tree, scope, &expr.Origin{Text: text})
		if err != nil {
			t.Fatal(err)
		}
		return x
	}
	for _, c := range []struct {
		a, b string
		same bool
	}{
		{"a + 1", "a  +  1", true},
		{"a + 1", "1 + a", true},
		{"a - 1", "1 - a", false},
		{"a < b", "b > a", true},
		{"a <= b", "b >= a", true},
		{"a < b", "b < a", false},
		{"a = b AND a > 1", "a > 1 AND b = a", true},
		{"a + 1", "a + 1L", false},
		{"a / b AS x", "a / b AS y", true},
		{"cast(s AS INT)", "try_cast(s AS INT)", false},
		{"upper(s)", "lower(s)", false},
		{"s LIKE 'a%'", "s LIKE 'b%'", false},
		{"CASE WHEN a > 1 THEN 2 END", "CASE WHEN 1 < a THEN 2 END", true},
	} {
		a, b := read(c.a), read(c.b)
		if expr.Equal(a, b) != c.same {
			t.Errorf("%s and %s: equal is %v", c.a, c.b, !c.same)
		}
		if c.same && expr.Hash(a) != expr.Hash(b) {
			t.Errorf("%s and %s have different hashes", c.a, c.b)
		}
	}
}

func TestNondeterministicCallsAreNeverEqual(t *testing.T) {
	f := &expr.Function{Name: "rand", Nondeterministic: true}
	call := &expr.Expr{Kind: expr.Call, Fn: f, Type: types.Double}
	other := *call
	if expr.Equal(call, call) || expr.Equal(call, &other) {
		t.Error("two random numbers are equal")
	}
}

func TestDifferentLiteralsHaveDifferentHashes(t *testing.T) {
	for _, text := range []string{"#", "#L", "#.5", "#.5D", "cast(#.5 AS FLOAT)", "date'2020-01-#'", "timestamp'2020-01-01 00:00:#'", "interval '#' day",
		"interval '#' month", "array(#)", "map(#, 'x')", "struct(1, #)", "'#'", "x'#'"} {
		seen := map[uint64]string{}
		for _, number := range []string{"10", "11", "12"} {
			item := strings.ReplaceAll(text, "#", number)
			tree, perr := parse.Expression(item)
			if perr != nil {
				t.Fatal(perr)
			}
			x, err := analyze.Expression(tree, analyze.Scope{}, &expr.Origin{Text: item})
			if err != nil {
				t.Fatal(err)
			}
			v, err := eval.Constant(x, &expr.Context{Zone: datetime.UTC})
			if err != nil {
				t.Fatal(err)
			}
			h := expr.Hash(expr.Lit(v))
			if other, ok := seen[h]; ok {
				t.Errorf("%s and %s have one hash", other, item)
			}
			seen[h] = item
		}
	}
}
