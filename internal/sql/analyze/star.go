package analyze

import (
	"slices"
	"strings"

	"github.com/streamctl/streamctl/internal/sparkerr"
	"github.com/streamctl/streamctl/internal/sql/ast"
	"github.com/streamctl/streamctl/internal/sql/expr"
	"github.com/streamctl/streamctl/internal/types"
)

// star expands * and q.*: all columns, those of a relation, or the fields of a struct. EXCEPT removes columns, and fields
// from columns.
func (a *analyzer) star(n *ast.Star) ([]*expr.Expr, error) {
	cols, err := a.starColumns(n)
	if err != nil || n.Except == nil {
		return cols, err
	}
	excepts := make([]except, len(n.Except))
	for i, name := range n.Except {
		if excepts[i], err = a.except(n, cols, name); err != nil {
			return nil, err
		}
		for _, other := range excepts[:i] {
			if other.overlaps(excepts[i]) {
				return nil, a.fail(n, "EXCEPT_OVERLAPPING_COLUMNS", "columns", exceptList(n.Except))
			}
		}
	}
	return a.without(n, cols, excepts)
}

// An except is the position of a column, followed by the positions of a nested field, if any.
type except []int

func (e except) overlaps(other except) bool {
	n := min(len(e), len(other))
	return slices.Equal(e[:n], other[:n])
}

func exceptList(names [][]string) string {
	texts := make([]string, len(names))
	for i, parts := range names {
		texts[i] = strings.Join(parts, ".")
	}
	return strings.Join(texts, ", ")
}

// except resolves a name of the EXCEPT list to what it removes.
func (a *analyzer) except(n *ast.Star, cols []*expr.Expr, parts []string) (except, error) {
	name := &ast.Name{Node: n.Node, Parts: parts}
	at, rest, err := a.exceptColumn(name, cols)
	if err != nil {
		return nil, err
	}
	path := except{at}
	t := cols[at].Type
	for _, field := range rest {
		switch t.Kind {
		case types.KindStruct:
		case types.KindArray, types.KindMap:
			return nil, a.fail(n, "EXCEPT_NESTED_COLUMN_INVALID_TYPE", "columnName", quoteParts(parts), "dataType", t.SQL())
		default:
			return nil, a.fail(n, "INVALID_EXTRACT_BASE_FIELD_TYPE", "base", quoteParts(parts), "other", `"`+t.SQL()+`"`)
		}
		i, err := a.fieldIndex(n, t, field)
		if err != nil {
			return nil, err
		}
		path, t = append(path, i), t.Fields[i].Type
	}
	return path, nil
}

// exceptColumn returns the column that a name begins with, and the remaining parts. The fields of a struct that a star
// expands have no qualifier.
func (a *analyzer) exceptColumn(name *ast.Name, cols []*expr.Expr) (at int, rest []string, err error) {
	x, rest, err := a.find(name, a.Columns, a.Qualifiers)
	if err != nil {
		return 0, nil, err
	}
	for i, c := range cols {
		if c.Kind == expr.Column && x != nil && c.ID == x.ID {
			return i, rest, nil
		}
		if c.Kind == expr.Alias && strings.EqualFold(c.Name, name.Parts[0]) {
			return i, name.Parts[1:], nil
		}
	}
	scope := *a
	scope.Columns, scope.Qualifiers = cols, nil
	return 0, nil, scope.unresolved(name)
}

// without removes the excepted columns and fields.
func (a *analyzer) without(n *ast.Star, cols []*expr.Expr, excepts []except) ([]*expr.Expr, error) {
	var out []*expr.Expr
	for i, c := range cols {
		var within []except
		whole := false
		for _, e := range excepts {
			if e[0] == i {
				whole = whole || len(e) == 1
				within = append(within, e[1:])
			}
		}
		switch {
		case whole:
			continue
		case within != nil:
			x, err := a.dropFields(n, c, within)
			if err != nil {
				return nil, err
			}
			c = aliasOf(x, c.Name)
		}
		out = append(out, c)
	}
	return out, nil
}

// dropFields rebuilds the struct x without some fields. The result is never NULL: as in Spark, a NULL struct becomes a struct
// of NULL fields.
func (a *analyzer) dropFields(n *ast.Star, x *expr.Expr, excepts []except) (*expr.Expr, error) {
	if x.Kind == expr.Alias {
		x = x.Args[0]
	}
	fields := make([]*expr.Expr, len(x.Type.Fields))
	for i, f := range x.Type.Fields {
		fields[i] = aliasOf(a.locate(&expr.Expr{
			Kind: expr.Field, Name: f.Name, Index: i, Type: f.Type, Nullable: x.Nullable || f.Nullable, Args: []*expr.Expr{x},
		}, n), f.Name)
	}
	members, err := a.without(n, fields, excepts)
	if err != nil {
		return nil, err
	}
	return a.make(n, "struct", members...)
}

// hiddenOf returns the hidden columns of the relation before .*, which come first. (Spark: UnresolvedStar.expandStar.)
func (a *analyzer) hiddenOf(n *ast.Star) (cols []*expr.Expr) {
	if len(n.Target) != 1 || a.Hidden == nil || a.Relations == nil {
		return nil
	}
	for level := range a.Hidden {
		for _, c := range level {
			if strings.EqualFold(a.Relations[c.ID], n.Target[0]) {
				cols = append(cols, a.locate(&expr.Expr{Kind: expr.Column, ID: c.ID, Name: c.Name, Type: c.Type, Nullable: c.Nullable}, n))
			}
		}
	}
	return cols
}

func (a *analyzer) starColumns(n *ast.Star) ([]*expr.Expr, error) {
	cols := a.hiddenOf(n)
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
