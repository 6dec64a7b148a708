package codec

import (
	"strconv"

	"github.com/streamctl/streamctl/internal/sparkerr"
)

// A Sample takes an even share of the records that a schema is inferred from: the option samplingRatio.
type Sample struct{ ratio, share float64 }

// NewSample reads the option; without it all records are taken.
func NewSample(v Values) (*Sample, error) {
	text := v.Text("samplingRatio", "1")
	ratio, err := strconv.ParseFloat(text, 64)
	if err != nil || !(ratio > 0) {
		return nil, sparkerr.Plain("samplingRatio (%s) should be greater than 0", text)
	}
	return &Sample{ratio: min(ratio, 1), share: 1}, nil
}

// Takes decides on the next record; the first one is always taken.
func (s *Sample) Takes() bool {
	taken := s.share >= 1
	if taken {
		s.share--
	}
	s.share += s.ratio
	return taken
}
