// Package json reads and writes Spark's JSON: a record per line, or a file that is one record or an array of them. The scanner
// accepts what the parser behind Spark (Jackson) accepts and reads no further than it does: what follows the first value of
// a line does not count.
package json

import (
	"bytes"
	"context"
	"errors"
	"io"

	"github.com/streamctl/streamctl/internal/codec"
	"github.com/streamctl/streamctl/internal/sparkerr"
	"github.com/streamctl/streamctl/internal/types"
	"github.com/streamctl/streamctl/internal/vector"
)

// What is wrong with a row.
const (
	fine     uint8 = iota
	badField       // a field could not be converted
	noRecord       // the text is not JSON, or no record
)

type reader struct {
	o      *Options
	in     codec.Input
	scan   *codec.Scan
	chunks *codec.Chunks
	parser
	fields  []types.Field    // wanted, without the column for malformed records
	vectors []*vector.Vector // one for each of fields
	cols    []*vector.Vector
	dry     []*vector.Vector // for looking through an array of records before its rows are made
	filters []filter
	last    []int // for each field, the value of record when it was read
	record  int

	chunkFrom, chunkEnd int
	base                int // where the buffer ends without what was appended to it
	at                  int // the next line
	offset              int64
	lineFrom, lineTo    int
	inArray             bool // in the middle of an array of records, at scanner.pos
	arrayState          uint8

	n       int
	starts  []uint32
	judge   *codec.Judge
	reasons map[int]error
	batch   vector.Batch
	origin  vector.Origin
	pending error
	done    bool
}

// A filter is a pushed condition. Spark applies it to a record as soon as all its fields have been read; rows lists the rows
// in which they were.
type filter struct {
	vector.Predicate
	fields []int
	rows   vector.Selection
	out    vector.Selection
}

// NewReader reads the records of in.
func NewReader(in codec.Input, o *Options, scan *codec.Scan) (vector.Reader, error) {
	r := &reader{o: o, in: in, scan: scan}
	formats, err := codec.NewFormats(o.values, scan)
	if err != nil {
		return nil, err
	}
	r.parser = parser{scanner: scanner{syntax: o.syntax}, formats: formats, decimals: codec.NewDecimalParser(formats.Locale),
		explain: o.mode == codec.FailFast}
	if err := r.plan(); err != nil {
		return nil, err
	}
	r.chunks = codec.NewChunks(in, o.lineEnd(), scan.LineLimit())
	if o.multiLine {
		r.chunks = codec.NewWhole(in, scan.LineLimit())
	}
	r.starts = make([]uint32, vector.BatchRows)
	r.reasons = map[int]error{}
	r.origin = vector.Origin{File: in.File, Block: in.Block()}
	for _, w := range o.warnings {
		scan.Warn(w)
	}
	return r, nil
}

func (o *Options) lineEnd() []byte {
	if o.lineSep == "" {
		return nil
	}
	return o.charset.Encode(o.lineSep)
}

// CheckSchema reports what cannot be read.
func CheckSchema(s *types.Schema) error {
	if err := codec.CheckNames(s); err != nil {
		return err
	}
	for _, f := range s.Fields {
		if err := checkType(f, f.Type); err != nil {
			return err
		}
	}
	return nil
}

func checkType(f types.Field, t *types.Type) error {
	switch t.Kind {
	case types.KindVariant:
		return sparkerr.Plain("the column %s has type VARIANT, which the embedded engine does not read from JSON", types.Quote(f.Name)).
			WithHint("read it as STRING, or use --master")
	case types.KindArray:
		return checkType(f, t.Elem)
	case types.KindMap:
		if !t.Key.IsText() {
			return codec.UnsupportedType("JSON", f)
		}
		return checkType(f, t.Elem)
	case types.KindStruct:
		for _, member := range t.Fields {
			if err := checkType(f, member.Type); err != nil {
				return err
			}
		}
	}
	return nil
}

func (r *reader) plan() error {
	corrupt := -1
	position := make([]int, len(r.scan.Fields))
	for i, f := range r.scan.Fields {
		v := &vector.Vector{}
		r.cols = append(r.cols, v)
		position[i] = -1
		if f.Name == r.o.corruptColumn {
			corrupt = i
			continue
		}
		if err := checkType(f, f.Type); err != nil {
			return err
		}
		position[i] = len(r.fields)
		f.Type = textAsString(f.Type)
		v.Type = f.Type
		r.fields = append(r.fields, f)
		r.vectors = append(r.vectors, v)
		dry := vector.New(f.Type, 1)
		r.dry = append(r.dry, dry)
	}
	if corrupt >= 0 && len(r.fields) == 0 {
		return sparkerr.New("UNSUPPORTED_FEATURE.QUERY_ONLY_CORRUPT_RECORD_COLUMN")
	}
	r.judge = codec.NewJudge(r.o.mode, corrupt)
	r.last = make([]int, len(r.fields))
	r.planFilters(position)
	r.resetVectors()
	for _, v := range r.vectors {
		r.collectTexts(v)
	}
	return nil
}

