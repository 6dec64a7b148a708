package function

import (
	"math"
	"strconv"

	"github.com/streamctl/streamctl/internal/decimal"
	"github.com/streamctl/streamctl/internal/sparkerr"
	"github.com/streamctl/streamctl/internal/sql/coerce"
	"github.com/streamctl/streamctl/internal/sql/expr"
	"github.com/streamctl/streamctl/internal/types"
	"github.com/streamctl/streamctl/internal/vector"
)

// roundingFunctions round to a number of decimal places, which may be negative.
func roundingFunctions() []*expr.Function {
	return []*expr.Function{
		rounding("round", "The number rounded to d places, ties away from zero.", "round(2.5, 0)", "3", decimal.HalfUp),
		rounding("bround", "The number rounded to d places, ties to the even neighbour.", "bround(2.5, 0)", "2", decimal.HalfEven),
		whole("ceil", "CEIL", "The smallest number with scale decimal places, by default 0, that is not less.", "ceil(3.1411, 3)", "3.142",
			decimal.Ceil, math.Ceil, "ceiling"),
		whole("floor", "FLOOR", "The largest number with scale decimal places, by default 0, that is not greater.", "floor(3.1411, 3)", "3.141",
			decimal.Floor, math.Floor),
	}
}

func rounding(name, doc, example, result string, mode decimal.Mode) *expr.Function {
	return &expr.Function{
		Name: name, Group: "math_funcs", Usage: name + "(expr[, d])", Doc: doc, Example: example, Result: result,
		MinArgs: 1, MaxArgs: 2, Resolve: nullable(defaults(resolveRound, 1, expr.Int(0))), Operands: expr.Operands{Order: expr.LastFirst, Nulls: expr.NullsStop},
		Compile: func(call *expr.Expr) (expr.Kernel, error) { return compileRound(call, mode) },
	}
}

// resolveRound keeps the constant scale in Data; nil represents NULL.
func resolveRound(call *expr.Expr) error {
	if err := coerce.Params(call, coerce.Numeric, coerce.Int); err != nil {
		return err
	}
	scale, err := constantScale(call)
	if err != nil && (call.Args[0].Type.Kind == types.KindDecimal || !call.Args[1].Constant()) {
		return err
	}
	coerce.Returns(call, roundedType(call.Args[0].Type, scale)) // the scale affects the type of decimals only: for other types it may fail later
	return nil
}

// isNullConstant reports whether e is a constant that folds to NULL.
func isNullConstant(e *expr.Expr) bool {
	v, err := fold(e)
	return err == nil && v != nil && v.IsNull(0)
}

// constantScale stores the constant second argument in Data; for NULL, Data is nil.
func constantScale(call *expr.Expr) (int, error) {
	v, err := fold(call.Args[1])
	switch {
	case err != nil:
		return 0, err
	case v == nil:
		return 0, coerce.Mismatch(call, "NON_FOLDABLE_INPUT", "inputName", "`scale`", "inputType", `"INT"`,
			"inputExpr", `"`+call.Args[1].SQL()+`"`)
	case v.IsNull(0):
		return 0, nil
	}
	call.Data = int(v.I32[0])
	return int(v.I32[0]), nil
}

// roundedType returns the result type: a decimal may need one more digit before the point.
func roundedType(t *types.Type, scale int) *types.Type {
	if t.Kind != types.KindDecimal {
		return t
	}
	digits := t.Precision - t.Scale + 1
	if scale < 0 {
		return types.DecimalOf(min(max(digits, 1-scale), decimal.MaxPrecision), 0)
	}
	scale = min(scale, t.Scale)
	return types.DecimalOf(min(digits+scale, decimal.MaxPrecision), scale)
}

func compileRound(call *expr.Expr, mode decimal.Mode) (expr.Kernel, error) {
	scale, ok := call.Data.(int)
	if !ok {
		return rowKernel(func(r *row) error { r.setNull(); return nil }), nil
	}
	switch call.Type.Kind {
	case types.KindByte:
		return roundInts(vector.Int8s, scale, mode, 8), nil
	case types.KindShort:
		return roundInts(vector.Int16s, scale, mode, 16), nil
	case types.KindInt:
		return roundInts(vector.Int32s, scale, mode, 32), nil
	case types.KindLong:
		return roundInts(vector.Int64s, scale, mode, 64), nil
	case types.KindFloat:
		return rowKernel(func(r *row) error {
			r.out.F32[r.out.At(r.i)] = float32(roundDouble(float64(r.args[0].F32[r.args[0].At(r.i)]), scale, mode))
			return nil
		}), nil
	case types.KindDouble:
		return mapDouble(func(x float64) float64 { return roundDouble(x, scale, mode) })(call)
	}
	return roundDecimals(call, scale, mode), nil
}

