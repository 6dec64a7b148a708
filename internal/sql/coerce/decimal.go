package coerce

import (
	"math/big"

	"github.com/streamctl/streamctl/internal/decimal"
	"github.com/streamctl/streamctl/internal/sql/expr"
	"github.com/streamctl/streamctl/internal/types"
)

const (
	maxPrecision = 38
	// minAdjustedScale is the number of fraction digits that a result keeps if its precision is too large.
	minAdjustedScale = 6
)

// DecimalFor returns the decimal type that holds every value of an integral type, and Spark's choice for FLOAT and DOUBLE.
func DecimalFor(t *types.Type) *types.Type {
	switch t.Kind {
	case types.KindByte:
		return types.DecimalOf(3, 0)
	case types.KindShort:
		return types.DecimalOf(5, 0)
	case types.KindInt:
		return types.DecimalOf(10, 0)
	case types.KindLong:
		return types.DecimalOf(20, 0)
	case types.KindFloat:
		return types.DecimalOf(14, 7)
	case types.KindDouble:
		return types.DecimalOf(30, 15)
	case types.KindDecimal:
		return t
	}
	return types.DecimalOf(maxPrecision, 18)
}

// DecimalResult returns precision and scale of p1,s1 op p2,s2 for + - * / % div (div: of the quotient before its conversion
// to BIGINT).
func DecimalResult(op string, p1, s1, p2, s2 int) (p, s int) {
	switch op {
	case "+", "-":
		s = max(s1, s2)
		p = max(p1-s1, p2-s2) + s + 1
	case "*":
		p, s = p1+p2+1, s1+s2
	case "/":
		s = max(minAdjustedScale, s1+p2+1)
		p = p1 - s1 + s2 + s
	case "%":
		s = max(s1, s2)
		p = min(p1-s1, p2-s2) + s
	case "div":
		return min(max(p1-s1+s2, 1), maxPrecision), 0
	}
	return AdjustDecimal(p, s)
}

// AdjustDecimal reduces a precision above 38 by dropping fraction digits, but keeps at least six, or all if there are fewer.
func AdjustDecimal(p, s int) (int, int) {
	if p <= maxPrecision {
		return p, s
	}
	return maxPrecision, max(maxPrecision-(p-s), min(s, minAdjustedScale))
}

// widerDecimal returns a type for the values of both types; if that takes more than 38 digits, integral digits have priority.
func widerDecimal(a, b *types.Type) *types.Type {
	s := max(a.Scale, b.Scale)
	p := max(a.Precision-a.Scale, b.Precision-b.Scale) + s
	if p > maxPrecision {
		return types.DecimalOf(maxPrecision, max(0, s-(p-maxPrecision)))
	}
	return types.DecimalOf(p, s)
}

// literalDecimal returns the decimal type with just the digits of an integral literal, for use next to a decimal. (Spark:
// DataTypeUtils.fromLiteral, which omits TINYINT.)
func literalDecimal(e *expr.Expr) *types.Type {
	var i int64
	switch {
	case e.IsNullLit():
		return DecimalFor(e.Type)
	case e.Type.Kind == types.KindShort:
		i = int64(e.Value.I16[0])
	case e.Type.Kind == types.KindInt:
		i = int64(e.Value.I32[0])
	case e.Type.Kind == types.KindLong:
		i = e.Value.I64[0]
	default:
		return DecimalFor(e.Type)
	}
	digits := 1
	for i /= 10; i != 0; i /= 10 {
		digits++
	}
	return types.DecimalOf(digits, 0)
}

// floorCeil returns the integers around a decimal literal; ok is false if one of them does not fit into int64.
func floorCeil(e *expr.Expr) (floor, ceil int64, sign int, ok bool) {
	unscaled := bigOf(e.Value.Dec[0])
	unit := new(big.Int).Exp(big.NewInt(10), big.NewInt(int64(e.Type.Scale)), nil)
	f, rest := new(big.Int).DivMod(unscaled, unit, new(big.Int))
	c := f
	if rest.Sign() != 0 {
		c = new(big.Int).Add(f, big.NewInt(1))
	}
	return f.Int64(), c.Int64(), unscaled.Sign(), f.IsInt64() && c.IsInt64()
}

func bigOf(d decimal.Int128) *big.Int {
	b := new(big.Int).Lsh(big.NewInt(d.Hi), 64)
	return b.Add(b, new(big.Int).SetUint64(d.Lo))
}
