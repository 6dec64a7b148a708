package accumulate

import (
	"github.com/streamctl/streamctl/internal/sql/expr"
	"github.com/streamctl/streamctl/internal/types"
	"github.com/streamctl/streamctl/internal/vector"
)

// Concat concatenates strings or binary data, of type t, with the separator between them. Arguments after the second are sort keys
// of the given types; without sort keys, the order is that of the sorting, which then has at most one element, of the values
// themselves, and without that the order of the rows. The second argument, the separator, is ignored.
func Concat(t *types.Type, separator string, keys []*types.Type, sorting []expr.Sorting) expr.Aggregator {
	return &listAgg{newList(append([]*types.Type{t}, keys...)...), separator, sorting}
}

// listAgg keeps strings and their sort keys.
type listAgg struct {
	*list
	separator string
	sorting   []expr.Sorting
}

// Update excludes the delimiter from the values.
func (l *listAgg) Update(n int, sel vector.Selection, groups []int32, args []*vector.Vector) error {
	inputs := append([]*vector.Vector{args[0]}, args[2:]...)
	return l.list.Update(n, sel, groups, inputs[:len(l.cols)])
}

func (l *listAgg) Finish(from, to int, out *vector.Vector) error {
	first := min(1, len(l.cols)-1) // sort key
	for g := range to - from {
		rows := l.rows(from + g)
		if len(rows) == 0 {
			out.SetNull(g)
			continue
		}
		at := len(out.Data)
		for k, r := range l.inOrder(rows, first, l.sorting) {
			if k > 0 {
				out.Data = append(out.Data, l.separator...)
			}
			out.Data = append(out.Data, l.cols[0].Bytes(int(r))...)
		}
		out.CloseBytes(g, at)
	}
	return nil
}
