package accumulate

import (
	"github.com/streamctl/streamctl/internal/sql/expr"
	"github.com/streamctl/streamctl/internal/sql/kernel"
	"github.com/streamctl/streamctl/internal/types"
	"github.com/streamctl/streamctl/internal/vector"
)

// Bits combines integers of type t bitwise, starting from start, which must not change any value. A group without rows is NULL.
// name is that of the column of the state.
func Bits(name string, t *types.Type, start int64, combine func(a, b int64) int64) expr.Aggregator {
	return &bitAggregate{column: field(name, t), start: start, combine: combine}
}

// bitAggregate combines integers bitwise. Sign extension to 64 bits does not affect the result.
type bitAggregate struct {
	column  types.Field
	start   int64
	combine func(a, b int64) int64
	value   []int64
	seen    []bool
}

func (b *bitAggregate) Grow(n int) {
	old := len(b.value)
	b.value, b.seen = grown(b.value, n), grown(b.seen, n)
	for g := old; g < len(b.value); g++ {
		b.value[g] = b.start
	}
}

func (b *bitAggregate) Bytes() int { return 8*cap(b.value) + cap(b.seen) }

// Associative is true.
func (b *bitAggregate) Associative() bool { return true }

func (b *bitAggregate) Update(n int, sel vector.Selection, groups []int32, args []*vector.Vector) error {
	v := args[0]
	for k := range kernel.Count(n, sel) {
		i := kernel.Row(sel, k)
		g := groups[i]
		b.value[g], b.seen[g] = b.combine(b.value[g], kernel.Int64At(v, v.At(i))), true
	}
	return nil
}

func (b *bitAggregate) Reset() { b.value, b.seen = b.value[:0], b.seen[:0] }

func (b *bitAggregate) State() []types.Field { return []types.Field{b.column} }

func (b *bitAggregate) Save(from, to int, state []*vector.Vector) { _ = b.Finish(from, to, state[0]) }

func (b *bitAggregate) Merge(groups []int32, state []*vector.Vector) error {
	for i, g := range groups {
		if !state[0].IsNull(i) {
			b.value[g], b.seen[g] = b.combine(b.value[g], kernel.Int64At(state[0], i)), true
		}
	}
	return nil
}

func (b *bitAggregate) Finish(from, to int, out *vector.Vector) error {
	for g, x := range b.value[from:to] {
		switch out.Type.Kind {
		case types.KindByte:
			out.I8[g] = int8(x)
		case types.KindShort:
			out.I16[g] = int16(x)
		case types.KindInt:
			out.I32[g] = int32(x)
		default:
			out.I64[g] = x
		}
		if !b.seen[from+g] {
			out.SetNull(g)
		}
	}
	return nil
}
