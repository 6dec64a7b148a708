package function

import (
	"math"
	"strings"

	"github.com/streamctl/streamctl/internal/sql/coerce"
	"github.com/streamctl/streamctl/internal/sql/expr"
	"github.com/streamctl/streamctl/internal/sql/kernel"
	"github.com/streamctl/streamctl/internal/types"
	"github.com/streamctl/streamctl/internal/vector"
)

// comparisonFunctions compare values and test for NULL and NaN.
func comparisonFunctions() []*expr.Function {
	nullSafe := comparison("<=>", kernel.EQ, "Whether both are equal; NULL equals NULL.", "2 <=> NULL", "false")
	nullSafe.Operands.Nulls, nullSafe.Aliases = expr.NullsSeen, []string{"equal_null"}
	nullSafe.SQL = equalNullSQL
	nullSafe.Compile = func(*expr.Expr) (expr.Kernel, error) { return nullSafeEqual, nil }
	equal := comparison("=", kernel.EQ, "Whether both are equal.", "2 = 2", "true")
	equal.Aliases = []string{"=="}
	equal.SQL = func(_ *expr.Expr, args []string) string { return "(" + args[0] + " = " + args[1] + ")" }
	return []*expr.Function{
		equal, nullSafe,
		comparison("<", kernel.LT, "Whether expr1 is less than expr2.", "1 < 2", "true"),
		comparison("<=", kernel.LE, "Whether expr1 is at most expr2.", "2 <= 2", "true"),
		comparison(">", kernel.GT, "Whether expr1 is greater than expr2.", "2 > 1", "true"),
		comparison(">=", kernel.GE, "Whether expr1 is at least expr2.", "2 >= 1", "true"),
		late(&expr.Function{
			Name: "between", Group: "conditional_funcs", Usage: "expr1 between expr2 and expr3",
			Doc: "Whether expr1 is in the range, inclusive.", Example: "0.5 between 0.1 and 1.0", Result: "true",
			MinArgs: 3, MaxArgs: 3, Resolve: resolveBetween, Replace: replaceBetween,
		}),
		{
			Name: "in", Group: "predicate_funcs", Usage: "expr1 in(expr2, expr3, ...)", Doc: "Whether expr1 equals any of the others.",
			Example: "1 in(1, 2, 3)", Result: "true", MinArgs: 1, MaxArgs: -1, Operands: expr.Operands{Lazy: expr.LazyIn},
			Resolve: resolveIn, SQL: inSQL,
			Replace: func(call *expr.Expr) *expr.Expr {
				if len(call.Args) == 1 { // in(x), the function without a list
					return expr.Bool(false)
				}
				return call
			},
		},
		nullTest("isnull", "is null", "Whether the value is NULL.", "isnull(1)", "false", true),
		nullTest("isnotnull", "is not null", "Whether the value is not NULL.", "isnotnull(1)", "true", false),
		{
			Name: "isnan", Group: "predicate_funcs", Usage: "isnan(expr)", Doc: "Whether the number is NaN; false for NULL.",
			Example: "isnan(cast('NaN' as double))", Result: "true", MinArgs: 1, MaxArgs: 1, Operands: seesNulls,
			Resolve: func(call *expr.Expr) error {
				if err := coerce.Params(call, coerce.OneOf(coerce.Double, coerce.Float)); err != nil {
					return err
				}
				call.Type, call.Nullable = types.Boolean, false
				return nil
			},
			Compile: func(*expr.Expr) (expr.Kernel, error) { return isNaN, nil },
		},
	}
}

func comparison(op string, r kernel.Relation, doc, example, result string) *expr.Function {
	return &expr.Function{
		Name: op, Group: "predicate_funcs", Usage: "expr1 " + op + " expr2", Doc: doc, Example: example, Result: result,
		MinArgs: 2, MaxArgs: 2, Resolve: coerce.Comparison, SQL: infixSQL,
		Compile: func(*expr.Expr) (expr.Kernel, error) {
			return func(_ *expr.Context, n int, sel vector.Selection, args []*vector.Vector, out *vector.Vector) error {
				kernel.Relate(r, n, sel, args[0], args[1], out.Bool)
				return nil
			}, nil
		},
	}
}

func equalNullSQL(call *expr.Expr, args []string) string {
	if call.Name == "equal_null" {
		return "equal_null(" + args[0] + ", " + args[1] + ")"
	}
	return "(" + args[0] + " <=> " + args[1] + ")"
}

