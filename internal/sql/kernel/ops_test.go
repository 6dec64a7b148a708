package kernel

import (
	"math"
	"math/big"
	"slices"
	"testing"

	"github.com/streamctl/streamctl/internal/decimal"
	"github.com/streamctl/streamctl/internal/vector"
)

// A layout is a form of the operands: one value per row (mask -1) or a constant (mask 0), and the selected rows.
type layout struct {
	name         string
	maskA, maskB int
	sel          vector.Selection
}

func layoutsOf(n int) []layout {
	sparse := vector.Selection{1, int32(n) - 1}
	most := Identity(nil, n)[1:]
	return []layout{
		{"flat", -1, -1, nil}, {"flat, sparse", -1, -1, sparse}, {"flat, most rows", -1, -1, most},
		{"constant right", -1, 0, nil}, {"constant left", 0, -1, nil}, {"constant left, sparse", 0, -1, sparse}, {"constants", 0, 0, nil},
	}
}

// checkOp compares op with an oracle for all pairs of operands in every layout: results, and the rows without one.
func checkOp[T comparable](t *testing.T, name string, op Op[T], operands []T, oracle func(a, b T) (T, bool)) {
	t.Helper()
	n := len(operands)
	for shift := range n {
		a := operands
		b := slices.Concat(operands[shift:], operands[:shift])
		for _, l := range layoutsOf(n) {
			out := make([]T, n)
			var got, want []int
			Binary(op, n, l.sel, a, l.maskA, b, l.maskB, out, func(row int) bool { got = append(got, row); return true })
			for k := range Count(n, l.sel) {
				i := Row(l.sel, k)
				r, ok := oracle(a[i&l.maskA], b[i&l.maskB])
				if !ok {
					want = append(want, i)
				} else if out[i] != r && (r == r || out[i] == out[i]) { // both may be NaN
					t.Errorf("%v %s %v (%s) = %v, want %v", a[i&l.maskA], name, b[i&l.maskB], l.name, out[i], r)
				}
			}
			if !slices.Equal(got, want) {
				t.Errorf("%v %s %v (%s): rows %v have no result, want %v", a, name, b, l.name, got, want)
			}
		}
	}
}

// exactly is an oracle that computes with big integers; f returns nil if there is no result.
func exactly[T Integer](f func(a, b *big.Int) *big.Int) func(a, b T) (T, bool) {
	return func(a, b T) (T, bool) {
		r := f(big.NewInt(int64(a)), big.NewInt(int64(b)))
		if r == nil || !r.IsInt64() || int64(T(r.Int64())) != r.Int64() {
			return 0, false
		}
		return T(r.Int64()), true
	}
}

func checkIntegers[T Integer](t *testing.T, lo, hi T, mul Op[T]) {
	t.Helper()
	operands := []T{lo, lo + 1, lo / 2, -13, -1, 0, 1, 2, 7, hi / 3, hi - 1, hi}
	divided := func(f func(z, a, b *big.Int) *big.Int) func(a, b *big.Int) *big.Int {
		return func(a, b *big.Int) *big.Int {
			if b.Sign() == 0 {
				return nil
			}
			return f(new(big.Int), a, b)
		}
	}
	checkOp(t, "+", AddInt[T](), operands, exactly[T](func(a, b *big.Int) *big.Int { return a.Add(a, b) }))
	checkOp(t, "-", SubInt[T](), operands, exactly[T](func(a, b *big.Int) *big.Int { return a.Sub(a, b) }))
	checkOp(t, "*", mul, operands, exactly[T](func(a, b *big.Int) *big.Int { return a.Mul(a, b) }))
	checkOp(t, "%", RemInt[T](), operands, exactly[T](divided((*big.Int).Rem)))
	checkOp(t, "div", QuoInt[T](), operands, exactly[T](divided((*big.Int).Quo)))
}

func TestIntegerArithmeticIsExactOrHasNoResult(t *testing.T) {
	checkIntegers[int8](t, math.MinInt8, math.MaxInt8, MulInt[int8]())
	checkIntegers[int16](t, math.MinInt16, math.MaxInt16, MulInt[int16]())
	checkIntegers[int32](t, math.MinInt32, math.MaxInt32, MulInt[int32]())
	checkIntegers(t, math.MinInt64, math.MaxInt64, MulInt64())
}

func checkFloats[T Float](t *testing.T) {
	t.Helper()
	inf := T(math.Inf(1))
	operands := []T{-inf, -1e30, -2.5, -1, T(math.Copysign(0, -1)), 0, 0.1, 1, 3, 1e30, inf, T(math.NaN())}
	checkOp(t, "+", AddFloat[T](), operands, func(a, b T) (T, bool) { return a + b, true })
	checkOp(t, "-", SubFloat[T](), operands, func(a, b T) (T, bool) { return a - b, true })
	checkOp(t, "*", MulFloat[T](), operands, func(a, b T) (T, bool) { return a * b, true })
	checkOp(t, "%", RemFloat[T](), operands, func(a, b T) (T, bool) { return T(math.Mod(float64(a), float64(b))), b != 0 })
}

func TestFloatArithmeticHasNoResultOnlyForZeroDivisors(t *testing.T) {
	checkFloats[float32](t)
	checkFloats[float64](t)
	checkOp(t, "/", DivFloat(), []float64{-1e300, -1, 0, 0.1, 3, math.Inf(1), math.NaN()}, func(a, b float64) (float64, bool) { return a / b, b != 0 })
}

