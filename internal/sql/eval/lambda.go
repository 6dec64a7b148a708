package eval

import (
	"errors"
	"slices"

	"github.com/streamctl/streamctl/internal/sql/expr"
	"github.com/streamctl/streamctl/internal/sql/kernel"
	"github.com/streamctl/streamctl/internal/types"
	"github.com/streamctl/streamctl/internal/vector"
)

// A Lambda is the compiled body of a lambda. The kernel of a higher-order function compiles one from each lambda among its
// call's operands. For that operand it receives the lambda's environment, a struct of the outer values that the body uses,
// and passes it on to Eval. A Lambda belongs to one goroutine.
type Lambda struct {
	body  *Projection
	outer int // number of columns from the environment
	cols  []*vector.Vector
	own   []vector.Vector
}

// CompileLambda prepares a lambda.
func CompileLambda(l *expr.Expr) (*Lambda, error) {
	outer := captured(l)
	body, err := compileUnshared(replaceAll(l.Args[0]), slices.Concat(outer, l.Params))
	if err != nil {
		return nil, err
	}
	return &Lambda{body: body, outer: len(outer), own: make([]vector.Vector, len(outer))}, nil
}

// Eval computes the body for n elements: element k belongs to row rows[k] of the environment, and its parameters are at
// position k of params. The result is on loan until the next Eval. Errors refer to the row, not the element.
func (l *Lambda) Eval(ctx *expr.Context, env *vector.Vector, rows []int32, params ...*vector.Vector) (*vector.Vector, error) {
	l.cols = l.cols[:0]
	for k := range l.outer {
		child := env.Children[k]
		if !child.IsConst() {
			kernel.GatherShared(&l.own[k], child, rows)
			child = &l.own[k]
		}
		l.cols = append(l.cols, child)
	}
	l.cols = append(l.cols, params...)
	out, err := l.body.Eval(ctx, &vector.Batch{N: params[0].Len(), Cols: l.cols}, nil)
	if err == nil {
		return out[0], nil
	}
	var at *expr.RowError
	if errors.As(err, &at) {
		err = expr.AtRow(int(rows[at.Row]), at.Err)
	}
	return nil, err
}

// captured returns the outer columns and variables of enclosing lambdas that the body of a lambda uses.
func captured(l *expr.Expr) []*expr.Expr {
	inside := map[expr.ID]bool{}
	expr.Walk(l, func(e *expr.Expr) bool {
		for _, p := range e.Params {
			inside[p.ID] = true
		}
		return true
	})
	var outer []*expr.Expr
	expr.Walk(l, func(e *expr.Expr) bool {
		if (e.Kind == expr.Column || e.Kind == expr.LambdaVar) && !inside[e.ID] {
			inside[e.ID] = true
			outer = append(outer, e)
		}
		return true
	})
	return outer
}

// An environmentNode collects the outer values that a lambda uses.
type environmentNode struct {
	columns []int
	typ     *types.Type
	out     vector.Vector
}

func (c *compiler) environment(l *expr.Expr) (node, error) {
	env := &environmentNode{}
	var fields []types.Field
	for _, e := range captured(l) {
		n, err := c.compile(e)
		if err != nil {
			return nil, err
		}
		env.columns = append(env.columns, n.(columnNode).index)
		fields = append(fields, types.Field{Name: e.Name, Type: e.Type, Nullable: e.Nullable})
	}
	env.typ = types.StructOf(fields...)
	return env, nil
}

func (e *environmentNode) eval(r *run, _ vector.Selection) (*vector.Vector, error) {
	if len(e.columns) == 0 {
		return vector.NewConst(e.typ), nil
	}
	e.out.Reset(types.StructOf(), r.n)
	e.out.Type = e.typ
	e.out.Children = e.out.Children[:0]
	for _, i := range e.columns {
		e.out.Children = append(e.out.Children, r.batch.Cols[i])
	}
	return &e.out, nil
}
