package csv

import (
	"bytes"
	"slices"

	"github.com/streamctl/streamctl/internal/types"
	"github.com/streamctl/streamctl/internal/valuetext"
	"github.com/streamctl/streamctl/internal/vector"
)

// Most batches are clean: texts that need neither quotes nor escapes nor trimming, and integers. A batch is written as if it were
// clean, then the characters that need care are counted in all that was written: if there are more than separators and line
// ends have, the batch is written again with care. Where that happens it is tried less and less often.

const (
	integerBytes = 32 // the longest text of an integer, with room for AppendInt to write words
	maxPatience  = 64 // batches written with care after failures
)

// A cleanWriter writes clean batches.
type cleanWriter struct {
	possible bool   // by the options
	simple   bool   // integers need no quotes
	care     []byte // characters that need care
	perRow   []int  // how many of each a row has in its separators and line end
	cells    []cleanCell
	wait     int // batches until the next try
	patience int
}

// A cleanCell is a column of the batch at hand.
type cleanCell struct {
	v     *vector.Vector
	kind  types.Kind
	nulls bool
}

func newCleanWriter(o *WriteOptions, columns int, simple bool, care string) cleanWriter {
	w := cleanWriter{possible: !o.tabs && !o.quoteAll && o.nullValue == "" && columns > 0, simple: simple, patience: 1}
	for i := range len(care) {
		c := care[i]
		if slices.Contains(w.care, c) {
			continue
		}
		w.possible = w.possible && c < 0x80
		one := []byte{c}
		w.care = append(w.care, c)
		w.perRow = append(w.perRow, (columns-1)*bytes.Count([]byte(o.sep), one)+bytes.Count([]byte(o.lineSep), one))
	}
	return w
}

// prepare looks at the columns of a batch and gives an upper bound of its bytes; false when it is not worth a try.
func (w *cleanWriter) prepare(o *WriteOptions, b *vector.Batch) (size int, ok bool) {
	if !w.possible {
		return 0, false
	}
	if w.wait > 0 {
		w.wait--
		return 0, false
	}
	w.cells = w.cells[:0]
	for _, v := range b.Cols {
		switch {
		case v.Type.Kind == types.KindString:
			size += textBytes(v, b)
		case (v.Type.Kind == types.KindInt || v.Type.Kind == types.KindLong) && w.simple:
			size += b.Rows() * integerBytes
		default:
			return 0, false
		}
		w.cells = append(w.cells, cleanCell{v, v.Type.Kind, v.Valid != nil})
	}
	return size + b.Rows()*(len(b.Cols)*len(o.sep)+len(o.lineSep)) + vector.TextSlack, true
}

// textBytes returns the length of the texts of all selected rows.
func textBytes(v *vector.Vector, b *vector.Batch) (n int) {
	switch {
	case v.IsConst():
		return b.Rows() * int(v.Views[0].Len)
	case b.Sel == nil:
		for _, w := range v.Views[:b.N] {
			n += int(w.Len)
		}
	default:
		for _, i := range b.Sel {
			n += int(v.Views[i].Len)
		}
	}
	return n
}

// write appends the rows of a batch; false, with dst as it was, when the batch is not clean.
func (w *cleanWriter) write(dst []byte, o *WriteOptions, b *vector.Batch) ([]byte, bool) {
	size, ok := w.prepare(o, b)
	if !ok {
		return dst, false
	}
	dst = slices.Grow(dst, size)
	out, ok := w.rows(dst, o, b)
	if !ok {
		w.wait, w.patience = w.patience, min(2*w.patience, maxPatience)
		return dst, false
	}
	w.patience = 1
	return out, true
}

func (w *cleanWriter) rows(dst []byte, o *WriteOptions, b *vector.Batch) ([]byte, bool) {
	begin, at := len(dst), len(dst)
	out := dst[:cap(dst)]
	comment := 0 // what the first text of a row may not begin with; 0: anything
	if o.comment != "" {
		comment = int(o.comment[0])
	}
	written := 0
	for k := range b.Rows() {
		row := k
		if b.Sel != nil {
			row = int(b.Sel[k])
		}
		start := at
		for c := range w.cells {
			cell := &w.cells[c]
			if c > 0 {
				at += copy(out[at:], o.sep)
			}
			i := cell.v.At(row)
			if cell.nulls && !cell.v.Valid.Get(i) {
				continue
			}
			switch cell.kind {
			case types.KindString:
				t := cell.v.Views[i]
				n := int(t.Len)
				if n == 0 {
					return dst, false
				}
				vector.CopyText(out, at, cell.v.Data, int(t.Off), n)
				if out[at] <= ' ' || out[at+n-1] <= ' ' || int(out[at]) == comment && c == 0 {
					return dst, false
				}
				at += n
			case types.KindInt:
				at = len(valuetext.AppendInt(out[:at], int64(cell.v.I32[i])))
			default:
				at = len(valuetext.AppendInt(out[:at], cell.v.I64[i]))
			}
		}
		if at > start || o.keepEmpty {
			at += copy(out[at:], o.lineSep)
			written++
		}
	}
	for i := range w.care {
		if bytes.Count(out[begin:at], w.care[i:i+1]) != written*w.perRow[i] {
			return dst, false
		}
	}
	return out[:at], true
}
