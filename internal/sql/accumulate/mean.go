package accumulate

import (
	"github.com/streamctl/streamctl/internal/decimal"
	"github.com/streamctl/streamctl/internal/sql/expr"
	"github.com/streamctl/streamctl/internal/types"
	"github.com/streamctl/streamctl/internal/vector"
)

// MeanErrors are the errors of Mean; nil: the result is NULL.
type MeanErrors struct {
	Sum  func() error                                // the sum overflows
	Mean func(sum decimal.Int128, count int64) error // the mean of decimals does not fit into its type
}

// Mean returns the mean of argument arg in the rows passed. The argument has type in and is summed as type sum; the mean has type out:
// DOUBLE, DECIMAL or an ANSI interval.
func Mean(arg int, in, sum, out *types.Type, errors MeanErrors) expr.Aggregator {
	switch out.Kind {
	case types.KindDecimal:
		if in.Precision <= meanDigits {
			return unscaledMean(arg, in, out)
		}
		s := newSums(sum, vector.Decimals, addDecimals, errors.Sum)
		return &averages[decimal.Int128]{sums: s, arg: arg, divide: decimalMean(in.Scale, out, errors.Mean)}
	case types.KindYearMonth:
		s := newSums(sum, vector.Int32s, addIntegers, errors.Sum)
		return &averages[int32]{sums: s, arg: arg, divide: func(sum int32, n int64) (int32, bool, error) {
			return int32(nearest(int64(sum), n)), true, nil
		}}
	case types.KindDayTime:
		s := newSums(sum, vector.Int64s, addIntegers, errors.Sum)
		return &averages[int64]{sums: s, arg: arg, divide: func(sum, n int64) (int64, bool, error) { return nearest(sum, n), true, nil }}
	}
	s := newSums(out, vector.Float64s, addDoubles, nil)
	return &averages[float64]{sums: s, arg: arg, divide: func(sum float64, n int64) (float64, bool, error) { return sum / float64(n), true, nil }}
}

// nearest returns a/n rounded to the nearest integer, ties away from zero; n must be positive.
func nearest(a, n int64) int64 {
	q, r := a/n, a%n
	if r < 0 {
		r = -r
	}
	if r >= n-r {
		if a < 0 {
			return q - 1
		}
		return q + 1
	}
	return q
}

func decimalMean(scale int, t *types.Type, fail func(decimal.Int128, int64) error) func(decimal.Int128, int64) (decimal.Int128, bool, error) {
	return func(sum decimal.Int128, n int64) (decimal.Int128, bool, error) {
		mean, ok := decimal.Div(sum, decimal.FromInt64(n), t.Scale-scale)
		switch {
		case ok && decimal.Fits(mean, t.Precision):
			return mean, true, nil
		case fail == nil:
			return mean, false, nil
		}
		return mean, false, fail(sum, n)
	}
}

// averages divides sums by their number of values.
type averages[T any] struct {
	*sums[T]
	arg    int
	divide func(sum T, n int64) (mean T, ok bool, err error)
	n      []int64
}

func (a *averages[T]) Grow(n int) {
	a.sums.Grow(n)
	a.n = grown(a.n, n)
}

func (a *averages[T]) Bytes() int { return a.sums.Bytes() + 8*cap(a.n) }

func (a *averages[T]) Update(n int, sel vector.Selection, groups []int32, args []*vector.Vector) error {
	countRows(a.n, n, sel, groups)
	return a.sums.Update(n, sel, groups, args[a.arg:])
}

func (a *averages[T]) Reset() {
	a.sums.Reset()
	a.n = a.n[:0]
}

func (a *averages[T]) State() []types.Field {
	return []types.Field{field("sum", a.typ), field("count", types.Long)}
}

// Save writes the sum, 0 without values and NULL if it has overflowed, and the number of values.
func (a *averages[T]) Save(from, to int, state []*vector.Vector) {
	copy(a.slice(state[0]), a.sum[from:to])
	for g, m := range a.mark[from:to] {
		if m == sumLost {
			state[0].SetNull(g)
		}
	}
	copy(state[1].I64, a.n[from:to])
}

func (a *averages[T]) Merge(groups []int32, state []*vector.Vector) error {
	counts := state[1].I64
	for i, g := range groups {
		a.n[g] += counts[i]
	}
	return a.merge(groups, state[0], func(i int) bool { return counts[i] == 0 })
}

func (a *averages[T]) Finish(from, to int, out *vector.Vector) error {
	values := a.slice(out)
	for g, m := range a.mark[from:to] {
		switch {
		case m == sumLost && a.fail != nil:
			return a.fail()
		case m != sumKnown || a.n[from+g] == 0: // the latter only in a damaged state
			out.SetNull(g)
			continue
		}
		mean, ok, err := a.divide(a.sum[from+g], a.n[from+g])
		if err != nil {
			return err
		}
		values[g] = mean
		if !ok {
			out.SetNull(g)
		}
	}
	return nil
}
