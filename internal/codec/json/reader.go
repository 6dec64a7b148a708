// Package json reads and writes Spark's JSON: a record per line, or a file that is one record or an array of records. The
// scanner accepts what the parser behind Spark (Jackson) accepts, and stops where it does: text after the first value of a
// line is ignored.
package json

import (
	"bytes"
	"context"
	"errors"
	"io"
	"strings"

	"github.com/streamctl/streamctl/internal/codec"
	"github.com/streamctl/streamctl/internal/memory"
	"github.com/streamctl/streamctl/internal/types"
	"github.com/streamctl/streamctl/internal/vector"
)

// The states of a row.
const (
	fine     uint8 = iota
	badField       // a field could not be converted
	noRecord       // the text is not JSON, or not a record
	tooLong        // the record exceeds the limit
	badArray       // a record of the same array, possibly this one, has a field that could not be converted
)

type reader struct {
	o      *Options
	in     codec.Input
	scan   *codec.Scan
	chunks *codec.Chunks
	parser
	fields  []types.Field    // the wanted columns without the column of corrupt records
	vectors []*vector.Vector // one for each of fields
	cols    []*vector.Vector
	dry     []*vector.Vector // scratch vectors for checking an array of records before its rows are built
	scratch vector.Vector    // the VARIANT of a record, where nothing wants it
	filters []filter
	last    []int  // for each field, the number of the record that last had it
	bads    []bool // for each field, whether a record has had a bad value for it
	places  []int  // for each field, its position in the scan
	rest    bool   // text after a record has been reported
	record  int
	shape   []member // members of the last record read

	chunkFrom, chunkEnd int
	base                int // end of the buffer without what was appended to it
	at                  int // the next line
	offset              int64
	lineFrom, lineTo    int
	crs                 bool // the chunk has carriage returns
	inArray             bool // within an array of records, at scanner.pos
	arrayState          uint8
	badField            int             // 1 + the index in fields of the first bad field of the current record
	badText             vector.View     // text of badField
	lines               codec.TextLines // of the chunk
	recordFrom          int             // where the current record begins
	brokenAt            int             // where the text of a chunk stops being JSON
	recoded             bool            // the buffer holds the chunk converted to UTF-8, after the chunk
	firstBad            element         // of the current array

	n       int
	starts  []uint32
	badCol  []int16       // for each row, 1 + the index in fields of the first bad field, or 0
	values  []vector.View // text of badCol
	own     []vector.View // the range of each record, if judge.Records holds arrays of records or files; otherwise nil
	judge   *codec.Judge
	reasons map[int]error
	batch   vector.Batch
	origin  vector.Origin
	pending error
	done    bool
	held    memory.Holding // the vectors
}

// A filter is a pushed condition. Like Spark, the reader applies it to a record as soon as all its fields have been read;
// rows lists the rows for which that happened.
type filter struct {
	vector.Predicate
	fields []int
	rows   vector.Selection
	out    vector.Selection
}

// NewReader returns a reader of the records in in.
func NewReader(in codec.Input, o *Options, scan *codec.Scan) (vector.Reader, error) {
	r := &reader{o: o, scan: scan}
	formats, err := codec.NewFormats(o.values, scan)
	if err != nil {
		return nil, err
	}
	r.parser = parser{scanner: scanner{syntax: o.syntax}, formats: formats, decimals: codec.NewDecimalParser(formats.Locale),
		explain: o.mode == codec.FailFast}
	if err := r.plan(); err != nil {
		return nil, err
	}
	r.chunks = codec.NewChunks(in, o.LineEnd(), scan.LineLimit())
	if o.multiLine {
		r.chunks = codec.NewWhole(in, scan.LineLimit())
	}
	r.starts = make([]uint32, vector.BatchRows)
	r.badCol = make([]int16, vector.BatchRows)
	r.values = make([]vector.View, vector.BatchRows)
	r.reasons = map[int]error{}
	for _, w := range o.warnings {
		scan.Warn(w)
	}
	r.begin(in)
	return r, nil
}

