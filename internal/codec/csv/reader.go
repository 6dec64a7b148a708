// Package csv reads and writes Spark's CSV: the parser's view of quotes and blanks, modes for malformed records, column
// pruning and filters in the reader, which all decide which rows come out.
//
// A record goes through three steps. Lines are cut into tokens, columns of views into the chunk that was read (index.go; a
// fast path for lines without quotes, the tokenizer for the others). Tokens are converted a column at a time, each
// followed by the filters that need no later column (column.go). What is left is judged by mode (reader.go).
package csv

import (
	"context"
	"errors"
	"fmt"
	"io"

	"github.com/streamctl/streamctl/internal/codec"
	"github.com/streamctl/streamctl/internal/memory"
	"github.com/streamctl/streamctl/internal/sparkerr"
	"github.com/streamctl/streamctl/internal/vector"
)

// What is wrong with a row.
const (
	fine       uint8 = iota
	wrongCount       // not as many tokens as columns
	noRecord         // nothing at all could be read
	badValue         // a value could not be converted
	tooLong          // the record is longer than allowed; no filter knows its values
)

type reader struct {
	o      *Options
	in     codec.Input
	scan   *codec.Scan
	chunks *codec.Chunks
	layout
	tok     tokenizer
	charset *codec.Charset
	formats *codec.Formats

	buf      []byte // the chunk and what was rewritten of it
	pos, end int    // lines not indexed yet: buf[pos:end]
	base     int    // where what was rewritten begins
	from     int    // where the chunk begins in buf
	offset   int64  // and in the file
	plain    bool   // the chunk is valid UTF-8 and options are such that lines without quotes are simple
	quick    bool   // simple quoted fields need no tokenizer
	sepWord  uint64 // the separator, eight times
	crs      bool   // the chunk has carriage returns, which end lines
	endsInCR bool   // lines may end in one that is a part of them, but not of their text as a malformed record
	quoteAt  int    // the first quote at or after pos; end if there is none
	atHeader bool
	names    []string        // in the header
	lines    codec.TextLines // of the text, when a file is one
	records  bool            // the tokenizer is inside the chunk (multiLine)

	short    bool             // records end before the last wanted column
	repaired bool             // bytes that are not UTF-8 were told of
	limit    int              // longest record
	n, rows  int              // rows indexed, and how many a batch may have
	long     vector.Selection // those of records that are too long
	starts   []uint32
	judge    *codec.Judge
	badCol   []int16 // the first column that is wrong in each row; of one with a wrong number of values, that number
	alive    vector.Selection
	spare    vector.Selection
	failed   vector.Selection
	others   vector.Selection
	batch    vector.Batch
	origin   vector.Origin
	pending  error // to be returned after the batch at hand
	done     bool
	held     memory.Holding // the columns
}

// NewReader reads the records of in.
func NewReader(in codec.Input, o *Options, scan *codec.Scan) (vector.Reader, error) {
	r := &reader{o: o, scan: scan, limit: scan.LineLimit()}
	if err := r.plan(); err != nil {
		return nil, err
	}
	r.quick = o.handling == stopAtDelimiter && o.quote != 0 && o.emptyValue == "" && o.nullValue == ""
	r.sepWord = uint64(o.sep[0]) * ones
	r.chunks = codec.NewChunks(in, o.LineEnd(), scan.LineLimit())
	if o.multiLine {
		r.chunks = codec.NewWhole(in, scan.LineLimit())
	}
	r.tok = tokenizer{dialect: o.dialect, ending: o.ending}
	if r.selected {
		r.tok.skip = make([]bool, len(r.slotOf))
		for i, slot := range r.slotOf {
			r.tok.skip[i] = slot < 0
		}
	}
	r.starts = make([]uint32, vector.BatchRows)
	r.judge = codec.NewJudge(o.mode, r.corrupt)
	r.badCol = make([]int16, vector.BatchRows)
	r.spare = make(vector.Selection, 0, vector.BatchRows)
	r.others = make(vector.Selection, 0, vector.BatchRows)
	for _, w := range o.warnings {
		scan.Warn(w)
	}
	r.begin(in)
	return r, nil
}

func (r *reader) begin(in codec.Input) {
	r.in, r.charset, r.pos, r.end, r.records, r.pending, r.done = in, r.o.charset, 0, 0, false, nil, false
	r.tok.started, r.tok.pending = false, nil
	r.atHeader = r.o.header && in.Start == 0 && !in.Continues
	r.origin = vector.Origin{File: in.File, Block: in.Block()}
}

// Restart begins with another input.
func (r *reader) Restart(in codec.Input) {
	_ = r.Close()
	r.chunks.Restart(in)
	r.begin(in)
}

// LineEnd returns what lines are cut at; nil: each of \n, \r and \r\n.
func (o *Options) LineEnd() []byte {
	if o.lineSep == "" {
		return nil
	}
	return o.charset.LineSep(o.lineSep)
}

// Next returns the next batch that has rows.
func (r *reader) Next(ctx context.Context) (*vector.Batch, error) {
	if r.pending != nil {
		err := r.pending
		r.pending, r.done = nil, true
		return nil, err
	}
	for !r.done {
		if r.pos == r.end && !r.records {
			if err := r.nextChunk(ctx); err != nil {
				r.done = true
				return nil, err
			}
		}
		r.index()
		if b, err := r.finish(); b != nil || err != nil {
			return b, err
		}
	}
	return nil, io.EOF
}

