package sinks

import (
	"github.com/streamctl/streamctl/internal/atomicfile"
	"github.com/streamctl/streamctl/internal/datetime"
	"github.com/streamctl/streamctl/internal/job"
	"github.com/streamctl/streamctl/internal/sparkerr"
	"github.com/streamctl/streamctl/internal/types"
)

// An Env is what sinks need of the process.
type Env struct {
	Job  *job.Job
	Out  *Output        // standard output
	Zone *datetime.Zone // session time zone; nil is UTC
	Warn func(text string)
	FS   atomicfile.FS // where file sinks write; nil is the machine's
}

// New makes the sink of a stream; schema is that of the query's result. What Spark finds only when the first batch is
// written (bad console options, types that a format cannot hold) comes from Begin.
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
		return newConsole(s, schema, env), nil
	case s.Sink.Path == "-":
		return newStdout(s, schema, env)
	}
	return newFile(s, schema, env)
}
