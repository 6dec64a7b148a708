package coerce

import (
	"github.com/streamctl/streamctl/internal/sparkerr"
	"github.com/streamctl/streamctl/internal/sql/expr"
	"github.com/streamctl/streamctl/internal/types"
)

// A Form says what an arithmetic call computes once its operand types are known. Arithmetic stores it in call.Data. Operands
// are in the order listed here, whatever the order in the text: INTERVAL 1 DAY + d has the date first.
type Form uint8

// The forms. Where a sign matters, call.Fn.Name is "+" or "-".
const (
	Numbers              Form = iota // both operands have one numeric type (decimals: separate precisions), or both are intervals of one type
	DateAddDays                      // date, tinyint/smallint/int → date (Spark: date_add, date_sub)
	DateAddDayInterval               // date, interval day → date
	DateAddMonths                    // date, year-month interval → date
	DateAddCalendar                  // date, calendar interval → date
	TimestampAddMonths               // timestamp or timestamp_ntz, year-month interval → the same
	TimestampAddInterval             // timestamp or timestamp_ntz, day-time or calendar interval → the same
	SubtractTimestamps               // two timestamps or two timestamp_ntz → interval day to second
	SubtractDates                    // two dates → interval day
	MultiplyInterval                 // calendar interval, double → interval
	MultiplyMonths                   // year-month interval, number → interval year to month
	MultiplyDayTime                  // day-time interval, number → interval day to second
	DivideInterval                   // calendar interval, double → interval
	DivideMonths                     // year-month interval, number → interval year to month
	DivideDayTime                    // day-time interval, number → interval day to second
)

// operands lists what the arithmetic operators accept if both operands have the same type.
var operands = map[string]Param{
	"+": OneOf(Numeric, DayTime, YearMonth, Interval), "-": OneOf(Numeric, DayTime, YearMonth, Interval),
	"*": Numeric, "%": Numeric, "/": OneOf(Double, AnyDecimal), "div": OneOf(Long, AnyDecimal, YearMonth, DayTime),
	"&": Integral, "|": Integral, "^": Integral, "and": Boolean, "or": Boolean,
}

// Arithmetic resolves a call of + - * / % div & | ^ and or: it converts the operands, selects the Form (stored in call.Data)
// and sets the type. string + interval is a string: the call then becomes an implicit cast around the timestamp addition.
func Arithmetic(call *expr.Expr) error { return ArithmeticAs(call, call.Fn.Name) }

// ArithmeticAs is Arithmetic for functions that compute an operator (try_add computes "+", pmod "%").
func ArithmeticAs(call *expr.Expr, op string) error {
	call.Data = Numbers
	if timeArithmetic(call, op) {
		return sparkerr.New("UNSUPPORTED_TIME_TYPE")
	}
	if done, err := datetimeArithmetic(call, op); done {
		return err
	}
	a, b := call.Args[0].Type, call.Args[1].Type
	promoteStrings(call)
	if op == "div" {
		widenToLong(call)
	}
	decimalOperands(call)
	if op == "/" {
		widenToDouble(call)
	}
	tightest(call, operands[op])
	if call.Args[0].Type != a || call.Args[1].Type != b {
		if done, err := datetimeArithmetic(call, op); done {
			return err
		}
	}
	if err := checkOperator(call, operands[op]); err != nil {
		return err
	}
	numericResult(call, op)
	return nil
}

// timeArithmetic reports a difference of times of day, and a day-time interval or NULL with one: Spark keeps their results behind a setting.
func timeArithmetic(call *expr.Expr, op string) bool {
	l, r := call.Args[0].Type.Kind, call.Args[1].Type.Kind
	addend := func(k types.Kind) bool { return k == types.KindDayTime || k == types.KindVoid }
	switch op {
	case "+":
		return l == types.KindTime && addend(r) || addend(l) && r == types.KindTime
	case "-":
		return l == types.KindTime && (addend(r) || r == types.KindTime)
	}
	return false
}

func numericResult(call *expr.Expr, op string) {
	l, r := call.Args[0].Type, call.Args[1].Type
	Returns(call, l)
	switch {
	case op == "div":
		call.Type = types.Long
	case l.Kind == types.KindDecimal:
		call.Type = types.DecimalOf(DecimalResult(op, l.Precision, l.Scale, r.Precision, r.Scale))
	}
	if op == "/" || op == "div" || op == "%" {
		call.Nullable = true
	}
}

