package sinks

import (
	"strings"

	"github.com/streamctl/streamctl/internal/job"
	"github.com/streamctl/streamctl/internal/sparkerr"
	"github.com/streamctl/streamctl/internal/types"
	"github.com/streamctl/streamctl/internal/vector"
)

// An encoder turns batches into the bytes of a format. It belongs to one goroutine.
type encoder interface {
	// Header appends what stands before the first row.
	Header(dst []byte) ([]byte, error)
	// Append appends the selected rows of b.
	Append(dst []byte, b *vector.Batch) ([]byte, error)
}

// A format makes the encoders of a sink.
type format struct {
	name    string
	check   func() error // what Spark finds when the first batch is written
	encoder func() (encoder, error)
	suffix  string
}

func (f *format) extension() string { return "." + f.suffix }

// newFormat reads the options of a stream's sink.
func newFormat(s *job.Stream, schema *types.Schema, env Env) (*format, error) {
	options := map[string]string{}
	for _, o := range s.Sink.Options {
		options[strings.ToLower(o.Name)] = o.Value
	}
	return nil, sparkerr.Plain("the format %s cannot be written", s.Sink.Format)
}
