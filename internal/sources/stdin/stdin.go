// Package stdin is the source that reads standard input: a batch is the complete lines available, the end of the input ends
// the query. One goroutine reads ahead into a few large buffers while batches are decoded from them in place.
package stdin

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"strconv"
	"sync"

	"github.com/streamctl/streamctl/internal/codec"
	"github.com/streamctl/streamctl/internal/memory"
	"github.com/streamctl/streamctl/internal/sources"
	"github.com/streamctl/streamctl/internal/sparkerr"
	"github.com/streamctl/streamctl/internal/vector"
)

const (
	bufferBytes = 1 << 20
	maxBuffers  = 12
	// minRead is the least room for which reading is worth while.
	minRead    = 64 << 10
	smallBytes = 256 << 10
)

// A buffer is a stretch of the input. Its chunks are read by workers while more is read in behind them.
type buffer struct {
	data []byte // its capacity is used
	from int64  // offset in the input of data[0]
	refs int    // chunks that are not done
}

// A chunk is complete lines of a buffer.
type chunk struct {
	buf        *buffer
	start, end int
	line       int64 // number of the first line; 0: not counted
}

func (c *chunk) bytes() []byte { return c.buf.data[c.start:c.end] }

func (c *chunk) endOffset() int64 { return c.buf.from + int64(c.end) }

// A Source reads a stream of bytes.
type Source struct {
	in      io.Reader
	decoder *codec.Decoder
	wake    chan struct{}
	done    chan struct{}
	limit   int // longest record

	mu      sync.Mutex
	room    *sync.Cond
	chunks  []chunk // published and not done, in order
	current *buffer // being filled
	filled  int     // of current
	lines   int     // complete lines of current end here
	taken   int     // chunks of current end here
	skip    bool    // up to the end of a line that is too long
	buffers int     // in use
	bytes   int     // of them
	held    memory.Holding
	free    [][]byte
	planned codec.Lines // of the chunks that were planned
	carry   codec.Carry // what a reader remembers, if the decoder reads in order
	err     error
	eof     bool
	closed  bool
}

// The faces of the source.
var _ interface {
	sources.Waker
	sources.Ender
	sources.Waiter
} = (*Source)(nil)

// New starts to read.
func New(decoder *codec.Decoder, env *sources.Env) *Source {
	s := &Source{in: env.Stdin, decoder: decoder, wake: make(chan struct{}, 1), done: make(chan struct{}), limit: env.MaxLine, planned: codec.Lines{Sep: decoder.Separator}}
	if s.limit <= 0 {
		s.limit = codec.DefaultMaxLineBytes
	}
	s.room = sync.NewCond(&s.mu)
	s.current, s.buffers = &buffer{data: s.allocate(bufferBytes)}, 1
	go func() {
		if err := sparkerr.Caught(s.read); err != nil {
			s.mu.Lock()
			defer s.mu.Unlock()
			s.finish(err)
		}
	}()
	return s
}

// read fills buffers until the input ends. It cannot be stopped while it waits for input.
func (s *Source) read() error {
	for {
		target, ok := s.target()
		if !ok {
			return nil
		}
		n, err := s.in.Read(target)
		if !s.arrived(n, err) {
			return nil
		}
	}
}

// target returns room to read into. It waits for it if too much is unread.
func (s *Source) target() ([]byte, bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if len(s.current.data)-s.filled < minRead {
		if !s.advance() {
			return nil, false
		}
	}
	return s.current.data[s.filled:], !s.closed
}

