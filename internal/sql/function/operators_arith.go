package function

import (
	"github.com/streamctl/streamctl/internal/sparkerr"
	"github.com/streamctl/streamctl/internal/sql/expr"
	"github.com/streamctl/streamctl/internal/sql/kernel"
	"github.com/streamctl/streamctl/internal/types"
	"github.com/streamctl/streamctl/internal/vector"
)

// compileArithmetic selects the loop for an operator and its operand types. With try, rows without a result are NULL.
func compileArithmetic(call *expr.Expr, op string, try bool) (expr.Kernel, error) {
	if !isNumbers(call) {
		return compileTemporal(call, op, try)
	}
	t := call.Args[0].Type
	switch t.Kind {
	case types.KindByte:
		return intKernel(op, kernel.MulInt[int8], vector.Int8s, unless(try, smallOverflow[int8](op))), nil
	case types.KindShort:
		return intKernel(op, kernel.MulInt[int16], vector.Int16s, unless(try, smallOverflow[int16](op))), nil
	case types.KindInt:
		return intKernel(op, kernel.MulInt[int32], vector.Int32s, unless(try, overflow[int32](op))), nil
	case types.KindLong:
		return intKernel(op, kernel.MulInt64, vector.Int64s, unless(try, overflow[int64](op))), nil
	case types.KindYearMonth:
		return intervalKernel(call, op, vector.Int32s, try)
	case types.KindDayTime:
		return intervalKernel(call, op, vector.Int64s, try)
	case types.KindFloat:
		return floatKernel(op, vector.Float32s, unless(try, zeroDivisor[float32](op))), nil
	case types.KindDouble:
		if op == "/" {
			return binaryKernel(kernel.DivFloat(), vector.Float64s, unless(try, zeroDivisor[float64](op))), nil
		}
		return floatKernel(op, vector.Float64s, unless(try, zeroDivisor[float64](op))), nil
	case types.KindDecimal:
		return decimalKernel(call, op, try), nil
	case types.KindInterval:
		return calendarKernel(op, try), nil
	}
	return nil, sparkerr.Internal("no %s on %s", op, t)
}

// A failure returns the error for a row whose operands have no result. If the failure is nil or returns nil, the row is NULL.
type failure[T any] func(a, b T) error

func unless[T any](try bool, f failure[T]) failure[T] {
	if try {
		return nil
	}
	return f
}

// binaryKernel runs op on the slices of two operands of the result's type.
func binaryKernel[T any](op kernel.Op[T], slice func(*vector.Vector) []T, fail failure[T]) expr.Kernel {
	return func(_ *expr.Context, n int, sel vector.Selection, args []*vector.Vector, out *vector.Vector) (err error) {
		a, b := slice(args[0]), slice(args[1])
		maskA, maskB := args[0].At(-1), args[1].At(-1)
		kernel.Binary(op, n, sel, a, maskA, b, maskB, slice(out), func(i int) bool {
			if fail != nil {
				if failed := fail(a[i&maskA], b[i&maskB]); failed != nil {
					err = expr.AtRow(i, failed)
					return false
				}
			}
			out.SetNull(i)
			return true
		})
		return err
	}
}

func intKernel[T kernel.Integer](op string, mul func() kernel.Op[T], slice func(*vector.Vector) []T, fail failure[T]) expr.Kernel {
	return binaryKernel(intOp(op, mul), slice, fail)
}

func intOp[T kernel.Integer](op string, mul func() kernel.Op[T]) kernel.Op[T] {
	switch op {
	case "+":
		return kernel.AddInt[T]()
	case "-":
		return kernel.SubInt[T]()
	case "*":
		return mul()
	case "%":
		return kernel.RemInt[T]()
	case "pmod":
		return kernel.PosModInt[T]()
	}
	return kernel.QuoInt[T]()
}

func floatKernel[T kernel.Float](op string, slice func(*vector.Vector) []T, fail failure[T]) expr.Kernel {
	switch op {
	case "+":
		return binaryKernel(kernel.AddFloat[T](), slice, fail)
	case "-":
		return binaryKernel(kernel.SubFloat[T](), slice, fail)
	case "*":
		return binaryKernel(kernel.MulFloat[T](), slice, fail)
	case "pmod":
		return binaryKernel(kernel.PosModFloat[T](), slice, fail)
	}
	return binaryKernel(kernel.RemFloat[T](), slice, fail)
}

// intervalKernel adds, subtracts or, for div, divides year-month or day-time intervals.
func intervalKernel[T kernel.Integer](call *expr.Expr, op string, slice func(*vector.Vector) []T, try bool) (expr.Kernel, error) {
	if op != "div" {
		fail := unless(try, func(T, T) error { return intervalOverflow(tryName(op)) })
		return intKernel(op, nil, slice, fail), nil
	}
	return func(_ *expr.Context, n int, sel vector.Selection, args []*vector.Vector, out *vector.Vector) error {
		a, b := slice(args[0]), slice(args[1])
		for k := range kernel.Count(n, sel) {
			i := kernel.Row(sel, k)
			divisor := int64(b[args[1].At(i)])
			if divisor == 0 {
				return expr.AtRow(i, divideByZero())
			}
			out.I64[out.At(i)] = int64(a[args[0].At(i)]) / divisor
		}
		return nil
	}, nil
}

