package json

import (
	"bytes"
	"errors"
	"strconv"

	"github.com/streamctl/streamctl/internal/codec"
	"github.com/streamctl/streamctl/internal/sparkerr"
	"github.com/streamctl/streamctl/internal/vector"
)

// finish applies filters and mode to the rows read. The batch is nil if no row remains.
func (r *reader) finish() (*vector.Batch, error) {
	if r.n == 0 {
		return nil, r.takePending()
	}
	r.chunks.Keep(r.buf)
	r.publish()
	for _, v := range r.vectors {
		if v.Valid.CountNulls(r.n) == 0 {
			v.Valid = nil
		}
	}
	r.batch = vector.Batch{N: r.n, Cols: r.cols, Origin: &r.origin}
	r.origin.Base, r.origin.Starts = r.offset, r.starts[:r.n]
	if r.o.multiLine {
		r.origin.Line = r.lineOf
		if r.recoded {
			r.origin.Starts = nil
		}
	}
	alive, err := r.applyFilters()
	if err != nil {
		return nil, err
	}
	if err := r.formats.Failure(); err != nil {
		return nil, codec.ReadFailed(r.in.File, err)
	}
	if row := r.judge.Apply(&r.batch, alive, r.buf, r.report); row >= 0 {
		r.pending = r.failFast(row)
		r.at, r.inArray = r.chunkEnd, false
	}
	if r.batch.Rows() == 0 {
		return nil, r.takePending()
	}
	return &r.batch, nil
}

// applyFilters returns the rows that no filter rejects; nil means all.
func (r *reader) applyFilters() (vector.Selection, error) {
	var rejected []bool
	for i := range r.filters {
		f := &r.filters[i]
		if len(f.rows) == 0 {
			continue
		}
		out, err := f.Select(&r.batch, f.rows, f.out[:0])
		if err != nil {
			return nil, err
		}
		f.out = out
		if len(out) == len(f.rows) {
			continue
		}
		if rejected == nil {
			rejected = make([]bool, r.n)
		}
		next := 0
		for _, row := range f.rows {
			if next < len(out) && out[next] == row {
				next++
			} else {
				rejected[row] = true
			}
		}
	}
	if rejected == nil {
		return nil, nil
	}
	alive := make(vector.Selection, 0, r.n)
	for row, no := range rejected {
		if !no {
			alive = append(alive, int32(row))
		}
	}
	return alive, nil
}

// report reports a malformed row. One bad record makes all records of its array malformed; unless those are dropped, they
// keep their values and are not reported.
func (r *reader) report(row int) {
	dropped := r.o.mode == codec.DropMalformed
	if r.scan.OnMalformed == nil || r.inBadArray(row) && r.badCol[row] == 0 && !dropped {
		return
	}
	m := codec.Malformed{File: r.in.File, Offset: r.origin.Offset(row), Line: r.origin.LineOf(row), Record: r.bytes(r.ownText(row)), Dropped: dropped}
	switch at := r.badCol[row]; {
	case r.judge.State[row] == tooLong:
		m.Reason = codec.TooLong
	case r.judge.State[row] == noRecord:
		m.Reason = r.notJSON(m.Line)
	case at > 0:
		f := r.fields[at-1]
		m.Column, m.Type, m.Value, m.Reason = f.Name, f.Type, r.valueText(r.values[row]), "the value cannot be read as "+f.Type.SQL()
	default:
		m.Reason = codec.InBadArray
	}
	r.scan.OnMalformed(&m)
}

// notJSON returns the reason for a record that begins in the given line of a file that is a single text.
func (r *reader) notJSON(line int64) string {
	if r.o.multiLine {
		if at := r.lines.At(r.buf, r.brokenAt); at > line {
			return "the text is not JSON from line " + strconv.FormatInt(at, 10) + " on"
		}
	}
	return "the text is not a JSON record"
}

// inBadArray reports whether the row's array contains a malformed record.
func (r *reader) inBadArray(row int) bool { return r.judge.State[row] == badArray }

// ownText returns the text of a row's record, without the other records of its array.
func (r *reader) ownText(row int) vector.View {
	if r.own == nil {
		return r.judge.Records[row]
	}
	return r.own[row]
}

func (r *reader) valueText(v vector.View) []byte { return bytes.TrimSpace(r.bytes(v)) }

// lineOf returns the line in which a row's record begins, in a file that is a single text.
func (r *reader) lineOf(row int) int64 { return r.lines.At(r.buf, int(r.own[row].Off)) }

// failFast returns the error for a malformed row.
func (r *reader) failFast(row int) error {
	e := &vector.RecordError{File: r.in.File, Offset: r.origin.Offset(row), Line: r.origin.LineOf(row), Err: r.failure(row)}
	field, value := int(r.badCol[row]), r.values[row]
	if r.inBadArray(row) && r.o.multiLine { // the whole array is malformed; the offending record may come later
		field, value = r.firstBad.field, r.firstBad.value
		e.Line = r.lines.At(r.buf, int(r.firstBad.text.Off))
	}
	if s := r.judge.State[row]; field > 0 && (s == badField || s == badArray) {
		e.Column, e.Value = r.fields[field-1].Name, string(codec.Shorten(r.valueText(value)))
	} else {
		e.Value = string(codec.Shorten(r.valueText(r.ownText(row))))
	}
	return e
}

func (r *reader) failure(row int) error {
	reason := r.reasons[row]
	var number *stringAsType
	if errors.As(reason, &number) {
		return codec.ReadFailed(r.in.File, sparkerr.New("MALFORMED_RECORD_IN_PARSING.CANNOT_PARSE_STRING_AS_DATATYPE",
			"badRecord", string(r.bytes(r.judge.Records[row])), "failFastMode", "FAILFAST", "fieldName", "`"+number.name+"`",
			"fieldValue", "'"+number.value+"'", "inputType", "StringType", "targetType", typeName(number.t)))
	}
	return codec.FailedFast(r.in.File, codec.RowText(r.cols, row), rootReason(reason, r.bytes(r.judge.Records[row])))
}
