package engine

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"sync/atomic"

	"github.com/streamctl/streamctl/internal/codec"
	"github.com/streamctl/streamctl/internal/formats"
	"github.com/streamctl/streamctl/internal/job"
	"github.com/streamctl/streamctl/internal/sources"
	"github.com/streamctl/streamctl/internal/sparkerr"
	"github.com/streamctl/streamctl/internal/transform"
	"github.com/streamctl/streamctl/internal/types"
)

// An input is one source of a query. Its position among the query's inputs is that of its offset in the log. The fields from source on exist
// while the query runs.
type input struct {
	spec    *job.Source
	format  *sources.Format
	static  bool // a table
	columns sources.Columns
	rejects *rejects
	stats   sources.Stats
	rows    atomic.Int64                   // read in committed batches
	opened  atomic.Pointer[sources.Source] // source, or that of a discretized stream, for Monitor

	source    sources.Source
	committed sources.Offset // everything up to here is done
	table     sources.Table  // instead of source
}

// A leaf is one of the places in a plan where the rows of a source enter.
type leaf struct {
	*input   // nil: one row without columns, or the rows of a table
	number   int
	stage    int // that the rows enter
	scan     *sources.Scan
	plan     *transform.Input
	presence *codec.Presence // of the fields of JSON records
}

// newInput returns what reads a source of a stream, or a table if static is true.
func newInput(env *Env, j *job.Job, stream string, s *job.Source, static bool) (*input, error) {
	f, ok := formats.Sources.Find(s.Format)
	if !ok {
		return nil, sparkerr.At(sparkerr.New("DATA_SOURCE_NOT_FOUND", "provider", s.Format), s.Place)
	}
	if static && f.Tables == nil {
		return nil, sparkerr.At(sparkerr.Plain("the format %s is not read as a table", f.Name).WithHint("define it under sources: to read it as a stream"), s.FormatPlace)
	}
	list, err := newRejects(env, j, stream, s, f.Reading().Diagnosis)
	return &input{spec: s, format: f, rejects: list, static: static}, err
}

// describe returns what planning needs to know of a source of the job, or of a table if static is true.
func (q *query) describe(s *job.Source, static bool) (transform.SourceInfo, error) {
	in, err := newInput(q.env, q.job, q.stream.Name, s, static)
	switch {
	case err != nil:
	case static:
		err = checkTable(q.job, s)
	case s != &q.stream.Source:
		err = CheckSource(q.job, s)
	}
	if err == nil {
		err = in.define(q)
	}
	if err != nil {
		return transform.SourceInfo{}, err
	}
	q.defined[s] = in
	return in.info(), nil
}

// takeInputs orders the sources that the query reads as their offsets are in the log.
func (q *query) takeInputs() {
	for _, s := range q.analysed.Sources {
		if s.Static {
			q.tables = append(q.tables, q.defined[s.Spec])
		} else {
			q.inputs = append(q.inputs, q.defined[s.Spec])
		}
	}
}

// everyInput lists the streams and tables of the query.
func (q *query) everyInput() []*input { return slices.Concat(q.inputs, q.tables) }

// define determines the columns of the source. Errors are those that Spark reports when a stream is defined.
func (in *input) define(q *query) (err error) {
	if in.columns, err = in.columnsOf(q); err != nil {
		return err
	}
	if err := errors.Join(in.checkDataColumns(), q.checkPatterns(in)); err != nil {
		return err
	}
	in.rejects.tell = q.notify
	in.rejects.schema, in.rejects.partitions = in.columns.Schema, in.columns.Partitions
	return nil
}

// nameOf is what users call an input: its name in the job, or where it reads.
func (q *query) nameOf(in *input) string {
	for _, r := range q.job.Sources {
		if &r.Source == in.spec {
			return r.Name
		}
	}
	return cmp.Or(in.spec.Path, in.spec.Format)
}

// info is what planning needs to know of the source.
func (in *input) info() transform.SourceInfo {
	return transform.SourceInfo{
		Schema: in.columns.Schema, Partitions: in.columns.Partitions, Format: in.spec.Format, Codec: in.format.Codec, Options: in.spec.Options,
		Files: in.spec.Path != "" && in.spec.Path != "-", ListLate: in.rejects.listed() && !in.static,
	}
}

// env is what the source needs of the query.
func (in *input) env(q *query) *sources.Env {
	return &sources.Env{
		Log: q.env.Log.With("stream", q.stream.Name), FS: q.env.FS, Now: q.env.Now, Stdin: q.env.Stdin, Checkpoint: q.log, Index: slices.Index(q.inputs, in),
		Conf: q.job.Conf, Schema: in.columns.Schema, Partitions: in.columns.Partitions, Inferred: in.columns.Inferred, BaseDir: q.job.BaseDir,
		MaxLine: in.maxLine(), Stats: &in.stats, Say: q.say, OnLoss: q.lost, Written: realPaths(writtenPaths(q.env.FS, q.job, q.stream)),
	}
}

// maxLine is the length of the longest record in bytes; 0: the default.
func (in *input) maxLine() int {
	n, _ := in.spec.Options.Count(job.MaxLineBytes)
	return int(n)
}

