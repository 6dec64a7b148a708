package kernel

import "github.com/streamctl/streamctl/internal/decimal"

// scalaDigits is the precision of java.math.MathContext.DECIMAL128, which Scala's decimals round to.
const scalaDigits = 34

// RoundDecimal rounds an unscaled value to 34 digits, HALF_EVEN, and fills it up with zeros again. Spark does so where it
// computes with Scala's BigDecimal. not ok: the result has more than 128 bits.
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

// MulSmallDecimal is x * y of decimals whose product has 64 bits.
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

// AddSmallDecimal is x * a + y * b, which bring the operands to one scale, where all have 64 bits.
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
