// Package aggregate groups rows by keys and computes aggregate functions over the groups.
//
// An Operator processes batches (Process) and returns one row per group (Finish), or the state of its groups (Save), which
// another Operator merges (Merge). This is all that a stateful query needs: it saves the groups of a batch, merges them with
// those of the state store, saves the result, and finishes.
package aggregate

import (
	"errors"
	"slices"

	"github.com/streamctl/streamctl/internal/halt"
	"github.com/streamctl/streamctl/internal/memory"
	"github.com/streamctl/streamctl/internal/sparkerr"
	"github.com/streamctl/streamctl/internal/sql/eval"
	"github.com/streamctl/streamctl/internal/sql/expr"
	"github.com/streamctl/streamctl/internal/sql/group"
	"github.com/streamctl/streamctl/internal/sql/kernel"
	"github.com/streamctl/streamctl/internal/types"
	"github.com/streamctl/streamctl/internal/vector"
)

// An Operator holds the groups of one partition. It belongs to one goroutine.
type Operator struct {
	table  *group.Table
	groups []int32        // of the rows of the latest batch
	held   memory.Holding // of the states of the calls
	keys   *eval.Projection
	calls  []*call
	args   *eval.Projection // concatenated arguments of all calls without FILTER
	width  int              // number of keys; without keys, all rows form one group
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
	o := &Operator{width: len(keys)}
	var list []*types.Type
	for _, k := range keys {
		list = append(list, k.Type)
	}
	o.table = group.New(list...)
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
	if o.width == 0 {
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
		c.seen = newDistinct(operands)
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
	if err := o.assign(ctx.Stop, b.N, b.Sel, keys); err != nil {
		return err
	}
	args, err := o.args.Eval(ctx, b, b.Sel)
	if err != nil {
		return err
	}
	for _, c := range o.calls {
		if err := c.process(ctx, b, o.groups, args); err != nil {
			return locate(err, c.expr)
		}
	}
	return o.hold()
}

// hold accounts for the memory of the states.
func (o *Operator) hold() error {
	if !memory.Limited() {
		return nil
	}
	bytes := 0
	for _, c := range o.calls {
		bytes += c.state.Bytes()
	}
	return full(o.held.Hold(bytes))
}

// assign finds the groups of the rows of sel (nil: all n) by the columns of keys.
func (o *Operator) assign(stop *halt.Flag, n int, sel vector.Selection, keys []*vector.Vector) error {
	o.groups = sized(o.groups, n)
	if err := o.table.Assign(stop, n, sel, keys, o.groups); err != nil {
		return full(err)
	}
	o.grow()
	return nil
}

// sized returns n numbers, in the memory of s if possible.
func sized(s []int32, n int) []int32 { return slices.Grow(s[:0], n)[:n] }

// full describes the error of a table that would exceed the memory limit.
func full(err error) error {
	var exceeded *memory.Exceeded
	if !errors.As(err, &exceeded) {
		return err
	}
	e := sparkerr.Plain("the groups of the aggregation do not fit into memory: %s", err).WithHint("%s", memory.Remedy())
	e.Cause = err
	return e
}

// grow makes room for the existing groups; a global aggregation always has one group.
func (o *Operator) grow() {
	for _, c := range o.calls {
		c.state.Grow(o.count())
	}
}

func (o *Operator) count() int {
	if o.width == 0 {
		return 1
	}
	return o.table.Len()
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
	if c.expr.Fn.Operands.Nulls != expr.NullsSeen {
		rows = c.notNull(b.N, rows, args)
	}
	if c.seen != nil {
		var err error
		if rows, err = c.seen.first(ctx.Stop, b.N, rows, groups, args); err != nil {
			return err
		}
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
	b := &vector.Batch{N: n, Cols: o.table.Keys(0, o.table.Len())}
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

// Merge adds groups returned by Save.
func (o *Operator) Merge(ctx *expr.Context, b *vector.Batch) error {
	at := o.width
	if err := o.assign(ctx.Stop, b.N, nil, b.Cols[:at]); err != nil {
		return err
	}
	for _, c := range o.calls {
		n := len(c.state.State())
		if err := c.state.Merge(o.groups, b.Cols[at:at+n]); err != nil {
			return locate(err, c.expr)
		}
		at += n
	}
	return o.hold()
}

// Finish returns the key columns and one result column per call, one row per group. They belong to the caller.
func (o *Operator) Finish() (*vector.Batch, error) {
	n := o.count()
	b := &vector.Batch{N: n, Cols: o.table.Keys(0, o.table.Len())}
	for _, c := range o.calls {
		out := vector.New(c.expr.Type, n)
		if err := c.state.Finish(out); err != nil {
			return nil, locate(err, c.expr)
		}
		b.Cols = append(b.Cols, out)
	}
	return b, nil
}

// Release returns the memory of the groups and their states to the account of the process. The operator must not be used again.
func (o *Operator) Release() {
	o.table.Release()
	o.held.Release()
	for _, c := range o.calls {
		if c.seen != nil {
			c.seen.seen.Release()
		}
	}
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
