package function

import (
	"github.com/streamctl/streamctl/internal/sql/accumulate"
	"github.com/streamctl/streamctl/internal/sql/coerce"
	"github.com/streamctl/streamctl/internal/sql/expr"
	"github.com/streamctl/streamctl/internal/types"
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
			Accumulate: accumulates(accumulate.SetBits),
		},
		{
			Name: "bitmap_or_agg", Group: "agg_funcs", Usage: "bitmap_or_agg(child)", Doc: "The bitwise OR of the bitmaps.",
			Example: "bitmap_count(bitmap_or_agg(X'10'))", Result: "1", MinArgs: 1, MaxArgs: 1, Aggregate: true,
			Resolve:    never(expects(types.Binary, coerce.Binary)),
			Accumulate: accumulates(accumulate.OrBitmaps),
		},
		{
			Name: "bitmap_and_agg", Group: "agg_funcs", Usage: "bitmap_and_agg(child)", Doc: "The bitwise AND of the bitmaps.",
			Example: "bitmap_count(bitmap_and_agg(X'10'))", Result: "1", MinArgs: 1, MaxArgs: 1, Aggregate: true,
			Resolve:    never(expects(types.Binary, coerce.Binary)),
			Accumulate: accumulates(accumulate.AndBitmaps),
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
			return accumulate.Bits(name, call.Type, start, combine), nil
		},
	}
}
