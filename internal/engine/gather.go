package engine

import (
	"context"

	"github.com/streamctl/streamctl/internal/operator"
	"github.com/streamctl/streamctl/internal/sinks"
	"github.com/streamctl/streamctl/internal/sparkerr"
	"github.com/streamctl/streamctl/internal/vector"
)

// A query that aggregates an input to its end, such as standard input with --once, has one batch, and so one table. The input is gathered in
// the state as it arrives, so that the memory it takes depends on the groups and not on the input.

// gathers reports whether the query gathers its input.
func (q *query) gathers() bool {
	return (q.mode == operator.Complete || q.mode == operator.Update) && q.log.Dir == "" && q.receives() && q.analysed.Aggregates()
}

// gather reads the input to its end, and then runs the batch that writes the groups. There is none if nothing came.
func (q *query) gather(ctx context.Context, stop <-chan struct{}) error {
	q.gathering = true
	err := q.onNews(ctx, stop)
	q.gathering = false
	if err != nil || !q.gathered.any {
		return err
	}
	if closed(stop) {
		q.notify(&notice{text: "the input had not ended: its groups are not written", hint: "without --once, groups are written as they change"})
		return nil
	}
	q.gathered.ended = true
	_, err = q.step(ctx, false)
	return err
}

// A gathering is what was gathered of the input.
type gathering struct {
	any   bool
	rows  int64
	ended bool // the next batch writes the groups
}

// gatherBatch processes partitions without writing anything.
func (q *query) gatherBatch(ctx context.Context, b *batch, parts []partition) error {
	b.context.Gather = true
	return sparkerr.Caught(func() error { return q.fill(ctx, b, nowhere{}, parts) })
}

// collected notes a batch that was gathered.
func (q *query) collected(b *batch) {
	q.gathered.any = true
	q.gathered.rows += b.rowsIn()
	for i, in := range q.inputs {
		in.committed = b.ranges[i].to
	}
	q.tidyInputs()
}

// nowhere takes the rows of a batch of which none come out.
type nowhere struct{}

func (nowhere) Partition(int, int) (sinks.PartitionWriter, error) { return nowhere{}, nil }
func (nowhere) Write(context.Context, *vector.Batch) error        { return nil }
func (nowhere) Close(context.Context) error                       { return nil }
func (nowhere) Commit(context.Context, int) error                 { return nil }
func (nowhere) Abort(context.Context) error                       { return nil }
