// Package markdown writes rows as tables of GitHub Flavored Markdown, for reports and issues.
package markdown

import (
	"bytes"

	"github.com/streamctl/streamctl/internal/codec"
	"github.com/streamctl/streamctl/internal/datetime"
	"github.com/streamctl/streamctl/internal/types"
	"github.com/streamctl/streamctl/internal/valuetext"
	"github.com/streamctl/streamctl/internal/vector"
)

// Codec is the format markdown of standard output.
var Codec = &codec.Codec{Name: "markdown", Writing: codec.Writing{
	Doc: "a table in Markdown on standard output", Stream: stream, InFiles: "--output markdown; for files use csv",
}}

func stream(r codec.Rows) (*codec.Encoding, error) {
	return codec.ToStream(func() (codec.Encoder, error) { return &encoder{fields: r.Fields, zone: r.Zone}, nil }), nil
}

// An encoder writes a line for each row. Values are as the console prints them.
type encoder struct {
	codec.Guard
	fields []types.Field
	zone   *datetime.Zone
	value  []byte // memory of a cell
}

// Header appends the names of the columns, and the line that makes it a table, with numbers to the right.
func (e *encoder) Header(dst []byte) []byte {
	for _, f := range e.fields {
		dst = appendCell(append(dst, "| "...), []byte(f.Name))
		dst = append(dst, ' ')
	}
	dst = append(dst, "|\n"...)
	for _, f := range e.fields {
		if f.Type.IsNumeric() {
			dst = append(dst, "| ---: "...)
		} else {
			dst = append(dst, "| --- "...)
		}
	}
	return append(dst, "|\n"...)
}

// AppendBatch appends the selected rows.
func (e *encoder) AppendBatch(dst []byte, b *vector.Batch) ([]byte, error) {
	for i := range b.Rows() {
		row := i
		if b.Sel != nil {
			row = int(b.Sel[i])
		}
		dst, _ = e.AppendRow(dst, b, row) // which has no errors
	}
	return dst, nil
}

// AppendRow appends one row.
func (e *encoder) AppendRow(dst []byte, b *vector.Batch, row int) ([]byte, error) {
	from := len(dst)
	for _, v := range b.Cols {
		e.value = valuetext.AppendValue(e.value[:0], v, row, valuetext.Options{Zone: e.zone, Steps: &e.Steps, Show: true})
		dst = e.Room(dst, most*len(e.value)+len("|  |\n"))
		dst = append(dst, "| "...)
		for piece := range e.Chunks(e.value, 1) {
			dst = appendCell(dst, piece)
		}
		dst = append(dst, ' ')
	}
	return codec.RepairTail(append(dst, "|\n"...), from), nil
}

// most is how many bytes one becomes at most: a line end becomes <br>.
const most = 4

// appendCell appends text such that it stays in its cell and shows as it is.
func appendCell(dst, text []byte) []byte {
	if !bytes.ContainsAny(text, "|\\\r\n<*_`~[&") {
		return append(dst, text...)
	}
	for _, c := range text {
		switch c {
		case '\n':
			dst = append(dst, "<br>"...)
		case '\r': // a line end by itself is rare
			dst = append(dst, ' ')
		case '|', '\\', '<', '*', '_', '`', '~', '[', '&':
			dst = append(dst, '\\', c)
		default:
			dst = append(dst, c)
		}
	}
	return dst
}
