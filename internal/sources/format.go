package sources

import (
	"context"

	"github.com/streamctl/streamctl/internal/codec"
	"github.com/streamctl/streamctl/internal/job"
	"github.com/streamctl/streamctl/internal/option"
	"github.com/streamctl/streamctl/internal/storage"
	"github.com/streamctl/streamctl/internal/types"
)

// A Format is a source format: the one value that everything asks which depends on the format.
type Format struct {
	job.Format
	// Codec is how records are laid out; nil if rows are not read from bytes.
	Codec *codec.Codec
	// CheckOptions finds what Open refuses of the options, whatever the columns. It is asked again without the options that it refused.
	CheckOptions func(options job.Options, conf map[string]string) error
	// Columns returns the columns of a source, whose files are in fsys. Its errors are those that Spark raises when a stream is defined.
	Columns func(fsys storage.FS, j *job.Job, s *job.Source) (Columns, error)
	// Open starts a source. Its errors are those that Spark raises once the query runs.
	Open Opener
	// OpenInterval starts the source of a discretized stream; nil unless Intervals is set.
	OpenInterval Opener
	// Identity names what a source without a path reads, so that a checkpoint is not used for another one; nil: the format alone.
	Identity func(s *job.Source) string
	// Resumes refuses, before anything runs, to go on after the last offset of a checkpoint; nil: what Recover refuses is enough.
	Resumes func(s *job.Source, last Offset) error
	// Tables is how the rows are read as those of a table, such as the static side of a join; nil if they cannot be.
	Tables *Tables
	// Opening says what is going on before Open returns, for sources without a path; nil: nothing that takes long.
	Opening func(s *job.Source) string
}

// An Opener starts a source of a job.
type Opener func(ctx context.Context, j *job.Job, s *job.Source, env *Env) (Source, error)

// Columns are the columns that a source yields.
type Columns struct {
	Schema     *types.Schema
	Partitions int  // how many columns at the end come from the names of directories
	Inferred   bool // the schema that the user gave names none of these
}

// Data returns the columns without those that come from the names of directories.
func (c *Columns) Data() []types.Field { return c.Schema.Fields[:len(c.Schema.Fields)-c.Partitions] }

// Reading returns what the codec knows of reading; the zero value if there is no codec.
func (f *Format) Reading() codec.Reading {
	if f.Codec == nil {
		return codec.Reading{}
	}
	return f.Codec.Reading
}

// Kinds of options that several formats have. The package that reads an option checks its value.
var (
	AtLeastOne  = option.Text("a number of at least 1")
	AtLeastZero = option.Text("a number of at least 0")
	Age         = option.Text("a time with a unit, such as 90s, 30min, 12h or 7d")
)

// Options about malformed records.
var (
	RejectsPath = job.OptionSpec{Name: job.RejectsPath, Doc: "file of JSON lines that lists malformed and late records (not in Spark)", Kind: option.Text("a file"), Incidental: true}
	MaxBadRows  = job.OptionSpec{Name: job.MaxBadRows, Doc: "most malformed records; more fail the query (not in Spark)", Kind: AtLeastZero, Incidental: true}
)

// CodecOptions returns specs of a codec's options for reading. As in Spark, options for writing only have no effect.
func CodecOptions(c *codec.Codec) []job.OptionSpec {
	var out []job.OptionSpec
	for _, o := range c.Options {
		effect := job.Implemented
		switch {
		case o.Effect&codec.Refused != 0:
			effect = job.Refused
		case o.Effect&codec.Read == 0:
			effect = job.NoEffect
		}
		for _, name := range append([]string{o.Name}, o.Aliases...) {
			out = append(out, job.OptionSpec{Name: name, Doc: o.Doc, Effect: effect, Kind: o.Kind, Default: o.Default})
		}
	}
	return out
}