// promoteStrings casts a string operand as the other operand requires, and casts both if the other must be widened too.
func promoteStrings(call *expr.Expr) {
	if t := promoteString(call.Args[0].Type, call.Args[1].Type); t != nil {
		call.Args = []*expr.Expr{Cast(call.Args[0], t), Cast(call.Args[1], t)}
	}
}

// decimalOperands converts operands of which one is a decimal and the other another number. Literals get a type with just
// their digits, other integral types one for all their values; if the other operand is FLOAT or DOUBLE, the decimal is
// converted. (Spark: DecimalPrecision.nondecimalAndDecimal.)
func decimalOperands(call *expr.Expr) {
	l, r := call.Args[0], call.Args[1]
	call.Args = []*expr.Expr{besideDecimal(l, r), besideDecimal(r, l)}
}

func besideDecimal(e, other *expr.Expr) *expr.Expr {
	switch {
	case other.Type.Kind == types.KindDecimal && e.Type.IsIntegral() && e.Kind == expr.Literal:
		return Cast(e, literalDecimal(e))
	case other.Type.Kind == types.KindDecimal && e.Type.IsIntegral():
		return Cast(e, DecimalFor(e.Type))
	case e.Type.Kind == types.KindDecimal && (other.Type.Kind == types.KindFloat || other.Type.Kind == types.KindDouble):
		return Cast(e, types.Double)
	}
	return e
}

// widenToDouble converts the operands of / to DOUBLE unless the left one is already decimal (Spark: TypeCoercion.Division).
func widenToDouble(call *expr.Expr) {
	l, r := call.Args[0], call.Args[1]
	if l.Type.Kind == types.KindDecimal || l.Type.Kind == types.KindDouble {
		return
	}
	if (l.Type.IsNumeric() || l.Type.Kind == types.KindVoid) && (r.Type.IsNumeric() || r.Type.Kind == types.KindVoid) {
		call.Args = []*expr.Expr{Cast(l, types.Double), Cast(r, types.Double)}
	}
}

// widenToLong converts small integral operands of div to BIGINT.
func widenToLong(call *expr.Expr) {
	args := make([]*expr.Expr, len(call.Args))
	for i, a := range call.Args {
		args[i] = a
		if a.Type.IsIntegral() && call.Args[1-i].Type.Kind != types.KindDecimal {
			args[i] = Cast(a, types.Long)
		}
	}
	call.Args = args
}

// tightest casts both operands to their tightest common type if the operator accepts it.
func tightest(call *expr.Expr, p Param) {
	l, r := call.Args[0], call.Args[1]
	if l.Type.Kind == types.KindVoid && r.Type.Kind == types.KindVoid {
		if !p.Accepts(types.Void) {
			call.Args = []*expr.Expr{Cast(l, p.nullType()), Cast(r, p.nullType())}
		}
		return
	}
	if l.Type.Kind == types.KindDecimal && r.Type.Kind != types.KindVoid || r.Type.Kind == types.KindDecimal && l.Type.Kind != types.KindVoid {
		return
	}
	if t := Tightest(l.Type, r.Type); t != nil && p.Accepts(t) {
		call.Args = []*expr.Expr{Cast(l, mergeNulls(l.Type, t)), Cast(r, mergeNulls(r.Type, t))}
	}
}

// checkOperator requires both operands to have the same type, which p must accept; decimals may differ in precision.
func checkOperator(call *expr.Expr, p Param) error {
	l, r := call.Args[0].Type, call.Args[1].Type
	bothDecimal := l.Kind == types.KindDecimal && r.Kind == types.KindDecimal
	switch {
	case !(bothDecimal && p.Accepts(l)) && !sameOperands(l, r):
		return Mismatch(call, "BINARY_OP_DIFF_TYPES", "left", quoteType(l), "right", quoteType(r))
	case !p.Accepts(l):
		return Mismatch(call, "BINARY_OP_WRONG_TYPE", "inputType", p.text, "actualDataType", quoteType(l))
	}
	return nil
}

// sameOperands ignores the field names of structs.
func sameOperands(l, r *types.Type) bool { return l.SameButNames(r) || l.IsText() && r.IsText() }
