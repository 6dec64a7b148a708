package function

import (
	"strconv"

	"github.com/streamctl/streamctl/internal/sql/accumulate"
	"github.com/streamctl/streamctl/internal/sql/coerce"
	"github.com/streamctl/streamctl/internal/sql/expr"
	"github.com/streamctl/streamctl/internal/types"
)

// valueFunctions return one of the values of a group.
func valueFunctions() []*expr.Function {
	return []*expr.Function{
		limitOf("min", "The minimum value.", "least", resolveExtreme(coerce.Any), accumulate.Min),
		limitOf("max", "The maximum value.", "greatest", resolveExtreme(coerce.Any), accumulate.Max),
		limitOf("bool_and", "Whether all values are true.", "", resolveExtreme(coerce.Boolean), accumulate.Min, "every"),
		limitOf("bool_or", "Whether any value is true.", "", resolveExtreme(coerce.Boolean), accumulate.Max, "some", "any"),
		extremeBy("min_by", "The value of x in the row with the minimum y; with k, those in the k rows with the least, as a list.", accumulate.Min, false),
		extremeBy("max_by", "The value of x in the row with the maximum y; with k, those in the k rows with the greatest, as a list.", accumulate.Max, true),
		place("first", "The first value of the group, which depends on the order of the rows.", accumulate.First, "first_value"),
		place("last", "The last value of the group, which depends on the order of the rows.", accumulate.Last, "last_value"),
		place("any_value", "Any value of the group.", accumulate.First),
	}
}

func limitOf(name, doc, text string, resolve resolver, state func(...*types.Type) expr.Aggregator, aliases ...string) *expr.Function {
	f := &expr.Function{
		Name: name, Aliases: aliases, Group: "agg_funcs", Usage: name + "(expr)", Doc: doc, Example: name + "(true)", Result: "true",
		MinArgs: 1, MaxArgs: 1, Aggregate: true, Resolve: resolve,
		Accumulate: func(call *expr.Expr) (expr.Aggregator, error) { return state(typesOf(operands(call))...), nil },
	}
	if text != "" {
		f.Example, f.Result = name+"(10)", "10"
	}
	return f
}

func extremeBy(name, doc string, state func(...*types.Type) expr.Aggregator, greatest bool) *expr.Function {
	return &expr.Function{
		Name: name, Group: "agg_funcs", Usage: name + "(x, y) | " + name + "(x, y, k)", Doc: doc, Example: name + "('a', 10)", Result: "a", MinArgs: 2, MaxArgs: 3,
		Aggregate: true, Operands: seesNulls, Resolve: resolveExtremeBy,
		Accumulate: func(call *expr.Expr) (expr.Aggregator, error) {
			if k, many := call.Data.(int); many {
				return accumulate.TopK(k, greatest, call.Args[0].Type, call.Args[1].Type), nil
			}
			return state(typesOf(operands(call))...), nil
		},
	}
}

func place(name, doc string, state func(t *types.Type, ignoreNulls bool) expr.Aggregator, aliases ...string) *expr.Function {
	return &expr.Function{
		Name: name, Aliases: aliases, Group: "agg_funcs", Usage: name + "(expr[, isIgnoreNull])", Doc: doc, Example: name + "(10)", Result: "10",
		MinArgs: 1, MaxArgs: 2, Aggregate: true, Operands: seesNulls, Resolve: resolvePlace,
		Accumulate: func(call *expr.Expr) (expr.Aggregator, error) {
			ignore, _ := call.Data.(bool)
			return state(call.Type, ignore), nil
		},
	}
}

func resolveExtreme(param coerce.Param) resolver {
	return func(call *expr.Expr) error {
		if err := coerce.Params(call, param); err != nil {
			return err
		}
		call.Type, call.Nullable = call.Args[0].Type, true
		if err := coerce.CheckOrdering(call, call.Type, call.CallName()); err != nil {
			return err
		}
		return nil
	}
}

func resolveExtremeBy(call *expr.Expr) error {
	call.Type, call.Nullable = call.Args[0].Type, true
	if len(call.Args) == 3 {
		return resolveTopK(call)
	}
	return checkOrderingOf(call, 1)
}

func checkOrderingOf(call *expr.Expr, i int) error {
	if err := coerce.CheckOrdering(call, call.Args[i].Type, call.CallName()); err != nil {
		return err
	}
	return nil
}

// resolveTopK reads the constant number of rows, the third argument.
func resolveTopK(call *expr.Expr) error {
	if err := coerce.Params(call, coerce.Any, coerce.Any, coerce.Int); err != nil {
		return err
	}
	v, err := constantArg(call, 2)
	switch {
	case err != nil:
		return err
	case v == nil:
		arg := call.Args[2]
		return coerce.Mismatch(call, "NON_FOLDABLE_INPUT", "inputName", "k", "inputType", arg.Type.String(), "inputExpr", arg.SQL())
	}
	if err := checkOrderingOf(call, 1); err != nil {
		return err
	}
	k := 0 // also for NULL
	if !v.IsNull(0) {
		k = int(v.I32[0])
	}
	if k < 1 || k > accumulate.MostK {
		return coerce.Mismatch(call, "VALUE_OUT_OF_RANGE", "exprName", "`k`", "valueRange", "[1, "+strconv.Itoa(accumulate.MostK)+"]", "currentValue", strconv.Itoa(k))
	}
	call.Data, call.Type = k, types.ArrayOf(call.Type, true)
	return nil
}

// resolvePlace removes the flag that skips NULLs from the arguments; names do not show it.
func resolvePlace(call *expr.Expr) error {
	call.Type, call.Nullable = call.Args[0].Type, true
	if len(call.Args) == 1 {
		return nil
	}
	if call.Args[1].Type.Kind != types.KindBoolean {
		return coerce.UnexpectedInput(call, 1, `"BOOLEAN"`)
	}
	v, err := constantArg(call, 1)
	if err != nil {
		return err
	}
	if v == nil || v.IsNull(0) {
		return notConstant(call, 1, "`isIgnoreNull`")
	}
	call.Data, call.Args = v.Bool[0], call.Args[:1]
	return nil
}
