package unsaferow_test

import (
	"errors"
	"math/rand/v2"
	"testing"

	"github.com/streamctl/streamctl/internal/types"
	"github.com/streamctl/streamctl/internal/unsaferow"
	"github.com/streamctl/streamctl/internal/vector"
)

// FuzzDecode decodes arbitrary bytes as rows of random types: the result is an error that says so, or rows that can be encoded, and Check agrees.
func FuzzDecode(f *testing.F) {
	random := rand.New(rand.NewPCG(3, 4))
	for seed := range uint64(40) {
		ts := fuzzTypes(seed)
		cols := make([]*vector.Vector, len(ts))
		for i, t := range ts {
			cols[i] = vector.New(t, 1)
			setRandom(random, cols[i], 0, 5)
		}
		f.Add(seed, unsaferow.NewEncoder(ts).Append(nil, cols, 0))
	}
	f.Fuzz(func(t *testing.T, seed uint64, row []byte) {
		ts := fuzzTypes(seed)
		d, e := unsaferow.NewDecoder(ts), unsaferow.NewEncoder(ts)
		cols := d.Columns()
		err := d.Append(row, cols)
		if (err == nil) != (d.Check(row) == nil) {
			t.Fatalf("Append returns %v, Check %v", err, d.Check(row))
		}
		if _, ok := errors.AsType[*unsaferow.Malformed](err); err != nil && !ok {
			t.Fatalf("%T", err)
		}
		if err != nil {
			return
		}
		again := e.Append(nil, cols, 0)
		back := d.Columns()
		if err := d.Append(again, back); err != nil || string(e.Append(nil, back, 0)) != string(again) {
			t.Fatalf("%v: %x was decoded and encoded as %x, which is not a fixed point: %v", ts, row, again, err)
		}
	})
}

func fuzzTypes(seed uint64) []*types.Type {
	random := rand.New(rand.NewPCG(seed, 0))
	ts := make([]*types.Type, random.IntN(4))
	for i := range ts {
		ts[i] = randomType(random, 3)
	}
	return ts
}
