package analyze

import (
	"strings"

	"github.com/streamctl/streamctl/internal/sparkerr"
	"github.com/streamctl/streamctl/internal/sql/ast"
	"github.com/streamctl/streamctl/internal/sql/expr"
	"github.com/streamctl/streamctl/internal/types"
)

// SelectList resolves a select list; origins are the texts of the items. Every result is a Column, spelled as the reference
// was, or an Alias; a generator without an alias stays a Call, and the several names of one are the Data of its Alias. Stars are
// expanded. An item may use aliases to its left.
func SelectList(items []ast.Expr, scope Scope, origins []*expr.Origin) ([]*expr.Expr, error) {
	a := newAnalyzer(scope, nil, inSelect)
	a.used, a.items = map[expr.ID]*expr.Expr{}, items
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
		x = aliasOf(x, itemName(e, x))
	}
	x = a.inlineAliases(x)
	a.used[x.ID] = x.Args[0]
	a.lateral = append(a.lateral, x)
	return x, nil
}

// itemName is the name of an item without an alias: the last part of a name, else its SQL.
func itemName(e ast.Expr, x *expr.Expr) string {
	if n, ok := e.(*ast.Name); ok && (len(n.Parts) > 1 || x.Kind != expr.Call) {
		return n.Parts[len(n.Parts)-1]
	}
	return x.SQL()
}

// inlineAliases replaces references to items of the select list by what these compute.
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

// star expands * and q.*: all columns, those of a relation, or the fields of a struct; EXCEPT takes some out.
func (a *analyzer) star(n *ast.Star) ([]*expr.Expr, error) {
	cols, err := a.starColumns(n)
	if err != nil {
		return nil, err
	}
	for _, except := range n.Except {
		name := except[len(except)-1]
		kept := cols[:0:0]
		for _, c := range cols {
			if !strings.EqualFold(c.Name, name) {
				kept = append(kept, c)
			}
		}
		if len(kept) == len(cols) {
			return nil, a.unresolved(&ast.Name{Node: n.Node, Parts: except})
		}
		cols = kept
	}
	return cols, nil
}

func (a *analyzer) starColumns(n *ast.Star) ([]*expr.Expr, error) {
	var cols []*expr.Expr
	for i, c := range a.Columns {
		if len(n.Target) == 0 || len(n.Target) == 1 && a.Qualifiers != nil && strings.EqualFold(a.Qualifiers[i], n.Target[0]) {
			cols = append(cols, a.locate(&expr.Expr{Kind: expr.Column, ID: c.ID, Name: c.Name, Type: c.Type, Nullable: c.Nullable}, n))
		}
	}
	if len(n.Target) == 0 || len(cols) > 0 {
		return cols, nil
	}
	x, err := a.name(&ast.Name{Node: n.Node, Parts: n.Target})
	if err != nil || x.Type.Kind != types.KindStruct {
		return nil, a.place(n, sparkerr.New("CANNOT_RESOLVE_STAR_EXPAND", "targetString", quoteParts(n.Target), "columns", ""))
	}
	for i, f := range x.Type.Fields {
		field := a.locate(&expr.Expr{
			Kind: expr.Field, Name: f.Name, Index: i, Type: f.Type, Nullable: x.Nullable || f.Nullable, Args: []*expr.Expr{x},
		}, n)
		cols = append(cols, aliasOf(field, f.Name))
	}
	return cols, nil
}
