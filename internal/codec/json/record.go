package json

import (
	"github.com/streamctl/streamctl/internal/codec"
	"github.com/streamctl/streamctl/internal/types"
	"github.com/streamctl/streamctl/internal/vector"
)

// line reads the record, or the array of records, of a line.
func (r *reader) line() {
	r.pos, r.end, r.depth = r.lineFrom, r.lineTo, 0
	if !r.o.multiLine && r.lineTo-r.lineFrom > r.scan.LineLimit() {
		r.longRecord()
		return
	}
	if !r.o.multiLine {
		r.pos, r.end = r.decodeLine()
	}
	if len(r.fields) == 0 && r.judge.Corrupt < 0 && r.o.mode == codec.Permissive && !r.o.multiLine {
		if r.peek() != 0 {
			r.addRow(fine)
		}
		return
	}
	c := r.peek()
	r.recordFrom = r.pos
	switch {
	case c == 0 && r.pos >= r.end:
	case r.o.single:
		r.single()
	case c == '{':
		r.startRow()
		result := r.root(r.vectors, r.n, true)
		r.endRow(result)
		if r.pos != r.end && !r.rest && result != broken {
			r.loseRest()
		}
	case c == '[':
		r.openArray()
	default:
		r.noRecordRow()
	}
}

// single reads a value as the VARIANT that is the record.
func (r *reader) single() {
	r.startRow()
	vectors, row := r.vectors, r.n
	if len(vectors) == 0 { // only the text of malformed records is wanted
		r.scratch.Reset(types.Variant, 1)
		vectors, row = []*vector.Vector{&r.scratch}, 0
	}
	switch r.rootVariant(vectors[0], row, "") {
	case good:
		r.addRow(fine)
	case broken:
		r.noRecordRow()
	default:
		r.addRow(noRecord)
	}
}

// decodeLine returns the range in the buffer of the line's text in UTF-8. Without the option encoding, the first bytes of a
// line determine its character set. (Jackson: ByteSourceJsonBootstrapper.detectEncoding.)
func (r *reader) decodeLine() (from, to int) {
	from, to = r.lineFrom, r.lineTo
	cs := r.o.charset
	if line := r.buf[from:to]; !r.o.charsetGiven && len(line) > 1 && (line[0] == 0 || line[1] == 0 || line[0] >= 0xEF) {
		by, n := codec.ByFirstBytes(line)
		cs, from = by, from+n
	}
	if cs == nil {
		return from, to
	}
	text := r.buf[from:to]
	from = len(r.buf)
	r.buf = cs.AppendText(r.buf, text)
	return from, len(r.buf)
}

// startRow sets all fields of the next row to NULL.
func (r *reader) startRow() {
	r.reason, r.badField = nil, 0
	for _, v := range r.vectors {
		v.Extend(r.n + 1)
		v.SetNull(r.n)
	}
}

// A member is a member of a record: the text of its name from the quote to the colon, and its position in fields, or -1. The
// records of a file usually have the same members in the same order, so the next record is compared with these first.
type member struct {
	text  []byte
	field int
}

// maxShape is the number of members of a record that are remembered.
const maxShape = 256

// member reads the name of the n-th member of a record and returns its position in fields, or -1.
func (r *reader) member(n int) (field int, ok bool) {
	known := n < len(r.shape)
	if known {
		m := &r.shape[n]
		if end := r.pos + len(m.text); end <= r.end && string(r.buf[r.pos:end]) == string(m.text) {
			r.pos = end
			return m.field, true
		}
	}
	r.peek()
	from := r.pos
	name, ok := r.name()
	if !ok {
		return 0, false
	}
	field = fieldAt(r.fields, n, r.bytes(name))
	if !known && n < maxShape && !r.slow {
		r.shape, known = append(r.shape, member{}), true
	}
	if known {
		m := &r.shape[n]
		m.text, m.field = append(m.text[:0], r.buf[from:r.pos]...), field
	}
	return field, true
}

