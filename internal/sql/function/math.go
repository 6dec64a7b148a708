package function

import (
	"math"

	"github.com/streamctl/streamctl/internal/sql/coerce"
	"github.com/streamctl/streamctl/internal/sql/expr"
	"github.com/streamctl/streamctl/internal/types"
)

// mathFunctions compute with real numbers. Spark declares most of them nullable.
func mathFunctions() []*expr.Function {
	fs := []*expr.Function{
		constant("e", "E", "Euler's number.", math.E, "2.718281828459045"),
		constant("pi", "PI", "The ratio of a circle's circumference to its diameter.", math.Pi, "3.141592653589793"),
		logarithm("ln", "ln", "The natural logarithm; NULL unless the number is positive.", "ln(1)", "0.0", 0, javaLog),
		logarithm("log2", "LOG2", "The logarithm to base 2; NULL unless the number is positive.", "log2(2)", "1.0", 0, log2),
		logarithm("log10", "LOG10", "The logarithm to base 10; NULL unless the number is positive.", "log10(10)", "1.0", 0, log10),
		logarithm("log1p", "LOG1P", "The natural logarithm of 1 + expr; NULL unless that is positive.", "log1p(0)", "0.0", -1, log1p),
		{
			Name: "log", Group: "math_funcs", Usage: "log([base, ]expr)",
			Doc:     "The logarithm to a base, or the natural one; NULL unless both are positive.",
			Example: "log(10, 100)", Result: "2.0", MinArgs: 1, MaxArgs: 2,
			Resolve: nullable(returns(types.Double, coerce.Double)), Compile: eachRow(logBase), SQL: logSQL,
		},
		twoNumbers("atan2", "ATAN2", "atan2(exprY, exprX)", "The angle between the x-axis and the point (exprX, exprY), in radians.",
			"atan2(0, 0)", "0.0", atan2),
		twoNumbers("hypot", "HYPOT", "hypot(expr1, expr2)", "The square root of the sum of the squares.", "hypot(3, 4)", "5.0", hypot),
		twoNumbers("power", "POWER", "power(expr1, expr2)", "expr1 to the power of expr2.", "power(2, 3)", "8.0", pow, "pow"),
	}
	return append(fs, realFunctions()...)
}

// logSQL prints the base that a call without one has.
func logSQL(_ *expr.Expr, args []string) string {
	if len(args) == 1 {
		args = []string{"E()", args[0]}
	}
	return callSQL("LOG", args)
}

func realFunctions() []*expr.Function {
	return []*expr.Function{
		realFunction("sqrt", "SQRT", "The square root.", "sqrt(4)", "2.0", math.Sqrt),
		realFunction("cbrt", "CBRT", "The cube root.", "cbrt(27.0)", "3.0", cbrt),
		realFunction("exp", "EXP", "Euler's number to the power of expr.", "exp(0)", "1.0", exp),
		realFunction("expm1", "EXPM1", "exp(expr) - 1, accurate near 0.", "expm1(0)", "0.0", expm1),
		realFunction("rint", "rint", "The nearest integer, the even one if two are equally near.", "rint(12.3456)", "12.0", math.RoundToEven),
		realFunction("degrees", "DEGREES", "Radians converted to degrees.", "degrees(3.141592653589793)", "180.0", func(x float64) float64 { return x * (180 / math.Pi) }),
		realFunction("radians", "RADIANS", "Degrees converted to radians.", "radians(180)", "3.141592653589793", func(x float64) float64 { return x * (math.Pi / 180) }),
		{
			Name: "signum", Aliases: []string{"sign"}, Group: "math_funcs", Usage: "signum(expr)",
			Doc: "-1.0, 0.0 or 1.0 if the number or interval is negative, zero or positive.", Example: "sign(40)", Result: "1.0",
			MinArgs: 1, MaxArgs: 1, Resolve: nullable(resolveSignum), Compile: compileSignum, SQL: calls("SIGNUM"),
		},
		realFunction("sin", "SIN", "The sine of an angle in radians.", "sin(0)", "0.0", sin),
		realFunction("cos", "COS", "The cosine of an angle in radians.", "cos(0)", "1.0", cos),
		realFunction("tan", "TAN", "The tangent of an angle in radians.", "tan(0)", "0.0", tan),
		realFunction("cot", "COT", "The cotangent of an angle in radians.", "cot(1)", "0.6420926159343306", func(x float64) float64 { return 1 / tan(x) }),
		realFunction("sec", "SEC", "The secant of an angle in radians.", "sec(0)", "1.0", func(x float64) float64 { return 1 / cos(x) }),
		realFunction("csc", "CSC", "The cosecant of an angle in radians.", "csc(1)", "1.1883951057781212", func(x float64) float64 { return 1 / sin(x) }),
		realFunction("asin", "ASIN", "The angle whose sine is expr, in radians.", "asin(0)", "0.0", asin),
		realFunction("acos", "ACOS", "The angle whose cosine is expr, in radians.", "acos(1)", "0.0", acos),
		realFunction("atan", "ATAN", "The angle whose tangent is expr, in radians.", "atan(0)", "0.0", atan),
		realFunction("sinh", "SINH", "The hyperbolic sine.", "sinh(0)", "0.0", sinh),
		realFunction("cosh", "COSH", "The hyperbolic cosine.", "cosh(0)", "1.0", cosh),
		realFunction("tanh", "TANH", "The hyperbolic tangent.", "tanh(0)", "0.0", tanh),
		realFunction("asinh", "ASINH", "The inverse hyperbolic sine.", "asinh(0)", "0.0", asinh),
		realFunction("acosh", "ACOSH", "The inverse hyperbolic cosine.", "acosh(1)", "0.0", acosh),
		realFunction("atanh", "ATANH", "The inverse hyperbolic tangent.", "atanh(0)", "0.0", atanh),
	}
}

