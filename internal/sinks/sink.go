// Package sinks defines the sinks of streams and creates them.
package sinks

import (
	"context"

	"github.com/streamctl/streamctl/internal/checkpoint"
	"github.com/streamctl/streamctl/internal/vector"
)

// A Sink receives the output of micro-batches. After a crash a batch id may be repeated; a sink that already has the batch
// does nothing and returns ErrHave from Begin. A sink may also implement Owned, Repeater, sources.Tidier and io.Closer.
type Sink interface {
	// Describe returns the sink's name in Spark's progress.
	Describe() string
	Begin(ctx context.Context, batchID int64) (BatchWriter, error)
}

// An Owned sink notes whose batches it writes.
type Owned interface {
	// Owner sets the owner, before the first batch.
	Owner(o checkpoint.Owner)
}

// A Repeater is a sink that may be unable to take back what it has written of a batch.
type Repeater interface{ MayRepeat() bool }

// A BatchWriter writes one micro-batch: a writer per partition, then Commit or Abort.
type BatchWriter interface {
	// Partition returns the writer of partition i (0, 1, …), which belongs to Spark's task number task: file sinks write one part per
	// task. Concurrent workers use the writers, each by one goroutine; partitions are started in ascending order.
	Partition(i, task int) (PartitionWriter, error)
	// Commit makes the batch final. All n partitions are closed.
	Commit(ctx context.Context, n int) error
	// Abort discards what was written, as far as the medium allows.
	Abort(ctx context.Context) error
}

// A PartitionWriter writes the rows of one partition.
type PartitionWriter interface {
	// Write writes the selected rows of b, which is on loan.
	Write(ctx context.Context, b *vector.Batch) error
	// Close ends the partition. Sinks that preserve order buffer its output until all earlier partitions have closed.
	Close(ctx context.Context) error
}

// ErrHave is returned by Begin for a batch that the sink has already committed.
var ErrHave = haveError{}

type haveError struct{}

func (haveError) Error() string { return "the sink has this batch already" }
