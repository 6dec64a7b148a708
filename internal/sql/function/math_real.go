package function

import "math"

// Spark computes these functions with Java's StrictMath, whose last digits are part of its results. The polynomials and the
// order of operations are those of fdlibm, from which Go's package math differs in places.

// highWord returns the upper half of a number's bits without the sign.
func highWord(x float64) uint32 { return uint32(math.Float64bits(x)>>32) &^ (1 << 31) }

// chopped returns x without the lower half of its bits.
func chopped(x float64) float64 { return math.Float64frombits(math.Float64bits(x) &^ (1<<32 - 1)) }

const (
	ln2High = 6.93147180369123816490e-01
	ln2Low  = 1.90821492927058770002e-10
)

func exp(x float64) float64 {
	switch {
	case math.IsNaN(x) || math.IsInf(x, 1):
		return x
	case x > 7.09782712893383973096e+02:
		return math.Inf(1)
	case x < -7.45133219101941108420e+02:
		return 0
	case math.Abs(x) < 1.0/(1<<28):
		return 1 + x
	}
	hi, lo, k := x, 0.0, 0
	switch h := highWord(x); {
	case h <= 0x3fd62e42:
	case h < 0x3FF0A2B2:
		k = 1
		if x < 0 {
			k = -1
		}
		hi, lo = x-float64(k)*ln2High, float64(k)*ln2Low
	default:
		k = int(1.44269504088896338700*x + math.Copysign(0.5, x))
		hi, lo = x-float64(k)*ln2High, float64(k)*ln2Low
	}
	r := hi - lo
	t := r * r
	c := r - t*(1.66666666666666019037e-01+t*(-2.77777777770155933842e-03+t*(6.61375632143793436117e-05+
		t*(-1.65339022054652515390e-06+t*4.13813679705723846039e-08))))
	if k == 0 {
		return 1 - ((r*c)/(c-2) - r)
	}
	return math.Ldexp(1-((lo-(r*c)/(2-c))-hi), k)
}

func javaLog(x float64) float64 {
	switch {
	case math.IsNaN(x) || math.IsInf(x, 1):
		return x
	case x < 0:
		return math.NaN()
	case x == 0:
		return math.Inf(-1)
	}
	k := 0
	if x < 0x1p-1022 {
		x *= 1 << 54
		k = -54
	}
	h := int32(highWord(x))
	k += int(h>>20) - 1023
	h &= 0x000fffff
	i := (h + 0x95f64) & 0x100000
	x = math.Float64frombits(math.Float64bits(x)&(1<<32-1) | uint64(h|(i^0x3ff00000))<<32)
	k += int(i >> 20)
	f, dk := x-1, float64(k)
	if (0x000fffff & (2 + h)) < 3 { // |f| < 2^-20
		return logNearOne(f, dk)
	}
	s := f / (2 + f)
	z := s * s
	w := z * z
	t1 := w * (3.999999999940941908e-01 + w*(2.222219843214978396e-01+w*1.531383769920937332e-01))
	t2 := z * (6.666666666666735130e-01 + w*(2.857142874366239149e-01+w*(1.818357216161805012e-01+w*1.479819860511658591e-01)))
	r := t2 + t1
	if (h-0x6147a)|(0x6b851-h) > 0 {
		half := 0.5 * f * f
		if k == 0 {
			return f - (half - s*(half+r))
		}
		return dk*ln2High - ((half - (s*(half+r) + dk*ln2Low)) - f)
	}
	if k == 0 {
		return f - s*(f-r)
	}
	return dk*ln2High - ((s*(f-r) - dk*ln2Low) - f)
}

func logNearOne(f, dk float64) float64 {
	if f == 0 {
		return dk*ln2High + dk*ln2Low
	}
	r := f * f * (0.5 - 0.33333333333333333*f)
	if dk == 0 {
		return f - r
	}
	return dk*ln2High - ((r - dk*ln2Low) - f)
}

func log2(x float64) float64 { return javaLog(x) / javaLog(2) }

