package codec

import (
	"strconv"

	"github.com/streamctl/streamctl/internal/sparkerr"
)

// A Sample selects an evenly spaced share of the records for schema inference, as set by the option samplingRatio.
type Sample struct{ ratio, share float64 }

// NewSample reads samplingRatio; by default all records are selected.
func NewSample(v Values) (*Sample, error) {
	text := v.Text("samplingRatio", "1")
	ratio, err := strconv.ParseFloat(text, 64)
	if err != nil || !(ratio > 0) {
		return nil, sparkerr.Plain("samplingRatio (%s) should be greater than 0", text)
	}
	return &Sample{ratio: min(ratio, 1), share: 1}, nil
}

// Takes decides whether the next record is selected; the first one always is.
func (s *Sample) Takes() bool {
	taken := s.share >= 1
	if taken {
		s.share--
	}
	s.share += s.ratio
	return taken
}
