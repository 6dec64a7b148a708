package transform

import (
	"slices"
	"strings"

	"github.com/streamctl/streamctl/internal/operator"
	"github.com/streamctl/streamctl/internal/sql/expr"
)

// lateRows reports the rows that the stateful step above it drops. It is part of plans whose late rows are listed, which Spark cannot do.
type lateRows struct {
	in   node
	time *expr.Expr // over the columns of in
	step *operator.LateStep
}

// listingLate returns the input of a step, through an operator that lists late rows if one of the streams below does so. time is the event time of
// the step over the columns of in, and name is what it is called.
func (q *Query) listingLate(in node, time *expr.Expr, step, name string) node {
	sources := streamsBelow(in)
	if !slices.ContainsFunc(sources, func(number int) bool { return q.Sources[number].ListLate }) {
		return in
	}
	return &lateRows{in, time, &operator.LateStep{Name: step, Time: name, Fields: fieldsOf(in.output()), Sources: sources}}
}

func (l *lateRows) output() []*expr.Expr      { return l.in.output() }
func (l *lateRows) inputs() []node            { return []node{l.in} }
func (l *lateRows) expressions() []*expr.Expr { return []*expr.Expr{l.time} }
func (l *lateRows) describe() string          { return "ListLate [" + l.step.Time + "]" }
func (l *lateRows) withInputs(in []node) node { return &lateRows{in[0], l.time, l.step} }
func (l *lateRows) withExpressions(list []*expr.Expr) node {
	return &lateRows{l.in, list[0], l.step}
}

// belowAggregate returns the input of an aggregation, whose late rows are listed. Complete mode drops none, except those of sessions.
func (q *Query) belowAggregate(a *aggregation) node {
	if a.time.column == nil || q.OutputMode == operator.Complete && a.session == nil {
		return a.in
	}
	at := slices.IndexFunc(a.keys, func(k *expr.Expr) bool { return k.ID == a.time.column.ID })
	return q.listingLate(a.in, unalias(a.keys[at]), a.step(), a.time.text())
}

// belowDedup does the same for duplicates.
func (q *Query) belowDedup(d *dedup) node {
	if d.time.column == nil {
		return d.in
	}
	return q.listingLate(d.in, d.time.column, d.step(), d.time.text())
}

// belowJoin does the same for a side of a join of streams.
func (q *Query) belowJoin(s *symmetric, side int) node {
	in := s.join.inputs()[side]
	time := s.sides[side].column()
	if time == nil {
		return in
	}
	return q.listingLate(in, time, s.step()+", "+sideNames[side]+" side", (&watermarked{column: time}).text())
}

// sideNames are what users call the sides of a join.
var sideNames = [...]string{"left", "right"}

// step names an aggregation as users write it.
func (a *aggregation) step() string { return "groupBy [" + names(columnsOf(a.keys)) + "]" }

func (d *dedup) step() string {
	if d.within {
		return "dropDuplicatesWithinWatermark [" + names(d.keys) + "]"
	}
	return "dropDuplicates [" + names(d.keys) + "]"
}

func (s *symmetric) step() string {
	equal := make([]string, len(s.equal.left))
	for i := range equal {
		equal[i] = s.equal.left[i].SQL() + " = " + s.equal.right[i].SQL()
	}
	return "join [" + strings.Join(equal, ", ") + "]"
}
