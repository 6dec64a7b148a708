package analyze

import (
	"strings"

	"github.com/streamctl/streamctl/internal/sparkerr"
	"github.com/streamctl/streamctl/internal/sql/ast"
	"github.com/streamctl/streamctl/internal/sql/coerce"
	"github.com/streamctl/streamctl/internal/sql/expr"
	"github.com/streamctl/streamctl/internal/types"
)

// operator resolves operators and predicates.
func (a *analyzer) operator(e ast.Expr) (*expr.Expr, error) {
	switch n := e.(type) {
	case *ast.Unary:
		return a.unary(n)
	case *ast.Binary:
		return a.binary(n)
	case *ast.Between:
		return a.predicate(n, n.Not, "between", n.X, n.Lo, n.Hi)
	case *ast.In:
		return a.predicate(n, n.Not, "in", append([]ast.Expr{n.X}, n.List...)...)
	case *ast.Like:
		return a.like(n)
	case *ast.Is:
		return a.is(n)
	case *ast.Tuple:
		return a.tuple(n)
	}
	return nil, a.place(e, sparkerr.Internal("no analysis of %T", e))
}

// predicate resolves [NOT] name(operands).
func (a *analyzer) predicate(at ast.Expr, not bool, name string, operands ...ast.Expr) (*expr.Expr, error) {
	args, err := a.exprs(operands)
	if err != nil {
		return nil, err
	}
	x, err := a.make(at, name, args...)
	return a.negate(at, x, err, not)
}

// tuple resolves a tuple to a struct, which prints as the call of named_struct that Spark generates.
func (a *analyzer) tuple(n *ast.Tuple) (*expr.Expr, error) {
	x, err := a.predicate(n, false, "struct", n.Items...)
	if err != nil {
		return nil, err
	}
	x.Name = "named_struct"
	return x, nil
}

func (a *analyzer) negate(at ast.Expr, x *expr.Expr, err error, not bool) (*expr.Expr, error) {
	if err != nil || !not {
		return x, err
	}
	return a.make(at, "not", x)
}

var unaryNames = map[string]string{"-": "negative", "+": "positive", "~": "~", "NOT": "not", "!": "not"}

func (a *analyzer) unary(n *ast.Unary) (*expr.Expr, error) {
	x, err := a.expr(n.X)
	if err != nil {
		return nil, err
	}
	// Spark promotes strings to DOUBLE only for the signs.
	if (n.Op == "-" || n.Op == "+") && x.Type.IsText() {
		x = coerce.Cast(x, types.Double)
	}
	return a.make(n, unaryNames[n.Op], x)
}

// binary resolves infix operators. Chains of one operator are left-deep and may be long, so a loop walks them.
func (a *analyzer) binary(n *ast.Binary) (*expr.Expr, error) {
	var chain []*ast.Binary
	var first ast.Expr = n
	for {
		b, ok := first.(*ast.Binary)
		if !ok {
			break
		}
		chain = append(chain, b)
		first = b.L
	}
	l, err := a.expr(first)
	for i := len(chain) - 1; i >= 0 && err == nil; i-- {
		var r *expr.Expr
		if r, err = a.expr(chain[i].R); err == nil {
			l, err = a.infix(chain[i], l, r)
		}
	}
	if err != nil {
		return nil, err
	}
	return l, nil
}

func (a *analyzer) infix(n *ast.Binary, l, r *expr.Expr) (*expr.Expr, error) {
	switch n.Op {
	case "==":
		return a.make(n, "=", l, r)
	case "<>", "!=":
		x, err := a.make(n, "=", l, r)
		return a.negate(n, x, err, true)
	case "||":
		return a.make(n, "concat", l, r)
	}
	l, r = a.plusCalendarInterval(n, l, r)
	return a.make(n, strings.ToLower(n.Op), l, r)
}

