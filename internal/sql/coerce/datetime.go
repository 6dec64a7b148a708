package coerce

import (
	"errors"

	"github.com/streamctl/streamctl/internal/sparkerr"
	"github.com/streamctl/streamctl/internal/sql/expr"
	"github.com/streamctl/streamctl/internal/types"
)

var (
	dayTimeDefault   = types.DayTimeOf(types.Day, types.Second)
	yearMonthDefault = types.YearMonthOf(types.Year, types.Month)
	someTimestamp    = OneOf(AnyTimestamp, NanosTimestamp)
	someDays         = OneOf(Int, Short, Byte)
)

// datetimeArithmetic resolves operators on dates, timestamps and intervals; done is false for other operands. The order of
// the cases is Spark's and determines the meaning of mixed operands. (Spark: BinaryArithmeticWithDatetimeResolver.)
func datetimeArithmetic(call *expr.Expr, op string) (done bool, err error) {
	switch op {
	case "+":
		return addDatetime(call)
	case "-":
		return subtractDatetime(call)
	case "*":
		return multiplyInterval(call)
	case "/":
		return divideInterval(call)
	}
	return false, nil
}

func isInterval(t *types.Type) bool {
	return t.Kind == types.KindYearMonth || t.Kind == types.KindDayTime || t.Kind == types.KindInterval
}

func addDatetime(call *expr.Expr) (bool, error) {
	l, r := call.Args[0], call.Args[1]
	if isInterval(l.Type) && isInterval(r.Type) && l.Type.Kind == r.Type.Kind {
		return false, nil
	}
	if isDateOrTimestamp(l.Type) && r.Type.Kind == types.KindVoid {
		return true, form(call, TimestampAddInterval, atTimestamp(l), Cast(r, dayTimeDefault))
	}
	if isDateOrTimestamp(r.Type) && l.Type.Kind == types.KindVoid {
		return true, form(call, TimestampAddInterval, atTimestamp(r), Cast(l, dayTimeDefault))
	}
	if done, err := addInterval(call, l, r); done {
		return done, err
	}
	if done, err := addInterval(call, r, l); done {
		return done, err
	}
	switch {
	case l.Type.Kind == types.KindDate && !r.Type.IsText():
		return true, form(call, DateAddDays, l, r)
	case r.Type.Kind == types.KindDate && !l.Type.IsText():
		return true, form(call, DateAddDays, r, l)
	}
	return false, nil
}

// addInterval resolves x ± interval, for any x.
func addInterval(call, x, interval *expr.Expr) (bool, error) {
	it := interval.Type
	switch {
	case !isInterval(it) || x.Type.Kind == types.KindVoid && it.Kind != types.KindInterval:
		return false, nil
	case x.Type.Kind == types.KindVoid: // Spark: TimestampAddInterval cannot be cast to the type of NULL
		sum := &expr.Expr{Kind: expr.Call, Fn: call.Fn, Args: []*expr.Expr{x, interval}}
		return true, Mismatch(sum, "CAST_WITHOUT_SUGGESTION", "srcType", `"TIMESTAMP"`, "targetType", `"VOID"`)
	case it.Kind == types.KindYearMonth && x.Type.Kind == types.KindDate:
		return true, form(call, DateAddMonths, x, interval)
	case it.Kind == types.KindYearMonth && isTimestamp(x.Type):
		return true, form(call, TimestampAddMonths, x, interval)
	case it.Kind == types.KindYearMonth:
		return false, nil
	case x.Type.Kind == types.KindDate && it.Kind == types.KindInterval:
		return true, form(call, DateAddCalendar, x, interval)
	case x.Type.Kind == types.KindDate && it.Start == types.Day && it.End == types.Day:
		return true, form(call, DateAddDayInterval, x, interval)
	}
	err := form(call, TimestampAddInterval, atTimestamp(x), interval)
	if err == nil && x.Type.IsText() {
		sum := *call
		*call = *Cast(&sum, types.String)
	}
	return true, err
}

// atTimestamp converts a date or string to a timestamp.
func atTimestamp(e *expr.Expr) *expr.Expr {
	if e.Type.Kind == types.KindDate || e.Type.IsText() {
		return Cast(e, types.Timestamp)
	}
	return e
}

