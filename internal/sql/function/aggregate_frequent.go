package function

import (
	"cmp"
	"errors"
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
	return []*expr.Function{
		{
			Name: "approx_top_k", Group: "agg_funcs", Usage: "approx_top_k(expr[, k[, maxItemsTracked]])",
			Doc:     "The k most frequent values, by default 5, with their numbers, which are exact for up to maxItemsTracked different values, by default 10,000.",
			Example: "approx_top_k(5)", Result: "[{5, 1}]", MinArgs: 1, MaxArgs: 3, Aggregate: true, Operands: seesNulls,
			Resolve:    defaults(resolveFrequent(mostFrequentOf, "K", "Number of items tracked"), 1, expr.Int(mostFrequent), expr.Int(accumulate.DefaultTracked)),
			Accumulate: countFrequent,
		},
		{
			Name: "approx_top_k_accumulate", Group: "agg_funcs", Usage: "approx_top_k_accumulate(expr[, maxItemsTracked])",
			Doc:     "A sketch of the values for approx_top_k_estimate and approx_top_k_combine, which tracks maxItemsTracked different values, by default 10,000.",
			Example: "approx_top_k_estimate(approx_top_k_accumulate(5))", Result: "[{5, 1}]", MinArgs: 1, MaxArgs: 2, Aggregate: true, Operands: seesNulls,
			Resolve:    defaults(resolveFrequent(accumulate.FrequentState, "Number of items tracked"), 1, expr.Int(accumulate.DefaultTracked)),
			Accumulate: sketchFrequent,
		},
		{
			Name: "approx_top_k_combine", Group: "agg_funcs", Usage: "approx_top_k_combine(state[, maxItemsTracked])",
			Doc:     "One sketch of all values that the sketches of approx_top_k_accumulate count. Without maxItemsTracked, they must track equally many values.",
			Example: "approx_top_k_estimate(approx_top_k_combine(" + frequentExample + "))", Result: "[{5, 1}]", MinArgs: 1, MaxArgs: 2, Aggregate: true,
			Operands: seesNulls, Resolve: resolveCombineFrequent, Accumulate: combineFrequent,
		},
		{
			Name: "approx_top_k_estimate", Group: "sketch_funcs", Usage: "approx_top_k_estimate(state[, k])",
			Doc:     "The k most frequent values in a sketch of approx_top_k_accumulate, by default 5, with their numbers.",
			Example: "approx_top_k_estimate(" + frequentExample + ", 2)", Result: "[{5, 1}]", MinArgs: 1, MaxArgs: 2, Operands: seesNulls,
			Resolve: defaults(resolveFrequentState(mostFrequentOf, "K"), 1, expr.Int(mostFrequent)), Compile: estimateFrequent,
		},
	}
}

// frequentExample is a sketch of one 5.
const frequentExample = "named_struct('sketch', X'04010A0E03000000010000000000000001000000000000000000000000000000010000000000000009050000000000000000000000', " +
	"'maxItemsTracked', 10000, 'itemDataType', CAST(NULL AS INT), 'itemDataTypeDDL', 'item INT NOT NULL')"

// mostFrequent is the default of k.
const mostFrequent = 5

// resolveFrequent returns a resolver for a function of values and of constants, numbers with the given names in errors, which become Data.
func resolveFrequent(result func(t *types.Type) *types.Type, names ...string) resolver {
	return func(call *expr.Expr) error {
		if err := coerce.Params(call, coerce.Any, coerce.Int); err != nil {
			return err
		}
		t := call.Args[0].Type
		if !accumulate.Countable(t) {
			return topKMismatch(call, strings.ToLower(strings.FieldsFunc(t.SQL(), func(r rune) bool { return r == '<' || r == '(' })[0])+" columns are not supported")
		}
		call.Type, call.Nullable = result(t), false
		return topKConstants(call, names...)
	}
}

// resolveFrequentState returns a resolver for a function of a sketch and of a constant.
func resolveFrequentState(result func(t *types.Type) *types.Type, name string) resolver {
	return func(call *expr.Expr) error {
		if err := coerce.Params(call, coerce.AnyStruct, coerce.Int); err != nil {
			return err
		}
		t := call.Args[0].Type
		if text := notFrequentState(t); text != "" {
			return topKMismatch(call, text+"Got: "+t.String())
		}
		call.Type, call.Nullable = result(t.Fields[2].Type), false
		return topKConstants(call, name)
	}
}

// topKConstants makes the values of the arguments from the second on the Data of a call.
func topKConstants(call *expr.Expr, names ...string) error {
	var values []*vector.Vector
	for i := range call.Args[1:] {
		v, err := constantArg(call, i+1)
		if err != nil {
			return err
		}
		if v == nil {
			return topKMismatch(call, names[i]+" must be a constant literal")
		}
		values = append(values, v)
	}
	call.Data = values
	return nil
}

// notFrequentState says why a struct is not a sketch of frequent values; "": it is one.
func notFrequentState(t *types.Type) string {
	switch f := t.Fields; {
	case len(f) != 4:
		return "State must be a struct with 4 fields. Expected struct: struct<sketch:binary,maxItemsTracked:int,itemDataType:any,itemDataTypeDDL:string>. "
	case f[0].Type.Kind != types.KindBinary:
		return "State struct must have the first field to be binary. "
	case f[1].Type.Kind != types.KindInt:
		return "State struct must have the second field to be int. "
	case !accumulate.Countable(f[2].Type):
		return "State struct must have the third field to be a supported data type. "
	case !f[3].Type.IsText():
		return "State struct must have the fourth field to be string. "
	}
	return ""
}