func TestPositiveModulus(t *testing.T) {
	ints := []int32{math.MinInt32, -7, -1, 0, 1, 2, 3, -3, 7, 64, math.MaxInt32}
	checkOp(t, "pmod", PosModInt[int32](), ints, func(a, b int32) (int32, bool) {
		if b == 0 {
			return 0, false
		}
		if r := a % b; r >= 0 {
			return r, true
		}
		return (a%b + b) % b, true // a sum of INT wraps in Java as in Go
	})
	for _, c := range []struct{ a, b, want int64 }{{-7, 3, 2}, {7, 3, 1}, {-7, -3, -1}, {-6, 3, 0}, {-1, math.MaxInt64, math.MaxInt64 - 1}} {
		if got, ok := PosModInt[int64]().One(c.a, c.b); got != c.want || !ok {
			t.Errorf("pmod(%d, %d) = %d, %v, want %d", c.a, c.b, got, ok, c.want)
		}
	}
	for _, c := range []struct {
		a, b, want float64
		ok         bool
	}{{-7.5, 2, 0.5, true}, {7.5, 2, 1.5, true}, {-7.5, -2, -1.5, true}, {-1, 0, math.NaN(), false}} {
		got, ok := PosModFloat[float64]().One(c.a, c.b)
		if ok != c.ok || CompareFloat(got, c.want) != 0 {
			t.Errorf("pmod(%v, %v) = %v, %v", c.a, c.b, got, ok)
		}
	}
}

func TestSmallDecimalsAreComputedAsIntegers(t *testing.T) {
	var operands []decimal.Int128
	for _, x := range []int64{-999_999_999, -5, -1, 0, 1, 7, 999_999_999} {
		operands = append(operands, decimal.FromInt64(x))
	}
	with := func(f func(a, b int64) int64) func(a, b decimal.Int128) (decimal.Int128, bool) {
		return func(a, b decimal.Int128) (decimal.Int128, bool) {
			x, _ := a.Int64()
			y, _ := b.Int64()
			return decimal.FromInt64(f(x, y)), true
		}
	}
	checkOp(t, "*", MulSmallDecimal(), operands, with(func(a, b int64) int64 { return a * b }))
	checkOp(t, "+", AddSmallDecimal(100, 1), operands, with(func(a, b int64) int64 { return 100*a + b }))
	checkOp(t, "-", AddSmallDecimal(1, -10), operands, with(func(a, b int64) int64 { return a - 10*b }))
}

func TestBinaryStopsWhenAskedTo(t *testing.T) {
	a := []int32{1, math.MaxInt32, 2, math.MaxInt32}
	for _, sel := range []vector.Selection{nil, {1, 3}, {3}} {
		var rows []int
		Binary(AddInt[int32](), 4, sel, a, -1, a, -1, make([]int32, 4), func(row int) bool { rows = append(rows, row); return false })
		first := 1
		if len(sel) == 1 {
			first = 3
		}
		if !slices.Equal(rows, []int{first}) {
			t.Errorf("selection %v: reported %v, want the first overflow, row %d", sel, rows, first)
		}
	}
}

// An overflow in a row outside the selection must not be reported.
func TestOverflowOutsideTheSelectionIsIgnored(t *testing.T) {
	a := []int32{math.MaxInt32, 1, 2, 3}
	Binary(AddInt[int32](), 4, vector.Selection{1, 2, 3}, a, -1, a, -1, make([]int32, 4), func(row int) bool {
		t.Errorf("row %d is reported", row)
		return true
	})
}

func TestRoundDecimalKeeps34Digits(t *testing.T) {
	parse := func(s string) decimal.Int128 {
		b, _ := new(big.Int).SetString(s, 10)
		lo := new(big.Int).And(b, new(big.Int).SetUint64(math.MaxUint64)).Uint64()
		return decimal.Int128{Hi: new(big.Int).Rsh(b, 64).Int64(), Lo: lo}
	}
	for _, c := range []struct{ in, want string }{
		{"1234567890123456789012345678901234", "1234567890123456789012345678901234"},
		{"12345678901234567890123456789012345", "12345678901234567890123456789012340"},
		{"12345678901234567890123456789012355", "12345678901234567890123456789012360"},
		{"-12345678901234567890123456789012345678", "-12345678901234567890123456789012350000"},
		{"12345678901234567890123456789012346", "12345678901234567890123456789012350"},
	} {
		if got, ok := RoundDecimal(parse(c.in)); got != parse(c.want) || !ok {
			t.Errorf("%s is rounded to %s, %v, want %s", c.in, decimal.Append(nil, got, 0), ok, c.want)
		}
	}
}

func TestBooleanWordsEqualRows(t *testing.T) {
	for _, n := range []int{0, 1, 7, 8, 9, 31, 64, 100} {
		a, b := make([]bool, n), make([]bool, n)
		trues := 0
		for i := range n {
			a[i], b[i] = i%3 == 0, i%2 == 0
			trues += btoi(a[i])
		}
		and, or := make([]bool, n), make([]bool, n)
		And(and, a, b)
		Or(or, a, b)
		for i := range n {
			if and[i] != (a[i] && b[i]) || or[i] != (a[i] || b[i]) {
				t.Errorf("row %d of %d: %v AND %v = %v, OR = %v", i, n, a[i], b[i], and[i], or[i])
			}
		}
		if got := CountTrue(a); got != trues {
			t.Errorf("%d of %d rows are true, want %d", got, n, trues)
		}
	}
}
