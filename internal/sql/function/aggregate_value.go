package function

import (
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
		extremeBy("min_by", "The value of x in the row with the minimum y.", accumulate.Min),
		extremeBy("max_by", "The value of x in the row with the maximum y.", accumulate.Max),
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

func extremeBy(name, doc string, state func(...*types.Type) expr.Aggregator) *expr.Function {
	return &expr.Function{
		Name: name, Group: "agg_funcs", Usage: name + "(x, y)", Doc: doc, Example: name + "('a', 10)", Result: "a", MinArgs: 2, MaxArgs: 2,
		Aggregate: true, Operands: seesNulls, Resolve: resolveExtremeBy,
		Accumulate: func(call *expr.Expr) (expr.Aggregator, error) { return state(typesOf(operands(call))...), nil },
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
	if err := coerce.CheckOrdering(call, call.Args[1].Type, call.CallName()); err != nil {
		return err
	}
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
