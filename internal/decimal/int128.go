// Package decimal implements the arithmetic of Spark's DECIMAL(p,s), p ≤ 38, on unscaled 128-bit integers with HALF_UP
// rounding.
//
// A value does not know its scale: functions that need scales take them as arguments. An ok result reports whether the result
// fits into 128 bits; use Fits to check it against a DECIMAL's precision.
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

// FromInt64 converts v.
func FromInt64(v int64) Int128 { return Int128{v >> 63, uint64(v)} }

// FromUint64 converts v.
func FromUint64(v uint64) Int128 { return Int128{0, v} }

// Int64 returns a as an int64 and reports whether it fits.
func (a Int128) Int64() (int64, bool) { return int64(a.Lo), a.Hi == int64(a.Lo)>>63 }

// IsZero reports whether a is 0.
func (a Int128) IsZero() bool { return a.Hi == 0 && a.Lo == 0 }

// Sign returns -1, 0 or 1.
func (a Int128) Sign() int {
	switch {
	case a.Hi < 0:
		return -1
	case a.IsZero():
		return 0
	}
	return 1
}

// Cmp returns -1, 0 or 1 if a is less than, equal to or greater than b.
func (a Int128) Cmp(b Int128) int {
	switch {
	case a == b:
		return 0
	case a.Hi < b.Hi || a.Hi == b.Hi && a.Lo < b.Lo:
		return -1
	}
	return 1
}

// Add returns a+b, wrapping at 128 bits. Sums of values of at most 38 digits never wrap.
func (a Int128) Add(b Int128) Int128 {
	lo, c := bits.Add64(a.Lo, b.Lo, 0)
	return Int128{a.Hi + b.Hi + int64(c), lo}
}

// Sub returns a-b, wrapping like Add.
func (a Int128) Sub(b Int128) Int128 {
	lo, c := bits.Sub64(a.Lo, b.Lo, 0)
	return Int128{a.Hi - b.Hi - int64(c), lo}
}

// Neg returns -a.
func (a Int128) Neg() Int128 { return Int128{}.Sub(a) }

// Abs returns |a|.
func (a Int128) Abs() Int128 {
	if a.Hi < 0 {
		return a.Neg()
	}
	return a
}

// AddChecked returns a+b and reports whether it fits into 128 bits.
func (a Int128) AddChecked(b Int128) (Int128, bool) {
	s := a.Add(b)
	return s, (a.Hi^s.Hi)&(b.Hi^s.Hi) >= 0
}

// SubChecked returns a-b and reports whether it fits into 128 bits.
func (a Int128) SubChecked(b Int128) (Int128, bool) {
	d := a.Sub(b)
	return d, (a.Hi^b.Hi)&(a.Hi^d.Hi) >= 0
}

// NegChecked returns -a and reports whether it fits into 128 bits.
func (a Int128) NegChecked() (Int128, bool) { return Int128{}.SubChecked(a) }

// String returns a in decimal digits.
func (a Int128) String() string { return string(Append(nil, a, 0)) }

// Float64 returns the double nearest to a / 10^scale.
func (a Int128) Float64(scale int) float64 {
	if f, ok := a.exactQuotient(scale, 1<<53, float64Pow10[:]); ok {
		return f
	}
	return a.parseFloat(scale, 64)
}

// Float32 returns the float nearest to a / 10^scale. (The float nearest to the double can differ.)
func (a Int128) Float32(scale int) float32 {
	if f, ok := a.exactQuotient(scale, 1<<24, float64Pow10[:11]); ok {
		return float32(f) // double rounding is harmless here: a double has more than twice the bits of a float
	}
	return float32(a.parseFloat(scale, 32))
}

// exactQuotient divides if both operands are exact in floating point, because then the quotient is correctly rounded.
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
