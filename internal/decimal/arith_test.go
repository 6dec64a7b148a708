package decimal

import (
	"math/big"
	"math/rand/v2"
	"strings"
	"testing"
)

// edges returns values at the boundaries of words, signs and precisions.
func edges() []Int128 {
	vs := []Int128{{}, {0, ^uint64(0)}, {1, 0}, {1, 1}, {-1, 0}, {-1 << 63, 0}, {-1 << 63, 1}, {1<<63 - 1, ^uint64(0)}, {0, 1 << 63}}
	for n := 0; n <= MaxPrecision; n++ {
		p := Pow10(n)
		vs = append(vs, p, p.Sub(FromInt64(1)), p.Neg(), FromInt64(5).Add(p), p.Add(p).Neg())
	}
	return vs
}

func random(r *rand.Rand) Int128 {
	v := Int128{int64(r.Uint64()), r.Uint64()}
	v, _ = RescaleMode(v, r.IntN(39), 0, Down)
	return v
}

func toBig(v Int128) *big.Int {
	b := new(big.Int).Lsh(big.NewInt(v.Hi), 64)
	return b.Add(b, new(big.Int).SetUint64(v.Lo))
}

func bigPow(n int) *big.Int { return new(big.Int).Exp(big.NewInt(10), big.NewInt(int64(n)), nil) }

// bigDiv divides and rounds by mode.
func bigDiv(a, b *big.Int, mode Mode) *big.Int {
	q, r := new(big.Int).QuoRem(a, b, new(big.Int))
	negative := a.Sign()*b.Sign() < 0
	half := new(big.Int).Abs(new(big.Int).Lsh(r, 1)).Cmp(new(big.Int).Abs(b))
	up := false
	switch mode {
	case HalfUp:
		up = half >= 0
	case HalfEven:
		up = half > 0 || half == 0 && q.Bit(0) == 1
	case Floor:
		up = r.Sign() != 0 && negative
	case Ceil:
		up = r.Sign() != 0 && !negative
	}
	if up && negative {
		return q.Sub(q, big.NewInt(1))
	} else if up {
		return q.Add(q, big.NewInt(1))
	}
	return q
}

func check(t *testing.T, what string, got Int128, ok bool, want *big.Int) {
	t.Helper()
	fits := want.BitLen() < 128 || want.Cmp(toBig(Int128{-1 << 63, 0})) == 0
	if ok != fits || ok && toBig(got).Cmp(want) != 0 {
		t.Fatalf("%s = %v, %v; want %v, %v", what, got, ok, want, fits)
	}
}

// eachPair calls f for all pairs of edges and for random pairs.
func eachPair(f func(a, b Int128, r *rand.Rand)) {
	r := rand.New(rand.NewPCG(1, 2))
	vs := edges()
	for _, a := range vs {
		for _, b := range vs {
			f(a, b, r)
		}
	}
	for range 8000 {
		f(random(r), random(r), r)
	}
}

func TestArithmeticAgreesWithBigIntegers(t *testing.T) {
	eachPair(func(a, b Int128, r *rand.Rand) {
		x, y := toBig(a), toBig(b)
		v, ok := a.AddChecked(b)
		check(t, "add", v, ok, new(big.Int).Add(x, y))
		v, ok = a.SubChecked(b)
		check(t, "sub", v, ok, new(big.Int).Sub(x, y))
		v, ok = a.NegChecked()
		check(t, "neg", v, ok, new(big.Int).Neg(x))
		if got, want := a.Cmp(b), x.Cmp(y); got != want {
			t.Fatalf("cmp(%v, %v) = %d, want %d", a, b, got, want)
		}
		if a.Sign() != x.Sign() || a.String() != x.String() {
			t.Fatalf("%v is printed as %v", x, a)
		}
		drop := r.IntN(77)
		v, ok = Mul(a, b, drop)
		check(t, "mul", v, ok, bigDiv(new(big.Int).Mul(x, y), bigPow(drop), HalfUp))
		if b.IsZero() {
			return
		}
		shift := r.IntN(90) - 20
		v, ok = Div(a, b, shift)
		n, d := new(big.Int).Mul(x, bigPow(max(shift, 0))), new(big.Int).Mul(y, bigPow(max(-shift, 0)))
		check(t, "div", v, ok, bigDiv(n, d, HalfUp))
		if got, want := Rem(a, b), new(big.Int).Rem(x, y); new(big.Int).Abs(new(big.Int).Quo(x, y)).Cmp(bigPow(39)) < 0 && toBig(got).Cmp(want) != 0 {
			t.Fatalf("rem(%v, %v) = %v, want %v", a, b, got, want)
		}
	})
}

