// Package aggregate groups rows by keys and computes aggregate functions over the groups.
//
// An Operator processes batches (Process) and returns one row per group (Finish), or the state of its groups (Save), which
// another Operator merges (Merge). This is all that a stateful query needs: it saves the groups of a batch, merges them with
// those of the state store, saves the result, and finishes.
package aggregate

import (
	"errors"

	"github.com/streamctl/streamctl/internal/sparkerr"
	"github.com/streamctl/streamctl/internal/sql/eval"
	"github.com/streamctl/streamctl/internal/sql/expr"
	"github.com/streamctl/streamctl/internal/sql/kernel"
	"github.com/streamctl/streamctl/internal/vector"
)

// An Operator holds the groups of one partition. It belongs to one goroutine.
type Operator struct {
	groups *grouper
	keys   *eval.Projection
	calls  []*call
	args   *eval.Projection // concatenated arguments of all calls without FILTER
	global bool
}

// A call is one aggregate call.
type call struct {
	expr        *expr.Expr
	state       expr.Aggregator
	filter      *eval.Predicate  // nil without FILTER
	args        *eval.Projection // with FILTER: arguments are evaluated for its rows only
	from        int              // without FILTER: index of its first argument in Operator.args
	count       int              // number of arguments, including sort keys
	seen        *distinct        // nil without DISTINCT
	rows        vector.Selection
	notNullRows vector.Selection
}

// New returns an operator over batches with the given columns. keys and calls are named expressions. Without keys, all rows
// form one group, which exists even if there are no rows.
func New(keys, calls, input []*expr.Expr) (*Operator, error) {
	o := &Operator{groups: newGrouper(keys), global: len(keys) == 0}
	var err error
	if o.keys, err = eval.Compile(unnamed(keys), input); err != nil {
		return nil, err
	}
	var args []*expr.Expr
	for _, named := range unnamed(calls) {
		c, err := newCall(named, input, len(args))
		if err != nil {
			return nil, err
		}
		if c.filter == nil {
			args = append(args, c.operands()...)
		}
		o.calls = append(o.calls, c)
	}
	if o.args, err = eval.Compile(args, input); err != nil {
		return nil, err
	}
	if o.global {
		o.grow()
	}
	return o, nil
}

func unnamed(list []*expr.Expr) []*expr.Expr {
	out := make([]*expr.Expr, len(list))
	for i, e := range list {
		out[i] = e
		if e.Kind == expr.Alias {
			out[i] = e.Args[0]
		}
	}
	return out
}

func newCall(e *expr.Expr, input []*expr.Expr, from int) (*call, error) {
	state, err := e.Fn.Accumulate(e)
	if err != nil {
		return nil, err
	}
	c := &call{expr: e, state: state, from: from}
	operands := c.operands()
	c.count = len(operands)
	if e.Aggregation != nil && e.Aggregation.Distinct {
		c.seen = &distinct{keys: map[string]struct{}{}}
	}
	_, _, filter := e.Parts()
	if filter == nil {
		return c, nil
	}
	if c.filter, err = eval.CompilePredicate(filter, input); err != nil {
		return nil, err
	}
	c.args, err = eval.Compile(operands, input)
	return c, err
}

// operands returns the arguments and the sort keys. If an implicit cast fails, the error shows the call that needs the cast.
func (c *call) operands() []*expr.Expr {
	args, order, _ := c.expr.Parts()
	out := append([]*expr.Expr(nil), c.expr.Args[:len(args)+len(order)]...)
	for i, a := range out {
		if a.Kind == expr.Cast && a.Implicit {
			moved := *a
			moved.Span, moved.Origin = c.expr.Span, c.expr.Origin
			out[i] = &moved
		}
	}
	return out
}

// Process adds the rows of a batch. A failure of a particular row is an *expr.RowError.
func (o *Operator) Process(ctx *expr.Context, b *vector.Batch) error {
	if b.Rows() == 0 {
		return nil
	}
	keys, err := o.keys.Eval(ctx, b, b.Sel)
	if err != nil {
		return err
	}
	groups := o.groups.assign(b.N, b.Sel, keys)
	o.grow()
	args, err := o.args.Eval(ctx, b, b.Sel)
	if err != nil {
		return err
	}
	for _, c := range o.calls {
		if err := c.process(ctx, b, groups, args); err != nil {
			return locate(err, c.expr)
		}
	}
	return nil
}

