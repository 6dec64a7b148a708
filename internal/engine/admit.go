package engine

import (
	"cmp"
	"context"
	"fmt"
	"path/filepath"
	"strings"

	"github.com/streamctl/streamctl/internal/checkpoint"
	"github.com/streamctl/streamctl/internal/formats"
	"github.com/streamctl/streamctl/internal/job"
	"github.com/streamctl/streamctl/internal/sources"
	"github.com/streamctl/streamctl/internal/sparkerr"
	"github.com/streamctl/streamctl/internal/state"
	"github.com/streamctl/streamctl/internal/storage"
)

// A query is admitted while it holds the locks of its checkpoint and its output, before it writes to either. A refusal leaves no trace
// that a later run could mistake for its own work, so the same query is refused again the next time.

// An admission checks whether a query may use its checkpoint and its output.
type admission struct {
	fs         storage.FS
	checkpoint string // absolute
	output     string // absolute path of a file sink; "" for other sinks
	record     *checkpoint.Record

	compatible    func(*checkpoint.State) error // checks the types of the state; nil: Spark does so
	acceptChanges bool                          // of what the state means
}

// newAdmission returns the admission of a stream. It returns nil if the stream has no checkpoint to check, or one that is not local.
func newAdmission(j *job.Job, s *job.Stream, schema string, fsys storage.FS) (*admission, error) {
	if s.Sink.Checkpoint == "" || j.Mode == job.DStream || !job.Local(s.Sink.Checkpoint) {
		return nil, nil
	}
	a := &admission{fs: fsys, record: newRecord(j, s, schema)}
	var err error
	if a.checkpoint, err = j.Absolute(s.Sink.Checkpoint); err != nil {
		return nil, err
	}
	if path := s.Sink.Path; path != "" && path != "-" && job.Local(path) {
		a.output, err = j.Absolute(path)
	}
	return a, err
}

// admit compares the query with the state of its checkpoint and output. It returns an error for the user if they do not belong together.
func (q *query) admit(ctx context.Context) error {
	a, err := newAdmission(q.job, q.stream, q.inputs[0].columns.Schema.DDL(), q.env.FS)
	if a == nil || err != nil {
		return err
	}
	q.record, a.acceptChanges = a.record, q.env.AcceptChanges
	q.record.State = q.analysed.StateOf()
	a.compatible = func(s *checkpoint.State) error { return q.admitState(ctx, a, s) }
	s, err := a.admit()
	if err != nil {
		return err
	}
	if s.Started {
		if err := q.admitOffsets(a.checkpoint); err != nil {
			return err
		}
	}
	if s.Record == nil || !s.Started { // the checkpoint was written by Spark, or is new
		return nil
	}
	if changes := q.record.Changes(s.Record); len(changes) > 0 {
		q.changed = changedText(changes)
	}
	return nil
}

// admitOffsets refuses offsets that no source of the query can have written. What is wrong with the log itself is reported when it is read.
func (q *query) admitOffsets(dir string) error {
	offsets, err := checkpoint.LastOffsets(q.env.FS, dir)
	if err != nil || len(offsets) != len(q.inputs) {
		return nil //nolint:nilerr // see above
	}
	for i, in := range q.inputs {
		if in.format.Resumes == nil {
			continue
		}
		if err := in.format.Resumes(in.spec, sources.Offset(offsets[i])); err != nil {
			return sparkerr.At(err, in.spec.Place)
		}
	}
	return nil
}

// admitState compares the state of the checkpoint with what the query would keep. Constants that fail are left to the first batch, which is where Spark fails.
func (q *query) admitState(ctx context.Context, a *admission, s *checkpoint.State) error {
	dir := filepath.Join(a.checkpoint, stateDir)
	if !s.Started || s.Next() == 0 {
		return nil
	}
	if !q.analysed.Stateful() {
		if _, err := q.env.FS.Stat(dir); err != nil {
			return nil // what is wrong with it, if anything, opening the state reports
		}
	}
	p, err := q.optimize(ctx)
	if err != nil {
		return nil //nolint:nilerr // the first batch reports it
	}
	return state.Check(q.env.FS, dir, p.States)
}

