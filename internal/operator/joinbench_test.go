package operator_test

import (
	"fmt"
	"math/rand/v2"
	"sync/atomic"
	"testing"

	"github.com/streamctl/streamctl/internal/operator"
	"github.com/streamctl/streamctl/internal/state"
	"github.com/streamctl/streamctl/internal/storage"
	"github.com/streamctl/streamctl/internal/types"
	"github.com/streamctl/streamctl/internal/vector"
)

// BenchmarkJoinOfStreams joins auctions with the bids for them, of which there are 15 times as many, in batches of 100,000 rows.
func BenchmarkJoinOfStreams(b *testing.B) {
	for _, keys := range []int{100_000, 1_000_000} {
		b.Run(fmt.Sprint(keys, " keys"), func(b *testing.B) { benchmarkJoin(b, keys) })
	}
}

// benchmarkJoin joins with a number of stored auctions.
func benchmarkJoin(b *testing.B, keys int) {
	var sides [2]operator.JoinSide
	var fields [2][]types.Field
	for i := range sides {
		s := &sides[i]
		for k, typ := range []*types.Type{types.Long, types.Timestamp, types.String, types.Long} {
			s.Input = append(s.Input, column(fmt.Sprint("lr"[i:i+1], k), typ))
			fields[i] = append(fields[i], types.Field{Name: s.Input[k].Name, Type: typ})
		}
		s.Keys, s.Late = s.Input[:1], operator.NoEventTime
		s.Expires = operator.Expiry{Key: operator.NoEventTime, Column: operator.NoEventTime}
	}
	op, err := operator.NewSymmetricJoin(0, operator.Inner, sides[0], sides[1], nil)
	if err != nil {
		b.Fatal(err)
	}
	p := operator.NewPipeline(&operator.Node{Operator: op, Inputs: []*operator.Node{{}, {Input: 1}}}, nil)
	stores := operator.SymmetricStores([]*types.Type{types.Long}, fields[0], fields[1])
	s, err := state.Open(storage.OS, "", []state.Operator{{Name: "symmetricHashJoin", Partitions: 1, Stores: stores}}, state.Options{})
	if err == nil {
		err = s.Load(b.Context(), 0)
	}
	if err != nil {
		b.Fatal(err)
	}
	ctx := operator.BatchContext{State: s, Dropped: make([]atomic.Int64, 1)}
	run := func(l, r *batches) {
		feeds := []operator.Feed{{Input: 0, Rows: l}, {Input: 1, Rows: r}}
		if err := p.Run(b.Context(), operator.Partition{Batch: &ctx}, feeds, func(*vector.Batch) error { return nil }); err != nil {
			b.Fatal(err)
		}
		if err := s.Commit(b.Context()); err != nil {
			b.Fatal(err)
		}
		ctx.ID++
	}
	random := rand.New(rand.NewPCG(1, 2))
	next := int64(0)
	fresh := func() int64 { next++; return next }
	run(auctions(keys, fresh), &batches{})
	const size = 100_000
	b.ResetTimer()
	for range b.N {
		b.StopTimer()
		l := auctions(size/16, fresh)
		r := auctions(size-size/16, func() int64 { return random.Int64N(next) + 1 })
		b.StartTimer()
		run(l, r)
	}
	b.ReportMetric(float64(b.N)*size/b.Elapsed().Seconds(), "rows/s")
}

// auctions returns rows whose first column is a key.
func auctions(n int, key func() int64) *batches {
	list := &batches{}
	for n > 0 {
		k := min(n, vector.BatchRows)
		v := &vector.Batch{N: k, Cols: []*vector.Vector{vector.New(types.Long, k), vector.New(types.Timestamp, k), vector.New(types.String, k), vector.New(types.Long, k)}}
		for i := range k {
			v.Cols[0].I64[i], v.Cols[1].I64[i], v.Cols[3].I64[i] = key(), int64(i), int64(i)
			v.Cols[2].SetString(i, "some text of a row, some text")
		}
		*list = append(*list, v)
		n -= k
	}
	return list
}
