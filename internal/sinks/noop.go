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

func (noop) Describe() string                            { return "NoopTable" }
func (noop) Begin(context.Context, int64) (Batch, error) { return noop{}, nil }
func (noop) Task(int, int) (TaskWriter, error)           { return noopTask{}, nil }
func (noop) Commit(context.Context, int) error           { return nil }
func (noop) Abort(context.Context) error                 { return nil }

type noopTask struct{}

func (noopTask) Write(context.Context, *vector.Batch) error { return nil }
func (noopTask) Close(context.Context) error                { return nil }