func TestScaledArithmeticAgreesWithBigIntegers(t *testing.T) {
	eachPair(func(a, b Int128, r *rand.Rand) {
		sa, sb := r.IntN(39), r.IntN(39)
		common := max(sa, sb)
		x, y := toBig(a), toBig(b)
		x.Mul(x, bigPow(common-sa))
		y.Mul(y, bigPow(common-sb))
		if got, want := CmpScaled(a, sa, b, sb), x.Cmp(y); got != want {
			t.Fatalf("cmp(%v s%d, %v s%d) = %d, want %d", a, sa, b, sb, got, want)
		}
		if !Fits(a, MaxPrecision) || !Fits(b, MaxPrecision) {
			return
		}
		scale := r.IntN(common + 1)
		v, ok := AddScaled(a, sa, b, sb, scale)
		check(t, "add", v, ok, bigDiv(new(big.Int).Add(x, y), bigPow(common-scale), HalfUp))
		v, ok = SubScaled(a, sa, b, sb, scale)
		check(t, "sub", v, ok, bigDiv(new(big.Int).Sub(x, y), bigPow(common-scale), HalfUp))
		if b.IsZero() {
			return
		}
		q, rest := new(big.Int).QuoRem(x, y, new(big.Int))
		v, ok = QuoScaled(a, sa, b, sb)
		if q.BitLen() < 128 {
			check(t, "quo", v, ok, q)
		}
		v, ok = RemScaled(a, sa, b, sb)
		significant := strings.TrimRight(q.String(), "0")
		if short := len(strings.TrimLeft(significant, "-")) <= 39; ok != short || ok && toBig(v).Cmp(rest) != 0 {
			t.Fatalf("rem(%v s%d, %v s%d) = %v, %v; want %v, %v", a, sa, b, sb, v, ok, rest, short)
		}
	})
}

func TestRescalingAgreesWithBigIntegers(t *testing.T) {
	eachPair(func(a, _ Int128, r *rand.Rand) {
		x := toBig(a)
		from, to, mode := r.IntN(60), r.IntN(39), Mode(r.IntN(5))
		v, ok := RescaleMode(a, from, to, mode)
		n := new(big.Int).Mul(x, bigPow(max(to-from, 0)))
		check(t, "rescale", v, ok, bigDiv(n, bigPow(max(from-to, 0)), mode))
		p := r.IntN(39)
		if got, want := Fits(a, p), new(big.Int).Abs(x).Cmp(bigPow(p)) < 0; got != want && a != (Int128{-1 << 63, 0}) {
			t.Fatalf("fits(%v, %d) = %v", a, p, got)
		}
	})
}

func TestModesRoundTiesAndRemainders(t *testing.T) {
	for _, c := range []struct {
		v                             int64
		halfUp, halfEven, floor, ceil int64
	}{
		{15, 2, 2, 1, 2}, {25, 3, 2, 2, 3}, {-15, -2, -2, -2, -1}, {-25, -3, -2, -3, -2},
		{24, 2, 2, 2, 3}, {-24, -2, -2, -3, -2}, {20, 2, 2, 2, 2}, {1, 0, 0, 0, 1}, {-1, 0, 0, -1, 0},
	} {
		for mode, want := range map[Mode]int64{HalfUp: c.halfUp, HalfEven: c.halfEven, Floor: c.floor, Ceil: c.ceil, Down: c.v / 10} {
			if got, ok := RescaleMode(FromInt64(c.v), 1, 0, mode); !ok || got != FromInt64(want) {
				t.Errorf("%d at mode %d = %v, want %d", c.v, mode, got, want)
			}
		}
	}
}
