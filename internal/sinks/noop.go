package sinks

import (
	"context"

	"github.com/streamctl/streamctl/internal/job"
	"github.com/streamctl/streamctl/internal/types"
	"github.com/streamctl/streamctl/internal/vector"
)

// Noop is the format noop.
var Noop = &Format{
	Format: job.Format{Name: "noop", Doc: "evaluates every row and drops it", Intervals: true, Options: []job.OptionSpec{checkpointLocation}},
	Open:   func(*job.Stream, *types.Schema, Env) (Sink, error) { return noop{}, nil },
}

// noop evaluates every row and drops it.
type noop struct{}

func (noop) Describe() string                                  { return "NoopTable" }
func (noop) Begin(context.Context, int64) (BatchWriter, error) { return noop{}, nil }
func (noop) Partition(int, int) (PartitionWriter, error)       { return noopPartition{}, nil }
func (noop) Commit(context.Context, int) error                 { return nil }
func (noop) Abort(context.Context) error                       { return nil }

type noopPartition struct{}

func (noopPartition) Write(context.Context, *vector.Batch) error { return nil }
func (noopPartition) Close(context.Context) error                { return nil }
