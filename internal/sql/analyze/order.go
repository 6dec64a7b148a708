package analyze

import (
	"slices"
	"strconv"
	"strings"

	"github.com/streamctl/streamctl/internal/sql/ast"
	"github.com/streamctl/streamctl/internal/sql/coerce"
	"github.com/streamctl/streamctl/internal/sql/expr"
	"github.com/streamctl/streamctl/internal/types"
)

// having analyses HAVING. A name that is neither a key nor in an aggregate may be that of an item of the select list.
func (s *blockAnalyzer) having() error {
	if s.block.Having == nil {
		return nil
	}
	x, err := s.root(s.block.Having)
	if err != nil {
		return err
	}
	x = s.inlineAliases(bareExpr(x))
	if x.Type.Kind != types.KindBoolean {
		return coerce.Mismatch(x, "FILTER_NOT_BOOLEAN", "filter", quoted(x), "type", `"`+x.Type.SQL()+`"`)
	}
	s.out.Having, err = s.out.regroup(s.itemsForColumns(x))
	return err
}

// notInOutput returns the error for a column of the input that HAVING or ORDER BY cannot use.
func (s *blockAnalyzer) notInOutput(x *expr.Expr) error {
	a := newAnalyzer(Scope{Columns: columnsOf(s.out.Output)}, s.origin, inSelect)
	return a.unresolved(&ast.Name{Node: ast.Node{Span: x.Span}, Parts: []string{x.Name}})
}

// itemsForColumns replaces columns that are not keys and that have the name of an item of the select list by that item, outside of
// aggregates.
func (s *blockAnalyzer) itemsForColumns(x *expr.Expr) *expr.Expr {
	if x.IsAggregate() || s.out.key(x) >= 0 {
		return x
	}
	if x.Kind == expr.Column {
		if found := itemsNamed(s.items, x.Name); len(found) == 1 && found[0].Kind == expr.Alias {
			return found[0].Args[0]
		}
		return x
	}
	args := make([]*expr.Expr, len(x.Args))
	for i, a := range x.Args {
		args[i] = s.itemsForColumns(a)
	}
	return x.WithArgs(args)
}

// order analyses ORDER BY, where names refer to the select list first.
func (s *blockAnalyzer) order() error {
	if IsAll(s.block.OrderBy, s.out.Output) {
		s.out.OrderBy = columnsOf(s.out.Output)
		return nil
	}
	s.outputs, s.lateral = true, columnsOf(s.out.Output)
	for _, o := range s.block.OrderBy {
		x, err := s.orderKey(o.X)
		if err != nil {
			return err
		}
		s.out.OrderBy = append(s.out.OrderBy, x)
	}
	return nil
}

func (s *blockAnalyzer) orderKey(e ast.Expr) (*expr.Expr, error) {
	if column, err := ByPosition(e, s.out.Output, s.origin); column != nil || err != nil {
		return column, err
	}
	x, err := s.root(e)
	if err != nil {
		return nil, err
	}
	return s.out.regroup(s.keyNames(bareExpr(x)))
}

// keyNames replaces names of keys by what the keys are computed from.
func (s *blockAnalyzer) keyNames(x *expr.Expr) *expr.Expr {
	return expr.Transform(x, func(e *expr.Expr) *expr.Expr {
		if e.Kind == expr.Column && slices.ContainsFunc(s.keys, func(k *expr.Expr) bool { return k.ID == e.ID }) {
			return s.used[e.ID]
		}
		return e
	})
}

// ByPosition returns the column of a select list that an item of ORDER BY means if it is a number; otherwise nil.
func ByPosition(item ast.Expr, list []*expr.Expr, origin *expr.Origin) (*expr.Expr, error) {
	at, ok := position(item)
	switch {
	case !ok:
		return nil, nil
	case at < 1 || at > len(list):
		return nil, newAnalyzer(Scope{}, origin, inSelect).
			fail(item, "ORDER_BY_POS_OUT_OF_RANGE", "index", strconv.Itoa(at), "size", strconv.Itoa(len(list)))
	}
	return columnOf(list[at-1], list[at-1]), nil
}

// position returns the number that an item of GROUP BY or ORDER BY consists of.
func position(e ast.Expr) (n int, ok bool) {
	lit, ok := e.(*ast.Literal)
	if !ok || lit.Kind != ast.LitInteger || lit.Suffix != "" {
		return 0, false
	}
	v, err := strconv.ParseInt(lit.Text, 10, 32)
	return int(v), err == nil
}

// IsAll reports whether ORDER BY is ORDER BY ALL over a select list, rather than over a column of that name.
func IsAll(order []ast.Order, list []*expr.Expr) bool {
	return len(order) == 1 && isWord(order[0].X, "all") && len(itemsNamed(list, "all")) == 0
}

func isWord(e ast.Expr, word string) bool {
	n, ok := e.(*ast.Name)
	return ok && len(n.Parts) == 1 && strings.EqualFold(n.Parts[0], word)
}

func isStar(e ast.Expr) bool {
	_, ok := e.(*ast.Star)
	return ok
}
