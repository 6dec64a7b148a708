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
	q := newBenchJoin(b, operator.Inner, operator.Expiry{Key: operator.NoEventTime, Column: operator.NoEventTime})
	random := rand.New(rand.NewPCG(1, 2))
	next := int64(0)
	fresh := func() int64 { next++; return next }
	q.run(b, auctions(keys, fresh), &batches{})
	const size = 100_000
	b.ResetTimer()
	for range b.N {
		b.StopTimer()
		l := auctions(size/16, fresh)
		r := auctions(size-size/16, func() int64 { return random.Int64N(next) + 1 })
		b.StartTimer()
		q.run(b, l, r)
	}
	b.ReportMetric(float64(b.N)*size/b.Elapsed().Seconds(), "rows/s")
}

// BenchmarkJoinThatForgets joins streams in batches that bring 1,000 rows of each and forget as many, of some that are stored.
func BenchmarkJoinThatForgets(b *testing.B) {
	for _, stored := range []int{100_000, 1_000_000} {
		b.Run(fmt.Sprint(stored, " rows"), func(b *testing.B) {
			q := newBenchJoin(b, operator.LeftOuter, operator.Expiry{
				Key: operator.NoEventTime, Column: operator.EventTime{Column: 1}, Limit: func(watermark int64) int64 { return watermark }})
			next := [2]int64{}
			rows := func(side, n int) *batches { return auctions(n, func() int64 { next[side]++; return next[side] }) }
			q.run(b, rows(0, stored), rows(1, stored))
			const size = 1000
			b.ResetTimer()
			for range b.N {
				b.StopTimer()
				l, r := rows(0, size), rows(1, size)
				q.context.Watermark = next[0] - int64(stored)
				b.StartTimer()
				q.run(b, l, r)
			}
		})
	}
}

// A benchJoin joins two streams of auctions by their keys.
type benchJoin struct {
	pipeline *operator.Pipeline
	context  operator.BatchContext
}

func newBenchJoin(b *testing.B, kind operator.JoinKind, expires operator.Expiry) *benchJoin {
	b.Helper()
	var sides [2]operator.JoinSide
	var fields [2][]types.Field
	for i := range sides {
		s := &sides[i]
		for k, typ := range []*types.Type{types.Long, types.Timestamp, types.String, types.Long} {
			s.Input = append(s.Input, column(fmt.Sprint("lr"[i:i+1], k), typ))
			fields[i] = append(fields[i], types.Field{Name: s.Input[k].Name, Type: typ})
		}
		s.Keys, s.Late, s.Expires = s.Input[:1], operator.NoEventTime, expires
	}
	op, err := operator.NewSymmetricJoin(0, kind, sides[0], sides[1], nil)
	if err != nil {
		b.Fatal(err)
	}
	stores := operator.SymmetricStores([]*types.Type{types.Long}, fields[0], fields[1], [2]operator.Expiry{expires, expires})
	s, err := state.Open(storage.OS, "", []state.Operator{{Name: "symmetricHashJoin", Partitions: 1, Stores: stores}}, state.Options{})
	if err == nil {
		err = s.Load(b.Context(), 0)
	}
	if err != nil {
		b.Fatal(err)
	}
	return &benchJoin{operator.NewPipeline(&operator.Node{Operator: op, Inputs: []*operator.Node{{}, {Input: 1}}}, nil),
		operator.BatchContext{State: s, Dropped: make([]atomic.Int64, 1)}}
}

// run runs a batch.
func (q *benchJoin) run(b *testing.B, l, r *batches) {
	b.Helper()
	feeds := []operator.Feed{{Input: 0, Rows: l}, {Input: 1, Rows: r}}
	if err := q.pipeline.Run(b.Context(), operator.Partition{Batch: &q.context}, feeds, func(*vector.Batch) error { return nil }); err != nil {
		b.Fatal(err)
	}
	if err := q.context.State.Commit(b.Context()); err != nil {
		b.Fatal(err)
	}
	q.context.ID++
}

// auctions returns rows whose first column is a key, and whose time is as many milliseconds after 1970.
func auctions(n int, key func() int64) *batches {
	list := &batches{}
	for n > 0 {
		k := min(n, vector.BatchRows)
		v := &vector.Batch{N: k, Cols: []*vector.Vector{vector.New(types.Long, k), vector.New(types.Timestamp, k), vector.New(types.String, k), vector.New(types.Long, k)}}
		for i := range k {
			at := key()
			v.Cols[0].I64[i], v.Cols[1].I64[i], v.Cols[3].I64[i] = at, at*1000, int64(i)
			v.Cols[2].SetString(i, "some text of a row, some text")
		}
		*list = append(*list, v)
		n -= k
	}
	return list
}
