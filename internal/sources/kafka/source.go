package kafka

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync/atomic"
	"time"

	"github.com/twmb/franz-go/pkg/kadm"
	"github.com/twmb/franz-go/pkg/kerr"
	"github.com/twmb/franz-go/pkg/kgo"

	"github.com/streamctl/streamctl/internal/checkpoint"
	"github.com/streamctl/streamctl/internal/codec"
	"github.com/streamctl/streamctl/internal/sources"
	"github.com/streamctl/streamctl/internal/sparkerr"
)

const (
	// lookAgain is how often topics and partitions are listed.
	lookAgain = time.Second
	// tellAfter is how long brokers may be away until that is said.
	tellAfter = 2 * time.Second
)

// A Source reads topics of Kafka. It has one client for the whole run, no consumer group, and commits nothing to Kafka. Its offsets are those of Spark.
// (Spark: KafkaMicroBatchStream.)
type Source struct {
	opts   *Options
	env    *sources.Env
	client *kgo.Client
	admin  *kadm.Client
	feed   *feed
	pinned *checkpoint.ValueLog
	start  positions // of the query's first batch; nil: not known yet
	frozen positions // ends that availableNow does not exceed

	partitions []partitionID // known ones
	listed     time.Time
	lastBatch  time.Time // when minOffsetsPerTrigger was last reached

	behind atomic.Pointer[distance] // of the last batch

	wake  chan struct{}
	woken atomic.Bool // since the last LatestOffset
	timer *time.Timer
}

// arrivals wakes the engine when the client has fetched records.
type arrivals struct{ source *Source }

// OnFetchRecordBuffered is called for each record.
func (a arrivals) OnFetchRecordBuffered(*kgo.Record) { a.source.signal() }

// New connects to the brokers.
func New(ctx context.Context, opts *Options, env *sources.Env) (*Source, error) {
	s := &Source{opts: opts, env: env, wake: make(chan struct{}, 1)}
	var err error
	if s.pinned, err = env.Checkpoint.PinnedValue(env.Index); err != nil {
		return nil, err
	}
	text, ok, err := s.pinned.Get()
	if err != nil {
		return nil, err
	}
	if ok {
		if s.start, err = parsePositions(text); err != nil {
			return nil, sparkerr.Plain("the first offset %q in the checkpoint is not one of a Kafka source: %s", text, err)
		}
	}
	if s.client, err = kgo.NewClient(append([]kgo.Opt{
		kgo.KeepControlRecords(), kgo.ConsumeResetOffset(kgo.NoResetOffset()), kgo.FetchMaxBytes(16 << 20), kgo.FetchMaxPartitionBytes(4 << 20),
		kgo.FetchMaxWait(500 * time.Millisecond), kgo.MetadataMinAge(lookAgain / 2), kgo.WithHooks(arrivals{s}),
	}, opts.client.Options...)...); err != nil {
		return nil, sparkerr.Plain("the Kafka client cannot be started: %s", err)
	}
	s.admin, s.feed = kadm.NewClient(s.client), newFeed(s.client, env.Log)
	if err := s.patiently(ctx, s.client.Ping); err != nil {
		s.client.Close()
		return nil, err
	}
	return s, nil
}

// patiently repeats a request until the brokers answer, as long as the source may wait for them.
func (s *Source) patiently(ctx context.Context, request func(context.Context) error) error {
	began, told := time.Now(), false
	for pause := 50 * time.Millisecond; ; pause = min(2*pause, 2*time.Second) {
		attempt, cancel := context.WithTimeout(ctx, min(s.opts.patience, 10*time.Second))
		err := request(attempt)
		cancel()
		if err == nil {
			if told {
				s.env.Log.Info("the Kafka brokers answer", "brokers", s.opts.client.ServerText())
			}
			return nil
		}
		if ctx.Err() != nil {
			return ctx.Err()
		}
		if isFinal(err) || time.Since(began) >= s.opts.patience {
			return s.failed(err)
		}
		if !told && time.Since(began)+pause >= tellAfter {
			told = true
			s.env.Log.Warn("waiting for the Kafka brokers", "brokers", s.opts.client.ServerText(), "reason", reason(err))
		}
		select {
		case <-time.After(pause):
		case <-ctx.Done():
			return ctx.Err()
		}
	}
}

