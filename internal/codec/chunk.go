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

// ChunkBytes is the number of bytes read at a time, unless the input sets Chunk.
const ChunkBytes = 512 << 10

// MarkBytes is the length of a UTF-8 byte order mark, which does not count towards the length of the first record.
const MarkBytes = 3

// Chunks splits a partition into chunks of whole records. For a record beyond the limit it delivers only the beginning, which
// is longer than the limit even without a byte order mark, so that readers notice. The bytes of a chunk stay valid until the
// next call of Next. The reader may use the spare capacity of Buf as scratch space, see Scratch.
type Chunks struct {
	src    io.Reader
	closer io.Closer
	sep    []byte // record separator; nil: \n, \r or \r\n
	limit  int    // longest record
	whole  bool   // deliver everything as one chunk

	buf        []byte
	head, tail int   // unread bytes are buf[head:tail]
	pos        int64 // offset in the file of buf[head]
	end        int64 // the partition owns records that begin at or before end; -1: all
	eof        bool
	opened     bool
	skipping   bool // skip to the next record
	in         Input
	held       memory.Holding // buf
	err        error          // from Keep
}

// NewChunks returns the chunks of in. sep is the record separator; nil means that each of \n, \r and \r\n ends a line.
func NewChunks(in Input, sep []byte, limit int) *Chunks {
	return &Chunks{in: in, sep: sep, limit: limit}
}

// NewWhole returns all of in as a single chunk.
func NewWhole(in Input, limit int) *Chunks {
	return &Chunks{in: in, limit: limit, whole: true}
}

// Restart switches to another input and keeps the buffer. The chunks must be closed.
func (c *Chunks) Restart(in Input) {
	buf := c.buf
	if c.in.InMemory() { // the caller owns the buffer
		buf = nil
	}
	*c = Chunks{in: in, sep: c.sep, limit: c.limit, whole: c.whole, buf: buf, held: c.held}
}

// Next returns the next chunk as Buf()[from:to] and the offset of its first byte in the file, or io.EOF.
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

// tooLong reports whether the unread bytes exceed the longest record although the first one has not ended. A separator may
// start right after the longest record.
func (c *Chunks) tooLong() bool {
	return !c.whole && !c.eof && c.tail-c.head > c.longest()
}

// longest returns the length of the longest record plus byte order mark and separator.
func (c *Chunks) longest() int { return c.limit + MarkBytes + max(1, len(c.sep)) }

// skip advances past the next separator. It returns false if the separator has not been read yet.
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
	c.advance(max(0, len(unread)-max(1, len(c.sep)-1))) // a separator may have started
	return false
}

func (c *Chunks) advance(n int) {
	c.head += n
	c.pos += int64(n)
}

// Buf returns the buffer that chunks index into. It changes with Next and Scratch.
func (c *Chunks) Buf() []byte { return c.buf[:c.tail] }

// Scratch returns Buf with spare capacity for values that do not appear in the chunk verbatim. Appended bytes are lost at the
// next call of Next. Pass the result of append to Keep.
func (c *Chunks) Scratch() []byte { return c.buf[:c.tail] }

// Keep makes scratch, the result of appending to Scratch, the buffer.
func (c *Chunks) Keep(scratch []byte) {
	grown := cap(scratch) != cap(c.buf)
	if c.buf = scratch[:cap(scratch)]; grown && c.err == nil {
		c.err = c.hold(len(c.buf))
	}
}

// Room returns scratch with capacity for n more bytes if a memory limit is set, so that append does not grow it step by step.
// It returns false if that would exceed the limit; Err says why.
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

// Err returns the error of a buffer that Keep or Room has grown beyond the memory limit.
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

// seek moves to Start. Unless AtRecord is set, the first record that the partition owns begins after the first separator from there.
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
	c.pos, c.skipping = c.in.Start, !c.in.AtRecord
	return nil
}

// complete returns how many of the unread bytes are whole records that the partition owns.
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

// past reports whether the next record belongs to the next partition: the separator before it starts at or after the end,
// where the next partition searches for one. That partition does not see a separator that spans the end.
func (c *Chunks) past() bool { return c.pos > c.end && c.pos-int64(len(c.sep)) >= c.end }

// separatorEnd returns the position after the first separator in b, or 0 if there is none or if that cannot be decided yet.
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

// lastSeparatorEnd returns a position in b at which a new record begins, or 0 if there is none.
func (c *Chunks) lastSeparatorEnd(b []byte) int {
	if c.sep != nil {
		if Overlaps(c.sep) { // which occurrences count is decidable only from the start
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

// Overlaps reports whether a suffix of the separator is also its prefix, as with ||. Such separators cannot be located from
// the middle of a file.
func Overlaps(sep []byte) bool {
	for n := 1; n < len(sep); n++ {
		if bytes.HasSuffix(sep, sep[:n]) {
			return true
		}
	}
	return false
}

// smallest is the room in the first buffer besides the file, for scratch space and for finding the end.
const smallest = 512

// fill moves the unread bytes to the front of the buffer and reads more after them.
func (c *Chunks) fill() error {
	n := copy(c.buf, c.buf[c.head:c.tail])
	c.head, c.tail = 0, n
	want := max(c.room(n), len(c.buf))
	if size := c.in.Block().Length; len(c.buf) == 0 && size >= 0 {
		want = int(min(int64(want), size+smallest)) // the only chunk of a small file
	}
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

// room returns the buffer size for n unread bytes. A file that is read as a whole gets its full size at once, plus room for
// scratch space.
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

// FileTooLong is the error for a file that is read as a whole and exceeds the memory allowed for it.
type FileTooLong struct{ Limit int }

// Error states the limit.
func (e *FileTooLong) Error() string {
	return sparkerr.Plain("files that are read as a whole (multiLine, wholetext) may have at most %d bytes (maxLineBytes)", e.Limit).Error()
}

// SkipBOM returns the length of the UTF-8 byte order mark at the beginning of b, or 0.
func SkipBOM(b []byte) int {
	if len(b) >= MarkBytes && b[0] == 0xEF && b[1] == 0xBB && b[2] == 0xBF {
		return MarkBytes
	}
	return 0
}