func (r *reader) planFilters(position []int) {
	for _, p := range r.scan.Filters {
		f := filter{Predicate: p}
		usable := len(p.Columns()) > 0
		for _, c := range p.Columns() {
			usable = usable && position[c] >= 0
			f.fields = append(f.fields, position[c])
		}
		if usable {
			r.filters = append(r.filters, f)
		}
	}
}

// textAsString replaces CHAR and VARCHAR, whose lengths readers do not look at, by STRING.
func textAsString(t *types.Type) *types.Type {
	switch t.Kind {
	case types.KindChar, types.KindVarchar:
		return types.String
	case types.KindArray:
		return types.ArrayOf(textAsString(t.Elem), t.ContainsNull)
	case types.KindMap:
		return types.MapOf(textAsString(t.Key), textAsString(t.Elem), t.ContainsNull)
	case types.KindStruct:
		fields := make([]types.Field, len(t.Fields))
		for i, f := range t.Fields {
			f.Type = textAsString(f.Type)
			fields[i] = f
		}
		return types.StructOf(fields...)
	}
	return t
}

func (r *reader) resetVectors() {
	for _, v := range r.vectors {
		v.Reset(v.Type, 0)
	}
}

func (r *reader) collectTexts(v *vector.Vector) {
	if v.Type.Kind == types.KindString || v.Type.Kind == types.KindBinary {
		r.texts = append(r.texts, v)
	}
	for _, c := range v.Children {
		r.collectTexts(c)
	}
}

// Next gives the next batch that has rows.
func (r *reader) Next(ctx context.Context) (*vector.Batch, error) {
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
		b, err := r.finish()
		if b != nil || err != nil {
			return b, err
		}
	}
	return nil, io.EOF
}

// Close releases the input.
func (r *reader) Close() error {
	r.done = true
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
		if errors.Is(err, io.EOF) || ctx.Err() != nil {
			return err
		}
		return codec.ReadFailed(r.in.File, err)
	}
	r.buf = r.chunks.Buf()
	r.chunkFrom, r.at, r.chunkEnd, r.offset = from, from, to, offset
	r.base = len(r.buf)
	if offset == 0 && !r.in.Continues {
		r.skipMark()
	}
	return nil
}

// skipMark skips a byte order mark, and recodes a whole file that is not in UTF-8.
func (r *reader) skipMark() {
	file := r.buf[r.at:r.chunkEnd]
	if !r.o.multiLine {
		r.at += codec.SkipBOM(file)
		return
	}
	cs := r.o.charset
	if by, n, ok := codec.ByMark(file); ok {
		cs, file = by, file[n:]
		r.at += n
	} else if !r.o.charsetGiven {
		cs = codec.ByZeros(file)
	}
	if cs != nil {
		from := len(r.buf)
		r.buf = cs.AppendText(r.buf, file)
		r.at, r.chunkEnd, r.base = from, len(r.buf), len(r.buf)
		r.chunks.Keep(r.buf)
	}
}

// readRows reads records until the batch is full or the chunk ends.
func (r *reader) readRows() {
	r.n, r.judge.Any = 0, false
	clear(r.reasons)
	r.buf = r.buf[:r.base]
	r.resetVectors()
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
			r.line()
		}
	}
}

