package kafka

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/twmb/franz-go/pkg/kadm"
	"github.com/twmb/franz-go/pkg/kerr"
	"github.com/twmb/franz-go/pkg/kfake"
	"github.com/twmb/franz-go/pkg/kgo"
	"github.com/twmb/franz-go/pkg/kmsg"

	"github.com/streamctl/streamctl/internal/checkpoint"
	"github.com/streamctl/streamctl/internal/codec"
	"github.com/streamctl/streamctl/internal/job"
	"github.com/streamctl/streamctl/internal/kafka"
	"github.com/streamctl/streamctl/internal/sources"
	"github.com/streamctl/streamctl/internal/sparkerr"
	"github.com/streamctl/streamctl/internal/storage"
)

// A rig is a broker with the topic t of two partitions, and a source that reads from it.
type rig struct {
	t       *testing.T
	cluster *kfake.Cluster
	client  *kgo.Client
	admin   *kadm.Client
	dir     string // of the checkpoint
	source  *Source
	losses  []string
	log     bytes.Buffer
}

func newRig(t *testing.T, opts ...kfake.Opt) *rig {
	t.Helper()
	cluster, err := kfake.NewCluster(append([]kfake.Opt{kfake.NumBrokers(2), kfake.SeedTopics(2, "t")}, opts...)...)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(cluster.Close)
	r := &rig{t: t, cluster: cluster, dir: t.TempDir()}
	r.client = r.connect(kgo.RecordPartitioner(kgo.ManualPartitioner()))
	r.admin = kadm.NewClient(r.client)
	return r
}

func (r *rig) connect(opts ...kgo.Opt) *kgo.Client {
	r.t.Helper()
	c, err := kgo.NewClient(append([]kgo.Opt{kgo.SeedBrokers(r.cluster.ListenAddrs()...), kgo.MetadataMinAge(10 * time.Millisecond)}, opts...)...)
	if err != nil {
		r.t.Fatal(err)
	}
	r.t.Cleanup(c.Close)
	return c
}

// send appends values to a partition, at times in milliseconds.
func (r *rig) send(partition int32, values ...string) {
	r.t.Helper()
	for i, v := range values {
		record := &kgo.Record{Topic: "t", Partition: partition, Value: []byte(v), Timestamp: time.UnixMilli(int64(1000 * (i + 1)))}
		if err := r.client.ProduceSync(r.t.Context(), record).FirstErr(); err != nil {
			r.t.Fatal(err)
		}
	}
}

// options returns options of a source: pairs of names and values after those that are always given.
func (r *rig) options(pairs ...string) job.Options {
	list := job.Options{{Name: kafka.Servers, Value: strings.Join(r.cluster.ListenAddrs(), ",")}}
	if !slices.Contains(pairs, "kafkaConsumer.pollTimeoutMs") {
		list = append(list, job.Option{Name: "kafkaConsumer.pollTimeoutMs", Value: "10000"})
	}
	if !slices.Contains(pairs, optPattern) && !slices.Contains(pairs, optAssign) && !slices.Contains(pairs, optSubscribe) {
		list = append(list, job.Option{Name: optSubscribe, Value: "t"})
	}
	for i := 0; i < len(pairs); i += 2 {
		list = append(list, job.Option{Name: pairs[i], Value: pairs[i+1]})
	}
	return list
}

// open starts a source, as after a restart.
func (r *rig) open(pairs ...string) error {
	r.t.Helper()
	if r.source != nil {
		_ = r.source.Close()
	}
	o, err := ParseOptions(r.options(pairs...))
	if err != nil {
		return err
	}
	c, err := checkpoint.Open(storage.OS, r.dir)
	if err != nil {
		r.t.Fatal(err)
	}
	env := &sources.Env{
		Log: slog.New(slog.NewTextHandler(&r.log, nil)), Now: time.Now, Checkpoint: c, Stats: &sources.Stats{}, Say: func(string) {},
		OnLoss: func(l *codec.Loss) { r.losses = append(r.losses, l.Text) },
	}
	r.source, err = New(r.t.Context(), o, env)
	return err
}

func (r *rig) mustOpen(pairs ...string) {
	r.t.Helper()
	if err := r.open(pairs...); err != nil {
		r.t.Fatal(err)
	}
	r.t.Cleanup(func() { _ = r.source.Close() })
}

