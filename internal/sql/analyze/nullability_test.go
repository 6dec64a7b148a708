package analyze

import (
	"testing"

	"github.com/streamctl/streamctl/internal/sql/expr"
	"github.com/streamctl/streamctl/internal/sql/function"
	"github.com/streamctl/streamctl/internal/sql/parse"
	"github.com/streamctl/streamctl/internal/types"
)

func TestNullabilityThatDependsOnAFailingIndex(t *testing.T) {
	columns := []*expr.Expr{{Kind: expr.Column, ID: expr.NewID(), Name: "s", Type: types.String, Nullable: true}}
	const fails = "element_at(array(1), abs(-2147483648))"
	for text, condition := range map[string]string{
		fails: "ARITHMETIC_OVERFLOW", "abs(" + fails + ")": "ARITHMETIC_OVERFLOW", "if(s = 'a', " + fails + ", 1)": "ARITHMETIC_OVERFLOW",
		"coalesce(" + fails + ", 1)": "ARITHMETIC_OVERFLOW", "concat('a', " + fails + ")": "ARITHMETIC_OVERFLOW",
		"split_part(s, 'a', abs(-2147483648))": "ARITHMETIC_OVERFLOW", "element_at(array(1), int('x'))": "",
		"coalesce(1, " + fails + ")": "", "concat(s, " + fails + ")": "", "round(" + fails + ")": "", fails + " IS NULL": "",
		"nvl(1, " + fails + ")": "", "nvl(s, " + fails + ")": "ARITHMETIC_OVERFLOW", "nvl2(" + fails + ", 1, 2)": "",
		"CASE WHEN true THEN 1 ELSE " + fails + " END": "", "CASE WHEN s = 'a' THEN 1 ELSE " + fails + " END": "ARITHMETIC_OVERFLOW",
		"try_add(" + fails + ", 1)": "ARITHMETIC_OVERFLOW", "try_divide(" + fails + ", 1)": "",
		"encode(" + fails + ", 'utf-8')": "ARITHMETIC_OVERFLOW", "from_json(string(" + fails + "), 'a INT')": "",
		"size(array(s, " + fails + "))": "ARITHMETIC_OVERFLOW", "array_append(array(1), " + fails + ")": "",
		"map(" + fails + ", 1)": "", "map(1, " + fails + ")": "ARITHMETIC_OVERFLOW", "struct(" + fails + ") IS NULL": "ARITHMETIC_OVERFLOW",
		"transform(array(1), x -> " + fails + ")": "ARITHMETIC_OVERFLOW", "filter(array(1), x -> x = " + fails + ")": "",
		"aggregate(array(1), " + fails + ", (a, x) -> a)": "", "aggregate(array(1), 1, (a, x) -> a, a -> " + fails + ")": "ARITHMETIC_OVERFLOW",
		"nullif(" + fails + ", 1)": "ARITHMETIC_OVERFLOW", "nullif(1, " + fails + ")": "", "raise_error(" + fails + ")": "ARITHMETIC_OVERFLOW",
		"decode(" + fails + ", 1, 2)": "", "decode(s, 'a', 2, " + fails + ")": "ARITHMETIC_OVERFLOW",
	} {
		if got := conditionOf(t, text, columns); got != condition {
			t.Errorf("%s: %q, want %q", text, got, condition)
		}
	}
}

// To find out whether a call asks its operands it is resolved again, which every function must support.
func TestCallsCanBeResolvedAgain(t *testing.T) {
	for _, f := range function.All() {
		if f.Example == "" || f.Generator {
			continue
		}
		tree, perr := parse.Expression(f.Example)
		if perr != nil {
			t.Fatalf("%s: %v", f.Example, perr)
		}
		x, err := Expression(tree, Scope{}, &expr.Origin{Text: f.Example})
		if err == nil {
			err = askNullable(x)
		}
		if err != nil && !f.Aggregate {
			t.Errorf("%s: %v", f.Example, err)
		}
	}
}
