package sinks

import (
	"cmp"
	"context"
	"errors"
	"math"

	"github.com/streamctl/streamctl/internal/codec"
	"github.com/streamctl/streamctl/internal/job"
	"github.com/streamctl/streamctl/internal/memory"
	"github.com/streamctl/streamctl/internal/sparkerr"
	"github.com/streamctl/streamctl/internal/types"
	"github.com/streamctl/streamctl/internal/vector"
)

// errAborted is the error for writers of an aborted batch.
var errAborted = errors.New("the batch was aborted")

// A stdout sink writes rows to standard output as lines. Rows are written before their batch is committed, so they may be
// repeated after a crash. Each write ends with a complete line. If the process is killed during a write, the system may still
// cut that write off at a page boundary; the next run then starts a new line.
type stdout struct {
	format   string
	encoding *codec.Encoding
	out      *Output
	warn     func(text string)
	begun    bool         // the header line has been written
	joiner   codec.Joiner // of the output as a whole; nil: the encoders' output is it
	torn     bool         // the joiner has a part of a batch that was aborted
}

func newStdout(c *codec.Codec, s *job.Stream, schema *types.Schema, env Env) (Sink, error) {
	e, err := encodingOf(c.Stream, s, schema, env)
	if err != nil {
		return nil, err
	}
	out := &stdout{format: s.Sink.Format, encoding: e, out: env.Out, warn: env.Warn}
	if e.Joiner != nil {
		out.joiner, err = e.Joiner()
	}
	return out, err
}

// write writes the output of encoders.
func (s *stdout) write(p []byte) error {
	if s.joiner != nil {
		return s.joiner.Join(p, s.print)
	}
	return s.print(p)
}

func (s *stdout) print(p []byte) error {
	_, err := s.out.Write(p)
	return err
}

// Close writes what follows the last row, unless there is a part of a batch: readers then refuse the output.
func (s *stdout) Close() error {
	if s.joiner == nil || s.torn {
		return nil
	}
	return s.joiner.End(s.print)
}

// Describe returns the sink's name.
func (s *stdout) Describe() string { return "Stdout[" + s.format + "]" }

// Begin starts a batch; the first one begins with the header line.
func (s *stdout) Begin(context.Context, int64) (BatchWriter, error) {
	b := &stdoutBatch{sink: s}
	if s.torn {
		return nil, sparkerr.Plain("standard output has a part of the batch before, which failed").WithHint("run the job again, into another file")
	}
	b.ordered = newOrdered(s.write)
	if !s.begun {
		s.begun = true
		if err := b.header(); err != nil {
			return nil, err
		}
	}
	return b, nil
}

// MayRepeat returns true: written output cannot be undone.
func (s *stdout) MayRepeat() bool { return true }

type stdoutBatch struct {
	sink *stdout
	*ordered
}

func (b *stdoutBatch) header() error {
	e, err := b.sink.encoding.Encoder()
	if err != nil {
		return err
	}
	if text := b.sink.opening(e.Header(nil)); len(text) > 0 {
		return b.write(text)
	}
	return nil
}

// opening returns what is written before the first row: the header line, unless the file being appended to begins with it,
// preceded by a line end if the last line of that file is incomplete.
func (s *stdout) opening(header []byte) []byte {
	a := s.out.appended()
	if a == nil {
		return header
	}
	defer a.close()
	if a.beginsWith(header) {
		header = nil
	}
	if !a.cutOff() {
		return header
	}
	s.warn("the last line of the output is incomplete, because a run was killed while it wrote; output continues on a new line")
	return append([]byte{'\n'}, header...)
}

// Partition returns the writer of partition i.
func (b *stdoutBatch) Partition(i, _ int) (PartitionWriter, error) {
	e, err := b.sink.encoding.Encoder()
	if err != nil {
		return nil, err
	}
	return &orderedPartition{ordered: b.ordered, i: i, encoder: e, buf: b.buffer()}, nil
}

// Commit checks whether the reader still exists. All partitions have closed, so everything is written.
func (b *stdoutBatch) Commit(context.Context, int) error {
	b.memory.Release()
	return cmp.Or(b.err, b.sink.out.Check())
}

// Abort ends the writers that are waiting.
func (b *stdoutBatch) Abort(context.Context) error {
	b.stop(errAborted)
	b.sink.torn = b.sink.joiner != nil
	return nil
}

// An orderedPartition encodes a partition into its own buffer and releases it when due.
type orderedPartition struct {
	ordered *ordered
	i       int
	encoder codec.Encoder
	buf     []byte
	counted int          // bytes of memory accounted for
	closed  func() error // called after the partition's last bytes are written or buffered
}

// Write encodes the selected rows.
func (t *orderedPartition) Write(ctx context.Context, b *vector.Batch) (err error) {
	if err := t.reserve(b); err != nil {
		return err
	}
	t.watch(ctx, t.encoder)
	if t.buf, err = t.encoder.AppendBatch(t.buf, b); err != nil {
		return err
	}
	return t.flush(ctx, t.encoder)
}

// watch lets an encoder be stopped, and accounts for the memory of huge values.
func (t *orderedPartition) watch(ctx context.Context, e codec.Encoder) {
	if memory.Limited() {
		e.Watch(ctx, t)
	} else {
		e.Watch(ctx, nil)
	}
}

// Hold accounts for the buffer that an encoder is about to grow within AppendBatch.
func (t *orderedPartition) Hold(length, beside int) error {
	return t.ordered.count(&t.counted, length+beside)
}

// reserve makes room for rows with much text, so that the encoder does not grow the buffer step by step.
func (t *orderedPartition) reserve(b *vector.Batch) error {
	if !memory.Limited() {
		return nil
	}
	n := b.TextBytes(math.MaxInt)
	n += n / 16
	if n < flushBytes || cap(t.buf)-len(t.buf) >= n {
		return nil
	}
	if err := t.ordered.count(&t.counted, t.counted+len(t.buf)+n); err != nil {
		return err
	}
	t.buf = append(make([]byte, 0, len(t.buf)+n), t.buf...)
	return nil
}

// flush passes on the buffer if it is large. keepers are the encoders that buffer rows.
func (t *orderedPartition) flush(ctx context.Context, keepers ...codec.Encoder) error {
	if err := t.count(keepers); err != nil || len(t.buf) < flushBytes {
		return err
	}
	var err error
	if t.buf, err = t.ordered.release(ctx, t.i, t.buf); err != nil {
		return err
	}
	return t.count(keepers)
}

// count accounts for the memory of the task.
func (t *orderedPartition) count(keepers []codec.Encoder) error {
	if !memory.Limited() {
		return nil
	}
	size := cap(t.buf)
	for _, k := range keepers {
		if e, ok := k.(codec.Ender); ok {
			size += e.Held()
		}
	}
	return t.ordered.count(&t.counted, size)
}

// Close ends the partition.
func (t *orderedPartition) Close(ctx context.Context) error {
	if e, ok := t.encoder.(codec.Ender); ok {
		var err error
		if t.buf, err = e.AppendEnd(t.buf); err != nil {
			return err
		}
	}
	buf := t.buf
	t.buf = nil
	if err := t.ordered.close(ctx, t.i, buf); err != nil {
		return err
	}
	if err := t.count(nil); err != nil {
		return err
	}
	if t.closed != nil {
		return t.closed()
	}
	return nil
}
