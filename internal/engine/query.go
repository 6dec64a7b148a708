package engine

import (
	"context"
	"errors"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/streamctl/streamctl/internal/checkpoint"
	"github.com/streamctl/streamctl/internal/job"
	"github.com/streamctl/streamctl/internal/operator"
	"github.com/streamctl/streamctl/internal/sinks"
	"github.com/streamctl/streamctl/internal/sparkerr"
	"github.com/streamctl/streamctl/internal/state"
	"github.com/streamctl/streamctl/internal/transform"
	"github.com/streamctl/streamctl/internal/types"
)

// A query is one stream, analysed. Its fields from log on exist while it runs.
type query struct {
	job      *job.Job
	stream   *job.Stream
	env      *Env
	pool     *pool
	runID    string
	inputs   []*input // the streams, in the order of their offsets
	tables   []*input // static ones
	defined  map[*job.Source]*input
	analysed *transform.Query
	mode     string // the output mode, in lower case
	sink     sinks.Sink
	record   *checkpoint.Record // what the checkpoint is to say of this query
	changed  string             // what the query does in another way than its last run
	// elsewhere is set if data of the query is not on this machine (Env.Missing).
	elsewhere bool

	log  *checkpoint.Checkpoint
	conf map[string]string // what the offset log pins
	plan *transform.Plan
	// leaves are the places in the plan where rows of inputs enter, by their numbers.
	leaves []*leaf
	built  []builtTable // by number of the table in the plan
	// stages are the pipelines of the plan's stages, in the same order.
	stages []*pipelines

	next      int64                 // id of the next batch
	again     *checkpoint.OffsetSeq // the one that was logged and not committed; nil: there is none
	ran       bool                  // a batch has run since the start
	watermark int64                 // of the next batch, in milliseconds
	previous  int64                 // the watermark of the batch before it
	marks     []int64               // by number of the watermark: how far its event times have come
	state     *state.State          // nil: no operator keeps any
	holding   holding               // of the watermark, by inputs that are behind
	late      bool                  // late rows have been reported
	timed     bool                  // there was an event time, or that was reported
	exceeded  bool                  // the end of a limit was reported
	gathering bool                  // batches only change the state
	gathered  gathering

	times    batchTimes
	counters counters
	activity atomic.Pointer[activity] // for Monitor
	facts    atomic.Pointer[facts]    // for Monitor
	ending   sync.Once
	outcome  atomic.Pointer[outcome]             // nil: the query has not ended
	held     atomic.Pointer[checkpoint.HeldBack] // for Monitor and progress events; nil: nothing for a while
	gate     commitGate
}

// counters are read by workers and by the summary.
type counters struct {
	batches, in, out atomic.Int64
	batchMicros      atomic.Int64 // the time of the current batch
	running          atomic.Int64 // nanoseconds
	warned           sync.Map
}

// newQuery analyses a stream. Errors are those that Spark reports when a query is defined and started.
func newQuery(ctx context.Context, j *job.Job, s *job.Stream, env *Env, workers *pool) (*query, error) {
	q := &query{job: j, stream: s, env: env, pool: workers, runID: checkpoint.NewID(), defined: map[*job.Source]*input{}}
	if err := checkOptions(j, s); err != nil {
		return nil, err
	}
	var err error
	if q.analysed, err = transform.Analyze(ctx, j, s, q.describe); err != nil {
		return nil, q.perhapsElsewhere(err)
	}
	q.takeInputs()
	if j.Mode == job.DStream && len(q.analysed.Sources) > 1 {
		return nil, sparkerr.At(sparkerr.Plain("a discretized stream reads one input").WithHint("mode: structured joins inputs"), s.Place)
	}
	q.mode = outputMode(j, s)
	q.analysed.OutputMode = q.mode
	q.firstConf()
	if err := errors.Join(q.checkStreaming(), checkOutput(q.analysed.Output)); err != nil {
		return nil, err
	}
	q.warnOfConstants()
	out := sinks.Env{Job: j, Out: env.Out, Zone: q.analysed.Zone, Warn: q.warnOnce, FS: env.FS}
	if q.sink, err = env.NewSink(s, &types.Schema{Fields: q.analysed.Output}, out); err != nil {
		return nil, sinkOptions(j, s).placed(err)
	}
	return q, nil
}

// outputMode returns the output mode in lower case. A discretized stream has none: each interval is a table by itself, of which everything
// is printed.
func outputMode(j *job.Job, s *job.Stream) string {
	switch {
	case j.Mode == job.DStream:
		return operator.Complete
	case s.Sink.OutputMode == "":
		return operator.Append
	}
	return strings.ToLower(s.Sink.OutputMode)
}

// checkStreaming rejects what Spark does not support in streams.
func (q *query) checkStreaming() error {
	if q.job.Mode != job.Structured {
		return nil
	}
	return q.analysed.CheckStreaming(q.stream.Sink.ModePlace)
}

// checkOutput refuses columns that no sink of Spark's takes: TIME, alone or within another type.
func checkOutput(columns []types.Field) error {
	for _, f := range columns {
		if f.Type.Has(types.KindTime) {
			return sparkerr.New("UNSUPPORTED_TIME_TYPE").WithHint("no sink takes the column %s of type %s: CAST it AS STRING", types.Quote(f.Name), f.Type.SQL())
		}
	}
	return nil
}

// warnOnce logs a warning that data causes only once.
func (q *query) warnOnce(text string) {
	if _, known := q.counters.warned.LoadOrStore(text, true); !known {
		q.env.Log.Warn(text, "stream", q.stream.Name)
	}
}