// next returns the end of the next batch.
func (r *rig) next(from sources.Offset) sources.Offset {
	r.t.Helper()
	to, err := r.source.LatestOffset(r.t.Context(), from, false)
	if err != nil {
		r.t.Fatal(err)
	}
	return to
}

// read returns the rows between two offsets, each as partition:offset=value.
func (r *rig) read(from, to sources.Offset) ([]string, error) {
	r.t.Helper()
	fields := Schema(false).Fields
	scan := &sources.Scan{}
	scan.Fields = fields
	parts, err := r.source.Plan(r.t.Context(), from, to, scan)
	if err != nil {
		return nil, err
	}
	var rows []string
	for _, p := range parts {
		in, err := p.Open(r.t.Context())
		if err != nil {
			return nil, err
		}
		for {
			b, err := in.Next(r.t.Context())
			if errors.Is(err, io.EOF) {
				break
			}
			if err != nil {
				return rows, err
			}
			for i := range b.N {
				value := "NULL"
				if !b.Cols[1].IsNull(i) {
					value = string(b.Cols[1].Bytes(i))
				}
				rows = append(rows, fmt.Sprintf("%d:%d=%s", b.Cols[3].I32[i], b.Cols[4].I64[i], value))
			}
		}
		_ = in.Close()
	}
	return rows, nil
}

func (r *rig) want(from, to sources.Offset, rows ...string) {
	r.t.Helper()
	got, err := r.read(from, to)
	if err != nil {
		r.t.Fatal(err)
	}
	if !slices.Equal(got, rows) {
		r.t.Errorf("from %s to %s: %q, want %q", from, to, got, rows)
	}
}

func TestBatchesGoOnWhereTheLastOneEnded(t *testing.T) {
	r := newRig(t)
	r.send(0, "a", "b")
	r.send(1, "c")
	r.mustOpen(optOffsets, "earliest")
	first := r.next("")
	if first != `{"t":{"0":2,"1":1}}` {
		t.Errorf("the first batch ends at %s", first)
	}
	r.want("", first, "0:0=a", "0:1=b", "1:0=c")
	r.want("", first, "0:0=a", "0:1=b", "1:0=c") // an attempt that is repeated
	if same := r.next(first); same != first {
		t.Errorf("nothing is new, but there is a batch to %s", same)
	}
	pinned, err := os.ReadFile(filepath.Join(r.dir, "sources", "0", "0"))
	if want := "\x00v1\n" + `{"t":{"0":0,"1":0}}`; err != nil || string(pinned) != want {
		t.Errorf("the first offsets are %q, %v; want %q", pinned, err, want)
	}

	r.mustOpen(optOffsets, "latest") // which has no effect on a restart
	if err := r.source.Recover(t.Context(), sources.Logged{Before: "", Last: first, Again: true}); err != nil {
		t.Fatal(err)
	}
	r.want("", first, "0:0=a", "0:1=b", "1:0=c")
	r.send(1, "d")
	second := r.next(first)
	r.want(first, second, "1:1=d")
	if err := r.source.Recover(t.Context(), sources.Logged{Before: second, Last: first}); err == nil {
		t.Error("a checkpoint that goes backwards is accepted")
	}
}

func TestRecordsWakeTheEngine(t *testing.T) {
	r := newRig(t)
	r.mustOpen()
	at := r.next("")
	if same := r.next(at); same != at {
		t.Fatalf("there is a batch to %s without records", same)
	}
	for len(r.source.Wake()) > 0 {
		<-r.source.Wake()
	}
	r.send(0, "new")
	select {
	case <-r.source.Wake():
	case <-time.After(10 * time.Second):
		t.Fatal("nothing wakes the engine")
	}
	r.want(at, r.next(at), "0:0=new")
}

