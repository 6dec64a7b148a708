package codec

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"strconv"

	"github.com/streamctl/streamctl/internal/memory"
	"github.com/streamctl/streamctl/internal/sparkerr"
	"github.com/streamctl/streamctl/internal/vector"
)

// ChunkBytes is how much of an input is read at a time, unless the input says otherwise.
const ChunkBytes = 512 << 10

// MarkBytes is the length of a byte order mark in UTF-8, which does not count as a part of the first record.
const MarkBytes = 3

// Chunks cuts a partition into chunks of whole records. Of a record that is longer than allowed only the beginning is delivered,
// more than allowed even without a byte order mark. The bytes of a chunk stay valid until the next call of Next, and the
// reader may use Buf beyond the chunk as scratch space through Scratch.
type Chunks struct {
	src    io.Reader
	closer io.Closer
	sep    []byte // record separator; nil: \n, \r or \r\n
	limit  int    // longest record
	whole  bool   // the chunk is everything

	buf        []byte
	head, tail int   // unread bytes are buf[head:tail]
	pos        int64 // offset in the file of buf[head]
	end        int64 // the partition owns records that begin at or before end; -1: all
	eof        bool
	opened     bool
	skipping   bool // up to the next record
	in         Input
	held       memory.Holding // buf
	err        error          // of Keep
}

// NewChunks prepares to read in. sep is the record separator; nil means that each of \n, \r and \r\n ends a line.
func NewChunks(in Input, sep []byte, limit int) *Chunks {
	return &Chunks{in: in, sep: sep, limit: limit}
}

// NewWhole prepares to read all of in as a single chunk.
func NewWhole(in Input, limit int) *Chunks {
	return &Chunks{in: in, limit: limit, whole: true}
}

// Restart prepares to read another input, with the same memory. The chunks must be closed.
func (c *Chunks) Restart(in Input) {
	buf := c.buf
	if c.in.InMemory() { // it belongs to somebody else
		buf = nil
	}
	*c = Chunks{in: in, sep: c.sep, limit: c.limit, whole: c.whole, buf: buf, held: c.held}
}

// Next gives the next chunk as Buf()[from:to] and the offset of its first byte in the file, or io.EOF.
func (c *Chunks) Next(ctx context.Context) (from, to int, offset int64, err error) {
	if !c.opened {
		if err := c.open(); err != nil {
			return 0, 0, 0, err
		}
	}
	for {
		if err := ctx.Err(); err != nil {
			return 0, 0, 0, err
		}
		if c.whole && c.tail-c.head > c.limit {
			return 0, 0, 0, &FileTooLong{Limit: c.limit}
		}
		if !c.skipping || c.skip() {
			n := c.complete()
			if n == 0 && c.tooLong() {
				n, c.skipping = c.limit+MarkBytes+1, true
			}
			if n > 0 {
				from, to, offset = c.head, c.head+n, c.pos
				c.advance(n)
				return from, to, offset, nil
			}
		}
		if c.eof {
			return 0, 0, 0, io.EOF
		}
		if err := c.fill(); err != nil {
			return 0, 0, 0, err
		}
	}
}

// tooLong reports that the unread bytes are more than a record may have, although the first one has not ended. A separator may
// have begun behind what a record may have.
func (c *Chunks) tooLong() bool {
	return !c.whole && !c.eof && c.tail-c.head > c.longest()
}

// longest is the length of the longest record with what stands around it.
func (c *Chunks) longest() int { return c.limit + MarkBytes + max(1, len(c.sep)) }

// skip goes behind the next separator; it is false when that has not been read yet.
func (c *Chunks) skip() bool {
	unread := c.buf[c.head:c.tail]
	if n := c.separatorEnd(unread); n > 0 || c.eof {
		if n == 0 {
			n = len(unread)
		}
		c.advance(n)
		c.skipping = false
		return true
	}
	c.advance(max(0, len(unread)-max(1, len(c.sep)-1))) // a separator may have begun
	return false
}

func (c *Chunks) advance(n int) {
	c.head += n
	c.pos += int64(n)
}