// nextLine takes the next line off the chunk; multiLine, all of it.
func (r *reader) nextLine() {
	from, to := r.at, r.chunkEnd
	r.at = to
	rest := r.buf[from:to]
	switch sep := r.o.lineEnd(); {
	case r.o.multiLine:
	case sep != nil:
		if i := bytes.Index(rest, sep); i >= 0 {
			to, r.at = from+i, from+i+len(sep)
		}
	default:
		if i := bytes.IndexByte(rest, '\n'); i >= 0 {
			to, r.at = from+i, from+i+1
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

// line reads the record, or the array of records, of a line.
func (r *reader) line() {
	r.pos, r.end, r.depth = r.lineFrom, r.lineTo, 0
	if r.o.charset != nil && !r.o.multiLine {
		from := len(r.buf)
		r.buf = r.o.charset.AppendText(r.buf, r.buf[r.lineFrom:r.lineTo])
		r.pos, r.end = from, len(r.buf)
	}
	if len(r.fields) == 0 && r.judge.Corrupt < 0 && r.o.mode == codec.Permissive && !r.o.multiLine {
		if r.peek() != 0 {
			r.addRow(fine)
		}
		return
	}
	switch c := r.peek(); {
	case c == 0 && r.pos >= r.end:
	case c == '{':
		r.startRow()
		r.endRow(r.root(r.vectors, r.n, true))
	case c == '[':
		r.openArray()
	default:
		r.noRecordRow()
	}
}

// startRow makes all fields of the next row NULL.
func (r *reader) startRow() {
	r.reason = nil
	for _, v := range r.vectors {
		v.Extend(r.n + 1)
		v.SetNull(r.n)
	}
}

// root reads an object into row of vectors.
func (r *reader) root(vectors []*vector.Vector, row int, filtered bool) outcome {
	r.record++
	result := good
	more, ok := r.open('}')
	hint := 0
	for more && ok {
		var view vector.View
		if view, ok = r.name(); !ok {
			break
		}
		i := fieldAt(r.fields, hint, r.bytes(view))
		if i < 0 {
			if !r.skip() {
				return broken
			}
		} else {
			hint = i + 1
			out := r.value(vectors[i], row, r.fields[i].Name)
			switch out {
			case broken:
				return broken
			case partial, bad:
				result = partial
			}
			if out != bad && filtered {
				r.last[i] = r.record
			}
		}
		more, ok = r.next('}')
	}
	if !ok {
		return broken
	}
	return result
}

// endRow adds the row that root has read. Text that is not JSON from some place on does not matter if a filter has rejected
// the record before.
func (r *reader) endRow(result outcome) {
	if result == broken {
		if r.rejected() {
			return
		}
		r.noRecordRow()
		return
	}
	for i := range r.filters {
		if f := &r.filters[i]; r.ready(f) {
			f.rows = append(f.rows, int32(r.n))
		}
	}
	if result == partial {
		r.addRow(badField)
		return
	}
	r.addRow(fine)
}

// ready reports whether all fields that f needs have been read.
func (r *reader) ready(f *filter) bool {
	for _, i := range f.fields {
		if r.last[i] != r.record {
			return false
		}
	}
	return true
}

// rejected reports whether a filter that is ready rejects the row being read.
func (r *reader) rejected() bool {
	for i := range r.filters {
		f := &r.filters[i]
		if !r.ready(f) {
			continue
		}
		r.batch = vector.Batch{N: r.n + 1, Cols: r.cols}
		r.publish()
		out, err := f.Select(&r.batch, vector.Selection{int32(r.n)}, f.out[:0])
		if err == nil && len(out) == 0 {
			return true
		}
	}
	return false
}

// publish lets text vectors see the buffer.
func (r *reader) publish() {
	for _, v := range r.texts {
		v.Data = r.buf
	}
}

func (r *reader) noRecordRow() {
	r.startRow()
	r.addRow(noRecord)
}

func (r *reader) addRow(state uint8) {
	n := r.n
	r.starts[n] = uint32(max(r.lineFrom-r.chunkFrom, 0))
	r.judge.Records[n] = vector.View{Off: uint32(r.lineFrom), Len: uint32(r.lineTo - r.lineFrom)}
	r.judge.State[n] = state
	if state != fine {
		r.judge.Any = true
		if r.explain && r.reason != nil {
			r.reasons[n] = r.reason
		}
	}
	r.n++
}

// openArray looks through an array of records: what is wrong with one of them is wrong with all.
func (r *reader) openArray() {
	start := r.pos
	r.reason = nil
	r.arrayState = fine
	mark := len(r.buf)
	more, ok := r.open(']')
	some := more
	for more && ok {
		if r.peek() != '{' {
			ok = false
			break
		}
		for _, v := range r.dry {
			v.Reset(v.Type, 1)
		}
		r.record++
		switch r.root(r.dry, 0, false) {
		case broken:
			ok = false
		case partial, bad:
			r.arrayState = badField
		}
		r.buf = r.buf[:mark]
		if ok {
			more, ok = r.next(']')
		}
	}
	if !ok {
		r.noRecordRow()
		return
	}
	if some {
		r.pos, r.depth, r.inArray = start+1, 1, true
	}
}

// arrayRow reads the next record of an array that openArray has found to be in order.
func (r *reader) arrayRow() {
	r.peek()
	reason := r.reason
	r.startRow()
	r.root(r.vectors, r.n, false)
	r.reason = reason
	r.addRow(r.arrayState)
	r.inArray, _ = r.next(']')
}
