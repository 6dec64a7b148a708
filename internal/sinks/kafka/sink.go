// Package kafka writes rows to topics of Apache Kafka, as Spark's Kafka sink does.
package kafka

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/twmb/franz-go/pkg/kerr"
	"github.com/twmb/franz-go/pkg/kgo"

	"github.com/streamctl/streamctl/internal/job"
	"github.com/streamctl/streamctl/internal/kafka"
	"github.com/streamctl/streamctl/internal/option"
	"github.com/streamctl/streamctl/internal/sinks"
	"github.com/streamctl/streamctl/internal/sparkerr"
	"github.com/streamctl/streamctl/internal/types"
	"github.com/streamctl/streamctl/internal/vector"
)

// Format is the format kafka.
var Format = newFormat()

func newFormat() *sinks.Format {
	f := &sinks.Format{Open: open, Format: job.Format{
		Name: "kafka", Doc: "records of topics of Apache Kafka, from the columns value, key, topic, partition and headers; at least once", OnSpark: kafka.OnSpark,
		Options: append([]job.OptionSpec{
			{Name: "topic", Doc: "topic of all records, rather than the column topic", Kind: option.Text("any text, as the name of a topic")},
			{Name: "checkpointLocation", Doc: "directory of the checkpoint", Kind: option.Text("a directory"), Incidental: true},
			{Name: "includeHeaders", Doc: "the column headers is always written", Kind: option.Bool, Effect: job.NoEffect},
		}, kafka.Specs(kafka.Writes)...),
	}}
	f.CheckOptions = func(_ *job.Job, _ *job.Stream, options job.Options) error {
		if err := f.CheckValues(options); err != nil {
			return err
		}
		_, err := kafka.Parse(options, kafka.Writes)
		return err
	}
	return f
}

// A sink writes the rows of all batches with one client.
type sink struct {
	settings kafka.Client
	columns  columns
	client   *kgo.Client
	warn     func(text string)
	told     sync.Once
}

// columns are the positions of the columns that make a record; -1: there is none.
type columns struct {
	key, value, partition, headers int
	topics                         int    // the column topic
	topic                          string // the option, which comes before the column
}

// open checks the columns, and does not connect. (Spark: KafkaWriter.validateQuery.)
func open(s *job.Stream, schema *types.Schema, env sinks.Env) (sinks.Sink, error) {
	settings, err := kafka.Parse(s.Sink.Options, kafka.Writes)
	if err != nil {
		return nil, err
	}
	at := func(name string) int {
		for i, f := range schema.Fields {
			if f.Name == name {
				return i
			}
		}
		return -1
	}
	c := columns{key: at("key"), value: at("value"), partition: at("partition"), headers: at("headers"), topics: at("topic")}
	topic, _ := s.Sink.Options.Get("topic")
	c.topic = strings.TrimSpace(topic)
	if c.value < 0 {
		return nil, sparkerr.Plain("Required attribute 'value' not found").WithHint("select: [\"to_json(struct(*)) AS value\"] writes rows as JSON")
	}
	if c.topic == "" && c.topics < 0 {
		return nil, sparkerr.Plain("topic option required when no 'topic' attribute is present. Use the topic option for setting a topic.").WithHint("--sink-option topic=NAME")
	}
	bytes := func(t *types.Type) bool { return t.IsText() || t.Kind == types.KindBinary }
	for _, check := range []struct {
		name, must string
		column     int
		is         func(*types.Type) bool
	}{
		{"topic", "string", c.topics, (*types.Type).IsText}, {"key", "string or binary", c.key, bytes}, {"value", "string or binary", c.value, bytes},
		{"partition", "int", c.partition, func(t *types.Type) bool { return t.Kind == types.KindInt }},
		{"headers", "array<struct<key:string,value:binary>>", c.headers, isHeaders},
	} {
		if check.column < 0 || check.is(schema.Fields[check.column].Type) {
			continue
		}
		n := "a"
		if check.must != "string" {
			n = "a(n)"
		}
		return nil, sparkerr.Plain("%s attribute unsupported type %s. %s must be %s %s", check.name, strings.ToLower(schema.Fields[check.column].Type.SQL()), check.name, n, check.must).
			WithHint("CAST(%s AS %s)", check.name, strings.ToUpper(strings.Split(check.must, " ")[0]))
	}
	return &sink{settings: settings, columns: c, warn: env.Warn}, nil
}

func isHeaders(t *types.Type) bool {
	if t.Kind != types.KindArray || t.Elem.Kind != types.KindStruct || len(t.Elem.Fields) != 2 {
		return false
	}
	f := t.Elem.Fields
	return f[0].Name == "key" && f[0].Type.IsText() && f[1].Name == "value" && f[1].Type.Kind == types.KindBinary
}

// Describe returns the sink's name in Spark's progress.
func (s *sink) Describe() string {
	return "org.apache.spark.sql.kafka010.KafkaSourceProvider$KafkaTable@0"
}

// MayRepeat returns true: records cannot be taken back.
func (s *sink) MayRepeat() bool { return true }

// Begin starts a batch.
func (s *sink) Begin(context.Context, int64) (sinks.BatchWriter, error) {
	if s.client == nil {
		var err error
		if s.client, err = kgo.NewClient(append([]kgo.Opt{kgo.RecordPartitioner(partitioner{}), kgo.AllowAutoTopicCreation()}, s.settings.Options...)...); err != nil {
			return nil, sparkerr.Plain("the Kafka client cannot be started: %s", err)
		}
	}
	return &batch{s}, nil
}

// Close disconnects.
func (s *sink) Close() error {
	if s.client != nil {
		s.client.Close()
	}
	return nil
}

