package vector

import (
	"context"
	"time"
)

// BatchRows is the number of rows that readers aim to put into a batch.
const BatchRows = 2048

// A Selection lists row numbers in ascending order. nil selects all rows; an empty non-nil Selection selects none.
type Selection []int32

// A Batch holds N rows in columns, of which only those in Sel are live.
type Batch struct {
	N      int
	Cols   []*Vector
	Sel    Selection // nil: all N rows
	Origin *Origin   // nil if the rows do not come from a file
}

// Rows returns the number of selected rows.
func (b *Batch) Rows() int {
	if b.Sel == nil {
		return b.N
	}
	return len(b.Sel)
}

// An Origin says where the rows of a batch come from.
type Origin struct {
	File   *File
	Base   int64    // byte offset in the file that Starts counts from
	Starts []uint32 // start of each row's record, relative to Base; nil if unknown
	Block  Block
	Line   func(row int) int64 // line number of a row, from readers that track lines themselves

	FirstRow int64 // number of the first row in the file, counting from 0; Parquet only

	of   *Origin   // of the rows that these were made of; nil: they come from the reader as they are
	rows Selection // those rows
}

// Made returns the origin of rows that an operator has made of others: rows lists for each the one that it comes from.
func (o *Origin) Made(rows Selection) *Origin {
	if o == nil {
		return nil
	}
	return &Origin{File: o.File, Block: o.Block, of: o, rows: rows}
}

// A RecordError is an error that one record of a file caused.
type RecordError struct {
	File   *File
	Offset int64  // where the record begins in the file; -1 when unknown
	Line   int64  // 1-based; 0 when only Offset is known
	Column string // "" when no single column is to blame
	Value  string // the text of Column in the record, if known
	Err    error
}

func (e *RecordError) Error() string { return e.Err.Error() }

// Unwrap returns the underlying error.
func (e *RecordError) Unwrap() error { return e.Err }

// LineOf returns the line number of a row, or 0 if only its offset is known.
func (o *Origin) LineOf(row int) int64 {
	if o.of != nil {
		return o.of.LineOf(int(o.rows[row]))
	}
	if o.Line == nil {
		return 0
	}
	return o.Line(row)
}

// Offset returns the offset in the file at which a row's record begins, or -1 if unknown.
func (o *Origin) Offset(row int) int64 {
	if o.of != nil && row >= 0 {
		return o.of.Offset(int(o.rows[row]))
	}
	if row < 0 || row >= len(o.Starts) {
		return -1
	}
	return o.Base + int64(o.Starts[row])
}

// A Block is the byte range of the file that the partition covers.
type Block struct{ Start, Length int64 }

// A File is an input file as listed.
type File struct {
	Path    string // absolute
	Size    int64
	ModTime time.Time
}

// A Reader yields batches until io.EOF. Next never returns a batch and an error together. The batch is on loan until the next Next or Close: do not
// keep or change it. A Reader is used by one goroutine.
type Reader interface {
	Next(ctx context.Context) (*Batch, error)
	Close() error // stops early; safe to call twice
}

// A Predicate is a filter pushed down to a reader, which applies it to the columns it has decoded.
type Predicate interface {
	// Columns returns the positions in the reader's columns that the condition needs, ascending.
	Columns() []int
	// Select returns the rows of sel for which the condition is true. It may read only Columns of b, and writes to dst[:0].
	Select(b *Batch, sel, dst Selection) (Selection, error)
}
