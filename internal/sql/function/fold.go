package function

import (
	"github.com/streamctl/streamctl/internal/datetime"
	"github.com/streamctl/streamctl/internal/sql/cast"
	"github.com/streamctl/streamctl/internal/sql/expr"
	"github.com/streamctl/streamctl/internal/sql/kernel"
	"github.com/streamctl/streamctl/internal/types"
	"github.com/streamctl/streamctl/internal/vector"
)

// fold evaluates an argument that a function needs while it is resolved. It gives nil when the argument is not a constant.
func fold(e *expr.Expr) (*vector.Vector, error) {
	switch e.Kind {
	case expr.Literal:
		return e.Value, nil
	case expr.Alias:
		return fold(e.Args[0])
	case expr.Cast:
		k, err := cast.Compile(e.Args[0].Type, e.Type, e.Try)
		if k == nil && err == nil {
			return fold(e.Args[0])
		}
		return foldCall(e, k, err)
	case expr.Call:
		if e.Fn.Replace != nil {
			if r := e.Fn.Replace(e); r != e {
				return fold(r)
			}
		}
		if e.Fn.Compile == nil || e.Fn.Nondeterministic || e.Fn.Foldable != nil && !e.Fn.Foldable(e) {
			return nil, nil
		}
		k, err := e.Fn.Compile(e)
		return foldCall(e, k, err)
	}
	return nil, nil
}

func foldCall(e *expr.Expr, k expr.Kernel, err error) (*vector.Vector, error) {
	if err != nil {
		return nil, err
	}
	args := make([]*vector.Vector, len(e.Args))
	seesNulls := e.Kind == expr.Call && e.Fn.SeesNulls
	for i, a := range e.Args {
		v, err := fold(a)
		if v == nil || err != nil {
			return nil, err
		}
		if v.IsNull(0) && !seesNulls {
			return vector.NewNull(e.Type), nil
		}
		args[i] = v
	}
	out := vector.NewConst(e.Type)
	return out, k(&expr.Context{Zone: datetime.UTC}, 1, nil, args, out)
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
