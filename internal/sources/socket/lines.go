package socket

import (
	"bytes"
	"context"
	"io"
	"slices"
	"unicode/utf8"

	"golang.org/x/text/encoding/unicode"

	"github.com/streamctl/streamctl/internal/codec"
	"github.com/streamctl/streamctl/internal/sources"
	"github.com/streamctl/streamctl/internal/types"
	"github.com/streamctl/streamctl/internal/vector"
)

// blockBytes is about how much text a block holds.
const blockBytes = 512 << 10

// pieceBytes is how much of a long line that is not complete yet is in one piece.
const pieceBytes = 512 << 10

// lineOverhead is the memory that a line takes in addition to its text: empty lines fill memory, too.
const lineOverhead = 16

// A block is lines that arrived one after the other. It only grows: what was published never changes.
type block struct {
	first   int64 // number of the first line
	data    []byte
	lines   []vector.View
	times   []int64 // microseconds, when asked for
	tooLong []int64 // numbers of lines of which only the beginning is here
}

func (b *block) next() int64 { return b.first + int64(len(b.lines)) }

func (b *block) size() int { return len(b.data) + lineOverhead*len(b.lines) }

// shownBytes is how much of a line that is too long is kept for messages and the list of rejects.
const shownBytes = 64 << 10

// A splitter cuts what one peer sends into lines, as Java's BufferedReader does: at \n, \r and \r\n.
type splitter struct {
	begun   []byte   // of the line that is not complete yet
	more    [][]byte // what follows, in pieces: a line that grows is not copied again and again
	bytes   int      // in both
	afterCR bool     // a \n that comes next belongs to the line end before
	limit   int      // a longer line is too long
	skip    bool     // the rest of such a line
	emit    func(line []byte, tooLong bool)
}

// size is the number of bytes that wait for the end of their line.
func (s *splitter) size() int { return s.bytes }

// feed passes each complete line to emit, and the beginning of one that is too long.
func (s *splitter) feed(b []byte) {
	for len(b) > 0 {
		if s.afterCR && b[0] == '\n' {
			b = b[1:]
		}
		s.afterCR = false
		i := bytes.IndexByte(b, '\n')
		line := b
		if i >= 0 {
			line = b[:i]
		}
		if cr := bytes.IndexByte(line, '\r'); cr >= 0 {
			i, s.afterCR = cr, true
		}
		if i < 0 {
			s.keep(b)
			return
		}
		if s.bytes == 0 && !s.skip && i <= s.limit {
			s.emit(b[:i], false)
		} else {
			s.keep(b[:i])
			s.flush()
		}
		b = b[i+1:]
	}
}

// keep adds to the line that is not complete yet. One that gets too long is passed on as far as it is shown, and skipped.
func (s *splitter) keep(b []byte) {
	switch {
	case s.skip:
	case s.bytes+len(b) > s.limit:
		s.add(b[:s.limit-s.bytes])
		s.emit(s.begun[:min(len(s.begun), shownBytes)], true)
		s.clear()
		s.skip = true
	default:
		s.add(b)
	}
}

func (s *splitter) add(b []byte) {
	s.bytes += len(b)
	if s.more == nil && len(s.begun)+len(b) <= shownBytes {
		s.begun = append(s.begun, b...)
		return
	}
	if n := len(s.more) - 1; n >= 0 {
		room := s.more[n][len(s.more[n]):cap(s.more[n])]
		k := copy(room, b)
		s.more[n], b = s.more[n][:len(s.more[n])+k], b[k:]
	}
	if len(b) > 0 {
		s.more = append(s.more, append(make([]byte, 0, max(pieceBytes, len(b))), b...))
	}
}

func (s *splitter) clear() { s.begun, s.more, s.bytes = s.begun[:0], nil, 0 }

func (s *splitter) flush() {
	if !s.skip {
		line := s.begun
		if s.more != nil {
			line = slices.Concat(append([][]byte{s.begun}, s.more...)...)
			s.more = nil
		}
		s.emit(line, false)
	}
	s.clear()
	s.skip = false
}

// end passes what came after the last line end to emit.
func (s *splitter) end() {
	if s.bytes > 0 {
		s.flush()
	}
}

// validText replaces what is not UTF-8 by U+FFFD, as Java's decoder does.
func validText(b []byte) []byte {
	if utf8.Valid(b) {
		return b
	}
	out, err := unicode.UTF8.NewDecoder().Bytes(b)
	if err != nil {
		return bytes.ToValidUTF8(b, []byte("\uFFFD"))
	}
	return out
}

// A segment is a range of lines of a block: one partition.
type segment struct {
	scan    *sources.Scan
	first   int64 // number of the first line
	data    []byte
	lines   []vector.View
	times   []int64
	tooLong []int64
	why     string // lines are too long
}

// Task is 0: Spark with one core puts all lines into one task.
func (s *segment) Task() int { return 0 }

// Small reports few lines.
func (s *segment) Small() bool { return len(s.lines) <= vector.BatchRows }

// Open makes the reader.
func (s *segment) Open(context.Context) (vector.Reader, error) {
	r := &reader{segment: *s}
	r.batch.Origin = &vector.Origin{Line: func(row int) int64 { return r.first - int64(r.batch.N) + int64(row) + 1 }}
	for _, f := range s.scan.Fields {
		r.batch.Cols = append(r.batch.Cols, &vector.Vector{})
		r.isTime = append(r.isTime, f.Type.Kind == types.KindTimestamp)
	}
	return r, nil
}

// A reader hands the lines of a segment out without copying them.
type reader struct {
	segment
	isTime []bool
	batch  vector.Batch
}

// Next returns the next lines.
func (r *reader) Next(ctx context.Context) (*vector.Batch, error) {
	for {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		if len(r.lines) == 0 {
			return nil, io.EOF
		}
		if r.next(); r.batch.Rows() > 0 {
			return &r.batch, nil
		}
	}
}

func (r *reader) next() {
	n := min(len(r.lines), vector.BatchRows)
	for i, v := range r.batch.Cols {
		if r.isTime[i] {
			v.Reset(types.Timestamp, n)
			copy(v.I64, r.times[:n])
			continue
		}
		v.Reset(types.String, n)
		copy(v.Views, r.lines[:n])
		v.Data = r.data
	}
	r.batch.N, r.batch.Sel = n, r.leaveOut(n)
	r.lines = r.lines[n:]
	if r.times != nil {
		r.times = r.times[n:]
	}
	r.first += int64(n)
}

// leaveOut selects the lines among the next n that are not too long, which are malformed; nil: all.
func (r *reader) leaveOut(n int) vector.Selection {
	end := r.first + int64(n)
	if len(r.tooLong) == 0 || r.tooLong[0] >= end {
		return nil
	}
	sel := vector.Selection{}
	for i := range n {
		if len(r.tooLong) == 0 || r.tooLong[0] != r.first+int64(i) {
			sel = append(sel, int32(i))
			continue
		}
		r.tooLong = r.tooLong[1:]
		if r.scan.OnMalformed != nil {
			v := r.lines[i]
			r.scan.OnMalformed(&codec.Malformed{Offset: -1, Line: r.first + int64(i) + 1, Record: r.data[v.Off : v.Off+v.Len], Reason: r.why, Dropped: true})
		}
	}
	return sel
}

// Close drops the lines that were not read.
func (r *reader) Close() error {
	r.lines = nil
	return nil
}
