package decimal

import "math/bits"

// A Mode is a rounding mode.
type Mode uint8

// The rounding modes of Spark's round, bround, floor, ceil and casts to integers.
const (
	HalfUp   Mode = iota // ties away from zero
	HalfEven             // ties to the even neighbour
	Floor                // towards negative infinity
	Ceil                 // towards positive infinity
	Down                 // towards zero
)

// Fits reports whether |v| < 10^precision.
func Fits(v Int128, precision int) bool {
	m, _ := v.magnitude()
	return precision > MaxPrecision || m.less(powers[max(precision, 0)])
}

// Mul returns a*b / 10^drop, computed exactly and rounded HALF_UP once at the end.
func Mul(a, b Int128, drop int) (Int128, bool) {
	x, xn := a.magnitude()
	y, yn := b.magnitude()
	if drop == 0 && x.hi|y.hi == 0 {
		hi, lo := bits.Mul64(x.lo, y.lo)
		return magnitude{hi, lo}.signed(xn != yn)
	}
	return x.times(y).drop(drop, HalfUp, xn != yn)
}

// Div returns a*10^shift / b, computed exactly and rounded HALF_UP once at the end. shift may be negative. ok is false for b
// = 0.
func Div(a, b Int128, shift int) (Int128, bool) {
	x, xn := a.magnitude()
	y, yn := b.magnitude()
	if y.isZero() {
		return Int128{}, false
	}
	if shift < 0 {
		w, fits := y.shifted(-shift)
		low, small := w.low()
		if !fits || !small {
			return Int128{}, true // the divisor is more than twice the dividend
		}
		y, shift = low, 0
	}
	w, ok := x.shifted(shift)
	if !ok {
		return Int128{}, false
	}
	return w.quotient(y, HalfUp, xn != yn)
}

// Rem returns the remainder of a / b, both of the same scale, with the sign of a. b must not be 0.
func Rem(a, b Int128) Int128 {
	v, _ := RemScaled(a, 0, b, 0)
	return v
}

// RemScaled returns the remainder of (a, scale sa) / (b, scale sb) at the larger of the two scales, with the sign of a. ok is
// false for b = 0 and, as in Spark, for an integral quotient of more than 39 digits, not counting trailing zeros.
func RemScaled(a Int128, sa int, b Int128, sb int) (Int128, bool) {
	_, r, ok := divide(a, sa, b, sb)
	return r, ok
}

// QuoScaled returns the integral part of (a, scale sa) / (b, scale sb), at scale 0. ok is false for b = 0.
func QuoScaled(a Int128, sa int, b Int128, sb int) (Int128, bool) {
	q, _, ok := divide(a, sa, b, sb)
	low, small := q.low()
	if !ok || !small {
		return Int128{}, false
	}
	return low.signed((a.Hi < 0) != (b.Hi < 0))
}

// quotientLimit is 10^39: Spark divides with a java.math.MathContext of 39 digits, which rejects longer integral quotients.
var quotientLimit = powers[MaxPrecision].times(powers[1])

func divide(a Int128, sa int, b Int128, sb int) (q wide, r Int128, ok bool) {
	x, xn := a.magnitude()
	y, _ := b.magnitude()
	if y.isZero() {
		return q, r, false
	}
	dividend, fits := x.shifted(max(sb-sa, 0))
	if !fits {
		return q, r, false
	}
	divisor, fits := y.shifted(max(sa-sb, 0))
	d, small := divisor.low()
	if !fits || !small { // the divisor is larger than any dividend
		return q, a, true
	}
	q, m := dividend.div(d)
	r, _ = m.signed(xn)
	for short := q; short.cmp(quotientLimit) >= 0; {
		var digit magnitude
		if short, digit = short.div(powers[1]); !digit.isZero() {
			return q, r, false
		}
	}
	return q, r, true
}

// AddScaled returns (a, scale sa) + (b, scale sb) at the given scale, which must not exceed both sa and sb. The sum is exact
// and rounded HALF_UP once at the end.
func AddScaled(a Int128, sa int, b Int128, sb, scale int) (Int128, bool) {
	common := max(sa, sb)
	x, xn := a.magnitude()
	y, yn := b.magnitude()
	wx, okx := x.shifted(common - sa)
	wy, oky := y.shifted(common - sb)
	if !okx || !oky || scale > common {
		return Int128{}, false
	}
	sum, negative := wx, xn
	switch {
	case xn == yn:
		sum = wx.add(wy)
	case wx.cmp(wy) >= 0:
		sum = wx.sub(wy)
	default:
		sum, negative = wy.sub(wx), yn
	}
	return sum.drop(common-scale, HalfUp, negative)
}

