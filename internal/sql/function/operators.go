package function

import (
	"github.com/streamctl/streamctl/internal/sql/coerce"
	"github.com/streamctl/streamctl/internal/sql/expr"
	"github.com/streamctl/streamctl/internal/types"
)

// arithmeticFunctions are the operators on numbers, dates and intervals, and the variants that yield NULL instead of errors.
func arithmeticFunctions() []*expr.Function {
	return []*expr.Function{
		arithmetic("+", "expr1 + expr2", "The sum; a date plus days; a date or timestamp plus an interval.", "1 + 2", "3"),
		arithmetic("-", "expr1 - expr2", "The difference of numbers, intervals, dates or timestamps.", "2 - 1", "1"),
		arithmetic("*", "expr1 * expr2", "The product; an interval times a number.", "2 * 3", "6"),
		arithmetic("/", "expr1 / expr2", "The quotient, which is never an integer; an interval divided by a number.", "3 / 2", "1.5"),
		arithmetic("%", "expr1 % expr2", "The remainder, which has the sign of expr1.", "2 % 1.8", "0.2"),
		arithmetic("div", "expr1 div expr2", "The quotient without its fraction, as a bigint.", "7 div 2", "3"),
		named(arithmetic("%", "mod(expr1, expr2)", "The remainder, which has the sign of expr1.", "mod(2, 1.8)", "0.2"), "mod"),
		named(arithmetic("pmod", "pmod(expr1, expr2)", "The remainder, made positive.", "pmod(-10, 3)", "2"), "pmod"),
		try("try_add", "+", "The sum, or NULL on overflow.", "try_add(2147483647, 1)", "NULL"),
		try("try_subtract", "-", "The difference, or NULL on overflow.", "try_subtract(-2147483648, 1)", "NULL"),
		try("try_multiply", "*", "The product, or NULL on overflow.", "try_multiply(2, 3)", "6"),
		try("try_divide", "/", "The quotient, or NULL for a zero divisor.", "try_divide(1, 0)", "NULL"),
		try("try_mod", "%", "The remainder, or NULL for a zero divisor.", "try_mod(3, 0)", "NULL"),
		{
			Name: "negative", Group: "math_funcs", Usage: "- expr, or negative(expr)", Doc: "The negated number or interval.",
			Example: "negative(1)", Result: "-1", MinArgs: 1, MaxArgs: 1,
			Resolve: resolveSigned, Compile: compileNegative, SQL: negativeSQL,
		},
		{
			Name: "positive", Group: "math_funcs", Usage: "+ expr, or positive(expr)", Doc: "The number or interval unchanged.",
			Example: "positive(1)", Result: "1", MinArgs: 1, MaxArgs: 1,
			Resolve: resolveSigned, SQL: positiveSQL,
			Replace: func(call *expr.Expr) *expr.Expr { return call.Args[0] },
		},
		{
			Name: "abs", Group: "math_funcs", Usage: "abs(expr)", Doc: "The absolute value of a number or interval.",
			Example: "abs(-1)", Result: "1", MinArgs: 1, MaxArgs: 1,
			Resolve: resolveAbs, Compile: compileAbs,
		},
	}
}

// arithmetic returns the entry of an infix operator.
func arithmetic(op, usage, doc, example, result string) *expr.Function {
	return &expr.Function{
		Name: op, Group: "math_funcs", Usage: usage, Doc: doc, Example: example, Result: result, MinArgs: 2, MaxArgs: 2,
		Resolve:  func(call *expr.Expr) error { return coerce.ArithmeticAs(call, coerceAs(op)) },
		Compile:  func(call *expr.Expr) (expr.Kernel, error) { return compileArithmetic(call, op, false) },
		SQL:      arithmeticSQL,
		Operands: expr.Operands{Order: orderOf(op, expr.LastFirst)},
	}
}

// orderOf returns the order in which the operands of op run: that of divisions, or from first to last.
func orderOf(op string, division expr.Order) expr.Order {
	if divides(op) {
		return division
	}
	return expr.FirstFirst
}

