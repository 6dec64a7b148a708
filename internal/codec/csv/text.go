package csv

import (
	"bytes"
	"context"
	"errors"
	"io"
	"slices"

	"github.com/streamctl/streamctl/internal/codec"
	"github.com/streamctl/streamctl/internal/datetime"
	"github.com/streamctl/streamctl/internal/halt"
	"github.com/streamctl/streamctl/internal/sparkerr"
	"github.com/streamctl/streamctl/internal/types"
	"github.com/streamctl/streamctl/internal/vector"
)

// noLineSep ends a record in from_csv: a line end is part of a field. (Spark: CsvToStructs.)
const noLineSep = "\uffff"

// A TextReader reads strings that each hold one record, for the function from_csv.
type TextReader struct {
	lines, whole Options // for single-line texts, which are read together, and for others
	scan         codec.Scan
	joined       []byte
	carry        codec.Carry
}

// Mode returns the mode set by the options.
func (o *Options) Mode() codec.Mode { return o.mode }

// NewTextReader returns a reader of records with the given fields.
func NewTextReader(fields []types.Field, o *Options, scan *codec.Scan) *TextReader {
	r := &TextReader{lines: *o, scan: *scan}
	r.lines.charset, r.lines.header, r.lines.multiLine, r.lines.lineSep = nil, false, false, "\n"
	r.whole = r.lines
	r.whole.multiLine, r.whole.lineSep, r.whole.keepLineEnds = true, noLineSep, true
	r.whole.specials = slices.Clone(r.whole.specials)
	r.whole.ending = r.whole.lineEnding()
	r.scan.Fields, r.scan.Schema = fields, &types.Schema{Fields: fields}
	return r
}

// Restart forgets the types of the values read so far in VARIANT columns.
func (r *TextReader) Restart() { r.carry = codec.Carry{} }

// input returns an input of text.
func (r *TextReader) input(text []byte) codec.Input {
	in := codec.FromBytes(nil, text)
	in.Carry = &r.carry
	return in
}

// Read passes the record of each text to take as a row of a batch on loan, or nil for a text without a record. failed is the
// index of the text that caused the error.
func (r *TextReader) Read(texts [][]byte, take func(i int, b *vector.Batch, row int)) (failed int, err error) {
	for i := 0; i < len(texts); {
		n := r.plain(texts[i:])
		if n == 0 {
			if err := r.one(i, texts[i], take); err != nil {
				return i, err
			}
			i++
			continue
		}
		done, err := r.together(i, n, take)
		if err == nil && done < n {
			err = sparkerr.Internal("%d lines of CSV returned %d records", n, done)
		}
		if err != nil {
			return i + done, err
		}
		i += n
	}
	return 0, nil
}

// plain joins texts until the first that is not a single line, and counts them.
func (r *TextReader) plain(texts [][]byte) int {
	r.joined = r.joined[:0]
	for n, text := range texts {
		if n == vector.BatchRows || blank(text) || bytes.ContainsAny(text, "\r\n") || r.lines.hasComment {
			return n
		}
		r.joined = append(append(r.joined, text...), '\n')
	}
	return len(texts)
}

// together reads the joined texts, n of them, starting with text i.
func (r *TextReader) together(i, n int, take func(i int, b *vector.Batch, row int)) (done int, err error) {
	scan := r.scan
	in, err := NewReader(r.input(r.joined), &r.lines, &scan)
	if err != nil {
		return 0, err
	}
	for {
		b, err := in.Next(context.Background())
		if errors.Is(err, io.EOF) {
			return done, nil
		}
		if err != nil {
			return done, withoutFile(err)
		}
		for k := range b.Rows() {
			row := k
			if b.Sel != nil {
				row = int(b.Sel[k])
			}
			if done < n {
				take(i+done, b, row)
				done++
			}
		}
	}
}

// one reads the first record of a text.
func (r *TextReader) one(i int, text []byte, take func(i int, b *vector.Batch, row int)) error {
	scan := r.scan
	in, err := NewReader(r.input(text), &r.whole, &scan)
	if err != nil {
		return err
	}
	b, err := in.Next(context.Background())
	switch {
	case err == nil && b.Sel == nil:
		take(i, b, 0)
	case err == nil:
		take(i, b, int(b.Sel[0]))
	case !errors.Is(err, io.EOF):
		return withoutFile(err)
	case r.lines.mode == codec.FailFast:
		e := sparkerr.New("MALFORMED_RECORD_IN_PARSING.WITHOUT_SUGGESTION", "badRecord", "[null]", "failFastMode", "FAILFAST")
		e.Cause = malformedRecord(text)
		return e
	default:
		take(i, nil, 0)
	}
	return nil
}

// withoutFile removes the wrapper that names the file that cannot be read.
func withoutFile(err error) error {
	var e *sparkerr.Error
	if errors.As(err, &e) && e.Cause != nil && e.Condition == "FAILED_READ_FILE.NO_HINT" {
		return e.Cause
	}
	return err
}

// A TextWriter writes records without a line end, for the function to_csv. Nested values are written as their text.
type TextWriter struct{ encoder codec.Encoder }

// NewTextWriter returns a writer of records with the given fields.
func NewTextWriter(fields []types.Field, o *WriteOptions, zone *datetime.Zone) (*TextWriter, error) {
	text := *o
	text.anyType, text.lineSep, text.charset = true, "", nil
	e, err := NewEncoder(fields, &text, zone)
	if err != nil {
		return nil, err
	}
	return &TextWriter{e}, nil
}

// Watch implements codec.Encoder.
func (w *TextWriter) Watch(stop halt.Stopper, b codec.Buffer) { w.encoder.Watch(stop, b) }

// Append appends one row of the columns.
func (w *TextWriter) Append(dst []byte, cols []*vector.Vector, row int) ([]byte, error) {
	return w.encoder.AppendRow(dst, &vector.Batch{N: row + 1, Cols: cols}, row)
}