// admit returns the state of the checkpoint, or an error if the query is refused.
func (a *admission) admit() (*checkpoint.State, error) {
	s, err := checkpoint.ReadState(a.fs, a.checkpoint)
	if err != nil {
		return nil, err
	}
	if s.Record != nil && s.Started {
		if differences := a.record.Elsewhere(s.Record); len(differences) > 0 {
			return nil, anotherQuery(a.checkpoint, differences)
		}
	}
	if a.compatible != nil {
		if err := a.compatible(s); err != nil {
			return nil, err
		}
	}
	if s.Record != nil && s.Started {
		if differences := a.record.OtherState(s.Record); len(differences) > 0 && !a.acceptChanges {
			return nil, otherState(a.checkpoint, differences)
		}
	}
	if a.output == "" {
		return s, nil
	}
	return s, a.admitOutput(s)
}

// anotherQuery returns the error for a checkpoint whose query had another source or sink.
func anotherQuery(dir string, differences []checkpoint.Difference) error {
	texts := make([]string, len(differences))
	for i, d := range differences {
		texts[i] = d.String()
	}
	return sparkerr.Plain("the checkpoint %s belongs to another query: %s", dir, strings.Join(texts, "; ")).
		WithHint("give this query a checkpoint and an output of its own. "+
			"If it is the same query, because its directories were moved, delete %s: every file is then read under its new path", filepath.Join(dir, checkpoint.RecordName))
}

// otherState returns the error for a checkpoint whose state means something else. Spark compares the types of state only, and would take it
// for what the query computes now.
func otherState(dir string, differences []checkpoint.Difference) error {
	texts := make([]string, len(differences))
	for i, d := range differences {
		texts[i] = d.String()
	}
	return sparkerr.Plain("the state in the checkpoint %s was computed in another way: %s", dir, strings.Join(texts, "; ")).
		WithHint("start with a new checkpoint; --accept-changes takes the old state for what the query computes now, which Spark does without asking")
}

// changedText describes what a query does differently from its last run.
func changedText(changes []checkpoint.Difference) string {
	const most = 3
	var texts []string
	for _, d := range changes[:min(len(changes), most)] {
		texts = append(texts, d.String())
	}
	if more := len(changes) - most; more > 0 {
		texts = append(texts, fmt.Sprintf("and %d more", more))
	}
	return "the query has changed since its last run, and only what is new goes through its new form: " + strings.Join(texts, "; ")
}

// admitOutput compares the batches listed in the output with those in the checkpoint. They belong to the same query if the output has
// the checkpoint's last committed batch, and no batch later than the last one logged.
func (a *admission) admitOutput(s *checkpoint.State) error {
	o, err := checkpoint.ReadOutput(a.fs, a.output)
	if err != nil {
		return err
	}
	if err := a.admitOwner(s, o); err != nil {
		return err
	}
	restore := "restore " + filepath.Join(a.output, checkpoint.SinkLogDir) + " from a copy; to write everything again, start with a new checkpoint and an empty output"
	switch {
	case o.Latest >= 0 && !s.Started:
		return a.refuse("has batches up to %d already, and the checkpoint %s is new: what is new would be lost", o.Latest, a.checkpoint).
			WithHint("go on with the checkpoint that belongs to this output, or give the query a directory of its own")
	case o.Latest < s.Done && o.Latest < 0:
		return a.refuse("has no list of files in %s, although the checkpoint %s has committed batch %d: its rows are gone, or were moved", checkpoint.SinkLogDir, a.checkpoint, s.Done).
			WithHint("%s", restore)
	case o.Latest < s.Done:
		return a.refuse("ends at batch %d, although the checkpoint %s has committed batch %d", o.Latest, a.checkpoint, s.Done).WithHint("%s", restore)
	case o.Latest > max(s.Logged, s.Done):
		return a.refuse("has batches up to %d, but the checkpoint %s knows none beyond %d: it is an old copy, or another query wrote them", o.Latest, a.checkpoint, s.Logged).
			WithHint("go on with the checkpoint that wrote them; to write everything again, start with a new checkpoint and an empty output")
	}
	return nil
}

