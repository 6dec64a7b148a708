package sinks

import (
	"github.com/streamctl/streamctl/internal/codec"
	"github.com/streamctl/streamctl/internal/codec/arrow"
	"github.com/streamctl/streamctl/internal/codec/csv"
	"github.com/streamctl/streamctl/internal/codec/json"
	"github.com/streamctl/streamctl/internal/codec/parquet"
	"github.com/streamctl/streamctl/internal/codec/text"
	"github.com/streamctl/streamctl/internal/job"
	"github.com/streamctl/streamctl/internal/sparkerr"
	"github.com/streamctl/streamctl/internal/types"
)

// codecs are those of the formats that files and standard output can have.
var codecs = []*codec.Codec{csv.Codec, json.Codec, text.Codec, csv.Tabs, parquet.Codec, arrow.Codec}

// newEncoding returns the encoding of a stream's sink after checking that encoders can be created from the options and columns.
// On standard output each format has one fixed form; files have Spark's form.
func newEncoding(s *job.Stream, schema *types.Schema, env Env) (*codec.Encoding, error) {
	var encode func(codec.Rows) (*codec.Encoding, error)
	for _, c := range codecs {
		switch {
		case c.Name != s.Sink.Format:
		case s.Sink.Path == "-":
			encode = c.Stream
		default:
			encode = c.File
		}
	}
	if encode == nil {
		return nil, sparkerr.Internal("no encoder for the format %s", s.Sink.Format)
	}
	e, err := encode(codec.Rows{Fields: schema.Fields, Options: s.Sink.Options.Values(), Conf: env.Job.Conf, Zone: env.Zone})
	if err == nil {
		_, err = e.Encoder()
	}
	return e, err
}
