package engine

import (
	"context"
	"path/filepath"
	"sync/atomic"

	"github.com/streamctl/streamctl/internal/job"
	"github.com/streamctl/streamctl/internal/operator"
	"github.com/streamctl/streamctl/internal/state"
)

// stateDir is the directory of the state in a checkpoint.
const stateDir = "state"

// openState opens the state of a query with stateful operators, at the version that its next batch begins with.
func (q *query) openState(ctx context.Context) (err error) {
	if len(q.plan.States) == 0 || q.state != nil {
		return nil
	}
	dir := ""
	if q.log != nil && q.log.Dir != "" {
		dir = filepath.Join(q.log.Dir, stateDir)
	}
	if q.state, err = state.Open(q.env.FS, dir, q.plan.States, q.stateOptions()); err != nil {
		return err
	}
	return q.state.Load(ctx, q.next)
}

// closeState ends what the state does in the background.
func (q *query) closeState() error {
	if q.state == nil {
		return nil
	}
	return q.state.Close()
}

// beginState prepares an attempt at a batch: what an earlier attempt has changed is undone.
func (q *query) beginState(b *batch) {
	b.context.Times = make([]*operator.Times, len(q.plan.Watermarks))
	for i := range b.context.Times {
		b.context.Times[i] = &operator.Times{}
	}
	if q.state == nil {
		return
	}
	q.state.Abort()
	b.context.State, b.context.Dropped = q.state, make([]atomic.Int64, len(q.plan.States))
}

// commitState makes the state of a batch durable. The sink commits only then: its output and the state of a batch that is in the sink
// but not in the commit log belong together.
func (q *query) commitState(ctx context.Context, b *batch) error {
	if q.state == nil {
		return nil
	}
	start := q.env.Now()
	b.states = q.stateProgress(b)
	err := q.state.Commit(ctx)
	for i := range b.states {
		b.states[i].CommitTimeMs = q.env.Now().Sub(start).Milliseconds()
	}
	return err
}

// tidyState starts snapshots and the removal of old versions in the background.
func (q *query) tidyState(ctx context.Context) {
	if q.state != nil {
		q.state.Tidy(ctx)
	}
}

// skipState moves on to the state of a batch that the sink has already.
func (q *query) skipState(ctx context.Context, b *batch) error {
	if q.state == nil {
		return nil
	}
	return q.state.Load(ctx, b.context.ID+1)
}

// advance moves the watermark after a batch: per operator the latest event time less its delay in whole milliseconds, over all operators
// the earliest of these or, by spark.sql.streaming.multipleWatermarkPolicy, the latest. It never moves back. (Spark: WatermarkTracker.)
func (q *query) advance(b *batch) {
	if len(b.context.Times) == 0 {
		return
	}
	if q.marks == nil {
		q.marks = make([]int64, len(b.context.Times))
	}
	for i, t := range b.context.Times {
		if all := t.All(); all.Count > 0 {
			q.marks[i] = max(q.marks[i], floorMillis(all.Max)-q.plan.Watermarks[i])
		}
	}
	next := q.marks[0]
	for _, m := range q.marks[1:] {
		if q.latest() {
			next = max(next, m)
		} else {
			next = min(next, m)
		}
	}
	q.watermark = max(q.watermark, next)
}

// latest reports the policy max.
func (q *query) latest() bool { return q.conf["spark.sql.streaming.multipleWatermarkPolicy"] == "max" }

func floorMillis(micros int64) int64 {
	ms := micros / 1000
	if micros%1000 < 0 {
		ms--
	}
	return ms
}

// withoutData reports whether a batch is to run although there is no new data, since the watermark has moved and some operator waits for
// that. After a start there is none: the first batch has data. (Spark: MicroBatchExecution.constructNextBatch.)
func (q *query) withoutData() bool {
	return q.ran && q.plan != nil && q.watermark > q.previous && q.plan.AsksForBatch() &&
		q.stream.Sink.Trigger.Kind != job.Once && q.job.Conf["spark.sql.streaming.noDataMicroBatches.enabled"] != "false"
}

// stateOptions returns how the state is kept.
func (q *query) stateOptions() state.Options {
	return state.Options{Query: q.stream.Name, Memory: q.env.StateMemory}
}
