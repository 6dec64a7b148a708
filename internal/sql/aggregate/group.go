package aggregate

import (
	"github.com/streamctl/streamctl/internal/sql/expr"
	"github.com/streamctl/streamctl/internal/sql/kernel"
	"github.com/streamctl/streamctl/internal/types"
	"github.com/streamctl/streamctl/internal/vector"
)

// A grouper numbers the groups of rows with equal keys in order of first occurrence. NULL is a key; all zeros are equal, and
// so are all NaNs.
type grouper struct {
	keys    []*vector.Vector // one value per group
	index   map[string]int32
	groups  []int32 // of the rows of the latest batch
	scratch []byte
}

func newGrouper(keys []*expr.Expr) *grouper {
	g := &grouper{index: map[string]int32{}}
	for _, k := range keys {
		g.keys = append(g.keys, vector.New(k.Type, 0))
	}
	return g
}

func (g *grouper) len() int { return len(g.index) }

// assign returns, at each position in sel (nil: n rows), the group of that row; the result is valid until the next call.
func (g *grouper) assign(n int, sel vector.Selection, cols []*vector.Vector) []int32 {
	if cap(g.groups) < n {
		g.groups = make([]int32, n)
	}
	g.groups = g.groups[:n]
	if len(cols) == 0 { // one group
		g.index[""] = 0
		clear(g.groups)
		return g.groups
	}
	for k := range kernel.Count(n, sel) {
		i := kernel.Row(sel, k)
		key := g.scratch[:0]
		for _, c := range cols {
			key = kernel.AppendKey(key, c, i)
		}
		g.scratch = key
		group, known := g.index[string(key)]
		if !known {
			group = g.add(key, cols, i)
		}
		g.groups[i] = group
	}
	return g.groups
}

func (g *grouper) add(key []byte, cols []*vector.Vector, i int) int32 {
	group := int32(len(g.index))
	g.index[string(key)] = group
	for k, c := range cols {
		kernel.Append(g.keys[k], c, i)
		normalize(g.keys[k], int(group))
	}
	return group
}

// normalize makes a key of -0.0 print as 0.0. (Spark: NormalizeFloatingNumbers.)
func normalize(v *vector.Vector, i int) {
	switch v.Type.Kind {
	case types.KindFloat:
		v.F32[i] = kernel.Canonical(v.F32[i])
	case types.KindDouble:
		v.F64[i] = kernel.Canonical(v.F64[i])
	case types.KindStruct:
		for _, c := range v.Children {
			normalize(c, i)
		}
	case types.KindArray:
		w := v.Views[i]
		for k := range int(w.Len) {
			normalize(v.Children[0], int(w.Off)+k)
		}
	}
}