func log10(x float64) float64 {
	if math.IsNaN(x) || math.IsInf(x, 1) || x <= 0 {
		return javaLog(x)
	}
	k := 0
	if x < 0x1p-1022 {
		x *= 1 << 54
		k = -54
	}
	h := int32(highWord(x))
	k += int(h>>20) - 1023
	i := 0
	if k < 0 {
		i = 1
	}
	y := float64(k + i)
	x = math.Float64frombits(math.Float64bits(x)&(1<<32-1) | uint64(h&0x000fffff|int32(0x3ff-i)<<20)<<32)
	return y*3.69423907715893078616e-13 + 4.34294481903251816668e-01*javaLog(x) + y*3.01029995663611771306e-01
}

func log1p(x float64) float64 { return math.Log1p(x) }
func expm1(x float64) float64 { return math.Expm1(x) }

func sinh(x float64) float64 {
	a, h := math.Abs(x), math.Copysign(0.5, x)
	switch {
	case math.IsNaN(x) || math.IsInf(x, 0) || a < 1.0/(1<<28):
		return x
	case a < 1:
		t := expm1(a)
		return h * (2*t - t*t/(t+1))
	case a < 22:
		t := expm1(a)
		return h * (t + t/(t+1))
	case highWord(a) < 0x40862E42:
		return h * exp(a)
	}
	w := exp(0.5 * a)
	return h * w * w
}

func cosh(x float64) float64 {
	a := math.Abs(x)
	switch {
	case math.IsNaN(x) || math.IsInf(x, 0):
		return a
	case highWord(a) < 0x3fd62e43:
		t := expm1(a)
		w := 1 + t
		if a < 0x1p-55 {
			return w
		}
		return 1 + (t*t)/(w+w)
	case a < 22:
		t := exp(a)
		return 0.5*t + 0.5/t
	case highWord(a) < 0x40862E42:
		return 0.5 * exp(a)
	}
	w := exp(0.5 * a)
	return 0.5 * w * w
}

func tanh(x float64) float64 {
	a := math.Abs(x)
	z := 1.0
	switch {
	case math.IsNaN(x):
		return x
	case a < 0x1p-55:
		return x * (1 + x)
	case a < 1:
		t := expm1(-2 * a)
		z = -t / (t + 2)
	case a < 22:
		z = 1 - 2/(expm1(2*a)+2)
	}
	return math.Copysign(z, x)
}

// asinh, acosh and atanh use Spark's own formulas. (Spark: Asinh, Acosh, Atanh.)
func asinh(x float64) float64 { return math.Asinh(x) }
func acosh(x float64) float64 { return math.Acosh(x) }
func atanh(x float64) float64 { return 0.5 * (log1p(x) - log1p(-x)) }

const (
	halfPiHigh = 1.57079632679489655800
	halfPiLow  = 6.12323399573676603587e-17
	quarterPi  = 7.85398163397448278999e-01
	piLow      = 1.2246467991473531772e-16
)

// arcRatio returns the rational function that asin and acos share.
func arcRatio(t float64) float64 {
	p := t * (1.66666666666666657415e-01 + t*(-3.25565818622400915405e-01+t*(2.01212532134862925881e-01+
		t*(-4.00555345006794114027e-02+t*(7.91534994289814532176e-04+t*3.47933107596021167570e-05)))))
	q := 1 + t*(-2.40339491173441421878+t*(2.02094576023350569471+t*(-6.88283971605453293030e-01+t*7.70381505559019352791e-02)))
	return p / q
}

func asin(x float64) float64 {
	a := math.Abs(x)
	switch {
	case math.IsNaN(x) || a > 1:
		return math.NaN()
	case a == 1:
		return x*halfPiHigh + x*halfPiLow
	case a < 1.0/(1<<27):
		return x
	case a < 0.5:
		return x + x*arcRatio(x*x)
	}
	t := (1 - a) * 0.5
	r, s := arcRatio(t), math.Sqrt(t)
	if highWord(a) >= 0x3FEF3333 {
		return math.Copysign(halfPiHigh-(2*(s+s*r)-halfPiLow), x)
	}
	w := chopped(s)
	c := (t - w*w) / (s + w)
	p := 2*s*r - (halfPiLow - 2*c)
	q := quarterPi - 2*w
	return math.Copysign(quarterPi-(p-q), x)
}

