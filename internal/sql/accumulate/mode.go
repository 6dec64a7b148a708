package accumulate

import (
	"github.com/streamctl/streamctl/internal/sql/expr"
	"github.com/streamctl/streamctl/internal/sql/kernel"
	"github.com/streamctl/streamctl/internal/types"
	"github.com/streamctl/streamctl/internal/vector"
)

// A Mode describes a call of mode: how it chooses among the most frequent values.
type Mode struct {
	Ordered bool // return the first in order, else the one that Spark's hash map returns first
	Desc    bool // with Ordered: the order is descending
}

// New returns the aggregation for values of type t.
func (m Mode) New(t *types.Type) expr.Aggregator {
	values := newTally(t)
	values.normalize = true
	return &modes{values, m}
}

type modes struct {
	*tally
	Mode
}

func (m *modes) Update(n int, sel vector.Selection, groups []int32, args []*vector.Vector) error {
	for k := range kernel.Count(n, sel) {
		i := kernel.Row(sel, k)
		m.offer(groups[i], args[0], i, 1)
	}
	return nil
}

func (m *modes) Finish(from, to int, out *vector.Vector) error {
	for g := range to - from {
		rows, totals := m.totals(from + g)
		if len(rows) == 0 {
			out.SetNull(g)
			continue
		}
		if m.Ordered {
			rows = m.inOrder(rows, 0, []expr.Sorting{{Desc: m.Desc}})
		}
		most := rows[0]
		for _, r := range rows {
			if totals[r] > totals[most] {
				most = r
			}
		}
		kernel.Copy(out, g, m.cols[0], int(most))
	}
	return nil
}