// isFinal reports an error that does not go away by waiting.
func isFinal(err error) bool {
	var answer *kerr.Error
	if errors.As(err, &answer) {
		return !answer.Retriable || errors.Is(err, kerr.UnknownTopicOrPartition)
	}
	var own *sparkerr.Error
	return errors.As(err, &own) || strings.Contains(err.Error(), "tls:") || strings.Contains(err.Error(), "x509:")
}

// reason returns the text of an error without what franz-go says of its attempts.
func reason(err error) string {
	if errors.Is(err, context.DeadlineExceeded) {
		return "no answer"
	}
	return err.Error()
}

// failed returns the error for a request that failed for good.
func (s *Source) failed(err error) error {
	var own *sparkerr.Error
	if errors.As(err, &own) {
		return err
	}
	e := sparkerr.Plain("the Kafka brokers %s: %s", s.opts.client.ServerText(), reason(err))
	switch {
	case errors.Is(err, kerr.SaslAuthenticationFailed):
		e = e.WithHint("check user and password in kafka.sasl.jaas.config, and kafka.sasl.mechanism")
	case strings.Contains(err.Error(), "x509:"):
		e = e.WithHint("kafka.ssl.truststore.location names the authorities that are trusted")
	case errors.Is(err, kerr.UnknownTopicOrPartition):
		e = e.WithHint("is the name of the topic right? kafka-topics.sh --list lists them")
	default:
		e = e.WithHint("is kafka.bootstrap.servers right, and kafka.security.protocol what they expect?")
	}
	e.Cause = err
	return e
}

// Describe names the source as Spark does.
func (s *Source) Describe() string { return "KafkaV2[" + s.opts.selection + "]" }

// Recover goes on after what was logged.
func (s *Source) Recover(_ context.Context, log sources.Logged) error {
	before, err := logged(log.Before)
	if err != nil {
		return err
	}
	last, err := logged(log.Last)
	if err != nil {
		return err
	}
	for id, at := range before {
		if to, ok := last[id]; ok && to < at {
			return log.Backwards()
		}
	}
	if s.start == nil {
		return sparkerr.Plain("the checkpoint lacks the first offsets of the source, in the file %s/0", s.env.Checkpoint.SourceDir(s.env.Index)).
			WithHint("restore the directory from a copy; to process everything again, start with a new checkpoint")
	}
	return nil
}

// from returns the positions where a range begins. The first range begins where the query does.
func (s *Source) from(ctx context.Context, o sources.Offset) (positions, error) {
	if o != "" {
		return logged(o)
	}
	if s.start != nil {
		return s.start, nil
	}
	start, err := s.startingPositions(ctx)
	if err != nil {
		return nil, err
	}
	if err := s.pinned.Set(string(start.offset())); err != nil {
		return nil, err
	}
	s.start = start
	return start, nil
}

// LatestOffset asks the brokers for the ends of the partitions.
func (s *Source) LatestOffset(ctx context.Context, from sources.Offset, all bool) (sources.Offset, error) {
	s.woken.Store(false)
	begin, err := s.from(ctx, from)
	if err != nil {
		return from, err
	}
	ends, err := s.ends(ctx, begin)
	if err != nil {
		return from, err
	}
	if begin, err = s.withNew(ctx, begin, ends); err != nil {
		return from, err
	}
	newest := ends
	if !all {
		ends = s.paced(begin, ends)
	}
	s.behind.Store(newDistance(ends, newest))
	to := ends.offset()
	if to == from {
		s.feed.seek(only(begin, ends))
		s.wakeIn(lookAgain)
		return from, nil
	}
	return to, nil
}

// only returns the positions of the partitions that others has.
func only(p, others positions) positions {
	out := positions{}
	for id, at := range p {
		if _, ok := others[id]; ok {
			out[id] = at
		}
	}
	return out
}

// ends returns the ends of the partitions that there are. An end before a known position may be an answer of a broker that lags behind (KAFKA-7703), so it is
// asked again some times.
func (s *Source) ends(ctx context.Context, known positions) (positions, error) {
	if s.frozen != nil {
		return s.frozen, nil
	}
	for attempt := 0; ; attempt++ {
		ends, err := s.listEnds(ctx)
		if err != nil {
			return nil, err
		}
		behind := false
		for id, at := range known {
			end, ok := ends[id]
			behind = behind || ok && end < at
		}
		if !behind || attempt >= s.opts.retries {
			return ends, nil
		}
		select {
		case <-time.After(s.opts.retryAfter):
		case <-ctx.Done():
			return nil, ctx.Err()
		}
	}
}

