package transform

import (
	"context"
	"errors"
	"io"

	"github.com/streamctl/streamctl/internal/sql/eval"
	"github.com/streamctl/streamctl/internal/sql/expr"
	"github.com/streamctl/streamctl/internal/vector"
)

// An operator transforms batches. It owns what it hands out until its next call.
type operator interface {
	// apply gives the operator's result for b; nil when no row is left.
	apply(ctx *expr.Context, b *vector.Batch) (*vector.Batch, error)
}

// pipeline is a compiled plan.
type pipeline struct {
	ops []operator
	ctx expr.Context
	out portioner
}

// NewPipeline compiles the plan for one worker.
func (p *Plan) NewPipeline() (Pipeline, error) {
	pl := &pipeline{ctx: expr.Context{Zone: p.zone}}
	var chain []node
	for n := p.root; below(n) != nil; n = below(n) {
		chain = append(chain, n)
	}
	if in := p.Inputs[0]; len(in.columns) > len(in.Fields) {
		pl.ops = append(pl.ops, &metadataOp{typ: in.columns[len(in.columns)-1].Type})
	}
	for i := len(chain) - 1; i >= 0; i-- {
		op, err := compile(chain[i])
		if err != nil {
			return nil, err
		}
		pl.ops = append(pl.ops, op)
	}
	return pl, nil
}

// compile makes the operator of one node.
func compile(n node) (operator, error) {
	input := below(n).output()
	switch n := n.(type) {
	case *project:
		exprs := make([]*expr.Expr, len(n.list))
		for i, e := range n.list {
			exprs[i] = e
			if e.Kind == expr.Alias {
				exprs[i] = e.Args[0]
			}
		}
		p, err := eval.Compile(exprs, input)
		return &projectOp{proj: p}, err
	case *filter:
		pred, err := eval.CompilePredicate(n.cond, input)
		return &filterOp{pred: pred}, err
	case *generate:
		return newGenerateOp(n, input)
	}
	return nil, errors.New("no operator for " + n.describe())
}

// Run pulls a partition through the operators.
func (p *pipeline) Run(ctx context.Context, bc *BatchContext, piece, task int, in vector.Reader, emit func(*vector.Batch) error) error {
	p.ctx.BatchTime, p.ctx.BatchID, p.ctx.Partition, p.ctx.Piece = bc.Timestamp*1000, bc.ID, task, piece
	p.ctx.Run++
	p.ctx.Now = p.ctx.BatchTime + nowOffset(bc.Timestamp)
	stop, done := expr.StopWith(ctx)
	defer done()
	p.ctx.Stop = stop
	for {
		if err := stop.Err(); err != nil {
			return err
		}
		b, err := in.Next(ctx)
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return err
		}
		if err := p.push(p.ops, b, emit); err != nil {
			return err
		}
	}
}

// push runs one batch through operators and emits what comes out of the last. An error of a row keeps the batch that it happened in as
// its origin.
func (p *pipeline) push(ops []operator, b *vector.Batch, emit func(*vector.Batch) error) error {
	for k, op := range ops {
		if b == nil || b.Rows() == 0 {
			return nil
		}
		p.ctx.Batch = b
		in := b
		var err error
		if b, err = op.apply(&p.ctx, in); err != nil {
			return locate(err, in)
		}
		if g, ok := op.(*generateOp); ok {
			return p.pushAll(g, ops[k+1:], b, emit)
		}
	}
	if b == nil || b.Rows() == 0 {
		return nil
	}
	return p.out.emit(b, emit)
}

// pushAll is push for all batches of a generator, of which b is the first.
func (p *pipeline) pushAll(g *generateOp, ops []operator, b *vector.Batch, emit func(*vector.Batch) error) error {
	for ; b != nil; b = g.more() {
		if err := p.ctx.Stop.Err(); err != nil {
			return err
		}
		if err := p.push(ops, b, emit); err != nil {
			return err
		}
	}
	return nil
}

// nowOffset makes now() an instant of its own, one that a re-run batch sees again: a few microseconds after the batch's time,
// derived from it. (Spark: now() and current_timestamp() differ within a batch.)
func nowOffset(batchMillis int64) int64 { return 1 + batchMillis%997 }

// locate adds the origin of the failed row.
func locate(err error, b *vector.Batch) error {
	var row *expr.RowError
	if b.Origin == nil || !errors.As(err, &row) {
		return err
	}
	return &vector.RecordError{File: b.Origin.File, Offset: b.Origin.Offset(row.Row), Line: b.Origin.LineOf(row.Row), Err: err}
}

// filterOp narrows the selection.
type filterOp struct {
	pred *eval.Predicate
	sel  vector.Selection
	out  vector.Batch
}

func (f *filterOp) apply(ctx *expr.Context, b *vector.Batch) (*vector.Batch, error) {
	f.pred.Context = ctx
	sel, err := f.pred.Select(b, b.Sel, f.sel)
	if err != nil {
		return nil, err
	}
	f.sel = sel
	f.out = *b
	f.out.Sel = sel
	return &f.out, nil
}

// projectOp computes the columns of a project list.
type projectOp struct {
	proj *eval.Projection
	out  vector.Batch
}

func (p *projectOp) apply(ctx *expr.Context, b *vector.Batch) (*vector.Batch, error) {
	cols, err := p.proj.Eval(ctx, b, b.Sel)
	if err != nil {
		return nil, err
	}
	p.out = *b
	p.out.Cols = cols
	return &p.out, nil
}
