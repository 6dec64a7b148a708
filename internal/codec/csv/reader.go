// Package csv reads and writes Spark's CSV: the parser's treatment of quotes and blanks, modes for malformed records, and
// column pruning and filters in the reader, all of which affect the resulting rows.
//
// A record passes through three steps. Lines are split into tokens, stored as columns of views into the chunk (index.go; with
// a fast path for lines without quotes and the tokenizer for others). Tokens are converted column by column, each column
// followed by the filters that need no later column (column.go). The remaining rows are judged by mode (reader.go).
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

// The states of a row.
const (
	fine       uint8 = iota
	wrongCount       // the number of tokens differs from the number of columns
	noRecord         // nothing could be read
	badValue         // a value could not be converted
	tooLong          // the record exceeds the limit; its values are unknown to filters
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

	buf      []byte // the chunk, and rewritten parts of it after the chunk
	pos, end int    // lines not indexed yet are buf[pos:end]
	base     int    // where rewritten text begins
	from     int    // where the chunk begins in buf
	offset   int64  // where the chunk begins in the file
	plain    bool   // the chunk is valid UTF-8 and the options make lines without quotes simple
	quick    bool   // simple quoted fields need no tokenizer
	sepWord  uint64 // the separator, repeated eight times
	crs      bool   // the chunk has carriage returns, which end lines
	endsInCR bool   // a line may end in a carriage return that belongs to the line but not to its text as a malformed record
	quoteAt  int    // position of the first quote at or after pos; end if there is none
	atHeader bool
	names    []string        // from the header
	lines    codec.TextLines // for a file that is a single text
	records  bool            // the tokenizer is within the chunk (multiLine)

	guesser  *guesser         // nil: no column is a VARIANT
	whole    bool             // a record is one VARIANT
	all      []token          // with whole, the tokens of the records
	ends     []int            // by row, where its tokens end in all
	short    bool             // records end before the last wanted column
	repaired bool             // invalid UTF-8 has been reported
	limit    int              // maximum length of a record
	n, rows  int              // rows indexed, and the maximum per batch
	long     vector.Selection // rows of records that are too long
	starts   []uint32
	judge    *codec.Judge
	badCol   []int16       // by row: the first bad column, or for a wrong number of values, that number
	reasons  map[int]error // by row, why a VARIANT cannot be built; nil: all can
	alive    vector.Selection
	spare    vector.Selection
	failed   vector.Selection
	others   vector.Selection
	batch    vector.Batch
	origin   vector.Origin
	pending  error // returned after the current batch
	done     bool
	held     memory.Holding // the columns
}

// NewReader returns a reader of the records in in.
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
	if r.guesser != nil {
		r.guesser.begin(in.Carry)
	}
	r.origin = vector.Origin{File: in.File, Block: in.Block()}
}

// Restart continues with another input.
func (r *reader) Restart(in codec.Input) {
	_ = r.Close()
	r.chunks.Restart(in)
	r.begin(in)
}

// LineEnd returns the line separator; nil means each of \n, \r and \r\n.
func (o *Options) LineEnd() []byte {
	if o.lineSep == "" {
		return nil
	}
	return o.charset.LineSep(o.lineSep)
}

// Next returns the next non-empty batch.
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
	bytes := r.rows * len(r.columns) * cellBytes
	for i := range r.columns {
		bytes += r.columns[i].bytes
	}
	if err := r.held.Hold(bytes); err != nil {
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

// fatal stops reading after the rows indexed so far.
func (r *reader) fatal(cause error) {
	r.pending = codec.ReadFailed(r.in.File, cause)
	r.pos, r.records = r.end, false
}

// recordFailed is fatal for a record that the tokenizer could not parse.
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

// finish converts the indexed rows and applies filters and mode. The batch is nil if no row remains.
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

// loseShort reports that records end before the wanted columns. If all columns are read, such records are malformed.
func (r *reader) loseShort() {
	r.short = false
	r.scan.Lose(codec.Loss{
		Key:  "short",
		Text: "records of " + codec.NameOf(r.in.File) + " end before some of the columns that are read, which are NULL",
		Hint: "columnPruning=false treats them as malformed",
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
	case noRecord:
		m.Reason = "the record cannot be read"
		if reason := r.reasons[row]; reason != nil {
			m.Reason = sparkerr.Reason(reason)
		}
	case wrongCount:
		if r.whole {
			m.Reason = "the number of values differs from the number of names in the header"
			break
		}
		m.Values = int(r.badCol[row])
		m.Reason = "the number of values differs from the number of columns in the schema"
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
	if reason := r.reasons[row]; reason != nil {
		cause = reason
	}
	e.Err = codec.FailedFast(r.in.File, codec.RowText(r.cols, row), cause)
	return &e
}

// lineOf returns the line in which a row's record begins, in a file that is a single text.
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

// longRecord adds a row for the record at from, which is too long to be parsed.
func (r *reader) longRecord(from int) {
	to := from + r.limit
	if r.whole {
		r.keepRecord(r.n, nil)
	}
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