// mostFrequentOf is the type of the most frequent values of type t.
func mostFrequentOf(t *types.Type) *types.Type {
	item := types.Field{Name: "item", Type: t, Nullable: true}
	return types.ArrayOf(types.StructOf(item, types.Field{Name: "count", Type: types.Long}), false)
}

func topKMismatch(call *expr.Expr, text string) *sparkerr.Error {
	return coerce.Mismatch(call, "TYPE_CHECK_FAILURE_WITH_HINT", "msg", text, "hint", "")
}

// topKValues returns constants of a call. Spark looks at them when it makes the first buffer.
func topKValues(call *expr.Expr, names ...string) ([]int, error) {
	values, _ := call.Data.([]*vector.Vector)
	out := make([]int, len(values))
	for i := len(values) - 1; i >= 0; i-- {
		if values[i].IsNull(0) {
			return nil, sparkerr.New("APPROX_TOP_K_NULL_ARG", "argName", "`"+names[i]+"`")
		}
		out[i] = int(values[i].I32[0])
	}
	return out, nil
}

func checkK(k int) error {
	if k <= 0 {
		return sparkerr.New("APPROX_TOP_K_NON_POSITIVE_ARG", "argName", "`k`", "argValue", strconv.Itoa(k))
	}
	return nil
}

func checkTracked(tracked int) error {
	switch {
	case tracked > accumulate.MostTracked:
		return sparkerr.New("APPROX_TOP_K_MAX_ITEMS_TRACKED_EXCEEDS_LIMIT", "maxItemsTracked", strconv.Itoa(tracked), "limit", strconv.Itoa(accumulate.MostTracked))
	case tracked <= 0:
		return sparkerr.New("APPROX_TOP_K_NON_POSITIVE_ARG", "argName", "`maxItemsTracked`", "argValue", strconv.Itoa(tracked))
	}
	return nil
}

func checkLimits(k, tracked int) error {
	if err := cmp.Or(checkK(k), checkTracked(tracked)); err != nil {
		return err
	}
	if tracked < k {
		return sparkerr.New("APPROX_TOP_K_MAX_ITEMS_TRACKED_LESS_THAN_K", "maxItemsTracked", strconv.Itoa(tracked), "k", strconv.Itoa(k))
	}
	return nil
}

// atCall adds the place of a call to an error.
func atCall(call *expr.Expr, err error) error {
	if spark := (*sparkerr.Error)(nil); errors.As(err, &spark) {
		spark.Fragment = call.Fragment()
	}
	return err
}

func countFrequent(call *expr.Expr) (expr.Aggregator, error) {
	n, err := topKValues(call, "k", "maxItemsTracked")
	if err == nil {
		err = checkLimits(n[0], n[1])
	}
	if err != nil {
		return nil, atCall(call, err)
	}
	return accumulate.MostFrequent(call.Args[0].Type, n[0], n[1]), nil
}

func sketchFrequent(call *expr.Expr) (expr.Aggregator, error) {
	n, err := topKValues(call, "maxItemsTracked")
	if err == nil {
		err = checkTracked(n[0])
	}
	if err != nil {
		return nil, atCall(call, err)
	}
	return accumulate.FrequentSketch(call.Args[0].Type, n[0]), nil
}

// resolveCombineFrequent adds the default of maxItemsTracked, which shows in names. Unlike the other functions, this one checks it at once, and casts
// nothing to its type.
func resolveCombineFrequent(call *expr.Expr) error {
	resolve := resolveFrequentState(accumulate.FrequentState, "Number of items tracked")
	if len(call.Args) < 2 {
		return defaults(resolve, 1, expr.Int(accumulate.Untracked))(call)
	}
	if k := call.Args[1].Type.Kind; k != types.KindInt && k != types.KindVoid {
		return atCall(call, sparkerr.New("FAILED_FUNCTION_CALL", "funcName", "`"+call.CallName()+"`").WithHint("maxItemsTracked must be an INT"))
	}
	if err := resolve(call); err != nil {
		return err
	}
	n, err := topKValues(call, "maxItemsTracked")
	if err == nil {
		err = checkTracked(n[0])
	}
	return atCall(call, err)
}

func combineFrequent(call *expr.Expr) (expr.Aggregator, error) {
	n, err := topKValues(call, "maxItemsTracked")
	if err != nil {
		return nil, atCall(call, err)
	}
	return accumulate.CombineFrequent(call.CallName(), call.Args[0].Type.Fields[2].Type, n[0]), nil
}

func estimateFrequent(call *expr.Expr) (expr.Kernel, error) {
	return rowKernel(func(r *row) error {
		n, err := topKValues(call, "k")
		if err != nil {
			return err
		}
		return accumulate.SetMostFrequent(call.CallName(), r.args[0], r.i, n[0], func(tracked int) error { return checkLimits(n[0], tracked) }, r.out)
	}), nil
}
