package operator

import (
	"github.com/streamctl/streamctl/internal/sql/aggregate"
	"github.com/streamctl/streamctl/internal/sql/expr"
	"github.com/streamctl/streamctl/internal/vector"
)

// final aggregates the buffers of a micro-batch, and keeps nothing.
type final struct{ groups *aggregate.Operator }

// NewFinalAggregate returns an operator that takes the rows of partial aggregates, and returns all groups: their keys, followed by the results of
// the calls. Without keys, there is one group even if there are no rows. (Spark: HashAggregateExec with final aggregates.)
func NewFinalAggregate(keys, calls, input []*expr.Expr) (Operator, error) {
	groups, err := aggregate.New(keys, calls, input)
	return &final{groups}, err
}

func (f *final) Process(ctx *expr.Context, _ int, b *vector.Batch, _ Emit) error {
	return f.groups.Merge(ctx, b)
}

func (f *final) Finish(_ *expr.Context, out Emit) error {
	err := emitGroups(f.groups, out)
	f.groups.Reset()
	return err
}
