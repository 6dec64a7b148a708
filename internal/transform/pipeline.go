// Package transform turns the steps of a stream into a logical plan, optimises it by Spark's rules, and compiles it to
// operators over columns.
package transform

import (
	"context"

	"github.com/streamctl/streamctl/internal/vector"
)

// A BatchContext is what the operators of a micro-batch may depend on beside their input.
type BatchContext struct {
	ID                int64
	Timestamp         int64 // milliseconds since the epoch, logged with the batch: current_timestamp()
	Watermark         int64 // milliseconds: what is emitted and evicted
	PreviousWatermark int64 // milliseconds: what counts as late
	OutputMode        string
}

// A Pipeline is a compiled plan for one worker: it owns its operators' memory and serves one partition at a time.
type Pipeline interface {
	// Run pulls piece number piece of the batch, which belongs to Spark's task, from in, transforms it, and passes each batch to
	// emit, on loan.
	Run(ctx context.Context, bc *BatchContext, piece, task int, in vector.Reader, emit func(*vector.Batch) error) error
}
