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
	case operator.LeftOuter:
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

func (j *join) withInputs(in []node) node  { return &join{in[0], in[1], j.kind, j.cond, j.place} }
func (u *union) withInputs(in []node) node { return &union{in, u.cols} }

func (j *join) expressions() []*expr.Expr {
	if j.cond == nil {
		return nil
	}
	return []*expr.Expr{j.cond}
}
func (u *union) expressions() []*expr.Expr { return nil }

func (j *join) withExpressions(list []*expr.Expr) node {
	return &join{j.left, j.right, j.kind, list[0], j.place}
}
func (u *union) withExpressions([]*expr.Expr) node { return u }

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
