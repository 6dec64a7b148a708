package aggregate

import (
	"github.com/streamctl/streamctl/internal/halt"
	"github.com/streamctl/streamctl/internal/sql/expr"
	"github.com/streamctl/streamctl/internal/sql/group"
	"github.com/streamctl/streamctl/internal/sql/kernel"
	"github.com/streamctl/streamctl/internal/types"
	"github.com/streamctl/streamctl/internal/vector"
)

// distinct keeps the first row for each group and value. It is not part of the saved state: Spark does not support DISTINCT
// in streams.
type distinct struct {
	seen    *group.Table // groups and values
	cols    []*vector.Vector
	numbers []int32
	rows    vector.Selection
}

func newDistinct(args []*expr.Expr) *distinct {
	list := []*types.Type{types.Int}
	for _, a := range args {
		list = append(list, a.Type)
	}
	return &distinct{seen: group.New(list...), cols: []*vector.Vector{{}}}
}

// first returns the rows of sel whose value is new to their group.
func (d *distinct) first(stop *halt.Flag, n int, sel vector.Selection, groups []int32, args []*vector.Vector) (vector.Selection, error) {
	d.cols = append(d.cols[:1], args...)
	d.cols[0].I32 = groups
	d.cols[0].Reset(types.Int, n)
	d.numbers = sized(d.numbers, n)
	known := int32(d.seen.Len())
	if err := d.seen.Assign(stop, n, sel, d.cols, d.numbers); err != nil {
		return nil, full(err)
	}
	if d.rows = d.rows[:0]; d.rows == nil {
		d.rows = vector.Selection{}
	}
	for k := range kernel.Count(n, sel) {
		if i := kernel.Row(sel, k); d.numbers[i] == known {
			d.rows = append(d.rows, int32(i))
			known++
		}
	}
	return d.rows, nil
}