// SubScaled returns (a, scale sa) - (b, scale sb) at the given scale; see AddScaled.
func SubScaled(a Int128, sa int, b Int128, sb, scale int) (Int128, bool) {
	return AddScaled(a, sa, b.Neg(), sb, scale)
}

// CmpScaled compares (a, scale sa) with (b, scale sb).
func CmpScaled(a Int128, sa int, b Int128, sb int) int {
	if sa == sb || a.Sign() != b.Sign() || a.IsZero() {
		return a.Cmp(b)
	}
	common := max(sa, sb)
	x, negative := a.magnitude()
	y, _ := b.magnitude()
	wx, okx := x.shifted(common - sa)
	wy, oky := y.shifted(common - sb)
	c := 0
	switch { // at most one of the two is shifted
	case !okx:
		c = 1
	case !oky:
		c = -1
	default:
		c = wx.cmp(wy)
	}
	if negative {
		return -c
	}
	return c
}

// Rescale changes the scale of v, rounding HALF_UP.
func Rescale(v Int128, from, to int) (Int128, bool) { return RescaleMode(v, from, to, HalfUp) }

// RescaleMode changes the scale of v, rounding by mode.
func RescaleMode(v Int128, from, to int, mode Mode) (Int128, bool) {
	if from == to {
		return v, true
	}
	m, negative := v.magnitude()
	if to < from {
		return wide{m.lo, m.hi}.drop(from-to, mode, negative)
	}
	if up := to - from; m.hi == 0 && up < 20 {
		hi, lo := bits.Mul64(m.lo, powers[up].lo)
		return magnitude{hi, lo}.signed(negative)
	}
	w, fits := m.shifted(to - from)
	low, small := w.low()
	if !fits || !small {
		return Int128{}, false
	}
	return low.signed(negative)
}

// drop divides w by 10^n.
func (w wide) drop(n int, mode Mode, negative bool) (Int128, bool) {
	if n <= MaxPrecision {
		return w.quotient(powers[n], mode, negative)
	}
	if w[2]|w[3] == 0 { // less than half of 10^n
		return rounded(wide{}, -1, w != wide{}, mode, negative)
	}
	// The first truncation loses only whether there are non-zero digits below the half; exact keeps track of that.
	q, r := w.div(powers[n-MaxPrecision])
	exact := r.isZero()
	q, r = q.div(powers[MaxPrecision])
	half := compareHalf(r, powers[MaxPrecision])
	if half == 0 && !exact {
		half = 1
	}
	return rounded(q, half, !exact || !r.isZero(), mode, negative)
}

// quotient divides w by d.
func (w wide) quotient(d magnitude, mode Mode, negative bool) (Int128, bool) {
	if w[1]|w[2]|w[3]|d.hi == 0 {
		q, r := w[0]/d.lo, w[0]%d.lo
		if r == 0 {
			return magnitude{0, q}.signed(negative)
		}
		return rounded(wide{q}, compareHalf(magnitude{0, r}, d), true, mode, negative)
	}
	q, r := w.div(d)
	return rounded(q, compareHalf(r, d), !r.isZero(), mode, negative)
}

// compareHalf compares the remainder r with d/2.
func compareHalf(r, d magnitude) int {
	rest := d.sub(r)
	switch {
	case r == rest:
		return 0
	case r.less(rest):
		return -1
	}
	return 1
}

// rounded rounds the truncated quotient q. half compares the discarded fraction with one half; inexact reports whether the
// fraction is non-zero.
func rounded(q wide, half int, inexact bool, mode Mode, negative bool) (Int128, bool) {
	up := false
	switch mode {
	case HalfUp:
		up = half >= 0
	case HalfEven:
		up = half > 0 || half == 0 && q[0]&1 != 0
	case Floor:
		up = inexact && negative
	case Ceil:
		up = inexact && !negative
	}
	m, ok := q.low()
	if !ok {
		return Int128{}, false
	}
	if up {
		var c uint64
		m.lo, c = bits.Add64(m.lo, 1, 0)
		m.hi, c = bits.Add64(m.hi, 0, c)
		if c != 0 {
			return Int128{}, false
		}
	}
	return m.signed(negative)
}