// newLeaf fixes how a source is read for a leaf of the plan.
func (q *query) newLeaf(number int, p *transform.Input) *leaf {
	l := &leaf{number: number, stage: q.plan.StageOf(number), plan: p}
	if p.Source < 0 {
		return l
	}
	in := q.everyInput()[p.Source]
	l.input = in
	if in.format.Reading().NamesFields {
		l.presence = codec.NewPresence(p.Fields)
	}
	l.scan = &sources.Scan{
		Scan: codec.Scan{
			Fields: p.Fields, Schema: in.columns.Schema, Zone: q.analysed.Zone, OnWarning: q.warnOnce,
			PruneColumns: !strings.EqualFold(q.job.Conf["spark.sql.csv.parser.columnPruning.enabled"], "false"),
			Now:          q.counters.batchMicros.Load,
			Conditions:   p.Conditions(),
			OnMalformed:  in.rejects.add, OnLoss: q.lost, Presence: l.presence, MaxLineBytes: in.maxLine(),
		},
		NewFilters: p.NewFilters, NewFileFilters: p.NewFileFilters,
	}
	return l
}

// checkRejects looks at the malformed records of a batch that was read, rows of which were sound, and reports the first ones.
func (in *input) checkRejects(q *query, rows int64) error {
	if err := in.rejects.check(); err != nil {
		return err
	}
	in.rejects.batchDone()
	q.notify(in.rejects.message(in.rows.Load() + rows))
	return nil
}

// tellAbsent reports columns that no JSON record has had: at the end of the run, or before it when the records have a name that
// differs in case only.
func (l *leaf) tellAbsent(q *query, end bool) {
	if l.input == nil {
		return
	}
	if malformed, dropped := l.rejects.total(); l.rows.Load()+dropped <= malformed {
		return
	}
	fields, alike := l.presence.Absent()
	var names, other []string
	corrupt := l.rejects.corruptColumn()
	for i, at := range fields {
		name := l.plan.Fields[at].Name
		if name == corrupt || l.isPartition(name) || alike[i] == "" && !end {
			continue
		}
		if _, told := q.counters.warned.LoadOrStore("absent "+name, true); told {
			continue
		}
		names = append(names, name)
		if alike[i] != "" {
			other = append(other, alike[i])
		}
	}
	if len(names) == 0 {
		return
	}
	n := &notice{fmt.Sprintf("no record has the %s: NULL in every row", columnsNamed(names)), "check the names in the schema against a record"}
	if len(other) > 0 {
		n.hint = fmt.Sprintf("the records have %s; names in JSON are compared with their case", sparkerr.Names(other))
	}
	q.notify(n)
}

func columnsNamed(names []string) string {
	if len(names) == 1 {
		return "column " + names[0]
	}
	return "columns " + sparkerr.Names(names)
}

func (in *input) isPartition(name string) bool {
	all := in.columns.Schema.Fields
	return slices.ContainsFunc(all[len(all)-in.columns.Partitions:], func(f types.Field) bool { return f.Name == name })
}

// openInputs opens the sources, one after another. Those that are open when one fails are closed.
func (q *query) openInputs(ctx context.Context) (err error) {
	for _, in := range q.inputs {
		if in.source, err = in.format.Open(ctx, q.job, in.spec, in.env(q)); err != nil {
			_ = q.closeInputs()
			return err
		}
		in.opened.Store(&in.source)
	}
	return nil
}

// lag returns how much input waits; nil if that is not known. Any goroutine may call it.
func (in *input) lag() *sources.Lag {
	s := in.opened.Load()
	if s == nil {
		return nil
	}
	return lagOf(*s)
}

// metrics returns the lag as progress events have it.
func (in *input) metrics() map[string]string {
	if s := in.opened.Load(); s != nil {
		if own := metricsOf(*s); own != nil {
			return own
		}
	}
	l := in.lag()
	switch {
	case l == nil:
		return nil
	case in.info().Files:
		return map[string]string{"numFilesOutstanding": strconv.FormatInt(l.Files, 10), "numBytesOutstanding": strconv.FormatInt(l.Bytes, 10)}
	}
	return map[string]string{"numRowsOutstanding": strconv.FormatInt(l.Rows, 10)}
}

// closeInputs closes the sources that are open. It returns the first error.
func (q *query) closeInputs() (err error) {
	for _, in := range q.inputs {
		if in.source != nil {
			closing(&err, func() error { return closePart(in.source) })
		}
	}
	return err
}

// wake returns a channel that receives a value when some source may have something new. Sources watch for it from now on.
func (q *query) wake(ctx context.Context) <-chan struct{} {
	if len(q.inputs) == 1 {
		return wakeOf(q.inputs[0].source)
	}
	some := make(chan struct{}, 1)
	for _, in := range q.inputs {
		wake := wakeOf(in.source)
		go func() {
			for {
				select {
				case <-wake:
				case <-ctx.Done():
					return
				}
				select {
				case some <- struct{}{}:
				default: // the query has not looked since the last one
				}
			}
		}()
	}
	return some
}

// done returns a channel that is closed when no source can have anything new any more; nil if one of them has no end.
func (q *query) done(ctx context.Context) <-chan struct{} {
	if len(q.inputs) == 1 {
		return doneOf(q.inputs[0].source)
	}
	all := make(chan struct{})
	for _, in := range q.inputs {
		if doneOf(in.source) == nil {
			return nil
		}
	}
	go func() {
		for _, in := range q.inputs {
			select {
			case <-doneOf(in.source):
			case <-ctx.Done():
				return
			}
		}
		close(all)
	}()
	return all
}

// tidyInputs lets the sources do what can wait until a batch is done.
func (q *query) tidyInputs() {
	for _, in := range q.inputs {
		tidy(in.source)
	}
}
