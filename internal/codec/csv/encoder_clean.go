package csv

import (
	"slices"

	"github.com/streamctl/streamctl/internal/types"
	"github.com/streamctl/streamctl/internal/valuetext"
	"github.com/streamctl/streamctl/internal/vector"
)

// Most batches are clean: texts that need neither quotes nor escapes nor trimming, and integers. Whether they are is found out a
// column at a time; then their rows are put together without further looks.

// integerBytes is the longest text of an integer, with room for AppendInt to write words.
const integerBytes = 32

// A cleanCell is a column of a clean batch.
type cleanCell struct {
	v     *vector.Vector
	kind  types.Kind
	nulls bool
}

// clean prepares the cells of a batch and gives an upper bound of their bytes; false when a value needs care.
func (e *encoder) clean(b *vector.Batch) (size int, ok bool) {
	if !e.mayBeClean || len(b.Cols) == 0 {
		return 0, false
	}
	e.cells = e.cells[:0]
	for c, v := range b.Cols {
		n, ok := 0, false
		switch v.Type.Kind {
		case types.KindString:
			n, ok = e.cleanTexts(c, v, b)
		case types.KindInt, types.KindLong:
			n, ok = b.Rows()*integerBytes, e.simple
		}
		if !ok {
			return 0, false
		}
		size += n
		e.cells = append(e.cells, cleanCell{v, v.Type.Kind, v.Valid != nil})
	}
	return size + b.Rows()*(len(b.Cols)*len(e.sep)+len(e.lineSep)) + vector.TextSlack, true
}

// cleanTexts gives the length of all texts of column c; false when one of them needs care.
func (e *encoder) cleanTexts(c int, v *vector.Vector, b *vector.Batch) (size int, ok bool) {
	comment := 0 // none
	if c == 0 && e.comment != "" {
		comment = int(e.comment[0])
	}
	data := v.Data
	for k := range b.Rows() {
		row := k
		if b.Sel != nil {
			row = int(b.Sel[k])
		}
		i := v.At(row)
		if v.Valid != nil && !v.Valid.Get(i) {
			continue
		}
		w := v.Views[i]
		off, n := int(w.Off), int(w.Len)
		if n == 0 || data[off] <= ' ' || data[off+n-1] <= ' ' || int(data[off]) == comment || e.care.Meets(data, off, n) {
			return 0, false
		}
		size += n
		if v.IsConst() {
			return n * b.Rows(), true
		}
	}
	return size, true
}

// appendClean appends the rows of a clean batch, whose text has at most size bytes.
func (e *encoder) appendClean(dst []byte, b *vector.Batch, size int) []byte {
	dst = slices.Grow(dst, size)
	at := len(dst)
	out := dst[:cap(dst)]
	for k := range b.Rows() {
		row := k
		if b.Sel != nil {
			row = int(b.Sel[k])
		}
		start := at
		for c := range e.cells {
			cell := &e.cells[c]
			if c > 0 {
				at += copy(out[at:], e.sep)
			}
			v := cell.v
			i := v.At(row)
			if cell.nulls && !v.Valid.Get(i) {
				continue
			}
			switch cell.kind {
			case types.KindString:
				w := v.Views[i]
				vector.CopyText(out, at, v.Data, int(w.Off), int(w.Len))
				at += int(w.Len)
			case types.KindInt:
				at = len(valuetext.AppendInt(out[:at], int64(v.I32[i])))
			default:
				at = len(valuetext.AppendInt(out[:at], v.I64[i]))
			}
		}
		if at > start || e.keepEmpty {
			at += copy(out[at:], e.lineSep)
		}
	}
	return out[:at]
}
