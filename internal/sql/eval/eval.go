// Package eval evaluates typed expressions on batches, column by column.
//
// An expression compiles to a tree of nodes, each of which owns and reuses the vector it computes into. Evaluation takes a
// selection: results are stored at the rows' positions in the batch and are undefined for other rows. Since ANSI mode raises
// errors, an operand runs only on the rows that need it: this concerns the branches of IF, CASE or COALESCE, the right side
// of AND and OR, and any operand after one that is NULL.
package eval

import (
	"errors"

	"github.com/streamctl/streamctl/internal/sparkerr"
	"github.com/streamctl/streamctl/internal/sql/expr"
	"github.com/streamctl/streamctl/internal/sql/kernel"
	"github.com/streamctl/streamctl/internal/vector"
)

// A Projection computes a list of expressions. It belongs to one goroutine.
type Projection struct {
	shared []*sharedNode // common subexpressions, each after its own operands
	roots  []node
	out    []*vector.Vector
	rows   vector.Selection
}

// Compile prepares expressions over batches with the given columns. An output column is on loan until the next Eval. A plain
// column is the batch's own vector, and a constant is a constant vector.
func Compile(exprs []*expr.Expr, input []*expr.Expr) (*Projection, error) {
	c := newCompiler(input)
	whole := make([]*expr.Expr, len(exprs))
	for i, e := range exprs {
		whole[i] = replaceAll(e)
	}
	p := &Projection{}
	for _, e := range commonSubexpressions(whole) {
		n, err := c.compile(e)
		if err != nil {
			return nil, err
		}
		s := &sharedNode{expr: e, node: n}
		p.shared = append(p.shared, s)
		c.shared = append(c.shared, s)
	}
	return p, p.add(c, whole)
}

// compileUnshared compiles one expression without common subexpressions. Spark's interpreter does not share them either; it
// runs lambdas and computes constants.
func compileUnshared(e *expr.Expr, input []*expr.Expr) (*Projection, error) {
	p := &Projection{}
	return p, p.add(newCompiler(input), []*expr.Expr{e})
}

func (p *Projection) add(c *compiler, exprs []*expr.Expr) error {
	for _, e := range exprs {
		n, err := c.compile(e)
		if err != nil {
			return err
		}
		p.roots = append(p.roots, n)
	}
	p.out = make([]*vector.Vector, len(p.roots))
	return nil
}

// Eval computes the expressions for the rows sel of b (nil: all). An error of a particular row is an *expr.RowError; it is
// the error that evaluating row by row, left to right, would meet first.
func (p *Projection) Eval(ctx *expr.Context, b *vector.Batch, sel vector.Selection) ([]*vector.Vector, error) {
	err := p.guarded(ctx, b, sel)
	if err != nil {
		return nil, firstError(err, b.N, sel, &p.rows, func(rows vector.Selection) error { return p.guarded(ctx, b, rows) })
	}
	return p.out, nil
}

// guarded is eval with an error if copies between expressions, in CASE and the like, exceed a vector's limit.
func (p *Projection) guarded(ctx *expr.Context, b *vector.Batch, sel vector.Selection) error {
	return tooLarge(halting(vector.MaxBytes, func() error { return p.eval(ctx, b, sel) }), "an expression")
}

func (p *Projection) eval(ctx *expr.Context, b *vector.Batch, sel vector.Selection) error {
	r := &run{ctx: ctx, batch: b, n: b.N}
	for _, s := range p.shared {
		v, err := s.node.eval(r, sel)
		if err != nil {
			return err
		}
		s.value = v
	}
	for i, root := range p.roots {
		v, err := root.eval(r, sel)
		if err != nil {
			return err
		}
		p.out[i] = v
	}
	return nil
}

// firstError returns the error that comes first in row order. While earlier rows fail too, it searches before the failing
// row; then it evaluates that row alone.
func firstError(err error, n int, sel vector.Selection, scratch *vector.Selection, eval func(vector.Selection) error) error {
	var at *expr.RowError
	if !errors.As(err, &at) {
		return err
	}
	if sel == nil {
		*scratch = kernel.Identity(*scratch, n)
		sel = *scratch
	}
	for {
		before := 0
		for before < len(sel) && int(sel[before]) < at.Row {
			before++
		}
		var earlier *expr.RowError
		if e := eval(sel[:before:before]); !errors.As(e, &earlier) {
			break
		}
		at = earlier
	}
	if alone := eval(vector.Selection{int32(at.Row)}); alone != nil {
		return alone
	}
	return at
}

// Constant evaluates an expression that needs no row. The result is a constant vector owned by the caller.
func Constant(e *expr.Expr, ctx *expr.Context) (*vector.Vector, error) {
	p, err := compileUnshared(replaceAll(e), nil)
	if err != nil {
		return nil, err
	}
	once := *ctx
	var held []*expr.Holding
	once.Held = &held
	defer func() { expr.Release(held) }()
	out, err := p.Eval(&once, &vector.Batch{N: 1}, nil)
	if err != nil {
		return nil, rowless(err)
	}
	v := vector.NewConst(e.Type)
	kernel.Copy(v, 0, out[0], 0)
	return v, nil
}

// rowless removes the row from an error.
func rowless(err error) error {
	var at *expr.RowError
	if errors.As(err, &at) {
		return at.Err
	}
	return err
}

// locate adds the row and the text of the call to a failure of e. Errors that already have a fragment come from an operand.
func locate(err error, fragment *sparkerr.Fragment) error {
	var at *expr.RowError
	if errors.As(err, &at) {
		return expr.AtRow(at.Row, withFragment(at.Err, fragment))
	}
	return withFragment(err, fragment)
}

func withFragment(err error, fragment *sparkerr.Fragment) error {
	var e *sparkerr.Error
	if fragment == nil || !errors.As(err, &e) || e.Fragment != nil {
		return err
	}
	c := *e
	c.Fragment = fragment
	return &c
}
