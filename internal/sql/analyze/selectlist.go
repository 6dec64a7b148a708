package analyze

import (
	"github.com/streamctl/streamctl/internal/sql/ast"
	"github.com/streamctl/streamctl/internal/sql/expr"
)

// SelectList resolves a select list; origins are the texts of the items. Every result is a Column, spelled like the
// reference, or an Alias. A generator without an alias remains a Call; several names of a generator are the Data of its
// Alias. Stars are expanded. An item may use aliases to its left.
func SelectList(items []ast.Expr, scope Scope, origins []*expr.Origin) ([]*expr.Expr, error) {
	a := newAnalyzer(scope, nil, inSelect)
	a.used = map[expr.ID]*expr.Expr{}
	for i, item := range items {
		a.origin = origins[i]
		if err := a.checkRoutines(item); err != nil {
			return nil, err
		}
	}
	var out []*expr.Expr
	for i, item := range items {
		a.origin = origins[i]
		if star, ok := item.(*ast.Star); ok {
			cols, err := a.star(star)
			if err != nil {
				return nil, err
			}
			out = append(out, cols...)
			continue
		}
		x, err := a.item(item)
		if err != nil {
			return nil, err
		}
		out = append(out, x)
	}
	if err := a.checkGenerators(out); err != nil {
		return nil, err
	}
	return out, nil
}

// item resolves one item and names it.
func (a *analyzer) item(e ast.Expr) (*expr.Expr, error) {
	x, err := a.root(e)
	if err != nil {
		return nil, err
	}
	switch {
	case x.Kind == expr.Column && a.used[x.ID] == nil:
		return x, nil
	case x.Kind == expr.Call && x.Fn.Generator:
		return x, nil
	case x.Kind != expr.Alias:
		x = aliasOf(x, a.itemName(e, x))
	}
	x = a.inlineAliases(x)
	a.used[x.ID] = x.Args[0]
	a.lateral = append(a.lateral, x)
	return x, nil
}

// itemName returns the name of an item without an alias: the last part of a name, the name of a column that is cast, or
// otherwise its SQL. (Spark: ResolveAliases, case Cast(ne: NamedExpression).)
func (a *analyzer) itemName(e ast.Expr, x *expr.Expr) string {
	inner := x
	if a.Dataset { // Column.named names the innermost cast; the outer casts take over that name
		for inner.Kind == expr.Cast && inner.Args[0].Kind == expr.Cast {
			inner = inner.Args[0]
		}
	}
	if inner.Kind == expr.Cast {
		switch of := inner.Args[0]; of.Kind {
		case expr.Column:
			return of.Name
		case expr.Field:
			return inner.SQL()
		}
	}
	if n, ok := e.(*ast.Name); ok && (len(n.Parts) > 1 || x.Kind != expr.Call) {
		return n.Parts[len(n.Parts)-1]
	}
	if x.Kind == expr.Cast && x.Args[0].Kind == expr.Alias { // v:a::int
		return x.Args[0].Name
	}
	if a.clause != inAggregate || a.grouping != nil {
		return x.SQL()
	}
	return expr.Transform(x, func(e *expr.Expr) *expr.Expr { // Spark names items over groups before it replaces aliases
		if e.Kind != expr.Column || a.used[e.ID] == nil || len(itemsNamed(a.keys, e.Name)) > 0 {
			return e
		}
		named := *e
		named.Name = "lateralAliasReference(" + e.Name + ")"
		return &named
	}).SQL()
}

// inlineAliases replaces references to items of the select list by the expressions of these items.
func (a *analyzer) inlineAliases(x *expr.Expr) *expr.Expr {
	if len(a.used) == 0 {
		return x
	}
	return expr.Transform(x, func(e *expr.Expr) *expr.Expr {
		if e.Kind == expr.Column && a.used[e.ID] != nil {
			return a.used[e.ID]
		}
		return e
	})
}
