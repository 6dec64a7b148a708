package sinks

import (
	"github.com/streamctl/streamctl/internal/codec/arrow"
	"github.com/streamctl/streamctl/internal/codec/csv"
	"github.com/streamctl/streamctl/internal/codec/json"
	"github.com/streamctl/streamctl/internal/codec/markdown"
	"github.com/streamctl/streamctl/internal/codec/parquet"
	"github.com/streamctl/streamctl/internal/codec/text"
	"github.com/streamctl/streamctl/internal/job"
	"github.com/streamctl/streamctl/internal/types"
)

// New returns the sink of a stream.
func New(s *job.Stream, schema *types.Schema, env Env) (Sink, error) {
	for _, f := range []*Format{Console, Of(csv.Codec), Of(json.Codec), Of(text.Codec), Of(csv.Tabs), Tables, Of(markdown.Codec), Of(parquet.Codec), Of(arrow.Codec)} {
		if f.Name == s.Sink.Format {
			return f.New(s, schema, env)
		}
	}
	return Noop.New(s, schema, env)
}
