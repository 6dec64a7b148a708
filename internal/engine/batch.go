package engine

import (
	"context"
	"errors"
	"fmt"
	"sync/atomic"
	"syscall"
	"time"

	"github.com/streamctl/streamctl/internal/checkpoint"
	"github.com/streamctl/streamctl/internal/operator"
	"github.com/streamctl/streamctl/internal/sinks"
	"github.com/streamctl/streamctl/internal/sources"
	"github.com/streamctl/streamctl/internal/sparkerr"
	"github.com/streamctl/streamctl/internal/vector"
)

// A batch is a micro-batch in progress.
type batch struct {
	context    operator.BatchContext
	ranges     []inputRange // what it covers of each input
	start      time.Time
	rowsOut    atomic.Int64
	partitions []int                // by stage: how many it has worked on, or is working on
	tasks      int                  // Spark's, of several inputs
	exchanges  []*operator.Exchange // by stage: what takes its rows; nil: the sink does
	states     []StateProgress      // of stateful operators, once their state is committed
}

// An inputRange is what a batch covers of one input: what comes after from, up to to.
type inputRange struct {
	from, to sources.Offset
	rows     atomic.Int64 // read so far
}

// rowsIn is how many rows the batch has read so far.
func (b *batch) rowsIn() (n int64) {
	for i := range b.ranges {
		n += b.ranges[i].rows.Load()
	}
	return n
}

// news reports whether any input has new data.
func (b *batch) news() bool {
	for i := range b.ranges {
		if b.ranges[i].from != b.ranges[i].to {
			return true
		}
	}
	return false
}

// A partition is a partition of an input with its place in the batch.
type partition struct {
	sources.Partition
	leaf int
	task int // Spark's in the whole batch
}

// numbered turns the partitions of a leaf into those of the batch. Spark numbers the tasks of several leaves one after another.
func (q *query) numbered(b *batch, leaf int, parts []sources.Partition) []partition {
	list := make([]partition, len(parts))
	first := 0
	if len(parts) > 0 && len(q.leaves) > 1 {
		first = b.tasks - parts[0].Task()
	}
	for i, p := range parts {
		list[i] = partition{p, leaf, first + p.Task()}
		b.tasks = max(b.tasks, list[i].task+1)
	}
	return list
}

// step runs the next batch if there is new data, or reruns a batch that was not committed.
func (q *query) step(ctx context.Context, all bool) (ran bool, err error) {
	t := &q.times
	t.begin(q.env.Now())
	b, err := q.nextBatch(ctx, all)
	if err != nil || b == nil {
		return false, err
	}
	q.activity.Store(&activity{batch: b})
	defer q.gate.leave()
	if err := q.runBatch(ctx, b); err != nil {
		q.unread(b, err)
		return false, err
	}
	if err := q.gate.enter(); err != nil {
		return false, err
	}
	if q.gathering {
		q.collected(b)
		return true, nil
	}
	q.advance(b)
	if err := t.measure("commitOffsets", q.env.Now, func() error { return q.log.Commits.Add(b.context.ID, q.watermark) }); err != nil {
		return false, err
	}
	q.finished(b)
	q.watchHeld()
	q.report(b)
	q.tellLate(b)
	q.tellTimeless(b)
	q.tellExceeded(b)
	q.tidyInputs()
	q.tidyState(ctx)
	tidy(q.sink)
	return true, nil
}

// finished counts a batch that is committed, and moves on to the next one.
func (q *query) finished(b *batch) {
	q.counters.batches.Add(1)
	q.counters.in.Add(b.rowsIn())
	q.counters.out.Add(b.rowsOut.Load())
	for i, in := range q.inputs {
		in.rows.Add(b.ranges[i].rows.Load())
		in.committed = b.ranges[i].to
	}
	for _, l := range q.leaves {
		l.tellAbsent(q, false)
	}
	q.next, q.again = b.context.ID+1, nil
	q.previous, q.ran = b.context.Watermark, true
}

// unread says what becomes of a batch whose reader has gone. Without a checkpoint nothing does.
func (q *query) unread(b *batch, err error) {
	if errors.Is(err, syscall.EPIPE) && q.stream.Sink.Checkpoint != "" {
		q.env.Log.Warn(fmt.Sprintf("the reader of standard output has gone: batch %d is not committed and runs again", b.context.ID), "stream", q.stream.Name)
	}
}

// nextBatch decides what the next batch covers and logs it before doing anything; it returns nil if there is no new data.
func (q *query) nextBatch(ctx context.Context, all bool) (*batch, error) {
	t := &q.times
	b := &batch{ranges: make([]inputRange, len(q.inputs)), start: t.start}
	b.context = operator.BatchContext{ID: q.next, Watermark: q.watermark, PreviousWatermark: q.previous, OutputMode: q.mode}
	for i, in := range q.inputs {
		b.ranges[i].from = in.committed
	}
	if q.again != nil {
		b.context.Timestamp = q.again.Timestamp
		for i, offset := range q.again.Offsets {
			b.ranges[i].to = sources.Offset(offset)
		}
		return b, nil
	}
	err := t.measure("latestOffset", q.env.Now, func() error { return q.latestOffsets(ctx, b, all) })
	if err != nil || !b.news() && !q.withoutData() && !q.gathered.ended {
		return nil, err
	}
	b.context.Timestamp = q.env.Now().UnixMilli()
	if q.gathered.ended {
		b.context.Whole = true
		b.ranges[0].rows.Store(q.gathered.rows)
	}
	return b, t.measure("walCommit", q.env.Now, func() error { return q.logBatch(ctx, b) })
}

