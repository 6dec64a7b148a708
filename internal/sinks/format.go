package sinks

import (
	"sync"

	"github.com/streamctl/streamctl/internal/codec"
	"github.com/streamctl/streamctl/internal/codec/arrow"
	"github.com/streamctl/streamctl/internal/codec/compress"
	"github.com/streamctl/streamctl/internal/codec/csv"
	"github.com/streamctl/streamctl/internal/codec/json"
	"github.com/streamctl/streamctl/internal/codec/parquet"
	"github.com/streamctl/streamctl/internal/codec/text"
	"github.com/streamctl/streamctl/internal/job"
	"github.com/streamctl/streamctl/internal/sparkerr"
	"github.com/streamctl/streamctl/internal/types"
)

// A format creates the encoders of a sink, one per partition.
type format struct {
	name    string
	suffix  string // of part files
	encoder func() (codec.Encoder, error)
	// compression of part files
	compression *compress.Codec
	// joiner creates the joiner that assembles a part file from encoder output; nil means that the output itself is the file.
	joiner func() (codec.Joiner, error)
}

// newFormat returns the format of a stream's sink after checking that encoders can be created from the options and columns.
// On standard output each format has one fixed form; files have Spark's form.
func newFormat(s *job.Stream, schema *types.Schema, env Env) (*format, error) {
	f, err := formatOf(s, schema, env)
	if err == nil {
		_, err = f.encoder()
	}
	return f, err
}

func formatOf(s *job.Stream, schema *types.Schema, env Env) (*format, error) {
	fields := schema.Fields
	options := map[string]string{}
	for _, o := range s.Sink.Options {
		options[o.Name] = o.Value
	}
	f := &format{name: s.Sink.Format, suffix: "." + s.Sink.Format, compression: compress.None}
	plain := s.Sink.Path == "-"
	switch {
	case f.name == "csv" && plain:
		f.encoder = func() (codec.Encoder, error) { return csv.NewEncoder(fields, csv.PlainWriteOptions(), env.Zone) }
	case f.name == "json":
		read := sync.OnceValues(func() (*json.WriteOptions, error) {
			o, err := json.ParseWriteOptions(options)
			if err == nil && !plain {
				err = json.CheckTypes(fields)
			}
			return o, err
		})
		f.encoder = withOptions(read, func(o *json.WriteOptions) (codec.Encoder, error) { return json.NewEncoder(fields, o, env.Zone) })
	case f.name == "arrow":
		f.encoder = func() (codec.Encoder, error) { return arrow.NewEncoder(fields, env.Zone), nil }
	case f.name == "parquet":
		return f, f.parquet(fields, options, env.Job.Conf)
	case f.name == "tsv":
		f.encoder = func() (codec.Encoder, error) { return csv.NewEncoder(fields, csv.TabWriteOptions(), env.Zone) }
	case f.name == "text" && plain:
		f.encoder = func() (codec.Encoder, error) { return text.NewValueEncoder(fields, env.Zone) }
	case f.name == "csv":
		if suffix, ok := codec.NewValues(options).Lookup("extension"); ok {
			f.suffix = "." + suffix
		}
		read := sync.OnceValues(func() (*csv.WriteOptions, error) { return csv.ParseWriteOptions(options) })
		f.encoder = withOptions(read, func(o *csv.WriteOptions) (codec.Encoder, error) { return csv.NewEncoder(fields, o, env.Zone) })
	case f.name == "text":
		f.suffix = ".txt"
		read := sync.OnceValues(func() (*text.Options, error) { return text.ParseOptions(options) })
		f.encoder = withOptions(read, func(o *text.Options) (codec.Encoder, error) { return text.NewEncoder(fields, o) })
	default:
		return nil, sparkerr.Internal("no encoder for the format %s", f.name)
	}
	given := codec.NewValues(options)
	by := "compression"
	name, ok := given.Lookup(by)
	if !ok && f.name == "csv" {
		by = "codec"
		name, ok = given.Lookup(by)
	}
	if ok && !plain {
		return f, sparkerr.OfOption(f.compress(name), by)
	}
	return f, nil
}

// compress enables compression of part files.
func (f *format) compress(name string) (err error) {
	if f.compression, err = compress.ByName(name); err == nil {
		f.suffix += f.compression.Extension
	}
	return err
}

// parquet assembles a Parquet file from row groups that partitions encode concurrently.
func (f *format) parquet(fields []types.Field, options, conf map[string]string) error {
	o, err := parquet.ParseWriteOptions(options, conf)
	if err == nil {
		err = parquet.CheckSchema(&types.Schema{Fields: fields})
	}
	if err != nil {
		return err
	}
	f.suffix = o.Extension()
	f.encoder = func() (codec.Encoder, error) { return parquet.NewEncoder(fields, o) }
	f.joiner = func() (codec.Joiner, error) { return parquet.NewJoiner(fields, o) }
	return nil
}

// withOptions returns a constructor of encoders that parses the options once, when the first encoder is needed.
func withOptions[O any](read func() (*O, error), encoder func(*O) (codec.Encoder, error)) func() (codec.Encoder, error) {
	return func() (codec.Encoder, error) {
		o, err := read()
		if err != nil {
			return nil, err
		}
		return encoder(o)
	}
}