// listEnds asks for the ends of all partitions: those of committed transactions if others are not read.
func (s *Source) listEnds(ctx context.Context) (positions, error) {
	if err := s.list(ctx); err != nil {
		return nil, err
	}
	list := s.admin.ListEndOffsets
	if s.opts.client.Committed {
		list = s.admin.ListCommittedOffsets
	}
	return s.offsetsOf(ctx, func(ctx context.Context) (kadm.ListedOffsets, error) { return list(ctx, topicsOf(s.partitions)...) })
}

// errUnknown says that a broker does not know a partition that there is: it has just been created, or the broker has just started.
var errUnknown = errors.New("a broker does not know it yet")

// offsetsOf returns what the brokers list, for the known partitions.
func (s *Source) offsetsOf(ctx context.Context, list func(context.Context) (kadm.ListedOffsets, error)) (positions, error) {
	out := positions{}
	err := s.patiently(ctx, func(ctx context.Context) error {
		clear(out)
		if len(s.partitions) == 0 {
			return nil
		}
		listed, err := list(ctx)
		if err != nil {
			return err
		}
		for _, id := range s.partitions {
			l, ok := listed.Lookup(id.topic, id.n)
			if !ok || errors.Is(l.Err, kerr.UnknownTopicOrPartition) {
				s.listed = time.Time{}
				if err := s.list(ctx); err != nil || !slices.Contains(s.partitions, id) {
					return cmp.Or(err, fmt.Errorf("partition %s was deleted", id))
				}
				return fmt.Errorf("partition %s: %w", id, errUnknown)
			}
			if l.Err != nil {
				return fmt.Errorf("partition %s: %w", id, l.Err)
			}
			out[id] = l.Offset
		}
		return nil
	})
	return out, err
}

func topicsOf(list []partitionID) (topics []string) {
	for _, id := range list {
		if !slices.Contains(topics, id.topic) {
			topics = append(topics, id.topic)
		}
	}
	return topics
}

// list finds the partitions, unless that was just done.
func (s *Source) list(ctx context.Context) error {
	if len(s.opts.assigned) > 0 {
		s.partitions = s.opts.assigned
		return nil
	}
	if time.Since(s.listed) < lookAgain {
		return nil
	}
	var found []partitionID
	err := s.patiently(ctx, func(ctx context.Context) error {
		topics, err := s.admin.ListTopicsWithInternal(ctx, s.opts.topics...)
		if err != nil {
			return err
		}
		found = found[:0]
		for _, t := range topics {
			if s.opts.pattern != nil {
				if match, err := s.opts.pattern.Match([]byte(t.Topic)); err != nil || !match || t.IsInternal {
					continue
				}
			}
			if t.Err != nil {
				if errors.Is(t.Err, kerr.UnknownTopicOrPartition) && s.start != nil {
					continue // it was deleted
				}
				return fmt.Errorf("topic %s: %w", t.Topic, t.Err)
			}
			for _, p := range t.Partitions.Sorted() {
				found = append(found, partitionID{t.Topic, p.Partition})
			}
		}
		return nil
	})
	if err != nil {
		return err
	}
	slices.SortFunc(found, compareIDs)
	s.partitions, s.listed = found, time.Now()
	return nil
}

// withNew adds the partitions that have appeared. They begin at their earliest offset: 0, if nothing is lost.
func (s *Source) withNew(ctx context.Context, begin, ends positions) (positions, error) {
	var added []partitionID
	for id := range ends {
		if _, ok := begin[id]; !ok {
			added = append(added, id)
		}
	}
	if len(added) == 0 {
		return begin, nil
	}
	slices.SortFunc(added, compareIDs)
	earliest, err := s.earliest(ctx)
	if err != nil {
		return nil, err
	}
	out := positions{}
	for id, at := range begin {
		out[id] = at
	}
	for _, id := range added {
		at, ok := earliest[id]
		if !ok {
			continue
		}
		if at > 0 {
			if err := s.lost("ADDED_PARTITION_DOES_NOT_START_FROM_OFFSET_ZERO", fmt.Sprintf("the new partition %s begins at offset %d, not 0", id, at)); err != nil {
				return nil, err
			}
		}
		out[id] = at
	}
	return out, nil
}

