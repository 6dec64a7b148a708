package decimal

import "math/bits"

// A magnitude is an unsigned 128-bit integer.
type magnitude struct{ hi, lo uint64 }

// A wide is an unsigned 256-bit integer, least significant word first: the product of two magnitudes.
type wide [4]uint64

var powers = func() (p [MaxPrecision + 1]magnitude) {
	p[0] = magnitude{0, 1}
	for i := 1; i < len(p); i++ {
		hi, lo := bits.Mul64(p[i-1].lo, 10)
		p[i] = magnitude{p[i-1].hi*10 + hi, lo}
	}
	return p
}()

// Pow10 returns 10^n for 0 ≤ n ≤ 38.
func Pow10(n int) Int128 { return Int128{int64(powers[n].hi), powers[n].lo} }

// magnitude returns |a| and whether a is negative.
func (a Int128) magnitude() (magnitude, bool) {
	if a.Hi < 0 {
		n := a.Neg()
		return magnitude{uint64(n.Hi), n.Lo}, true
	}
	return magnitude{uint64(a.Hi), a.Lo}, false
}

// signed applies the sign and reports whether the value fits.
func (m magnitude) signed(negative bool) (Int128, bool) {
	v := Int128{int64(m.hi), m.lo}
	if negative {
		v = v.Neg()
		return v, v.Hi < 0 || m.hi == 0 && m.lo == 0
	}
	return v, v.Hi >= 0
}

func (m magnitude) isZero() bool { return m.hi|m.lo == 0 }

func (m magnitude) less(o magnitude) bool { return m.hi < o.hi || m.hi == o.hi && m.lo < o.lo }

func (m magnitude) sub(o magnitude) magnitude {
	lo, c := bits.Sub64(m.lo, o.lo, 0)
	hi, _ := bits.Sub64(m.hi, o.hi, c)
	return magnitude{hi, lo}
}

func (m magnitude) times(o magnitude) wide {
	h0, l0 := bits.Mul64(m.lo, o.lo)
	h1, l1 := bits.Mul64(m.lo, o.hi)
	h2, l2 := bits.Mul64(m.hi, o.lo)
	h3, l3 := bits.Mul64(m.hi, o.hi)
	w1, c := bits.Add64(h0, l1, 0)
	w2, c2 := bits.Add64(h1, l3, c)
	w3 := h3 + c2
	w1, c = bits.Add64(w1, l2, 0)
	w2, c = bits.Add64(w2, h2, c)
	return wide{l0, w1, w2, w3 + c}
}

// shifted returns m * 10^n and reports whether it fits.
func (m magnitude) shifted(n int) (wide, bool) {
	switch {
	case m.isZero():
		return wide{}, true
	case n <= MaxPrecision:
		return m.times(powers[n]), true
	case n > 2*MaxPrecision:
		return wide{}, false
	}
	w := m.times(powers[MaxPrecision])
	if low, ok := w.low(); ok {
		return low.times(powers[n-MaxPrecision]), true
	}
	return w.timesShort(powers[n-MaxPrecision])
}

func (w wide) timesShort(m magnitude) (wide, bool) {
	high := magnitude{w[3], w[2]}.times(m)
	low := magnitude{w[1], w[0]}.times(m)
	var c uint64
	low[2], c = bits.Add64(low[2], high[0], 0)
	low[3], c = bits.Add64(low[3], high[1], c)
	return low, c|high[2]|high[3] == 0
}

// low returns w as a magnitude and reports whether it fits.
func (w wide) low() (magnitude, bool) { return magnitude{w[1], w[0]}, w[2]|w[3] == 0 }

func (w wide) cmp(o wide) int {
	for i := 3; i >= 0; i-- {
		if w[i] != o[i] {
			if w[i] < o[i] {
				return -1
			}
			return 1
		}
	}
	return 0
}

func (w wide) add(o wide) (sum wide) {
	var c uint64
	for i := range w {
		sum[i], c = bits.Add64(w[i], o[i], c)
	}
	return sum
}

func (w wide) sub(o wide) (diff wide) {
	var c uint64
	for i := range w {
		diff[i], c = bits.Sub64(w[i], o[i], c)
	}
	return diff
}

// div returns quotient and remainder of w / d, d ≠ 0.
func (w wide) div(d magnitude) (q wide, r magnitude) {
	if d.hi == 0 {
		for i := 3; i >= 0; i-- {
			q[i], r.lo = bits.Div64(r.lo, w[i], d.lo)
		}
		return q, r
	}
	// Long division by the two-word divisor, normalised so that its highest bit is set.
	s := uint(bits.LeadingZeros64(d.hi))
	d = magnitude{d.hi<<s | d.lo>>(64-s), d.lo << s}
	u := [5]uint64{w[0] << s, w[1]<<s | w[0]>>(64-s), w[2]<<s | w[1]>>(64-s), w[3]<<s | w[2]>>(64-s), w[3] >> (64 - s)}
	r = magnitude{u[4], u[3]}
	for i := 2; i >= 0; i-- {
		q[i], r = divWord(r, u[i], d)
	}
	return q, magnitude{r.hi >> s, r.lo>>s | r.hi<<(64-s)}
}

// divWord returns one quotient word of (r, next) / d for r < d, and the remainder. d must have its highest bit set.
func divWord(r magnitude, next uint64, d magnitude) (uint64, magnitude) {
	q := ^uint64(0)
	if r.hi < d.hi {
		q, _ = bits.Div64(r.hi, r.lo, d.hi)
	}
	// The estimate is at most 2 too large: subtract q*d and add d back while the difference is negative.
	h, l := bits.Mul64(q, d.lo)
	h2, l2 := bits.Mul64(q, d.hi)
	mid, c := bits.Add64(h, l2, 0)
	top := h2 + c
	w0, b := bits.Sub64(next, l, 0)
	w1, b := bits.Sub64(r.lo, mid, b)
	w2, _ := bits.Sub64(r.hi, top, b)
	for int64(w2) < 0 {
		q--
		w0, c = bits.Add64(w0, d.lo, 0)
		w1, c = bits.Add64(w1, d.hi, c)
		w2 += c
	}
	return q, magnitude{w1, w0}
}