// grow makes room for the existing groups; a global aggregation always has one group.
func (o *Operator) grow() {
	for _, c := range o.calls {
		c.state.Grow(o.count())
	}
}

func (o *Operator) count() int {
	if o.global {
		return 1
	}
	return o.groups.len()
}

func (c *call) process(ctx *expr.Context, b *vector.Batch, groups []int32, all []*vector.Vector) error {
	rows := b.Sel
	var args []*vector.Vector
	if c.filter == nil {
		args = all[c.from : c.from+c.count]
	} else {
		var err error
		c.filter.Context = ctx
		if rows, err = c.filter.Select(b, rows, c.rows); err != nil {
			return err
		}
		c.rows = rows
		if args, err = c.args.Eval(ctx, b, rows); err != nil {
			return err
		}
	}
	if !c.expr.Fn.SeesNulls {
		rows = c.notNull(b.N, rows, args)
	}
	if c.seen != nil {
		rows = c.seen.first(b.N, rows, groups, args)
	}
	if rows != nil && len(rows) == 0 {
		return nil
	}
	return c.state.Update(b.N, rows, groups, args)
}

// notNull returns the rows in which no argument is NULL.
func (c *call) notNull(n int, rows vector.Selection, args []*vector.Vector) vector.Selection {
	for _, v := range args {
		switch {
		case v.Valid == nil:
		case v.IsConst():
			if v.IsNull(0) {
				return vector.Selection{}
			}
		default:
			c.notNullRows = kernel.NotNull(v.Valid, n, rows, c.notNullRows)
			rows = c.notNullRows
		}
	}
	return rows
}

// Save returns the key columns followed by the state columns of each call, one row per group. They belong to the caller.
func (o *Operator) Save() *vector.Batch {
	n := o.count()
	b := &vector.Batch{N: n, Cols: o.groupKeys()}
	for _, c := range o.calls {
		types := c.state.State()
		at := len(b.Cols)
		for _, t := range types {
			b.Cols = append(b.Cols, vector.New(t, n))
		}
		c.state.Save(b.Cols[at:])
	}
	return b
}

func (o *Operator) groupKeys() []*vector.Vector {
	var cols []*vector.Vector
	for _, k := range o.groups.keys {
		v := &vector.Vector{}
		kernel.Gather(v, k, kernel.Identity(nil, k.Len()))
		cols = append(cols, v)
	}
	return cols
}

// Merge adds groups returned by Save.
func (o *Operator) Merge(b *vector.Batch) error {
	at := len(o.groups.keys)
	groups := o.groups.assign(b.N, nil, b.Cols[:at])
	o.grow()
	for _, c := range o.calls {
		n := len(c.state.State())
		if err := c.state.Merge(groups, b.Cols[at:at+n]); err != nil {
			return locate(err, c.expr)
		}
		at += n
	}
	return nil
}

// Finish returns the key columns and one result column per call, one row per group. They belong to the caller.
func (o *Operator) Finish() (*vector.Batch, error) {
	n := o.count()
	b := &vector.Batch{N: n, Cols: o.groupKeys()}
	for _, c := range o.calls {
		out := vector.New(c.expr.Type, n)
		if err := c.state.Finish(out); err != nil {
			return nil, locate(err, c.expr)
		}
		b.Cols = append(b.Cols, out)
	}
	return b, nil
}

// locate adds the text of the call to an error.
func locate(err error, e *expr.Expr) error {
	var known *sparkerr.Error
	if !errors.As(err, &known) || known.Fragment != nil || e.Origin == nil {
		return err
	}
	c := *known
	c.Fragment = e.Fragment()
	var row *expr.RowError
	if errors.As(err, &row) {
		return expr.AtRow(row.Row, &c)
	}
	return &c
}