// latestOffsets asks each source how far the batch may go, within the limits of the source unless all is true.
func (q *query) latestOffsets(ctx context.Context, b *batch, all bool) (err error) {
	for i, in := range q.inputs {
		if b.ranges[i].to, err = in.source.LatestOffset(ctx, in.committed, all); err != nil {
			return err
		}
	}
	return nil
}

// logBatch writes the batch to the offset log; with that the batch before is done for good.
func (q *query) logBatch(ctx context.Context, b *batch) error {
	entry := &checkpoint.OffsetSeq{Watermark: b.context.Watermark, Timestamp: b.context.Timestamp, Conf: q.conf}
	for i := range b.ranges {
		entry.Offsets = append(entry.Offsets, string(b.ranges[i].to))
	}
	if err := q.log.Offsets.Add(b.context.ID, entry); err != nil {
		return err
	}
	for i, in := range q.inputs {
		if from := b.ranges[i].from; from != "" {
			if err := commit(ctx, in.source, from); err != nil {
				return err
			}
		}
	}
	return q.log.Purge(b.context.ID)
}

// runBatch reads, transforms and writes a batch, again when its input changed meanwhile.
func (q *query) runBatch(ctx context.Context, b *batch) error {
	t := &q.times
	q.counters.batchMicros.Store(b.context.Timestamp * 1000)
	if err := t.measure("queryPlanning", q.env.Now, func() error { return q.compile(ctx) }); err != nil {
		return err
	}
	for {
		if err := q.beginRejects(b.context.ID); err != nil {
			return err
		}
		q.beginState(b)
		err := q.attempt(ctx, b)
		if !errors.Is(err, sources.ErrChanged) {
			return err
		}
		for _, in := range q.everyInput() {
			in.rejects.forget()
		}
		for i := range b.ranges {
			b.ranges[i].rows.Store(0)
		}
		b.rowsOut.Store(0)
		b.tasks = 0
	}
}

// beginRejects starts the lists of malformed records of an attempt at a batch.
func (q *query) beginRejects(batch int64) error {
	for _, in := range q.everyInput() {
		if err := in.rejects.begin(batch); err != nil {
			return err
		}
	}
	return nil
}

// attempt does the work of a batch once.
func (q *query) attempt(ctx context.Context, b *batch) error {
	t := &q.times
	var list []partition
	err := t.measure("getBatch", q.env.Now, func() (err error) {
		list, err = q.planInputs(ctx, b)
		return err
	})
	if err != nil {
		return err
	}
	return t.measure("addBatch", q.env.Now, func() error { return q.write(ctx, b, list) })
}

// planInputs returns what a batch has to read of the streams, leaf by leaf.
func (q *query) planInputs(ctx context.Context, b *batch) (list []partition, err error) {
	for _, l := range q.streamLeaves(b) {
		r := &b.ranges[l.plan.Source]
		parts, err := l.source.Plan(ctx, r.from, r.to, l.scan)
		if err != nil {
			return nil, err
		}
		list = append(list, q.numbered(b, l.number, parts)...)
	}
	return list, nil
}

// streamLeaves lists the leaves at which rows of streams enter in a batch.
func (q *query) streamLeaves(b *batch) (list []*leaf) {
	for _, l := range q.leaves {
		if l.input != nil && !l.static && b.ranges[l.plan.Source].from != b.ranges[l.plan.Source].to {
			list = append(list, l)
		}
	}
	return list
}

// recheckInputs returns what belongs to the batch because it came while the batch was read. If a source is read at several leaves, the batch has
// to be read again instead.
func (q *query) recheckInputs(ctx context.Context, b *batch) (list []partition, err error) {
	seen := map[*input]bool{}
	for _, l := range q.streamLeaves(b) {
		again := seen[l.input]
		seen[l.input] = true
		parts, err := recheck(ctx, l.source)
		if err == nil && len(parts) > 0 && (again || q.readTwice(l.input)) {
			err = sources.ErrChanged
		}
		if err != nil {
			return nil, err
		}
		list = append(list, q.numbered(b, l.number, parts)...)
	}
	return list, nil
}

// readTwice reports whether an input enters the plan at several leaves.
func (q *query) readTwice(in *input) bool {
	n := 0
	for _, l := range q.leaves {
		if l.input == in {
			n++
		}
	}
	return n > 1
}