// Buf is the buffer that chunks are ranges of. It changes with Next and Scratch.
func (c *Chunks) Buf() []byte { return c.buf[:c.tail] }

// Scratch gives Buf with its spare room behind, for values that do not stand in the chunk as they are; what is appended is
// lost at the next call of Next. Give the result of append back to Keep.
func (c *Chunks) Scratch() []byte { return c.buf[:c.tail] }

// Keep makes scratch, the result of appending to Scratch, the buffer.
func (c *Chunks) Keep(scratch []byte) {
	grown := cap(scratch) != cap(c.buf)
	if c.buf = scratch[:cap(scratch)]; grown && c.err == nil {
		c.err = c.hold(len(c.buf))
	}
}

// Room returns scratch with room for n more bytes when a memory limit is set, so that append does not grow it step by step. It reports
// false when the limit leaves no room; Err says why.
func (c *Chunks) Room(scratch []byte, n int) ([]byte, bool) {
	if n <= ChunkBytes || cap(scratch)-len(scratch) >= n || !memory.Limited() {
		return scratch, true
	}
	if c.err = c.hold(len(scratch) + n); c.err != nil {
		return scratch, false
	}
	scratch = append(make([]byte, 0, len(scratch)+n), scratch...)
	c.buf = scratch[:cap(scratch)]
	return scratch, true
}

// Err is the error of a buffer that has grown beyond the limit of memory in Keep or Room.
func (c *Chunks) Err() error { return c.err }

// hold reserves the memory of a buffer of n bytes.
func (c *Chunks) hold(n int) error {
	err := c.held.Hold(n)
	if err == nil {
		return nil
	}
	what := "a record that has not ended after " + strconv.Itoa(c.tail-c.head) + " bytes"
	if c.whole {
		what = "a file that is read as a whole (multiLine, wholetext)"
	}
	return &vector.RecordError{File: c.in.File, Offset: c.pos, Err: fmt.Errorf("%s: %w", what, err)}
}

// Close releases the input, and the buffer if it is large.
func (c *Chunks) Close() error {
	c.eof, c.opened = true, true
	c.head, c.tail = 0, 0
	c.held.Release()
	if len(c.buf) > 2*ChunkBytes {
		c.buf = nil
	}
	if c.closer == nil {
		return nil
	}
	closer := c.closer
	c.closer = nil
	return closer.Close()
}

func (c *Chunks) open() error {
	c.opened = true
	c.end = -1
	if c.in.Open == nil {
		c.buf, c.tail, c.eof = c.in.data[:len(c.in.data):len(c.in.data)], len(c.in.data), true
		return nil
	}
	r, err := c.in.Open()
	if err != nil {
		return err
	}
	c.src, c.closer = r, r
	if c.in.Length >= 0 {
		c.end = c.in.Start + c.in.Length
	}
	if c.in.Start > 0 {
		return c.seek(r)
	}
	return nil
}

// seek goes to Start; the first record that the partition owns begins after the first separator from there on.
func (c *Chunks) seek(r io.Reader) error {
	switch s := r.(type) {
	case io.ReaderAt:
		c.src = io.NewSectionReader(s, c.in.Start, 1<<62)
	case io.Seeker:
		if _, err := s.Seek(c.in.Start, io.SeekStart); err != nil {
			return err
		}
	default:
		return sparkerr.Internal("input cannot be split")
	}
	c.pos, c.skipping = c.in.Start, true
	return nil
}

// complete gives how many of the unread bytes are whole records that the partition owns.
func (c *Chunks) complete() int {
	b := c.buf[c.head:c.tail]
	if c.whole {
		if !c.eof {
			return 0
		}
		return len(b)
	}
	if c.end >= 0 {
		if c.past() {
			c.eof, c.head = true, c.tail
			return 0
		}
		if own := max(c.end-c.pos, 0); own < int64(len(b)) {
			if n := c.separatorEnd(b[own:]); n > 0 {
				return int(own) + n
			}
		}
	}
	if c.eof {
		return len(b)
	}
	return c.lastSeparatorEnd(b)
}

