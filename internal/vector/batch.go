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
