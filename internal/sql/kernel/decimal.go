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