// past reports that the next record belongs to the next partition: the separator before it begins at or behind the end, where that
// partition looks for one. A separator across the end is not seen there.
func (c *Chunks) past() bool { return c.pos > c.end && c.pos-int64(len(c.sep)) >= c.end }

// separatorEnd gives the position after the first separator in b, 0 if there is none for sure yet.
func (c *Chunks) separatorEnd(b []byte) int {
	if c.sep != nil {
		if i := bytes.Index(b, c.sep); i >= 0 {
			return i + len(c.sep)
		}
		return 0
	}
	i := bytes.IndexByte(b, '\n')
	line := b
	if i >= 0 {
		line = b[:i]
	}
	switch cr := bytes.IndexByte(line, '\r'); {
	case cr < 0:
		return i + 1
	case cr+1 == i:
		return i + 1
	case cr+1 < len(b) || c.eof:
		return cr + 1
	}
	return 0
}

// lastSeparatorEnd gives a position in b behind which a new record begins, 0 if there is none.
func (c *Chunks) lastSeparatorEnd(b []byte) int {
	if c.sep != nil {
		if Overlaps(c.sep) { // only from the beginning it is clear which ones count
			return c.allSeparatorsEnd(b)
		}
		if i := bytes.LastIndex(b, c.sep); i >= 0 {
			return i + len(c.sep)
		}
		return 0
	}
	if i := bytes.LastIndexByte(b, '\n'); i >= 0 {
		return i + 1
	}
	if len(b) > 1 {
		return bytes.LastIndexByte(b[:len(b)-1], '\r') + 1
	}
	return 0
}

func (c *Chunks) allSeparatorsEnd(b []byte) (end int) {
	for {
		i := bytes.Index(b[end:], c.sep)
		if i < 0 {
			return end
		}
		end += i + len(c.sep)
	}
}

// Overlaps reports a separator whose end is a beginning of it, like ||: in the middle of a file nobody knows where one begins.
func Overlaps(sep []byte) bool {
	for n := 1; n < len(sep); n++ {
		if bytes.HasSuffix(sep, sep[:n]) {
			return true
		}
	}
	return false
}

// fill reads more behind the unread bytes, which it moves to the front.
func (c *Chunks) fill() error {
	n := copy(c.buf, c.buf[c.head:c.tail])
	c.head, c.tail = 0, n
	want := max(c.room(n), len(c.buf))
	if err := c.hold(want); err != nil {
		return err
	}
	if len(c.buf) < want {
		grown := make([]byte, want)
		copy(grown, c.buf[:n])
		c.buf = grown
	}
	for c.tail < len(c.buf) {
		m, err := c.src.Read(c.buf[c.tail:])
		c.tail += m
		if errors.Is(err, io.EOF) {
			c.eof = true
			return nil
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// room is how long the buffer should be when it has n unread bytes. A file that is read as a whole gets what it needs at once, with room
// for scratch.
func (c *Chunks) room(n int) int {
	chunk := c.in.Chunk
	if chunk <= 0 {
		chunk = memory.Share(ChunkBytes, 16)
	}
	if size := c.in.Block().Length; c.whole && size >= int64(n) {
		return int(min(size, int64(c.longest()))) + chunk
	}
	return max(chunk, min(2*n, c.longest()+chunk))
}

// FileTooLong is the error for a file that is read as a whole and would take more memory than allowed.
type FileTooLong struct{ Limit int }

// Error says what is allowed.
func (e *FileTooLong) Error() string {
	return sparkerr.Plain("files that are read as a whole (multiLine, wholetext) may have %d bytes (maxLineBytes)", e.Limit).Error()
}

// SkipBOM gives how many bytes of the beginning of a file are a UTF-8 byte order mark.
func SkipBOM(b []byte) int {
	if len(b) >= MarkBytes && b[0] == 0xEF && b[1] == 0xBB && b[2] == 0xBF {
		return MarkBytes
	}
	return 0
}
