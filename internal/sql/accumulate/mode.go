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
func (m Mode) New(t *types.Type) expr.Aggregator { return newCollector([]*types.Type{t}, m.finish) }

func (m Mode) finish(s *collector, rows []int32, out *vector.Vector, g int) error {
	if len(rows) == 0 {
		out.SetNull(g)
		return nil
	}
	v := s.cols[0]
	count := map[string]int{}
	var different []int32
	keys := map[int32]string{}
	for _, r := range rows {
		s.key = kernel.AppendKey(s.key[:0], v, int(r))
		if count[string(s.key)]++; count[string(s.key)] == 1 {
			different = append(different, r)
			keys[r] = string(s.key)
		}
	}
	if m.Ordered {
		different = s.inOrder(different, 0, []expr.Sorting{{Desc: m.Desc}})
	} else {
		different = openHashOrder(v, different)
	}
	best := different[0]
	for _, r := range different {
		if count[keys[r]] > count[keys[best]] {
			best = r
		}
	}
	kernel.Copy(out, g, v, int(best))
	return nil
}