// calendarKernel adds and subtracts the parts of calendar intervals.
func calendarKernel(op string, try bool) expr.Kernel {
	months, micros := kernel.AddInt[int32](), kernel.AddInt[int64]()
	if op == "-" {
		months, micros = kernel.SubInt[int32](), kernel.SubInt[int64]()
	}
	add := kernel.Op[vector.CalendarInterval]{One: func(a, b vector.CalendarInterval) (vector.CalendarInterval, bool) {
		m, ok1 := months.One(a.Months, b.Months)
		d, ok2 := months.One(a.Days, b.Days)
		u, ok3 := micros.One(a.Micros, b.Micros)
		return vector.CalendarInterval{Months: m, Days: d, Micros: u}, ok1 && ok2 && ok3
	}}
	fail := func(_, _ vector.CalendarInterval) error { return arithmeticOverflow("") }
	return binaryKernel(add, vector.Intervals, unless(try, fail))
}

func compileNegative(call *expr.Expr) (expr.Kernel, error) {
	switch call.Type.Kind {
	case types.KindByte:
		return negateInts(vector.Int8s, arithmeticOverflow), nil
	case types.KindShort:
		return negateInts(vector.Int16s, arithmeticOverflow), nil
	case types.KindInt:
		return negateInts(vector.Int32s, arithmeticOverflow), nil
	case types.KindLong:
		return negateInts(vector.Int64s, arithmeticOverflow), nil
	case types.KindYearMonth:
		return negateInts(vector.Int32s, intervalOverflow), nil
	case types.KindDayTime:
		return negateInts(vector.Int64s, intervalOverflow), nil
	case types.KindFloat:
		return negateFloats(vector.Float32s), nil
	case types.KindDouble:
		return negateFloats(vector.Float64s), nil
	case types.KindDecimal:
		return negateDecimals(call.Type, false), nil
	}
	return negateCalendar, nil
}

// negateInts returns 0 - x; the smallest value has no result.
func negateInts[T kernel.Integer](slice func(*vector.Vector) []T, overflow func(try string) *sparkerr.Error) expr.Kernel {
	zero := []T{0}
	op := kernel.SubInt[T]()
	return func(_ *expr.Context, n int, sel vector.Selection, args []*vector.Vector, out *vector.Vector) (err error) {
		kernel.Binary(op, n, sel, zero, 0, slice(args[0]), args[0].At(-1), slice(out), func(i int) bool {
			err = expr.AtRow(i, overflow(""))
			return false
		})
		return err
	}
}

func negateFloats[T kernel.Float](slice func(*vector.Vector) []T) expr.Kernel {
	return func(_ *expr.Context, n int, sel vector.Selection, args []*vector.Vector, out *vector.Vector) error {
		x, y := slice(args[0]), slice(out)
		for k := range kernel.Count(n, sel) {
			i := kernel.Row(sel, k)
			y[i] = -x[args[0].At(i)]
		}
		return nil
	}
}

func negateCalendar(_ *expr.Context, n int, sel vector.Selection, args []*vector.Vector, out *vector.Vector) error {
	sub := kernel.SubInt[int64]()
	for k := range kernel.Count(n, sel) {
		i := kernel.Row(sel, k)
		c := args[0].Cal[args[0].At(i)]
		micros, ok := sub.One(0, c.Micros)
		if !ok || c.Months == -c.Months && c.Months != 0 || c.Days == -c.Days && c.Days != 0 {
			return expr.AtRow(i, arithmeticOverflow(""))
		}
		out.Cal[out.At(i)] = vector.CalendarInterval{Months: -c.Months, Days: -c.Days, Micros: micros}
	}
	return nil
}

func compileAbs(call *expr.Expr) (expr.Kernel, error) {
	switch call.Type.Kind {
	case types.KindByte:
		return absInts(vector.Int8s, arithmeticOverflow), nil
	case types.KindShort:
		return absInts(vector.Int16s, arithmeticOverflow), nil
	case types.KindInt:
		return absInts(vector.Int32s, arithmeticOverflow), nil
	case types.KindLong:
		return absInts(vector.Int64s, arithmeticOverflow), nil
	case types.KindYearMonth:
		return absInts(vector.Int32s, arithmeticOverflow), nil
	case types.KindDayTime:
		return absInts(vector.Int64s, arithmeticOverflow), nil
	case types.KindFloat:
		return absFloats(vector.Float32s), nil
	case types.KindDouble:
		return absFloats(vector.Float64s), nil
	}
	return negateDecimals(call.Type, true), nil
}

func absInts[T kernel.Integer](slice func(*vector.Vector) []T, overflow func(try string) *sparkerr.Error) expr.Kernel {
	return func(_ *expr.Context, n int, sel vector.Selection, args []*vector.Vector, out *vector.Vector) error {
		x, y := slice(args[0]), slice(out)
		for k := range kernel.Count(n, sel) {
			i := kernel.Row(sel, k)
			v := x[args[0].At(i)]
			if v < 0 {
				v = -v
			}
			if v < 0 {
				return expr.AtRow(i, overflow(""))
			}
			y[i] = v
		}
		return nil
	}
}

func absFloats[T kernel.Float](slice func(*vector.Vector) []T) expr.Kernel {
	return func(_ *expr.Context, n int, sel vector.Selection, args []*vector.Vector, out *vector.Vector) error {
		x, y := slice(args[0]), slice(out)
		for k := range kernel.Count(n, sel) {
			i := kernel.Row(sel, k)
			v := x[args[0].At(i)]
			if v <= 0 { // also turns -0.0 into 0.0
				v = 0 - v
			}
			y[i] = v
		}
		return nil
	}
}
