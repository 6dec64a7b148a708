package kafka

import (
	"context"
	"fmt"
	"maps"
	"slices"

	"github.com/twmb/franz-go/pkg/kadm"

	"github.com/streamctl/streamctl/internal/sparkerr"
)

// startingPositions returns where a query without a checkpoint begins. (Spark: KafkaOffsetReader.)
func (s *Source) startingPositions(ctx context.Context) (positions, error) {
	if err := s.list(ctx); err != nil {
		return nil, err
	}
	o := &s.opts.start
	switch {
	case o.timestamp != nil:
		times := positions{}
		for _, id := range s.partitions {
			times[id] = *o.timestamp
		}
		return s.positionsAt(ctx, times)
	case o.times != nil:
		if err := s.named(o.times, "KAFKA_TIMESTAMP_OFFSET_DOES_NOT_MATCH_ASSIGNED"); err != nil {
			return nil, err
		}
		return s.positionsAt(ctx, o.times)
	case o.offsets != nil:
		return s.specific(ctx, o.offsets)
	case o.at == earliest:
		return s.earliest(ctx)
	}
	return s.listEnds(ctx)
}

// named checks that an option names exactly the partitions that there are.
func (s *Source) named(given positions, condition string) error {
	all := true
	for _, id := range s.partitions {
		_, ok := given[id]
		all = all && ok
	}
	if all && len(given) == len(s.partitions) {
		return nil
	}
	return sparkerr.New(condition, "specified", fmt.Sprint(given.sorted()), "assigned", fmt.Sprint(s.partitions)).
		WithHint("name all partitions; as an offset, -1 is latest and -2 earliest")
}

// specific returns given offsets, with the earliest and latest ones looked up.
func (s *Source) specific(ctx context.Context, given positions) (positions, error) {
	if err := s.named(given, "KAFKA_START_OFFSET_DOES_NOT_MATCH_ASSIGNED"); err != nil {
		return nil, err
	}
	first, err := s.earliest(ctx)
	if err != nil {
		return nil, err
	}
	last, err := s.listEnds(ctx)
	if err != nil {
		return nil, err
	}
	out := maps.Clone(given)
	for id, at := range given.all() {
		switch {
		case at == earliest:
			out[id] = first[id]
		case at == latest:
			out[id] = last[id]
		case at < first[id] || at > last[id]:
			// Spark's client resets such an offset to the earliest one, and Spark reports that.
			text := fmt.Sprintf("partition %s has the offsets %d to %d, and was to be read from %d on", id, first[id], last[id], at)
			if err := s.lost("START_OFFSET_RESET", text); err != nil {
				return nil, err
			}
			out[id] = first[id]
		}
	}
	return out, nil
}

// positionsAt returns the offsets of the first records whose time is not before that of their partition.
func (s *Source) positionsAt(ctx context.Context, times positions) (positions, error) {
	out := positions{}
	for _, millis := range slices.Sorted(maps.Values(times)) {
		young := map[partitionID]bool{}
		found, err := s.offsetsOf(ctx, func(ctx context.Context) (kadm.ListedOffsets, error) {
			listed, err := s.admin.ListOffsetsAfterMilli(ctx, millis, topicsOf(s.partitions)...)
			listed.Each(func(l kadm.ListedOffset) { young[partitionID{l.Topic, l.Partition}] = l.Timestamp >= 0 })
			return listed, err
		})
		if err != nil {
			return nil, err
		}
		for id, at := range found {
			if times[id] != millis {
				continue
			}
			if !young[id] && !s.opts.start.orLatest {
				return nil, sparkerr.Plain("No offset matched from request of topic-partition %s and timestamp %d.", id, millis).
					WithHint("startingOffsetsByTimestampStrategy: latest begins with the next record")
			}
			out[id] = at
		}
	}
	return out, nil
}
