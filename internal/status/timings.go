package status

import "maps"

// batchBounds are the upper bounds of the buckets of the histogram of batch durations, in seconds.
var batchBounds = []float64{0.01, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 300}

// timings sum up how long batches took.
type timings struct {
	buckets []int64 // how many batches took at most as long as each bound
	count   int64
	parts   map[string]int64 // milliseconds by part
}

func (t *timings) add(p *Progress) {
	if t.buckets == nil {
		t.buckets, t.parts = make([]int64, len(batchBounds)), map[string]int64{}
	}
	t.count++
	for i, bound := range batchBounds {
		if float64(p.BatchDuration) <= bound*1000 {
			t.buckets[i]++
		}
	}
	for part, ms := range p.DurationMs {
		t.parts[part] += ms
	}
}

func (t *timings) clone() timings {
	return timings{append([]int64(nil), t.buckets...), t.count, maps.Clone(t.parts)}
}
