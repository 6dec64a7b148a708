package accumulate

import (
	"github.com/streamctl/streamctl/internal/sql/expr"
	"github.com/streamctl/streamctl/internal/sql/kernel"
	"github.com/streamctl/streamctl/internal/types"
	"github.com/streamctl/streamctl/internal/vector"
)

// Count counts rows.
func Count() expr.Aggregator { return &counter{} }

// CountTrue counts the rows whose argument, a BOOLEAN, is true.
func CountTrue() expr.Aggregator { return &counter{truth: true} }

// A counter counts rows, or those where its argument is true.
type counter struct {
	truth bool
	n     []int64
}

func (c *counter) Grow(n int) { c.n = grown(c.n, n) }

func (c *counter) Bytes() int { return 8 * cap(c.n) }

// Associative is true.
func (c *counter) Associative() bool { return true }

func (c *counter) Update(n int, sel vector.Selection, groups []int32, args []*vector.Vector) error {
	if c.truth {
		v := args[0]
		for k := range kernel.Count(n, sel) {
			if i := kernel.Row(sel, k); v.Bool[v.At(i)] {
				c.n[groups[i]]++
			}
		}
		return nil
	}
	countRows(c.n, n, sel, groups)
	return nil
}

// countRows adds the rows of sel (nil: all n) to the counts of their groups.
func countRows(counts []int64, n int, sel vector.Selection, groups []int32) {
	if sel == nil {
		for _, g := range groups[:n] {
			counts[g]++
		}
		return
	}
	for _, i := range sel {
		counts[groups[i]]++
	}
}

func (c *counter) Reset() { c.n = c.n[:0] }

func (c *counter) State() []types.Field { return fields(types.Long, "count") }

func (c *counter) Save(from, to int, state []*vector.Vector) { copy(state[0].I64, c.n[from:to]) }

func (c *counter) Merge(groups []int32, state []*vector.Vector) error {
	for i, g := range groups {
		c.n[g] += state[0].I64[i]
	}
	return nil
}

func (c *counter) Finish(from, to int, out *vector.Vector) error {
	copy(out.I64, c.n[from:to])
	return nil
}
