package kafka

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/twmb/franz-go/pkg/kfake"
	"github.com/twmb/franz-go/pkg/kgo"

	"github.com/streamctl/streamctl/internal/job"
	"github.com/streamctl/streamctl/internal/kafka"
	"github.com/streamctl/streamctl/internal/sinks"
	"github.com/streamctl/streamctl/internal/types"
	"github.com/streamctl/streamctl/internal/vector"
)

func newCluster(t *testing.T, partitions int32, topics ...string) *kfake.Cluster {
	t.Helper()
	c, err := kfake.NewCluster(kfake.NumBrokers(1), kfake.SeedTopics(partitions, topics...))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(c.Close)
	return c
}

// openSink opens the sink of a stream with columns: DDL.
func openSink(t *testing.T, c *kfake.Cluster, ddl string, pairs ...string) (sinks.Sink, error) {
	t.Helper()
	schema, err := types.ParseDDL(ddl)
	if err != nil {
		t.Fatal(err)
	}
	s := &job.Stream{Sink: job.Sink{Format: "kafka", Options: job.Options{{Name: kafka.Servers, Value: "localhost:1"}}}}
	if c != nil {
		s.Sink.Options[0].Value = strings.Join(c.ListenAddrs(), ",")
	}
	for i := 0; i < len(pairs); i += 2 {
		s.Sink.Options = append(s.Sink.Options, job.Option{Name: pairs[i], Value: pairs[i+1]})
	}
	return Format.New(s, schema, sinks.Env{Job: &job.Job{Streams: []*job.Stream{s}}})
}

// write writes a batch.
func write(t *testing.T, s sinks.Sink, b *vector.Batch) error {
	t.Helper()
	out, err := s.Begin(t.Context(), 0)
	if err != nil {
		return err
	}
	p, err := out.Partition(0, 0)
	if err == nil {
		err = p.Write(t.Context(), b)
	}
	if err == nil {
		err = p.Close(t.Context())
	}
	if err != nil {
		_ = out.Abort(t.Context())
		return err
	}
	return out.Commit(t.Context(), 1)
}

// texts returns a column; "-" is NULL.
func texts(typ *types.Type, values ...string) *vector.Vector {
	v := vector.New(typ, len(values))
	for i, s := range values {
		if s == "-" {
			v.Views[i] = vector.View{}
			v.SetNull(i)
			continue
		}
		v.SetString(i, s)
	}
	return v
}

// records reads n records, sorted.
func records(t *testing.T, c *kfake.Cluster, n int, topics ...string) (rows []string) {
	t.Helper()
	client, err := kgo.NewClient(kgo.SeedBrokers(c.ListenAddrs()...), kgo.ConsumeTopics(topics...), kgo.ConsumeStartOffset(kgo.NewOffset().AtStart()))
	if err != nil {
		t.Fatal(err)
	}
	defer client.Close()
	for start := time.Now(); len(rows) < n && time.Since(start) < 10*time.Second; {
		client.PollFetches(t.Context()).EachRecord(func(r *kgo.Record) {
			text := func(b []byte) string {
				if b == nil {
					return "NULL"
				}
				return string(b)
			}
			row := fmt.Sprintf("%s-%d %s=%s", r.Topic, r.Partition, text(r.Key), text(r.Value))
			for _, h := range r.Headers {
				row += fmt.Sprintf(" %s:%s", h.Key, text(h.Value))
			}
			rows = append(rows, row)
		})
	}
	slices.Sort(rows)
	return rows
}

func TestRowsBecomeRecords(t *testing.T) {
	c := newCluster(t, 3, "a", "b")
	s, err := openSink(t, c, "key STRING, value BINARY, topic STRING, partition INT, other INT, headers ARRAY<STRUCT<key: STRING, value: BINARY>>", "kafka.compression.type", "zstd")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = s.(interface{ Close() error }).Close() }()
	partition, other := vector.New(types.Int, 3), vector.New(types.Int, 3)
	copy(partition.I32, []int32{2, 0, 1})
	schema, _ := types.ParseDDL("h ARRAY<STRUCT<key: STRING, value: BINARY>>")
	headers := vector.New(schema.Fields[0].Type, 3)
	headers.SetNull(0)
	headers.Views[1], headers.Views[2] = vector.View{}, vector.View{Len: 2}
	items := headers.Children[0]
	items.Extend(2)
	items.Children[0].SetString(0, "h")
	items.Children[0].SetString(1, "i")
	items.Children[1].SetString(0, "1")
	items.Children[1].Views[1] = vector.View{}
	items.Children[1].SetNull(1)
	b := &vector.Batch{N: 3, Cols: []*vector.Vector{texts(types.String, "k", "-", ""), texts(types.Binary, "v", "w", "-"), texts(types.String, "a", "b", "a"), partition, other, headers}}
	if err := write(t, s, b); err != nil {
		t.Fatal(err)
	}
	b.Sel = vector.Selection{1}
	if err := write(t, s, b); err != nil {
		t.Fatal(err)
	}
	want := []string{"a-1 =NULL h:1 i:NULL", "a-2 k=v", "b-0 NULL=w", "b-0 NULL=w"}
	if got := records(t, c, len(want), "a", "b"); !slices.Equal(got, want) {
		t.Errorf("%q, want %q", got, want)
	}
}

