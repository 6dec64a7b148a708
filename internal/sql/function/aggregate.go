package function

import (
	"slices"

	"github.com/streamctl/streamctl/internal/sparkerr"
	"github.com/streamctl/streamctl/internal/sql/coerce"
	"github.com/streamctl/streamctl/internal/sql/expr"
	"github.com/streamctl/streamctl/internal/sql/kernel"
	"github.com/streamctl/streamctl/internal/types"
	"github.com/streamctl/streamctl/internal/vector"
)

// An accumulator creates the state of an aggregate call; it is the Accumulate of a Function.
type accumulator = func(call *expr.Expr) (expr.Aggregator, error)

// countFunctions count rows.
func countFunctions() []*expr.Function {
	return []*expr.Function{
		{
			Name: "count", Group: "agg_funcs", Usage: "count(*) | count(expr[, expr...]) | count(DISTINCT expr[, expr...])",
			Doc: "The number of rows, or of rows without NULL arguments.", Example: "count(1)", Result: "1", MinArgs: 1, MaxArgs: -1,
			Aggregate: true, Resolve: never(returns(types.Long)),
			Accumulate: func(*expr.Expr) (expr.Aggregator, error) { return &counter{}, nil },
		},
		{
			Name: "count_if", Group: "agg_funcs", Usage: "count_if(expr)", Doc: "The number of rows where the condition is true.",
			Example: "count_if(true)", Result: "1", MinArgs: 1, MaxArgs: 1, Aggregate: true, Resolve: never(returns(types.Long, coerce.Boolean)),
			Accumulate: func(*expr.Expr) (expr.Aggregator, error) { return &counter{truth: true}, nil },
		},
		{
			Name: "regr_count", Group: "agg_funcs", Usage: "regr_count(y, x)", Doc: "The number of pairs of numbers.",
			Example: "regr_count(1, 2)", Result: "1", MinArgs: 2, MaxArgs: 2, Aggregate: true, Resolve: never(returns(types.Long, coerce.Numeric)),
			Accumulate: func(*expr.Expr) (expr.Aggregator, error) { return &counter{}, nil },
		},
	}
}

// A counter counts rows, or those where its argument is true.
type counter struct {
	truth bool
	n     []int64
}

func (c *counter) Grow(n int) { c.n = grown(c.n, n) }

func (c *counter) Update(n int, sel vector.Selection, groups []int32, args []*vector.Vector) error {
	if c.truth {
		v := args[0]
		for k := range kernel.Count(n, sel) {
			if i := kernel.Row(sel, k); v.Bool[v.At(i)] {
				c.n[groups[i]]++
			}
		}
		return nil
	}
	if sel == nil {
		for _, g := range groups[:n] {
			c.n[g]++
		}
		return nil
	}
	for _, i := range sel {
		c.n[groups[i]]++
	}
	return nil
}

func (c *counter) State() []*types.Type { return []*types.Type{types.Long} }

func (c *counter) Save(state []*vector.Vector) { copy(state[0].I64, c.n) }

func (c *counter) Merge(groups []int32, state []*vector.Vector) error {
	for i, g := range groups {
		c.n[g] += state[0].I64[i]
	}
	return nil
}

func (c *counter) Finish(out *vector.Vector) error {
	copy(out.I64, c.n)
	return nil
}

// grown extends a slice to length n; new elements are zero.
func grown[T any](s []T, n int) []T {
	if n <= len(s) {
		return s
	}
	s = slices.Grow(s, n-len(s))
	old := len(s)
	s = s[:n]
	clear(s[old:])
	return s
}

// constantArg evaluates an argument that must be a constant. It returns nil if the argument is not constant.
func constantArg(call *expr.Expr, i int) (*vector.Vector, error) {
	if !call.Args[i].Constant() {
		return nil, nil
	}
	return fold(call.Args[i])
}

// notConstant returns the error for an argument that must be a constant.
func notConstant(call *expr.Expr, i int, name string) *sparkerr.Error {
	arg := call.Args[i]
	return coerce.Mismatch(call, "NON_FOLDABLE_INPUT", "inputName", name, "inputType", `"`+arg.Type.SQL()+`"`, "inputExpr", `"`+arg.SQL()+`"`)
}
