package kafka

import (
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"log/slog"
	"sync"
	"sync/atomic"
	"time"

	"github.com/twmb/franz-go/pkg/kerr"
	"github.com/twmb/franz-go/pkg/kgo"
	"github.com/twmb/franz-go/pkg/kmsg"

	"github.com/streamctl/streamctl/internal/sparkerr"
)

const (
	// queueBytes is what waits of a partition until the client fetches no more of it.
	queueBytes = 8 << 20
	// pollRecords is the number of records that are taken from the client at a time.
	pollRecords = 4096
	// quiet is how long a reader waits for records until it looks whether there are any.
	quiet = time.Second
)

// errOutOfRange says that a partition has no record at a position.
var errOutOfRange = errors.New("out of range")

// A feed is the records that a client fetches, by partition. Readers of a batch take what they need; what comes after the batch waits for the next one.
type feed struct {
	client  *kgo.Client
	polling chan struct{} // holds a value unless a reader asks the client
	log     *slog.Logger
	told    atomic.Bool // that records do not come; until some do

	mu     sync.Mutex
	queues map[partitionID]*queue
}

// A queue has the records of a partition from a position on.
type queue struct {
	records []*kgo.Record
	at      int64 // offset from which on the records are
	bytes   int
	paused  bool
	err     error
	moved   chan struct{} // closed when at changes
}

func newFeed(client *kgo.Client, log *slog.Logger) *feed {
	f := &feed{client: client, log: log, polling: make(chan struct{}, 1), queues: map[partitionID]*queue{}}
	f.polling <- struct{}{}
	return f
}

// seek has the client fetch partitions from some positions on, unless it does so already.
func (f *feed) seek(to positions) {
	add, set := map[string]map[int32]kgo.Offset{}, map[string]map[int32]kgo.EpochOffset{}
	f.mu.Lock()
	defer f.mu.Unlock()
	for id, at := range to {
		q := f.queues[id]
		switch {
		case q == nil:
			f.queues[id] = &queue{at: at, moved: make(chan struct{})}
			if add[id.topic] == nil {
				add[id.topic] = map[int32]kgo.Offset{}
			}
			add[id.topic][id.n] = kgo.NewOffset().At(at)
			continue
		case q.at == at && q.err == nil:
			continue
		case q.err == nil && q.skip(at):
			f.resume(id, q)
			continue
		}
		if set[id.topic] == nil {
			set[id.topic] = map[int32]kgo.EpochOffset{}
		}
		set[id.topic][id.n] = kgo.EpochOffset{Epoch: -1, Offset: at}
		*q = queue{at: at, paused: q.paused, moved: q.moved}
		q.tell()
		f.resume(id, q)
	}
	if len(add) > 0 {
		f.client.AddConsumePartitions(add)
	}
	if len(set) > 0 {
		f.client.SetOffsets(set)
	}
}

// tell wakes the readers that wait for the position of the queue.
func (q *queue) tell() {
	close(q.moved)
	q.moved = make(chan struct{})
}

// skip moves on to a position that is not before the queue's, if records of it wait.
func (q *queue) skip(at int64) bool {
	if at < q.at || len(q.records) == 0 || q.records[len(q.records)-1].Offset < at {
		return false
	}
	q.take(at, len(q.records))
	q.at = at
	q.tell()
	return true
}

// take removes the first records with an offset below until, n at most.
func (q *queue) take(until int64, n int) []*kgo.Record {
	k := 0
	for k < min(n, len(q.records)) && q.records[k].Offset < until {
		q.bytes -= sizeOf(q.records[k])
		k++
	}
	taken := q.records[:k:k]
	q.records = q.records[k:]
	return taken
}

// sizeOf is about the memory that a record takes.
func sizeOf(r *kgo.Record) int { return 200 + len(r.Key) + len(r.Value) }

// drop forgets partitions.
func (f *feed) drop(list []partitionID) {
	if len(list) == 0 {
		return
	}
	remove := map[string][]int32{}
	f.mu.Lock()
	defer f.mu.Unlock()
	for _, id := range list {
		remove[id.topic] = append(remove[id.topic], id.n)
		delete(f.queues, id)
	}
	f.client.RemoveConsumePartitions(remove)
}

