package analyze

import (
	"slices"

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
	Sets   *Sets        // nil without GROUPING SETS, ROLLUP and CUBE

	missing func(*expr.Expr) error // replaces the error for a column that is neither a key nor inside an aggregate; nil: does not
}

// HasAggregate reports whether one of the items calls an aggregate function, which makes a select list a global aggregation.
func HasAggregate(items []ast.Expr) bool {
	for _, item := range items {
		if FindAggregate(item) != nil {
			return true
		}
	}
	return false
}

// GroupKeys resolves the expressions to group by. They are named like the items of a select list.
func GroupKeys(items []ast.Expr, scope Scope, origins []*expr.Origin) ([]*expr.Expr, error) {
	for i, item := range items {
		if n := FindAggregate(item); n != nil {
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
	a.used = map[expr.ID]*expr.Expr{}
	for _, k := range keys {
		a.nameKey(k)
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

// nameKey lets expressions over groups name a key.
func (a *analyzer) nameKey(k *expr.Expr) {
	if k.Kind == expr.Alias {
		a.used[k.ID] = k.Args[0]
		a.keys = append(a.keys, k)
	}
}

// regroup rewrites an expression in terms of the columns of keys and calls.
func (g *Grouping) regroup(x *expr.Expr) (*expr.Expr, error) {
	if x.Kind == expr.Alias {
		arg, err := g.regroup(x.Args[0])
		if err != nil {
			return nil, err
		}
		return x.WithArgs([]*expr.Expr{arg}), nil
	}
	if x.Kind != expr.Literal || g.Sets != nil { // a set may lack a constant, too
		if i := g.key(x); i >= 0 {
			return g.keyColumn(x, i), nil
		}
	}
	switch {
	case x.Kind == expr.Call && isGrouping(x.Fn.Name):
		return g.groupingOf(x)
	case x.IsAggregate():
		if g.aggregatesTwice(x) {
			return nil, located(x, sparkerr.New("NESTED_AGGREGATE_FUNCTION"))
		}
		return g.column(x), nil
	case x.Kind == expr.Column:
		if slices.ContainsFunc(g.Output, func(o *expr.Expr) bool { return o.ID == x.ID }) { // in ORDER BY
			return x, nil
		}
		return nil, g.ungrouped(x)
	case x.Is("window_time"): // Spark computes it before it groups (ResolveWindowTime)
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

// aggregatesTwice reports whether an aggregate call contains another, by way of an alias.
func (g *Grouping) aggregatesTwice(call *expr.Expr) (found bool) {
	for _, arg := range call.Args {
		expr.Walk(arg, func(e *expr.Expr) bool {
			item := func(o *expr.Expr) bool { return o.Kind == expr.Alias && o.ID == e.ID }
			found = found || e.IsAggregate() || e.Kind == expr.Column && slices.ContainsFunc(g.Output, item)
			return !found
		})
	}
	return found
}

// key returns the position of a key that is equal to x, or -1.
func (g *Grouping) key(x *expr.Expr) int {
	return slices.IndexFunc(g.Keys, func(k *expr.Expr) bool { return expr.Equal(x, k) })
}

// keyColumn returns a reference to the key number i of a group, spelled like x.
func (g *Grouping) keyColumn(x *expr.Expr, i int) *expr.Expr {
	k := g.Keys[i]
	if g.Sets != nil {
		k = g.Sets.Columns[i]
	}
	ref := columnOf(x, k)
	if x.Kind == expr.Column {
		ref.Name = x.Name
	}
	return ref
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
	switch {
	case g.missing != nil && x.Kind == expr.Column:
		return g.missing(x)
	case len(g.Keys) == 0:
		return located(x, sparkerr.New("MISSING_GROUP_BY"))
	}
	return located(x, sparkerr.New("MISSING_AGGREGATION", "expression", quoted(x), "expressionAnyValue", `"any_value(`+x.SQL()+`)"`))
}
