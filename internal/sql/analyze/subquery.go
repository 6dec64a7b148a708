package analyze

import (
	"github.com/streamctl/streamctl/internal/sparkerr"
	"github.com/streamctl/streamctl/internal/sql/ast"
	"github.com/streamctl/streamctl/internal/sql/expr"
	"github.com/streamctl/streamctl/internal/types"
)

// subquery analyses a query within an expression.
func (a *analyzer) subquery(n *ast.Subquery) (*expr.Expr, error) {
	switch {
	case a.Subquery == nil:
		return nil, a.place(n, sparkerr.Plain("A query within an expression is not in the embedded engine here.").
			WithHint("a step sql or --sql takes it; --master runs the job on Apache Spark, which has it"))
	case len(a.vars) > 0:
		return nil, a.fail(n, "UNSUPPORTED_SUBQUERY_EXPRESSION_CATEGORY.HIGHER_ORDER_FUNCTION")
	}
	var values []*expr.Expr
	if n.X != nil {
		items := []ast.Expr{n.X}
		if t, ok := n.X.(*ast.Tuple); ok {
			items = t.Items
		}
		var err error
		if values, err = a.exprs(items); err != nil {
			return nil, err
		}
	}
	x, err := a.Subquery(n, a.origin, values, a.outerColumn)
	if err != nil {
		return nil, located(&expr.Expr{Span: n.Span, Origin: a.origin}, err)
	}
	x = a.locate(x, n)
	return a.negate(n, x, nil, n.Not)
}

// outerColumn resolves a name in a query within an expression to a column of the query around it.
func (a *analyzer) outerColumn(n *ast.Name) (x *expr.Expr, rest []string, err error) {
	if x, rest, err = a.columns(n); x != nil || err != nil {
		return x, rest, err
	}
	return a.hidden(n)
}

// correlated refuses queries that are values and use columns around them, outside of keys and aggregates. (Spark: CheckAnalysis.)
func (s *blockAnalyzer) correlated(item *expr.Expr) (err error) {
	expr.Walk(bareExpr(item), func(e *expr.Expr) bool {
		switch {
		case e.IsAggregate() || s.out.key(e) >= 0:
			return false
		case e.Kind == expr.Call && e.Fn.Query && e.Type.Kind != types.KindBoolean && len(e.Args) > 0 && err == nil:
			err = located(e, sparkerr.New("SCALAR_SUBQUERY_IS_IN_GROUP_BY_OR_AGGREGATE_FUNCTION", "sqlExpr", quoted(e)))
		}
		return err == nil
	})
	return err
}

// Around returns what a query within a relation can use of the columns of a scope.
func Around(scope Scope, origin *expr.Origin) Outer {
	return newAnalyzer(scope, origin, inSelect).outerColumn
}