// next returns records of a partition from a position on, with offsets below until, and the position after them. There may be none: offsets
// have gaps. It waits until another reader has come as far as the position.
func (f *feed) next(ctx context.Context, id partitionID, at, until int64, n int, patience time.Duration) ([]*kgo.Record, int64, error) {
	start, looked := time.Now(), time.Now()
	for {
		f.mu.Lock()
		q := f.queues[id]
		if q == nil {
			f.mu.Unlock()
			return nil, at, sparkerr.Internal("partition %s is not being read", id)
		}
		if q.at < at {
			moved := q.moved
			f.mu.Unlock()
			select {
			case <-moved:
			case <-ctx.Done():
				return nil, at, ctx.Err()
			}
			continue
		}
		if q.at > at {
			f.mu.Unlock()
			return nil, at, sparkerr.Internal("partition %s was read up to %d before %d", id, q.at, at)
		}
		if len(q.records) > 0 {
			taken := q.take(until, n)
			if q.at = until; len(q.records) > 0 && q.records[0].Offset < until {
				q.at = q.records[0].Offset
			} else if len(q.records) == 0 && len(taken) > 0 {
				q.at = taken[len(taken)-1].Offset + 1
			}
			q.tell()
			f.resume(id, q)
			at = q.at
			f.mu.Unlock()
			return taken, at, nil
		}
		err := q.err
		f.mu.Unlock()
		if err != nil {
			return nil, at, err
		}
		if time.Since(looked) > quiet {
			to, err := f.look(ctx, id, at)
			if err == nil && to > at {
				f.advance(id, at, min(to, until))
				return nil, min(to, until), nil
			}
			if time.Since(start) > tellAfter && !f.told.Swap(true) {
				f.log.Warn("waiting for records of Kafka", "partition", id.String(), "offset", at)
			}
			if looked = time.Now(); time.Since(start) > patience {
				return nil, at, silent(id, at, patience, err)
			}
		}
		if err := f.poll(ctx); err != nil {
			return nil, at, err
		}
	}
}

// silent returns the error for a partition whose records do not come.
func silent(id partitionID, at int64, patience time.Duration, err error) error {
	e := sparkerr.Plain("no records of partition %s came from offset %d on in %v", id, at, patience).
		WithHint("are its brokers alive? The option kafkaConsumer.pollTimeoutMs is the time to wait")
	e.Cause = err
	return e
}

// advance moves the position of a partition over offsets without records.
func (f *feed) advance(id partitionID, from, to int64) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if q := f.queues[id]; q != nil && q.at == from && len(q.records) == 0 {
		q.at = to
		q.tell()
	}
}

// resume has the client go on with a partition of which little waits. f.mu is locked.
func (f *feed) resume(id partitionID, q *queue) {
	if q.paused && q.bytes < queueBytes/2 {
		q.paused = false
		f.client.ResumeFetchPartitions(map[string][]int32{id.topic: {id.n}})
	}
}