func TestColumnsOfRecords(t *testing.T) {
	r := newRig(t)
	for _, record := range []*kgo.Record{
		{Topic: "t", Key: []byte("k"), Headers: []kgo.RecordHeader{{Key: "h", Value: []byte("1")}, {Key: "i"}}},
		{Topic: "t", Value: []byte{}},
	} {
		record.Timestamp = time.UnixMicro(1_700_000_000_123_456)
		if err := r.client.ProduceSync(t.Context(), record).FirstErr(); err != nil {
			t.Fatal(err)
		}
	}
	r.mustOpen(optOffsets, "earliest", "includeHeaders", "true")
	scan := &sources.Scan{}
	scan.Fields = Schema(true).Fields
	parts, err := r.source.Plan(t.Context(), "", r.next(""), scan)
	if err != nil || len(parts) != 1 {
		t.Fatalf("%d tasks, %v", len(parts), err)
	}
	in, err := parts[0].Open(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	b, err := in.Next(t.Context())
	if err != nil || b.N != 2 {
		t.Fatalf("%v, %v", b, err)
	}
	c := b.Cols
	if string(c[0].Bytes(0)) != "k" || !c[0].IsNull(1) || !c[1].IsNull(0) || c[1].IsNull(1) || len(c[1].Bytes(1)) != 0 || string(c[2].Bytes(1)) != "t" ||
		c[5].I64[0] != 1_700_000_000_123_000 || c[6].I32[0] != 0 || c[7].IsNull(0) || !c[7].IsNull(1) || c[7].Views[0].Len != 2 {
		t.Errorf("unexpected columns")
	}
	headers := c[7].Children[0].Children
	if string(headers[0].Bytes(0)) != "h" || string(headers[1].Bytes(0)) != "1" || string(headers[0].Bytes(1)) != "i" || !headers[1].IsNull(1) {
		t.Errorf("unexpected headers")
	}
}

func TestTransactionsThatWereAbortedAreNotRead(t *testing.T) {
	r := newRig(t)
	writer := r.connect(kgo.TransactionalID("x"), kgo.RecordPartitioner(kgo.ManualPartitioner()))
	for i, end := range []kgo.TransactionEndTry{kgo.TryCommit, kgo.TryAbort, kgo.TryCommit, kgo.TryAbort} {
		if err := writer.BeginTransaction(); err != nil {
			t.Fatal(err)
		}
		if err := writer.ProduceSync(t.Context(), &kgo.Record{Topic: "t", Value: []byte(strconv.Itoa(i))}).FirstErr(); err != nil {
			t.Fatal(err)
		}
		if err := writer.EndTransaction(t.Context(), end); err != nil {
			t.Fatal(err)
		}
	}
	r.mustOpen(optOffsets, "earliest", "kafka.isolation.level", "read_committed")
	r.want("", r.next(""), "0:0=0", "0:4=2")
	r.dir = t.TempDir()
	r.mustOpen(optOffsets, "earliest")
	to := r.next("")
	if to != `{"t":{"0":8,"1":0}}` {
		t.Errorf("the batch ends at %s", to)
	}
	r.want("", to, "0:0=0", "0:2=1", "0:4=2", "0:6=3")
}

func TestLostRecordsAreNotSkippedInSilence(t *testing.T) {
	r := newRig(t)
	r.send(0, "a", "b", "c", "d")
	r.mustOpen(optOffsets, "earliest")
	to := r.next("")
	offsets := kadm.Offsets{}
	offsets.AddOffset("t", 0, 2, -1)
	if _, err := r.admin.DeleteRecords(t.Context(), offsets); err != nil {
		t.Fatal(err)
	}
	var lost *sparkerr.Error
	if rows, err := r.read("", to); !errors.As(err, &lost) || lost.Condition != "KAFKA_DATA_LOSS.COULD_NOT_READ_OFFSET_RANGE" {
		t.Errorf("%q, %v; want the loss of records", rows, err)
	}
	r.mustOpen("failOnDataLoss", "false")
	r.want("", to, "0:2=c", "0:3=d")
	if len(r.losses) != 1 || !strings.Contains(r.losses[0], "offsets 0 to 2 of partition t-0") {
		t.Errorf("told: %q", r.losses)
	}
	if _, err := r.read(to, `{"t":{"0":4}}`); err != nil || len(r.losses) != 2 || !strings.Contains(r.losses[1], "t-1") {
		t.Errorf("a partition that is gone: %v, told %q", err, r.losses)
	}
	if _, err := r.read(to, `{"t":{"0":3,"1":0}}`); err != nil || len(r.losses) != 3 {
		t.Errorf("an end before the last one: %v, told %q", err, r.losses)
	}
}

func TestNewPartitionsAndTopicsAreFound(t *testing.T) {
	r := newRig(t)
	r.mustOpen(optPattern, "t[0-9]*")
	at := r.next("")
	if _, err := r.admin.UpdatePartitions(t.Context(), 3, "t"); err != nil {
		t.Fatal(err)
	}
	if _, err := r.admin.CreateTopics(t.Context(), 1, 1, nil, "t2", "u"); err != nil {
		t.Fatal(err)
	}
	client := r.connect(kgo.RecordPartitioner(kgo.ManualPartitioner()))
	for _, record := range []*kgo.Record{{Topic: "t", Partition: 2, Value: []byte("a")}, {Topic: "t2", Value: []byte("b")}, {Topic: "u", Value: []byte("c")}} {
		if err := client.ProduceSync(t.Context(), record).FirstErr(); err != nil {
			t.Fatal(err)
		}
	}
	to := at
	for start := time.Now(); to == at && time.Since(start) < 10*time.Second; time.Sleep(50 * time.Millisecond) {
		to = r.next(at)
	}
	if to != `{"t":{"0":0,"1":0,"2":1},"t2":{"0":1}}` {
		t.Errorf("the batch ends at %s", to)
	}
	r.want(at, to, "2:0=a", "0:0=b")
}

func TestStartingPoints(t *testing.T) {
	r := newRig(t)
	r.send(0, "a", "b", "c")
	r.send(1, "d")
	for _, c := range []struct {
		pairs       []string
		begin, fail string
	}{
		{[]string{}, `{"t":{"0":3,"1":1}}`, ""},
		{[]string{optOffsets, "Earliest"}, `{"t":{"0":0,"1":0}}`, ""},
		{[]string{optOffsets, `{"t":{"0":1,"1":-1}}`}, `{"t":{"0":1,"1":1}}`, ""},
		{[]string{optOffsets, `{"t":{"0":-2,"1":0}}`}, `{"t":{"0":0,"1":0}}`, ""},
		{[]string{optOffsets, `{"t":{"0":1}}`}, "", "KAFKA_START_OFFSET_DOES_NOT_MATCH_ASSIGNED"},
		{[]string{optOffsets, `{"t":{"0":9,"1":0}}`}, "", "KAFKA_DATA_LOSS.START_OFFSET_RESET"},
		{[]string{optTimestamp, "1000"}, `{"t":{"0":0,"1":0}}`, ""},
		{[]string{optTimestamp, "1001", optStrategy, "latest"}, `{"t":{"0":1,"1":1}}`, ""},
		{[]string{optTimestamp, "1001"}, "", "No offset matched from request of topic-partition t-1 and timestamp 1001."},
		{[]string{optTimes, `{"t":{"0":2500,"1":0}}`}, `{"t":{"0":2,"1":0}}`, ""},
		{[]string{optTimes, `{"t":{"0":2500}}`}, "", "KAFKA_TIMESTAMP_OFFSET_DOES_NOT_MATCH_ASSIGNED"},
		{[]string{optAssign, `{"t":[1]}`, optOffsets, "earliest"}, `{"t":{"1":0}}`, ""},
		{[]string{optSubscribe, "nope"}, "", "UNKNOWN_TOPIC_OR_PARTITION"},
	} {
		r.dir = t.TempDir()
		r.mustOpen(c.pairs...)
		begin, err := r.source.from(t.Context(), "")
		if c.fail != "" {
			if err == nil || !strings.Contains(err.Error(), c.fail) {
				t.Errorf("%v: %v; want %s", c.pairs, err, c.fail)
			}
			continue
		}
		if err != nil || string(begin.offset()) != c.begin {
			t.Errorf("%v: begins at %s, %v; want %s", c.pairs, begin.offset(), err, c.begin)
		}
	}
}

func TestBatchesAreLimited(t *testing.T) {
	r := newRig(t)
	r.send(0, "a", "b", "c", "d")
	r.send(1, "e", "f", "g", "h")
	r.mustOpen(optOffsets, "earliest", "maxOffsetsPerTrigger", "3", "minPartitions", "4")
	first := r.next("")
	if first != `{"t":{"0":1,"1":1}}` { // one and a half, rounded down
		t.Errorf("the first batch ends at %s", first)
	}
	if lag, metrics := r.source.Lag(), r.source.Metrics(); lag.Rows != 6 || fmt.Sprint(metrics) != "map[avgOffsetsBehindLatest:3.0 maxOffsetsBehindLatest:3 minOffsetsBehindLatest:3]" {
		t.Errorf("the lag is %+v, the metrics are %v", lag, metrics)
	}
	r.want("", first, "0:0=a", "1:0=e")
	if all, err := r.source.LatestOffset(t.Context(), first, true); err != nil || all != `{"t":{"0":4,"1":4}}` {
		t.Errorf("all there is ends at %s, %v", all, err)
	}
	r.want(first, `{"t":{"0":4,"1":4}}`, "0:1=b", "0:2=c", "0:3=d", "1:1=f", "1:2=g", "1:3=h")

	r.dir = t.TempDir()
	r.mustOpen(optOffsets, "earliest", "minOffsetsPerTrigger", "9", "maxTriggerDelay", "1h")
	if first := r.next(""); first != `{"t":{"0":4,"1":4}}` { // the first batch is never delayed
		t.Errorf("the first batch ends at %s", first)
	} else {
		r.send(0, "i")
		if to := r.next(first); to != first {
			t.Errorf("a batch to %s, although one offset waits", to)
		}
	}
	if err := r.source.FreezeEnd(t.Context()); err != nil {
		t.Fatal(err)
	}
	r.send(1, "later")
	if to, err := r.source.LatestOffset(t.Context(), `{"t":{"0":4,"1":4}}`, true); err != nil || to != `{"t":{"0":5,"1":4}}` {
		t.Errorf("after FreezeEnd, the end is %s, %v", to, err)
	}
}

func TestTasksDivideSpans(t *testing.T) {
	a, b := partitionID{"t", 0}, partitionID{"t", 1}
	for _, c := range []struct {
		spans []span
		least int
		most  int64
		want  string
	}{
		{[]span{{a, 1, 4}, {b, 0, 3}}, 0, 0, "[1,4) [0,3)"},
		{[]span{{a, 1, 4}, {b, 0, 3}}, 5, 0, "[1,2) [2,3) [3,4) [0,1) [1,2) [2,3)"},
		{[]span{{a, 1, 4}, {b, 0, 3}}, 2, 0, "[1,4) [0,3)"},
		{[]span{{a, 0, 100}, {b, 0, 1}}, 4, 0, "[0,25) [25,50) [50,75) [75,100) [0,1)"},
		{[]span{{a, 0, 5}}, 0, 2, "[0,1) [1,3) [3,5)"},
		{[]span{{a, 0, 1}}, 3, 0, "[0,1)"},
	} {
		var got []string
		for _, s := range divided(c.spans, c.least, c.most) {
			got = append(got, fmt.Sprintf("[%d,%d)", s.from, s.until))
		}
		if strings.Join(got, " ") != c.want {
			t.Errorf("%v, %d, %d: %v, want %s", c.spans, c.least, c.most, got, c.want)
		}
	}
}

// TestReadersDoNotWaitForEachOtherInVain reads both partitions and parts of one at the same time, with more than the queues hold.
func TestReadersDoNotWaitForEachOtherInVain(t *testing.T) {
	r := newRig(t)
	large := strings.Repeat("x", 100_000)
	var rows []*kgo.Record
	for i := range 400 {
		rows = append(rows, &kgo.Record{Topic: "t", Partition: int32(i % 2), Value: []byte(large)})
	}
	if err := r.client.ProduceSync(t.Context(), rows...).FirstErr(); err != nil {
		t.Fatal(err)
	}
	r.mustOpen(optOffsets, "earliest", "minPartitions", "6")
	scan := &sources.Scan{}
	scan.Fields = Schema(false).Fields
	parts, err := r.source.Plan(t.Context(), "", r.next(""), scan)
	if err != nil || len(parts) != 6 {
		t.Fatalf("%d tasks, %v", len(parts), err)
	}
	counts := make(chan int)
	slices.Reverse(parts)
	for _, p := range parts {
		go func() {
			n := 0
			defer func() { counts <- n }()
			in, err := p.Open(context.Background())
			for err == nil {
				b, next := in.Next(context.Background())
				if err = next; err == nil {
					n += b.N
				}
			}
			if !errors.Is(err, io.EOF) {
				t.Error(err)
			}
		}()
	}
	all := 0
	for range parts {
		all += <-counts
	}
	if all != len(rows) {
		t.Errorf("%d records, want %d", all, len(rows))
	}
}

// TestFaultsOfBrokers has requests fail for a while: the query waits, and reads all.
func TestFaultsOfBrokers(t *testing.T) {
	r := newRig(t)
	r.send(0, "a", "b")
	r.mustOpen(optOffsets, "earliest")
	left := 3
	r.cluster.ControlKey(int16(kmsg.ListOffsets), func(kmsg.Request) (kmsg.Response, error, bool) {
		if left--; left >= 0 {
			r.cluster.KeepControl()
			return nil, errors.New("the connection breaks"), true
		}
		return nil, nil, false
	})
	fetches := 2
	r.cluster.ControlKey(int16(kmsg.Fetch), func(q kmsg.Request) (kmsg.Response, error, bool) {
		if fetches--; fetches < 0 {
			return nil, nil, false
		}
		r.cluster.KeepControl()
		answer := q.ResponseKind().(*kmsg.FetchResponse)
		answer.ErrorCode = kerr.UnknownServerError.Code
		return answer, nil, true
	})
	r.want("", r.next(""), "0:0=a", "0:1=b")
}

func TestWaitingIsSaidOnce(t *testing.T) {
	r := newRig(t)
	r.mustOpen()
	start := time.Now()
	err := r.source.patiently(t.Context(), func(context.Context) error {
		if time.Since(start) < tellAfter+time.Second {
			return errors.New("no connection")
		}
		return nil
	})
	if text := r.log.String(); err != nil || strings.Count(text, "waiting for the Kafka brokers") != 1 || !strings.Contains(text, `reason="no connection"`) || !strings.Contains(text, "the Kafka brokers answer") {
		t.Errorf("%v, and the log is %q", err, text)
	}
}

// TestRecordsThatDoNotComeAreTold plans a batch that ends behind the last record.
func TestRecordsThatDoNotComeAreTold(t *testing.T) {
	r := newRig(t)
	r.send(0, "a")
	r.mustOpen(optOffsets, "earliest", "kafkaConsumer.pollTimeoutMs", "4000")
	r.next("")
	_, err := r.read("", `{"t":{"0":3,"1":0}}`)
	if err == nil || !strings.Contains(err.Error(), "no records of partition t-0 came from offset 1 on") {
		t.Errorf("%v", err)
	}
	if text := r.log.String(); strings.Count(text, "waiting for records of Kafka") != 1 {
		t.Errorf("the log is %q", text)
	}
}

func TestPasswordsAreChecked(t *testing.T) {
	r := &rig{t: t, dir: t.TempDir()}
	cluster, err := kfake.NewCluster(kfake.NumBrokers(1), kfake.SeedTopics(1, "t"), kfake.EnableSASL(), kfake.Superuser("SCRAM-SHA-256", "ada", `pass"word`))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(cluster.Close)
	r.cluster = cluster
	jaas := `org.apache.kafka.common.security.scram.ScramLoginModule required username="ada" password="pass\"word";`
	pairs := []string{"kafka.security.protocol", "SASL_PLAINTEXT", "kafka.sasl.mechanism", "SCRAM-SHA-256", "kafka.sasl.jaas.config"}
	r.mustOpen(append(pairs, jaas)...)
	if to := r.next(""); to != `{"t":{"0":0}}` {
		t.Errorf("the end is %s", to)
	}
	r.source.opts.patience = time.Second // the fake broker closes the connection, which may have other reasons
	if _, err := New(t.Context(), wrong(r.source.opts, strings.ReplaceAll(jaas, "ada", "eve"), r.options(pairs[:4]...)), r.source.env); err == nil {
		t.Error("a wrong user is accepted")
	}
}

// wrong returns options with other credentials.
func wrong(o *Options, jaas string, given job.Options) *Options {
	other := *o
	other.client, _ = kafka.Parse(append(given, job.Option{Name: "kafka.sasl.jaas.config", Value: jaas}), kafka.Reads)
	return &other
}

func TestOptionsAreChecked(t *testing.T) {
	servers := []string{kafka.Servers, "localhost:9092"}
	for _, c := range []struct {
		pairs []string
		want  string
	}{
		{nil, "One of the following options must be specified for Kafka source"},
		{[]string{optSubscribe, "t", optPattern, "t.*"}, "Only one of the following options can be specified for Kafka source"},
		{[]string{optSubscribe, " , "}, "No topics to subscribe to as specified value for option 'subscribe' is ','"},
		{[]string{optAssign, `{}`}, "No topicpartitions to assign as specified value for option 'assign' is '{}'"},
		{[]string{optAssign, `{"t":1}`}, `got {"t":1}`},
		{[]string{optPattern, "("}, "subscribePattern is a regular expression of Java"},
		{[]string{optSubscribe, "t", optOffsets, `{"t":1}`}, `Expected e.g. {"topicA":{"0":23,"1":-1},"topicB":{"0":-2}}, got {"t":1}`},
		{[]string{optSubscribe, "t", optTimestamp, "2026-01-01"}, "Expected a single long value, got 2026-01-01"},
		{[]string{optSubscribe, "t", "minPartitions", "0"}, "minPartitions must be positive"},
		{[]string{optSubscribe, "t", "minOffsetsPerTrigger", "5", "maxOffsetsPerTrigger", "3"}, "The value of minOffsetPerTrigger(5) is higher than the maxOffsetsPerTrigger(3)."},
		{[]string{optSubscribe, "t", "kafka.enable.auto.commit", "true"}, "Kafka option 'enable.auto.commit' is not supported."},
		{[]string{optSubscribe, "t", "kafka.security.protocol", "SASL_SSL", "kafka.sasl.mechanism", "PLAIN"}, "sasl.jaas.config is such as"},
		{[]string{optSubscribe, "t", "kafka.security.protocol", "SSL", "kafka.ssl.truststore.location", "trust.jks"}, "only stores of the type PEM are read, not JKS, the default"},
		{[]string{optSubscribe, "t", "kafka.sasl.jaas.config", "x"}, "sasl.jaas.config has no effect without security.protocol"},
		{[]string{optSubscribe, "t", kafka.Servers, "broker"}, "Invalid url in bootstrap.servers: broker"},
	} {
		var given job.Options
		pairs := append(slices.Clone(c.pairs), servers...)
		for i := 0; i < len(pairs); i += 2 {
			if _, twice := given.Get(pairs[i]); !twice {
				given = append(given, job.Option{Name: pairs[i], Value: pairs[i+1]})
			}
		}
		if _, err := ParseOptions(given); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%v: %v; want %s", c.pairs, err, c.want)
		}
	}
	if _, err := ParseOptions(job.Options{{Name: optSubscribe, Value: "t"}}); err == nil || !strings.Contains(err.Error(), "Option 'kafka.bootstrap.servers' must be specified for configuring Kafka consumer") {
		t.Errorf("without servers: %v", err)
	}
}

