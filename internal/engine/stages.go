package engine

import (
	"context"

	"github.com/streamctl/streamctl/internal/operator"
	"github.com/streamctl/streamctl/internal/sinks"
	"github.com/streamctl/streamctl/internal/sparkerr"
	"github.com/streamctl/streamctl/internal/transform"
	"github.com/streamctl/streamctl/internal/vector"
)

// A batch runs stage by stage. Pieces of the input run through the stages at the bottom of the plan as they are read; a stage above an
// exchange runs when all rows below it are there, one task for each partition.

// open makes the exchanges of a batch.
func (b *batch) open(p *transform.Plan) {
	b.exchanges, b.partitions = make([]*operator.Exchange, len(p.Stages)), make([]int, len(p.Stages))
	for i, s := range p.Stages {
		if s.Partitions > 0 {
			b.exchanges[i] = operator.NewExchange(s.Partitions)
		}
	}
}

// closeExchanges drops the rows in the exchanges.
func (b *batch) closeExchanges() {
	for _, x := range b.exchanges {
		if x != nil {
			x.Close()
		}
	}
}

// writer returns what takes the rows of partition i of a stage, which belongs to a task.
func (b *batch) writer(stage int, out sinks.BatchWriter, i, task int) (sinks.PartitionWriter, error) {
	if x := b.exchanges[stage]; x != nil {
		return x.Writer(i), nil
	}
	return out.Partition(i, task)
}

// exchanged runs the stages above exchanges, and adds the rows of tables to those of streams, behind them.
func (q *query) exchanged(ctx context.Context, b *batch, out sinks.BatchWriter) error {
	for stage, s := range q.plan.Stages {
		if s.Table != nil {
			continue
		}
		if below := q.below(b, stage); len(below) > 0 {
			if err := q.runStage(ctx, b, stage, below, out); err != nil {
				return err
			}
		}
		if err := q.addTableRows(ctx, b, stage, out); err != nil {
			return err
		}
	}
	return nil
}

// An exchangeInput is an exchange whose rows enter a leaf of a stage.
type exchangeInput struct {
	leaf int
	*operator.Exchange
}

// below lists the exchanges whose rows a stage takes.
func (q *query) below(b *batch, stage int) (list []exchangeInput) {
	for _, leaf := range q.plan.Stages[stage].Inputs {
		if leaf >= len(q.leaves) {
			list = append(list, exchangeInput{leaf, b.exchanges[leaf-len(q.leaves)]})
		}
	}
	return list
}

// runStage runs a stage that takes the rows of exchanges. Partitions without rows have no task, except the first one, since Spark's sinks write
// an empty file there, and those that keep state.
func (q *query) runStage(ctx context.Context, b *batch, stage int, below []exchangeInput, out sinks.BatchWriter) error {
	var tasks []int
	for t := range below[0].Partitions() {
		empty := true
		for _, x := range below {
			empty = empty && x.Empty(t)
		}
		if t == 0 || !empty || q.plan.Stages[stage].Stateful {
			tasks = append(tasks, t)
		}
	}
	first := b.partitions[stage]
	b.partitions[stage] += len(tasks)
	return q.pool.run(ctx, len(tasks), len(tasks) == 1, func(i int) (func(context.Context) error, error) {
		w, err := b.writer(stage, out, first+i, tasks[i])
		if err != nil {
			return nil, err
		}
		var feeds []operator.Feed
		for _, x := range below {
			feeds = append(feeds, operator.Feed{Input: x.leaf, Rows: x.Reader(tasks[i])})
		}
		return func(ctx context.Context) error {
			part := operator.Partition{Batch: &b.context, Number: first + i, Task: tasks[i], Late: q.lateList(nil, nil)}
			if err := q.runPipeline(ctx, b, stage, part, feeds, w); err != nil {
				return q.inBatch(b, err, nil)
			}
			return w.Close(ctx)
		}, nil
	})
}

// runPipeline runs the feeds of one partition of a stage and writes the resulting rows to w.
func (q *query) runPipeline(ctx context.Context, b *batch, stage int, part operator.Partition, feeds []operator.Feed, w sinks.PartitionWriter) error {
	pl, err := q.stages[stage].get()
	if err != nil {
		return err
	}
	rows := int64(0)
	err = sparkerr.Caught(func() error {
		return pl.Run(ctx, part, feeds, func(out *vector.Batch) error {
			rows += int64(out.Rows())
			return w.Write(ctx, out)
		})
	})
	if b.exchanges[stage] == nil {
		b.rowsOut.Add(rows)
	}
	if err == nil { // otherwise its operators may have rows left
		q.stages[stage].put(pl)
	}
	return err
}
