package function

import (
	"strings"

	"github.com/streamctl/streamctl/internal/sql/coerce"
	"github.com/streamctl/streamctl/internal/sql/expr"
	"github.com/streamctl/streamctl/internal/sql/kernel"
	"github.com/streamctl/streamctl/internal/types"
	"github.com/streamctl/streamctl/internal/vector"
)

// conditionalFunctions choose between values; the first three evaluate only the chosen value.
func conditionalFunctions() []*expr.Function {
	return []*expr.Function{
		{
			Name: "if", Group: "conditional_funcs", Usage: "if(expr1, expr2, expr3)", Doc: "expr2 if expr1 is true, else expr3.",
			Example: "if(1 < 2, 'a', 'b')", Result: "a", MinArgs: 3, MaxArgs: 3, Operands: expr.Operands{Lazy: expr.LazyIf}, Resolve: resolveIf,
			SQL: func(_ *expr.Expr, args []string) string { return "(IF(" + strings.Join(args, ", ") + "))" },
		},
		{
			Name: "case", Aliases: []string{"when"}, Group: "conditional_funcs",
			Usage: "CASE WHEN expr1 THEN expr2 [WHEN expr3 THEN expr4]* [ELSE expr5] END",
			Doc:   "The value of the first condition that is true, else the ELSE value, else NULL.", Example: "CASE WHEN 1 > 2 THEN 'a' ELSE 'b' END",
			Result: "b", MinArgs: 2, MaxArgs: -1, Operands: expr.Operands{Lazy: expr.LazyCase}, Resolve: resolveCase, SQL: caseSQL,
		},
		{
			Name: "coalesce", Group: "conditional_funcs", Usage: "coalesce(expr1, expr2, ...)", Doc: "The first value that is not NULL.",
			Example: "coalesce(NULL, 1, NULL)", Result: "1", MinArgs: 1, MaxArgs: -1, Operands: expr.Operands{Lazy: expr.LazyCoalesce},
			Resolve: resolveCoalesce,
		},
		standsFor("nvl", "nvl(expr1, expr2)", "expr1, or expr2 if expr1 is NULL.", "nvl(NULL, 2)", "2", 2, asCoalesce),
		standsFor("ifnull", "ifnull(expr1, expr2)", "expr1, or expr2 if expr1 is NULL.", "ifnull(NULL, 2)", "2", 2, asCoalesce),
		standsFor("nvl2", "nvl2(expr1, expr2, expr3)", "expr2 if expr1 is not NULL, else expr3.", "nvl2(NULL, 2, 1)", "1", 3, asNvl2),
		late(standsFor("nullif", "nullif(expr1, expr2)", "NULL if both are equal, else expr1.", "nullif(2, 2)", "NULL", 2, asNullIf)),
		standsFor("nullifzero", "nullifzero(expr)", "NULL if the number is zero, else the number.", "nullifzero(0)", "NULL", 1, asNullIfZero),
		standsFor("zeroifnull", "zeroifnull(expr)", "Zero if the number is NULL, else the number.", "zeroifnull(NULL)", "0", 1, asZeroIfNull),
		{
			Name: "nanvl", Group: "conditional_funcs", Usage: "nanvl(expr1, expr2)", Doc: "expr2 if expr1 is NaN, else expr1.",
			Example: "nanvl(cast('NaN' as double), 123)", Result: "123.0", MinArgs: 2, MaxArgs: 2, Operands: expr.Operands{Lazy: expr.LazyNanvl}, Resolve: resolveNanvl,
		},
		extreme("greatest", "The greatest of the values, ignoring NULLs.", "greatest(10, 9, 2)", "10", kernel.GT),
		extreme("least", "The least of the values, ignoring NULLs.", "least(10, 9, 2)", "2", kernel.LT),
	}
}

// standsFor returns the entry of a function that is defined as another expression.
func standsFor(name, usage, doc, example, result string, args int, as func(*expr.Expr) (*expr.Expr, error)) *expr.Function {
	return &expr.Function{
		Name: name, Group: "conditional_funcs", Usage: usage, Doc: doc, Example: example, Result: result, MinArgs: args, MaxArgs: args,
		Resolve: func(call *expr.Expr) error {
			e, err := as(call)
			if err != nil {
				return err
			}
			call.Type, call.Nullable = e.Type, e.Nullable
			return nil
		},
		Replace: replaceWith(as),
	}
}

// late marks a function as replaced late, so that it is not a constant before.
func late(f *expr.Function) *expr.Function {
	inner := *f
	f.Foldable, f.ReplaceLate = notFoldable, true
	if f.Replace == nil {
		f.Replace = func(call *expr.Expr) *expr.Expr {
			c := *call
			c.Fn = &inner
			return &c
		}
	}
	return f
}

// replaceWith returns the Replace of a function from as, which builds the expression that implements a call. Resolve has
// already tried it.
func replaceWith(as func(*expr.Expr) (*expr.Expr, error)) func(*expr.Expr) *expr.Expr {
	return func(call *expr.Expr) *expr.Expr {
		if e, err := as(call); err == nil {
			return e
		}
		return call
	}
}

// A rewriting builds the expression that implements a call; it keeps the first error.
type rewriting struct {
	from *expr.Expr
	err  error
}

func (w *rewriting) call(name string, args ...*expr.Expr) *expr.Expr {
	if w.err != nil {
		return nil
	}
	var e *expr.Expr
	e, w.err = Call(w.from, name, args...)
	return e
}

