package kafka

import (
	"cmp"
	"encoding/json"
	"iter"
	"maps"
	"slices"
	"strconv"

	"github.com/streamctl/streamctl/internal/sources"
	"github.com/streamctl/streamctl/internal/sparkerr"
)

// A partitionID names a partition of a topic.
type partitionID struct {
	topic string
	n     int32
}

func (p partitionID) String() string { return p.topic + "-" + strconv.Itoa(int(p.n)) }

func compareIDs(a, b partitionID) int {
	return cmp.Or(cmp.Compare(a.topic, b.topic), cmp.Compare(a.n, b.n))
}

// positions are offsets by partition: that of the next record to read.
type positions map[partitionID]int64

// sorted returns the partitions by topic and number.
func (p positions) sorted() []partitionID { return slices.SortedFunc(maps.Keys(p), compareIDs) }

// all returns the partitions and their offsets by topic and number.
func (p positions) all() iter.Seq2[partitionID, int64] {
	return func(yield func(partitionID, int64) bool) {
		for _, id := range p.sorted() {
			if !yield(id, p[id]) {
				return
			}
		}
	}
}

// offset returns the positions in the form of Spark's offset log: {"t":{"0":4,"1":7}}. (Spark: JsonUtils.partitionOffsets.)
func (p positions) offset() sources.Offset {
	b := []byte{'{'}
	topic := ""
	for id, at := range p.all() {
		if id.topic != topic || len(b) == 1 {
			if len(b) > 1 {
				b = append(b, '}', ',')
			}
			topic = id.topic
			name, _ := json.Marshal(topic) // a string has no errors
			b = append(append(b, name...), ':', '{')
		} else {
			b = append(b, ',')
		}
		b = append(strconv.AppendInt(append(b, '"'), int64(id.n), 10), '"', ':')
		b = strconv.AppendInt(b, at, 10)
	}
	if len(p) > 0 {
		b = append(b, '}')
	}
	return sources.Offset(append(b, '}'))
}

// parsePositions reads {"t":{"0":4,"1":7}}.
func parsePositions(text string) (positions, error) {
	var byTopic map[string]map[string]int64
	if err := json.Unmarshal([]byte(text), &byTopic); err != nil {
		return nil, err
	}
	p := positions{}
	for topic, list := range byTopic {
		for number, at := range list {
			n, err := strconv.ParseInt(number, 10, 32)
			if err != nil || n < 0 {
				return nil, sparkerr.Plain("%q is not the number of a partition", number)
			}
			p[partitionID{topic, int32(n)}] = at
		}
	}
	return p, nil
}

// logged reads an offset of a checkpoint. "" has no partitions.
func logged(o sources.Offset) (positions, error) {
	if o == "" {
		return positions{}, nil
	}
	p, err := parsePositions(string(o))
	if err != nil {
		return nil, sparkerr.Plain("the offset %s in the checkpoint is not one of a Kafka source", o).
			WithHint("the checkpoint belongs to another source; start with a new one")
	}
	return p, nil
}

// A span is the offsets [from, until) of a partition.
type span struct {
	partitionID
	from, until int64
}

func (s span) size() int64 { return s.until - s.from }

// limited returns the ends of a batch of about limit offsets: each partition has a share in proportion to what is waiting in it, rounded down, but up if it is
// below 1. (Spark: KafkaMicroBatchStream.rateLimit.)
func limited(limit int64, from, until positions) positions {
	total := int64(0)
	for id, end := range until {
		if begin, ok := from[id]; ok && end > begin {
			total += end - begin
		}
	}
	if total < 1 {
		return until
	}
	out := positions{}
	for id, end := range until {
		begin, ok := from[id]
		size := end - begin
		if !ok || size <= 0 {
			out[id] = end
			continue
		}
		share := float64(limit) * (float64(size) / float64(total))
		take := int64(share)
		if share < 1 && share > 0 {
			take = 1
		}
		out[id] = min(begin+take, end)
	}
	return out
}

// divided splits the spans into tasks: none larger than most, if that is not 0, and at least least of them in all, if the spans have as many offsets.
// (Spark: KafkaOffsetRangeCalculator.)
func divided(spans []span, least int, most int64) []span {
	if most > 0 {
		var out []span
		for _, s := range spans {
			parts := (s.size() + most - 1) / most
			out = append(out, s.split(parts)...)
		}
		spans = out
	}
	if len(spans) >= least {
		return spans
	}
	total := int64(0)
	for _, s := range spans {
		total += s.size()
	}
	var out []span
	for _, s := range spans {
		parts := int64(float64(s.size())/float64(total)*float64(least) + 0.5)
		out = append(out, s.split(max(parts, 1))...)
	}
	return out
}

// split divides a span into n of equal size; the last ones take what is left over.
func (s span) split(n int64) (out []span) {
	left, at := s.size(), s.from
	for part := range n {
		size := left / (n - part)
		left -= size
		if size > 0 {
			out = append(out, span{s.partitionID, at, at + size})
		}
		at += size
	}
	return out
}