// run works until the query's end.
func (q *query) run(ctx context.Context, stop <-chan struct{}) error {
	started := q.env.Now()
	err := sparkerr.Caught(func() error { return q.work(ctx, stop) })
	q.counters.running.Store(int64(q.env.Now().Sub(started)))
	if err == nil {
		q.ends(nil)
		return nil
	}
	return q.fails(err)
}

// fails reports the error that ended the query, and returns it as that of its stream.
func (q *query) fails(err error) error {
	if errors.Is(err, context.Canceled) {
		q.canceled()
		q.ends(nil)
		return &Error{Stream: q.stream.Name, Phase: PhaseRun, Err: q.reported(err)}
	}
	err = q.reported(err)
	q.ends(err)
	return &Error{Stream: q.stream.Name, Phase: PhaseRun, Err: err}
}

// work opens what the query needs, runs its batches, and closes everything again.
func (q *query) work(ctx context.Context, stop <-chan struct{}) (err error) {
	if q.log, err = q.openCheckpoint(); err != nil {
		return err
	}
	defer closing(&err, func() error { return closePart(q.sink) })
	defer closing(&err, q.closeRejects)
	q.publish(func(f *facts) { f.id = q.log.ID })
	q.begins()
	opening, cancel := until(ctx, stop)
	defer cancel()
	if err := q.openInputs(opening); err != nil {
		if closed(stop) {
			return nil // asked to stop while it was still connecting
		}
		return err
	}
	defer closing(&err, q.closeInputs)
	defer closing(&err, q.closeState)
	defer closing(&err, q.closeTables)
	defer func() {
		if err == nil {
			q.recordHeld()
			q.tellOpen()
		}
	}()
	if err := q.recover(ctx); err != nil {
		return err
	}
	q.times.lastProgress = q.env.Now()
	q.starts()
	return q.loop(ctx, stop)
}

// say forwards a message of the source.
func (q *query) say(text string) { q.env.Say(q.stream.Name, text) }

// until returns a context that ends with ctx, or when stop is closed.
func until(ctx context.Context, stop <-chan struct{}) (context.Context, context.CancelFunc) {
	ctx, cancel := context.WithCancel(ctx)
	go func() {
		select {
		case <-stop:
			cancel()
		case <-ctx.Done():
		}
	}()
	return ctx, cancel
}

// closing closes something when a function returns; its error counts when there is no other.
func closing(err *error, closer func() error) {
	if e := closer(); *err == nil {
		*err = e
	}
}

// openCheckpoint opens the directory that the job names; without one the run remembers what it needs in memory.
func (q *query) openCheckpoint() (*checkpoint.Checkpoint, error) {
	dir := q.stream.Sink.Checkpoint
	if dir == "" {
		return checkpoint.InMemory(), nil
	}
	path, err := q.job.Absolute(dir)
	if err != nil {
		return nil, err
	}
	c, err := checkpoint.Open(q.env.FS, path)
	if err != nil {
		return nil, err
	}
	if q.changed != "" {
		q.notify(&notice{text: q.changed})
	}
	own(q.sink, checkpoint.Owner{Query: c.ID, Checkpoint: path})
	return c, c.SetRecord(q.record)
}

// compile optimises the plan when the first batch needs it: constants that fail do so only then.
func (q *query) compile(ctx context.Context) error {
	if q.plan != nil {
		return nil
	}
	p, err := q.optimize(ctx)
	if err != nil {
		return err
	}
	if err := q.openState(ctx, p); err != nil {
		return err
	}
	q.plan = p
	if q.env.Plans {
		q.publish(func(f *facts) { f.plan = p.Explain() })
	}
	for i, in := range p.Inputs {
		q.leaves = append(q.leaves, q.newLeaf(i, in))
	}
	for _, s := range p.Stages {
		q.stages = append(q.stages, &pipelines{compile: func() (pipeline, error) { return s.NewPipeline() }})
	}
	return q.openTables()
}

func (q *query) optimize(ctx context.Context) (p *transform.Plan, err error) {
	err = sparkerr.Caught(func() (err error) {
		p, err = q.analysed.Optimize(ctx)
		return err
	})
	return p, err
}

// summaries returns the query's summary.
func (q *query) summaries() []StreamSummary {
	c := &q.counters
	s := StreamSummary{Name: q.stream.Name, Batches: c.batches.Load(), RowsIn: c.in.Load(), RowsOut: c.out.Load(), Running: time.Duration(c.running.Load())}
	s.HeldBack = q.held.Load()
	for _, in := range q.everyInput() {
		malformed, dropped := in.rejects.total()
		left := leftOutOf(&in.stats.LeftOut)
		s.RowsMalformed += malformed
		s.RowsDropped += dropped
		if !in.static {
			s.Files += in.stats.Files.Load()
		}
		s.LeftOut.add(&left)
	}
	return []StreamSummary{s}
}

// A pipeline runs a stage of the plan over one task at a time; a *operator.Pipeline.
type pipeline interface {
	Run(ctx context.Context, part operator.Partition, feeds []operator.Feed, out operator.Emit) error
}

// pipelines are the compiled pipelines of a stage that no worker is using.
type pipelines struct {
	compile func() (pipeline, error)
	mu      sync.Mutex
	idle    []pipeline
}

func (p *pipelines) get() (pipeline, error) {
	p.mu.Lock()
	if n := len(p.idle); n > 0 {
		pl := p.idle[n-1]
		p.idle = p.idle[:n-1]
		p.mu.Unlock()
		return pl, nil
	}
	p.mu.Unlock()
	return p.compile()
}

func (p *pipelines) put(pl pipeline) {
	p.mu.Lock()
	p.idle = append(p.idle, pl)
	p.mu.Unlock()
}