// TestKeysHaveThePartitionOfJavasClient compares with the hashes in a test of Java's client (UtilsTest.testMurmur2).
func TestKeysHaveThePartitionOfJavasClient(t *testing.T) {
	p := partitioner{}.ForTopic("t")
	for key, hash := range map[string]int32{
		"21": -973932308, "foobar": -790332482, "a-little-bit-long-string": -985981536, "a-little-bit-longer-string": -1486304829, "abc": 479470107,
	} {
		if got, want := p.Partition(&kgo.Record{Key: []byte(key), Partition: anyPartition}, 10), int(hash&0x7fffffff)%10; got != want {
			t.Errorf("%q: %d, want %d", key, got, want)
		}
	}
}

func TestColumnsOfTheSinkAreChecked(t *testing.T) {
	topic := []string{"topic", "t"}
	for _, c := range []struct {
		ddl   string
		pairs []string
		want  string
	}{
		{"key STRING", topic, "Required attribute 'value' not found"},
		{"value STRING", nil, "topic option required when no 'topic' attribute is present. Use the topic option for setting a topic."},
		{"value INT", topic, "value attribute unsupported type int. value must be a(n) string or binary"},
		{"value STRING, key DOUBLE", topic, "key attribute unsupported type double. key must be a(n) string or binary"},
		{"value STRING, partition BIGINT", topic, "partition attribute unsupported type bigint. partition must be a(n) int"},
		{"value STRING, headers MAP<STRING,STRING>", topic, "headers attribute unsupported type map<string, string>. headers must be a(n) array<struct<key:string,value:binary>>"},
		{"value STRING", []string{"topic", "t", "kafka.key.serializer", "x"}, "Kafka option 'key.serializer' is not supported as keys are serialized with ByteArraySerializer."},
		{"value STRING", []string{"topic", "t", "kafka.acks", "2"}, "acks is all, 1 or 0, not '2'"},
	} {
		if _, err := openSink(t, nil, c.ddl, c.pairs...); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s %v: %v, want %s", c.ddl, c.pairs, err, c.want)
		}
	}
}

func TestRecordsThatCannotBeWrittenFailTheBatch(t *testing.T) {
	c := newCluster(t, 2, "t")
	for _, f := range []struct {
		cols []*vector.Vector
		ddl  string
		want string
	}{
		{[]*vector.Vector{texts(types.String, "v"), texts(types.String, "-")}, "value STRING, topic STRING", "KAFKA_NULL_TOPIC_IN_DATA"},
		{[]*vector.Vector{texts(types.String, "v"), texts(types.String, "t"), partitionOf(9)}, "value STRING, topic STRING, partition INT", "Partition 9 of topic t is not present in metadata."},
		{[]*vector.Vector{texts(types.String, "v"), texts(types.String, "t"), partitionOf(-2)}, "value STRING, topic STRING, partition INT", "Invalid partition: -2."},
		{[]*vector.Vector{texts(types.String, strings.Repeat("x", 3<<20)), texts(types.String, "t")}, "value STRING, topic STRING", "could not be written to topic t"},
	} {
		s, err := openSink(t, c, f.ddl)
		if err != nil {
			t.Fatal(err)
		}
		if err := write(t, s, &vector.Batch{N: 1, Cols: f.cols}); err == nil || !strings.Contains(err.Error(), f.want) {
			t.Errorf("%s: %v, want %s", f.ddl, err, f.want)
		}
		_ = s.(interface{ Close() error }).Close()
	}
}

// TestBrokersThatAreAwayAreWaitedForAndNotForGood writes to an address where nothing listens.
func TestBrokersThatAreAwayAreWaitedForAndNotForGood(t *testing.T) {
	s, err := openSink(t, nil, "value STRING", "topic", "t", "kafka.delivery.timeout.ms", "4000")
	if err != nil {
		t.Fatal(err)
	}
	told := make(chan string, 9)
	s.(*sink).warn = func(text string) { told <- text }
	err = write(t, s, &vector.Batch{N: 1, Cols: []*vector.Vector{texts(types.String, "v")}})
	if err == nil || !strings.Contains(err.Error(), "could not be written to topic t at localhost:1") {
		t.Errorf("%v", err)
	}
	if text := <-told; len(told) > 0 || !strings.Contains(text, "waiting for the Kafka brokers localhost:1") {
		t.Errorf("told: %q and %d more", text, len(told))
	}
	_ = s.(interface{ Close() error }).Close()
}

func partitionOf(n int32) *vector.Vector {
	v := vector.New(types.Int, 1)
	v.I32[0] = n
	return v
}
