package analyze

import (
	"slices"

	"github.com/streamctl/streamctl/internal/sparkerr"
	"github.com/streamctl/streamctl/internal/sql/ast"
	"github.com/streamctl/streamctl/internal/sql/expr"
	"github.com/streamctl/streamctl/internal/types"
)

// aggregate resolves a call of an aggregate function. It reports mistakes in the call first, and then refuses the call where
// aggregates are not allowed.
func (a *analyzer) aggregate(n *ast.Call, f *expr.Function, name string) (*expr.Expr, error) {
	if err := a.checkNested(n); err != nil {
		return nil, err
	}
	if err := a.checkAggregateSyntax(n, f, name); err != nil {
		return nil, err
	}
	outputs := a.outputs
	a.outputs = false // even in ORDER BY, columns come first in what is aggregated
	defer func() { a.outputs = outputs }()
	args, err := a.aggregateArguments(n, f, name)
	if err != nil {
		return nil, err
	}
	if err := a.checkCount(n, f, name, len(args)); err != nil {
		return nil, err
	}
	call := a.locate(&expr.Expr{Kind: expr.Call, Fn: f, Args: args}, n)
	if name != f.Name {
		call.Name = name
	}
	if err := a.within(call, n); err != nil {
		return nil, err
	}
	if call, err = a.resolve(call); err != nil {
		return nil, err
	}
	if err := a.aggregateFilter(call, n); err != nil {
		return nil, err
	}
	if err := a.misplaced(n, name); err != nil {
		return nil, err
	}
	if alias := a.aliasIn(call); alias != nil {
		return nil, located(alias, sparkerr.New("UNSUPPORTED_FEATURE.LATERAL_COLUMN_ALIAS_IN_AGGREGATE_FUNC", "lca", types.Quote(alias.Name), "aggFunc", quoted(call)))
	}
	for _, arg := range call.Args {
		if !arg.Deterministic() {
			return nil, located(arg, sparkerr.New("AGGREGATE_FUNCTION_WITH_NONDETERMINISTIC_EXPRESSION", "sqlExpr", quoted(call)))
		}
	}
	return call, nil
}

// aliasIn returns the first reference to an item of the select list in an expression; nil if there is none.
func (a *analyzer) aliasIn(x *expr.Expr) (found *expr.Expr) {
	expr.Walk(x, func(e *expr.Expr) bool {
		alias := func(item *expr.Expr) bool { return item.Kind == expr.Alias && item.ID == e.ID }
		if found == nil && e.Kind == expr.Column && slices.ContainsFunc(a.lateral, alias) {
			found = e
		}
		return found == nil
	})
	return found
}

// checkNested refuses an aggregate inside the arguments of another.
func (a *analyzer) checkNested(n *ast.Call) error {
	for _, arg := range n.Args {
		if nested := FindAggregate(arg); nested != nil {
			return a.fail(nested, "NESTED_AGGREGATE_FUNCTION")
		}
	}
	return nil
}

// misplaced returns the error for an aggregate function where rows are not grouped: in a filter, or in an added column. It returns nil
// within a grouping.
func (a *analyzer) misplaced(n *ast.Call, name string) error {
	switch {
	case a.clause == inAggregate:
		return nil
	case a.clause == inWhere:
		return a.fail(n, "INVALID_WHERE_CONDITION", "condition", `"`+a.origin.Text+`"`, "expressionList", a.text(n))
	}
	err := a.fail(n, "MISSING_GROUP_BY")
	err.Hint = name + " needs a groupBy step"
	return err
}