func subtractDatetime(call *expr.Expr) (bool, error) {
	l, r := call.Args[0], call.Args[1]
	if isInterval(l.Type) && isInterval(r.Type) && l.Type.Kind == r.Type.Kind {
		return false, nil
	}
	if done, err := addInterval(call, l, r); done {
		return done, asSum(err, l, r)
	}
	switch {
	case isTimestamp(l.Type) || isTimestamp(r.Type):
		return true, subtractTimestamps(call, l, r)
	case l.Type.Kind == types.KindDate && r.Type.Kind == types.KindVoid:
		r = Cast(r, types.Date)
	}
	switch {
	case r.Type.Kind == types.KindDate:
		call.Args = []*expr.Expr{l, r}
		call.Data = SubtractDates
		err := Params(call, Date, Date)
		Returns(call, types.DayTimeOf(types.Day, types.Day))
		return true, err
	case l.Type.Kind == types.KindDate && !r.Type.IsText():
		return true, form(call, DateAddDays, l, r)
	}
	return false, nil
}

// asSum makes an error quote x - interval as Spark does, which adds the negated interval.
func asSum(err error, x, interval *expr.Expr) error {
	var e *sparkerr.Error
	if errors.As(err, &e) && x.Type.Kind != types.KindVoid {
		e.Params["sqlExpr"] = `"` + x.SQL() + " + (- " + interval.SQL() + `)"`
	}
	return err
}

// subtractTimestamps converts a date to the type of the other operand; TIMESTAMP combined with TIMESTAMP_NTZ loses its zone.
func subtractTimestamps(call, l, r *expr.Expr) error {
	switch {
	case isTimestamp(l.Type) && isTimestamp(r.Type):
		if l.Type.Kind != r.Type.Kind {
			l, r = Cast(l, types.TimestampNTZ), Cast(r, types.TimestampNTZ)
		}
	case isTimestamp(l.Type) && (r.Type.Kind == types.KindDate || r.Type.IsText() || r.Type.Kind == types.KindVoid):
		r = Cast(r, l.Type)
	case isTimestamp(r.Type) && (l.Type.Kind == types.KindDate || l.Type.IsText() || l.Type.Kind == types.KindVoid):
		l = Cast(l, r.Type)
	}
	return form(call, SubtractTimestamps, l, r)
}

func multiplyInterval(call *expr.Expr) (bool, error) {
	l, r := call.Args[0], call.Args[1]
	for _, kind := range []types.Kind{types.KindInterval, types.KindYearMonth, types.KindDayTime} {
		switch kind {
		case l.Type.Kind:
			return true, scaleInterval(call, l, r, MultiplyInterval, MultiplyMonths, MultiplyDayTime)
		case r.Type.Kind:
			return true, scaleInterval(call, r, l, MultiplyInterval, MultiplyMonths, MultiplyDayTime)
		}
	}
	return false, nil
}

func divideInterval(call *expr.Expr) (bool, error) {
	if !isInterval(call.Args[0].Type) {
		return false, nil
	}
	return true, scaleInterval(call, call.Args[0], call.Args[1], DivideInterval, DivideMonths, DivideDayTime)
}

func scaleInterval(call, interval, number *expr.Expr, calendar, months, dayTime Form) error {
	call.Args = []*expr.Expr{interval, number}
	switch interval.Type.Kind {
	case types.KindInterval:
		call.Data = calendar
		err := Params(call, Interval, Double)
		call.Type, call.Nullable = types.Interval, true
		return err
	case types.KindYearMonth:
		call.Data = months
		err := Params(call, YearMonth, Numeric)
		Returns(call, yearMonthDefault)
		return err
	}
	call.Data = dayTime
	err := Params(call, DayTime, Numeric)
	Returns(call, dayTimeDefault)
	return err
}

// form sets the form and operands of a call and checks their types.
func form(call *expr.Expr, f Form, a, b *expr.Expr) error {
	call.Data, call.Args = f, []*expr.Expr{a, b}
	switch f {
	case DateAddDays:
		if err := Expects(call, Date, someDays); err != nil {
			return err
		}
		Returns(call, types.Date)
	case DateAddDayInterval, DateAddMonths, DateAddCalendar:
		Returns(call, types.Date)
	case TimestampAddMonths:
		Returns(call, a.Type)
	case SubtractTimestamps:
		if err := Expects(call, someTimestamp, someTimestamp); err != nil {
			return err
		}
		Returns(call, dayTimeDefault)
	case TimestampAddInterval:
		if err := Expects(call, someTimestamp, Any); err != nil {
			return err
		}
		Returns(call, a.Type)
	}
	return nil
}
