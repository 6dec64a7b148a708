package function

import (
	"strconv"
	"strings"

	"github.com/streamctl/streamctl/internal/sparkerr"
	"github.com/streamctl/streamctl/internal/sql/accumulate"
	"github.com/streamctl/streamctl/internal/sql/coerce"
	"github.com/streamctl/streamctl/internal/sql/expr"
	"github.com/streamctl/streamctl/internal/types"
	"github.com/streamctl/streamctl/internal/vector"
)

// frequentFunctions find the most frequent values.
func frequentFunctions() []*expr.Function {
	return []*expr.Function{{
		Name: "approx_top_k", Group: "agg_funcs", Usage: "approx_top_k(expr[, k[, maxItemsTracked]])",
		Doc:     "The k most frequent values, by default 5, with their numbers, which are exact for up to maxItemsTracked different values, by default 10,000.",
		Example: "approx_top_k(5)", Result: "[{5, 1}]", MinArgs: 1, MaxArgs: 3, Aggregate: true, Operands: seesNulls,
		Resolve: defaults(resolveFrequent, 1, expr.Int(mostFrequent), expr.Int(trackedItems)), Accumulate: func(call *expr.Expr) (expr.Aggregator, error) {
			n, err := limitsOf(call)
			if err != nil {
				return nil, err
			}
			return accumulate.MostFrequent(call.Args[0].Type, n.k, n.tracked), nil
		},
	}}
}

// Defaults and the limit of approx_top_k.
const (
	mostFrequent = 5
	trackedItems = 10_000
	mostTracked  = 1_000_000
)

// frequentArgs are the constant arguments of approx_top_k; nil: NULL.
type frequentArgs struct{ k, tracked *vector.Vector }

func resolveFrequent(call *expr.Expr) error {
	if err := coerce.Params(call, coerce.Any, coerce.Int, coerce.Int); err != nil {
		return err
	}
	t := call.Args[0].Type
	if !countable(t) {
		return topKMismatch(call, strings.ToLower(strings.FieldsFunc(t.SQL(), func(r rune) bool { return r == '<' || r == '(' })[0])+" columns are not supported")
	}
	var args frequentArgs
	for i, to := range []**vector.Vector{&args.k, &args.tracked} {
		v, err := constantArg(call, i+1)
		if err != nil {
			return err
		}
		if v == nil {
			return topKMismatch(call, []string{"K", "Number of items tracked"}[i]+" must be a constant literal")
		}
		*to = v
	}
	item := types.Field{Name: "item", Type: t, Nullable: true}
	call.Data, call.Nullable = args, false
	call.Type = types.ArrayOf(types.StructOf(item, types.Field{Name: "count", Type: types.Long}), false)
	return nil
}

// countable reports whether approx_top_k counts values of a type.
func countable(t *types.Type) bool {
	switch t.Kind {
	case types.KindBoolean, types.KindByte, types.KindShort, types.KindInt, types.KindLong, types.KindFloat, types.KindDouble, types.KindDate,
		types.KindTimestamp, types.KindTimestampNTZ, types.KindDecimal:
		return true
	}
	return t.IsText()
}

func topKMismatch(call *expr.Expr, text string) *sparkerr.Error {
	return coerce.Mismatch(call, "TYPE_CHECK_FAILURE_WITH_HINT", "msg", text, "hint", "")
}

// frequentLimits are the checked arguments of approx_top_k.
type frequentLimits struct{ k, tracked int }

// limitsOf checks the constant arguments. Spark does so when it makes the first buffer.
func limitsOf(call *expr.Expr) (n frequentLimits, err error) {
	args, _ := call.Data.(frequentArgs)
	fail := func(condition string, params ...string) error {
		e := sparkerr.New("APPROX_TOP_K_"+condition, params...)
		e.Fragment = call.Fragment()
		return e
	}
	if args.tracked.IsNull(0) {
		return n, fail("NULL_ARG", "argName", "`maxItemsTracked`")
	}
	if args.k.IsNull(0) {
		return n, fail("NULL_ARG", "argName", "`k`")
	}
	n = frequentLimits{int(args.k.I32[0]), int(args.tracked.I32[0])}
	switch k, tracked := strconv.Itoa(n.k), strconv.Itoa(n.tracked); {
	case n.k <= 0:
		err = fail("NON_POSITIVE_ARG", "argName", "`k`", "argValue", k)
	case n.tracked > mostTracked:
		err = fail("MAX_ITEMS_TRACKED_EXCEEDS_LIMIT", "maxItemsTracked", tracked, "limit", strconv.Itoa(mostTracked))
	case n.tracked <= 0:
		err = fail("NON_POSITIVE_ARG", "argName", "`maxItemsTracked`", "argValue", tracked)
	case n.tracked < n.k:
		err = fail("MAX_ITEMS_TRACKED_LESS_THAN_K", "maxItemsTracked", tracked, "k", k)
	}
	return n, err
}
