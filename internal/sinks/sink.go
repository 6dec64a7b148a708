// Package sinks defines what a sink of a stream is; the formats are in its subpackages.
package sinks

import (
	"context"

	"github.com/streamctl/streamctl/internal/vector"
)

// A Sink takes the output of micro-batches. After a crash a batch id may come again; a sink that has it already does
// nothing and says so by Begin returning ErrHave.
type Sink interface {
	// Describe names the sink as Spark's progress does.
	Describe() string
	Begin(ctx context.Context, batchID int64) (Batch, error)
	Close() error
}

// A Batch is one micro-batch being written: a task writer per partition, then Commit or Abort.
type Batch interface {
	// Task returns the writer of partition i (0, 1, …) that belongs to Spark's task number task. Writers are used by
	// concurrent workers, each by one goroutine; partitions are started in ascending order.
	Task(i, task int) (TaskWriter, error)
	// Commit makes the batch final: all n partitions are closed.
	Commit(ctx context.Context, n int) error
	// Abort drops what was written, as far as the medium allows.
	Abort(ctx context.Context) error
}

// A TaskWriter writes the rows of one partition.
type TaskWriter interface {
	// Write takes the selected rows of b, which is on loan.
	Write(ctx context.Context, b *vector.Batch) error
	// Close ends the partition. Sinks that keep order hold its output back until all earlier partitions have closed.
	Close(ctx context.Context) error
}

// ErrHave is what Begin returns for a batch that the sink has committed before.
var ErrHave = haveError{}

type haveError struct{}

func (haveError) Error() string { return "the sink has this batch already" }
