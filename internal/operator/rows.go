package operator

import (
	"github.com/streamctl/streamctl/internal/sql/eval"
	"github.com/streamctl/streamctl/internal/sql/expr"
	"github.com/streamctl/streamctl/internal/vector"
)

// filter narrows the selection.
type filter struct {
	stateless
	pred *eval.Predicate
	sel  vector.Selection
	out  vector.Batch
}

// NewFilter returns an operator that keeps the rows for which cond is true. input lists the columns of the batches.
func NewFilter(cond *expr.Expr, input []*expr.Expr) (Operator, error) {
	pred, err := eval.CompilePredicate(cond, input)
	return &filter{pred: pred}, err
}

func (f *filter) Process(ctx *expr.Context, _ int, b *vector.Batch, out Emit) error {
	f.pred.Context = ctx
	sel, err := f.pred.Select(b, b.Sel, f.sel)
	if err != nil {
		return err
	}
	f.sel = sel
	if len(sel) == 0 {
		return nil
	}
	f.out = *b
	f.out.Sel = sel
	return out(&f.out)
}

// project computes columns.
type project struct {
	stateless
	proj *eval.Projection
	out  vector.Batch
}

// NewProject returns an operator whose batches have a column for each expression of list. input lists the columns of the batches it takes.
func NewProject(list, input []*expr.Expr) (Operator, error) {
	exprs := make([]*expr.Expr, len(list))
	for i, e := range list {
		exprs[i] = e
		if e.Kind == expr.Alias {
			exprs[i] = e.Args[0]
		}
	}
	proj, err := eval.Compile(exprs, input)
	return &project{proj: proj}, err
}

func (p *project) Process(ctx *expr.Context, _ int, b *vector.Batch, out Emit) error {
	cols, err := p.proj.Eval(ctx, b, b.Sel)
	if err != nil {
		return err
	}
	p.out = *b
	p.out.Cols = cols
	return out(&p.out)
}
