package socket

import (
	"bytes"
	"context"
	"io"
	"unicode/utf8"

	"golang.org/x/text/encoding/unicode"

	"github.com/streamctl/streamctl/internal/codec"
	"github.com/streamctl/streamctl/internal/sources"
	"github.com/streamctl/streamctl/internal/types"
	"github.com/streamctl/streamctl/internal/vector"
)

// blockBytes is about how much text a block holds.
const blockBytes = 512 << 10

// lineOverhead is what a line takes beside its text: lines without text fill memory, too.
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

// A splitter cuts what one peer sends into lines, as Java's BufferedReader does: at \n, \r and \r\n.
type splitter struct {
	partial []byte
	afterCR bool // a \n that comes next belongs to the line end before
	limit   int  // of a longer line only so much is kept
	tooLong bool // the line at hand is longer
	emit    func(line []byte, tooLong bool)
}

// feed passes each complete line to emit.
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
		if len(s.partial) == 0 && i <= s.limit {
			s.emit(b[:i], false)
		} else {
			s.keep(b[:i])
			s.flush()
		}
		b = b[i+1:]
	}
}

// keep adds to the line at hand what it may have.
func (s *splitter) keep(b []byte) {
	if room := s.limit - len(s.partial); len(b) > room {
		b, s.tooLong = b[:room], true
	}
	s.partial = append(s.partial, b...)
}

func (s *splitter) flush() {
	s.emit(s.partial, s.tooLong)
	s.partial, s.tooLong = s.partial[:0], false
}

// end passes what came after the last line end to emit.
func (s *splitter) end() {
	if len(s.partial) > 0 {
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

// Next gives the next lines.
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
			r.scan.OnMalformed(&codec.Malformed{Offset: -1, Line: r.first + int64(i) + 1, Record: r.data[v.Off : v.Off+v.Len], Reason: codec.TooLong, Dropped: true})
		}
	}
	return sel
}

// Close drops the lines that were not read.
func (r *reader) Close() error {
	r.lines = nil
	return nil
}
