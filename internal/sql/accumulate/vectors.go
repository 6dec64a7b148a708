package accumulate

import (
	"strconv"

	"github.com/streamctl/streamctl/internal/sparkerr"
	"github.com/streamctl/streamctl/internal/sql/expr"
	"github.com/streamctl/streamctl/internal/sql/kernel"
	"github.com/streamctl/streamctl/internal/types"
	"github.com/streamctl/streamctl/internal/vector"
)

// VectorSum adds up ARRAY<FLOAT> values of the same length element by element in FLOAT, ignoring those that contain a NULL. function
// is named in the error for different lengths.
func VectorSum(function string) expr.Aggregator { return &vectorTotals{name: function} }

// VectorAvg returns the mean of the vectors in the same way.
func VectorAvg(function string) expr.Aggregator { return &vectorTotals{name: function, mean: true} }

// vectorTotals keeps the sum or running mean of the vectors in each group, and their number.
type vectorTotals struct {
	name  string
	mean  bool
	total [][]float32
	count []int64
	items int // of all totals
}

func (s *vectorTotals) Grow(n int) { s.total, s.count = grown(s.total, n), grown(s.count, n) }

func (s *vectorTotals) Bytes() int { return capacity(s.total) + capacity(s.count) + 4*s.items }

func (s *vectorTotals) Update(n int, sel vector.Selection, groups []int32, args []*vector.Vector) error {
	for k := range kernel.Count(n, sel) {
		i := kernel.Row(sel, k)
		if items, whole := kernel.Floats(args[0], i); whole {
			if err := s.add(groups[i], items, 1); err != nil {
				return expr.AtRow(i, err)
			}
		}
	}
	return nil
}

// add adds items, the total of count vectors, to a group.
func (s *vectorTotals) add(g int32, items []float32, count int64) error {
	total := s.total[g]
	s.count[g] += count
	if total == nil {
		s.total[g] = append([]float32{}, items...)
		s.items += len(items)
		return nil
	}
	if len(total) != len(items) {
		return sparkerr.New("VECTOR_DIMENSION_MISMATCH", "functionName", types.Quote(s.name),
			"leftDim", strconv.Itoa(len(total)), "rightDim", strconv.Itoa(len(items)))
	}
	weight := float32(count) / float32(s.count[g])
	for i, x := range items {
		switch {
		case !s.mean:
			total[i] += x
		case count == 1:
			total[i] += (x - total[i]) / float32(s.count[g])
		default:
			total[i] += (x - total[i]) * weight
		}
	}
	return nil
}

func (s *vectorTotals) State() []*types.Type {
	return []*types.Type{types.ArrayOf(types.Float, false), types.Long}
}

func (s *vectorTotals) Save(state []*vector.Vector) {
	s.write(state[0])
	copy(state[1].I64, s.count)
}

func (s *vectorTotals) Merge(groups []int32, state []*vector.Vector) error {
	for i, g := range groups {
		if state[0].IsNull(i) {
			continue
		}
		items, _ := kernel.Floats(state[0], i)
		if err := s.add(g, items, state[1].I64[i]); err != nil {
			return err
		}
	}
	return nil
}

func (s *vectorTotals) Finish(out *vector.Vector) error {
	s.write(out)
	return nil
}

// write stores the totals in out, NULL for a group without vectors.
func (s *vectorTotals) write(out *vector.Vector) {
	list := out.Children[0]
	for g, total := range s.total {
		if total == nil {
			out.SetNull(g)
			continue
		}
		from := list.Len()
		list.Extend(from + len(total))
		copy(list.F32[from:], total)
		out.Views[g] = vector.View{Off: uint32(from), Len: uint32(len(total))}
	}
}