// advance makes a new current buffer that begins with the unfinished line of the old one.
func (s *Source) advance() bool {
	partial := s.filled - s.lines
	if partial > s.limit && !s.decoder.LineEnds {
		s.finish(&codec.FileTooLong{Limit: s.limit})
		return false
	}
	if partial > s.limit+codec.MarkBytes { // its beginning stands for the line, which the reader finds to be too long
		s.cut()
		s.lines += s.limit + codec.MarkBytes + 1
		s.skip = true
	}
	s.cut()
	for s.buffers > 1 && s.buffers >= memory.Share(maxBuffers*bufferBytes, 8)/bufferBytes && !s.closed {
		s.room.Wait()
	}
	if s.closed {
		return false
	}
	if s.skip {
		s.lines, partial = s.filled, 0
	}
	size := max(bufferBytes, min(2*partial, s.limit+bufferBytes))
	if err := s.held.Hold(s.bytes + size); err != nil {
		s.finish(codec.ReadFailed(nil, fmt.Errorf("a line that has not ended after %d bytes: %w", partial, err)))
		return false
	}
	next := &buffer{data: s.allocate(size), from: s.current.from + int64(s.lines)}
	copy(next.data, s.current.data[s.lines:s.filled])
	if s.current.refs == 0 {
		s.recycle(s.current)
	}
	s.current, s.filled, s.lines, s.taken = next, partial, 0, 0
	s.buffers++
	return true
}

func (s *Source) allocate(n int) []byte {
	s.bytes += n
	if k := len(s.free); k > 0 && n == bufferBytes {
		b := s.free[k-1]
		s.free = s.free[:k-1]
		return b
	}
	return make([]byte, n)
}

func (s *Source) recycle(b *buffer) {
	if len(b.data) == bufferBytes {
		s.free = append(s.free, b.data)
	}
	s.buffers--
	s.bytes -= len(b.data)
	_ = s.held.Hold(s.bytes) // which is less than before
	s.room.Broadcast()
}

// arrived takes in n bytes; it reports whether there can be more.
func (s *Source) arrived(n int, err error) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.skip {
		n = s.skipped(n)
	}
	before := s.lines
	if s.decoder.LineEnds {
		if i := bytes.LastIndexByte(s.current.data[s.filled:s.filled+n], '\n'); i >= 0 {
			s.lines = s.filled + i + 1
		}
	}
	s.filled += n
	if err == nil {
		if s.lines > before {
			s.signal()
		}
		return !s.closed
	}
	s.lines = s.filled // the last line may have no end
	if errors.Is(err, io.EOF) {
		err = nil
	} else {
		e := sparkerr.Plain("reading standard input failed: %s", err)
		e.Cause = err
		err = e
	}
	s.finish(err)
	return false
}

// skipped drops the rest of a line that is too long from the n bytes that are first in the current buffer. It gives how many
// bytes are left.
func (s *Source) skipped(n int) int {
	data := s.current.data[:n]
	rest := bytes.IndexByte(data, '\n') + 1
	if rest == 0 {
		rest = n
	} else {
		s.skip = false
	}
	s.current.from += int64(rest)
	return copy(data, data[rest:])
}

// finish notes the end of the input.
func (s *Source) finish(err error) {
	s.cut()
	s.err, s.eof = err, true
	close(s.done)
	s.signal()
}

// cut publishes the complete lines of the current buffer as a chunk.
func (s *Source) cut() {
	if s.lines > s.taken {
		s.chunks = append(s.chunks, chunk{buf: s.current, start: s.taken, end: s.lines})
		s.current.refs++
		s.taken = s.lines
	}
}

func (s *Source) signal() {
	select {
	case s.wake <- struct{}{}:
	default:
	}
}

// Describe names the source.
func (s *Source) Describe() string { return "StandardInput" }

// Waiting says that nothing has come.
func (s *Source) Waiting() string { return "waiting for standard input" }

// Recover refuses.
func (s *Source) Recover(context.Context, sources.Logged) error {
	return sparkerr.Plain("standard input cannot go on from a checkpoint: what was read is gone").
		WithHint("leave out --checkpoint, or read a directory")
}

