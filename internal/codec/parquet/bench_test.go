package parquet

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"testing"

	"github.com/streamctl/streamctl/internal/codec"
	"github.com/streamctl/streamctl/internal/types"
	"github.com/streamctl/streamctl/internal/vector"
)

var peopleFields = []types.Field{{Name: "fname", Type: types.String}, {Name: "lname", Type: types.String}, {Name: "age", Type: types.Int}, {Name: "id", Type: types.Long}}

// people returns batches of rows like those of the whole-job benchmarks.
func people(batches int) []*vector.Batch {
	var out []*vector.Batch
	for k := range batches {
		b := &vector.Batch{N: vector.BatchRows}
		for _, f := range peopleFields {
			b.Cols = append(b.Cols, vector.New(f.Type, b.N))
		}
		for i := range b.N {
			n := k*b.N + i
			b.Cols[0].SetString(i, fmt.Sprint("fname", n%5000))
			b.Cols[1].SetString(i, fmt.Sprint("lname", n*7919%1000003))
			b.Cols[2].I32[i] = int32(n % 90)
			b.Cols[3].I64[i] = int64(n) * 1_000_003
		}
		b.Cols[2].SetNull(7)
		out = append(out, b)
	}
	return out
}

func encodePeople(b *testing.B, o *WriteOptions, batches []*vector.Batch) []byte {
	b.Helper()
	e, err := NewEncoder(peopleFields, o)
	if err != nil {
		b.Fatal(err)
	}
	j, err := NewJoiner(peopleFields, o)
	if err != nil {
		b.Fatal(err)
	}
	var file bytes.Buffer
	write := func(p []byte) error { file.Write(p); return nil }
	var out []byte
	for _, batch := range batches {
		if out, err = e.AppendBatch(out[:0], batch); err != nil {
			b.Fatal(err)
		}
		if err := j.Join(out, write); err != nil {
			b.Fatal(err)
		}
	}
	if out, err = e.AppendEnd(out[:0]); err != nil {
		b.Fatal(err)
	}
	if err := errors.Join(j.Join(out, write), j.End(write)); err != nil {
		b.Fatal(err)
	}
	return file.Bytes()
}

func snappyOptions(b *testing.B) *WriteOptions {
	b.Helper()
	o, err := ParseWriteOptions(nil, nil)
	if err != nil {
		b.Fatal(err)
	}
	return o
}

func BenchmarkEncoder(b *testing.B) {
	o := snappyOptions(b)
	batches := people(100)
	b.ReportAllocs()
	for b.Loop() {
		encodePeople(b, o, batches)
	}
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N*100*vector.BatchRows), "ns/row")
}

func BenchmarkReader(b *testing.B) {
	data := encodePeople(b, snappyOptions(b), people(100))
	b.ReportAllocs()
	for b.Loop() {
		r, err := NewReader(codec.FromBytes(nil, data), nil, &codec.Scan{Fields: peopleFields}, new(Footers))
		if err != nil {
			b.Fatal(err)
		}
		for {
			_, err := r.Next(context.Background())
			if errors.Is(err, io.EOF) {
				break
			}
			if err != nil {
				b.Fatal(err)
			}
		}
	}
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N*100*vector.BatchRows), "ns/row")
}