// write writes a batch to the sink, all or nothing.
func (q *query) write(ctx context.Context, b *batch, parts []partition) error {
	if q.gathering {
		return q.gatherBatch(ctx, b, parts)
	}
	out, err := q.sink.Begin(ctx, b.context.ID)
	if errors.Is(err, sinks.ErrHave) && q.again == nil {
		return sparkerr.Plain("%s has batch %d already, from another query: what is new would be lost", q.sink.Describe(), b.context.ID).
			WithHint("go on with the checkpoint that belongs to this output, or give the query a directory of its own")
	}
	if errors.Is(err, sinks.ErrHave) {
		q.env.Log.Info("Skipping already committed batch", "stream", q.stream.Name, "batch", b.context.ID)
		return q.skipState(ctx, b)
	}
	if err != nil {
		return err
	}
	if err = sparkerr.Caught(func() error { return q.fill(ctx, b, out, parts) }); err != nil {
		_ = out.Abort(context.WithoutCancel(ctx))
	}
	return err
}

// fill writes a batch and makes it final.
func (q *query) fill(ctx context.Context, b *batch, out sinks.BatchWriter, parts []partition) (err error) {
	b.context.Broadcasts = nil
	defer q.open(b)()
	err = q.buildTables(ctx, b, out)
	for err == nil && len(parts) > 0 {
		if err = q.process(ctx, b, out, parts); err == nil {
			parts, err = q.recheckInputs(ctx, b)
		}
	}
	if err == nil && !q.holds(b) {
		err = q.exchanged(ctx, b, out)
	}
	if err == nil {
		err = q.checkRejects(b)
	}
	if err == nil {
		err = q.gate.enter()
	}
	if err == nil {
		err = q.commitState(ctx, b)
	}
	if err == nil {
		err = out.Commit(ctx, b.partitions[len(b.partitions)-1])
	}
	return err
}

// checkRejects looks at the malformed records of a batch that was read, and reports the first ones.
func (q *query) checkRejects(b *batch) error {
	for i, in := range q.everyInput() {
		rows := int64(0)
		if !in.static {
			rows = b.ranges[i].rows.Load()
		}
		if err := in.checkRejects(q, rows); err != nil {
			return err
		}
	}
	return nil
}

// process reads partitions and runs them through the stages that they enter, behind the partitions that these have worked on already.
func (q *query) process(ctx context.Context, b *batch, out sinks.BatchWriter, parts []partition) error {
	numbers := make([]int, len(parts))
	for i, p := range parts {
		stage := q.leaves[p.leaf].stage
		numbers[i] = b.partitions[stage]
		b.partitions[stage]++
	}
	return q.pool.run(ctx, len(parts), small(parts), func(i int) (func(context.Context) error, error) {
		p := &parts[i]
		stage := q.leaves[p.leaf].stage
		w, err := b.writer(stage, out, numbers[i], p.task)
		if err != nil {
			return nil, err
		}
		return func(ctx context.Context) error { return q.partition(ctx, b, stage, numbers[i], p, w) }, nil
	})
}

// small reports whether one goroutine finishes a batch before several could share it.
func small(parts []partition) bool {
	for _, p := range parts {
		if !p.Small() {
			return false
		}
	}
	return len(parts) <= 4
}

// partition runs one partition through the stage that consumes its rows.
func (q *query) partition(ctx context.Context, b *batch, stage, i int, p *partition, w sinks.PartitionWriter) error {
	in, err := p.Open(ctx)
	if err != nil {
		return err
	}
	l := q.leaves[p.leaf]
	counted := &countedReader{Reader: in}
	if l.input != nil {
		counted.rejects = l.rejects
	}
	part := operator.Partition{Batch: &b.context, Number: i, Task: p.task, Late: q.lateList(l.input, in)}
	err = q.runPipeline(ctx, b, stage, part, []operator.Feed{{Input: p.leaf, Rows: counted}}, w)
	switch {
	case l.input == nil:
	case l.static:
		l.rows.Add(counted.rows)
	default:
		b.ranges[l.plan.Source].rows.Add(counted.rows)
	}
	if err != nil {
		err = q.inBatch(b, err, in)
	}
	if closeErr := in.Close(); err == nil && closeErr != nil {
		err = q.inBatch(b, closeErr, in)
	}
	if err != nil {
		return err
	}
	counted.fileDone()
	return w.Close(ctx)
}

// A countedReader counts the rows that a plan has read, and ends when there are too many malformed records.
type countedReader struct {
	vector.Reader
	rows    int64
	rejects *rejects
	file    *vector.File // of the last batch
	before  int64        // rows when it began
}

// fileDone reports the rows of the file that ends.
func (r *countedReader) fileDone() {
	if r.file != nil {
		r.rejects.fileDone(r.file.Path, r.rows-r.before)
	}
	r.file, r.before = nil, r.rows
}

// Unread takes back rows of the last batch that a limit did not need.
func (r *countedReader) Unread(rows int) { r.rows -= int64(rows) }

func (r *countedReader) Next(ctx context.Context) (*vector.Batch, error) {
	b, err := r.Reader.Next(ctx)
	if b != nil {
		if o := b.Origin; o != nil && o.File != r.file {
			r.fileDone()
			r.file = o.File
		}
		r.rows += int64(b.Rows())
	}
	if r.rejects != nil && r.rejects.exceeded() {
		return nil, r.rejects.check()
	}
	return b, err
}