// root reads an object into row of vectors.
func (r *reader) root(vectors []*vector.Vector, row int, filtered bool) outcome {
	r.record++
	result := good
	more, ok := r.open('}')
	for n := 0; more && ok; n++ {
		var i int
		if i, ok = r.member(n); !ok {
			break
		}
		if i < 0 {
			if !r.skip() {
				return broken
			}
		} else {
			from := r.pos
			out := r.value(vectors[i], row, r.fields[i].Name)
			switch out {
			case broken:
				return broken
			case partial, bad:
				result = partial
				r.bads[i] = true
				if r.badField == 0 {
					r.badField, r.badText = i+1, vector.View{Off: uint32(from), Len: uint32(r.pos - from)}
				}
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

// endRow adds the row that root has read. If a filter has already rejected the record, it does not matter that its text later
// stops being JSON.
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

// publish makes the buffer visible to text vectors.
func (r *reader) publish() {
	for _, v := range r.texts {
		v.Data = r.buf
	}
}

func (r *reader) noRecordRow() {
	r.brokenAt = min(r.pos, r.end)
	r.startRow()
	r.addRow(noRecord)
}

// longRecord adds a row for a record that is too long to be parsed.
func (r *reader) longRecord() {
	r.lineTo = r.lineFrom + r.scan.LineLimit()
	r.startRow()
	r.addRow(tooLong)
}

func (r *reader) addRow(state uint8) {
	n := r.n
	r.starts[n] = uint32(max(r.lineFrom-r.chunkFrom, 0))
	r.judge.Records[n] = vector.View{Off: uint32(r.lineFrom), Len: uint32(r.lineTo - r.lineFrom)}
	r.judge.State[n], r.badCol[n] = state, int16(r.badField)
	if r.own != nil || r.o.multiLine {
		r.owns(n, r.judge.Records[n])
	}
	if state != fine {
		r.judge.Any = true
		r.values[n] = r.badText
		if r.explain && r.reason != nil {
			r.reasons[n] = r.reason
		}
	}
	r.n++
}

// An element describes what is wrong with a record of an array.
type element struct {
	text  vector.View // starting at its brace
	field int         // like reader.badField
	value vector.View
}

// owns stores the range of a record whose row shows a larger text. The record of a file begins after blanks.
func (r *reader) owns(n int, text vector.View) {
	if r.own == nil {
		r.own = make([]vector.View, vector.BatchRows)
		copy(r.own, r.judge.Records[:n])
	}
	if blanks := r.recordFrom - int(text.Off); r.o.multiLine && blanks > 0 && blanks <= int(text.Len) {
		text.Off, text.Len = text.Off+uint32(blanks), text.Len-uint32(blanks)
	}
	r.own[n] = text
	if r.o.multiLine && !r.recoded {
		r.starts[n] = uint32(max(int(text.Off)-r.chunkFrom, 0))
	}
}

// openArray validates an array of records: one bad record makes all of them malformed.
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
		r.badField, r.recordFrom = 0, r.pos
		switch r.root(r.dry, 0, false) {
		case broken:
			ok = false
		case partial, bad:
			if r.arrayState == fine {
				r.firstBad = element{vector.View{Off: uint32(r.recordFrom), Len: uint32(r.pos - r.recordFrom)}, r.badField, r.badText}
			}
			r.arrayState = badArray
		}
		r.buf = r.buf[:mark]
		if ok {
			more, ok = r.next(']')
		}
	}
	if !ok {
		r.recordFrom = start
		r.noRecordRow()
		return
	}
	if some {
		r.pos, r.depth, r.inArray = start+1, 1, true
	}
}

// arrayRow reads the next record of an array that openArray has validated.
func (r *reader) arrayRow() {
	r.peek()
	reason := r.reason
	r.startRow()
	r.recordFrom = r.pos
	r.root(r.vectors, r.n, true)
	r.reason = reason
	r.addRow(r.arrayState)
	r.owns(r.n-1, vector.View{Off: uint32(r.recordFrom), Len: uint32(r.pos - r.recordFrom)})
	if r.inArray, _ = r.next(']'); !r.inArray && r.pos != r.end && !r.rest {
		r.loseRest()
	}
}
