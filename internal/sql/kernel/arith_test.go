package kernel

import (
	"math"
	"testing"
)

// All pairs of tinyints, in batches whose length is not a multiple of the unrolled step.
func TestNarrowArithmeticFindsEveryOverflow(t *testing.T) {
	for name, op := range map[string]Op[int8]{"+": AddInt[int8](), "-": SubInt[int8](), "*": MulInt[int8]()} {
		for a := math.MinInt8; a <= math.MaxInt8; a++ {
			for b := math.MinInt8; b <= math.MaxInt8; b++ {
				want, ok := op.One(int8(a), int8(b))
				for _, at := range []int{0, 3, 4, 6} {
					x, y, out := make([]int8, 7), make([]int8, 7), make([]int8, 7)
					x[at], y[at] = int8(a), int8(b)
					if suspect := op.Flat(out, x, y); out[at] != want || suspect == ok {
						t.Fatalf("%d %s %d at %d: %d, overflow %v", a, name, b, at, out[at], suspect)
					}
				}
				out := make([]int8, 5)
				if suspect := op.Const(out, []int8{int8(a), int8(a), int8(a), int8(a), int8(a)}, int8(b)); out[4] != want || suspect == ok {
					t.Fatalf("%d %s constant %d: %d, overflow %v", a, name, b, out[4], suspect)
				}
			}
		}
	}
}

func BenchmarkArithmetic(b *testing.B) {
	const n = 2048
	ints, doubles := make([]int32, n), make([]float64, n)
	for name, f := range map[string]func(){
		"int +":        func() { AddInt[int32]().Flat(ints, ints, ints) },
		"int + 7":      func() { AddInt[int32]().Const(ints, ints, 0) },
		"int *":        func() { MulInt[int32]().Flat(ints, ints, ints) },
		"double +":     func() { AddFloat[float64]().Flat(doubles, doubles, doubles) },
		"double * 1.5": func() { MulFloat[float64]().Const(doubles, doubles, 1.5) },
		"double / 3":   func() { DivFloat().Const(doubles, doubles, 3) },
	} {
		b.Run(name, func(b *testing.B) {
			for b.Loop() {
				f()
			}
			b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/n, "ns/row")
		})
	}
}
