package function

import (
	"strconv"

	"github.com/streamctl/streamctl/internal/sparkerr"
	"github.com/streamctl/streamctl/internal/sql/coerce"
	"github.com/streamctl/streamctl/internal/sql/expr"
	"github.com/streamctl/streamctl/internal/sql/kernel"
	"github.com/streamctl/streamctl/internal/types"
	"github.com/streamctl/streamctl/internal/vector"
)

// bitFunctions combine the bits of integers and of bitmaps.
func bitFunctions() []*expr.Function {
	return []*expr.Function{
		foldBits("bit_and", "The bitwise AND of the integers.", -1, func(a, b int64) int64 { return a & b }),
		foldBits("bit_or", "The bitwise OR of the integers.", 0, func(a, b int64) int64 { return a | b }),
		foldBits("bit_xor", "The bitwise XOR of the integers.", 0, func(a, b int64) int64 { return a ^ b }),
		{
			Name: "bitmap_construct_agg", Group: "agg_funcs", Usage: "bitmap_construct_agg(child)", Doc: "A bitmap with the bits at the given positions set.",
			Example: "bitmap_count(bitmap_construct_agg(5))", Result: "1", MinArgs: 1, MaxArgs: 1, Aggregate: true,
			Resolve:    never(returns(types.Binary, coerce.Long)),
			Accumulate: bitmapsOf(setBit, 0),
		},
		{
			Name: "bitmap_or_agg", Group: "agg_funcs", Usage: "bitmap_or_agg(child)", Doc: "The bitwise OR of the bitmaps.",
			Example: "bitmap_count(bitmap_or_agg(X'10'))", Result: "1", MinArgs: 1, MaxArgs: 1, Aggregate: true,
			Resolve:    never(expects(types.Binary, coerce.Binary)),
			Accumulate: bitmapsOf(orBits, 0),
		},
		{
			Name: "bitmap_and_agg", Group: "agg_funcs", Usage: "bitmap_and_agg(child)", Doc: "The bitwise AND of the bitmaps.",
			Example: "bitmap_count(bitmap_and_agg(X'10'))", Result: "1", MinArgs: 1, MaxArgs: 1, Aggregate: true,
			Resolve:    never(expects(types.Binary, coerce.Binary)),
			Accumulate: bitmapsOf(andBits, 0xFF),
		},
	}
}

func foldBits(name, doc string, start int64, combine func(a, b int64) int64) *expr.Function {
	return &expr.Function{
		Name: name, Group: "agg_funcs", Usage: name + "(expr)", Doc: doc, Example: name + "(5)", Result: "5", MinArgs: 1, MaxArgs: 1, Aggregate: true,
		Resolve: func(call *expr.Expr) error {
			if err := coerce.Params(call, coerce.Integral); err != nil {
				return err
			}
			call.Type, call.Nullable = call.Args[0].Type, true
			return nil
		},
		Accumulate: func(call *expr.Expr) (expr.Aggregator, error) {
			return &bitAggregate{typ: call.Type, start: start, combine: combine}, nil
		},
	}
}

// bitAggregate combines integers bitwise. Sign extension to 64 bits does not affect the result.
type bitAggregate struct {
	typ     *types.Type
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

func (b *bitAggregate) Update(n int, sel vector.Selection, groups []int32, args []*vector.Vector) error {
	v := args[0]
	for k := range kernel.Count(n, sel) {
		i := kernel.Row(sel, k)
		g := groups[i]
		b.value[g], b.seen[g] = b.combine(b.value[g], integerAt(v, v.At(i))), true
	}
	return nil
}

func (b *bitAggregate) State() []*types.Type { return []*types.Type{types.Long} }

func (b *bitAggregate) Save(state []*vector.Vector) { _ = b.Finish(state[0]) }

func (b *bitAggregate) Merge(groups []int32, state []*vector.Vector) error {
	for i, g := range groups {
		if !state[0].IsNull(i) {
			b.value[g], b.seen[g] = b.combine(b.value[g], state[0].I64[i]), true
		}
	}
	return nil
}

func (b *bitAggregate) Finish(out *vector.Vector) error {
	for g, x := range b.value {
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
		if !b.seen[g] {
			out.SetNull(g)
		}
	}
	return nil
}

// bitmaps holds a bitmap of bitmapBits bits per group.
type bitmaps struct {
	fill byte // of an empty group
	add  func(bits []byte, v *vector.Vector, i int) error
	data []byte
}

const bitmapBytes = bitmapBits / 8

func bitmapsOf(add func(bits []byte, v *vector.Vector, i int) error, fill byte) accumulator {
	return func(*expr.Expr) (expr.Aggregator, error) { return &bitmaps{fill: fill, add: add}, nil }
}

func setBit(bits []byte, v *vector.Vector, i int) error {
	at := v.I64[v.At(i)]
	if at < 0 || at >= bitmapBits {
		return sparkerr.New("INVALID_BITMAP_POSITION", "bitPosition", strconv.FormatInt(at, 10),
			"bitmapNumBytes", strconv.Itoa(bitmapBytes), "bitmapNumBits", strconv.Itoa(bitmapBits))
	}
	bits[at/8] |= 1 << (at % 8)
	return nil
}

func orBits(bits []byte, v *vector.Vector, i int) error {
	for k, b := range v.Bytes(i) {
		if k < len(bits) {
			bits[k] |= b
		}
	}
	return nil
}

// andBits pads a short bitmap with zeros.
func andBits(bits []byte, v *vector.Vector, i int) error {
	b := v.Bytes(i)
	for k := range bits {
		if k < len(b) {
			bits[k] &= b[k]
		} else {
			bits[k] = 0
		}
	}
	return nil
}

func (b *bitmaps) of(g int) []byte { return b.data[g*bitmapBytes : (g+1)*bitmapBytes] }

func (b *bitmaps) Grow(n int) {
	old := len(b.data)
	b.data = grown(b.data, n*bitmapBytes)
	for k := old; k < len(b.data) && b.fill != 0; k++ {
		b.data[k] = b.fill
	}
}

func (b *bitmaps) Update(n int, sel vector.Selection, groups []int32, args []*vector.Vector) error {
	for k := range kernel.Count(n, sel) {
		i := kernel.Row(sel, k)
		if err := b.add(b.of(int(groups[i])), args[0], i); err != nil {
			return expr.AtRow(i, err)
		}
	}
	return nil
}

func (b *bitmaps) State() []*types.Type { return []*types.Type{types.Binary} }

func (b *bitmaps) Save(state []*vector.Vector) { _ = b.Finish(state[0]) }

func (b *bitmaps) Merge(groups []int32, state []*vector.Vector) error {
	merge := orBits
	if b.fill != 0 {
		merge = andBits
	}
	for i, g := range groups {
		if err := merge(b.of(int(g)), state[0], i); err != nil {
			return err
		}
	}
	return nil
}

func (b *bitmaps) Finish(out *vector.Vector) error {
	for g := range len(b.data) / bitmapBytes {
		out.SetBytes(g, b.of(g))
	}
	return nil
}
