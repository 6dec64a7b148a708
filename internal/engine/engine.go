// Package engine runs jobs: it asks sources for news, cuts them into micro-batches, logs each batch before and after it
// runs, has workers read, transform and write its partitions, and does again after a crash what was not committed.
// (Spark: StreamExecution, MicroBatchExecution.)
package engine

import (
	"context"
	"errors"
	"io"
	"log/slog"
	"runtime"
	"runtime/debug"
	"strings"
	"time"

	"github.com/streamctl/streamctl/internal/checkpoint"
	"github.com/streamctl/streamctl/internal/job"
	"github.com/streamctl/streamctl/internal/memory"
	"github.com/streamctl/streamctl/internal/sinks"
	"github.com/streamctl/streamctl/internal/sparkerr"
	"github.com/streamctl/streamctl/internal/storage"
	"github.com/streamctl/streamctl/internal/types"
)

// An Env is what a run needs of the process. Zero fields have useful defaults.
type Env struct {
	Stdin       io.Reader
	Out         *sinks.Output
	Log         *slog.Logger
	Now         func() time.Time
	FS          storage.FS
	WaitLock    time.Duration // how long to wait for a checkpoint that another run holds
	Workers     int           // goroutines that read and transform; 0: one per core
	StateMemory int64         // bytes that the state of a query may take; 0: no limit
	// AcceptChanges lets a query go on with state that was computed in another way.
	AcceptChanges bool
	KeepGoing     bool                            // a failed stream does not stop the others
	UntilAny      bool                            // the first stream that ends stops the others
	NoGrace       bool                            // a batch that runs when the query is asked to stop is cancelled at once
	OnProgress    func(*Progress)                 // called by the goroutines of the streams
	OnTerminated  func(*Terminated)               // called once for each query that has begun, when it ends
	Notify        func(stream, text, hint string) // tells the user of lost input; nil: the log
	Monitor       *Monitor                        // looks at the streams while they run
	Plans         bool                            // the Monitor has the plans
	Say           Say                             // what a source has to tell people who wait; nil: a line of the log
	NewSink       NewSink                         // makes the sinks; nil: those that the job names
	// Missing makes Check accept data that does not exist: it is called for each path that is missing, and for each stream whose plan
	// cannot be known without the data. nil: a missing path is an error, as it is for Run.
	Missing func(note error)
}

// Say tells something about a stream, a sentence without a period. It is called by the goroutines of the streams.
type Say func(stream, text string)

// NewSink makes the sink of a stream whose result has the schema.
type NewSink func(s *job.Stream, schema *types.Schema, env sinks.Env) (sinks.Sink, error)

// stopGrace is how long a running batch may go on after the query was asked to stop.
const stopGrace = 5 * time.Second

// A Phase says when an error occurred.
type Phase uint8

// The phases.
const (
	PhaseStart Phase = iota // the job was refused before anything ran
	PhaseRun                // a query had started
)

// An Error is the failure of one stream.
type Error struct {
	Stream string
	Phase  Phase
	Err    error
}

func (e *Error) Error() string { return e.Err.Error() }

// Unwrap returns the underlying error.
func (e *Error) Unwrap() error { return e.Err }

// PhaseOf returns the phase in which an error of Run occurred; PhaseRun if it is not an error of the engine.
func PhaseOf(err error) Phase {
	var e *Error
	if errors.As(err, &e) {
		return e.Phase
	}
	return PhaseRun
}

// A Reason says why a run ended.
type Reason uint8

// The reasons.
const (
	Ended Reason = iota // every stream ended
	TimedOut
	Interrupted // the context ended
	Failed
	FirstEnded // Env.UntilAny
)

// A Summary is what a run did.
type Summary struct {
	Reason  Reason
	Wall    time.Duration
	Streams []StreamSummary
}

// A StreamSummary is what one stream did.
type StreamSummary struct {
	Name          string
	Batches       int64
	RowsIn        int64
	RowsOut       int64
	RowsMalformed int64 // malformed records, dropped or read as NULL
	RowsDropped   int64 // those of them that were dropped
	Files         int64
	LeftOut       LeftOut
	HeldBack      *checkpoint.HeldBack // what the watermark held back at the end; nil: nothing
	Running       time.Duration
}