type batch struct{ *sink }

// Partition returns a writer.
func (b *batch) Partition(int, int) (sinks.PartitionWriter, error) { return &writer{sink: b.sink}, nil }

// Commit has nothing to do: all writers have closed, so the brokers have all records.
func (b *batch) Commit(context.Context, int) error { return nil }

// Abort drops the records that still wait.
func (b *batch) Abort(ctx context.Context) error { return b.client.AbortBufferedRecords(ctx) }

// A writer sends the records of a partition of the batch.
type writer struct {
	*sink
	sent   sync.WaitGroup
	failed atomic.Pointer[error]
}

// tellAfter is how long records wait for the brokers until that is said.
const tellAfter = 3 * time.Second

// waiting has the user told, once, if the brokers take no records for a while. The caller stops the timer.
func (s *sink) waiting() *time.Timer {
	return time.AfterFunc(tellAfter, func() {
		s.told.Do(func() {
			if s.warn != nil {
				s.warn("waiting for the Kafka brokers " + s.settings.ServerText() + " to take records; kafka.delivery.timeout.ms is how long")
			}
		})
	})
}

// Write hands the rows to the client, which waits if it has too many.
func (w *writer) Write(ctx context.Context, b *vector.Batch) error {
	defer w.waiting().Stop()
	records := make([]kgo.Record, b.Rows())
	data := make([]byte, 0, w.size(b))
	for i := range records {
		row := i
		if b.Sel != nil {
			row = int(b.Sel[i])
		}
		r := &records[i]
		var err error
		if data, err = w.record(r, data, b, row); err != nil {
			return err
		}
		w.sent.Add(1)
		w.client.Produce(ctx, r, func(r *kgo.Record, err error) {
			if err != nil {
				err = w.failure(r, err)
				w.failed.CompareAndSwap(nil, &err)
			}
			w.sent.Done()
		})
	}
	return w.err()
}

// size returns the bytes of the keys and values of a batch.
func (w *writer) size(b *vector.Batch) (n int) {
	for _, c := range []int{w.columns.key, w.columns.value} {
		if c >= 0 {
			n += len(b.Cols[c].Data)
		}
	}
	return n
}

// record makes a record of a row, whose bytes it appends to data.
func (w *writer) record(r *kgo.Record, data []byte, b *vector.Batch, row int) ([]byte, error) {
	c := &w.columns
	take := func(column int) []byte {
		if column < 0 || b.Cols[column].IsNull(row) {
			return nil
		}
		from := len(data)
		data = append(data, b.Cols[column].Bytes(row)...)
		return data[from:len(data):len(data)]
	}
	r.Key, r.Value = take(c.key), take(c.value)
	r.Topic, r.Partition = c.topic, anyPartition
	if r.Topic == "" {
		if b.Cols[c.topics].IsNull(row) {
			return data, sparkerr.New("KAFKA_NULL_TOPIC_IN_DATA").WithHint("--sink-option topic=NAME sets a topic for all records")
		}
		r.Topic = string(b.Cols[c.topics].Bytes(row))
	}
	if c.partition >= 0 && !b.Cols[c.partition].IsNull(row) {
		v := b.Cols[c.partition]
		if r.Partition = v.I32[v.At(row)]; r.Partition < 0 {
			return data, sparkerr.Plain("Invalid partition: %d. Partition number should always be non-negative or null.", r.Partition)
		}
	}
	if c.headers >= 0 && !b.Cols[c.headers].IsNull(row) {
		v := b.Cols[c.headers]
		list, items := v.Views[v.At(row)], v.Children[0]
		for k := int(list.Off); k < int(list.Off+list.Len); k++ {
			if items.IsNull(k) {
				continue
			}
			h := kgo.RecordHeader{Key: string(items.Children[0].Bytes(k))}
			if value := items.Children[1]; !value.IsNull(k) {
				h.Value = append([]byte{}, value.Bytes(k)...)
			}
			r.Headers = append(r.Headers, h)
		}
	}
	return data, nil
}

// failure returns the error for a record that could not be written.
func (w *writer) failure(r *kgo.Record, err error) error {
	var own *sparkerr.Error
	if errors.As(err, &own) || errors.Is(err, context.Canceled) || errors.Is(err, kgo.ErrAborting) {
		return err
	}
	e := sparkerr.Plain("a record of %d bytes could not be written to topic %s at %s: %s", len(r.Key)+len(r.Value), r.Topic, w.settings.ServerText(), err)
	e.Cause = err
	switch {
	case errors.Is(err, kerr.UnknownTopicOrPartition):
		return e.WithHint("create the topic, or let the brokers create topics (auto.create.topics.enable)")
	case errors.Is(err, kerr.MessageTooLarge):
		return e.WithHint("kafka.max.request.size here, and max.message.bytes of the topic, limit the size of records")
	case strings.Contains(err.Error(), "partitioning choice"):
		return sparkerr.Plain("Partition %d of topic %s is not present in metadata.", r.Partition, r.Topic).WithHint("the column partition must be lower than the number of partitions, or NULL")
	}
	return e.WithHint("is kafka.bootstrap.servers right, and kafka.security.protocol what they expect?")
}

func (w *writer) err() error {
	if err := w.failed.Load(); err != nil {
		return *err
	}
	return nil
}

// Close waits until the brokers have all records.
func (w *writer) Close(ctx context.Context) error {
	defer w.waiting().Stop()
	done := make(chan struct{})
	go func() {
		w.sent.Wait()
		close(done)
	}()
	select {
	case <-done:
		return w.err()
	case <-ctx.Done():
		return fmt.Errorf("records still wait to be written: %w", ctx.Err())
	}
}
