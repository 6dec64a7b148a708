package engine

import (
	"context"
	"time"

	"github.com/streamctl/streamctl/internal/job"
	"github.com/streamctl/streamctl/internal/operator"
	"github.com/streamctl/streamctl/internal/sources"
	"github.com/streamctl/streamctl/internal/sparkerr"
)

// dstreams are the discretized streams of a job. Every interval has a batch of each, empty or not, one stream after the
// other; a late one is printed later under its own time. (Spark: JobGenerator, RecurringTimer.)
type dstreams struct {
	job     *job.Job
	queries []*query
	env     *Env
	inputs  []*interval
}

func newDStreams(j *job.Job, queries []*query, env *Env) *dstreams {
	return &dstreams{job: j, queries: queries, env: env}
}

func (d *dstreams) summaries() []StreamSummary {
	var s []StreamSummary
	for _, q := range d.queries {
		s = append(s, q.summaries()...)
	}
	return s
}

func (d *dstreams) abandon() {
	for _, q := range d.queries {
		q.abandon()
	}
}

// run opens the inputs and runs interval by interval.
func (d *dstreams) run(ctx context.Context, stop <-chan struct{}) (err error) {
	started := d.env.Now()
	defer func() {
		for i, in := range d.inputs {
			closing(&err, func() error { return closePart(in.src) })
			closing(&err, func() error { return closePart(d.queries[i].sink) })
			closing(&err, d.queries[i].closeRejects)
		}
		for _, q := range d.queries {
			q.counters.running.Store(int64(d.env.Now().Sub(started)))
			q.ends(nil) // unless it has failed
		}
	}()
	for _, q := range d.queries {
		q.begins()
		in, err := q.openInterval(ctx)
		if err != nil {
			return q.fails(err)
		}
		d.inputs = append(d.inputs, in)
		q.inputs[0].opened.Store(&in.src)
		q.starts()
		q.waits(in.src)
	}
	return d.intervals(ctx, stop)
}

// intervals runs a batch of each stream at the multiples of the interval.
func (d *dstreams) intervals(ctx context.Context, stop <-chan struct{}) error {
	at := nextMultiple(d.env.Now(), d.job.BatchInterval)
	timer := time.NewTimer(at.Sub(d.env.Now()))
	defer timer.Stop()
	for {
		select {
		case <-timer.C:
		case <-stop:
			return nil
		case <-ctx.Done():
			return ctx.Err()
		}
		if closed(stop) {
			return nil
		}
		over := true
		for i, q := range d.queries {
			over = d.inputs[i].done() && over
			if err := sparkerr.Caught(func() error { return q.interval(ctx, at, d.inputs[i]) }); err != nil {
				return q.fails(err)
			}
		}
		if over {
			return nil
		}
		at = at.Add(d.job.BatchInterval)
		timer.Reset(at.Sub(d.env.Now()))
	}
}

// interval runs the batch of one stream.
func (q *query) interval(ctx context.Context, t time.Time, in *interval) error {
	q.counters.batchMicros.Store(t.UnixMicro())
	q.times.begin(t)
	if err := q.compile(ctx); err != nil {
		return err
	}
	scan := &sources.Scan{Empty: true}
	if len(q.leaves) > 0 {
		scan = q.leaves[0].scan
	}
	parts, err := in.batch(ctx, t, scan)
	if err != nil {
		return err
	}
	if err := q.beginRejects(t.UnixMilli()); err != nil {
		return err
	}
	b := &batch{ranges: make([]inputRange, 1), context: operator.BatchContext{ID: t.UnixMilli(), Timestamp: t.UnixMilli(), OutputMode: q.mode}, start: t}
	q.beginState(b) // which is empty: none is ever committed
	q.activity.Store(&activity{batch: b})
	defer q.waits(in.src)
	out, err := q.sink.Begin(ctx, b.context.ID)
	if err != nil {
		return err
	}
	b.open(q.plan)
	defer b.closeExchanges()
	if scan.Empty {
		parts = nil
	}
	err = q.times.measure("addBatch", q.env.Now, func() error {
		if err := q.process(ctx, b, out, q.numbered(b, 0, parts)); err != nil {
			return err
		}
		return q.exchanged(ctx, b, out)
	})
	if err == nil {
		err = q.checkRejects(b)
	}
	if err == nil {
		err = q.gate.enter()
	}
	if err == nil {
		err = out.Commit(ctx, b.partitions[len(b.partitions)-1])
	}
	q.gate.leave()
	if err != nil {
		_ = out.Abort(context.WithoutCancel(ctx))
		return err
	}
	q.counters.batches.Add(1)
	q.counters.in.Add(b.rowsIn())
	q.inputs[0].rows.Add(b.rowsIn())
	q.counters.out.Add(b.rowsOut.Load())
	q.report(b)
	return nil
}

// openInterval opens the source of a discretized stream.
func (q *query) openInterval(ctx context.Context) (*interval, error) {
	in := q.inputs[0]
	if in.format.OpenInterval == nil {
		return nil, sparkerr.Plain("discretized streams read files and sockets, not %s", in.format.Name)
	}
	src, err := in.format.OpenInterval(ctx, q.job, in.spec, in.env(q))
	if err != nil {
		return nil, err
	}
	return &interval{src: src}, nil
}

// An interval is the source of a discretized stream.
type interval struct {
	src  sources.Source
	from sources.Offset
}

// batch returns what arrived in the interval that ends at t.
func (i *interval) batch(ctx context.Context, t time.Time, scan *sources.Scan) ([]sources.Partition, error) {
	if src, ok := i.src.(sources.Batcher); ok {
		return src.Batch(t, scan)
	}
	to, err := i.src.LatestOffset(ctx, i.from, false)
	if err != nil || to == i.from {
		return nil, err
	}
	parts, err := i.src.Plan(ctx, i.from, to, scan)
	i.from = to
	return parts, err
}

// done reports that no more input can arrive.
func (i *interval) done() bool { return closed(doneOf(i.src)) }
