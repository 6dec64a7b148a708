// Package aggregate groups rows by keys and computes aggregate functions over the groups.
//
// An Operator processes batches (Process) and returns one row per group (Finish), or the state of its groups (Save), which
// another Operator merges (Merge). This is all that a stateful query needs: it saves the groups of a batch, merges them with
// those of the state store, saves the result, and finishes. Reset makes the operator ready for the next batch.
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
	types  []*types.Type    // of the keys
	loose  int              // number of groups that are not in the table, see Number and Apart
	state  []types.Field    // columns of the states of all calls
	apart  vector.Batch     // see Apart
	all    vector.Selection // 0, 1, 2, …
}

// A call is one aggregate call.
type call struct {
	expr        *expr.Expr
	state       expr.Aggregator
	filter      *eval.Predicate  // nil without FILTER
	args        *eval.Projection // with FILTER: arguments are evaluated for its rows only
	from        int              // without FILTER: index of its first argument in Operator.args
	count       int              // number of arguments, including sort keys
	columns     int              // number of columns of its state
	seen        *distinct        // nil without DISTINCT
	rows        vector.Selection
	notNullRows vector.Selection
}

// New returns an operator over batches with the given columns. keys and calls are named expressions. Without keys, all rows
// form one group, which exists even if there are no rows.
func New(keys, calls, input []*expr.Expr) (*Operator, error) {
	o := &Operator{width: len(keys)}
	for _, k := range keys {
		o.types = append(o.types, k.Type)
	}
	o.table = group.New(o.types...)
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
	for _, c := range o.calls {
		columns := c.state.State()
		c.columns = len(columns)
		o.state = append(o.state, columns...)
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
	return o.update(ctx, b)
}

// update adds the rows of a batch to their groups.
func (o *Operator) update(ctx *expr.Context, b *vector.Batch) error {
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
		c.state.Grow(o.Len())
	}
}

// KeyBytes returns how many bytes the keys of the groups have at least, besides values of a fixed size.
func (o *Operator) KeyBytes() int { return o.table.KeyBytes() }

// Len returns the number of groups, which are numbered in the order in which they first occurred.
func (o *Operator) Len() int {
	if o.loose > 0 {
		return o.loose
	}
	if o.width == 0 {
		return 1
	}
	return o.table.Len()
}

// State returns the columns that Save writes after the keys, call by call. Their names and types are Spark's.
func (o *Operator) State() []types.Field { return o.state }

// Number forgets all groups and makes n groups without values instead. Their keys are the caller's: only MergeStates, SaveStates and FinishStates may
// be called for them, until Reset or the next Number.
func (o *Operator) Number(n int) {
	o.Reset()
	o.loose = n
	o.grow()
}

// Reset forgets all groups, and keeps the memory for others.
func (o *Operator) Reset() {
	o.table.Reset()
	o.loose = 0
	for _, c := range o.calls {
		c.state.Reset()
		if c.seen != nil {
			c.seen.seen.Reset()
		}
	}
	if o.width == 0 {
		o.grow()
	}
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

// Save returns the key columns followed by the state columns of each call, one row for each of the groups from from to to-1. They
// belong to the caller.
func (o *Operator) Save(from, to int) *vector.Batch {
	return &vector.Batch{N: to - from, Cols: append(o.table.Keys(from, to), o.SaveStates(from, to)...)}
}

// SaveStates is Save without the keys.
func (o *Operator) SaveStates(from, to int) []*vector.Vector {
	cols := make([]*vector.Vector, len(o.state))
	for i, f := range o.state {
		cols[i] = vector.New(f.Type, to-from)
	}
	o.saveStates(from, to, cols)
	return cols
}

func (o *Operator) saveStates(from, to int, cols []*vector.Vector) {
	at := 0
	for _, c := range o.calls {
		c.state.Save(from, to, cols[at:at+c.columns])
		at += c.columns
	}
}

// Merge adds groups returned by Save, of which there may be several with the same key.
func (o *Operator) Merge(ctx *expr.Context, b *vector.Batch) error {
	if err := o.assign(ctx.Stop, b.N, nil, b.Cols[:o.width]); err != nil {
		return err
	}
	return o.MergeStates(o.groups, b.Cols[o.width:])
}

// MergeStates adds state columns, of which row i belongs to the group with the number groups[i].
func (o *Operator) MergeStates(groups []int32, cols []*vector.Vector) error {
	at := 0
	for _, c := range o.calls {
		if err := c.state.Merge(groups, cols[at:at+c.columns]); err != nil {
			return locate(err, c.expr)
		}
		at += c.columns
	}
	return o.hold()
}

// Finish returns the key columns and one result column per call, one row for each of the groups from from to to-1. They belong to
// the caller.
func (o *Operator) Finish(from, to int) (*vector.Batch, error) {
	results, err := o.FinishStates(from, to)
	if err != nil {
		return nil, err
	}
	return &vector.Batch{N: to - from, Cols: append(o.table.Keys(from, to), results...)}, nil
}

// FinishStates is Finish without the keys.
func (o *Operator) FinishStates(from, to int) ([]*vector.Vector, error) {
	results := make([]*vector.Vector, len(o.calls))
	for i, c := range o.calls {
		results[i] = vector.New(c.expr.Type, to-from)
		if err := c.state.Finish(from, to, results[i]); err != nil {
			return nil, locate(err, c.expr)
		}
	}
	return results, nil
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
