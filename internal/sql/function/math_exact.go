package function

import (
	"math"
	"math/big"
	"sync"
)

// A pair is the sum of two numbers, where the second is below the last digit of the first: it has twice the precision.
type pair struct{ hi, lo float64 }

func twoSum(a, b float64) pair {
	s := a + b
	t := s - a
	return pair{s, (a - (s - t)) + (b - t)}
}

func quickSum(a, b float64) pair {
	s := a + b
	return pair{s, b - (s - a)}
}

func (a pair) add(b pair) pair {
	s, t := twoSum(a.hi, b.hi), twoSum(a.lo, b.lo)
	s = quickSum(s.hi, s.lo+t.hi)
	return quickSum(s.hi, s.lo+t.lo)
}

func (a pair) mul(b pair) pair {
	p := a.hi * b.hi
	return quickSum(p, math.FMA(a.hi, b.hi, -p)+(a.hi*b.lo+a.lo*b.hi))
}

func (a pair) neg() pair { return pair{-a.hi, -a.lo} }

func (a pair) div(b pair) pair {
	q := a.hi / b.hi
	r := a.add(b.mul(pair{q, 0}).neg())
	q2 := r.hi / b.hi
	r = r.add(b.mul(pair{q2, 0}).neg())
	return quickSum(q, q2).add(pair{r.hi / b.hi, 0})
}

func (a pair) value() float64 { return a.hi + a.lo }

// halfPi is π/2 in three parts.
var halfPi = [3]float64{1.57079632679489655800, 6.12323399573676603587e-17, -1.49738490485916983e-33}

// quadrant returns x minus the nearest multiple of π/2, an angle of at most π/4, and that multiple modulo 4.
func quadrant(x float64) (r pair, q int) {
	if math.Abs(x) <= halfPi[0]/2 {
		return pair{x, 0}, 0
	}
	if math.Abs(x) > 1<<25 {
		return bigQuadrant(x)
	}
	k := math.RoundToEven(x / halfPi[0])
	r = pair{x, 0}
	for _, part := range halfPi {
		p := k * part
		r = r.add(pair{p, math.FMA(k, part, -p)}.neg())
	}
	return r, int(int64(k) & 3)
}

// bigHalfPi is π/2, by Machin's formula, with more digits than reducing the largest double consumes.
var bigHalfPi = sync.OnceValue(func() *big.Float {
	const bits = 1400
	one := new(big.Int).Lsh(big.NewInt(1), bits)
	arctan := func(n int64) *big.Int { // of 1/n
		sum, term := new(big.Int), new(big.Int).Quo(one, big.NewInt(n))
		for k := int64(1); term.Sign() != 0; k += 2 {
			part := new(big.Int).Quo(term, big.NewInt(k))
			if k%4 == 1 {
				sum.Add(sum, part)
			} else {
				sum.Sub(sum, part)
			}
			term.Quo(term, big.NewInt(n*n))
		}
		return sum
	}
	pi := arctan(5)
	pi.Lsh(pi, 4)
	pi.Sub(pi, new(big.Int).Lsh(arctan(239), 2))
	f := new(big.Float).SetPrec(bits).SetInt(pi)
	return f.SetMantExp(f, -bits-1)
})

func bigQuadrant(x float64) (pair, int) {
	right := bigHalfPi()
	exact := new(big.Float).SetPrec(right.Prec()).SetFloat64(x)
	quotient := new(big.Float).SetPrec(right.Prec()).Quo(exact, right)
	quotient.Add(quotient, big.NewFloat(math.Copysign(0.5, x)))
	k, _ := quotient.Int(nil)
	multiple := new(big.Float).SetPrec(right.Prec()).SetInt(k)
	rest := exact.Sub(exact, multiple.Mul(multiple, right))
	hi, _ := rest.Float64()
	lo, _ := rest.Sub(rest, big.NewFloat(hi)).Float64()
	return pair{hi, lo}, int(new(big.Int).And(k, big.NewInt(3)).Int64())
}

// hypot follows fdlibm, which Java uses: the error is below one unit in the last place, so the result is not always correctly
// rounded.
func hypot(x, y float64) float64 {
	a, b := math.Abs(x), math.Abs(y)
	if a < b {
		a, b = b, a
	}
	switch {
	case math.IsInf(a, 0) || math.IsInf(b, 0):
		return math.Inf(1)
	case math.IsNaN(a) || math.IsNaN(b):
		return math.NaN()
	case b == 0 || exponent(a)-exponent(b) > 60:
		return a + b
	}
	scale := 1.0
	switch {
	case a > 0x1p500:
		scale = 0x1p600
	case b < 0x1p-1022:
		scale = 0x1p-1022
	case b < 0x1p-500:
		scale = 0x1p-600
	}
	return scale * scaledHypot(a/scale, b/scale)
}

// scaledHypot splits numbers at their high words to square them. It requires a >= b, and that neither square overflows or
// underflows.
func scaledHypot(a, b float64) float64 {
	if w := a - b; w > b {
		high := highPart(a)
		return math.Sqrt(high*high - (b*-b - (a-high)*(a+high)))
	}
	w := a - b
	high, twice := highPart(b), highPart(a+a)
	return math.Sqrt(twice*high - (w*-w - (twice*(b-high) + (a+a-twice)*b)))
}

func exponent(x float64) int { return int(math.Float64bits(x)>>52) & 0x7ff }

// highPart returns a number without the lower 32 bits of its mantissa.
func highPart(x float64) float64 { return math.Float64frombits(math.Float64bits(x) &^ 0xffffffff) }
