package function

import (
	"math"
	"math/big"
	"sync"
)

// A pair is the sum of two numbers of which the second is below the last digit of the first: twice the precision.
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

var (
	halfPi = [3]float64{1.57079632679489655800, 6.12323399573676603587e-17, -1.49738490485916983e-33}
	ln2    = pair{6.93147180559945286227e-01, 2.31904681384629955842e-17}
)

// quadrant gives x minus the nearest multiple of a right angle, and which of four that is: an angle up to half a right one.
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

// bigHalfPi is a right angle to more digits than the largest number takes away, by Machin's formula.
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

// expPair is Euler's number to the power of x, without the factor 2^k.
func expPair(x pair) (e pair, k int) {
	n := math.RoundToEven(x.hi / ln2.hi)
	r := x.add(ln2.mul(pair{n, 0}).neg())
	r = pair{r.hi / 256, r.lo / 256}
	sum, term := pair{1, 0}, pair{1, 0}
	for i := 1.0; i < 14; i++ {
		term = term.mul(r).div(pair{i, 0})
		sum = sum.add(term)
	}
	for range 8 {
		sum = sum.mul(sum)
	}
	return sum, int(n)
}

// logPair is the natural logarithm of a positive number, by a step of Newton's method.
func logPair(x float64) pair {
	fraction, exponent := math.Frexp(x)
	if fraction < math.Sqrt2/2 {
		fraction, exponent = fraction*2, exponent-1
	}
	y := math.Log(fraction)
	e, k := expPair(pair{-y, 0})
	e = pair{math.Ldexp(e.hi, k), math.Ldexp(e.lo, k)}
	rest := e.mul(pair{fraction, 0}).add(pair{-1, 0})
	step := rest.add(rest.mul(rest).mul(pair{-0.5, 0}))
	return ln2.mul(pair{float64(exponent), 0}).add(pair{y, 0}.add(step))
}

// pow leaves special values to package math.
func pow(x, y float64) float64 {
	special := math.Pow(x, y)
	if x == 0 || special == 0 || math.IsNaN(special) || math.IsInf(special, 0) || math.IsInf(y, 0) || y == 0 || x == 1 {
		if math.Abs(x) == 1 && math.IsInf(y, 0) || x == 1 && math.IsNaN(y) {
			return math.NaN() // Java: 1 to the power of infinity or of no number
		}
		return special
	}
	e, k := expPair(logPair(math.Abs(x)).mul(pair{y, 0}))
	return math.Copysign(math.Ldexp(e.value(), k), special)
}

func hypot(x, y float64) float64 {
	if x == 0 || y == 0 || math.IsNaN(x) || math.IsNaN(y) || math.IsInf(x, 0) || math.IsInf(y, 0) {
		return math.Hypot(x, y)
	}
	_, k := math.Frexp(max(math.Abs(x), math.Abs(y)))
	x, y = math.Ldexp(x, -k), math.Ldexp(y, -k)
	sum := pair{x, 0}.mul(pair{x, 0}).add(pair{y, 0}.mul(pair{y, 0}))
	root := math.Sqrt(sum.hi)
	rest := sum.add(pair{root, 0}.mul(pair{root, 0}).neg())
	return math.Ldexp(root+rest.hi/(2*root), k)
}