// uncast returns the operand below implicit casts.
func uncast(e *expr.Expr) *expr.Expr {
	for e.Kind == expr.Cast && e.Implicit {
		e = e.Args[0]
	}
	return e
}

// try returns the entry of an operator that yields NULL where the plain one raises an error.
func try(name, op, doc, example, result string) *expr.Function {
	f := &expr.Function{
		Name: name, Group: "math_funcs", Usage: name + "(expr1, expr2)", Doc: doc, Example: example, Result: result,
		MinArgs: 2, MaxArgs: 2,
		Compile:  func(call *expr.Expr) (expr.Kernel, error) { return compileArithmetic(call, op, true) },
		Operands: expr.Operands{Order: orderOf(op, expr.DivisorFirst)},
	}
	inner := *f
	caught := catching(&inner)
	exchanged := *caught
	exchanged.SQL = func(_ *expr.Expr, args []string) string { return name + "(" + args[1] + ", " + args[0] + ")" }
	f.Resolve = func(call *expr.Expr) error {
		if !call.Args[0].Type.IsNumeric() || !call.Args[1].Type.IsNumeric() { // as written, before any cast
			call.Fn = caught
		}
		first, second := call.Args[0], call.Args[1]
		err := coerce.ArithmeticAs(call, op)
		call.Nullable = true
		operation := uncast(call)                                   // a text plus an interval is cast to a text again
		if first != second && uncast(operation.Args[0]) == second { // Spark's RuntimeReplaceable keeps the written order in the name
			operation.Fn = &exchanged
		}
		return err
	}
	caught.Resolve, exchanged.Resolve = f.Resolve, f.Resolve
	return f
}

var tryEval = &expr.Function{Name: "tryeval", Operands: expr.Operands{Lazy: expr.LazyTry}}

// catching makes a function also catch the failures of its operands.
func catching(f *expr.Function) *expr.Function {
	inner := *f
	f.Replace = func(call *expr.Expr) *expr.Expr {
		bare := *call
		bare.Fn = &inner
		return &expr.Expr{
			Kind: expr.Call, Fn: tryEval, Args: []*expr.Expr{&bare}, Type: call.Type, Nullable: true, Span: call.Span, Origin: call.Origin,
		}
	}
	return f
}

// named turns an operator into a function that prints as name(a, b).
func named(f *expr.Function, name string) *expr.Function {
	f.Name, f.SQL = name, nil
	return f
}

// coerceAs returns the operator whose type rules op follows.
func coerceAs(op string) string {
	if op == "pmod" {
		return "%"
	}
	return op
}

// divides reports whether op divides: Spark evaluates the divisor before the dividend.
func divides(op string) bool { return op == "/" || op == "%" || op == "div" || op == "pmod" }

// arithmeticSQL prints an operator; date arithmetic prints as Spark's replacement for it.
func arithmeticSQL(call *expr.Expr, args []string) string {
	op, form := call.Fn.Name, coerce.Numbers
	if f, ok := call.Data.(coerce.Form); ok {
		form = f
	}
	switch form {
	case coerce.DateAddDays:
		if op == "-" {
			return "date_sub(" + args[0] + ", " + args[1] + ")"
		}
		return "date_add(" + args[0] + ", " + args[1] + ")"
	case coerce.DateAddDayInterval:
		days := "extractansiintervaldays(" + args[1] + ")"
		if op == "-" {
			days = "(- " + days + ")"
		}
		return "date_add(" + args[0] + ", " + days + ")"
	case coerce.DateAddMonths, coerce.DateAddCalendar, coerce.TimestampAddMonths, coerce.TimestampAddInterval:
		return args[0] + " " + op + " " + args[1]
	case coerce.MultiplyInterval:
		return "multiply_interval(" + args[0] + ", " + args[1] + ")"
	case coerce.DivideInterval:
		return "divide_interval(" + args[0] + ", " + args[1] + ")"
	}
	return infixSQL(call, args)
}

