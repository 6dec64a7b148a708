// Package decimal is the arithmetic of Spark's DECIMAL(p,s), p ≤ 38: unscaled 128-bit integers, HALF_UP rounding.
package decimal

// An Int128 is a signed 128-bit integer in two's complement, the unscaled value of a decimal.
type Int128 struct {
	Hi int64
	Lo uint64
}
