package engine

import (
	"context"
	"errors"
	"fmt"
	"sync/atomic"
	"syscall"
	"time"

	"github.com/streamctl/streamctl/internal/checkpoint"
	"github.com/streamctl/streamctl/internal/sinks"
	"github.com/streamctl/streamctl/internal/sources"
	"github.com/streamctl/streamctl/internal/sparkerr"
	"github.com/streamctl/streamctl/internal/transform"
	"github.com/streamctl/streamctl/internal/vector"
)

// A batch is one micro-batch on its way.
type batch struct {
	context    transform.BatchContext
	from, to   sources.Offset
	start      time.Time
	rowsIn     atomic.Int64
	rowsOut    atomic.Int64
	partitions int
}

// step runs the next batch if there is something new, or one that has to be run again.
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
	if err := t.measure("commitOffsets", q.env.Now, func() error { return q.log.Commits.Add(b.context.ID, q.watermark) }); err != nil {
		return false, err
	}
	q.counters.batches.Add(1)
	q.counters.in.Add(b.rowsIn.Load())
	q.counters.out.Add(b.rowsOut.Load())
	q.tellAbsent(false)
	q.committed, q.next, q.again = b.to, b.context.ID+1, nil
	q.report(b)
	for _, part := range []any{q.source, q.sink} {
		if t, ok := part.(tidier); ok {
			t.Tidy()
		}
	}
	return true, nil
}

// unread says what becomes of a batch whose reader has gone. Without a checkpoint nothing does.
func (q *query) unread(b *batch, err error) {
	if errors.Is(err, syscall.EPIPE) && q.stream.Sink.Checkpoint != "" {
		q.env.Log.Warn(fmt.Sprintf("the reader of standard output has gone: batch %d is not committed and runs again", b.context.ID), "stream", q.stream.Name)
	}
}

// A tidier is a source or sink that has work which can wait until a batch is done. What fails is done another time.
type tidier interface{ Tidy() }

// nextBatch decides what the next batch covers and logs it before anything is done; nil when there is nothing new.
func (q *query) nextBatch(ctx context.Context, all bool) (*batch, error) {
	t := &q.times
	b := &batch{from: q.committed, start: t.start}
	b.context = transform.BatchContext{ID: q.next, Watermark: q.watermark, PreviousWatermark: q.watermark, OutputMode: q.stream.Sink.OutputMode}
	if q.again != nil {
		b.to, b.context.Timestamp = sources.Offset(q.again.Offsets[0]), q.again.Timestamp
		return b, nil
	}
	err := t.measure("latestOffset", q.env.Now, func() (err error) {
		b.to, err = q.source.LatestOffset(ctx, q.committed, all)
		return err
	})
	if err != nil || b.to == q.committed {
		return nil, err
	}
	b.context.Timestamp = q.env.Now().UnixMilli()
	return b, t.measure("walCommit", q.env.Now, func() error { return q.logBatch(ctx, b) })
}