// like resolves LIKE, ILIKE and RLIKE; the escape character is an additional argument. ANY and ALL with several patterns
// become chains of OR and AND.
func (a *analyzer) like(n *ast.Like) (*expr.Expr, error) {
	x, err := a.expr(n.X)
	if err != nil {
		return nil, err
	}
	var result *expr.Expr
	for _, p := range n.Patterns {
		pattern, err := a.expr(p)
		if err != nil {
			return nil, err
		}
		args := []*expr.Expr{x, pattern}
		if n.Escape != "" && n.Escape != `\` {
			args = append(args, a.locate(expr.Str(n.Escape), n))
		}
		match, err := a.make(n, strings.ToLower(n.Op), args...)
		if match, err = a.negate(n, match, err, n.Not); err != nil {
			return nil, err
		}
		if result == nil {
			result = match
			continue
		}
		join := "or"
		if n.Quantifier == "ALL" {
			join = "and"
		}
		if result, err = a.make(n, join, result, match); err != nil {
			return nil, err
		}
	}
	if name := quantified(n); name != "" { // Spark's node is always nullable
		result.Nullable, result.Name = true, name
	}
	return result, nil
}

// quantified returns the name of Spark's node for LIKE ANY or ALL with string patterns, or "" for other patterns.
func quantified(n *ast.Like) string {
	for _, p := range n.Patterns {
		if text, ok := p.(*ast.Literal); !ok || text.Kind != ast.LitString || n.Quantifier == "" {
			return ""
		}
	}
	name := "like" + strings.ToLower(n.Quantifier)
	if n.Not {
		return "not" + name
	}
	return name
}

// is resolves IS [NOT] NULL, TRUE, FALSE, UNKNOWN and DISTINCT FROM.
func (a *analyzer) is(n *ast.Is) (*expr.Expr, error) {
	x, err := a.expr(n.X)
	if err != nil {
		return nil, err
	}
	switch n.What {
	case "NULL", "UNKNOWN":
		name := "isnull"
		if n.Not {
			name = "isnotnull"
		}
		if n.What == "UNKNOWN" {
			if x, err = a.boolean(n, x); err != nil {
				return nil, err
			}
		}
		return a.make(n, name, x)
	case "TRUE", "FALSE":
		same, err := a.make(n, "<=>", x, a.locate(expr.Bool(n.What == "TRUE"), n))
		return a.negate(n, same, err, n.Not)
	}
	y, err := a.expr(n.Y)
	if err != nil {
		return nil, err
	}
	same, err := a.make(n, "<=>", x, y)
	return a.negate(n, same, err, !n.Not)
}

// boolean casts x implicitly to BOOLEAN.
func (a *analyzer) boolean(at ast.Expr, x *expr.Expr) (*expr.Expr, error) {
	call := a.locate(&expr.Expr{Kind: expr.Call, Fn: &expr.Function{Name: "isunknown"}, Args: []*expr.Expr{x}}, at)
	if err := coerce.Params(call, coerce.Boolean); err != nil {
		return nil, err
	}
	return call.Args[0], nil
}

// caseWhen resolves both forms of CASE; the simple form compares its operand.
func (a *analyzer) caseWhen(n *ast.Case) (*expr.Expr, error) {
	var operand *expr.Expr
	if n.Operand != nil {
		var err error
		if operand, err = a.expr(n.Operand); err != nil {
			return nil, err
		}
	}
	var args []*expr.Expr
	for _, w := range n.Whens {
		cond, err := a.expr(w.Cond)
		if err != nil {
			return nil, err
		}
		if operand != nil {
			if cond, err = a.make(w.Cond, "=", operand, cond); err != nil {
				return nil, err
			}
		}
		value, err := a.expr(w.Then)
		if err != nil {
			return nil, err
		}
		args = append(args, cond, value)
	}
	if n.Else != nil {
		value, err := a.expr(n.Else)
		if err != nil {
			return nil, err
		}
		args = append(args, value)
	}
	return a.make(n, "case", args...)
}

func (a *analyzer) cast(n *ast.Cast) (*expr.Expr, error) {
	x, err := a.expr(n.X)
	if err != nil {
		return nil, err
	}
	if n.Type.Has(types.KindTime) {
		return nil, a.fail(n, "UNSUPPORTED_TIME_TYPE")
	}
	c := a.locate(coerce.Explicit(x, n.Type, n.Try), n)
	if err := coerce.CheckCast(c); err != nil {
		return nil, a.place(n, err)
	}
	return c, nil
}