// Total returns the sum over the streams.
func (s *Summary) Total() StreamSummary {
	var t StreamSummary
	for _, x := range s.Streams {
		t.Batches += x.Batches
		t.RowsIn += x.RowsIn
		t.RowsOut += x.RowsOut
		t.RowsMalformed += x.RowsMalformed
		t.RowsDropped += x.RowsDropped
		t.Files += x.Files
		t.LeftOut.add(&x.LeftOut)
		t.Running = max(t.Running, x.Running)
	}
	return t
}

// Run runs the streams of a job until all have ended, the job's timeout, the end of ctx, or a failure. Then no new batch
// starts; the running ones get some seconds and are cancelled uncommitted. A query that goes on nevertheless is abandoned: the process
// has to end then, since the query keeps its locks. The error joins one *Error per failed stream; a panic anywhere in a stream is an
// error of that stream.
func Run(ctx context.Context, j *job.Job, env Env) (s Summary, err error) {
	s.Reason = Failed
	err = sparkerr.Caught(func() (err error) {
		s, err = run(ctx, j, env.withDefaults())
		return err
	})
	return s, err
}

func run(ctx context.Context, j *job.Job, env Env) (Summary, error) {
	m := &manager{env: &env, started: env.Now()}
	p, reason := m.analyse(ctx, j)
	if p == nil {
		return Summary{Reason: reason, Wall: env.Now().Sub(m.started)}, nil
	}
	if p.err != nil {
		return Summary{Reason: Failed}, p.err
	}
	if j.Timeout > 0 {
		m.timeout = max(j.Timeout-env.Now().Sub(m.started), 1)
	}
	held, err := lockDirectories(ctx, j, &env)
	if err != nil {
		if ctx.Err() != nil {
			return Summary{Reason: Interrupted}, nil
		}
		return Summary{Reason: Failed}, err
	}
	s, ended, err := m.admitAndRun(ctx, j, p.queries)
	if ended {
		held.release()
	}
	return s, err
}

// admitAndRun runs the queries if all may go on; ended is false when some had to be abandoned.
func (m *manager) admitAndRun(ctx context.Context, j *job.Job, queries []*query) (s Summary, ended bool, err error) {
	if err := admitAll(ctx, queries); err != nil {
		return Summary{Reason: Failed}, true, err
	}
	if err := openRejects(queries); err != nil {
		return Summary{Reason: Failed}, true, err
	}
	m.env.Monitor.watch(queries)
	m.started = m.env.Now()
	return m.run(ctx, runnersOf(j, queries, m.env))
}

func runnersOf(j *job.Job, queries []*query, env *Env) []runner {
	if j.Mode == job.DStream {
		return []runner{newDStreams(j, queries, env)}
	}
	runners := make([]runner, len(queries))
	for i, q := range queries {
		runners[i] = q
	}
	return runners
}

// LimitMemory limits the memory of the process to a number of bytes; 0 means no limit. Half of it is for what the parts of queries count (package memory):
// a query that needs more fails. The rest is for the program, small buffers and garbage.
func LimitMemory(bytes int64) {
	if bytes > 0 {
		debug.SetMemoryLimit(bytes)
	}
	memory.Limit(bytes / 2)
}

// openRejects opens the lists of malformed records, so that a run that could not write them does not begin.
func openRejects(queries []*query) error {
	var errs []error
	for _, q := range queries {
		for _, in := range q.everyInput() {
			if err := in.rejects.openList(); err != nil {
				errs = append(errs, &Error{Stream: q.stream.Name, Phase: PhaseStart, Err: err})
			}
		}
	}
	return errors.Join(errs...)
}

// A StreamPlan is the result of Check for a stream.
type StreamPlan struct {
	Name      string
	Source    *types.Schema // columns of the source
	Output    *types.Schema // columns of the result
	Analysed  []string      // the plan as written, the last operator first
	Optimised []string      // and after Spark's rules
	Watermark string        // how the watermarks of several inputs make that of the query; "" if there are not several
	Err       error         // of optimisation: the query fails when it runs
}

