package accumulate

import (
	"github.com/streamctl/streamctl/internal/decimal"
	"github.com/streamctl/streamctl/internal/sql/expr"
	"github.com/streamctl/streamctl/internal/sql/kernel"
	"github.com/streamctl/streamctl/internal/types"
	"github.com/streamctl/streamctl/internal/vector"
)

// Sum returns the sum of the first argument, whose type, after widening, is the result type t: BIGINT, DOUBLE, DECIMAL or an ANSI
// interval. overflow returns the error of a sum that does not fit into t; nil: it is NULL.
func Sum(t *types.Type, overflow func() error) expr.Aggregator {
	switch t.Kind {
	case types.KindLong, types.KindDayTime:
		return newSums(t, vector.Int64s, addLongs, overflow)
	case types.KindYearMonth:
		return newSums(t, vector.Int32s, addInts, overflow)
	case types.KindDecimal:
		return newSums(t, vector.Decimals, addDecimals, overflow)
	}
	return newSums(t, vector.Float64s, addDoubles, nil)
}

func newSums[T any](t *types.Type, slice func(*vector.Vector) []T, add func(a, b T) (T, bool), overflow func() error) *sums[T] {
	return &sums[T]{typ: t, slice: slice, add: add, fail: overflow}
}

func addLongs(a, b int64) (int64, bool) {
	s := a + b
	return s, (a^s)&(b^s) >= 0
}

func addInts(a, b int32) (int32, bool) {
	s := a + b
	return s, (a^s)&(b^s) >= 0
}

func addDoubles(a, b float64) (float64, bool) { return a + b, true }

func addDecimals(a, b decimal.Int128) (decimal.Int128, bool) {
	s, ok := a.AddChecked(b)
	return s, ok && decimal.Fits(s, decimal.MaxPrecision)
}

// States of a sum: nothing added, known, overflowed.
const (
	sumEmpty uint8 = iota
	sumKnown
	sumLost
)

// sums adds values of one type. A sum that has overflowed remains so: the result is an error, or NULL.
type sums[T any] struct {
	typ   *types.Type
	slice func(*vector.Vector) []T
	add   func(a, b T) (T, bool)
	fail  func() error // nil: overflow yields NULL
	sum   []T
	mark  []uint8
}

func (s *sums[T]) Grow(n int) { s.sum, s.mark = grown(s.sum, n), grown(s.mark, n) }

func (s *sums[T]) Update(n int, sel vector.Selection, groups []int32, args []*vector.Vector) error {
	v := args[0]
	values := s.slice(v)
	for k := range kernel.Count(n, sel) {
		i := kernel.Row(sel, k)
		if err := s.plus(groups[i], values[v.At(i)]); err != nil {
			return expr.AtRow(i, err)
		}
	}
	return nil
}

// plus adds to a group. Only decimals, which have spare digits, fail at the end instead of here.
func (s *sums[T]) plus(g int32, x T) error {
	if s.mark[g] == sumLost {
		return nil
	}
	sum, ok := s.add(s.sum[g], x)
	s.sum[g], s.mark[g] = sum, sumKnown
	if ok {
		return nil
	}
	s.mark[g] = sumLost
	if s.fail == nil || s.typ.Kind == types.KindDecimal {
		return nil
	}
	return s.fail()
}

func (s *sums[T]) State() []*types.Type { return []*types.Type{s.typ, types.Boolean} }

// Save writes the sum and whether it contains any value; a sum that has overflowed is NULL.
func (s *sums[T]) Save(state []*vector.Vector) {
	copy(s.slice(state[0]), s.sum)
	for g, m := range s.mark {
		state[1].Bool[g] = m != sumEmpty
		if m == sumLost {
			state[0].SetNull(g)
		}
	}
}

func (s *sums[T]) Merge(groups []int32, state []*vector.Vector) error {
	values := s.slice(state[0])
	for i, g := range groups {
		switch {
		case !state[1].Bool[i]:
		case state[0].IsNull(i):
			s.mark[g] = sumLost
		default:
			if err := s.plus(g, values[i]); err != nil {
				return err
			}
		}
	}
	return nil
}

func (s *sums[T]) Finish(out *vector.Vector) error {
	copy(s.slice(out), s.sum)
	for g, m := range s.mark {
		if m == sumLost && s.fail != nil {
			return s.fail()
		}
		if m == sumKnown {
			if d, ok := any(s.sum[g]).(decimal.Int128); !ok || decimal.Fits(d, s.typ.Precision) {
				continue
			}
			if s.fail != nil {
				return s.fail()
			}
		}
		out.SetNull(g)
	}
	return nil
}
