package vector

import (
	"context"
	"time"

	"github.com/streamctl/streamctl/internal/types"
)

// BatchRows is how many rows readers aim to put into a batch.
const BatchRows = 2048

// A Selection lists the rows in question, ascending. nil means all rows; an empty one that is not nil means none.
type Selection []int32

// A Batch is N rows in columns, of which those in Sel count.
type Batch struct {
	N      int
	Cols   []*Vector
	Sel    Selection // nil: all N rows
	Origin *Origin   // nil when the rows come from no file
}

// Rows is the number of selected rows.
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
	Starts []uint32 // where the record of each row begins, relative to Base; nil when unknown
	Block  Block
	Line   func(row int) int64 // the line of a row, for readers that know it better than by its offset

	FirstRow int64 // number of the first row in the file, from 0 on; Parquet only
}

// A RecordError is an error that one record of a file caused.
type RecordError struct {
	File   *File
	Offset int64  // where the record begins in the file; -1 when unknown
	Line   int64  // 1-based; 0 when only Offset is known
	Column string // "" when no single column is to blame
	Value  string // the text of Column in the record, as far as it is known
	Err    error
}

func (e *RecordError) Error() string { return e.Err.Error() }

// Unwrap gives the error itself.
func (e *RecordError) Unwrap() error { return e.Err }

// LineOf is the line of a row; 0 when only its offset is known.
func (o *Origin) LineOf(row int) int64 {
	if o.Line == nil {
		return 0
	}
	return o.Line(row)
}

// Offset is where the record of a row begins in the file; -1 when unknown.
func (o *Origin) Offset(row int) int64 {
	if row < 0 || row >= len(o.Starts) {
		return -1
	}
	return o.Base + int64(o.Starts[row])
}

// A Block is the byte range of the file that the partition covers.
type Block struct{ Start, Length int64 }

// A File is an input file as it was listed.
type File struct {
	Path    string // absolute
	Size    int64
	ModTime time.Time
}

// A Reader yields batches until io.EOF, never a batch and an error together. The batch is on loan until the next Next or
// Close: do not keep or change it. One goroutine.
type Reader interface {
	Next(ctx context.Context) (*Batch, error)
	Close() error // stops early; safe to call twice
}

// A Predicate is a condition that a reader applies to the columns it has decoded (a filter pushed down to it).
type Predicate interface {
	// Columns lists the positions in the reader's columns that the condition needs, ascending.
	Columns() []int
	// Select gives the rows of sel for which the condition is true. It may only look at Columns of b and writes to dst[:0].
	Select(b *Batch, sel, dst Selection) (Selection, error)
}

// A Schema is shared with package types for brevity in signatures.
type Schema = types.Schema
