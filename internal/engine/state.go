package engine

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"strings"
	"sync/atomic"

	"github.com/streamctl/streamctl/internal/job"
	"github.com/streamctl/streamctl/internal/operator"
	"github.com/streamctl/streamctl/internal/state"
	"github.com/streamctl/streamctl/internal/transform"
)

// stateDir is the directory of the state in a checkpoint.
const stateDir = "state"

// openState opens the state of a query, at the version that its next batch begins with. A query without stateful operators has none, but is
// refused if its checkpoint has some.
func (q *query) openState(ctx context.Context, p *transform.Plan) error {
	dir := ""
	if q.log != nil && q.log.Dir != "" {
		dir = filepath.Join(q.log.Dir, stateDir)
	}
	if len(p.States) == 0 && dir == "" {
		return nil
	}
	s, err := state.Open(q.env.FS, dir, p.States, q.stateOptions())
	if err != nil || len(p.States) == 0 {
		return err
	}
	if err := s.Load(ctx, q.next); err != nil {
		return errors.Join(err, s.Close())
	}
	q.state = s
	q.warnGrowing(p)
	return nil
}

// warnGrowing says which state only grows, unless the query ends by itself.
func (q *query) warnGrowing(p *transform.Plan) {
	growing := p.Growing()
	trigger := q.stream.Sink.Trigger.Kind
	ends := trigger == job.Once || trigger == job.AvailableNow || q.receives()
	if len(growing) == 0 || q.job.Mode == job.DStream || ends && q.log.Dir == "" {
		return
	}
	q.notify(&notice{
		text: fmt.Sprintf("the state of %s only grows: it keeps each key for good, in memory and in the checkpoint", strings.Join(growing, " and of ")),
		hint: "a watermark (--watermark, withWatermark) on a time among the keys, or on that of a window among them, lets it forget; --state-memory limits it",
	})
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
	b.context.Watermarks, b.context.PreviousWatermarks = q.plan.OperatorWatermarks(b.context.Watermark), q.plan.OperatorWatermarks(b.context.PreviousWatermark)
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

// tellLate reports the first rows that came too late, since they are in no result. The summary and progress events have all of them.
func (q *query) tellLate(b *batch) {
	late := int64(0)
	for i := range b.states {
		late += b.states[i].NumRowsDroppedByWatermark
	}
	if late == 0 || q.late {
		return
	}
	q.late = true
	q.notify(&notice{
		text: fmt.Sprintf("rows that come too late are dropped: %d in batch %d, whose times are not after %s", late, b.context.ID, isoMillis(b.context.PreviousWatermark)),
		hint: "a longer delay of the watermark lets them in" + q.aheadHint() + q.lateListing(),
	})
}

// tidyState starts snapshots and the removal of old versions in the background.
func (q *query) tidyState(ctx context.Context) {
	if q.state == nil {
		return
	}
	if err := q.state.Tidy(ctx); err != nil {
		q.env.Log.Warn("the state was not tidied up, which is tried again", "stream", q.stream.Name, "reason", err)
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
func (q *query) latest() bool {
	return strings.EqualFold(q.conf["spark.sql.streaming.multipleWatermarkPolicy"], "max")
}

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
		q.stream.Sink.Trigger.Kind != job.Once && !strings.EqualFold(strings.TrimSpace(q.job.Conf["spark.sql.streaming.noDataMicroBatches.enabled"]), "false")
}

// stateOptions returns how the state is kept.
func (q *query) stateOptions() state.Options {
	minDeltas, retain := job.StateConf(q.job.Conf)
	return state.Options{Query: q.stream.Name, Version: q.next, Memory: q.env.StateMemory, MinDeltas: minDeltas, Retain: retain}
}
