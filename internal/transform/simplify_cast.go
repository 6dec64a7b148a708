package transform

import (
	"math"

	"github.com/streamctl/streamctl/internal/decimal"
	"github.com/streamctl/streamctl/internal/sql/expr"
	"github.com/streamctl/streamctl/internal/types"
)

// intRange returns the smallest and largest value of an integral type.
func intRange(t *types.Type) (int64, int64) {
	switch t.Kind {
	case types.KindByte:
		return math.MinInt8, math.MaxInt8
	case types.KindShort:
		return math.MinInt16, math.MaxInt16
	case types.KindInt:
		return math.MinInt32, math.MaxInt32
	}
	return math.MinInt64, math.MaxInt64
}

// unwrapCast turns cast(column AS wider) op literal into column op literal of the column's integral type, so that the reader can
// check it; nil when it cannot. A literal that the column cannot have decides the comparison for every value that is not NULL.
// (Spark: UnwrapCastInBinaryComparison.)
func unwrapCast(op string, l, r *expr.Expr) *expr.Expr {
	if l.Kind != expr.Cast || l.Try || l.Args[0].Foldable() || !holdsAll(l.Type, l.Args[0].Type) || !l.Type.SameShape(r.Type) {
		return nil
	}
	whole, rest, ok := truncated(r)
	if !ok {
		return nil
	}
	col := l.Args[0]
	lo, hi := intRange(col.Type)
	above, below := beyond(whole, hi, rest), beyond(lo, whole, -rest)
	switch {
	case op == "<=>" && (above || below || rest != 0):
		return expr.Bool(false)
	case above || whole == hi && (op == ">" || op == "<="):
		return decided(col, op == "<" || op == "<=")
	case below || whole == lo && rest == 0 && (op == "<" || op == ">="):
		return decided(col, op == ">" || op == ">=")
	case op == "=" && rest != 0:
		return decided(col, false)
	}
	return call(withoutRest(op, rest), col, intLiteral(col.Type, whole))
}

// beyond reports that a, with a fraction of the sign rest, lies above b.
func beyond(a, b int64, rest int) bool { return a > b || a == b && rest > 0 }

// withoutRest is the comparison with a literal whose fraction, of the sign rest, is cut off.
func withoutRest(op string, rest int) string {
	switch {
	case rest > 0 && op == ">=":
		return ">"
	case rest > 0 && op == "<":
		return "<="
	case rest < 0 && op == ">":
		return ">="
	case rest < 0 && op == "<=":
		return "<"
	}
	return op
}

// decided is a truth value, or NULL where the column is.
func decided(col *expr.Expr, holds bool) *expr.Expr {
	switch {
	case !col.Nullable:
		return expr.Bool(holds)
	case holds:
		return call("or", call("isnotnull", col), expr.Null(types.Boolean))
	}
	return call("and", call("isnull", col), expr.Null(types.Boolean))
}

// holdsAll reports a numeric type that has every value of an integral one.
func holdsAll(wide, narrow *types.Type) bool {
	digits, integral := map[types.Kind]int{types.KindByte: 3, types.KindShort: 5, types.KindInt: 10, types.KindLong: 20}[narrow.Kind]
	switch {
	case !integral:
		return false
	case wide.IsIntegral():
		return narrow.Kind <= wide.Kind
	case wide.Kind == types.KindFloat:
		return narrow.Kind <= types.KindShort
	case wide.Kind == types.KindDouble:
		return narrow.Kind <= types.KindInt
	}
	return wide.Kind == types.KindDecimal && wide.Precision-wide.Scale >= digits
}

// truncated cuts the fraction off a numeric literal; rest is the sign of the fraction. What 64 bits cannot hold is the nearest number that
// they can, and a rest of the same sign; NaN counts as the largest number.
func truncated(e *expr.Expr) (whole int64, rest int, ok bool) {
	if v, ok := literalInt(e); ok {
		return v, 0, true
	}
	if e.Kind != expr.Literal || e.IsNullLit() {
		return 0, 0, false
	}
	switch e.Type.Kind {
	case types.KindFloat:
		whole, rest = truncatedFloat(float64(e.Value.F32[0]))
	case types.KindDouble:
		whole, rest = truncatedFloat(e.Value.F64[0])
	case types.KindDecimal:
		whole, rest = truncatedDecimal(e.Value.Dec[0], e.Type.Scale)
	default:
		return 0, 0, false
	}
	return whole, rest, true
}

func truncatedFloat(v float64) (whole int64, rest int) {
	t := math.Trunc(v)
	switch {
	case math.IsNaN(v) || t >= math.MaxInt64:
		return math.MaxInt64, 1
	case t < math.MinInt64:
		return math.MinInt64, -1
	case v > t:
		rest = 1
	case v < t:
		rest = -1
	}
	return int64(t), rest
}

func truncatedDecimal(v decimal.Int128, scale int) (whole int64, rest int) {
	q, _ := decimal.RescaleMode(v, scale, 0, decimal.Down)
	whole, fits := q.Int64()
	switch {
	case fits:
		return whole, decimal.CmpScaled(v, scale, q, 0)
	case v.Sign() < 0:
		return math.MinInt64, -1
	}
	return math.MaxInt64, 1
}
