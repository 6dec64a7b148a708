package transform

import (
	"slices"

	"github.com/streamctl/streamctl/internal/sql/expr"
	"github.com/streamctl/streamctl/internal/sql/function"
	"github.com/streamctl/streamctl/internal/types"
	"github.com/streamctl/streamctl/internal/vector"
)

// joinKeys are expressions over the left and over the right side of a join, which are equal for rows that match.
type joinKeys struct{ left, right []*expr.Expr }

// hashKeys divides the conjuncts of a condition into those that make keys of a hash join and the rest. A null-safe equality makes two keys, one of
// them whether the value is NULL. (Spark: ExtractEquiJoinKeys.)
func hashKeys(conditions, left, right []*expr.Expr) (k joinKeys, rest []*expr.Expr) {
	for _, c := range conditions {
		l, r, ok := equated(c, left, right)
		switch {
		case !ok:
			rest = append(rest, c)
		case c.Is("<=>"):
			k.add(orDefault(l), orDefault(r))
			k.add(call("isnull", l), call("isnull", r))
		default:
			k.add(l, r)
		}
	}
	return k, rest
}

func (k *joinKeys) add(l, r *expr.Expr) { k.left, k.right = append(k.left, l), append(k.right, r) }

// equated returns what a conjunct equates: an expression over the left side and one over the right side.
func equated(c *expr.Expr, left, right []*expr.Expr) (l, r *expr.Expr, ok bool) {
	if !c.Is("=") && !c.Is("<=>") {
		return nil, nil, false
	}
	l, r = c.Args[0], c.Args[1]
	switch {
	case c.Is("=") && (len(referencesOf([]*expr.Expr{l})) == 0 || len(referencesOf([]*expr.Expr{r})) == 0):
		return nil, nil, false
	case within(l, left) && within(r, right):
		return l, r, true
	case within(l, right) && within(r, left):
		return r, l, true
	}
	return nil, nil, false
}

// within reports whether an expression needs no other columns.
func within(e *expr.Expr, cols []*expr.Expr) bool {
	for id := range referencesOf([]*expr.Expr{e}) {
		if position(cols, &expr.Expr{ID: id}) < 0 {
			return false
		}
	}
	return true
}

// timeAt returns the position of the first key that is an event time, on the left or else on the right; -1 if there is none. Only a plain column
// is one.
func (k *joinKeys) timeAt(sides [2]joined) int {
	for i, keys := range [][]*expr.Expr{k.left, k.right} {
		for at, e := range keys {
			if _, ok := sides[i].times[e.ID]; ok && e.Kind == expr.Column {
				return at
			}
		}
	}
	return -1
}

// A joinFilter is the part of a join's condition besides the keys: the conjuncts that read the left side alone, those that read the right side
// alone, and the others; nil for none.
type joinFilter struct{ left, right, both *expr.Expr }

// filterOf divides conjuncts. Those that read no column count for each side.
func filterOf(conditions, left, right []*expr.Expr) joinFilter {
	s := splitSides(conditions, left, right)
	return joinFilter{conjunction(s.left), conjunction(slices.Concat(s.neither, s.right)), conjunction(s.both)}
}

// orDefault replaces NULL by the default value of the type.
func orDefault(e *expr.Expr) *expr.Expr {
	fn, _ := function.Lookup("coalesce")
	return &expr.Expr{Kind: expr.Call, Fn: fn, Args: []*expr.Expr{e, expr.Lit(defaultValue(e.Type))}, Type: e.Type}
}

// defaultValue is a constant of a type: 0, false, an empty string or array, or a struct of such values. (Spark: Literal.default.)
func defaultValue(t *types.Type) *vector.Vector {
	v := vector.NewConst(t)
	switch t.Kind {
	case types.KindString, types.KindChar, types.KindVarchar, types.KindBinary:
		v.SetString(0, "")
	case types.KindStruct:
		for i, c := range v.Children {
			*c = *defaultValue(t.Fields[i].Type)
		}
	}
	return v
}