// hold reserves the memory of the columns.
func (r *reader) hold() error {
	if err := r.held.Hold(r.rows * len(r.columns) * cellBytes); err != nil {
		return fmt.Errorf("a batch of %d columns: %w", len(r.columns), err)
	}
	return nil
}

// Close releases the input.
func (r *reader) Close() error {
	r.done = true
	r.held.Release()
	return r.chunks.Close()
}

// fatal ends reading after the rows indexed so far.
func (r *reader) fatal(cause error) {
	r.pending = codec.ReadFailed(r.in.File, cause)
	r.pos, r.records = r.end, false
}

// recordFailed is fatal for a record that the tokenizer gave up on.
func (r *reader) recordFailed(err error, record []byte) {
	if errors.Is(err, errTooLong) && !r.o.multiLine {
		e := malformedRecord(record)
		e.Cause, e.Hint = err, err.Error()
		r.fatal(e)
		return
	}
	r.fatal(err)
}

func malformedRecord(record []byte) *sparkerr.Error {
	return sparkerr.New("MALFORMED_CSV_RECORD", "badRecord", string(record))
}

// finish converts the rows indexed and applies filters and mode. The batch is nil if no row is left.
func (r *reader) finish() (*vector.Batch, error) {
	if err := r.chunks.Err(); err != nil {
		return nil, codec.ReadFailed(r.in.File, err)
	}
	if r.n == 0 {
		return nil, r.takePending()
	}
	r.batch = vector.Batch{N: r.n, Cols: r.cols, Origin: &r.origin}
	r.origin.Base, r.origin.Starts = r.offset, r.starts[:r.n]
	if r.o.multiLine {
		r.origin.Line = r.lineOf
		if r.base > r.end {
			r.origin.Starts = nil
		}
	}
	if err := r.convert(); err != nil {
		return nil, err
	}
	if r.short {
		r.loseShort()
	}
	if err := r.formats.Failure(); err != nil {
		return nil, codec.ReadFailed(r.in.File, err)
	}
	if row := r.judge.Apply(&r.batch, r.alive, r.buf, r.report); row >= 0 {
		r.pending = r.failFast(row)
		r.pos, r.records = r.end, false
	}
	if r.batch.Rows() == 0 {
		return nil, r.takePending()
	}
	return &r.batch, nil
}

// loseShort tells that records end before the columns that are wanted. When all columns are read, such records are malformed.
func (r *reader) loseShort() {
	r.short = false
	r.scan.Lose(codec.Loss{
		Key:  "short",
		Text: "records of " + codec.NameOf(r.in.File) + " end before the columns that are read, which are NULL there",
		Hint: "columnPruning=false counts them as malformed",
	})
}

func (r *reader) takePending() error {
	err := r.pending
	if err != nil {
		r.pending, r.done = nil, true
	}
	return err
}

func (r *reader) report(row int) {
	if r.scan.OnMalformed == nil {
		return
	}
	m := codec.Malformed{File: r.in.File, Offset: r.origin.Offset(row), Record: r.text(r.judge.Records[row]), Dropped: r.o.mode == codec.DropMalformed}
	if r.o.multiLine {
		m.Line = r.lineOf(row)
	}
	switch r.judge.State[row] {
	case badValue:
		f := r.scan.Fields[r.badCol[row]]
		m.Column, m.Type, m.Value, m.Reason = f.Name, f.Type, r.badText(row), "the value cannot be read as "+f.Type.SQL()
	case tooLong:
		m.Reason = codec.TooLong
	case wrongCount:
		m.Values = int(r.badCol[row])
		m.Reason = "the record has not as many values as the schema has columns"
	default:
		m.Reason = "the record cannot be read"
	}
	r.scan.OnMalformed(&m)
}

// failFast returns the error for a malformed row.
func (r *reader) failFast(row int) error {
	e := vector.RecordError{File: r.in.File, Offset: r.origin.Offset(row), Line: r.origin.LineOf(row)}
	var cause error
	switch r.judge.State[row] {
	case badValue:
		e.Column, e.Value = r.scan.Fields[r.badCol[row]].Name, string(codec.Shorten(r.badText(row)))
		cause = errors.New("column " + e.Column + " cannot be converted")
	default:
		record := r.text(r.judge.Records[row])
		e.Value = string(codec.Shorten(record))
		cause = malformedRecord(record)
	}
	e.Err = codec.FailedFast(r.in.File, codec.RowText(r.cols, row), cause)
	return &e
}

// lineOf returns the line that the record of a row begins in, in a file that is one text.
func (r *reader) lineOf(row int) int64 {
	return r.lines.At(r.buf, r.from+int(r.starts[row]))
}

// badText returns the value that could not be converted.
func (r *reader) badText(row int) []byte {
	slot := int(r.badCol[row])
	if r.corrupt >= 0 && slot > r.corrupt {
		slot--
	}
	return r.text(r.columns[slot].tokens[row])
}

func (r *reader) text(k token) []byte {
	if k == noToken {
		return nil
	}
	return r.buf[k.Off : k.Off+k.Len]
}

// longRecord adds a row for the record at from, which is too long to be looked at.
func (r *reader) longRecord(from int) {
	to := from + r.limit
	for _, at := range r.wanted {
		if at != nil {
			at[r.n] = noToken
		}
	}
	r.starts[r.n] = uint32(from - r.from)
	r.judge.Records[r.n] = token{Off: uint32(from), Len: uint32(to - from)}
	r.judge.State[r.n], r.judge.Any = tooLong, true
	r.long = append(r.long, int32(r.n))
	r.n++
}
