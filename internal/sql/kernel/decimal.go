package kernel

import "github.com/streamctl/streamctl/internal/decimal"

// scalaDigits is the precision of java.math.MathContext.DECIMAL128, to which Scala's decimals are rounded.
const scalaDigits = 34

// RoundDecimal rounds an unscaled value to 34 digits, HALF_EVEN, and pads it with zeros again. Spark does so where it
// computes with Scala's BigDecimal. ok is false if the result exceeds 128 bits.
func RoundDecimal(v decimal.Int128) (decimal.Int128, bool) {
	drop := 0
	for !decimal.Fits(v, scalaDigits+drop) {
		drop++
	}
	if drop == 0 {
		return v, true
	}
	v, _ = decimal.RescaleMode(v, drop, 0, decimal.HalfEven)
	return decimal.Rescale(v, 0, drop)
}

// MulSmallDecimal returns x * y for decimals whose product fits into 64 bits.
func MulSmallDecimal() Op[decimal.Int128] {
	return Op[decimal.Int128]{
		One: func(x, y decimal.Int128) (decimal.Int128, bool) {
			return decimal.FromInt64(int64(x.Lo) * int64(y.Lo)), true
		},
		Flat: func(out, x, y []decimal.Int128) bool {
			x, y = x[:len(out)], y[:len(out)]
			for i := range out {
				out[i] = decimal.FromInt64(int64(x[i].Lo) * int64(y[i].Lo))
			}
			return false
		},
		Const: func(out, x []decimal.Int128, y decimal.Int128) bool {
			x = x[:len(out)]
			for i := range out {
				out[i] = decimal.FromInt64(int64(x[i].Lo) * int64(y.Lo))
			}
			return false
		},
		Commutes: true,
	}
}

// AddSmallDecimal returns x * a + y * b, where a and b rescale the operands to a common scale and everything fits into 64
// bits.
func AddSmallDecimal(a, b int64) Op[decimal.Int128] {
	return Op[decimal.Int128]{
		One: func(x, y decimal.Int128) (decimal.Int128, bool) {
			return decimal.FromInt64(int64(x.Lo)*a + int64(y.Lo)*b), true
		},
		Flat: func(out, x, y []decimal.Int128) bool {
			x, y = x[:len(out)], y[:len(out)]
			for i := range out {
				out[i] = decimal.FromInt64(int64(x[i].Lo)*a + int64(y[i].Lo)*b)
			}
			return false
		},
		Const: func(out, x []decimal.Int128, y decimal.Int128) bool {
			x = x[:len(out)]
			c := int64(y.Lo) * b
			for i := range out {
				out[i] = decimal.FromInt64(int64(x[i].Lo)*a + c)
			}
			return false
		},
	}
}
