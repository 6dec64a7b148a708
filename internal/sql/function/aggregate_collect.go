package function

import (
	"github.com/streamctl/streamctl/internal/sparkerr"
	"github.com/streamctl/streamctl/internal/sql/accumulate"
	"github.com/streamctl/streamctl/internal/sql/coerce"
	"github.com/streamctl/streamctl/internal/sql/expr"
	"github.com/streamctl/streamctl/internal/types"
)

// collectFunctions return the values of a group as a list or a string.
func collectFunctions() []*expr.Function {
	return []*expr.Function{
		{
			Name: "collect_list", Aliases: []string{"array_agg"}, Group: "agg_funcs", Usage: "collect_list(expr)",
			Doc: "The non-NULL values, in row order.", Example: "collect_list(5)", Result: "[5]", MinArgs: 1, MaxArgs: 1,
			Aggregate: true, Resolve: resolveCollect,
			Accumulate: func(call *expr.Expr) (expr.Aggregator, error) { return accumulate.List(call.Args[0].Type), nil },
		},
		{
			Name: "collect_set", Group: "agg_funcs", Usage: "collect_set(expr)", Doc: "The distinct non-NULL values, in no particular order.",
			Example: "collect_set(5)", Result: "[5]", MinArgs: 1, MaxArgs: 1, Aggregate: true, Resolve: resolveCollectSet,
			Accumulate: func(call *expr.Expr) (expr.Aggregator, error) { return accumulate.Set(call.Args[0].Type), nil },
		},
		{
			Name: "collect_union", Group: "agg_funcs", Usage: "collect_union(expr)", Doc: "The distinct non-NULL elements of arrays, in no particular order.",
			Example: "collect_union(array(1, 2, 2))", Result: "[1, 2]", MinArgs: 1, MaxArgs: 1, Aggregate: true, Resolve: resolveCollectUnion,
			Accumulate: func(call *expr.Expr) (expr.Aggregator, error) { return accumulate.Union(call.Type.Elem), nil },
		},
		{
			Name: "listagg", Aliases: []string{"string_agg"}, Group: "agg_funcs",
			Usage:   "listagg(expr[, delimiter])[ WITHIN GROUP (ORDER BY key [ASC | DESC] [,...])]",
			Doc:     "The non-NULL strings concatenated, with a delimiter between them.",
			Example: "listagg('a', ',')", Result: "a", MinArgs: 1, MaxArgs: 2, Ordering: expr.MayBeOrdered, Aggregate: true, Operands: seesNulls,
			Resolve: resolveListAgg, Accumulate: accumulateListAgg, SQL: listAggSQL,
		},
	}
}

func resolveCollect(call *expr.Expr) error {
	call.Type, call.Nullable = types.ArrayOf(call.Args[0].Type, false), false
	return nil
}

func resolveCollectSet(call *expr.Expr) error {
	if holds(call.Args[0].Type, types.KindMap) {
		return coerce.Mismatch(call, "UNSUPPORTED_INPUT_TYPE", "functionName", "`collect_set`", "dataType", `"MAP"`)
	}
	return resolveCollect(call)
}

func resolveCollectUnion(call *expr.Expr) error {
	t := call.Args[0].Type
	if t.Kind != types.KindArray {
		return coerce.UnexpectedInput(call, 0, `"ARRAY"`)
	}
	if holds(t.Elem, types.KindMap) {
		return coerce.Mismatch(call, "UNSUPPORTED_INPUT_TYPE", "functionName", "`collect_union`", "dataType", `"MAP"`)
	}
	call.Type, call.Nullable = types.ArrayOf(t.Elem, false), false
	return nil
}

// resolveListAgg accepts strings or binaries and a constant delimiter of the same type, which defaults to the empty string if
// missing or NULL.
func resolveListAgg(call *expr.Expr) error {
	args, order, _ := call.Parts()
	if len(args) == 1 {
		args = []*expr.Expr{args[0], expr.Null(types.Void)}
	}
	list := *call
	list.Args, list.Aggregation = args, nil
	param := coerce.OneOf(coerce.String, coerce.Binary)
	if err := coerce.Params(&list, param, param); err != nil {
		return err
	}
	args = list.Args
	if args[1].Type.Kind != args[0].Type.Kind && !(args[1].IsNullLit() || args[0].Type.IsText() && args[1].Type.IsText()) {
		return coerce.DifferentTypes(&list, call.CallName(), args)
	}
	delimiter, err := constantArg(&list, 1)
	if err != nil {
		return err
	}
	if delimiter == nil {
		return notConstant(&list, 1, "`delimiter`")
	}
	if err := checkListOrder(call, args[0], order); err != nil {
		return err
	}
	separator := []byte{}
	if !delimiter.IsNull(0) {
		separator = append(separator, delimiter.Bytes(0)...)
	}
	call.Data = string(separator)
	call.Args = append(args[:2:2], order...)
	call.Type, call.Nullable = args[0].Type, true
	return nil
}

// checkListOrder refuses to order DISTINCT strings by another expression, and rejects keys without an order.
func checkListOrder(call, value *expr.Expr, order []*expr.Expr) error {
	for _, key := range order {
		if err := coerce.CheckOrdering(call, key.Type, call.CallName()); err != nil {
			return err
		}
	}
	if len(order) == 0 || !call.Aggregation.Distinct {
		return nil
	}
	for value.Kind == expr.Cast && value.Implicit {
		value = value.Args[0]
	}
	if len(order) == 1 && expr.Equal(order[0], value) {
		return nil
	}
	return sparkerr.New("INVALID_WITHIN_GROUP_EXPRESSION.MISMATCH_WITH_DISTINCT_INPUT", "funcName", "`"+call.CallName()+"`",
		"funcArg", `"`+value.SQL()+`"`, "orderingExpr", `"`+order[0].SQL()+`"`)
}

func accumulateListAgg(call *expr.Expr) (expr.Aggregator, error) {
	_, order, _ := call.Parts()
	var sorting []expr.Sorting
	if call.Aggregation != nil {
		sorting = call.Aggregation.Order
	}
	separator, _ := call.Data.(string)
	if len(order) == 1 && expr.Equal(order[0], call.Args[0]) {
		order = nil // the values are the sort keys
	}
	return accumulate.Concat(call.Args[0].Type, separator, typesOf(order), sorting), nil
}

func listAggSQL(call *expr.Expr, args []string) string {
	_, order, _ := call.Parts()
	if len(args) == 1 {
		args = []string{args[0], "NULL"}
	}
	text := callSQL(call.CallName(), args)
	for i, key := range order {
		o := call.Aggregation.Order[i]
		text += map[bool]string{true: ", ", false: " WITHIN GROUP (ORDER BY "}[i > 0] + key.SQL() + sortingSQL(o)
	}
	if len(order) > 0 {
		text += ")"
	}
	return text
}

func sortingSQL(o expr.Sorting) string {
	text := " ASC"
	if o.Desc {
		text = " DESC"
	}
	if o.NullsLast {
		return text + " NULLS LAST"
	}
	return text + " NULLS FIRST"
}
