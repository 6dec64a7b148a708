package function

import (
	"github.com/streamctl/streamctl/internal/sparkerr"
	"github.com/streamctl/streamctl/internal/sql/accumulate"
	"github.com/streamctl/streamctl/internal/sql/coerce"
	"github.com/streamctl/streamctl/internal/sql/expr"
	"github.com/streamctl/streamctl/internal/types"
	"github.com/streamctl/streamctl/internal/vector"
)

// An accumulator creates the state of an aggregate call; it is the Accumulate of a Function.
type accumulator = func(call *expr.Expr) (expr.Aggregator, error)

// accumulates returns an accumulator that does not depend on the call.
func accumulates(state func() expr.Aggregator) accumulator {
	return func(*expr.Expr) (expr.Aggregator, error) { return state(), nil }
}

// operands returns the arguments and the sort keys of an aggregate call, without its filter.
func operands(call *expr.Expr) []*expr.Expr {
	args, order, _ := call.Parts()
	return call.Args[:len(args)+len(order)]
}

// typesOf returns the types of expressions.
func typesOf(list []*expr.Expr) []*types.Type {
	out := make([]*types.Type, len(list))
	for i, e := range list {
		out[i] = e.Type
	}
	return out
}

// countFunctions count rows.
func countFunctions() []*expr.Function {
	return []*expr.Function{
		{
			Name: "count", Group: "agg_funcs", Usage: "count(*) | count(expr[, expr...]) | count(DISTINCT expr[, expr...])",
			Doc: "The number of rows, or of rows without NULL arguments.", Example: "count(1)", Result: "1", MinArgs: 1, MaxArgs: -1,
			Aggregate: true, Resolve: never(returns(types.Long)),
			Accumulate: accumulates(accumulate.Count),
		},
		{
			Name: "count_if", Group: "agg_funcs", Usage: "count_if(expr)", Doc: "The number of rows where the condition is true.",
			Example: "count_if(true)", Result: "1", MinArgs: 1, MaxArgs: 1, Aggregate: true, Resolve: never(returns(types.Long, coerce.Boolean)),
			Accumulate: accumulates(accumulate.CountTrue), ReplaceLate: true,
		},
		{
			Name: "regr_count", Group: "agg_funcs", Usage: "regr_count(y, x)", Doc: "The number of pairs of numbers.",
			Example: "regr_count(1, 2)", Result: "1", MinArgs: 2, MaxArgs: 2, Aggregate: true, Resolve: never(returns(types.Long, coerce.Numeric)),
			Accumulate: accumulates(accumulate.Count),
		},
	}
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
