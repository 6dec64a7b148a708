package analyze

import (
	"github.com/streamctl/streamctl/internal/sparkerr"
	"github.com/streamctl/streamctl/internal/sql/ast"
	"github.com/streamctl/streamctl/internal/sql/expr"
)

// A Grouping is an analysed aggregation. Keys and Calls are named expressions over the input: Keys are computed per row,
// Calls per group. Output is computed from the resulting columns.
type Grouping struct {
	Keys   []*expr.Expr // Column or Alias
	Calls  []*expr.Expr // Alias of a call of an aggregate function
	Output []*expr.Expr // Column or Alias; a generator as in SelectList
}

// HasAggregate reports whether one of the items calls an aggregate function, which makes a select list a global aggregation.
func HasAggregate(items []ast.Expr) bool {
	for _, item := range items {
		if findAggregate(item) != nil {
			return true
		}
	}
	return false
}

// GroupKeys resolves the expressions to group by. They are named like the items of a select list.
func GroupKeys(items []ast.Expr, scope Scope, origins []*expr.Origin) ([]*expr.Expr, error) {
	for i, item := range items {
		if n := findAggregate(item); n != nil {
			a := newAnalyzer(scope, origins[i], inSelect)
			return nil, a.fail(n, "GROUP_BY_AGGREGATE", "sqlExpr", a.text(n))
		}
	}
	return SelectList(items, scope, origins)
}

// GroupBy resolves expressions over the groups defined by keys, which come from GroupKeys; without keys, all rows form one
// group. Items may name keys and call aggregate functions. Outside of aggregate calls, they may not name other columns.
func GroupBy(keys []*expr.Expr, items []ast.Expr, scope Scope, origins []*expr.Origin) (*Grouping, error) {
	a := newAnalyzer(scope, nil, inAggregate)
	a.used, a.items = map[expr.ID]*expr.Expr{}, items
	for _, k := range keys {
		if k.Kind == expr.Alias {
			a.used[k.ID] = k.Args[0]
			a.lateral = append(a.lateral, k)
		}
	}
	g := &Grouping{Keys: keys}
	a.grouping = g
	for i, item := range items {
		a.origin = origins[i]
		if err := a.checkRoutines(item); err != nil {
			return nil, err
		}
	}
	for i, item := range items {
		a.origin = origins[i]
		x, err := a.item(item)
		if err != nil {
			return nil, err
		}
		if x, err = g.regroup(x); err != nil {
			return nil, err
		}
		g.Output = append(g.Output, x)
	}
	if err := a.checkGenerators(g.Output); err != nil {
		return nil, err
	}
	return g, nil
}

// regroup rewrites an item in terms of the columns of keys and calls.
func (g *Grouping) regroup(x *expr.Expr) (*expr.Expr, error) {
	if x.Kind == expr.Alias {
		arg, err := g.regroup(x.Args[0])
		if err != nil {
			return nil, err
		}
		return x.WithArgs([]*expr.Expr{arg}), nil
	}
	for _, k := range g.Keys {
		if x.Kind != expr.Literal && expr.Equal(x, k) {
			return columnOf(x, k), nil
		}
	}
	if x.IsAggregate() {
		return g.column(x), nil
	}
	if x.Kind == expr.Column {
		return nil, g.ungrouped(x)
	}
	args := make([]*expr.Expr, len(x.Args))
	for i, a := range x.Args {
		arg, err := g.regroup(a)
		if err != nil {
			return nil, err
		}
		args[i] = arg
	}
	return x.WithArgs(args), nil
}

// column returns the column that a call produces; equal calls are computed once.
func (g *Grouping) column(call *expr.Expr) *expr.Expr {
	for _, c := range g.Calls {
		if expr.Equal(c, call) {
			return columnOf(call, c)
		}
	}
	c := aliasOf(call, call.SQL())
	g.Calls = append(g.Calls, c)
	return columnOf(call, c)
}

// columnOf returns a reference to a named expression, at the position of x.
func columnOf(x, named *expr.Expr) *expr.Expr {
	return &expr.Expr{
		Kind: expr.Column, ID: named.ID, Name: named.Name, Type: named.Type, Nullable: named.Nullable, Span: x.Span, Origin: x.Origin,
	}
}

// ungrouped returns the error for a column that is neither a key nor inside an aggregate.
func (g *Grouping) ungrouped(x *expr.Expr) error {
	if len(g.Keys) == 0 {
		return located(x, sparkerr.New("MISSING_GROUP_BY"))
	}
	return located(x, sparkerr.New("MISSING_AGGREGATION", "expression", quoted(x), "expressionAnyValue", `"any_value(`+x.SQL()+`)"`))
}