func (s *Source) earliest(ctx context.Context) (positions, error) {
	return s.offsetsOf(ctx, func(ctx context.Context) (kadm.ListedOffsets, error) {
		return s.admin.ListStartOffsets(ctx, topicsOf(s.partitions)...)
	})
}

// lost refuses to go on after a loss of records, or only tells of it. (Spark: KafkaExceptions, with the condition KAFKA_DATA_LOSS.)
func (s *Source) lost(kind, text string) error {
	if s.opts.failOnLoss {
		return sparkerr.New("KAFKA_DATA_LOSS."+kind, "what", text).
			WithHint("with the option failOnDataLoss: false, the query goes on with what there is")
	}
	s.env.Lost(&codec.Loss{Key: "kafka " + kind, Text: "records of Kafka are lost: " + text, Hint: "failOnDataLoss: true lets the query fail instead"})
	return nil
}

// paced applies minOffsetsPerTrigger and maxOffsetsPerTrigger.
func (s *Source) paced(begin, ends positions) positions {
	if s.opts.least > 0 {
		waiting := int64(0)
		for id, end := range ends {
			waiting += max(end-begin[id], 0)
		}
		if waited := time.Since(s.lastBatch); waiting < s.opts.least && waited < s.opts.longestDelay {
			s.wakeIn(min(s.opts.longestDelay-waited, lookAgain))
			return only(begin, ends)
		}
		s.lastBatch = time.Now()
	}
	if s.opts.most > 0 {
		return limited(s.opts.most, begin, ends)
	}
	return ends
}

// Plan divides the offsets between two positions into tasks.
func (s *Source) Plan(ctx context.Context, from, to sources.Offset, scan *sources.Scan) ([]sources.Partition, error) {
	begin, err := s.from(ctx, from)
	if err != nil {
		return nil, err
	}
	ends, err := logged(to)
	if err != nil {
		return nil, err
	}
	if len(s.partitions) == 0 {
		if err := s.list(ctx); err != nil {
			return nil, err
		}
	}
	if begin, err = s.withNew(ctx, begin, ends); err != nil {
		return nil, err
	}
	var gone []partitionID
	for id := range begin.all() {
		if _, ok := ends[id]; !ok {
			gone = append(gone, id)
		}
	}
	if len(gone) > 0 {
		if err := s.lost("PARTITIONS_DELETED", fmt.Sprintf("the partitions %v are gone", gone)); err != nil {
			return nil, err
		}
		s.feed.drop(gone)
	}
	var spans []span
	for id, until := range ends.all() {
		at, ok := begin[id]
		if ok && until < at {
			if err := s.lost("PARTITION_OFFSET_CHANGED", fmt.Sprintf("partition %s ended at offset %d, and now at %d", id, at, until)); err != nil {
				return nil, err
			}
		}
		if ok && until > at {
			spans = append(spans, span{id, at, until})
		}
	}
	if scan.Empty {
		return nil, nil
	}
	starts := positions{}
	for _, p := range spans {
		starts[p.partitionID] = p.from
	}
	s.feed.seek(starts)
	var parts []sources.Partition
	for i, p := range divided(spans, s.opts.tasks, s.opts.perTask) {
		parts = append(parts, &partition{span: p, source: s, scan: scan, task: i})
	}
	return parts, nil
}

// FreezeEnd fixes the ends of the partitions.
func (s *Source) FreezeEnd(ctx context.Context) (err error) {
	s.frozen, err = s.listEnds(ctx)
	return err
}

// Wake tells of fetched records, and every second, to look for new partitions.
func (s *Source) Wake() <-chan struct{} { return s.wake }

func (s *Source) signal() {
	if s.woken.Swap(true) {
		return
	}
	select {
	case s.wake <- struct{}{}:
	default:
	}
}

func (s *Source) wakeIn(d time.Duration) {
	if s.timer != nil {
		s.timer.Stop()
	}
	s.timer = time.AfterFunc(d, s.signal)
}

// Close disconnects.
func (s *Source) Close() error {
	if s.timer != nil {
		s.timer.Stop()
	}
	s.client.Close()
	return nil
}
