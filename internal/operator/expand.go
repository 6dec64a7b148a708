package operator

import (
	"github.com/streamctl/streamctl/internal/sql/eval"
	"github.com/streamctl/streamctl/internal/sql/expr"
	"github.com/streamctl/streamctl/internal/vector"
)

// expand computes several lists of expressions for each row.
type expand struct {
	stateless
	lists []*eval.Projection
	out   vector.Batch
}

// NewExpand returns an operator that yields a row per list for each row, with the values of the list's expressions over the given
// columns. The rows of a batch come list by list. (Spark: ExpandExec.)
func NewExpand(lists [][]*expr.Expr, input []*expr.Expr) (Operator, error) {
	e := &expand{}
	for _, list := range lists {
		p, err := eval.Compile(list, input)
		if err != nil {
			return nil, err
		}
		e.lists = append(e.lists, p)
	}
	return e, nil
}

func (e *expand) Process(ctx *expr.Context, _ int, b *vector.Batch, out Emit) error {
	for _, p := range e.lists {
		cols, err := p.Eval(ctx, b, b.Sel)
		if err != nil {
			return err
		}
		e.out = vector.Batch{N: b.N, Sel: b.Sel, Cols: cols, Origin: b.Origin}
		if err := out(&e.out); err != nil {
			return err
		}
	}
	return nil
}
