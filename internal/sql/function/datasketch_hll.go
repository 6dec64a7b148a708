package function

import (
	"math"
	"strconv"

	"github.com/streamctl/streamctl/internal/sparkerr"
	"github.com/streamctl/streamctl/internal/sql/accumulate"
	"github.com/streamctl/streamctl/internal/sql/coerce"
	"github.com/streamctl/streamctl/internal/sql/expr"
	"github.com/streamctl/streamctl/internal/sql/sketch"
	"github.com/streamctl/streamctl/internal/types"
	"github.com/streamctl/streamctl/internal/vector"
)

// hllFunctions count different values approximately, in sketches that can be stored and united later.
func hllFunctions() []*expr.Function {
	return []*expr.Function{
		{
			Name: "hll_sketch_agg", Group: "agg_funcs", Usage: "hll_sketch_agg(expr[, lgConfigK])",
			Doc:     "An HLL sketch of the different values, an integer, text or binary; it has 1 << lgConfigK registers, by default 4,096.",
			Example: "hll_sketch_estimate(hll_sketch_agg(5))", Result: "1", MinArgs: 1, MaxArgs: 2, Aggregate: true,
			Resolve: never(defaults(expects(types.Binary, coerce.OneOf(coerce.Int, coerce.Long, coerce.String, coerce.Binary), coerce.Int),
				1, expr.Int(sketch.DefaultHLL))),
			Accumulate: func(call *expr.Expr) (expr.Aggregator, error) {
				lgK, err := lgRegisters(call)
				if err != nil {
					return nil, err
				}
				return accumulate.HLL(call.Args[0].Type, lgK), nil
			},
		},
		{
			Name: "hll_union_agg", Group: "agg_funcs", Usage: "hll_union_agg(expr[, allowDifferentLgConfigK])",
			Doc:     "The union of HLL sketches. They must have equally many registers, unless allowDifferentLgConfigK is true.",
			Example: "hll_sketch_estimate(hll_union_agg(X'0201070C03000108CBD7C204'))", MinArgs: 1, MaxArgs: 2, Aggregate: true, Result: "1",
			Operands: seesNulls, // NULL for the second argument is false
			Resolve:  never(defaults(expects(types.Binary, coerce.Binary, coerce.Boolean), 1, expr.Bool(false))),
			Accumulate: func(call *expr.Expr) (expr.Aggregator, error) {
				mixed, err := constantArg(call, 1)
				switch {
				case err != nil:
					return nil, err
				case mixed == nil:
					return nil, notConstant(call, 1, "`allowDifferentLgConfigK`")
				}
				return accumulate.HLLUnion(call.CallName(), !mixed.IsNull(0) && mixed.Bool[0]), nil
			},
		},
		{
			Name: "hll_sketch_estimate", Group: "sketch_funcs", Usage: "hll_sketch_estimate(expr)", Doc: "The approximate number of different values in an HLL sketch.",
			Example: "hll_sketch_estimate(X'0201070C03000108CBD7C204')", Result: "1", MinArgs: 1, MaxArgs: 1, Resolve: expects(types.Long, coerce.Binary),
			Compile: eachRow(func(r *row) error {
				h, err := sketch.ReadHLL(r.text(0))
				if err != nil {
					return accumulate.HLLBuffer("hll_sketch_estimate")
				}
				r.setLong(int64(math.Floor(h.Estimate() + 0.5)))
				return nil
			}),
		},
		{
			Name: "hll_union", Group: "sketch_funcs", Usage: "hll_union(first, second[, allowDifferentLgConfigK])",
			Doc:     "The union of two HLL sketches. They must have equally many registers, unless allowDifferentLgConfigK is true.",
			Example: "hll_sketch_estimate(hll_union(X'0201070C03000108CBD7C204', X'0201070C030001082BF2FB06'))", Result: "2", MinArgs: 2, MaxArgs: 3,
			Resolve: defaults(expects(types.Binary, coerce.Binary, coerce.Binary, coerce.Boolean), 2, expr.Bool(false)),
			Compile: eachRow(uniteHLLs),
		},
	}
}

// lgRegisters returns the constant argument lgConfigK of a call. Spark checks it when it makes the first buffer.
func lgRegisters(call *expr.Expr) (int, error) {
	v, err := constantArg(call, 1)
	switch {
	case err != nil:
		return 0, err
	case v == nil:
		return 0, atCall(call, sparkerr.New("HLL_K_MUST_BE_CONSTANT", "function", "`"+call.CallName()+"`"))
	}
	lgK := intOrZero(v)
	if lgK < sketch.LeastHLL || lgK > sketch.MostHLL {
		return 0, atCall(call, sparkerr.New("HLL_INVALID_LG_K", "function", "`"+call.CallName()+"`",
			"min", strconv.Itoa(sketch.LeastHLL), "max", strconv.Itoa(sketch.MostHLL), "value", strconv.Itoa(lgK)))
	}
	return lgK, nil
}

// intOrZero returns a constant, or 0 for NULL, which Spark takes for it.
func intOrZero(v *vector.Vector) int {
	if v.IsNull(0) {
		return 0
	}
	return int(v.I32[0])
}

func uniteHLLs(r *row) error {
	const name = "hll_union"
	a, err := sketch.ReadHLL(r.text(0))
	if err != nil {
		return accumulate.HLLBuffer(name)
	}
	b, err := sketch.ReadHLL(r.text(1))
	if err != nil {
		return accumulate.HLLBuffer(name)
	}
	if err := accumulate.HLLsMatch(name, r.bool(2), a, b); err != nil {
		return err
	}
	union := sketch.NewHLL(min(a.LgK(), b.LgK()))
	union.Merge(a, true)
	union.Merge(b, true)
	r.setBytes(union.Append(nil))
	return nil
}
