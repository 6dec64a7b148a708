package function

import (
	"github.com/streamctl/streamctl/internal/sql/coerce"
	"github.com/streamctl/streamctl/internal/sql/expr"
	"github.com/streamctl/streamctl/internal/sql/kernel"
	"github.com/streamctl/streamctl/internal/types"
	"github.com/streamctl/streamctl/internal/vector"
)

// logicFunctions combine conditions.
func logicFunctions() []*expr.Function {
	return []*expr.Function{
		{
			Name: "and", Group: "predicate_funcs", Usage: "expr1 and expr2", Doc: "Whether both are true; expr2 is not evaluated if expr1 is false.",
			Example: "true and NULL", Result: "NULL", MinArgs: 2, MaxArgs: 2, Operands: expr.Operands{Lazy: expr.LazyAnd}, Resolve: resolveLogic, SQL: logicSQL("AND"),
		},
		{
			Name: "or", Group: "predicate_funcs", Usage: "expr1 or expr2", Doc: "Whether either is true; expr2 is not evaluated if expr1 is true.",
			Example: "true or NULL", Result: "true", MinArgs: 2, MaxArgs: 2, Operands: expr.Operands{Lazy: expr.LazyOr}, Resolve: resolveLogic, SQL: logicSQL("OR"),
		},
		{
			Name: "not", Aliases: []string{"!"}, Group: "predicate_funcs", Usage: "not expr", Doc: "Whether the condition is false.",
			Example: "not true", Result: "false", MinArgs: 1, MaxArgs: 1,
			Resolve: func(call *expr.Expr) error {
				if err := coerce.Params(call, coerce.Boolean); err != nil {
					return err
				}
				coerce.Returns(call, types.Boolean)
				return nil
			},
			Compile: func(*expr.Expr) (expr.Kernel, error) { return not, nil },
			SQL:     func(_ *expr.Expr, args []string) string { return "(NOT " + args[0] + ")" },
		},
	}
}

func resolveLogic(call *expr.Expr) error { return coerce.Arithmetic(call) }

func logicSQL(word string) func(*expr.Expr, []string) string {
	return func(_ *expr.Expr, args []string) string { return "(" + args[0] + " " + word + " " + args[1] + ")" }
}

func not(_ *expr.Context, n int, sel vector.Selection, args []*vector.Vector, out *vector.Vector) error {
	x := args[0]
	for k := range kernel.Count(n, sel) {
		i := kernel.Row(sel, k)
		out.Bool[out.At(i)] = !x.Bool[x.At(i)]
	}
	return nil
}
