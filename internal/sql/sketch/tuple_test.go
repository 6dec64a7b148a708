package sketch

import (
	"encoding/binary"
	"math"
	"slices"
	"testing"
)

func tupleOf[T TupleNumber](lgK int, mode SummaryMode, from, to int64) *Tuple[T] {
	u := NewTupleUpdate[T](lgK, mode)
	for x := from; x < to; x++ {
		u.Add(binary.LittleEndian.AppendUint64(nil, uint64(x)), T(x%7))
	}
	return u.Compact()
}

func TestATupleSketchIsReadAsWritten(t *testing.T) {
	for _, n := range []int64{0, 1, 2, 20, 5000} {
		testReadTuple[int32](t, n)
		testReadTuple[float64](t, n)
	}
}

func testReadTuple[T TupleNumber](t *testing.T, n int64) {
	t.Helper()
	s := tupleOf[T](5, MaxMode, 0, n)
	o, err := ReadTuple[T](s.Append(nil))
	if err != nil {
		t.Fatal(err)
	}
	if !slices.Equal(s.Append(nil), o.Append(nil)) || s.Estimate() != o.Estimate() || !slices.Equal(s.hashes, o.hashes) || !slices.Equal(s.summaries, o.summaries) {
		t.Errorf("%d values: %v and %v", n, s, o)
	}
}

// TestSetOperationsOnTupleSketches counts 30,000 and 30,000 numbers, of which 10,000 are the same, and sums what they have in common.
func TestSetOperationsOnTupleSketches(t *testing.T) {
	a, b := tupleOf[int32](12, SumMode, 0, 30_000), tupleOf[int32](12, SumMode, 20_000, 50_000)
	union, both := NewTupleUnion[int32](12, SumMode), NewTupleIntersection[int32](SumMode)
	for _, s := range []*Tuple[int32]{a, b} {
		if err := union.Add(s); err != nil {
			t.Fatal(err)
		}
		if err := both.Add(s); err != nil {
			t.Fatal(err)
		}
	}
	only, err := TupleDifference(a, b)
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		name      string
		got       *Tuple[int32]
		want, sum float64
	}{{"union", union.Result(), 50_000, 180_000}, {"intersection", both.Result(), 10_000, 60_000}, {"difference", only, 20_000, 60_000}} {
		if got := c.got.Estimate(); math.Abs(got-c.want) > 3000 {
			t.Errorf("%s: %v of %v values", c.name, got, c.want)
		}
		if got := float64(Summarize[int64](c.got, SumMode)) / c.got.Theta(); math.Abs(got-c.sum) > 12_000 {
			t.Errorf("%s: a sum of %v, not %v", c.name, got, c.sum)
		}
	}
}

func FuzzReadTuple(f *testing.F) {
	hash := []byte{1, 2, 3, 4, 5, 6, 7, 8}
	table := slices.Concat([]byte{1, 2, 9, 0, 8, 4, 5, 3, 1, 0, 0, 0}, hash, []byte{5, 0, 0, 0, 0})
	huge := slices.Clone(table)
	huge[6] = 30
	for _, b := range [][]byte{
		tupleOf[int32](4, SumMode, 0, 100).Append(nil), tupleOf[float64](4, MinMode, 0, 9).Append(nil), tupleOf[int32](4, OneMode, 0, 1).Append(nil), table, huge,
		slices.Concat([]byte{1, 2, 9, 1, 4, 1, 0, 0, 0}, hash, []byte{5, 0, 0, 0, 0}),
		slices.Concat([]byte{1, 1, 9, 1, 4, 2, 1, 0, 0, 0, 'a', 'b'}, hash, []byte{5, 0, 0, 0, 0}),
		{2, 3, 9, 1, 0, 10, 0xcc, 0x93, 0xff, 0xff, 0xff, 0x7f, 0, 0, 0, 0}, // many hashes, and no bytes of them
		{2, 3, 9, 1, 0, 10, 0xcc, 0x93, 0, 0, 0, 0, 0, 0, 0, 0},             // what an intersection makes
	} {
		f.Add(b)
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		combine[int32](b)
		combine[float64](b)
	})
}

func combine[T TupleNumber](b []byte) {
	s, err := ReadTuple[T](b)
	if err != nil {
		return
	}
	s.Estimate()
	other, theta := tupleOf[T](4, SumMode, 0, 50), thetaOf(4, 20, 80)
	for _, pair := range [][2]*Tuple[T]{{s, other}, {other, s}, {s, s}} {
		union, both := NewTupleUnion[T](4, MaxMode), NewTupleIntersection[T](MinMode)
		for _, s := range pair {
			if union.Add(s) == nil {
				union.Result().Append(nil)
			}
			if both.Add(s) == nil {
				both.Result().Append(nil)
			}
		}
		if d, err := TupleDifference(pair[0], pair[1]); err == nil {
			d.Append(nil)
		}
		if d, err := TupleThetaDifference(pair[0], theta); err == nil {
			d.Append(nil)
		}
	}
	union, both := NewTupleUnion[T](4, SumMode), NewTupleIntersection[T](SumMode)
	if union.Add(s) == nil && union.AddTheta(theta, NewSummary[T](MinMode)) == nil {
		union.Result().Append(nil)
	}
	if both.Add(s) == nil && both.AddTheta(theta, NewSummary[T](MinMode)) == nil {
		both.Result().Append(nil)
	}
}
