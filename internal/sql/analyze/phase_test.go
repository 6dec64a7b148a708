package analyze

import (
	"errors"
	"testing"

	"github.com/streamctl/streamctl/internal/sparkerr"
	"github.com/streamctl/streamctl/internal/sql/expr"
	"github.com/streamctl/streamctl/internal/sql/parse"
	"github.com/streamctl/streamctl/internal/types"
)

func TestMistakeOfEarliestRuleIsReported(t *testing.T) {
	member := types.Field{Name: "p", Type: types.Int, Nullable: true}
	var columns []*expr.Expr
	for name, typ := range map[string]*types.Type{"i": types.Int, "d": types.Double, "st": types.StructOf(member), "a": types.ArrayOf(types.Int, true)} {
		columns = append(columns, &expr.Expr{Kind: expr.Column, ID: expr.NewID(), Name: name, Type: typ, Nullable: true})
	}
	for _, c := range []struct{ text, condition string }{
		{"abs(map(1, 2)) + st.q", "FIELD_NOT_FOUND"},
		{"ceil(d, i) + st.q", "FIELD_NOT_FOUND"},
		{"abs(map(1, 2)) + i[1]", "INVALID_EXTRACT_BASE_FIELD_TYPE"},
		{"nosuch + ceil(d, i)", "NON_FOLDABLE_ARGUMENT"},
		{"(1 IN (1, map(1, 2))) + ceil(d, i)", "NON_FOLDABLE_ARGUMENT"},
		{"abs(map(1, 2)) + upper(1, 2)", "WRONG_NUM_ARGS.WITHOUT_SUGGESTION"},
		{"upper(nosuch, 1)", "UNRESOLVED_COLUMN.WITH_SUGGESTION"},
		{"abs(map(1, 2)) + map(1)", "WRONG_NUM_ARGS.WITHOUT_SUGGESTION"},
		{"map(1) + ceil(d, i)", "NON_FOLDABLE_ARGUMENT"},
		{"transform(a, (p, q, r) -> p) + ceil(d, i)", "NON_FOLDABLE_ARGUMENT"},
		{"abs(map(1, 2)) + transform(a, p -> p.x)", "INVALID_EXTRACT_BASE_FIELD_TYPE"},
		{"transform(a, p -> p.x) + ceil(d, i)", "NON_FOLDABLE_ARGUMENT"},
		{"abs(map(1, 2)) + nosuch", "DATATYPE_MISMATCH.UNEXPECTED_INPUT_TYPE"},
		{"mask()", "REQUIRED_PARAMETER_NOT_FOUND"},
	} {
		if got := conditionOf(t, c.text, columns); got != c.condition {
			t.Errorf("%s: %s, want %s", c.text, got, c.condition)
		}
	}
}

// conditionOf returns the condition with which analysis refuses a text, or "" if it accepts it.
func conditionOf(t *testing.T, text string, columns []*expr.Expr) string {
	t.Helper()
	tree, perr := parse.Expression(text)
	if perr != nil {
		t.Fatalf("%s: %v", text, perr)
	}
	_, err := Expression(tree, Scope{Columns: columns}, &expr.Origin{Text: text})
	var e *sparkerr.Error
	if errors.As(err, &e) {
		return e.Condition
	}
	return ""
}
