package kafka

import (
	"strconv"

	"github.com/streamctl/streamctl/internal/sources"
	"github.com/streamctl/streamctl/internal/valuetext"
)

// A distance is how many offsets a batch ends before the ends of the partitions.
type distance struct{ least, most, sum, partitions int64 }

func newDistance(to, ends positions) *distance {
	d := &distance{}
	for id, end := range ends {
		n := max(end-to[id], 0)
		if d.partitions == 0 || n < d.least {
			d.least = n
		}
		d.most, d.sum, d.partitions = max(d.most, n), d.sum+n, d.partitions+1
	}
	return d
}

// Lag returns the offsets that no batch has taken yet, as of the last look.
func (s *Source) Lag() sources.Lag {
	if d := s.behind.Load(); d != nil {
		return sources.Lag{Rows: d.sum}
	}
	return sources.Lag{}
}

// Metrics returns these offsets by partition: the least, the most and the mean. (Spark: KafkaMicroBatchStream.metrics.)
func (s *Source) Metrics() map[string]string {
	d := s.behind.Load()
	if d == nil || d.partitions == 0 {
		return nil
	}
	mean := string(valuetext.AppendDouble(nil, float64(d.sum)/float64(d.partitions)))
	return map[string]string{
		"minOffsetsBehindLatest": strconv.FormatInt(d.least, 10), "maxOffsetsBehindLatest": strconv.FormatInt(d.most, 10), "avgOffsetsBehindLatest": mean,
	}
}