// LatestOffset is how many bytes there are up to the last complete line.
func (s *Source) LatestOffset(_ context.Context, from sources.Offset, _ bool) (sources.Offset, error) {
	n, err := parse(from)
	if err != nil {
		return "", err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.release(n)
	s.cut()
	if k := len(s.chunks); k > 0 {
		return sources.Offset(strconv.FormatInt(s.chunks[k-1].endOffset(), 10)), nil
	}
	return from, s.err
}

func parse(o sources.Offset) (int64, error) {
	if o == "" {
		return 0, nil
	}
	return strconv.ParseInt(string(o), 10, 64)
}

// release forgets the chunks up to offset n: their batch is done.
func (s *Source) release(n int64) {
	for len(s.chunks) > 0 && s.chunks[0].endOffset() <= n {
		b := s.chunks[0].buf
		s.chunks = s.chunks[1:]
		if b.refs--; b.refs == 0 && b != s.current {
			s.recycle(b)
		}
	}
}

// Plan returns a partition per chunk.
func (s *Source) Plan(_ context.Context, _, to sources.Offset, scan *sources.Scan) ([]sources.Partition, error) {
	last, err := parse(to)
	if err != nil || scan.Empty {
		return nil, err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	var parts []*partition
	for i := range s.chunks {
		c := &s.chunks[i]
		if c.endOffset() > last {
			break
		}
		if c.line == 0 {
			s.number(c)
		}
		parts = append(parts, &partition{source: s, scan: scan, chunk: *c, lines: codec.TextLines{Sep: s.decoder.Separator}})
	}
	return s.arranged(parts), nil
}

// arranged returns the partitions of chunks: one for all of them if they must be read in order.
func (s *Source) arranged(chunks []*partition) []sources.Partition {
	if s.decoder.InOrder && len(chunks) > 0 {
		return []sources.Partition{sequence(chunks)}
	}
	parts := make([]sources.Partition, len(chunks))
	for i, p := range chunks {
		parts[i] = p
	}
	return parts
}

// number counts the lines of a chunk, whose memory is gone when a later one asks.
func (s *Source) number(c *chunk) {
	c.line = s.planned.Ends + 1
	s.planned.Add(c.bytes())
	if s.decoder.LineEnds && !bytes.HasSuffix(c.bytes(), []byte{'\n'}) { // the beginning of a line that is too long
		s.planned.Ends++
	}
}

// Wake tells of new lines.
func (s *Source) Wake() <-chan struct{} { return s.wake }

// Done is closed at the end of the input.
func (s *Source) Done() <-chan struct{} { return s.done }

// Close stops reading ahead; a read that waits for input stays behind until the process ends.
func (s *Source) Close() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.closed = true
	s.held.Release()
	s.room.Broadcast()
	return nil
}

// A partition is one chunk.
type partition struct {
	source *Source
	scan   *sources.Scan
	chunk  chunk
	lines  codec.TextLines // of the chunk
}

// Task is 0: all of a batch goes into one part.
func (p *partition) Task() int { return 0 }

// Small reports a chunk that is not worth a goroutine.
func (p *partition) Small() bool { return p.chunk.end-p.chunk.start <= smallBytes }

// Open makes the reader of the chunk.
func (p *partition) Open(context.Context) (vector.Reader, error) {
	scan, err := p.scan.ForReader()
	if err != nil {
		return nil, err
	}
	p.locate(scan)
	in := codec.FromBytes(nil, p.chunk.bytes())
	in.Continues = p.offset() > 0 // the first chunk has the header
	if p.source.decoder.InOrder {
		in.Carry = &p.source.carry
	}
	r, err := p.source.decoder.NewReader(scan, in)
	return &reader{r, p}, err
}

// A reader knows the lines of its records.
type reader struct {
	vector.Reader
	partition *partition
}

// LineAt is the line of an offset of the chunk.
func (r *reader) LineAt(offset int64) int64 {
	return r.partition.lineAt(offset + r.partition.offset())
}

// offset is where the chunk begins in the input.
func (p *partition) offset() int64 { return p.chunk.buf.from + int64(p.chunk.start) }

// lineAt is the line of an offset of the whole input.
func (p *partition) lineAt(offset int64) int64 {
	data, to := p.chunk.bytes(), int(offset-p.offset())
	if to < 0 || to > len(data) {
		return 0
	}
	return p.chunk.line - 1 + p.lines.At(data, to)
}

// locate converts the places of malformed records to places in the whole input.
func (p *partition) locate(scan *codec.Scan) {
	report := scan.OnMalformed
	if report == nil {
		return
	}
	lineAt := p.lineAt
	scan.OnMalformed = func(m *codec.Malformed) {
		if m.Offset >= 0 {
			m.Offset += p.offset()
		}
		m.LineAt = lineAt
		report(m)
	}
}