// poll puts records that the client has fetched into the queues. It returns soon if there are none. One reader polls at a time; the others wait for it.
func (f *feed) poll(ctx context.Context) error {
	select {
	case <-f.polling:
	case <-ctx.Done():
		return ctx.Err()
	case <-time.After(quiet / 10): // the other reader may have got ours
		return nil
	}
	defer func() { f.polling <- struct{}{} }()
	f.mu.Lock()
	waiting := false
	for _, q := range f.queues {
		waiting = waiting || len(q.records) > 0
	}
	f.mu.Unlock()
	limit := quiet / 4
	if waiting { // another reader may want these meanwhile, or this one
		limit = quiet / 50
	}
	polled, cancel := context.WithTimeout(ctx, limit)
	defer cancel()
	fetches := f.client.PollRecords(polled, pollRecords)
	if err := ctx.Err(); err != nil {
		return err
	}
	if fetches.IsClientClosed() {
		return sparkerr.Internal("the Kafka client is closed")
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	pause := map[string][]int32{}
	if fetches.NumRecords() > 0 {
		f.told.Store(false)
	}
	fetches.EachPartition(func(p kgo.FetchTopicPartition) {
		id := partitionID{p.Topic, p.Partition}
		q := f.queues[id]
		if q == nil {
			return
		}
		q.add(p.Records)
		if q.bytes > queueBytes && !q.paused {
			q.paused = true
			pause[id.topic] = append(pause[id.topic], id.n)
		}
		switch err := p.Err; {
		case err == nil:
		case errors.Is(err, kerr.OffsetOutOfRange):
			q.err = errOutOfRange
		case !errors.Is(err, context.DeadlineExceeded) && !errors.Is(err, context.Canceled):
			q.err = fmt.Errorf("partition %s: %w", id, err)
		}
	})
	if len(pause) > 0 {
		f.client.PauseFetchPartitions(pause)
	}
	return nil
}

// add appends fetched records. Those before the position are of a fetch that began earlier.
func (q *queue) add(records []*kgo.Record) {
	next := q.at
	if len(q.records) > 0 {
		next = q.records[len(q.records)-1].Offset + 1
	}
	for _, r := range records {
		if r.Offset >= next {
			q.records = append(q.records, r)
			q.bytes += sizeOf(r)
			next = r.Offset + 1
		}
	}
}

// look asks the leader of a partition what follows a position, and returns the next position with a record, or after batches without one. Compaction leaves such
// gaps, also at the end of a log, and the client does not tell of them.
func (f *feed) look(ctx context.Context, id partitionID, at int64) (int64, error) {
	ctx, cancel := context.WithTimeout(ctx, 5*time.Second)
	defer cancel()
	request := kmsg.NewPtrFetchRequest()
	request.MaxBytes, request.MaxWaitMillis = 1<<20, 0
	topic := kmsg.NewFetchRequestTopic()
	topic.Topic = id.topic
	if ids := f.topicID(ctx, id.topic); ids != nil {
		topic.TopicID = *ids
	}
	part := kmsg.NewFetchRequestTopicPartition()
	part.Partition, part.FetchOffset, part.PartitionMaxBytes, part.CurrentLeaderEpoch = id.n, at, 1<<20, -1
	topic.Partitions = append(topic.Partitions, part)
	request.Topics = append(request.Topics, topic)
	leader, _, err := f.client.PartitionLeader(id.topic, id.n)
	if err != nil {
		return at, err
	}
	answer, err := f.client.Broker(int(leader)).RetriableRequest(ctx, request)
	if err != nil {
		return at, err
	}
	topics := answer.(*kmsg.FetchResponse).Topics
	if len(topics) == 0 || len(topics[0].Partitions) == 0 {
		return at, nil
	}
	p := &topics[0].Partitions[0]
	if err := kerr.ErrorForCode(p.ErrorCode); err != nil {
		return at, err
	}
	return afterGap(p.RecordBatches, at), nil
}

// topicID returns the identifier of a topic, by which newer brokers are asked.
func (f *feed) topicID(ctx context.Context, topic string) *[16]byte {
	request := kmsg.NewPtrMetadataRequest()
	t := kmsg.NewMetadataRequestTopic()
	t.Topic = kmsg.StringPtr(topic)
	request.Topics = append(request.Topics, t)
	answer, err := request.RequestWith(ctx, f.client)
	if err != nil || len(answer.Topics) != 1 {
		return nil
	}
	return &answer.Topics[0].TopicID
}

// The head of a batch of records: its first offset, its length, …, the difference of its last offset, …, and the number of records.
const (
	batchLastDelta = 23
	batchCount     = 57
	batchHead      = 61
)

// afterGap returns the position after the batches without records that begin at a position, or that of the first batch if it begins later.
func afterGap(batches []byte, at int64) int64 {
	for len(batches) >= batchHead {
		first := int64(binary.BigEndian.Uint64(batches))
		if first > at {
			return first
		}
		last := first + int64(int32(binary.BigEndian.Uint32(batches[batchLastDelta:])))
		if binary.BigEndian.Uint32(batches[batchCount:]) != 0 && last >= at {
			return at
		}
		at = max(at, last+1)
		size := 12 + int64(binary.BigEndian.Uint32(batches[8:]))
		if size > int64(len(batches)) {
			break
		}
		batches = batches[size:]
	}
	return at
}
