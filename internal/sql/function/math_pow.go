package function

import "math"

// pow follows fdlibm, except for special values, which it leaves to package math: x to the power of y is 2 to the power of n
// + z, where the logarithm of x to base 2 is computed in two parts.
func pow(x, y float64) float64 {
	special := math.Pow(x, y)
	switch {
	case math.IsInf(y, 0) && math.Abs(x) == 1, x == 1 && math.IsNaN(y):
		return math.NaN() // unlike C
	case x == 0, y == 0, special == 0, math.IsNaN(special), math.IsInf(special, 0), math.IsInf(y, 0), math.IsInf(x, 0):
		return special
	case y == 2:
		return x * x
	case y == -1: // rounded correctly, as the processor code that Java has for pow does
		return 1 / x
	case y == 0.5:
		return math.Sqrt(x)
	}
	t1, t2 := logParts(math.Abs(x), y)
	y1 := chopped(y)
	low, high := (y-y1)*t1+y*t2, y1*t1
	n := 0
	if z := low + high; math.Abs(z) > 0.5 {
		n = int(z + math.Copysign(0.5, z))
		high -= float64(n)
	}
	return math.Copysign(math.Ldexp(exp2(high, low), n), special)
}

// logParts returns the logarithm of x to base 2 in two parts, the first with a short mantissa.
func logParts(x, y float64) (t1, t2 float64) {
	if math.Abs(y) > 1<<31 { // x is so near 1 that a few terms suffice
		t := x - 1
		w := (t * t) * (0.5 - t*(0.3333333333333333333333-t*0.25))
		u := 1.44269502162933349609 * t
		v := t*1.92596299112661746887e-08 - w*1.44269504088896338700
		t1 = chopped(u + v)
		return t1, v - (t1 - u)
	}
	n := 0
	if x < 0x1p-1022 {
		x *= 1 << 53
		n = -53
	}
	h := highWord(x)
	n += int(h>>20) - 0x3ff
	j := h & 0x000fffff
	h = j | 0x3ff00000
	base, logHigh, logLow, step := 1.0, 0.0, 0.0, uint32(0)
	switch {
	case j <= 0x3988E:
	case j < 0xBB67A:
		base, logHigh, logLow, step = 1.5, 5.84962487220764160156e-01, 1.35003920212974897128e-08, 1<<18
	default:
		n++
		h -= 0x00100000
	}
	x = math.Float64frombits(math.Float64bits(x)&(1<<32-1) | uint64(h)<<32)
	u, v := x-base, 1/(x+base)
	s := u * v
	sHigh := chopped(s)
	tHigh := math.Float64frombits(uint64((h>>1|0x20000000)+0x00080000+step) << 32)
	tLow := x - (tHigh - base)
	sLow := v * ((u - sHigh*tHigh) - sHigh*tLow)
	s2 := s * s
	r := s2 * s2 * (5.99999999999994648725e-01 + s2*(4.28571428578550184252e-01+s2*(3.33333329818377432918e-01+
		s2*(2.72728123808534006489e-01+s2*(2.30660745775561754067e-01+s2*2.06975017800338417784e-01)))))
	r += sLow * (sHigh + s)
	s2 = sHigh * sHigh
	tHigh = chopped(3 + s2 + r)
	tLow = r - ((tHigh - 3) - s2)
	u, v = sHigh*tHigh, sLow*tHigh+tLow*s
	pHigh := chopped(u + v)
	pLow := v - (pHigh - u)
	zHigh := 9.61796700954437255859e-01 * pHigh
	zLow := -7.02846165095275826516e-09*pHigh + pLow*9.61796693925975554329e-01 + logLow
	t := float64(n)
	t1 = chopped(((zHigh + zLow) + logHigh) + t)
	return t1, zLow - (((t1 - t) - logHigh) - zHigh)
}

// exp2 returns 2 to the power of high + low, which must be at most a half.
func exp2(high, low float64) float64 {
	t := chopped(low + high)
	u := t * 6.93147182464599609375e-01
	v := (low-(t-high))*6.93147180559945286227e-01 + t*-1.90465429995776804525e-09
	z := u + v
	w := v - (z - u)
	t = z * z
	t1 := z - t*(1.66666666666666019037e-01+t*(-2.77777777770155933842e-03+t*(6.61375632143793436117e-05+
		t*(-1.65339022054652515390e-06+t*4.13813679705723846039e-08))))
	r := (z*t1)/(t1-2) - (w + z*w)
	return 1 - (r - z)
}
