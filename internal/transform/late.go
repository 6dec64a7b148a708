package transform

import (
	"slices"

	"github.com/streamctl/streamctl/internal/operator"
	"github.com/streamctl/streamctl/internal/sql/expr"
)

// lateRows reports the rows that the stateful step above it drops. It is part of plans whose late rows are listed, which Spark cannot do.
type lateRows struct {
	in   node
	time *expr.Expr // over the columns of in
	step *operator.LateStep
}

func newLateRows(in node, time *expr.Expr, step, name string) *lateRows {
	return &lateRows{in, time, &operator.LateStep{Name: step, Time: name, Fields: fieldsOf(in.output())}}
}

func (l *lateRows) output() []*expr.Expr      { return l.in.output() }
func (l *lateRows) inputs() []node            { return []node{l.in} }
func (l *lateRows) expressions() []*expr.Expr { return []*expr.Expr{l.time} }
func (l *lateRows) describe() string          { return "ListLate [" + l.step.Time + "]" }
func (l *lateRows) withInputs(in []node) node { return &lateRows{in[0], l.time, l.step} }
func (l *lateRows) withExpressions(list []*expr.Expr) node {
	return &lateRows{l.in, list[0], l.step}
}

// belowAggregate returns the input of an aggregation, through an operator that lists late rows if the query does so. Complete mode drops
// none, except those of sessions.
func (q *Query) belowAggregate(a *aggregation) node {
	if !q.ListLate || a.time.column == nil || q.OutputMode == operator.Complete && a.session == nil {
		return a.in
	}
	at := slices.IndexFunc(a.keys, func(k *expr.Expr) bool { return k.ID == a.time.column.ID })
	return newLateRows(a.in, unalias(a.keys[at]), a.step(), a.time.text())
}

// belowDedup does the same for duplicates.
func (q *Query) belowDedup(d *dedup) node {
	if !q.ListLate || d.time.column == nil {
		return d.in
	}
	return newLateRows(d.in, d.time.column, d.step(), d.time.text())
}

// step names an aggregation as users write it.
func (a *aggregation) step() string { return "groupBy [" + names(columnsOf(a.keys)) + "]" }

func (d *dedup) step() string {
	if d.within {
		return "dropDuplicatesWithinWatermark [" + names(d.keys) + "]"
	}
	return "dropDuplicates [" + names(d.keys) + "]"
}
