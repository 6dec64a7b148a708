package function

import (
	"math"
	"sync"
)

// Java leaves sine, cosine and tangent to the platform's library, whose error is slightly above half a unit in the last
// place. Sine and cosine follow its method, a table of 64 angles and short polynomials, which yields the same result in all
// but about one of a thousand cases; the tangent is correctly rounded.
// thousands; the tangent is correctly rounded.

func isNoAngle(x float64) bool { return x == 0 || math.IsNaN(x) || math.IsInf(x, 0) }

func sin(x float64) float64 {
	if isNoAngle(x) {
		return math.Sin(x)
	}
	return sinFrom(x, 0)
}

func cos(x float64) float64 {
	if isNoAngle(x) {
		return math.Cos(x)
	}
	return sinFrom(x, 16)
}

// A tabled angle is a multiple of π/32: its sine in two parts, and its cosine as a power of two plus the rest.
type tabled struct{ sine, sineRest, power, rest float64 }

var angles = sync.OnceValue(func() *[64]tabled {
	var table [64]tabled
	for k := range 16 {
		step := partOfPi(float64(k))
		sine, cosine := series(step, step, 2), series(step, pair{1, 0}, 1)
		for _, a := range []struct {
			at           int
			sine, cosine pair
		}{{k, sine, cosine}, {k + 16, cosine, sine.neg()}, {k + 32, sine.neg(), cosine.neg()}, {k + 48, cosine.neg(), sine}} {
			power := 0.0
			if c := a.cosine.hi; c != 0 {
				power = math.Copysign(math.Exp2(math.RoundToEven(math.Log2(math.Abs(c)))), c)
			}
			table[a.at] = tabled{a.sine.hi, a.sine.lo, power, a.cosine.add(pair{-power, 0}).value()}
		}
	}
	return &table
})

// partOfPi returns n π/32.
func partOfPi(n float64) pair {
	return pair{halfPi[0], halfPi[1]}.mul(pair{n / 16, 0})
}

// sinFrom returns the sine of x + turn·π/32.
func sinFrom(x float64, turn int) float64 {
	r, q := quadrant(x)
	n := math.RoundToEven(r.hi * (16 / halfPi[0]))
	r = r.add(partOfPi(n).neg())
	at := angles()[(16*q+int(n)+turn)&63]
	x2, cosine := r.hi*r.hi, at.power+at.rest
	dSin := r.hi * x2 * (-1.0/6 + float64(x2*(1.0/120+float64(x2*(-1.0/5040+float64(x2*(1.0/362880)))))))
	dCos := x2 * (-0.5 + float64(x2*(1.0/24+float64(x2*(-1.0/720+float64(x2*(1.0/40320)))))))
	sum := twoSum(at.sine, at.power*r.hi)
	more := quickSum(sum.hi, at.rest*r.hi)
	correction := (cosine - float64(at.sine*r.hi)) * r.lo
	return more.hi + ((sum.lo + more.lo) + at.sineRest + correction + (float64(at.sine*dCos) + float64(cosine*dSin)))
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

// series returns first - first·x²/(n(n+1)) + …, the series of sine and cosine.
func series(x, first pair, n float64) pair {
	square := x.mul(x).neg()
	sum, term := first, first
	for ; math.Abs(term.hi) > 1e-34*math.Abs(sum.hi); n += 2 {
		term = term.mul(square).div(pair{n * (n + 1), 0})
		sum = sum.add(term)
	}
	return sum
}
