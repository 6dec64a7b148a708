package analyze

import (
	"strings"

	"github.com/streamctl/streamctl/internal/sparkerr"
	"github.com/streamctl/streamctl/internal/sql/ast"
	"github.com/streamctl/streamctl/internal/sql/coerce"
	"github.com/streamctl/streamctl/internal/sql/expr"
	"github.com/streamctl/streamctl/internal/sql/function"
	"github.com/streamctl/streamctl/internal/types"
)

// Sets are the grouping sets of an aggregation. Each row counts once for each of them; in its copy for a set, the keys that are not in the
// set are NULL.
type Sets struct {
	Masks   []int64      // of each set: the bit of a key is set if the key is left out; the last key has bit 0
	Columns []*expr.Expr // the keys of a copy, parallel to Grouping.Keys
	ID      *expr.Expr   // the mask of the copy's set
	// Position is the number of the set among all. It is nil unless two sets are equal, whose rows would otherwise fall into one group.
	Position *expr.Expr
}

// maxSets limits the number of grouping sets: a CUBE of 30 keys has a billion.
const maxSets = 4096

// maxSetKeys is the number of keys that a mask has room for.
const maxSetKeys = 64

// newSets returns grouping sets with columns for keys. Each set lists positions of keys.
func newSets(keys []*expr.Expr, sets [][]int) *Sets {
	s := &Sets{ID: newColumn("spark_grouping_id", types.Long)}
	for _, k := range keys {
		c := newColumn(k.Name, k.Type)
		c.Nullable = true
		s.Columns = append(s.Columns, c)
	}
	seen := map[int64]bool{}
	for _, set := range sets {
		mask := int64(-1)
		if len(keys) < maxSetKeys {
			mask = 1<<len(keys) - 1
		}
		for _, k := range set {
			mask &^= 1 << (len(keys) - 1 - k)
		}
		if seen[mask] && s.Position == nil {
			s.Position = newColumn("_gen_grouping_pos", types.Long)
		}
		seen[mask] = true
		s.Masks = append(s.Masks, mask)
	}
	return s
}

func newColumn(name string, t *types.Type) *expr.Expr {
	return &expr.Expr{Kind: expr.Column, ID: expr.NewID(), Name: name, Type: t}
}

// Keys returns the columns that distinguish groups: the keys of a copy, its mask, and the number of its set if there are equal sets.
func (s *Sets) Keys() []*expr.Expr {
	keys := append(s.Columns[:len(s.Columns):len(s.Columns)], s.ID)
	if s.Position != nil {
		keys = append(keys, s.Position)
	}
	return keys
}

// unrolled returns the sets that an item of GROUP BY is short for, as lists of expressions; more than maxSets are cut off.
// (Spark: GroupingAnalytics.selectedGroupByExprs.)
func unrolled(item ast.GroupItem) [][]ast.Expr {
	switch item.Kind {
	case ast.GroupOne:
		return [][]ast.Expr{{item.X}}
	case ast.GroupList:
		return [][]ast.Expr{elements(item.Items)}
	case ast.GroupSets:
		var sets [][]ast.Expr
		for _, i := range item.Items {
			sets = append(sets, unrolled(i)...)
		}
		return sets
	case ast.Rollup:
		var sets [][]ast.Expr
		for n := len(item.Items); n >= 0 && len(sets) <= maxSets; n-- {
			sets = append(sets, elements(item.Items[:n]))
		}
		return sets
	}
	return cube(item.Items)
}

// cube returns all subsets, those with the first element before those without it.
func cube(items []ast.GroupItem) [][]ast.Expr {
	if len(items) == 0 {
		return [][]ast.Expr{nil}
	}
	rest := cube(items[1:])
	if len(rest) > maxSets {
		return rest
	}
	var sets [][]ast.Expr
	for _, set := range rest {
		sets = append(sets, append(elements(items[:1]), set...))
	}
	return append(sets, rest...)
}

// elements returns the expressions of items that are expressions or lists.
func elements(items []ast.GroupItem) []ast.Expr {
	var list []ast.Expr
	for _, i := range items {
		if i.Kind == ast.GroupOne {
			list = append(list, i.X)
		} else {
			list = append(list, elements(i.Items)...)
		}
	}
	return list
}

// combined returns the sets of all items of GROUP BY: each set of one item with each of the others. ok is false if there are more than
// maxSets.
func combined(items []ast.GroupItem) (sets [][]ast.Expr, ok bool) {
	sets = [][]ast.Expr{nil}
	for _, item := range items {
		own := unrolled(item)
		if len(sets)*len(own) > maxSets {
			return nil, false
		}
		var product [][]ast.Expr
		for _, set := range sets {
			for _, more := range own {
				product = append(product, append(set[:len(set):len(set)], more...))
			}
		}
		sets = product
	}
	return sets, true
}

// groupingFunctions say which keys a group has. They are calls only until the keys are known: see Grouping.groupingOf.
var groupingFunctions = map[string]*expr.Function{
	"grouping":    {Name: "grouping", MinArgs: 1, MaxArgs: 1},
	"grouping_id": {Name: "grouping_id", MaxArgs: -1},
}

func isGrouping(name string) bool { return groupingFunctions[name] != nil }

// groupingCall resolves grouping(key) and grouping_id(keys).
func (a *analyzer) groupingCall(n *ast.Call, name string) (*expr.Expr, error) {
	if !a.sets {
		return nil, a.fail(n, "UNSUPPORTED_GROUPING_EXPRESSION")
	}
	args, err := a.exprs(n.Args)
	if err != nil {
		return nil, err
	}
	f := groupingFunctions[name]
	if err := a.checkCount(n, f, name, len(args)); err != nil {
		return nil, err
	}
	call := a.locate(&expr.Expr{Kind: expr.Call, Fn: f, Args: args, Type: types.Long}, n)
	if name == "grouping" {
		call.Type = types.Byte
	}
	return call, nil
}

// groupingOf replaces a call of grouping or grouping_id by an expression over the mask of the group's set.
func (g *Grouping) groupingOf(call *expr.Expr) (*expr.Expr, error) {
	id := columnOf(call, g.Sets.ID)
	if call.Is("grouping_id") {
		if len(call.Args) > 0 && !g.areKeys(call.Args) {
			return nil, located(call, sparkerr.New("GROUPING_ID_COLUMN_MISMATCH", "groupingIdColumn", joined(call.Args), "groupByColumns", joined(g.Keys)))
		}
		return id, nil
	}
	k := g.key(call.Args[0])
	if k < 0 {
		return nil, located(call, sparkerr.New("GROUPING_COLUMN_MISMATCH", "grouping", call.Args[0].SQL(), "groupingColumns", joined(g.Keys)))
	}
	shift, err := function.Call(call, ">>", id, expr.Int(int32(len(g.Keys)-1-k)))
	if err != nil {
		return nil, err
	}
	bit, err := function.Call(call, "&", shift, coerce.Cast(expr.Int(1), types.Long))
	if err != nil {
		return nil, err
	}
	return coerce.Cast(bit, types.Byte), nil
}

// areKeys reports whether a list consists of all keys in their order.
func (g *Grouping) areKeys(list []*expr.Expr) bool {
	if len(list) != len(g.Keys) {
		return false
	}
	for i, x := range list {
		if !expr.Equal(x, g.Keys[i]) {
			return false
		}
	}
	return true
}

func joined(list []*expr.Expr) string {
	texts := make([]string, len(list))
	for i, x := range list {
		if x.Kind == expr.Alias {
			x = x.Args[0]
		}
		texts[i] = x.SQL()
	}
	return strings.Join(texts, ", ")
}
