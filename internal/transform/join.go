package transform

import (
	"github.com/streamctl/streamctl/internal/operator"
	"github.com/streamctl/streamctl/internal/sparkerr"
	"github.com/streamctl/streamctl/internal/sql/expr"
)

// Logical nodes with several inputs.
type (
	// join pairs the rows of two inputs for which cond is true; nil is true for all. (Spark: Join.)
	join struct {
		left, right node
		kind        operator.JoinKind
		cond        *expr.Expr
		place       *sparkerr.Place
		predicate   bool       // it was IN or EXISTS: Spark infers nothing from its condition, since other rules have run before
		exists      *expr.Expr // Existence: the column that says whether a row has a match
	}
	// union yields the rows of all inputs, whose columns have the types of cols. (Spark: Union.)
	union struct {
		in   []node
		cols []*expr.Expr
	}
)

func (j *join) output() []*expr.Expr {
	left, right := j.left.output(), j.right.output()
	switch j.kind {
	case operator.LeftSemi, operator.LeftAnti:
		return left
	case operator.Existence:
		return append(left[:len(left):len(left)], j.exists)
	case operator.LeftOuter, operator.LeftSingle:
		right = nullable(right)
	case operator.RightOuter:
		left = nullable(left)
	case operator.FullOuter:
		left, right = nullable(left), nullable(right)
	}
	return append(left[:len(left):len(left)], right...)
}
func (u *union) output() []*expr.Expr { return u.cols }

func (j *join) inputs() []node  { return []node{j.left, j.right} }
func (u *union) inputs() []node { return u.in }

func (j *join) withInputs(in []node) node  { return j.over(in[0], in[1], j.cond) }
func (u *union) withInputs(in []node) node { return &union{in, u.cols} }

func (j *join) expressions() []*expr.Expr {
	if j.cond == nil {
		return nil
	}
	return []*expr.Expr{j.cond}
}
func (u *union) expressions() []*expr.Expr { return nil }

func (j *join) withExpressions(list []*expr.Expr) node {
	return j.over(j.left, j.right, list[0])
}
func (u *union) withExpressions([]*expr.Expr) node { return u }

// over returns the join of other sides by another condition.
func (j *join) over(left, right node, cond *expr.Expr) *join {
	c := *j
	c.left, c.right, c.cond = left, right, cond
	return &c
}

func (j *join) describe() string {
	text := "Join " + j.kind.String()
	if j.cond != nil {
		text += ", " + j.cond.SQL()
	}
	return text
}
func (u *union) describe() string { return "Union [" + names(u.cols) + "]" }

// nullable returns columns that may be NULL.
func nullable(cols []*expr.Expr) []*expr.Expr {
	out := make([]*expr.Expr, len(cols))
	for i, c := range cols {
		if out[i] = c; !c.Nullable {
			out[i] = &expr.Expr{Kind: expr.Column, ID: c.ID, Name: c.Name, Type: c.Type, Nullable: true}
		}
	}
	return out
}