func (r *reader) begin(in codec.Input) {
	r.in, r.at, r.chunkEnd, r.inArray, r.pending, r.done = in, 0, 0, false, nil, false
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

func (r *reader) resetVectors() {
	for _, v := range r.vectors {
		v.Reset(v.Type, 0)
	}
}

func (r *reader) collectTexts(v *vector.Vector) {
	switch v.Type.Kind {
	case types.KindString, types.KindBinary, types.KindVariant:
		r.texts = append(r.texts, v)
	}
	for _, c := range v.Children {
		r.collectTexts(c)
	}
}

// Next returns the next non-empty batch.
func (r *reader) Next(ctx context.Context) (_ *vector.Batch, err error) {
	defer r.overflown(&err)
	if err := r.takePending(); err != nil {
		return nil, err
	}
	for !r.done {
		if r.at == r.chunkEnd && !r.inArray {
			if err := r.nextChunk(ctx); err != nil {
				r.done = true
				return nil, err
			}
		}
		r.readRows()
		if err := r.hold(); err != nil {
			return nil, err
		}
		b, err := r.finish()
		if b != nil || err != nil {
			return b, err
		}
	}
	return nil, io.EOF
}

// noteFields records which fields have occurred so far.
func (r *reader) noteFields() {
	p := r.scan.Presence
	if p.Complete() {
		return
	}
	for i, f := range r.fields {
		if r.o.single || r.last[i] > 0 || r.bads[i] {
			p.See(r.places[i])
			continue
		}
		for _, m := range r.shape {
			if name, _, _ := bytes.Cut(bytes.Trim(m.text, "\"' :\t"), []byte{'"'}); m.field < 0 && strings.EqualFold(string(name), f.Name) {
				p.Alike(r.places[i], string(name))
			}
		}
	}
}

// loseRest reports, once, that a line has further records, which are ignored, as they are by Spark.
func (r *reader) loseRest() {
	c := r.peek()
	if c == ',' {
		r.pos++
		c = r.peek()
	}
	if c != '{' && c != '[' {
		return
	}
	r.rest = true
	l := codec.Loss{Key: "rest", Text: "a line of " + codec.NameOf(r.in.File) + " holds more than one record: only the first is read", Hint: "put each record on a separate line"}
	if r.o.multiLine {
		l.Text = codec.NameOf(r.in.File) + " holds more than one record: with multiLine=true only the first is read"
		l.Hint = "without multiLine each line is a record; with it, several records are an array"
	}
	r.scan.Lose(l)
}

// Close releases the input.
func (r *reader) Close() error {
	r.done = true
	r.held.Release()
	return r.chunks.Close()
}

func (r *reader) takePending() error {
	err := r.pending
	if err != nil {
		r.pending, r.done = nil, true
	}
	return err
}

func (r *reader) nextChunk(ctx context.Context) error {
	from, to, offset, err := r.chunks.Next(ctx)
	if err != nil {
		r.noteFields()
		if errors.Is(err, io.EOF) || ctx.Err() != nil {
			return err
		}
		return codec.ReadFailed(r.in.File, err)
	}
	r.buf = r.chunks.Buf()
	r.chunkFrom, r.at, r.chunkEnd, r.offset = from, from, to, offset
	r.base = len(r.buf)
	r.crs = bytes.IndexByte(r.buf[from:to], '\r') >= 0
	r.recoded = false
	if offset == 0 && !r.in.Continues {
		r.skipMark()
	}
	r.lines = codec.TextLines{From: r.at}
	return nil
}

// skipMark skips a byte order mark, and converts a whole file to UTF-8 if needed. In a whole file with an explicit encoding
// the mark remains, and makes the JSON malformed, as for Spark's parser.
func (r *reader) skipMark() {
	file := r.buf[r.at:r.chunkEnd]
	if !r.o.multiLine {
		r.at += codec.SkipBOM(file)
		return
	}
	cs := r.o.charset
	if !r.o.charsetGiven {
		by, n := codec.ByFirstBytes(file)
		cs, file = by, file[n:]
		r.at += n
	}
	if cs != nil {
		from := len(r.buf)
		r.buf = cs.AppendText(r.buf, file)
		r.at, r.chunkEnd, r.base, r.recoded = from, len(r.buf), len(r.buf), true
		r.chunks.Keep(r.buf)
	}
}

// readRows reads records until the batch is full or the chunk ends.
func (r *reader) readRows() {
	r.n, r.judge.Any = 0, false
	clear(r.reasons)
	r.buf = r.buf[:r.base]
	r.resetVectors()
	r.bound()
	for i := range r.filters {
		r.filters[i].rows = r.filters[i].rows[:0]
	}
	for r.n < vector.BatchRows {
		switch {
		case r.inArray:
			r.arrayRow()
		case r.at == r.chunkEnd:
			return
		default:
			r.nextLine()
			var ok bool
			if r.buf, ok = r.chunks.Room(r.buf, r.lineTo-r.lineFrom); !ok {
				return
			}
			r.line()
		}
	}
}

// nextLine consumes the next line of the chunk or, with multiLine, all of it.
func (r *reader) nextLine() {
	from, to := r.at, r.chunkEnd
	r.at = to
	rest := r.buf[from:to]
	switch sep := r.o.LineEnd(); {
	case r.o.multiLine:
	case sep != nil:
		if i := bytes.Index(rest, sep); i >= 0 {
			to, r.at = from+i, from+i+len(sep)
		}
	default:
		if i := bytes.IndexByte(rest, '\n'); i >= 0 {
			to, r.at = from+i, from+i+1
		}
		if !r.crs {
			break
		}
		if i := bytes.IndexByte(r.buf[from:to], '\r'); i >= 0 {
			if from+i+1 < to {
				r.at = from + i + 1
			}
			to = from + i
		}
	}
	r.lineFrom, r.lineTo = from, to
}
