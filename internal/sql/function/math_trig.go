package function

import "math"

// Java leaves sine, cosine and tangent to the processor's library, whose error is just above half of the last digit: sine and
// cosine are the polynomials of fdlibm on angles of at most half a right one, the tangent is correctly rounded.

func isNoAngle(x float64) bool { return x == 0 || math.IsNaN(x) || math.IsInf(x, 0) }

func sin(x float64) float64 {
	if isNoAngle(x) {
		return math.Sin(x)
	}
	switch r, q := quadrant(x); q {
	case 0:
		return smallSin(r)
	case 1:
		return smallCos(r)
	case 2:
		return -smallSin(r)
	default:
		return -smallCos(r)
	}
}

func cos(x float64) float64 {
	if isNoAngle(x) {
		return math.Cos(x)
	}
	switch r, q := quadrant(x); q {
	case 0:
		return smallCos(r)
	case 1:
		return -smallSin(r)
	case 2:
		return -smallCos(r)
	default:
		return smallSin(r)
	}
}

func tan(x float64) float64 {
	if isNoAngle(x) || math.Abs(x) < 1e-100 {
		return math.Tan(x)
	}
	r, q := quadrant(x)
	sine, cosine := series(r, r, 2), series(r, pair{1, 0}, 1)
	if q&1 == 1 {
		return cosine.neg().div(sine).value()
	}
	return sine.div(cosine).value()
}

func smallSin(r pair) float64 {
	x, y := r.hi, r.lo
	if math.Abs(x) < 1.0/(1<<27) {
		return x
	}
	z := x * x
	v := z * x
	p := 8.33333333332248946124e-03 + z*(-1.98412698298579493134e-04+z*(2.75573137070700676789e-06+
		z*(-2.50507602534068634195e-08+z*1.58969099521155010221e-10)))
	const first = -1.66666666666666324348e-01
	if y == 0 {
		return x + v*(first+z*p)
	}
	return x - ((z*(0.5*y-v*p) - y) - v*first)
}

func smallCos(r pair) float64 {
	x, y := r.hi, r.lo
	h := highWord(x)
	if h < 0x3e400000 {
		return 1
	}
	z := x * x
	p := z * (4.16666666666666019037e-02 + z*(-1.38888888888741095749e-03+z*(2.48015872894767294178e-05+
		z*(-2.75573143513906633035e-07+z*(2.08757232123817482790e-09+z*-1.13596475577881948265e-11)))))
	if h < 0x3FD33333 {
		return 1 - (0.5*z - (z*p - x*y))
	}
	part := 0.28125
	if h <= 0x3fe90000 {
		part = math.Float64frombits(uint64(h-0x00200000) << 32) // x/4
	}
	half := 0.5*z - part
	return (1 - part) - (half - (z*p - x*y))
}

// series sums first - first·x²/(n(n+1)) + …, the series of sine and cosine.
func series(x, first pair, n float64) pair {
	square := x.mul(x).neg()
	sum, term := first, first
	for ; math.Abs(term.hi) > 1e-34*math.Abs(sum.hi); n += 2 {
		term = term.mul(square).div(pair{n * (n + 1), 0})
		sum = sum.add(term)
	}
	return sum
}
