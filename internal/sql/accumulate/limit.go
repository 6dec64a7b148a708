package accumulate

import (
	"math"

	"github.com/streamctl/streamctl/internal/decimal"
	"github.com/streamctl/streamctl/internal/sql/expr"
	"github.com/streamctl/streamctl/internal/sql/kernel"
	"github.com/streamctl/streamctl/internal/types"
	"github.com/streamctl/streamctl/internal/vector"
)

// numberLimit returns the minimum or maximum of values that are stored as numbers, or nil for another type.
func numberLimit(t *types.Type, greatest bool) expr.Aggregator {
	switch t.Kind.Storage() {
	case types.KindByte:
		return integerLimit(t, vector.Int8s, greatest, math.MinInt8, math.MaxInt8)
	case types.KindShort:
		return integerLimit(t, vector.Int16s, greatest, math.MinInt16, math.MaxInt16)
	case types.KindInt:
		return integerLimit(t, vector.Int32s, greatest, math.MinInt32, math.MaxInt32)
	case types.KindLong:
		return integerLimit(t, vector.Int64s, greatest, math.MinInt64, math.MaxInt64)
	case types.KindFloat:
		return newLimit(t, vector.Float32s, greatest, keepGreatestFloat, float32(math.Inf(-1)), keepLeastFloat, float32(math.NaN()))
	case types.KindDouble:
		return newLimit(t, vector.Float64s, greatest, keepGreatestFloat, math.Inf(-1), keepLeastFloat, math.NaN())
	case types.KindDecimal:
		least, most := decimal.Int128{Hi: math.MinInt64}, decimal.Int128{Hi: math.MaxInt64, Lo: math.MaxUint64}
		return newLimit(t, vector.Decimals, greatest, keepGreatestDecimal, least, keepLeastDecimal, most)
	}
	return nil
}

func integerLimit[T int8 | int16 | int32 | int64](t *types.Type, slice func(*vector.Vector) []T, greatest bool, least, most T) *limit[T] {
	return newLimit(t, slice, greatest, keepGreatest[T], least, keepLeast[T], most)
}

// A keeper adds values to the limits of their groups, and marks these as not empty. Of equal values, it keeps the earlier.
type keeper[T any] func(kept []T, known []bool, groups []int32, values []T)

// A limit keeps the minimum or maximum of numbers.
type limit[T any] struct {
	column types.Field
	slice  func(*vector.Vector) []T
	keep   keeper[T]
	empty  T // the value of groups without any
	kept   []T
	known  []bool
	rows   picked[T]
	sel    vector.Selection
}

func newLimit[T any](t *types.Type, slice func(*vector.Vector) []T, greatest bool, most keeper[T], below T, least keeper[T], above T) *limit[T] {
	l := &limit[T]{column: limitColumn(t, greatest), slice: slice, keep: least, empty: above}
	if greatest {
		l.keep, l.empty = most, below
	}
	return l
}

func (l *limit[T]) Grow(n int) {
	old := len(l.kept)
	l.kept, l.known = grown(l.kept, n), grown(l.known, n)
	kernel.Fill(l.kept[old:], l.empty)
}

func (l *limit[T]) Bytes() int { return capacity(l.kept) + cap(l.known) }

// Associative is true: of equal values, the earlier stays.
func (l *limit[T]) Associative() bool { return true }

func (l *limit[T]) Update(n int, sel vector.Selection, groups []int32, args []*vector.Vector) error {
	groups, values := l.rows.pick(n, sel, groups, args[0], l.slice(args[0]))
	l.keep(l.kept, l.known, groups, values)
	return nil
}

func (l *limit[T]) Reset() { l.kept, l.known = l.kept[:0], l.known[:0] }

func (l *limit[T]) State() []types.Field { return []types.Field{l.column} }

func (l *limit[T]) Save(from, to int, state []*vector.Vector) { _ = l.Finish(from, to, state[0]) }

func (l *limit[T]) Merge(groups []int32, state []*vector.Vector) error {
	var sel vector.Selection
	if v := state[0]; v.Valid != nil {
		l.sel = kernel.NotNull(v.Valid, len(groups), nil, l.sel)
		sel = l.sel
	}
	return l.Update(len(groups), sel, groups, state)
}

func (l *limit[T]) Finish(from, to int, out *vector.Vector) error {
	copy(l.slice(out), l.kept[from:to])
	for g, known := range l.known[from:to] {
		if !known {
			out.SetNull(g)
		}
	}
	return nil
}

// limitColumn returns the column of the state of a minimum or maximum.
func limitColumn(t *types.Type, greatest bool) types.Field {
	if greatest {
		return field("max", t)
	}
	return field("min", t)
}
