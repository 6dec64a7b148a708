package text

import (
	"github.com/streamctl/streamctl/internal/codec"
	"github.com/streamctl/streamctl/internal/datetime"
	"github.com/streamctl/streamctl/internal/sparkerr"
	"github.com/streamctl/streamctl/internal/types"
	"github.com/streamctl/streamctl/internal/valuetext"
	"github.com/streamctl/streamctl/internal/vector"
)

type encoder struct {
	codec.Guard
	lineSep []byte
	zone    *datetime.Zone
}

// NewEncoder returns an encoder for the single STRING column of Spark's text format. NULL is written as an empty line.
func NewEncoder(fields []types.Field, o *Options) (codec.Encoder, error) {
	if err := CheckSchema(&types.Schema{Fields: fields}); err != nil {
		return nil, err
	}
	return newEncoder(o, nil), nil
}

// NewValueEncoder returns an encoder for standard output: one column of any type, written like CAST(x AS STRING).
func NewValueEncoder(fields []types.Field, zone *datetime.Zone) (codec.Encoder, error) {
	if len(fields) != 1 {
		return nil, sparkerr.Plain("text has exactly one column, not %d", len(fields)).WithHint("select the column to print, or use csv or json")
	}
	return newEncoder(&Options{}, zone), nil
}

func newEncoder(o *Options, zone *datetime.Zone) *encoder {
	e := &encoder{lineSep: o.lineSep, zone: zone}
	if e.lineSep == nil {
		e.lineSep = []byte("\n")
	}
	return e
}

// Header appends nothing.
func (e *encoder) Header(dst []byte) []byte { return dst }

// AppendBatch appends the selected rows.
func (e *encoder) AppendBatch(dst []byte, b *vector.Batch) ([]byte, error) {
	for i := range b.Rows() {
		row := i
		if b.Sel != nil {
			row = int(b.Sel[i])
		}
		dst, _ = e.AppendRow(dst, b, row)
	}
	return dst, nil
}

// AppendRow appends one row.
func (e *encoder) AppendRow(dst []byte, b *vector.Batch, row int) ([]byte, error) {
	v := b.Cols[0]
	if !v.IsNull(row) {
		if v.Type.IsText() {
			dst = append(dst, v.Bytes(row)...)
		} else {
			dst = valuetext.AppendValue(dst, v, row, valuetext.Options{Zone: e.zone, Steps: &e.Steps})
		}
	}
	return append(dst, e.lineSep...), nil
}
