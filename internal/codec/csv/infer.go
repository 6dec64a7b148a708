package csv

import (
	"bytes"
	"strconv"

	"github.com/streamctl/streamctl/internal/codec"
	"github.com/streamctl/streamctl/internal/decimal"
	"github.com/streamctl/streamctl/internal/types"
	"github.com/streamctl/streamctl/internal/valuetext"
	"github.com/streamctl/streamctl/internal/vector"
)

// Infer gives the type of the record that a text is: columns _c0, _c1 and so on.
func Infer(text []byte, o *Options, scan *codec.Scan) (*types.Type, error) {
	formats, err := codec.NewFormats(o.values, scan)
	if err != nil {
		return nil, err
	}
	cells, err := cellsOf(text, o)
	if err != nil {
		return nil, err
	}
	fields := make([]types.Field, len(cells))
	for i, cell := range cells {
		fields[i] = types.Field{Name: "_c" + strconv.Itoa(i), Type: inferCell(cell, o, formats), Nullable: true}
	}
	return types.StructOf(fields...), nil
}

// cellsOf cuts a record: it has as many columns as one can ask for without being malformed. nil is an empty cell.
func cellsOf(text []byte, o *Options) ([][]byte, error) {
	plain := *o
	plain.mode = codec.DropMalformed
	for n := bytes.Count(text, o.sep) + 1; n > 0; n-- {
		fields := make([]types.Field, n)
		for i := range fields {
			fields[i] = types.Field{Name: strconv.Itoa(i), Type: types.String, Nullable: true}
		}
		var cells [][]byte
		r := NewTextReader(fields, &plain, &codec.Scan{})
		_, err := r.Read([][]byte{text}, func(_ int, b *vector.Batch, row int) {
			if b == nil {
				return
			}
			cells = make([][]byte, n)
			for i, v := range b.Cols {
				if !v.IsNull(row) {
					cells[i] = bytes.Clone(v.Bytes(row))
				}
			}
		})
		if cells != nil || err != nil {
			return cells, err
		}
	}
	return nil, nil
}

// inferCell tries the types from narrow to wide.
func inferCell(cell []byte, o *Options, formats *codec.Formats) *types.Type {
	if len(cell) == 0 || string(cell) == o.nullValue {
		return types.String
	}
	if n, ok := valuetext.ParseIntegerStrict(cell, 64); ok {
		if n == int64(int32(n)) {
			return types.Int
		}
		return types.Long
	}
	if v, scale, err := decimal.Parse(cell); err == nil && scale <= 0 {
		if digits := len(v.Abs().String()); digits <= decimal.MaxPrecision && scale == 0 {
			return types.DecimalOf(digits, 0)
		}
	}
	if _, ok := valuetext.ParseDoubleStrict(cell); ok {
		return types.Double
	}
	if _, ok := o.words.Lookup(cell); ok {
		return types.Double
	}
	if _, ok := formats.ParseDate(cell); ok && isDate(cell) {
		return types.Date
	}
	if _, ok := formats.ParseTimestamp(cell); ok {
		return types.Timestamp
	}
	if bytes.EqualFold(cell, []byte("true")) || bytes.EqualFold(cell, []byte("false")) {
		return types.Boolean
	}
	return types.String
}

// isDate leaves texts with a time of day to timestamps.
func isDate(cell []byte) bool { return !bytes.ContainsAny(cell, ": T") }
