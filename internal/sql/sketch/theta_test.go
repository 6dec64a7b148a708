package sketch

import (
	"encoding/binary"
	"math"
	"slices"
	"testing"
)

func thetaOf(lgK int, from, to int64) *Theta {
	u := NewThetaUpdate(lgK)
	for x := from; x < to; x++ {
		u.Add(binary.LittleEndian.AppendUint64(nil, uint64(x)))
	}
	return u.Compact(true)
}

func TestAThetaSketchIsReadAsWritten(t *testing.T) {
	for _, lgK := range []int{4, 9, 12} {
		for _, n := range []int64{0, 1, 2, 7, 8, 9, 100, 5000} {
			s := thetaOf(lgK, 0, n)
			o, err := ReadTheta(s.Append(nil))
			if err != nil {
				t.Fatal(err)
			}
			if !slices.Equal(s.Append(nil), o.Append(nil)) || s.Estimate() != o.Estimate() || !slices.Equal(s.hashes, o.hashes) {
				t.Errorf("%d nominal entries, %d values: %v and %v", 1<<lgK, n, s.Estimate(), o.Estimate())
			}
		}
	}
}

// TestSetOperationsOnThetaSketches counts 30,000 and 30,000 numbers, of which 10,000 are the same.
func TestSetOperationsOnThetaSketches(t *testing.T) {
	a, b := thetaOf(12, 0, 30_000), thetaOf(12, 20_000, 50_000)
	union, both := NewThetaUnion(12), NewThetaIntersection()
	for _, s := range []*Theta{a, b} {
		if err := union.Add(s); err != nil {
			t.Fatal(err)
		}
		if err := both.Add(s); err != nil {
			t.Fatal(err)
		}
	}
	only, err := ThetaDifference(a, b)
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		name string
		got  *Theta
		want float64
	}{{"union", union.Result(), 50_000}, {"intersection", both.Result(), 10_000}, {"difference", only, 20_000}} {
		if got := c.got.Estimate(); math.Abs(got-c.want) > 3000 {
			t.Errorf("%s: %v of %v values", c.name, got, c.want)
		}
	}
}

func TestNthIsThatOfTheSortedList(t *testing.T) {
	r := NewRandom(5)
	for n := 1; n < 200; n++ {
		list := make([]int64, n)
		for i := range list {
			list[i] = r.Int31() % int64(n)
		}
		sorted := slices.Sorted(slices.Values(list))
		for i := range sorted {
			if got := nth(slices.Clone(list), i); got != sorted[i] {
				t.Fatalf("%d of %v: %d", i, list, got)
			}
		}
	}
}

// foreignThetas are sketches in the formats of all versions, some of them damaged.
func foreignThetas() [][]byte {
	return [][]byte{
		thetaOf(4, 0, 100).Append(nil), thetaOf(5, 0, 12).Append(nil), thetaOf(4, 0, 1).Append(nil), emptyTheta().Append(nil),
		{1, 3, 3, 0, 0, 0x1a, 0xcc, 0x93}, // empty, but for its flag
		{2, 3, 3, 0, 0, 0x0a, 0xcc, 0x93, 2, 0, 0, 0, 0, 0, 0x80, 0x3f, 9, 0, 0, 0, 0, 0, 0, 1, 5, 0, 0, 0}, // cut off
		{3, 2, 3, 0, 0, 0, 0xcc, 0x93, 0, 0, 0, 0, 0, 0, 0x80, 0x3f, 9, 0, 0, 0, 0, 0, 0, 1},
		{3, 1, 3, 0, 0, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0x80, 0x3f, 9, 0, 0, 0, 0, 0, 0, 1, 8, 0, 0, 0, 0, 0, 0, 0},
		{1, 4, 3, 1, 1, 0x1a, 0xcc, 0x93, 12, 0xff, 0xf0},
		{1, 4, 3, 63, 4, 0x1a, 0xcc, 0x93, 0xff, 0xff, 0xff, 0x7f}, // many hashes, and no bytes of them
	}
}

func FuzzReadTheta(f *testing.F) {
	for _, b := range foreignThetas() {
		f.Add(b)
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		s, err := ReadTheta(b)
		if err != nil {
			return
		}
		s.Estimate()
		other := thetaOf(4, 0, 50)
		for _, pair := range [][2]*Theta{{s, other}, {other, s}, {s, s}} {
			union, both := NewThetaUnion(4), NewThetaIntersection()
			for _, s := range pair {
				if union.Add(s) == nil {
					union.Result().Append(nil)
				}
				if both.Add(s) == nil {
					both.Result().Append(nil)
				}
			}
			if d, err := ThetaDifference(pair[0], pair[1]); err == nil {
				d.Append(nil)
			}
		}
	})
}
