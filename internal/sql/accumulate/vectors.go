package accumulate

import (
	"encoding/binary"
	"math"
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
	if s.mean {
		addMean(total, items, float32(s.count[g]-count)/float32(s.count[g]), float32(count)/float32(s.count[g]), count == 1)
		return nil
	}
	for i, x := range items {
		total[i] += x
	}
	return nil
}

// addMean adds items, which are a vector or the mean of several, to a mean, given the shares of both in the total number of vectors.
// Spark adds one vector in another way than a mean, which can change the last digit; a conversion keeps the compiler from fusing
// a product with an addition.
func addMean(mean, items []float32, before, share float32, one bool) {
	for i, x := range items {
		if one {
			mean[i] += float32((x - mean[i]) * share)
		} else {
			mean[i] = float32(mean[i]*before) + float32(x*share)
		}
	}
}

func (s *vectorTotals) Reset() { s.total, s.count, s.items = s.total[:0], s.count[:0], 0 }

func (s *vectorTotals) State() []types.Field {
	return []types.Field{field("acc", types.Binary), field("count", types.Long)}
}

func (s *vectorTotals) Save(from, to int, state []*vector.Vector) {
	acc := state[0]
	for g, total := range s.total[from:to] {
		if total == nil {
			acc.SetNull(g)
			continue
		}
		at := len(acc.Data)
		for _, x := range total {
			acc.Data = binary.LittleEndian.AppendUint32(acc.Data, math.Float32bits(x))
		}
		acc.CloseBytes(g, at)
	}
	copy(state[1].I64, s.count[from:to])
}

func (s *vectorTotals) Merge(groups []int32, state []*vector.Vector) error {
	for i, g := range groups {
		if state[0].IsNull(i) {
			continue
		}
		b := state[0].Bytes(i)
		if len(b)%4 != 0 || state[1].I64[i] <= 0 {
			return damaged(errShort)
		}
		items := make([]float32, len(b)/4)
		for k := range items {
			items[k] = math.Float32frombits(binary.LittleEndian.Uint32(b[4*k:]))
		}
		if err := s.add(g, items, state[1].I64[i]); err != nil {
			return err
		}
	}
	return nil
}

func (s *vectorTotals) Finish(from, to int, out *vector.Vector) error {
	list := out.Children[0]
	for g, total := range s.total[from:to] {
		if total == nil {
			out.SetNull(g)
			continue
		}
		at := list.Len()
		list.Extend(at + len(total))
		copy(list.F32[at:], total)
		out.Views[g] = vector.View{Off: uint32(at), Len: uint32(len(total))}
	}
	return nil
}