// admitOwner compares the query with the owner of the output's batches, if the output records one.
func (a *admission) admitOwner(s *checkpoint.State, o *checkpoint.OutputState) error {
	if o.Owner == nil {
		return nil
	}
	here := job.RealPath(o.Owner.Checkpoint) == job.RealPath(a.checkpoint)
	switch {
	case o.Owner.Query == s.ID:
		if !here && a.isCopyOf(o.Owner) {
			return a.refuse("belongs to the checkpoint %s, of which %s is a copy: both would write the same rows", o.Owner.Checkpoint, a.checkpoint).
				WithHint("go on with %s; to go on with the copy, remove the other one first", o.Owner.Checkpoint)
		}
		return nil
	case o.Latest < 0: // the other query has written nothing
		return nil
	case here:
		return a.refuse("has batches up to %d from an earlier checkpoint at %s, which was deleted or replaced", o.Latest, o.Owner.Checkpoint).
			WithHint("restore that checkpoint; to write everything again, write to a new directory")
	}
	return a.refuse("has batches up to %d of another query, whose checkpoint was %s", o.Latest, o.Owner.Checkpoint).
		WithHint("write to a directory of its own, or go on with that checkpoint")
}

// isCopyOf reports whether the owner's checkpoint still exists with the same query ID and writes to the same output. If checkpoint and
// output were copied together, the outputs differ.
func (a *admission) isCopyOf(o *checkpoint.Owner) bool {
	s, err := checkpoint.ReadState(a.fs, o.Checkpoint)
	return err == nil && s.ID == o.Query && s.Record != nil && s.Record.Sink == a.record.Sink
}

func (a *admission) refuse(format string, args ...any) *sparkerr.Error {
	return sparkerr.Plain("the output %s %s", a.output, fmt.Sprintf(format, args...))
}

// newRecord describes a query so that later runs can compare themselves with it. schema is the schema of its source.
func newRecord(j *job.Job, s *job.Stream, schema string) *checkpoint.Record {
	r := &checkpoint.Record{Source: sourceIdentity(j, &s.Source), Sink: sinkIdentity(j, &s.Sink), Schema: schema, Options: map[string]string{}}
	for _, step := range s.Steps {
		r.Steps = append(r.Steps, step.String())
	}
	for _, in := range j.Uses(s) {
		r.Steps = append(r.Steps, in.String())
	}
	add := func(prefix string, table job.Formats, format string, options job.Options) {
		f, _ := table.Describe(format)
		for _, o := range options {
			if spec, known := f.Find(o.Name); !known || !spec.Incidental {
				r.Options[prefix+strings.ToLower(o.Name)] = cmp.Or(o.Written, o.Value)
			}
		}
	}
	add("source.", formats.Sources, s.Source.Format, s.Source.Options)
	add("sink.", formats.Sinks, s.Sink.Format, s.Sink.Options)
	if len(s.Sink.PartitionBy) > 0 {
		r.Options["sink.partitionby"] = strings.Join(s.Sink.PartitionBy, ", ")
	}
	for i, text := range r.Steps {
		r.Steps[i] = j.Hide(text)
	}
	return r
}

// sourceIdentity identifies the input of a source. It does not resolve symbolic links: the log identifies files by path, and would treat
// files under another path as new.
func sourceIdentity(j *job.Job, s *job.Source) string {
	if s.Path != "" && s.Path != "-" {
		if full, err := j.Absolute(s.Path); err == nil {
			return s.Format + " " + full
		}
	}
	if f, ok := formats.Sources.Find(s.Format); ok && f.Identity != nil {
		return f.Identity(s)
	}
	return s.Format
}

// sinkIdentity identifies the destination of a sink. Standard output is the same sink in every format.
func sinkIdentity(j *job.Job, s *job.Sink) string {
	switch s.Path {
	case "":
		return s.Format
	case "-":
		return "standard output"
	}
	return s.Format + " " + resolved(j, s.Path)
}

// resolved returns the absolute path with symbolic links resolved. The path need not exist yet.
func resolved(j *job.Job, path string) string {
	full, err := j.Absolute(path)
	if err != nil {
		return path
	}
	return job.RealPath(full)
}
