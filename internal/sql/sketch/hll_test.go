package sketch

import (
	"math"
	"slices"
	"testing"
)

func hllOf(lgK int, from, to int64) *HLL {
	h := NewHLL(lgK)
	for x := from; x < to; x++ {
		h.AddInt(x)
	}
	return h
}

func TestAnHLLSketchIsReadAsWritten(t *testing.T) {
	for _, lgK := range []int{4, 7, 8, 12} {
		for _, n := range []int64{0, 1, 7, 8, 30, 400, 5000} {
			h := hllOf(lgK, 0, n)
			o, err := ReadHLL(h.Append(nil))
			if err != nil {
				t.Fatal(err)
			}
			for x := n; x < n+50; x++ {
				h.AddInt(x)
				o.AddInt(x)
			}
			if !slices.Equal(h.Append(nil), o.Append(nil)) || h.Estimate() != o.Estimate() {
				t.Errorf("%d registers, %d values: %v and %v", 1<<lgK, n, h.Estimate(), o.Estimate())
			}
		}
	}
}

func TestTheUnionOfHLLSketchesCountsCommonValuesOnce(t *testing.T) {
	for _, n := range []int64{5, 100, 10_000, 300_000} {
		u := hllOf(12, 0, n)
		u.Merge(hllOf(12, n/2, n*2), true)
		if got := u.Estimate(); math.Abs(got-float64(2*n)) > 0.06*float64(2*n) {
			t.Errorf("%v of %d values", got, 2*n)
		}
	}
}

func FuzzReadHLL(f *testing.F) {
	for _, n := range []int64{3, 20, 3000} {
		f.Add(hllOf(8, 0, n).Append(nil))
	}
	f.Add([]byte{10, 1, 7, 4, 2, 0, 0, 2}) // registers of four bits
	f.Fuzz(func(t *testing.T, b []byte) {
		h, err := ReadHLL(b)
		if err != nil {
			return
		}
		u := NewHLL(6)
		u.Merge(h, false)
		h.Merge(u, true)
		h.AddInt(1)
		h.Estimate()
		h.Append(nil)
	})
}
