package sinks

import (
	"context"

	"github.com/streamctl/streamctl/internal/vector"
)

// noop evaluates every row and drops it.
type noop struct{}

func (noop) Describe() string                            { return "NoopTable" }
func (noop) Begin(context.Context, int64) (Batch, error) { return noop{}, nil }
func (noop) Close() error                                { return nil }
func (noop) Task(int, int) (TaskWriter, error)           { return noopTask{}, nil }
func (noop) Commit(context.Context, int) error           { return nil }
func (noop) Abort(context.Context) error                 { return nil }

type noopTask struct{}

func (noopTask) Write(context.Context, *vector.Batch) error { return nil }
func (noopTask) Close(context.Context) error                { return nil }