// Check analyses a job without running it. The error joins one *Error per stream that would be refused. Streams that cannot be known
// without data that is not here (Env.Missing) have no plan.
func Check(j *job.Job, env Env) ([]StreamPlan, error) {
	env = env.withDefaults()
	queries, err := prepareAll(context.Background(), j, &env)
	if err != nil {
		return nil, err
	}
	plans := make([]StreamPlan, len(queries))
	for i, q := range queries {
		plans[i] = StreamPlan{
			Name: q.stream.Name, Source: q.inputs[0].columns.Schema, Output: &types.Schema{Fields: q.analysed.Output}, Analysed: q.analysed.Explain(),
		}
		p, err := q.optimize(context.Background())
		if err != nil {
			plans[i].Err = &Error{Stream: q.stream.Name, Phase: PhaseRun, Err: reported(err)}
			continue
		}
		plans[i].Optimised = p.Explain()
		plans[i].Watermark = p.WatermarkText(func(source int) string { return q.nameOf(q.inputs[source]) }, q.latest())
	}
	return plans, nil
}

// prepareAll analyses every stream until ctx ends; all errors are reported together.
func prepareAll(ctx context.Context, j *job.Job, env *Env) ([]*query, error) {
	var queries []*query
	var errs []error
	workers := newPool(env.Workers)
	for _, s := range j.Streams {
		var q *query
		err := sparkerr.Caught(func() (err error) {
			q, err = newQuery(ctx, j, s, env, workers)
			return err
		})
		unknown, isUnknown := errors.AsType[*unknownColumns](err)
		switch {
		case isUnknown && env.Missing != nil:
			env.Missing(unknown.note(s))
		case isUnknown: // on another file system: not an error of this engine
		case err != nil:
			errs = append(errs, refused(s, err))
		default:
			queries = append(queries, q)
		}
	}
	errs = append(errs, checkOverlaps(env.FS, j, queries))
	return queries, errors.Join(errs...)
}

// refused makes errors of a stream that does not start: one for each that err joins.
func refused(s *job.Stream, err error) error {
	joined, ok := err.(interface{ Unwrap() []error })
	if !ok {
		return &Error{Stream: s.Name, Phase: PhaseStart, Err: err}
	}
	var errs []error
	for _, err := range joined.Unwrap() {
		errs = append(errs, refused(s, err))
	}
	return errors.Join(errs...)
}

// admitAll admits every query to its checkpoint and output, or none; all errors are reported together.
func admitAll(ctx context.Context, queries []*query) error {
	var errs []error
	for _, q := range queries {
		if err := sparkerr.Caught(func() error { return q.admit(ctx) }); err != nil {
			errs = append(errs, &Error{Stream: q.stream.Name, Phase: PhaseStart, Err: err})
		}
	}
	return errors.Join(errs...)
}

func (e Env) withDefaults() Env {
	if e.Stdin == nil {
		e.Stdin = strings.NewReader("")
	}
	if e.Log == nil {
		e.Log = slog.New(slog.DiscardHandler)
	}
	if e.Now == nil {
		e.Now = time.Now
	}
	if e.FS == nil {
		e.FS = storage.OS
	}
	if e.Workers <= 0 {
		e.Workers = runtime.GOMAXPROCS(0)
	}
	if e.Out == nil {
		e.Out = sinks.NewOutput(io.Discard, false)
	}
	if e.NewSink == nil {
		e.NewSink = newSink
	}
	if log := e.Log; e.Notify == nil {
		e.Notify = func(_, text, hint string) { log.Warn(text, "hint", hint) }
	}
	if e.Monitor == nil {
		e.Monitor = &Monitor{}
	}
	if e.Say == nil {
		log := e.Log
		e.Say = func(stream, text string) { log.Info(text, "stream", stream) }
	}
	if e.OnProgress == nil {
		e.OnProgress = func(*Progress) {}
	}
	if e.OnTerminated == nil {
		e.OnTerminated = func(*Terminated) {}
	}
	return e
}