// realFunction returns the entry of a function of one DOUBLE that is printed under the name printed.
func realFunction(name, printed, doc, example, result string, f func(float64) float64) *expr.Function {
	return &expr.Function{
		Name: name, Group: "math_funcs", Usage: name + "(expr)", Doc: doc, Example: example, Result: result, MinArgs: 1, MaxArgs: 1,
		Resolve: nullable(returns(types.Double, coerce.Double)), Compile: mapDouble(f), SQL: calls(printed),
	}
}

// logarithm returns the entry of a function that is NULL for arguments up to a limit.
func logarithm(name, printed, doc, example, result string, limit float64, f func(float64) float64) *expr.Function {
	fn := realFunction(name, printed, doc, example, result, f)
	fn.Compile = eachRow(func(r *row) error {
		if x := r.double(0); x <= limit {
			r.setNull()
		} else {
			r.setDouble(f(x))
		}
		return nil
	})
	return fn
}

func twoNumbers(name, printed, usage, doc, example, result string, f func(x, y float64) float64, aliases ...string) *expr.Function {
	return &expr.Function{
		Name: name, Aliases: aliases, Group: "math_funcs", Usage: usage, Doc: doc, Example: example, Result: result,
		MinArgs: 2, MaxArgs: 2, Resolve: returns(types.Double, coerce.Double), SQL: calls(printed),
		Compile: eachRow(func(r *row) error {
			r.setDouble(f(r.double(0), r.double(1)))
			return nil
		}),
	}
}

func constant(name, printed, doc string, value float64, text string) *expr.Function {
	return &expr.Function{
		Name: name, Group: "math_funcs", Usage: name + "()", Doc: doc, Example: name + "()", Result: text,
		Resolve: returns(types.Double), SQL: calls(printed),
		Compile: eachRow(func(r *row) error {
			r.setDouble(value)
			return nil
		}),
	}
}

// logBase computes log(expr) or log(base, expr) as the quotient of two natural logarithms.
func logBase(r *row) error {
	last := r.double(len(r.args) - 1)
	switch {
	case last <= 0 || r.double(0) <= 0:
		r.setNull()
	case len(r.args) == 1:
		r.setDouble(javaLog(last))
	default:
		r.setDouble(javaLog(last) / javaLog(r.double(0)))
	}
	return nil
}

func resolveSignum(call *expr.Expr) error {
	if err := coerce.Params(call, coerce.OneOf(coerce.Double, coerce.YearMonth, coerce.DayTime)); err != nil {
		return err
	}
	coerce.Returns(call, types.Double)
	return nil
}

func compileSignum(call *expr.Expr) (expr.Kernel, error) {
	sign := func(x float64) float64 {
		switch {
		case x > 0:
			return 1
		case x < 0:
			return -1
		}
		return x // zeros keep their sign; NaN stays NaN
	}
	switch call.Args[0].Type.Kind {
	case types.KindYearMonth:
		return rowKernel(func(r *row) error { r.setDouble(sign(float64(r.int(0)))); return nil }), nil
	case types.KindDayTime:
		return rowKernel(func(r *row) error { r.setDouble(sign(float64(r.long(0)))); return nil }), nil
	}
	return mapDouble(sign)(call)
}
