package socket

import (
	"bytes"
	"context"
	"io"
	"unicode/utf8"

	"golang.org/x/text/encoding/unicode"

	"github.com/streamctl/streamctl/internal/sources"
	"github.com/streamctl/streamctl/internal/types"
	"github.com/streamctl/streamctl/internal/vector"
)

// blockBytes is about how much text a block holds.
const blockBytes = 512 << 10

// A block is lines that arrived one after the other. It only grows: what was published never changes.
type block struct {
	first int64 // number of the first line
	data  []byte
	lines []vector.View
	times []int64 // microseconds, when asked for
}

func (b *block) next() int64 { return b.first + int64(len(b.lines)) }

// A splitter cuts what one peer sends into lines, as Java's BufferedReader does: at \n, \r and \r\n.
type splitter struct {
	partial []byte
	afterCR bool // a \n that comes next belongs to the line end before
	limit   int
}

// feed passes each complete line to emit. It reports false when a line gets too long.
func (s *splitter) feed(b []byte, emit func(line []byte)) bool {
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
			s.partial = append(s.partial, b...)
			return len(s.partial) <= s.limit
		}
		if len(s.partial) > 0 {
			s.partial = append(s.partial, b[:i]...)
			emit(s.partial)
			s.partial = s.partial[:0]
		} else {
			emit(b[:i])
		}
		b = b[i+1:]
	}
	return true
}

// end passes what came after the last line end to emit.
func (s *splitter) end(emit func(line []byte)) {
	if len(s.partial) > 0 {
		emit(s.partial)
		s.partial = nil
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
	src   *Source
	scan  *sources.Scan
	data  []byte
	lines []vector.View
	times []int64
}

// Task is 0: Spark with one core puts all lines into one task.
func (s *segment) Task() int { return 0 }

// Small reports few lines.
func (s *segment) Small() bool { return len(s.lines) <= vector.BatchRows }

// Open makes the reader.
func (s *segment) Open(context.Context) (vector.Reader, error) {
	r := &reader{segment: *s}
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
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	n := min(len(r.lines), vector.BatchRows)
	if n == 0 {
		return nil, io.EOF
	}
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
	r.lines = r.lines[n:]
	if r.times != nil {
		r.times = r.times[n:]
	}
	r.batch.N = n
	return &r.batch, nil
}

// Close drops the lines that were not read.
func (r *reader) Close() error {
	r.lines = nil
	return nil
}
