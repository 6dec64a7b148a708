package sinks

import (
	"cmp"
	"context"
	"errors"
	"math"

	"github.com/streamctl/streamctl/internal/codec"
	"github.com/streamctl/streamctl/internal/job"
	"github.com/streamctl/streamctl/internal/memory"
	"github.com/streamctl/streamctl/internal/types"
	"github.com/streamctl/streamctl/internal/vector"
)

// errAborted is what writers of an aborted batch get.
var errAborted = errors.New("the batch was aborted")

// A stdout sink puts rows on standard output as lines. Rows of a batch come out before the batch is committed: after a crash
// they may come again. Each write ends with a whole line. The system may still cut the one off in which a process is killed,
// between two pages; the next run then begins a new line.
type stdout struct {
	format *format
	out    *Output
	warn   func(text string)
	begun  bool // the header line is out
}

func newStdout(s *job.Stream, schema *types.Schema, env Env) (Sink, error) {
	f, err := newFormat(s, schema, env)
	if err != nil {
		return nil, err
	}
	return &stdout{format: f, out: env.Out, warn: env.Warn}, nil
}

// Describe names the sink.
func (s *stdout) Describe() string { return "Stdout[" + s.format.name + "]" }

// Begin starts a batch; the first one begins with the header line.
func (s *stdout) Begin(context.Context, int64) (Batch, error) {
	b := &stdoutBatch{sink: s}
	b.ordered = newOrdered(func(p []byte) error { _, err := s.out.Write(p); return err })
	if !s.begun {
		s.begun = true
		if err := b.header(); err != nil {
			return nil, err
		}
	}
	return b, nil
}

// Close has nothing to do.
func (s *stdout) Close() error { return nil }

// MayRepeat is true: what was written cannot be taken back.
func (s *stdout) MayRepeat() bool { return true }

type stdoutBatch struct {
	sink *stdout
	*ordered
}

func (b *stdoutBatch) header() error {
	e, err := b.sink.format.encoder()
	if err != nil {
		return err
	}
	if text := b.sink.opening(e.Header(nil)); len(text) > 0 {
		return b.write(text)
	}
	return nil
}

// opening returns what comes before the first row: the header line, unless the file that is added to begins with it, and before that
// the end of a line that was cut off.
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
	s.warn("the last line of the output is cut off, by a run that was killed while it wrote; a new line is begun")
	return append([]byte{'\n'}, header...)
}

// Task returns the writer of partition i.
func (b *stdoutBatch) Task(i, _ int) (TaskWriter, error) {
	e, err := b.sink.format.encoder()
	if err != nil {
		return nil, err
	}
	return &orderedTask{ordered: b.ordered, i: i, encoder: e, buf: b.buffer()}, nil
}

// Commit looks whether somebody is still there to read: all partitions have closed, so everything is out.
func (b *stdoutBatch) Commit(context.Context, int) error {
	b.memory.Release()
	return cmp.Or(b.err, b.sink.out.Check())
}

// Abort ends the writers that wait for their turn.
func (b *stdoutBatch) Abort(context.Context) error {
	b.stop(errAborted)
	return nil
}

// An orderedTask encodes a partition into its own buffer and releases it in turn.
type orderedTask struct {
	ordered *ordered
	i       int
	encoder codec.Encoder
	buf     []byte
	counted int          // bytes of memory that are counted
	closed  func() error // called after the partition's last bytes are out or kept
}

// Write encodes the selected rows.
func (t *orderedTask) Write(ctx context.Context, b *vector.Batch) (err error) {
	if err := t.reserve(b); err != nil {
		return err
	}
	if t.buf, err = t.encoder.AppendBatch(t.buf, b); err != nil {
		return err
	}
	return t.flush(ctx, t.encoder)
}

// reserve makes room for rows that have a lot of text, before the encoder has the buffer grow step by step.
func (t *orderedTask) reserve(b *vector.Batch) error {
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

// flush hands the buffer on when it is large. keepers are the encoders that hold rows back.
func (t *orderedTask) flush(ctx context.Context, keepers ...codec.Encoder) error {
	if err := t.count(keepers); err != nil || len(t.buf) < flushBytes {
		return err
	}
	var err error
	if t.buf, err = t.ordered.release(ctx, t.i, t.buf); err != nil {
		return err
	}
	return t.count(keepers)
}

// count counts the memory of the task.
func (t *orderedTask) count(keepers []codec.Encoder) error {
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
func (t *orderedTask) Close(ctx context.Context) error {
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
