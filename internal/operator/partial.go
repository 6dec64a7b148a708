package operator

import (
	"github.com/streamctl/streamctl/internal/sql/aggregate"
	"github.com/streamctl/streamctl/internal/sql/expr"
	"github.com/streamctl/streamctl/internal/vector"
)

// A micro-batch is aggregated in two steps, as in Spark: each partition of the input by itself, and then the buffers of all partitions
// together with those that the state store keeps of earlier batches.

// partial aggregates the rows of one partition. It returns the keys and the buffers of its groups. If most rows have a key that is new to the partition,
// the first step only costs time: each row is then a group, unless the result would show it.
type partial struct {
	groups *aggregate.Operator
	splits bool // the result does not show how the rows of a key are grouped
	apart  int  // for how many partitions rows are kept apart before keys are looked at again; 0: they are grouped
	rows   int  // rows since the last decision
	known  int  // groups at the last decision
}

// sampledRows is the number of rows after which it is decided whether to group them. It is a variable for tests.
var sampledRows = 8192

const (
	// sampledAgain is for how many partitions such a decision holds.
	sampledAgain = 16
	// apartRows is the number of rows that are handed on together when they are not grouped: the exchange divides them among many partitions.
	apartRows = 4 * vector.BatchRows
	// apartBytes is the size of their text from which they are handed on earlier.
	apartBytes = 1 << 20
)

// NewPartialAggregate returns an operator that aggregates rows with the given columns. Its rows are the keys, followed by the buffers of
// the calls.
func NewPartialAggregate(keys, calls, input []*expr.Expr) (Operator, error) {
	groups, err := aggregate.New(keys, calls, input)
	if err != nil {
		return nil, err
	}
	return &partial{groups: groups, splits: groups.Separable()}, nil
}

func (p *partial) Process(ctx *expr.Context, _ int, b *vector.Batch, out Emit) error {
	if p.apart > 0 {
		return p.keepApart(ctx, b, out)
	}
	if err := p.groups.Process(ctx, b); err != nil {
		return err
	}
	if p.rows += b.Rows(); !p.splits || p.rows < sampledRows {
		return nil
	}
	if p.groups.Len()-p.known > p.rows/2 {
		p.apart = sampledAgain
		return p.flush(out)
	}
	p.rows, p.known = 0, p.groups.Len()
	return nil
}

// keepApart makes a group of each row.
func (p *partial) keepApart(ctx *expr.Context, b *vector.Batch, out Emit) error {
	if err := p.groups.Apart(ctx, b); err != nil {
		return err
	}
	if p.groups.Len() < apartRows && p.groups.ApartBytes(apartBytes) < apartBytes {
		return nil
	}
	return p.flushApart(out)
}

func (p *partial) flushApart(out Emit) error {
	if p.groups.Len() == 0 {
		return nil
	}
	err := out(p.groups.SaveApart())
	p.groups.Reset()
	return err
}

// flush hands on the groups.
func (p *partial) flush(out Emit) error {
	err := inPortions(p.groups.Len(), func(from, to int) error { return out(p.groups.Save(from, to)) })
	p.groups.Reset()
	p.rows, p.known = 0, 0
	return err
}

func (p *partial) Finish(_ *expr.Context, out Emit) error {
	if p.apart > 0 {
		p.apart--
		return p.flushApart(out)
	}
	return p.flush(out)
}