func nullSafeEqual(_ *expr.Context, n int, sel vector.Selection, args []*vector.Vector, out *vector.Vector) error {
	a, b := args[0], args[1]
	if a.Valid == nil && b.Valid == nil {
		kernel.Relate(kernel.EQ, n, sel, a, b, out.Bool)
		return nil
	}
	for k := range kernel.Count(n, sel) {
		i := kernel.Row(sel, k)
		out.Bool[out.At(i)] = kernel.Compare(a, i, b, i) == 0
	}
	return nil
}

func nullTest(name, phrase, doc, example, result string, whenNull bool) *expr.Function {
	suffix := " IS NULL)"
	if !whenNull {
		suffix = " IS NOT NULL)"
	}
	return &expr.Function{
		Name: name, Group: "predicate_funcs", Usage: name + "(expr), or expr " + phrase, Doc: doc, Example: example, Result: result,
		MinArgs: 1, MaxArgs: 1, Operands: seesNulls,
		Resolve: func(call *expr.Expr) error {
			call.Type, call.Nullable = types.Boolean, false
			return nil
		},
		Compile: func(*expr.Expr) (expr.Kernel, error) {
			return func(_ *expr.Context, n int, sel vector.Selection, args []*vector.Vector, out *vector.Vector) error {
				if args[0].Valid == nil {
					kernel.Fill(out.Bool, !whenNull)
					return nil
				}
				for k := range kernel.Count(n, sel) {
					i := kernel.Row(sel, k)
					out.Bool[out.At(i)] = args[0].IsNull(i) == whenNull
				}
				return nil
			}, nil
		},
		SQL: func(_ *expr.Expr, args []string) string { return "(" + args[0] + suffix },
	}
}

func isNaN(_ *expr.Context, n int, sel vector.Selection, args []*vector.Vector, out *vector.Vector) error {
	x := args[0]
	for k := range kernel.Count(n, sel) {
		i := kernel.Row(sel, k)
		f := 0.0
		switch {
		case x.IsNull(i):
		case x.Type.Kind == types.KindFloat:
			f = float64(x.F32[x.At(i)])
		default:
			f = x.F64[x.At(i)]
		}
		out.Bool[out.At(i)] = math.IsNaN(f)
	}
	return nil
}

// resolveBetween types x BETWEEN lo AND hi as x >= lo AND x <= hi.
func resolveBetween(call *expr.Expr) error {
	both, err := betweenAs(call)
	if err != nil {
		return err
	}
	call.Data = both
	call.Type, call.Nullable = types.Boolean, both.Nullable || narrowed(call.Args[0], call.Args[1]) || narrowed(call.Args[0], call.Args[2])
	return nil
}

// narrowed reports whether Spark casts a bound to a decimal with just the bound's digits before comparing it with a decimal.
// As far as Spark can tell, that cast may yield NULL. (DataTypeUtils.fromLiteral; a TINYINT keeps its type's digits.)
func narrowed(x, border *expr.Expr) bool {
	return x.Type.Kind == types.KindDecimal && border.Kind == expr.Literal && border.Type.IsIntegral() && border.Type.Kind != types.KindByte
}

func betweenAs(call *expr.Expr) (*expr.Expr, error) {
	low, err := Call(call, ">=", call.Args[0], call.Args[1])
	if err != nil {
		return nil, err
	}
	high, err := Call(call, "<=", call.Args[0], call.Args[2])
	if err != nil {
		return nil, err
	}
	return Call(call, "and", low, high)
}

// replaceBetween rebuilds the conjunction, because the operands may have been rewritten.
func replaceBetween(call *expr.Expr) *expr.Expr {
	both, err := betweenAs(call)
	if err != nil {
		return call.Data.(*expr.Expr)
	}
	return both
}

// resolveIn casts all operands to a common type.
func resolveIn(call *expr.Expr) error {
	t, err := coerce.SameType(call, 0)
	if err != nil {
		return err
	}
	if err := coerce.CheckOrdering(call, t, "in"); err != nil {
		return err
	}
	coerce.Returns(call, types.Boolean)
	return nil
}

func inSQL(_ *expr.Expr, args []string) string {
	return "(" + args[0] + " IN (" + strings.Join(args[1:], ", ") + "))"
}