// batchOf is the head of a batch of records.
func batchOf(first int64, last, count int32) []byte {
	b := make([]byte, batchHead)
	for i := range 8 {
		b[7-i] = byte(first >> (8 * i))
	}
	b[11] = batchHead - 12
	for i := range 4 {
		b[batchLastDelta+3-i], b[batchCount+3-i] = byte(last>>(8*i)), byte(count>>(8*i))
	}
	return b
}

func TestGapsOfCompaction(t *testing.T) {
	for _, c := range []struct {
		batches [][]byte
		at, to  int64
	}{
		{nil, 5, 5},
		{[][]byte{batchOf(5, 2, 3)}, 5, 5},                     // records at the position
		{[][]byte{batchOf(9, 2, 3)}, 5, 9},                     // the next ones come later
		{[][]byte{batchOf(5, 4, 0)}, 5, 10},                    // a batch whose records were removed
		{[][]byte{batchOf(3, 4, 0), batchOf(8, 1, 0)}, 5, 10},  // several
		{[][]byte{batchOf(3, 4, 0), batchOf(20, 1, 2)}, 5, 20}, // and then records
		{[][]byte{batchOf(3, 4, 5)}, 5, 5},                     // a batch that the position is within
	} {
		if to := afterGap(bytes.Join(c.batches, nil), c.at); to != c.to {
			t.Errorf("%v from %d: %d, want %d", c.batches, c.at, to, c.to)
		}
	}
}