func resolveIf(call *expr.Expr) error {
	if call.Args[0].IsNullLit() {
		call.Args = append([]*expr.Expr{expr.Null(types.Boolean)}, call.Args[1:]...)
	}
	if call.Args[0].Type.Kind != types.KindBoolean {
		return coerce.UnexpectedInput(call, 0, `"BOOLEAN"`)
	}
	t, err := coerce.SameType(call, 1)
	if err != nil {
		return err
	}
	call.Type, call.Nullable = t, coerce.AnyNullable(call.Args[1:])
	return nil
}

// resolveCase resolves alternating conditions and values; an extra last value is the ELSE value.
func resolveCase(call *expr.Expr) error {
	args := append([]*expr.Expr(nil), call.Args...)
	var at []int
	for i := 1; i < len(args); i += 2 {
		at = append(at, i)
	}
	if len(args)%2 == 1 {
		at = append(at, len(args)-1)
	}
	values := make([]*expr.Expr, len(at))
	for k, i := range at {
		values[k] = args[i]
	}
	t := coerce.WidestOf(coerce.Types(values)...)
	if t == nil {
		return coerce.DifferentTypes(call, "case", values)
	}
	for i := 0; i+1 < len(args); i += 2 {
		if args[i].Type.Kind != types.KindBoolean {
			return coerce.UnexpectedInput(call, i, `"BOOLEAN"`)
		}
	}
	for k, i := range at {
		if !args[i].Type.SameShape(t) {
			args[i] = coerce.Cast(args[i], t)
		}
		values[k] = args[i]
	}
	call.Args = args
	call.Type, call.Nullable = t, coerce.AnyNullable(values) || len(args)%2 == 0
	if first := args[0]; first.Kind == expr.Literal && !first.IsNullLit() && first.Value.Bool[0] {
		call.Nullable = values[0].Nullable // the other branches are never taken (Spark: CaseWhen.nullable)
	}
	return nil
}

func caseSQL(_ *expr.Expr, args []string) string {
	var b strings.Builder
	b.WriteString("CASE")
	for len(args) >= 2 {
		b.WriteString(" WHEN " + args[0] + " THEN " + args[1])
		args = args[2:]
	}
	if len(args) == 1 {
		b.WriteString(" ELSE " + args[0])
	}
	return b.String() + " END"
}

func resolveCoalesce(call *expr.Expr) error {
	t, err := coerce.SameType(call, 0)
	if err != nil {
		return err
	}
	call.Type, call.Nullable = t, allNullable(call.Args)
	return nil
}

func allNullable(es []*expr.Expr) bool {
	for _, e := range es {
		if !e.Nullable {
			return false
		}
	}
	return true
}

func asCoalesce(call *expr.Expr) (*expr.Expr, error) { return Call(call, "coalesce", call.Args...) }

func asNvl2(call *expr.Expr) (*expr.Expr, error) {
	some, err := Call(call, "isnotnull", call.Args[0])
	if err != nil {
		return nil, err
	}
	return Call(call, "if", some, call.Args[1], call.Args[2])
}

func asNullIf(call *expr.Expr) (*expr.Expr, error) { return nullIfEqual(call, call.Args[1]) }

func asNullIfZero(call *expr.Expr) (*expr.Expr, error) { return nullIfEqual(call, expr.Int(0)) }

func nullIfEqual(call, to *expr.Expr) (*expr.Expr, error) {
	equal, err := Call(call, "=", call.Args[0], to)
	if err != nil {
		return nil, err
	}
	return Call(call, "if", equal, expr.Null(call.Args[0].Type), call.Args[0])
}

func asZeroIfNull(call *expr.Expr) (*expr.Expr, error) {
	return Call(call, "coalesce", call.Args[0], expr.Int(0))
}

func resolveNanvl(call *expr.Expr) error {
	t := coerce.WidestOf(coerce.Types(call.Args)...)
	if t != nil && (t.Kind == types.KindFloat || t.Kind == types.KindDouble) {
		call.Args = []*expr.Expr{coerce.Cast(call.Args[0], t), coerce.Cast(call.Args[1], t)}
	}
	number := coerce.OneOf(coerce.Double, coerce.Float)
	if err := coerce.Params(call, number, number); err != nil {
		return err
	}
	coerce.Returns(call, call.Args[0].Type)
	return nil
}

// extreme returns the entry of greatest or least: the first value for which no other value is better.
func extreme(name, doc, example, result string, better kernel.Relation) *expr.Function {
	return &expr.Function{
		Name: name, Group: "math_funcs", Usage: name + "(expr, ...)", Doc: doc, Example: example, Result: result,
		MinArgs: 2, MaxArgs: -1, Operands: seesNulls,
		Resolve: func(call *expr.Expr) error {
			t, err := coerce.SameTypeWithoutStrings(call, 0)
			if err != nil {
				return err
			}
			if err := coerce.CheckOrdering(call, t, name); err != nil {
				return err
			}
			call.Type, call.Nullable = t, allNullable(call.Args)
			return nil
		},
		Compile: func(*expr.Expr) (expr.Kernel, error) { return extremeKernel(better), nil },
	}
}

func extremeKernel(better kernel.Relation) expr.Kernel {
	return func(_ *expr.Context, n int, sel vector.Selection, args []*vector.Vector, out *vector.Vector) error {
		for k := range kernel.Count(n, sel) {
			i := kernel.Row(sel, k)
			var best *vector.Vector
			for _, a := range args {
				if !a.IsNull(i) && (best == nil || better.Holds(kernel.Compare(a, i, best, i))) {
					best = a
				}
			}
			if best == nil {
				out.SetNull(i)
			} else {
				kernel.Copy(out, i, best, i)
			}
		}
		return nil
	}
}
