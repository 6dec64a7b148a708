package csv

import (
	"bytes"
	"slices"

	"github.com/streamctl/streamctl/internal/types"
	"github.com/streamctl/streamctl/internal/valuetext"
	"github.com/streamctl/streamctl/internal/vector"
)

// Most batches are clean: integers, and strings that need no quotes, escapes or trimming. A batch is first written as if it
// were clean. Then the characters that would need care are counted in the output: if there are more than the separators and
// line ends account for, the batch is written again by the slow path. After a failure the fast path is tried less and less
// often.

const (
	integerBytes = 32 // maximum length of an integer, with room for AppendInt to write whole words
	maxPatience  = 64 // maximum number of batches on the slow path after a failure
)

// A cleanWriter writes clean batches.
type cleanWriter struct {
	possible bool   // permitted by the options
	simple   bool   // integers need no quotes
	care     []byte // characters that require the slow path
	perRow   []int  // number of each of them in a row's separators and line end
	cells    []cleanCell
	wait     int // batches until the next attempt
	patience int
}

// A cleanCell is a column of the current batch.
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

// prepare inspects the columns of a batch and returns an upper bound for its size; ok is false if an attempt is not
// worthwhile.
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

// write appends the rows of a batch. If the batch is not clean, it returns dst unchanged and false.
func (w *cleanWriter) write(dst []byte, e *encoder, b *vector.Batch) ([]byte, bool) {
	size, ok := w.prepare(e.WriteOptions, b)
	if !ok {
		return dst, false
	}
	dst = slices.Grow(e.Room(dst, size), size)
	out, ok := w.rows(dst, e.WriteOptions, b)
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
	comment := 0 // what the first field of a row may not start with; 0: anything
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
