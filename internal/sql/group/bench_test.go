package group_test

import (
	"fmt"
	"math/rand/v2"
	"testing"

	"github.com/streamctl/streamctl/internal/sql/group"
	"github.com/streamctl/streamctl/internal/types"
	"github.com/streamctl/streamctl/internal/vector"
)

// BenchmarkAssign looks up keys that are all in the table.
func BenchmarkAssign(b *testing.B) {
	for _, keys := range []int{1_000, 100_000, 1_000_000} {
		for _, c := range []struct {
			name string
			cols func(n int) []*vector.Vector
		}{
			{"bigint", func(n int) []*vector.Vector { return []*vector.Vector{longs(n, keys)} }},
			{"string", func(n int) []*vector.Vector { return []*vector.Vector{texts(n, keys)} }},
			{"bigint+int", func(n int) []*vector.Vector { return []*vector.Vector{longs(n, keys), ints(n, 1)} }},
			{"bigint+int+int", func(n int) []*vector.Vector { return []*vector.Vector{longs(n, keys), ints(n, 1), ints(n, 1)} }},
			{"string+string", func(n int) []*vector.Vector { return []*vector.Vector{texts(n, keys), texts(n, 1)} }},
		} {
			b.Run(fmt.Sprintf("%s/%d", c.name, keys), func(b *testing.B) {
				const rows = 2_000_000 / vector.BatchRows
				var batches [][]*vector.Vector
				for range rows {
					batches = append(batches, c.cols(vector.BatchRows))
				}
				groups := make([]int32, vector.BatchRows)
				var list []*types.Type
				for _, v := range batches[0] {
					list = append(list, v.Type)
				}
				t := group.New(list...)
				for _, cols := range batches {
					if err := t.Assign(nil, vector.BatchRows, nil, cols, groups); err != nil {
						b.Fatal(err)
					}
				}
				i := 0
				for b.Loop() {
					if err := t.Assign(nil, vector.BatchRows, nil, batches[i%rows], groups); err != nil {
						b.Fatal(err)
					}
					i++
				}
				b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/vector.BatchRows, "ns/row")
			})
		}
	}
}

func longs(n, keys int) *vector.Vector {
	v := vector.New(types.Long, n)
	for i := range v.I64 {
		v.I64[i] = rand.Int64N(int64(keys))
	}
	return v
}

func ints(n, keys int) *vector.Vector {
	v := vector.New(types.Int, n)
	for i := range v.I32 {
		v.I32[i] = rand.Int32N(int32(keys))
	}
	return v
}

func texts(n, keys int) *vector.Vector {
	v := vector.New(types.String, n)
	for i := range n {
		v.SetString(i, fmt.Sprintf("customer-%d", rand.IntN(keys)))
	}
	return v
}
