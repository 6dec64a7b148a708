package json

import (
	"errors"

	"github.com/streamctl/streamctl/internal/codec"
	"github.com/streamctl/streamctl/internal/sparkerr"
	"github.com/streamctl/streamctl/internal/vector"
)

// finish applies filters and mode to the rows read. The batch is nil if no row is left.
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
		r.origin.Starts = nil
	}
	alive, err := r.applyFilters()
	if err != nil {
		return nil, err
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

// applyFilters gives the rows that no filter rejects; nil: all.
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

func (r *reader) report(row int) {
	if r.scan.OnMalformed == nil {
		return
	}
	m := codec.Malformed{File: r.in.File, Offset: r.origin.Offset(row), Record: r.bytes(r.judge.Records[row]), Dropped: r.o.mode == codec.DropMalformed}
	switch at := r.badCol[row]; {
	case r.judge.State[row] == tooLong:
		m.Reason = codec.TooLong
	case r.judge.State[row] == noRecord:
		m.Reason = "the text is no JSON record"
	case at > 0:
		f := r.fields[at-1]
		m.Column, m.Reason = f.Name, "the value cannot be read as "+f.Type.SQL()
	default:
		m.Reason = "another record of the same array has a value that cannot be read"
	}
	r.scan.OnMalformed(&m)
}

// failFast is the error for a malformed row.
func (r *reader) failFast(row int) error {
	return &vector.RecordError{File: r.in.File, Offset: r.origin.Offset(row), Err: r.failure(row)}
}

func (r *reader) failure(row int) error {
	reason := r.reasons[row]
	var number *stringAsType
	if errors.As(reason, &number) {
		return codec.ReadFailed(r.in.File, sparkerr.New("MALFORMED_RECORD_IN_PARSING.CANNOT_PARSE_STRING_AS_DATATYPE",
			"badRecord", string(r.bytes(r.judge.Records[row])), "failFastMode", "FAILFAST", "fieldName", "`"+number.name+"`",
			"fieldValue", "'"+number.value+"'", "inputType", "StringType", "targetType", typeName(number.t)))
	}
	return codec.FailedFast(r.in.File, codec.RowText(r.cols, row), reason)
}
