package sinks

import (
	"github.com/streamctl/streamctl/internal/atomicfile"
	"github.com/streamctl/streamctl/internal/datetime"
	"github.com/streamctl/streamctl/internal/job"
	"github.com/streamctl/streamctl/internal/sparkerr"
	"github.com/streamctl/streamctl/internal/types"
)

// An Env holds what sinks need from the process.
type Env struct {
	Job  *job.Job
	Out  *Output        // standard output
	Zone *datetime.Zone // session time zone; nil means UTC
	Warn func(text string)
	FS   atomicfile.FS // where file sinks write; nil means the machine's file system
}

// CheckOptions returns the error of New for the options of a stream's sink, independently of the columns.
func CheckOptions(j *job.Job, s *job.Stream, options job.Options) error {
	with := *s
	with.Sink.Options, with.Sink.PartitionBy = options, nil
	writable := &types.Schema{Fields: []types.Field{{Name: "value", Type: types.String, Nullable: true}}} // any format can write this
	_, err := New(&with, writable, Env{Job: j})
	return err
}

// New returns the sink of a stream whose result has the given schema. It refuses even what Spark only refuses at the first
// batch: bad options, and types that a format cannot hold.
func New(s *job.Stream, schema *types.Schema, env Env) (Sink, error) {
	if env.Zone == nil {
		env.Zone = datetime.UTC
	}
	if env.FS == nil {
		env.FS = atomicfile.OS
	}
	f, ok := Formats.Find(s.Sink.Format)
	if !ok || f.Missing {
		return nil, &sparkerr.Error{Condition: "DATA_SOURCE_NOT_FOUND", Params: map[string]string{"provider": s.Sink.Format}, Place: s.Sink.Place}
	}
	switch {
	case f.Name == "noop":
		return noop{}, nil
	case f.Name == "console" && env.Job.Mode == job.DStream:
		return newPrinter(s, schema, env)
	case f.Name == "console":
		return newConsole(s, schema, env)
	case s.Sink.Path == "-":
		return newStdout(s, schema, env)
	}
	return newFile(s, schema, env)
}
