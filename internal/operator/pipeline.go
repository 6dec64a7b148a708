package operator

import (
	"context"
	"errors"
	"io"
	"sync/atomic"

	"github.com/streamctl/streamctl/internal/datetime"
	"github.com/streamctl/streamctl/internal/halt"
	"github.com/streamctl/streamctl/internal/sql/expr"
	"github.com/streamctl/streamctl/internal/state"
	"github.com/streamctl/streamctl/internal/vector"
)

// A BatchContext is what the operators of a micro-batch may depend on besides their input.
type BatchContext struct {
	ID                int64
	Timestamp         int64  // milliseconds since the epoch, logged with the batch: current_timestamp()
	Watermark         int64  // milliseconds: what is emitted and evicted
	PreviousWatermark int64  // milliseconds: what counts as late
	OutputMode        string // in lower case
	Gather            bool   // aggregations only keep their groups for the next batch
	Whole             bool   // aggregations return all groups, whatever the output mode
	// Watermarks and PreviousWatermarks are those of the stateful operators, by their numbers; nil: they are the same for all.
	Watermarks, PreviousWatermarks []int64
	// Times collects event times, by the numbers of the watermarks in the plan.
	Times []*Times
	// State holds what stateful operators keep between batches; nil without such operators.
	State *state.State
	// Broadcasts are the static sides of joins.
	Broadcasts []*Broadcast
	// TableFirst says, by broadcast, that rows of inner joins come out in the order of the table; nil: in that of the stream. (In Spark, the
	// larger side decides: JoinSelectionHelper.getSmallerSide.)
	TableFirst []bool
	// Dropped counts rows that came too late, by the numbers of the stateful operators. Aggregations count them after partial aggregation.
	Dropped []atomic.Int64
	// Exceeded has the most rows of a limit that earlier batches have used up, if the batch has other rows.
	Exceeded atomic.Int64
}

// watermark returns the watermark of the operator with a number.
func (b *BatchContext) watermark(number int) int64 {
	if b.Watermarks == nil {
		return b.Watermark
	}
	return b.Watermarks[number]
}

// previousWatermark returns the watermark that the operator with a number had in the batch before.
func (b *BatchContext) previousWatermark(number int) int64 {
	if b.PreviousWatermarks == nil {
		return b.PreviousWatermark
	}
	return b.PreviousWatermarks[number]
}

// A Partition is the part of a micro-batch that a pipeline works on: rows that one worker processes in order.
type Partition struct {
	Batch  *BatchContext
	Number int // counts the partitions of the batch
	Task   int // number of Spark's task that the partition belongs to; a task may have several partitions
	// Late takes the rows that stateful steps drop; nil: they are not listed. Partitions call it concurrently.
	Late func(*LateRow)
}

// A Feed is rows that enter one leaf of a tree.
type Feed struct {
	Input int // the number of the leaf
	Rows  vector.Reader
}

// A Node places an operator in a tree: the results of Inputs[i] enter its port i. A Node without an operator is a leaf, where the rows of the
// input with its number enter.
type Node struct {
	Operator Operator
	Inputs   []*Node
	Input    int
}

// A Pipeline is a compiled plan. It belongs to one worker, owns the memory of its operators, and works on one task at a time.
type Pipeline struct {
	leaves  map[int]Emit
	order   []*step // every operator after those of its inputs
	out     Emit    // of the current task
	ctx     expr.Context
	portion portioner
	located bool // the task has failed, and its error is not to be placed in a batch any more
	// finishing says that the feeds have ended. Operators emit all they have left then, even if no more rows are needed: they also change
	// their state.
	finishing bool
}

// A step is an operator and where its results go.
type step struct {
	op  Operator
	out Emit
}

// NewPipeline returns a pipeline that computes times in a zone.
func NewPipeline(root *Node, zone *datetime.Zone) *Pipeline {
	p := &Pipeline{leaves: map[int]Emit{}, ctx: expr.Context{Zone: zone}}
	p.add(root, func(b *vector.Batch) error {
		err := p.portion.emit(b, p.out)
		p.located = p.located || err != nil
		return err
	})
	return p
}

// add puts a node and those below it into the pipeline; the node's results go to out.
func (p *Pipeline) add(n *Node, out Emit) {
	if n.Operator == nil {
		p.leaves[n.Input] = out
		return
	}
	s := &step{n.Operator, out}
	for port, in := range n.Inputs {
		p.add(in, func(b *vector.Batch) error { return p.process(s, port, b) })
	}
	p.order = append(p.order, s)
}

// process passes a batch to an operator. A failure keeps the batch that it happened in as its origin.
func (p *Pipeline) process(s *step, port int, b *vector.Batch) error {
	if err := p.ctx.Stop.Err(); err != nil {
		return err
	}
	p.ctx.Batch = b
	err := s.op.Process(&p.ctx, port, b, s.out)
	if enough := (*Enough)(nil); p.finishing && errors.As(err, &enough) {
		return nil
	}
	if err == nil || p.located {
		return err
	}
	p.located = true
	return locate(err, b)
}

// Run reads a task's feeds to their ends, or until an operator has had enough, one after another, runs their rows through the operators, and hands what comes out of the last
// one to out. It does not close the readers.
func (p *Pipeline) Run(ctx context.Context, part Partition, feeds []Feed, out Emit) error {
	c := &p.ctx
	part.Batch.describe(c)
	c.Task, c.Partition = part.Task, part.Number
	c.Run++
	stop, done := halt.With(ctx)
	defer done()
	c.Stop = stop
	p.out, p.located, p.finishing = out, false, false
	for _, s := range p.order {
		if op, ok := s.op.(beginner); ok {
			op.Begin(&part)
		}
	}
	for _, f := range feeds {
		if err := p.read(ctx, f.Rows, p.leaves[f.Input]); err != nil {
			return err
		}
	}
	p.finishing = true
	for _, s := range p.order {
		if err := s.op.Finish(c, s.out); err != nil {
			return err
		}
	}
	return nil
}

// Expr returns what expressions need to know of the batch, outside of a task.
func (b *BatchContext) Expr(zone *datetime.Zone) *expr.Context {
	c := &expr.Context{Zone: zone}
	b.describe(c)
	return c
}

func (b *BatchContext) describe(c *expr.Context) {
	c.BatchTime, c.BatchID = b.Timestamp*1000, b.ID
	c.Now = c.BatchTime + nowOffset(b.Timestamp)
}

// read passes all batches of a reader to a leaf.
func (p *Pipeline) read(ctx context.Context, in vector.Reader, leaf Emit) error {
	for {
		if err := p.ctx.Stop.Err(); err != nil {
			return err
		}
		b, err := in.Next(ctx)
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return err
		}
		if b.Rows() == 0 {
			continue
		}
		var enough *Enough
		if err := leaf(b); errors.As(err, &enough) {
			p.located = false
			if r, ok := in.(Unreader); ok {
				r.Unread(enough.unread(b))
			}
			return nil
		} else if err != nil {
			return err
		}
	}
}

// nowOffset makes now() a separate instant, one that a re-run batch sees again: a few microseconds after the batch's time,
// derived from it. (Spark: now() and current_timestamp() differ within a batch.)
func nowOffset(batchMillis int64) int64 { return 1 + batchMillis%997 }

// locate adds the origin of the failed row.
func locate(err error, b *vector.Batch) error {
	var row *expr.RowError
	if b.Origin == nil || !errors.As(err, &row) {
		return err
	}
	return &vector.RecordError{File: b.Origin.File, Offset: b.Origin.Offset(row.Row), Line: b.Origin.LineOf(row.Row), Err: err}
}
