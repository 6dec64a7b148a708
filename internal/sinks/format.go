package sinks

import (
	"slices"

	"github.com/streamctl/streamctl/internal/atomicfile"
	"github.com/streamctl/streamctl/internal/codec"
	"github.com/streamctl/streamctl/internal/datetime"
	"github.com/streamctl/streamctl/internal/job"
	"github.com/streamctl/streamctl/internal/option"
	"github.com/streamctl/streamctl/internal/sparkerr"
	"github.com/streamctl/streamctl/internal/types"
)

// A Format is a sink format: the one value that everything asks which depends on the format.
type Format struct {
	job.Format
	// Open returns the sink of a stream whose result has the given schema. It refuses even what Spark only refuses at the first
	// batch: bad options, and types that the format cannot hold. Use New, which completes env.
	Open func(s *job.Stream, schema *types.Schema, env Env) (Sink, error)
}

// An Env holds what sinks need from the process.
type Env struct {
	Job  *job.Job
	Out  *Output        // standard output
	Zone *datetime.Zone // session time zone; nil means UTC
	Warn func(text string)
	FS   atomicfile.FS // where file sinks write; nil means the machine's file system
}

// New returns the sink of a stream whose result has the given schema.
func (f *Format) New(s *job.Stream, schema *types.Schema, env Env) (Sink, error) {
	if env.Zone == nil {
		env.Zone = datetime.UTC
	}
	if env.FS == nil {
		env.FS = atomicfile.OS
	}
	return f.Open(s, schema, env)
}

// CheckOptions returns the error of New for the options of a stream's sink, independently of the columns.
func (f *Format) CheckOptions(j *job.Job, s *job.Stream, options job.Options) error {
	with := *s
	with.Sink.Options, with.Sink.PartitionBy = options, nil
	writable := &types.Schema{Fields: []types.Field{{Name: "value", Type: types.String, Nullable: true}}} // any format can write this
	_, err := f.New(&with, writable, Env{Job: j})
	return err
}

// Of returns the sink format of a codec: files, rows on standard output, or both.
func Of(c *codec.Codec) *Format {
	f := &Format{
		Format: job.Format{
			Name: c.Name, Doc: c.Writing.Doc, Options: written(c), Files: c.File != nil,
			SinkRules: job.SinkRules{Stdout: c.Stream != nil, InFiles: c.InFiles, NoAppend: c.NoAppend},
		},
		Open: func(s *job.Stream, schema *types.Schema, env Env) (Sink, error) {
			if s.Sink.Path == "-" {
				return newStdout(c, s, schema, env)
			}
			return newFile(c, s, schema, env)
		},
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