func acos(x float64) float64 {
	switch a := math.Abs(x); {
	case math.IsNaN(x) || a > 1:
		return math.NaN()
	case x == 1:
		return 0
	case x == -1:
		return math.Pi
	case a < 0x1p-57:
		return halfPiHigh + halfPiLow
	case a < 0.5:
		return halfPiHigh - (x - (halfPiLow - x*arcRatio(x*x)))
	case x < 0:
		z := (1 + x) * 0.5
		s := math.Sqrt(z)
		return math.Pi - 2*(s+(arcRatio(z)*s-halfPiLow))
	}
	z := (1 - x) * 0.5
	s := math.Sqrt(z)
	high := chopped(s)
	c := (z - high*high) / (s + high)
	return 2 * (high + (arcRatio(z)*s + c))
}

// arcSteps are the angles to which atan reduces its argument, in two parts.
var arcSteps = [...][2]float64{
	{4.63647609000806093515e-01, 2.26987774529616870924e-17}, {quarterPi, 3.06161699786838301793e-17},
	{9.82793723247329054082e-01, 1.39033110312309984516e-17}, {halfPiHigh, halfPiLow},
}

func atan(x float64) float64 {
	a := math.Abs(x)
	if math.IsNaN(x) || a < 0x1p-29 {
		return x
	}
	if a >= 0x1p66 {
		return math.Copysign(halfPiHigh+halfPiLow, x)
	}
	step, y := -1, x
	switch {
	case a < 0.4375:
	case a < 0.6875:
		step, y = 0, (2*a-1)/(2+a)
	case a < 1.1875:
		step, y = 1, (a-1)/(a+1)
	case a < 2.4375:
		step, y = 2, (a-1.5)/(1+1.5*a)
	default:
		step, y = 3, -1/a
	}
	z := y * y
	w := z * z
	s1 := z * (3.33333333333329318027e-01 + w*(1.42857142725034663711e-01+w*(9.09088713343650656196e-02+
		w*(6.66107313738753120669e-02+w*(4.97687799461593236017e-02+w*1.62858201153657823623e-02)))))
	s2 := w * (-1.99999999998764832476e-01 + w*(-1.11111104054623557880e-01+w*(-7.69187620504482999495e-02+
		w*(-5.83357013379057348645e-02+w*-3.65315727442169155270e-02))))
	if step < 0 {
		return y - y*(s1+s2)
	}
	return math.Copysign(arcSteps[step][0]-((y*(s1+s2)-arcSteps[step][1])-y), x)
}

// atan2 treats negative zeros as positive: Spark adds 0.0 to both arguments.
func atan2(y, x float64) float64 {
	y, x = y+0, x+0
	if x == 0 || y == 0 || math.IsNaN(x) || math.IsNaN(y) || math.IsInf(x, 0) || math.IsInf(y, 0) {
		return math.Atan2(y, x)
	}
	z := atan(math.Abs(y / x))
	if x < 0 {
		z = math.Pi - (z - piLow)
	}
	return math.Copysign(z, y)
}

func cbrt(x float64) float64 {
	a := math.Abs(x)
	if a == 0 || math.IsNaN(x) || math.IsInf(x, 0) {
		return x
	}
	var high uint32
	if a < 0x1p-1022 {
		high = highWord(a*(1<<54))/3 + 696219795
	} else {
		high = highWord(a)/3 + 715094163
	}
	t := math.Float64frombits(uint64(high) << 32)
	r := t * t / a
	s := 5.42857142857142815906e-01 + r*t
	t *= 3.57142857142857150787e-01 + 1.60714285714285720630/(s+1.41428571428571436819-7.05306122448979611050e-01/s)
	t = math.Float64frombits((math.Float64bits(t)>>32 + 1) << 32)
	s = t * t
	r = a / s
	r = (r - t) / (t + t + r)
	return math.Copysign(t+t*r, x)
}
