package accumulate

import (
	"errors"

	"github.com/streamctl/streamctl/internal/sparkerr"
	"github.com/streamctl/streamctl/internal/sql/expr"
	"github.com/streamctl/streamctl/internal/sql/kernel"
	"github.com/streamctl/streamctl/internal/sql/sketch"
	"github.com/streamctl/streamctl/internal/types"
	"github.com/streamctl/streamctl/internal/vector"
)

// A summary is the state of one group: a sketch. Its bytes are part of the saved state.
type summary interface {
	Bytes() int
	Append(dst []byte) []byte
	Merge(b []byte) error
}

// sketches holds a sketch per group.
type sketches[S summary] struct {
	empty  func() S
	add    func(s S, args []*vector.Vector, i int) error // adds row i
	finish func(s S, out *vector.Vector, g int)
	groups []S
	bytes  int // of the sketches
}

func (s *sketches[S]) Grow(n int) {
	for len(s.groups) < n {
		s.groups = append(s.groups, s.empty())
	}
}

func (s *sketches[S]) Bytes() int { return s.bytes + capacity(s.groups) }

func (s *sketches[S]) Update(n int, sel vector.Selection, groups []int32, args []*vector.Vector) error {
	for k := range kernel.Count(n, sel) {
		i := kernel.Row(sel, k)
		one := s.groups[groups[i]]
		before := one.Bytes()
		if err := s.add(one, args, i); err != nil {
			return expr.AtRow(i, err)
		}
		s.bytes += one.Bytes() - before
	}
	return nil
}

func (s *sketches[S]) Reset() {
	clear(s.groups)
	s.groups, s.bytes = s.groups[:0], 0
}

func (s *sketches[S]) State() []types.Field { return fields(types.Binary, "buf") }

func (s *sketches[S]) Save(from, to int, state []*vector.Vector) {
	for g, one := range s.groups[from:to] {
		from := len(state[0].Data)
		state[0].Data = one.Append(state[0].Data)
		state[0].CloseBytes(g, from)
	}
}

func (s *sketches[S]) Merge(groups []int32, state []*vector.Vector) error {
	for i, g := range groups {
		before := s.groups[g].Bytes()
		if err := s.groups[g].Merge(state[0].Bytes(i)); err != nil {
			if spark := (*sparkerr.Error)(nil); errors.As(err, &spark) {
				return err
			}
			return damaged(err)
		}
		s.bytes += s.groups[g].Bytes() - before
	}
	return nil
}

func (s *sketches[S]) Finish(from, to int, out *vector.Vector) error {
	for g, one := range s.groups[from:to] {
		s.finish(one, out, g)
	}
	return nil
}

// addOrdinal adds the first argument as a double.
func addOrdinal[S interface{ Add(x float64) }](s S, args []*vector.Vector, i int) error {
	s.Add(ordinal(args[0], i))
	return nil
}

// An ApproxPercentile describes a call of percentile_approx.
type ApproxPercentile struct {
	Shares   []float64 // the percentages, from 0 to 1
	List     bool      // return an array with one result per share, else the result for the only one
	Accuracy int64     // the rank of a result is off by at most the number of values divided by Accuracy
}

// New returns the aggregation. Its argument is a number, a date, a timestamp or an ANSI interval.
func (q ApproxPercentile) New() expr.Aggregator {
	return &sketches[*sketch.Quantiles]{
		empty:  func() *sketch.Quantiles { return sketch.NewQuantiles(1 / float64(q.Accuracy)) },
		add:    addOrdinal[*sketch.Quantiles],
		finish: q.finish,
	}
}

func (q ApproxPercentile) finish(s *sketch.Quantiles, out *vector.Vector, g int) {
	if s.Empty() || len(q.Shares) == 0 {
		out.SetNull(g)
		return
	}
	to, at := out, g
	if q.List {
		to = out.Children[0]
		at = to.Len()
		to.Extend(at + len(q.Shares))
		out.Views[g] = vector.View{Off: uint32(at), Len: uint32(len(q.Shares))}
	}
	for k, w := range q.Shares {
		setOrdinal(to, at+k, s.Query(w))
	}
}

// Histogram returns the bins of a histogram of at most limit bins, an array of structs (x, y). Its argument is as for ApproxPercentile.
func Histogram(limit int) expr.Aggregator {
	return &sketches[*sketch.Histogram]{
		empty: func() *sketch.Histogram { return sketch.NewHistogram(limit) },
		add:   addOrdinal[*sketch.Histogram],
		finish: func(h *sketch.Histogram, out *vector.Vector, g int) {
			bins := h.Bins()
			if len(bins) == 0 {
				out.SetNull(g)
				return
			}
			items := out.Children[0]
			from := items.Len()
			items.Extend(from + len(bins))
			for k, b := range bins {
				setOrdinal(items.Children[0], from+k, b.X)
				items.Children[1].F64[from+k] = b.Y
			}
			out.Views[g] = vector.View{Off: uint32(from), Len: uint32(len(bins))}
		},
	}
}
