package transform

import (
	"strings"

	"github.com/streamctl/streamctl/internal/codec"
	"github.com/streamctl/streamctl/internal/sql/expr"
	"github.com/streamctl/streamctl/internal/vector"
)

// Conditions are the pushed filters in the form that can be held against the statistics of a file; what has no such form is
// left out. (Spark: ParquetFilters.createFilter.)
func (in *Input) Conditions() []*codec.Condition {
	var out []*codec.Condition
	for _, f := range in.pushed {
		if c := in.condition(f); c != nil {
			out = append(out, c)
		}
	}
	return out
}

var comparisons = map[string]codec.ConditionOp{
	"=": codec.OneOf, "<": codec.Less, "<=": codec.LessOrEqual, ">": codec.Greater, ">=": codec.GreaterOrEqual,
	"startswith": codec.StartsWith, "in": codec.OneOf, "isnotnull": codec.IsNotNull, "like": codec.StartsWith,
}

// swapped is the comparison with its operands exchanged.
var swapped = map[string]string{"=": "=", "<": ">", "<=": ">=", ">": "<", ">=": "<="}

// condition is nil when e says nothing about statistics.
func (in *Input) condition(e *expr.Expr) *codec.Condition {
	if e.Kind != expr.Call {
		return nil
	}
	name, args := e.Fn.Name, e.Args
	if name == "and" || name == "or" {
		return in.combination(name, args)
	}
	if other, ok := swapped[name]; ok && args[0].Kind != expr.Column {
		name, args = other, []*expr.Expr{args[1], args[0]}
	}
	op, ok := comparisons[name]
	if !ok || args[0].Kind != expr.Column {
		return nil
	}
	c := &codec.Condition{Op: op, Column: in.position(args[0])}
	if c.Column < 0 {
		return nil
	}
	for _, a := range args[1:] {
		if a.Kind != expr.Literal || a.IsNullLit() || !a.Type.SameShape(args[0].Type) {
			return nil
		}
		c.Values = append(c.Values, a.Value)
	}
	if name == "like" {
		return likePrefix(e, c)
	}
	return c
}

// combination takes AND and OR apart: one side of AND is a condition too, one side of OR is none.
func (in *Input) combination(name string, args []*expr.Expr) *codec.Condition {
	left, right := in.condition(args[0]), in.condition(args[1])
	op := codec.AllOf
	if name == "or" {
		op = codec.AnyOf
	}
	switch {
	case left != nil && right != nil:
		return &codec.Condition{Op: op, Args: []*codec.Condition{left, right}}
	case name == "or":
		return nil
	case left != nil:
		return left
	}
	return right
}

// position is where the reader has a column, or -1.
func (in *Input) position(col *expr.Expr) int {
	for i, c := range in.columns[:len(in.Fields)] {
		if c.ID == col.ID {
			return i
		}
	}
	return -1
}

// likePrefix makes c the condition of a LIKE whose pattern begins with text.
func likePrefix(e *expr.Expr, c *codec.Condition) *codec.Condition {
	pattern, ok := likePattern(e)
	prefix, _, _ := strings.Cut(pattern, "%")
	if !ok || prefix == "" {
		return nil
	}
	v := vector.NewConst(e.Args[1].Type)
	v.SetString(0, prefix)
	c.Values = []*vector.Vector{v}
	return c
}
