package kafka

import (
	"context"
	"errors"
	"fmt"
	"io"

	"github.com/twmb/franz-go/pkg/kgo"

	"github.com/streamctl/streamctl/internal/sources"
	"github.com/streamctl/streamctl/internal/types"
	"github.com/streamctl/streamctl/internal/vector"
)

// Schema is the columns of the source. (Spark: KafkaRecordToRowConverter.)
func Schema(headers bool) *types.Schema {
	s := &types.Schema{Fields: []types.Field{
		{Name: "key", Type: types.Binary, Nullable: true},
		{Name: "value", Type: types.Binary, Nullable: true},
		{Name: "topic", Type: types.String, Nullable: true},
		{Name: "partition", Type: types.Int, Nullable: true},
		{Name: "offset", Type: types.Long, Nullable: true},
		{Name: "timestamp", Type: types.Timestamp, Nullable: true},
		{Name: "timestampType", Type: types.Int, Nullable: true},
	}}
	if headers {
		header := types.StructOf(types.Field{Name: "key", Type: types.String, Nullable: true}, types.Field{Name: "value", Type: types.Binary, Nullable: true})
		s.Fields = append(s.Fields, types.Field{Name: "headers", Type: types.ArrayOf(header, true), Nullable: true})
	}
	return s
}

// A partition is the offsets that a task reads.
type partition struct {
	span
	source *Source
	scan   *sources.Scan
	task   int
}

// Task is the number of Spark's task.
func (p *partition) Task() int { return p.task }

// Small reports few records.
func (p *partition) Small() bool { return p.size() <= vector.BatchRows }

// Open makes the reader.
func (p *partition) Open(context.Context) (vector.Reader, error) {
	r := &reader{partition: p, at: p.from}
	for _, f := range p.scan.Fields {
		r.batch.Cols = append(r.batch.Cols, &vector.Vector{})
		r.fill = append(r.fill, fillers[f.Name])
	}
	return r, nil
}

type reader struct {
	*partition
	at    int64
	batch vector.Batch
	fill  []func(v *vector.Vector, i int, r *kgo.Record)
	rows  []*kgo.Record
}

// Next returns the next records.
func (r *reader) Next(ctx context.Context) (*vector.Batch, error) {
	for r.at < r.until {
		records, at, err := r.source.feed.next(ctx, r.partitionID, r.at, r.until, vector.BatchRows, r.source.opts.patience)
		if errors.Is(err, errOutOfRange) {
			if at, err = r.source.afterLoss(ctx, r.span, r.at); err == nil {
				r.at = at
				continue
			}
		}
		if err != nil {
			return nil, err
		}
		r.at = at
		r.rows = r.rows[:0]
		for _, record := range records {
			if !record.Attrs.IsControl() {
				r.rows = append(r.rows, record)
			}
		}
		if len(r.rows) > 0 {
			return r.columns(), nil
		}
	}
	return nil, io.EOF
}

// columns makes a batch of the rows.
func (r *reader) columns() *vector.Batch {
	r.batch.N = len(r.rows)
	for c, v := range r.batch.Cols {
		v.Reset(r.scan.Fields[c].Type, len(r.rows))
		for i, record := range r.rows {
			r.fill[c](v, i, record)
		}
	}
	return &r.batch
}

// Close ends the partition.
func (r *reader) Close() error {
	r.at = r.until
	return nil
}

// fillers set a row of the columns, by name.
var fillers = map[string]func(v *vector.Vector, i int, r *kgo.Record){
	"key":           func(v *vector.Vector, i int, r *kgo.Record) { setBytes(v, i, r.Key) },
	"value":         func(v *vector.Vector, i int, r *kgo.Record) { setBytes(v, i, r.Value) },
	"topic":         func(v *vector.Vector, i int, r *kgo.Record) { v.SetString(i, r.Topic) },
	"partition":     func(v *vector.Vector, i int, r *kgo.Record) { v.I32[i] = r.Partition },
	"offset":        func(v *vector.Vector, i int, r *kgo.Record) { v.I64[i] = r.Offset },
	"timestamp":     func(v *vector.Vector, i int, r *kgo.Record) { v.I64[i] = r.Timestamp.UnixMilli() * 1000 },
	"timestampType": func(v *vector.Vector, i int, r *kgo.Record) { v.I32[i] = int32(r.Attrs.TimestampType()) },
	"headers":       setHeaders,
}

func setBytes(v *vector.Vector, i int, b []byte) {
	if b == nil {
		v.Views[i] = vector.View{}
		v.SetNull(i)
		return
	}
	v.SetBytes(i, b)
}

// setHeaders sets an array of headers, NULL if there are none.
func setHeaders(v *vector.Vector, i int, r *kgo.Record) {
	items := v.Children[0]
	from := items.Len()
	v.Views[i] = vector.View{Off: uint32(from), Len: uint32(len(r.Headers))}
	if len(r.Headers) == 0 {
		v.SetNull(i)
		return
	}
	items.Extend(from + len(r.Headers))
	for k, h := range r.Headers {
		items.Children[0].SetString(from+k, h.Key)
		setBytes(items.Children[1], from+k, h.Value)
	}
}

// afterLoss returns where a task goes on whose next record the brokers have deleted.
func (s *Source) afterLoss(ctx context.Context, p span, at int64) (int64, error) {
	to := p.until
	err := s.patiently(ctx, func(ctx context.Context) error {
		listed, err := s.admin.ListStartOffsets(ctx, p.topic)
		if first, ok := listed.Lookup(p.topic, p.n); ok && err == nil && first.Err == nil {
			to = min(first.Offset, p.until)
		}
		return err
	})
	if err != nil {
		return at, err
	}
	if err := s.lost("COULD_NOT_READ_OFFSET_RANGE", fmt.Sprintf("the offsets %d to %d of partition %s are gone", at, to, p.partitionID)); err != nil {
		return at, err
	}
	s.feed.seek(positions{p.partitionID: to})
	return to, nil
}
