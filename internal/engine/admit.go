package engine

import (
	"cmp"
	"fmt"
	"path/filepath"
	"strings"

	"github.com/streamctl/streamctl/internal/checkpoint"
	"github.com/streamctl/streamctl/internal/job"
	"github.com/streamctl/streamctl/internal/sparkerr"
)

// A query is admitted to its checkpoint and its output under the locks of both, before anything is written to either. What is
// refused here is refused again the next time: a refusal leaves no trace that a later run could take for its own work.

// outputDirectory is the sink of files.
type outputDirectory interface {
	// Directory is the absolute path of the output.
	Directory() string
	// Owner tells the sink whose batches it writes, before the first one.
	Owner(o checkpoint.Owner)
}

// admit compares the query with what its checkpoint and its output say. The error is what the user sees.
func (q *query) admit() error {
	if q.stream.Sink.Checkpoint == "" {
		return nil
	}
	dir, err := absolute(q.job, q.stream.Sink.Checkpoint)
	if err != nil {
		return err
	}
	s, err := checkpoint.ReadState(q.env.FS, dir)
	if err != nil {
		return err
	}
	if out, ok := q.sink.(outputDirectory); ok {
		if err := q.admitOutput(dir, s, out); err != nil {
			return err
		}
	}
	q.record = q.newRecord()
	if s.Record == nil || !s.Started { // Spark's, or a new one
		return nil
	}
	if differences := q.record.Elsewhere(s.Record); len(differences) > 0 {
		return anotherQuery(dir, differences)
	}
	if changes := q.record.Changes(s.Record); len(changes) > 0 {
		q.changed = changedText(changes)
	}
	return nil
}

// anotherQuery refuses a checkpoint whose query read or wrote something else.
func anotherQuery(dir string, differences []checkpoint.Difference) error {
	texts := make([]string, len(differences))
	for i, d := range differences {
		texts[i] = d.String()
	}
	return sparkerr.Plain("the checkpoint %s belongs to another query: %s", dir, strings.Join(texts, "; ")).
		WithHint("give this query a checkpoint and an output of its own. "+
			"If it is the same query, because its directories were moved, delete %s: every file is then read under its new path", filepath.Join(dir, checkpoint.RecordName))
}

// changedText says what a query does in another way than its last run.
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

// admitOutput compares the batches that the output lists with those that the checkpoint knows. They are one query's when the
// output has the checkpoint's last committed batch, and at most the one after it.
func (q *query) admitOutput(dir string, s *checkpoint.State, sink outputDirectory) error {
	out := sink.Directory()
	o, err := checkpoint.ReadOutput(q.env.FS, out)
	if err != nil {
		return err
	}
	refuse := func(format string, args ...any) *sparkerr.Error {
		return sparkerr.Plain("the output %s %s", out, fmt.Sprintf(format, args...))
	}
	metadata := filepath.Join(out, checkpoint.SinkLogDir)
	switch {
	case o.Latest >= 0 && o.Owner != nil && o.Owner.Query != s.ID:
		return refuse("has batches up to %d of another query, whose checkpoint was %s", o.Latest, o.Owner.Checkpoint).
			WithHint("write to a directory of its own, or go on with that checkpoint")
	case o.Latest >= 0 && !s.Started:
		return refuse("has batches up to %d already, and the checkpoint %s is new: what is new would be lost", o.Latest, dir).
			WithHint("go on with the checkpoint that belongs to this output, or give the query a directory of its own")
	case o.Latest < s.Done && o.Latest < 0:
		return refuse("has no list of files in %s, although the checkpoint %s has committed batch %d: its rows are gone, or were moved", checkpoint.SinkLogDir, dir, s.Done).
			WithHint("restore %s from a copy; to write everything again, start with a new checkpoint and an empty output", metadata)
	case o.Latest < s.Done:
		return refuse("ends at batch %d, although the checkpoint %s has committed batch %d", o.Latest, dir, s.Done).
			WithHint("restore %s from a copy; to write everything again, start with a new checkpoint and an empty output", metadata)
	case o.Latest > max(s.Logged, s.Done):
		return refuse("has batches up to %d, but the checkpoint %s knows none beyond %d: it is an old copy, or another query wrote them", o.Latest, dir, s.Logged).
			WithHint("go on with the checkpoint that wrote them; to write everything again, start with a new checkpoint and an empty output")
	}
	return nil
}

// newRecord describes the query for those that come after it.
func (q *query) newRecord() *checkpoint.Record {
	s := q.stream
	r := &checkpoint.Record{Source: sourceIdentity(q.job, &s.Source), Sink: sinkIdentity(q.job, &s.Sink), Schema: q.columns.schema.DDL(), Options: map[string]string{}}
	for _, step := range s.Steps {
		r.Steps = append(r.Steps, stepText(step))
	}
	add := func(prefix string, options job.Options) {
		for _, o := range options {
			if name := strings.ToLower(o.Name); !withoutInfluence[name] {
				r.Options[prefix+name] = cmp.Or(o.Written, o.Value)
			}
		}
	}
	add("source.", s.Source.Options)
	add("sink.", s.Sink.Options)
	if len(s.Sink.PartitionBy) > 0 {
		r.Options["sink.partitionby"] = strings.Join(s.Sink.PartitionBy, ", ")
	}
	for i, text := range r.Steps {
		r.Steps[i] = q.job.Hide(text)
	}
	return r
}

// withoutInfluence are options that change no row, or that are part of the identity.
var withoutInfluence = map[string]bool{
	"path": true, "checkpointlocation": true, "maxfilespertrigger": true, "maxbytespertrigger": true, "maxcachedfiles": true, "discardcachedinputratio": true,
	"cleansource": true, "sourcearchivedir": true, "rejectspath": true, "maxbadrows": true, "numrows": true, "truncate": true, "maxwidth": true,
	"host": true, "port": true, "listen": true, "reconnect": true,
}

// stepText is a step on one line.
func stepText(s job.Step) string {
	items := make([]string, len(s.Items))
	for i, it := range s.Items {
		items[i] = it.Text
		if it.Name != "" {
			items[i] = it.Name + " = " + it.Text
		}
	}
	return string(s.Kind) + " " + strings.Join(items, ", ")
}

// sourceIdentity names what a source reads. Links stay in its path: the log knows files by their names, and would take those
// under another name for new ones.
func sourceIdentity(j *job.Job, s *job.Source) string {
	if s.Path != "" && s.Path != "-" {
		if full, err := absolute(j, s.Path); err == nil {
			return s.Format + " " + full
		}
	}
	for _, name := range []string{"listen", "host"} {
		if value, ok := s.Options.Get(name); ok {
			port, _ := s.Options.Get("port")
			return strings.TrimSuffix(s.Format+" "+value+":"+port, ":")
		}
	}
	return s.Format
}

// sinkIdentity names what a sink writes to. Rows on standard output are one sink in every format.
func sinkIdentity(j *job.Job, s *job.Sink) string {
	switch s.Path {
	case "":
		return s.Format
	case "-":
		return "standard output"
	}
	return s.Format + " " + resolved(j, s.Path)
}

// resolved is the path of a directory that exists, or will, without links.
func resolved(j *job.Job, path string) string {
	full, err := absolute(j, path)
	if err != nil {
		return path
	}
	return job.RealPath(full)
}
