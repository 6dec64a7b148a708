package cli

import (
	"errors"
	"fmt"
	"slices"

	"github.com/streamctl/streamctl/internal/engine"
	"github.com/streamctl/streamctl/internal/formats"
	"github.com/streamctl/streamctl/internal/job"
	"github.com/streamctl/streamctl/internal/pyspark"
	"github.com/streamctl/streamctl/internal/sinks"
	"github.com/streamctl/streamctl/internal/sparkerr"
)

// checkForSpark finds mistakes without starting Spark. Errors that Spark would raise before it starts a query
// are reported here, because this takes milliseconds and gives their positions. Features that only the embedded
// engine lacks are not mistakes: unknown lists what could not be checked. missing collects notes about data that is not here; nil: these
// are errors.
func (a *app) checkForSpark(j *job.Job, missing *notes) (unknown []error, err error) {
	if err := j.ValidateForSpark(formats.Sources, formats.Sinks); err != nil {
		return nil, err
	}
	if refused, _ := j.Portability(formats.Sources, formats.Sinks); len(refused) > 0 {
		return nil, refused
	}
	part, unknown := analysable(j)
	plans, err := engine.Check(part, missing.env(a))
	for _, p := range plans {
		err = errors.Join(err, p.Err)
	}
	var sparks []error
	for _, err := range flatten(err) {
		switch {
		case !alsoSparks(err):
			unknown = append(unknown, err)
		case engine.PhaseOf(err) == engine.PhaseStart:
			sparks = append(sparks, err)
		}
	}
	return unknown, errors.Join(sparks...)
}

// analysable returns the part of a job whose formats the embedded engine implements, and errors that name the
// others.
func analysable(j *job.Job) (*job.Job, []error) {
	part := *j
	part.Streams = nil
	var unknown []error
	for _, s := range j.Streams {
		known := len(unknown)
		for _, in := range slices.Concat(j.SourcesOf(s), j.TablesOf(s)) {
			if _, ok := formats.Sources.Find(in.Format); !ok {
				unknown = append(unknown, unknownFormat("source", in.Format, in.FormatPlace))
			}
		}
		if len(unknown) > known {
			continue
		}
		c := *s
		if _, ok := formats.Sinks.Find(s.Sink.Format); !ok {
			unknown = append(unknown, unknownFormat("sink", s.Sink.Format, s.Sink.FormatPlace))
			c.Sink.Format, c.Sink.Options, c.Sink.Path, c.Sink.PartitionBy = sinks.Noop.Name, nil, "", nil
		}
		part.Streams = append(part.Streams, &c)
	}
	return &part, unknown
}

func unknownFormat(what, name string, at *sparkerr.Place) error {
	return &sparkerr.Error{Text: fmt.Sprintf("the %s %s is not in the embedded engine", what, name), Place: at,
		Hint: "streamctl cannot check it; --master runs it unchecked"}
}

// alsoSparks reports whether Spark would raise the error, too: it has a Spark condition. Other errors describe
// what the embedded engine lacks. A function that is unknown here may come with --jars.
func alsoSparks(err error) bool {
	var e *sparkerr.Error
	return errors.As(err, &e) && e.Condition != "" && e.Condition != "UNRESOLVED_ROUTINE" && e.Condition != "INTERNAL_ERROR"
}

// validatePortable reports what cannot run on Spark, and what a job needs there. A job that streamctl cannot
// fully analyze does not pass.
func (a *app) validatePortable(j *job.Job, output string, strict bool) error {
	if err := a.loadSettings(); err != nil {
		return refused(err)
	}
	missing := &notes{}
	if strict {
		missing = nil
	}
	unknown, err := a.checkForSpark(j, missing)
	err = errors.Join(append([]error{err}, unknown...)...)
	if err == nil {
		err = engine.DirectoriesOnSpark(j)
	}
	if err == nil {
		_, err = pyspark.Program(j)
	}
	if err != nil {
		return a.mistakes(err, output)
	}
	_, needs := j.Portability(formats.Sources, formats.Sinks)
	all := &notes{append([]error{needs}, missing.unique()...)}
	if output == "json" {
		return a.writeJSON(map[string]any{"portable": true, "notes": mistakeList(errors.Join(all.list...))})
	}
	if err := all.print(a.text()); err != nil {
		return err
	}
	_, err = fmt.Fprintln(a.text(), "runs on Apache Spark")
	return err
}

// position returns the prefix of a note, its place in the job.
func position(at *sparkerr.Place) string {
	switch {
	case at == nil:
		return ""
	case at.Flag != "":
		return at.Flag + ": "
	}
	return fmt.Sprintf("%s:%d:%d: ", at.File, at.Line, at.Col)
}
