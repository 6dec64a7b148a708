package engine

import (
	"github.com/streamctl/streamctl/internal/vector"
)

const (
	// mostSamples is how many malformed records, and how many late rows, of an input are kept as samples: the first ones of the newest batch that has any.
	mostSamples = 5
	// longestSample is the maximum number of bytes of a sample.
	longestSample = 400
)

// A Sample is a malformed record, or a row that came too late, for people who look at a query.
type Sample struct {
	Input  string `json:"input"`
	Batch  int64  `json:"batchId"`
	Late   bool   `json:"late"`
	File   string `json:"file,omitempty"`
	Line   int64  `json:"line,omitempty"` // 0: unknown
	Column string `json:"column,omitempty"`
	Reason string `json:"reason"`
	Record string `json:"record"` // its beginning
}

// sampled is what is kept of a kind of records.
type sampled struct {
	batch int64
	list  []Sample
}

// add keeps a sample of a batch if there is room.
func (s *sampled) add(batch int64, sample func() Sample) {
	if s.batch != batch {
		*s = sampled{batch: batch}
	}
	if len(s.list) < mostSamples {
		s.list = append(s.list, sample())
	}
}

// sample completes a sample of the current batch.
func (r *rejects) sample(s Sample, file *vector.File, record []byte) Sample {
	s.Batch, s.Record = r.batch, string(cutText(record, longestSample))
	if len(record) > longestSample {
		s.Record += "…"
	}
	if file != nil {
		s.File = file.Path
	}
	return s
}

// addTo adds the counts and samples to the status of the query.
func (r *rejects) addTo(s *Status, input string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	s.Malformed += r.count
	s.Dropped += r.dropped
	for i := range r.samples {
		for _, one := range r.samples[i].list {
			one.Input = input
			s.Samples = append(s.Samples, one)
		}
	}
}
