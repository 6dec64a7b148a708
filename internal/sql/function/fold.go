package function

import (
	"github.com/streamctl/streamctl/internal/datetime"
	"github.com/streamctl/streamctl/internal/sql/cast"
	"github.com/streamctl/streamctl/internal/sql/eval"
	"github.com/streamctl/streamctl/internal/sql/expr"
	"github.com/streamctl/streamctl/internal/sql/kernel"
	"github.com/streamctl/streamctl/internal/types"
	"github.com/streamctl/streamctl/internal/vector"
)

// fold evaluates an argument that a function needs while it is resolved. It gives nil when the argument is not a constant.
func fold(e *expr.Expr) (*vector.Vector, error) {
	for e.Kind == expr.Alias {
		e = e.Args[0]
	}
	switch {
	case e.Kind == expr.Literal:
		return e.Value, nil
	case !e.Foldable():
		return nil, nil
	}
	return eval.Constant(e, &expr.Context{Zone: datetime.UTC})
}

// castKernel gives a function that casts a constant vector to the value of a row.
func castKernel(from, to *types.Type) (func(r *row, v *vector.Vector) error, error) {
	k, err := cast.Compile(from, to, false)
	if err != nil {
		return nil, err
	}
	return func(r *row, v *vector.Vector) error {
		if k == nil {
			kernel.Copy(r.out, r.i, v, 0)
			return nil
		}
		out := vector.NewConst(to)
		if err := k(r.ctx, 1, nil, []*vector.Vector{v}, out); err != nil {
			return err
		}
		kernel.Copy(r.out, r.i, out, 0)
		return nil
	}, nil
}
