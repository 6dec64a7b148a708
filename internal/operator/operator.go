// Package operator runs plans. An operator takes batches of columns and hands on what it makes of them; a Pipeline is a tree of operators that
// one worker runs over a partition of a micro-batch, and an Exchange brings rows of all partitions that belong together to one partition of the next stage.
package operator

import (
	"github.com/streamctl/streamctl/internal/sql/expr"
	"github.com/streamctl/streamctl/internal/vector"
)

// An Emit takes a batch on loan: it must neither keep nor change it. At least one of its rows is selected.
type Emit func(*vector.Batch) error

// An Operator is one step of a compiled plan. It belongs to one pipeline, and owns what it hands out until its next call.
type Operator interface {
	// Process takes a batch that arrives at an input, numbered from 0, and hands results to out. A failure of a row is an *expr.RowError.
	Process(ctx *expr.Context, port int, b *vector.Batch, out Emit) error
	// Finish hands to out what was waiting for the end of the inputs. Then the operator is ready for other inputs.
	Finish(ctx *expr.Context, out Emit) error
}

// A beginner is an operator that depends on the micro-batch or the partition.
type beginner interface {
	// Begin precedes the rows of a partition.
	Begin(p *Partition)
}

// stateless is embedded in operators whose results depend on the current batch only.
type stateless struct{}

// Finish has nothing to hand on.
func (stateless) Finish(*expr.Context, Emit) error { return nil }
