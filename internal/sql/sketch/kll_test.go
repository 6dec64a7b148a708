package sketch

import (
	"math"
	"math/rand/v2"
	"slices"
	"testing"
)

// shuffledKLL returns sketches of the numbers below n in random order, as many numbers in each as fit.
func shuffledKLL(n, parts int, r *rand.Rand) []*KLL[int64] {
	list := make([]*KLL[int64], parts)
	for i := range list {
		list[i] = NewKLL[int64](DefaultKLL)
	}
	for i, x := range r.Perm(n) {
		list[i*parts/n].Add(int64(x))
	}
	return list
}

func TestQuantilesOfAKLLSketchAreWithinItsError(t *testing.T) {
	const n, bound = 200_000, 0.0133
	r := rand.New(rand.NewPCG(1, 2))
	for _, parts := range []int{1, 7, 400} {
		list := shuffledKLL(n, parts, r)
		all := list[0]
		for _, s := range list[1:] {
			all.Merge(s)
		}
		if all.N() != n || all.low != 0 || all.high != n-1 {
			t.Fatalf("%d values from %d to %d", all.N(), all.low, all.high)
		}
		weight := int64(0)
		for i := range all.top() {
			weight += int64(len(all.level(i))) << i
			if i > 0 && !slices.IsSorted(all.level(i)) {
				t.Errorf("level %d is not sorted", i)
			}
		}
		if weight != n || all.retained() > totalCapacity(all.k, all.top()) {
			t.Errorf("%d parts: weight %d, %d values kept", parts, weight, all.retained())
		}
		quantile, rank := all.Quantiles(), all.Ranks()
		for share := 0.0; share <= 1; share += 0.05 {
			if got := float64(quantile(share)) / n; math.Abs(got-share) > bound {
				t.Errorf("%d parts: quantile %v is that of %v", parts, share, got)
			}
			if got := rank(int64(share * n)); math.Abs(got-share) > bound {
				t.Errorf("%d parts: rank of %v is %v", parts, share, got)
			}
		}
	}
}

func TestAKLLSketchIsReadAsWritten(t *testing.T) {
	for _, n := range []int{0, 1, 2, 199, 200, 201, 5000} {
		s := shuffledKLL(max(n, 1), 1, rand.New(rand.NewPCG(3, 4)))[0]
		if n == 0 {
			s = NewKLL[int64](DefaultKLL)
		}
		b := s.Append(nil)
		o, err := ReadKLL[int64](b)
		if err != nil {
			t.Fatal(err)
		}
		if got := o.Append(nil); !slices.Equal(got, b) {
			t.Errorf("%d values: %x, want %x", n, got, b)
		}
		for i := range int64(300) { // goes on like the one that was written
			s.Add(i)
			o.Add(i)
		}
		if !slices.Equal(s.Append(nil), o.Append(nil)) {
			t.Errorf("%d values: the sketch that was read goes on differently", n)
		}
	}
}

func TestEqualInputYieldsEqualKLLSketches(t *testing.T) {
	a := shuffledKLL(10_000, 3, rand.New(rand.NewPCG(5, 6)))
	b := shuffledKLL(10_000, 3, rand.New(rand.NewPCG(5, 6)))
	for i := range a {
		if !slices.Equal(a[i].Append(nil), b[i].Append(nil)) {
			t.Errorf("sketch %d differs", i)
		}
	}
}

func FuzzReadKLL(f *testing.F) {
	for _, n := range []int{1, 2, 300} {
		f.Add(shuffledKLL(n, 1, rand.New(rand.NewPCG(7, 8)))[0].Append(nil))
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		s, err := ReadKLL[float64](b)
		if err != nil || len(b) > 1<<16 {
			return
		}
		o := NewKLL[float64](20)
		o.Merge(s)
		s.Merge(o)
		s.Add(1)
		if s.retained() > 0 {
			s.Quantiles()(0.5)
			s.Ranks()(1)
		}
		s.Append(nil)
	})
}
