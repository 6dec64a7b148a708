package accumulate

import (
	"github.com/streamctl/streamctl/internal/sql/expr"
	"github.com/streamctl/streamctl/internal/types"
	"github.com/streamctl/streamctl/internal/vector"
)

// Concat concatenates strings or binary data, of type t, with the separator between them. Arguments after the second are sort keys
// of the given types; without sort keys, the order is that of the rows. The second argument, the separator, is ignored.
func Concat(t *types.Type, separator string, keys []*types.Type, sorting []expr.Sorting) expr.Aggregator {
	s := newCollector(append([]*types.Type{t}, keys...), nil)
	s.finish = func(s *collector, rows []int32, out *vector.Vector, g int) error {
		if len(rows) == 0 {
			out.SetNull(g)
			return nil
		}
		from := len(out.Data)
		for k, r := range s.inOrder(rows, 1, sorting) {
			if k > 0 {
				out.Data = append(out.Data, separator...)
			}
			out.Data = append(out.Data, s.cols[0].Bytes(int(r))...)
		}
		out.CloseBytes(g, from)
		return nil
	}
	return &listAgg{s}
}

// listAgg excludes the delimiter, the second argument, from the collected values.
type listAgg struct{ *collector }

func (l *listAgg) Update(n int, sel vector.Selection, groups []int32, args []*vector.Vector) error {
	return l.collector.Update(n, sel, groups, append([]*vector.Vector{args[0]}, args[2:]...))
}