func infixSQL(call *expr.Expr, args []string) string {
	return "(" + args[0] + " " + call.CallName() + " " + args[1] + ")"
}

func negativeSQL(call *expr.Expr, args []string) string {
	if call.Name != "" && call.Name != "-" {
		return call.Name + "(" + args[0] + ")"
	}
	return "(- " + args[0] + ")"
}

func positiveSQL(call *expr.Expr, args []string) string {
	if call.Name != "" && call.Name != "+" {
		return call.Name + "(" + args[0] + ")"
	}
	return "(+ " + args[0] + ")"
}

func resolveSigned(call *expr.Expr) error {
	if err := coerce.Params(call, coerce.OneOf(coerce.Numeric, coerce.DayTime, coerce.YearMonth, coerce.Interval)); err != nil {
		return err
	}
	coerce.Returns(call, call.Args[0].Type)
	return nil
}

func resolveAbs(call *expr.Expr) error {
	if err := coerce.Params(call, coerce.OneOf(coerce.Numeric, coerce.DayTime, coerce.YearMonth)); err != nil {
		return err
	}
	coerce.Returns(call, call.Args[0].Type)
	return nil
}

// bitwiseFunctions are the bitwise operators on integers.
func bitwiseFunctions() []*expr.Function {
	return []*expr.Function{
		bitwise("&", "The bitwise AND.", "3 & 5", "1"),
		bitwise("|", "The bitwise OR.", "3 | 5", "7"),
		bitwise("^", "The bitwise XOR.", "3 ^ 5", "6"),
		{
			Name: "~", Group: "bitwise_funcs", Usage: "~ expr", Doc: "The bitwise NOT.", Example: "~ 0", Result: "-1",
			MinArgs: 1, MaxArgs: 1, Compile: compileNotBits,
			Resolve: func(call *expr.Expr) error {
				if err := coerce.Params(call, coerce.Integral); err != nil {
					return err
				}
				coerce.Returns(call, call.Args[0].Type)
				return nil
			},
			SQL: func(_ *expr.Expr, args []string) string { return "~" + args[0] },
		},
		shift("<<", "shiftleft", "The bits shifted left.", "2 << 1", "4"),
		shift(">>", "shiftright", "The bits shifted right, preserving the sign.", "4 >> 1", "2"),
		shift(">>>", "shiftrightunsigned", "The bits shifted right, filling with zeros.", "4 >>> 1", "2"),
	}
}

func bitwise(op, doc, example, result string) *expr.Function {
	return &expr.Function{
		Name: op, Group: "bitwise_funcs", Usage: "expr1 " + op + " expr2", Doc: doc, Example: example, Result: result,
		MinArgs: 2, MaxArgs: 2, Resolve: coerce.Arithmetic, SQL: infixSQL,
		Compile: func(call *expr.Expr) (expr.Kernel, error) { return compileBits(call.Type, op) },
	}
}

func shift(op, alias, doc, example, result string) *expr.Function {
	return &expr.Function{
		Name: op, Aliases: []string{alias}, Group: "bitwise_funcs", Usage: "base " + op + " expr", Doc: doc,
		Example: example, Result: result, MinArgs: 2, MaxArgs: 2,
		Resolve: func(call *expr.Expr) error {
			if err := coerce.Params(call, coerce.OneOf(coerce.Int, coerce.Long), coerce.Int); err != nil {
				return err
			}
			coerce.Returns(call, call.Args[0].Type)
			return nil
		},
		Compile: func(call *expr.Expr) (expr.Kernel, error) { return compileShift(call.Type, op) },
		SQL: func(call *expr.Expr, args []string) string {
			if call.Name == alias {
				return alias + "(" + args[0] + ", " + args[1] + ")"
			}
			return "(" + args[0] + " " + op + " " + args[1] + ")"
		},
	}
}

// isNumbers reports whether an arithmetic call operates on two operands of one type.
func isNumbers(call *expr.Expr) bool {
	f, ok := call.Data.(coerce.Form)
	return (!ok || f == coerce.Numbers) && call.Args[0].Type.Kind != types.KindVoid
}
