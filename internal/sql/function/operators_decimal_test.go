package function

import (
	"math/big"
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/streamctl/streamctl/internal/decimal"
	"github.com/streamctl/streamctl/internal/sql/coerce"
	"github.com/streamctl/streamctl/internal/sql/expr"
	"github.com/streamctl/streamctl/internal/types"
	"github.com/streamctl/streamctl/internal/vector"
)

// Decimals are compared with rationals rounded HALF_UP.
func TestDecimalOperatorsAgreeWithRationals(t *testing.T) {
	rng := rand.New(rand.NewPCG(3, 4))
	of := types.DecimalOf
	all := []*types.Type{of(3, 0), of(5, 2), of(10, 2), of(9, 9), of(18, 6), of(20, 6), of(38, 0), of(38, 18), of(38, 37)}
	for _, l := range all {
		for _, r := range all {
			for _, op := range []string{"+", "-", "*", "/", "%"} {
				checkDecimals(t, rng, op, l, r)
			}
		}
	}
}

func checkDecimals(t *testing.T, rng *rand.Rand, op string, l, r *types.Type) {
	t.Helper()
	out := types.DecimalOf(coerce.DecimalResult(op, l.Precision, l.Scale, r.Precision, r.Scale))
	call := &expr.Expr{Type: out, Args: []*expr.Expr{{Type: l}, {Type: r}}}
	run := decimalKernel(call, op, true)
	const n = 20
	a, b, got := vector.New(l, n), vector.New(r, n), vector.New(out, n)
	var possible vector.Selection
	for i := range n {
		a.Dec[i], b.Dec[i] = randomDecimal(rng, l), randomDecimal(rng, r)
		if op == "%" && tooLong(a.Dec[i], l.Scale, b.Dec[i], r.Scale) {
			if err := run(nil, n, vector.Selection{int32(i)}, []*vector.Vector{a, b}, got); err == nil {
				t.Fatalf("%s %% %s is possible", decimal.Append(nil, a.Dec[i], l.Scale), decimal.Append(nil, b.Dec[i], r.Scale))
			}
			continue
		}
		possible = append(possible, int32(i))
	}
	if err := run(nil, n, possible, []*vector.Vector{a, b}, got); err != nil {
		t.Fatal(err)
	}
	for _, i := range possible {
		i := int(i)
		want := rationalResult(op, a.Dec[i], l.Scale, b.Dec[i], r.Scale, out)
		if (want == nil) != got.IsNull(i) || want != nil && bigOf(got.Dec[i]).Cmp(want) != 0 {
			t.Fatalf("%s %s %s = %v (NULL: %v), want %v as %s", decimal.Append(nil, a.Dec[i], l.Scale), op,
				decimal.Append(nil, b.Dec[i], r.Scale), got.Dec[i], got.IsNull(i), want, out)
		}
	}
}

func randomDecimal(rng *rand.Rand, t *types.Type) decimal.Int128 {
	digits := rng.IntN(t.Precision + 1)
	var v decimal.Int128
	for range digits {
		v, _ = decimal.Mul(v, decimal.FromInt64(10), 0)
		v = v.Add(decimal.FromInt64(rng.Int64N(10)))
	}
	if rng.IntN(2) == 0 {
		v = v.Neg()
	}
	return v
}

// rationalResult returns the unscaled result, or nil if there is none.
func rationalResult(op string, a decimal.Int128, s1 int, b decimal.Int128, s2 int, out *types.Type) *big.Int {
	x := new(big.Rat).SetFrac(bigOf(a), pow10(s1))
	y := new(big.Rat).SetFrac(bigOf(b), pow10(s2))
	switch op {
	case "+":
		x.Add(x, y)
	case "-":
		x.Sub(x, y)
	case "*":
		x.Mul(x, y)
	default:
		if y.Sign() == 0 {
			return nil
		}
		q := new(big.Rat).Quo(x, y)
		if op == "%" {
			whole := new(big.Int).Quo(q.Num(), q.Denom())
			q.Sub(x, y.Mul(y, new(big.Rat).SetInt(whole)))
		}
		x = q
	}
	x.Mul(x, new(big.Rat).SetInt(pow10(out.Scale)))
	v := halfUp(x)
	if new(big.Int).Abs(v).Cmp(pow10(out.Precision)) >= 0 {
		return nil
	}
	return v
}

// tooLong reports whether the integral part of a quotient has more significant digits than Java's division supports.
func tooLong(a decimal.Int128, s1 int, b decimal.Int128, s2 int) bool {
	if b.IsZero() {
		return false
	}
	x, y := new(big.Int).Mul(bigOf(a), pow10(s2)), new(big.Int).Mul(bigOf(b), pow10(s1))
	return len(strings.TrimRight(x.Quo(x, y).Abs(x).String(), "0")) > exactDigits
}

func halfUp(x *big.Rat) *big.Int {
	num, den := new(big.Int).Abs(x.Num()), x.Denom()
	num.Add(num.Mul(num, big.NewInt(2)), den)
	v := num.Quo(num, new(big.Int).Mul(den, big.NewInt(2)))
	if x.Sign() < 0 {
		v.Neg(v)
	}
	return v
}

func TestOverflowsShowTheExactNumber(t *testing.T) {
	for _, c := range []struct {
		op   string
		a    int64
		s1   int
		b    int64
		s2   int
		want string
	}{
		{"+", 15, 1, 1, 0, "2.5"}, {"-", 5, 2, 1, 0, "-0.95"}, {"*", 15, 1, 15, 1, "2.25"}, {"/", 1, 0, 8, 0, "0.125"},
	} {
		if got := exactText(c.op, decimal.FromInt64(c.a), c.s1, decimal.FromInt64(c.b), c.s2); got != c.want {
			t.Errorf("%d/%d %s %d/%d = %s, want %s", c.a, c.s1, c.op, c.b, c.s2, got, c.want)
		}
	}
}