// checkAggregateSyntax refuses syntax that a function does not support.
func (a *analyzer) checkAggregateSyntax(n *ast.Call, f *expr.Function, name string) error {
	syntax := ""
	switch {
	case n.Named != nil && f.Params == nil:
		return a.fail(n, "NAMED_PARAMETERS_NOT_SUPPORTED", "functionName", types.Quote(name))
	case n.IgnoreNulls && f.Name != "first" && f.Name != "last" && f.Name != "any_value":
		syntax = "IGNORE NULLS"
	case n.Within != nil && f.Ordering == expr.Unordered:
		syntax = "WITHIN GROUP (ORDER BY ...)"
	case n.Within == nil && f.Ordering == expr.MustBeOrdered:
		return a.fail(n, "INVALID_WITHIN_GROUP_EXPRESSION.WITHIN_GROUP_MISSING", "funcName", types.Quote(name))
	case n.Distinct && f.Ordering == expr.MustBeOrdered:
		return a.fail(n, "INVALID_WITHIN_GROUP_EXPRESSION.DISTINCT_UNSUPPORTED", "funcName", types.Quote(name))
	}
	if syntax == "" {
		return nil
	}
	return a.fail(n, "INVALID_SQL_SYNTAX.FUNCTION_WITH_UNSUPPORTED_SYNTAX", "prettyName", types.Quote(name), "syntax", syntax)
}

// aggregateArguments resolves the arguments. count(*) counts rows, so the star becomes the literal 1.
func (a *analyzer) aggregateArguments(n *ast.Call, f *expr.Function, name string) ([]*expr.Expr, error) {
	if n.Named != nil {
		return a.named(n, f, name)
	}
	if star, ok := onlyStar(n.Args); ok && name == "count" && !n.Distinct && len(star.Target) == 0 && len(star.Except) == 0 {
		return []*expr.Expr{a.locate(expr.Int(1), star)}, nil
	}
	args, err := a.arguments(n, name)
	if err != nil {
		return nil, err
	}
	if n.IgnoreNulls {
		args = append(args, expr.Bool(true))
	}
	return args, nil
}

func onlyStar(args []ast.Expr) (*ast.Star, bool) {
	if len(args) != 1 {
		return nil, false
	}
	star, ok := args[0].(*ast.Star)
	return star, ok
}

func withoutStars(list []ast.Expr) []ast.Expr {
	var out []ast.Expr
	for _, e := range list {
		if _, ok := e.(*ast.Star); !ok {
			out = append(out, e)
		}
	}
	return out
}

// within adds DISTINCT and the sort keys of WITHIN GROUP to a call.
func (a *analyzer) within(call *expr.Expr, n *ast.Call) error {
	if !n.Distinct && n.Within == nil {
		return nil
	}
	call.Aggregation = &expr.Aggregation{Distinct: n.Distinct}
	for _, o := range n.Within {
		key, err := a.expr(o.X)
		if err != nil {
			return err
		}
		call.Args = append(call.Args[:len(call.Args):len(call.Args)], key)
		call.Aggregation.Order = append(call.Aggregation.Order, Direction(o))
	}
	return nil
}

// Direction returns the direction of a sort key. NULL is the smallest value by default.
func Direction(o ast.Order) expr.Sorting {
	nullsLast := o.Desc
	if o.NullsFirst != nil {
		nullsLast = !*o.NullsFirst
	}
	return expr.Sorting{Desc: o.Desc, NullsLast: nullsLast}
}

// aggregateFilter adds the condition of FILTER to a resolved call.
func (a *analyzer) aggregateFilter(call *expr.Expr, n *ast.Call) error {
	if n.Filter == nil {
		return nil
	}
	if nested := FindAggregate(n.Filter); nested != nil {
		return a.fail(nested, "INVALID_AGGREGATE_FILTER.CONTAINS_AGGREGATE", "filterExpr", `"`+a.text(n.Filter)+`"`, "aggExpr", `"`+a.text(nested)+`"`)
	}
	cond, err := a.expr(n.Filter)
	switch {
	case err != nil:
		return err
	case cond.Type.Kind != types.KindBoolean:
		return located(cond, sparkerr.New("INVALID_AGGREGATE_FILTER.NOT_BOOLEAN", "filterExpr", quoted(cond)))
	case !cond.Deterministic():
		return located(cond, sparkerr.New("INVALID_AGGREGATE_FILTER.NON_DETERMINISTIC", "filterExpr", quoted(cond)))
	}
	if call.Aggregation == nil {
		call.Aggregation = &expr.Aggregation{}
	}
	call.Aggregation.Filter = true
	call.Args = append(call.Args[:len(call.Args):len(call.Args)], cond)
	return nil
}
