package sinks

import (
	"slices"

	"github.com/streamctl/streamctl/internal/codec"
	"github.com/streamctl/streamctl/internal/datetime"
	"github.com/streamctl/streamctl/internal/job"
	"github.com/streamctl/streamctl/internal/option"
	"github.com/streamctl/streamctl/internal/sparkerr"
	"github.com/streamctl/streamctl/internal/storage"
	"github.com/streamctl/streamctl/internal/types"
)

// A Format is a sink format: the one value that everything asks which depends on the format.
type Format struct {
	job.Format
	// CheckOptions finds what Open refuses of the options of a stream's sink, whatever the columns; nil: values that are not of the kinds of
	// their options. It is asked again without the options that it refused.
	CheckOptions func(j *job.Job, s *job.Stream, options job.Options) error
	// Open returns the sink of a stream whose result has the given schema. It refuses even what Spark only refuses at the first
	// batch: bad options, and types that the format cannot hold. Use New, which completes env.
	Open Opener
}

// An Opener returns the sink of a stream whose result has the given schema.
type Opener func(s *job.Stream, schema *types.Schema, env Env) (Sink, error)

// An Env holds what sinks need from the process.
type Env struct {
	Job  *job.Job
	Out  *Output        // standard output
	Zone *datetime.Zone // session time zone; nil means UTC
	Warn func(text string)
	FS   storage.FS // where file sinks write; nil means the machine's file system
}

// New returns the sink of a stream whose result has the given schema.
func (f *Format) New(s *job.Stream, schema *types.Schema, env Env) (Sink, error) {
	return f.Open(s, schema, env.withDefaults())
}

func (e Env) withDefaults() Env {
	if e.Zone == nil {
		e.Zone = datetime.UTC
	}
	if e.FS == nil {
		e.FS = storage.OS
	}
	return e
}

// checkedBy returns a Format.CheckOptions that returns the error of open.
func checkedBy(open Opener) func(*job.Job, *job.Stream, job.Options) error {
	return func(j *job.Job, s *job.Stream, options job.Options) error {
		with := *s
		with.Sink.Options, with.Sink.PartitionBy = options, nil
		writable := &types.Schema{Fields: []types.Field{{Name: "value", Type: types.String, Nullable: true}}} // any format can write this
		_, err := open(&with, writable, Env{Job: j}.withDefaults())
		return err
	}
}

// Of returns the sink format of a codec: files, rows on standard output, or both.
func Of(c *codec.Codec) *Format {
	open := func(s *job.Stream, schema *types.Schema, env Env) (Sink, error) {
		if s.Sink.Path == "-" {
			return newStdout(c, s, schema, env)
		}
		return newFile(c, s, schema, env)
	}
	f := &Format{
		Format: job.Format{
			Name: c.Name, Doc: c.Writing.Doc, Options: written(c), Files: c.File != nil,
			SinkRules: job.SinkRules{Stdout: c.Stream != nil, InFiles: c.InFiles, NoAppend: c.NoAppend, Binary: c.Binary},
		},
		CheckOptions: checkedBy(open), Open: open,
	}
	if f.Files {
		f.Options = slices.Concat(fileOptions, f.Options)
	}
	return f
}

// checkpointLocation is an option of every sink of Spark.
var checkpointLocation = job.OptionSpec{Name: "checkpointLocation", Doc: "directory of the checkpoint", Kind: option.Text("a directory"), Incidental: true}

var fileOptions = []job.OptionSpec{
	{Name: "path", Doc: "directory", Kind: option.Text("a directory"), Incidental: true},
	checkpointLocation,
	{Name: "maxRecordsPerFile", Doc: "maximum number of records per part file", Kind: option.Text("a whole number; 0 or less for no limit"), Default: "0"},
	{Name: "retention", Effect: job.Refused},
}

// written returns specs for a codec's writing options. As in Spark, options that apply only to reading are accepted and have
// no effect.
func written(c *codec.Codec) []job.OptionSpec {
	var out []job.OptionSpec
	for _, o := range c.Options {
		effect := job.Implemented
		if o.Effect&codec.Write == 0 {
			effect = job.NoEffect
		}
		for _, name := range append([]string{o.Name}, o.Aliases...) {
			out = append(out, job.OptionSpec{Name: name, Doc: o.Doc, Effect: effect, Kind: o.Kind, Default: o.Default})
		}
	}
	return out
}

// encodingOf returns the encoding of a stream's sink after checking that encoders can be created from the options and columns. On
// standard output each format has one fixed form; files have Spark's form.
func encodingOf(write func(codec.Rows) (*codec.Encoding, error), s *job.Stream, schema *types.Schema, env Env) (*codec.Encoding, error) {
	if write == nil {
		return nil, sparkerr.Internal("no encoder for the format %s", s.Sink.Format)
	}
	e, err := write(codec.Rows{Fields: schema.Fields, Options: s.Sink.Options.Values(), Conf: env.Job.Conf, Zone: env.Zone})
	if err == nil {
		_, err = e.Encoder()
	}
	return e, err
}
