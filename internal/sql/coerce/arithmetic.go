package coerce

import (
	"github.com/streamctl/streamctl/internal/sql/expr"
	"github.com/streamctl/streamctl/internal/types"
)

// A Form says what an arithmetic call computes once its operand types are known. Arithmetic leaves it in call.Data.
// Operands are in the order given here whatever was written: INTERVAL 1 DAY + d has the date first.
type Form uint8

// The forms. Where a sign matters, call.Fn.Name is "+" or "-".
const (
	Numbers              Form = iota // both operands of one numeric type (decimals: own precisions), or both intervals of one type
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

// operands are what the arithmetic operators accept when both operands have one type.
var operands = map[string]Param{
	"+": OneOf(Numeric, DayTime, YearMonth, Interval), "-": OneOf(Numeric, DayTime, YearMonth, Interval),
	"*": Numeric, "%": Numeric, "/": OneOf(Double, AnyDecimal), "div": OneOf(Long, AnyDecimal, YearMonth, DayTime),
	"&": Integral, "|": Integral, "^": Integral, "and": Boolean, "or": Boolean,
}

// Arithmetic resolves a call of + - * / % div & | ^ and or: it converts the operands, picks the Form (left in call.Data) and sets
// the type. string + interval gives a string: the call then becomes an implicit cast around the timestamp addition.
func Arithmetic(call *expr.Expr) error { return ArithmeticAs(call, call.Fn.Name) }

// ArithmeticAs is Arithmetic for functions that compute an operator (try_add is "+", pmod is "%").
func ArithmeticAs(call *expr.Expr, op string) error {
	call.Data = Numbers
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

// promoteStrings casts a string operand as the other operand demands, and both of them when the other must widen too.
func promoteStrings(call *expr.Expr) {
	if t := promoteString(call.Args[0].Type, call.Args[1].Type); t != nil {
		call.Args = []*expr.Expr{Cast(call.Args[0], t), Cast(call.Args[1], t)}
	}
}

// decimalOperands prepares a decimal beside another number: literals take their own digits, other integral types all of
// theirs, and beside FLOAT or DOUBLE the decimal gives way. (Spark: DecimalPrecision.nondecimalAndDecimal.)
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

// widenToDouble: / computes in DOUBLE unless its left side is already decimal (Spark: TypeCoercion.Division).
func widenToDouble(call *expr.Expr) {
	l, r := call.Args[0], call.Args[1]
	if l.Type.Kind == types.KindDecimal || l.Type.Kind == types.KindDouble {
		return
	}
	if (l.Type.IsNumeric() || l.Type.Kind == types.KindVoid) && (r.Type.IsNumeric() || r.Type.Kind == types.KindVoid) {
		call.Args = []*expr.Expr{Cast(l, types.Double), Cast(r, types.Double)}
	}
}

// widenToLong: div computes small integral types in BIGINT.
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

// tightest casts both operands to their tightest common type when the operator accepts it.
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

// checkOperator wants both operands of one type that p accepts; decimals may differ in precision.
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

// sameOperands: structs may have fields of other names.
func sameOperands(l, r *types.Type) bool { return l.SameButNames(r) || l.IsText() && r.IsText() }
