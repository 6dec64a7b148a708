// Package sources defines what a source of a stream is. A source lists what there is (offsets), plans the partitions of a
// micro-batch, and wakes the engine when something may be new; the formats are in its subpackages.
package sources

import (
	"context"

	"github.com/streamctl/streamctl/internal/datetime"
	"github.com/streamctl/streamctl/internal/types"
	"github.com/streamctl/streamctl/internal/vector"
)

// An Offset is a position in a source as JSON text, in Spark's own form ({"logOffset":3}, 4). "" is before everything.
type Offset string

// A Source replays a stream: the same (from, to] yields the same rows, unless Replayable is false. The engine calls all methods
// from one goroutine, but partitions are opened and read by workers.
type Source interface {
	// Describe names the source as Spark's progress does: "FileStreamSource[file:/d]".
	Describe() string
	// Replayable reports whether a batch can be read again after a restart.
	Replayable() bool
	// Recover prepares for going on from a checkpoint: the last logged start and end (the end may be uncommitted).
	Recover(ctx context.Context, start, end Offset) error
	// LatestOffset takes what is new after from, within the source's own limits (maxFilesPerTrigger …; ignored when all is
	// true, as trigger once does), and gives the offset after it; from itself when there is nothing.
	LatestOffset(ctx context.Context, from Offset, all bool) (Offset, error)
	// FreezeEnd fixes what is there now as the end: LatestOffset never goes beyond (availableNow).
	FreezeEnd(ctx context.Context) error
	// Plan gives the partitions of (from, to] in output order; scan is fixed from the first batch on.
	Plan(ctx context.Context, from, to Offset, scan *Scan) ([]Partition, error)
	// Commit says that everything up to to was processed for good.
	Commit(ctx context.Context, to Offset) error
	// Wake receives a value when something may be new. It never blocks the sender.
	Wake() <-chan struct{}
	// Done is closed when nothing can ever come (end of standard input); nil for endless sources.
	Done() <-chan struct{}
	Close() error
}

// A Partition is a piece of a micro-batch that one worker reads.
type Partition interface {
	// Open starts reading. Each batch has the columns of Scan.Fields.
	Open(ctx context.Context) (vector.Reader, error)
	// Task is the number of Spark's task this piece belongs to: file sinks write one part per task. Pieces of a task are
	// adjacent and in order.
	Task() int
}

// A Scan is what planning has decided about reading a source: fixed for the life of the query.
type Scan struct {
	Schema  *types.Schema      // the source's full schema, partition and metadata columns excluded
	Fields  []types.Field      // the columns wanted, in the order in which batches have them
	// NewFilters makes the conjuncts pushed into the reader; their columns are positions in Fields. Predicates own memory:
	// each partition's reader needs its own. nil: none.
	NewFilters func() ([]vector.Predicate, error)
	Empty   bool               // the plan has no rows: no file is opened
	Prune   bool               // column pruning is on (csv): only wanted columns are checked
	Zone    *datetime.Zone     // session time zone
	OnRows  func(n int)        // counts input rows; called by workers
}
