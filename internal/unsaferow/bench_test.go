package unsaferow_test

import (
	"testing"

	"github.com/streamctl/streamctl/internal/types"
	"github.com/streamctl/streamctl/internal/unsaferow"
	"github.com/streamctl/streamctl/internal/vector"
)

// benchRows are 1,000 rows of a text and two numbers.
func benchRows() ([]*types.Type, []*vector.Vector) {
	ts := []*types.Type{types.String, types.Long, types.Double}
	cols := make([]*vector.Vector, len(ts))
	for i, t := range ts {
		cols[i] = vector.New(t, 1000)
	}
	for i := range 1000 {
		cols[0].SetString(i, "some text"[:i%9])
	}
	return ts, cols
}

// BenchmarkEncode encodes a row.
func BenchmarkEncode(b *testing.B) {
	ts, cols := benchRows()
	e := unsaferow.NewEncoder(ts)
	var dst []byte
	b.ReportAllocs()
	for i := range b.N {
		dst = e.Append(dst[:0], cols, i%1000)
	}
}

// BenchmarkDecode decodes a row.
func BenchmarkDecode(b *testing.B) {
	ts, cols := benchRows()
	row := unsaferow.NewEncoder(ts).Append(nil, cols, 8)
	d := unsaferow.NewDecoder(ts)
	back := d.Columns()
	b.ReportAllocs()
	for i := range b.N {
		if i%1000 == 0 {
			for k, v := range back {
				v.Reset(ts[k], 0)
			}
		}
		if err := d.Append(row, back); err != nil {
			b.Fatal(err)
		}
	}
}
