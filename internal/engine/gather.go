package engine

import (
	"context"

	"github.com/streamctl/streamctl/internal/job"
	"github.com/streamctl/streamctl/internal/memory"
	"github.com/streamctl/streamctl/internal/operator"
	"github.com/streamctl/streamctl/internal/sinks"
	"github.com/streamctl/streamctl/internal/sparkerr"
	"github.com/streamctl/streamctl/internal/vector"
)

// A query that aggregates an input to its end, such as standard input with --once, has one batch, and so one table. The input is gathered as it arrives: its
// rows wait in the exchanges until they are many, and then join the groups of their partitions, so that the memory it takes depends on the groups and not on
// the input.

// gatheredTasks is how many tasks aggregate such an input, unless the setting is given: for each, the table of its groups is small enough for the caches of the
// processor, also if there are many groups.
const gatheredTasks = 64

// gatheredBytes is how much memory rows take in exchanges before they join their groups.
const gatheredBytes = 64 << 20

// gathers reports whether the query gathers its input.
func (q *query) gathers() bool {
	return (q.mode == operator.Complete || q.mode == operator.Update) && q.log.Dir == "" && q.receives() && q.analysed.Aggregates()
}

// gathersInput is gathers for standard input, before the sources are open.
func (q *query) gathersInput() bool {
	sink := &q.stream.Sink
	ends := sink.Trigger.Kind == job.Once || sink.Trigger.Kind == job.AvailableNow
	return ends && sink.Checkpoint == "" && len(q.inputs) == 1 && q.inputs[0].spec.Path == "-" && q.mode != operator.Append && q.analysed.Aggregates()
}

// gather reads the input to its end, and then runs the batch that writes the groups. There is none if nothing came.
func (q *query) gather(ctx context.Context, stop <-chan struct{}) error {
	q.gathering = true
	defer func() { (&batch{exchanges: q.gathered.exchanges}).closeExchanges() }()
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

	exchanges  []*operator.Exchange // with rows that wait
	partitions []int                // by stage: how many are gathered
}

// open makes the exchanges of a batch, or takes those of the batches gathered before. The function that it returns drops their rows, unless these wait for the
// next batch.
func (q *query) open(b *batch) (done func()) {
	g := &q.gathered
	if g.exchanges == nil {
		b.open(q.plan)
	} else {
		b.exchanges, b.partitions = g.exchanges, g.partitions
		b.partitions[len(b.partitions)-1] = 0
	}
	if !q.gathering {
		g.exchanges = nil
		return b.closeExchanges
	}
	g.exchanges, g.partitions = b.exchanges, b.partitions
	return func() {
		if q.holds(b) {
			return
		}
		for _, x := range b.exchanges {
			if x != nil {
				x.Clear()
			}
		}
	}
}

// holds reports whether the rows of a batch stay in its exchanges.
func (q *query) holds(b *batch) bool {
	bytes := 0
	for _, x := range b.exchanges {
		if x != nil {
			bytes += x.Bytes()
		}
	}
	return q.gathering && bytes < memory.Share(gatheredBytes, 8)
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