// logBatch writes the batch to the offset log; with that the batch before is done for good.
func (q *query) logBatch(ctx context.Context, b *batch) error {
	entry := &checkpoint.Batch{Watermark: b.context.Watermark, Timestamp: b.context.Timestamp, Conf: q.conf, Offsets: []string{string(b.to)}}
	if err := q.log.Offsets.Add(b.context.ID, entry); err != nil {
		return err
	}
	if b.from != "" {
		if err := q.source.Commit(ctx, b.from); err != nil {
			return err
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
		if err := q.rejects.begin(b.context.ID); err != nil {
			return err
		}
		err := q.attempt(ctx, b)
		if !errors.Is(err, sources.ErrChanged) {
			return err
		}
		q.rejects.forget()
		b.rowsIn.Store(0)
		b.rowsOut.Store(0)
		b.partitions = 0
	}
}

// attempt does the work of a batch once.
func (q *query) attempt(ctx context.Context, b *batch) error {
	t := &q.times
	var parts []sources.Partition
	err := t.measure("getBatch", q.env.Now, func() (err error) {
		parts, err = q.source.Plan(ctx, b.from, b.to, q.scan)
		return err
	})
	if err != nil {
		return err
	}
	return t.measure("addBatch", q.env.Now, func() error { return q.write(ctx, b, parts) })
}

// write puts a batch into the sink, whole or not at all.
func (q *query) write(ctx context.Context, b *batch, parts []sources.Partition) error {
	out, err := q.sink.Begin(ctx, b.context.ID)
	if errors.Is(err, sinks.ErrHave) && q.again == nil {
		return sparkerr.Plain("%s has batch %d already, from another query: what is new would be lost", q.sink.Describe(), b.context.ID).
			WithHint("go on with the checkpoint that belongs to this output, or give the query a directory of its own")
	}
	if errors.Is(err, sinks.ErrHave) {
		q.env.Log.Info("Skipping already committed batch", "stream", q.stream.Name, "batch", b.context.ID)
		return nil
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
func (q *query) fill(ctx context.Context, b *batch, out sinks.Batch, parts []sources.Partition) (err error) {
	for err == nil && len(parts) > 0 {
		if err = q.process(ctx, b, out, parts); err == nil {
			parts, err = q.source.Recheck(ctx)
		}
	}
	if err == nil {
		err = q.checkRejects(b)
	}
	if err == nil {
		err = q.gate.enter()
	}
	if err == nil {
		err = out.Commit(ctx, b.partitions)
	}
	return err
}

// checkRejects looks at the malformed records of a batch that was read, and tells of the first ones.
func (q *query) checkRejects(b *batch) error {
	if err := q.rejects.check(); err != nil {
		return err
	}
	q.rejects.batchDone()
	q.notify(q.rejects.message(q.counters.in.Load() + b.rowsIn.Load()))
	return nil
}

// process reads partitions, which follow those of the batch that were read already.
func (q *query) process(ctx context.Context, b *batch, out sinks.Batch, parts []sources.Partition) error {
	first := b.partitions
	b.partitions += len(parts)
	return q.pool.run(ctx, len(parts), small(parts), func(i int) (func(context.Context) error, error) {
		w, err := out.Task(first+i, parts[i].Task())
		if err != nil {
			return nil, err
		}
		return func(ctx context.Context) error { return q.partition(ctx, b, first+i, parts[i], w) }, nil
	})
}

// small reports a batch that one goroutine has done sooner than several have shared it.
func small(parts []sources.Partition) bool {
	for _, p := range parts {
		if !p.Small() {
			return false
		}
	}
	return len(parts) <= 4
}

// partition pulls one partition through the plan into the sink.
func (q *query) partition(ctx context.Context, b *batch, i int, p sources.Partition, w sinks.TaskWriter) error {
	pl, err := q.idle.get()
	if err != nil {
		return err
	}
	defer q.idle.put(pl)
	in, err := p.Open(ctx)
	if err != nil {
		return err
	}
	counted := &countedReader{Reader: in, rejects: q.rejects}
	rows := int64(0)
	err = sparkerr.Caught(func() error {
		return pl.Run(ctx, &b.context, i, p.Task(), counted, func(out *vector.Batch) error {
			rows += int64(out.Rows())
			return w.Write(ctx, out)
		})
	})
	b.rowsIn.Add(counted.rows)
	b.rowsOut.Add(rows)
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

func (r *countedReader) Next(ctx context.Context) (*vector.Batch, error) {
	b, err := r.Reader.Next(ctx)
	if b != nil {
		if o := b.Origin; o != nil && o.File != r.file {
			r.fileDone()
			r.file = o.File
		}
		r.rows += int64(b.Rows())
	}
	if r.rejects.exceeded() {
		return nil, r.rejects.check()
	}
	return b, err
}
