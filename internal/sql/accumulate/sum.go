package accumulate

import (
	"slices"

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
		s := newSums(t, vector.Int64s, addIntegers, overflow)
		s.tracked = overflow == nil
		return s
	case types.KindYearMonth:
		s := newSums(t, vector.Int32s, addIntegers, overflow)
		s.tracked = overflow == nil
		return s
	case types.KindDecimal:
		if t.Precision <= longDigits {
			return &unscaled{Aggregator: Sum(types.Long, overflow), typ: types.Long, out: func(out, sums *vector.Vector) {
				for g, sum := range sums.I64 {
					out.Dec[g] = decimal.FromInt64(sum)
				}
			}}
		}
		s := newSums(t, vector.Decimals, addDecimals, overflow)
		s.tracked = true
		return s
	}
	return newSums(t, vector.Float64s, addDoubles, nil)
}

// An adder adds values to the sums of their groups, except to those that have overflowed. It returns the position of the value
// with which a sum overflows, or -1.
type adder[T any] func(sums []T, marks []uint8, groups []int32, values []T) int

func newSums[T any](t *types.Type, slice func(*vector.Vector) []T, add adder[T], overflow func() error) *sums[T] {
	return &sums[T]{typ: t, slice: slice, add: add, fail: overflow}
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
	add   adder[T]
	fail  func() error // nil: overflow yields NULL
	// tracked says that the saved state tells in a separate column whether a sum has overflowed; without it, a sum of no values is
	// NULL. (Spark: shouldTrackIsEmpty.)
	tracked bool
	sum     []T
	mark    []uint8
	rows    picked[T]
	sel     vector.Selection
}

func (s *sums[T]) Grow(n int) { s.sum, s.mark = grown(s.sum, n), grown(s.mark, n) }

func (s *sums[T]) Bytes() int { return capacity(s.sum) + cap(s.mark) }

// Associative is true for integers whose overflow is an error.
func (s *sums[T]) Associative() bool {
	return !s.tracked && s.fail != nil && s.typ.Kind != types.KindDouble
}

func (s *sums[T]) Update(n int, sel vector.Selection, groups []int32, args []*vector.Vector) error {
	v := args[0]
	groups, values := s.rows.pick(n, sel, groups, v, s.slice(v))
	if k, err := s.addAll(groups, values); err != nil {
		return expr.AtRow(kernel.Row(sel, k), err)
	}
	return nil
}

// addAll adds values to their groups. With an error, it returns the position of the value that caused it.
func (s *sums[T]) addAll(groups []int32, values []T) (int, error) {
	for at := 0; ; at++ {
		k := s.add(s.sum, s.mark, groups[at:], values[at:])
		if k < 0 {
			return 0, nil
		}
		at += k
		if err := s.lose(groups[at]); err != nil {
			return at, err
		}
	}
}

// lose marks a sum that overflows. Only decimals, which have spare digits, fail at the end instead of here.
func (s *sums[T]) lose(g int32) error {
	s.mark[g] = sumLost
	if s.fail == nil || s.typ.Kind == types.KindDecimal {
		return nil
	}
	return s.fail()
}

func (s *sums[T]) Reset() { s.sum, s.mark = s.sum[:0], s.mark[:0] }

func (s *sums[T]) State() []types.Field {
	if s.tracked {
		return []types.Field{field("sum", s.typ), field("isEmpty", types.Boolean)}
	}
	return fields(s.typ, "sum")
}

func (s *sums[T]) Save(from, to int, state []*vector.Vector) {
	copy(s.slice(state[0]), s.sum[from:to])
	for g, m := range s.mark[from:to] {
		if s.tracked {
			state[1].Bool[g] = m == sumEmpty
		}
		if m == sumLost || m == sumEmpty && !s.tracked {
			state[0].SetNull(g)
		}
	}
}

func (s *sums[T]) Merge(groups []int32, state []*vector.Vector) error {
	if !s.tracked && state[0].Valid == nil {
		_, err := s.addAll(groups, s.slice(state[0])[:len(groups)])
		return err
	}
	empty := func(i int) bool { return state[0].IsNull(i) }
	if s.tracked {
		empty = func(i int) bool { return state[1].Bool[i] }
	}
	return s.merge(groups, state[0], empty)
}

// merge adds the saved sums that are not empty; one that is NULL has overflowed.
func (s *sums[T]) merge(groups []int32, sums *vector.Vector, empty func(i int) bool) error {
	s.sel = slices.Grow(s.sel[:0], len(groups)) // not nil
	for i, g := range groups {
		switch {
		case empty(i):
		case sums.IsNull(i):
			s.mark[g] = sumLost
		default:
			s.sel = append(s.sel, int32(i))
		}
	}
	groups, values := s.rows.pick(len(groups), s.sel, groups, sums, s.slice(sums))
	_, err := s.addAll(groups, values)
	return err
}

func (s *sums[T]) Finish(from, to int, out *vector.Vector) error {
	copy(s.slice(out), s.sum[from:to])
	for g, m := range s.mark[from:to] {
		if m == sumLost && s.fail != nil {
			return s.fail()
		}
		if m == sumKnown {
			if d, ok := any(s.sum[from+g]).(decimal.Int128); !ok || decimal.Fits(d, s.typ.Precision) {
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
