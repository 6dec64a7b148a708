package function

import (
	"github.com/streamctl/streamctl/internal/sparkerr"
	"github.com/streamctl/streamctl/internal/sql/coerce"
	"github.com/streamctl/streamctl/internal/sql/expr"
	"github.com/streamctl/streamctl/internal/types"
)

// castFunctions are casts with function syntax: int(x) is CAST(x AS INT).
func castFunctions() []*expr.Function {
	return []*expr.Function{
		castTo(types.Boolean, "boolean", "boolean('yes')", "true"),
		castTo(types.Byte, "tinyint", "tinyint('12')", "12"),
		castTo(types.Short, "smallint", "smallint('12')", "12"),
		castTo(types.Int, "int", "int('12')", "12"),
		castTo(types.Long, "bigint", "bigint('12')", "12"),
		castTo(types.Float, "float", "float('1.5')", "1.5"),
		castTo(types.Double, "double", "double('1.5')", "1.5"),
		castTo(types.DecimalOf(10, 0), "decimal", "decimal('12')", "12"),
		castTo(types.Date, "date", "date('2024-02-29')", "2024-02-29"),
		castTo(types.Timestamp, "timestamp", "timestamp('2024-02-29 01:02:03')", "2024-02-29 01:02:03"),
		castTo(types.TimeOf(6), "time", "", ""), // TIME is off by default
		castTo(types.Binary, "binary", "binary('ab')", "[61 62]"),
		castTo(types.String, "string", "string(12)", "12"),
	}
}

func castTo(t *types.Type, name, example, result string) *expr.Function {
	return &expr.Function{
		Name: name, Group: "conversion_funcs", Usage: name + "(expr)", Doc: "The value as " + t.SQL() + ".",
		Example: example, Result: result, MinArgs: 1, MaxArgs: 1,
		Resolve: func(call *expr.Expr) error {
			if t.Kind == types.KindTime {
				return sparkerr.New("UNSUPPORTED_TIME_TYPE")
			}
			cast := castAt(call, t)
			if err := coerce.CheckCast(cast); err != nil {
				return err
			}
			call.Type, call.Nullable = t, cast.Nullable
			return nil
		},
		Replace: func(call *expr.Expr) *expr.Expr { return castAt(call, t) },
		SQL:     func(_ *expr.Expr, args []string) string { return args[0] },
	}
}

func castAt(call *expr.Expr, t *types.Type) *expr.Expr {
	c := coerce.Explicit(call.Args[0], t, false)
	c.Span, c.Origin = call.Span, call.Origin
	return c
}
