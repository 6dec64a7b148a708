package analyze

import (
	"testing"

	"github.com/streamctl/streamctl/internal/sql/expr"
	"github.com/streamctl/streamctl/internal/sql/parse"
	"github.com/streamctl/streamctl/internal/types"
)

func TestLambdaIsTypedWhenBound(t *testing.T) {
	columns := []*expr.Expr{{Kind: expr.Column, ID: expr.NewID(), Name: "x", Type: types.String}, {Kind: expr.Column, ID: expr.NewID(), Name: "a", Type: types.Long}}
	const text = "(X, i) -> x + i + a"
	tree, perr := parse.Expression(text)
	if perr != nil {
		t.Fatal(perr)
	}
	a := newAnalyzer(Scope{Columns: columns}, &expr.Origin{Text: text}, inSelect)
	lambda, err := a.expr(tree)
	if err != nil {
		t.Fatal(err)
	}
	if lambda.Arity() != 2 {
		t.Errorf("it has %d variables", lambda.Arity())
	}
	bound, err := lambda.Bind(expr.Var(types.Double, true), expr.Var(types.Int, false))
	if err != nil {
		t.Fatal(err)
	}
	const want = "lambdafunction(((namedlambdavariable() + namedlambdavariable()) + a), namedlambdavariable(), namedlambdavariable())"
	if bound.Type != types.Double || !bound.Nullable || bound.SQL() != want {
		t.Errorf("got %s nullable %t: %s", bound.Type, bound.Nullable, bound.SQL())
	}
	if _, err := lambda.Bind(expr.Var(types.Int, false)); err == nil {
		t.Error("one variable is taken for two")
	}
	if len(a.vars) != 0 {
		t.Error("variables stay after the lambda")
	}
}
