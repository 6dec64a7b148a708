package engine

import (
	"fmt"

	"github.com/streamctl/streamctl/internal/job"
	"github.com/streamctl/streamctl/internal/operator"
	"github.com/streamctl/streamctl/internal/transform"
)

// Reports about queries of which nothing comes out, or not all, although they run as they should.

// warnOfConstants says before the first batch what can have no result.
func (q *query) warnOfConstants() {
	if q.job.Mode == job.DStream {
		return
	}
	for _, w := range q.analysed.Warnings() {
		q.notify(&notice{w.Text, w.Hint})
	}
	if q.mode == operator.Append && q.analysed.Aggregates() && q.stream.Sink.Trigger.Kind == job.Once && q.stream.Sink.Checkpoint == "" {
		q.notify(&notice{
			text: "a single batch without a checkpoint writes no groups in append mode: they come out in a batch after the one that has moved the watermark",
			hint: "output mode complete prints all groups; --available-now, or a checkpoint and later runs, write those that the watermark has passed",
		})
	}
}

// tellTimeless reports an event time that is NULL in all rows so far, since the watermark waits for another one.
func (q *query) tellTimeless(b *batch) {
	for i, t := range b.context.Times {
		all := t.All()
		if q.timed = q.timed || all.Count > t.Nulls(); q.timed || all.Count == 0 {
			continue
		}
		q.timed = true
		q.notify(&notice{
			text: fmt.Sprintf("%s is NULL in all rows of batch %d: the watermark does not move, so nothing that waits for it comes out or is forgotten", q.plan.EventTimes[i], b.context.ID),
			hint: "check the type and the format of the column against a record",
		})
	}
}

// tellExceeded reports the first rows that come after the end of a limit over the whole stream.
func (q *query) tellExceeded(b *batch) {
	most := b.context.Exceeded.Load()
	if most == 0 || q.exceeded {
		return
	}
	q.exceeded = true
	n := &notice{text: fmt.Sprintf("the limit of %s was reached before batch %d: no more rows come out", plural(int(most), "row"), b.context.ID)}
	if q.log.Dir != "" {
		n.hint = "the limit counts the rows of all runs; a new checkpoint begins anew"
	}
	q.notify(n)
}

// tellOpen reports groups that have not come out and are lost with the state, at the end of a run without a checkpoint.
func (q *query) tellOpen() {
	if q.state == nil || q.log.Dir != "" || q.mode != operator.Append {
		return
	}
	open := 0
	for i, op := range q.plan.States {
		if !transform.HasGroups(&op) {
			continue
		}
		for part := range op.Partitions {
			open += q.state.Store(i, op.Stores[0].Name, part).Len()
		}
	}
	if open == 0 || q.stream.Sink.Trigger.Kind == job.Once { // of which the start has warned
		return
	}
	hint := "output mode complete prints all groups"
	if !q.receives() {
		hint = "with a checkpoint, the next run goes on with them; " + hint
	}
	q.notify(&notice{
		text: fmt.Sprintf("groups that were not written when the run ended: %d, which the watermark %s has not passed", open, isoMillis(q.watermark)),
		hint: hint,
	})
}