// roundInts only has an effect for a negative scale.
func roundInts[T int8 | int16 | int32 | int64](slice func(*vector.Vector) []T, scale int, mode decimal.Mode, bits int) expr.Kernel {
	limit := int64(1)<<(bits-1) - 1
	return rowKernel(func(r *row) error {
		x := slice(r.args[0])[r.args[0].At(r.i)]
		if scale < 0 {
			v, ok := roundAt(decimal.FromInt64(int64(x)), 0, scale, mode)
			whole, small := v.Int64()
			if !ok || !small || whole > limit || whole < -limit-1 {
				return sparkerr.New("ARITHMETIC_OVERFLOW", "message", "Overflow", "alternative", "", "config", ansiConfig)
			}
			x = T(whole)
		}
		slice(r.out)[r.out.At(r.i)] = x
		return nil
	})
}

// roundAt rounds a decimal to places and returns it with scale max(places, 0).
func roundAt(v decimal.Int128, scale, places int, mode decimal.Mode) (decimal.Int128, bool) {
	places = max(places, -decimal.MaxPrecision)
	v, ok := decimal.RescaleMode(v, scale, places, mode)
	if ok && places < 0 {
		return decimal.Rescale(v, places, 0)
	}
	return v, ok
}

func roundDecimals(call *expr.Expr, scale int, mode decimal.Mode) expr.Kernel {
	from, to := call.Args[0].Type, call.Type
	places := min(scale, from.Scale)
	return rowKernel(func(r *row) error {
		x := r.args[0].Dec[r.args[0].At(r.i)]
		v, ok := roundAt(x, from.Scale, places, mode)
		if !ok || !decimal.Fits(v, to.Precision) {
			return negateOverflow(v, to)
		}
		r.out.Dec[r.out.At(r.i)] = v
		return nil
	})
}

// roundDouble rounds the shortest decimal text of a number, as Java's BigDecimal.valueOf does.
func roundDouble(x float64, scale int, mode decimal.Mode) float64 {
	if x == 0 || math.IsNaN(x) || math.IsInf(x, 0) || scale > 350 {
		return x + 0 // -0.0 becomes 0.0
	}
	var buf [32]byte
	text := strconv.AppendFloat(buf[:0], math.Abs(x), 'e', -1, 64)
	digits, exponent := decimal.SplitExponent(text)
	drop := len(digits) - 1 - exponent - scale // number of digits after the last place kept
	if drop <= 0 {
		return x
	}
	if decimal.RoundsAway(digits, drop, mode) {
		digits = decimal.Increment(digits, drop)
	} else if drop >= len(digits) {
		return 0
	} else {
		digits = digits[:len(digits)-drop]
	}
	digits = append(digits, 'e')
	digits = strconv.AppendInt(digits, int64(-scale), 10)
	f, _ := strconv.ParseFloat(string(digits), 64)
	return math.Copysign(f, x)
}

func whole(name, printed, doc, example, result string, mode decimal.Mode, f func(float64) float64, aliases ...string) *expr.Function {
	return &expr.Function{
		Name: name, Aliases: aliases, Group: "math_funcs", Usage: name + "(expr[, scale])", Doc: doc, Example: example, Result: result,
		MinArgs: 1, MaxArgs: 2, Resolve: nullable(resolveWhole), Operands: stopsAtNull,
		Compile: func(call *expr.Expr) (expr.Kernel, error) { return compileWhole(call, mode, f) },
		SQL: func(call *expr.Expr, args []string) string {
			if len(args) == 2 {
				return callSQL(name, args)
			}
			return calls(printed)(call, args)
		},
	}
}

// resolveWhole resolves ceil and floor. With a scale, arguments become decimals; without one, the result is BIGINT or a
// decimal without decimal places.
func resolveWhole(call *expr.Expr) error {
	if len(call.Args) == 2 {
		if s := call.Args[1]; s.Type.Kind != types.KindInt || !s.Constant() || isNullConstant(s) {
			return sparkerr.New("NON_FOLDABLE_ARGUMENT", "funcName", "`"+call.CallName()+"`", "paramName", "`scale`", "paramType", `"INT"`)
		}
		if err := coerce.Params(call, coerce.AnyDecimal, coerce.Int); err != nil {
			return err
		}
		scale, err := constantScale(call)
		coerce.Returns(call, roundedType(call.Args[0].Type, scale))
		return err
	}
	if err := coerce.Params(call, coerce.OneOf(coerce.Double, coerce.AnyDecimal, coerce.Long)); err != nil {
		return err
	}
	t := call.Args[0].Type
	switch {
	case t.Kind != types.KindDecimal:
		t = types.Long
	case t.Scale > 0:
		t = types.DecimalOf(t.Precision-t.Scale+1, 0)
	}
	coerce.Returns(call, t)
	return nil
}

func compileWhole(call *expr.Expr, mode decimal.Mode, f func(float64) float64) (expr.Kernel, error) {
	switch {
	case len(call.Args) == 2:
		return compileRound(call, mode)
	case call.Type.Kind == types.KindDecimal:
		return roundDecimals(call, 0, mode), nil
	case call.Args[0].Type.Kind == types.KindLong:
		return eachLong(func(r *row) int64 { return r.long(0) })(call)
	}
	return rowKernel(func(r *row) error {
		x := f(r.double(0))
		switch {
		case x != x:
			r.setLong(0)
		case x >= -(1<<63) && x < 1<<63:
			r.setLong(int64(x))
		default:
			return arithmeticOverflow("")
		}
		return nil
	}), nil
}
