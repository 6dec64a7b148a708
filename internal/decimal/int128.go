// Package decimal is the arithmetic of Spark's DECIMAL(p,s), p ≤ 38: unscaled 128-bit integers, HALF_UP rounding.
//
// A value alone does not know its scale: the functions that need scales take them. Functions that return ok report whether
// the result fits into 128 bits; whether it fits a DECIMAL's precision is asked with Fits.
package decimal

import (
	"math/bits"
	"strconv"
)

// MaxPrecision is the largest number of digits of a DECIMAL.
const MaxPrecision = 38

// An Int128 is a signed 128-bit integer in two's complement, the unscaled value of a decimal.
type Int128 struct {
	Hi int64
	Lo uint64
}

// FromInt64 is v itself.
func FromInt64(v int64) Int128 { return Int128{v >> 63, uint64(v)} }

// FromUint64 is v itself.
func FromUint64(v uint64) Int128 { return Int128{0, v} }

// Int64 gives a as an int64, and whether it fits.
func (a Int128) Int64() (int64, bool) { return int64(a.Lo), a.Hi == int64(a.Lo)>>63 }

// IsZero reports a = 0.
func (a Int128) IsZero() bool { return a.Hi == 0 && a.Lo == 0 }

// Sign is -1, 0 or 1.
func (a Int128) Sign() int {
	switch {
	case a.Hi < 0:
		return -1
	case a.IsZero():
		return 0
	}
	return 1
}

// Cmp is -1, 0 or 1 as a is less than, equal to or greater than b.
func (a Int128) Cmp(b Int128) int {
	switch {
	case a == b:
		return 0
	case a.Hi < b.Hi || a.Hi == b.Hi && a.Lo < b.Lo:
		return -1
	}
	return 1
}

// Add is a+b, wrapping at 128 bits: the sum of two values of at most 38 digits never wraps.
func (a Int128) Add(b Int128) Int128 {
	lo, c := bits.Add64(a.Lo, b.Lo, 0)
	return Int128{a.Hi + b.Hi + int64(c), lo}
}

// Sub is a-b, wrapping as Add does.
func (a Int128) Sub(b Int128) Int128 {
	lo, c := bits.Sub64(a.Lo, b.Lo, 0)
	return Int128{a.Hi - b.Hi - int64(c), lo}
}

// Neg is -a.
func (a Int128) Neg() Int128 { return Int128{}.Sub(a) }

// Abs is the magnitude of a.
func (a Int128) Abs() Int128 {
	if a.Hi < 0 {
		return a.Neg()
	}
	return a
}

// AddChecked is a+b, and whether it fits into 128 bits.
func (a Int128) AddChecked(b Int128) (Int128, bool) {
	s := a.Add(b)
	return s, (a.Hi^s.Hi)&(b.Hi^s.Hi) >= 0
}

// SubChecked is a-b, and whether it fits into 128 bits.
func (a Int128) SubChecked(b Int128) (Int128, bool) {
	d := a.Sub(b)
	return d, (a.Hi^b.Hi)&(a.Hi^d.Hi) >= 0
}

// NegChecked is -a, and whether it fits into 128 bits.
func (a Int128) NegChecked() (Int128, bool) { return Int128{}.SubChecked(a) }

// String is a in decimal digits.
func (a Int128) String() string { return string(Append(nil, a, 0)) }

// Float64 is the double nearest to a / 10^scale.
func (a Int128) Float64(scale int) float64 {
	if f, ok := a.exactQuotient(scale, 1<<53, float64Pow10[:]); ok {
		return f
	}
	return a.parseFloat(scale, 64)
}

// Float32 is the float nearest to a / 10^scale (not to its double).
func (a Int128) Float32(scale int) float32 {
	if f, ok := a.exactQuotient(scale, 1<<24, float64Pow10[:11]); ok {
		return float32(f) // rounding twice does no harm: a double has more than twice the bits of a float
	}
	return float32(a.parseFloat(scale, 32))
}

// exactQuotient divides when both operands are exact in floating point, which makes the quotient correctly rounded.
func (a Int128) exactQuotient(scale int, limit int64, pow []float64) (float64, bool) {
	v, ok := a.Int64()
	if !ok || v <= -limit || v >= limit || scale < 0 || scale >= len(pow) {
		return 0, false
	}
	return float64(v) / pow[scale], true
}

func (a Int128) parseFloat(scale, bitSize int) float64 {
	var buf [64]byte
	text := append(Append(buf[:0], a, 0), 'e')
	f, _ := strconv.ParseFloat(string(strconv.AppendInt(text, int64(-scale), 10)), bitSize)
	return f
}

var float64Pow10 = [...]float64{
	1e0, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11,
	1e12, 1e13, 1e14, 1e15, 1e16, 1e17, 1e18, 1e19, 1e20, 1e21, 1e22,
}
