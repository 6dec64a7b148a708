package eval

import (
	"github.com/streamctl/streamctl/internal/sparkerr"
	"github.com/streamctl/streamctl/internal/sql/cast"
	"github.com/streamctl/streamctl/internal/sql/expr"
	"github.com/streamctl/streamctl/internal/vector"
)

// A compiler compiles expressions over given columns into nodes.
type compiler struct {
	columns map[expr.ID]int
	shared  []*sharedNode
}

func newCompiler(input []*expr.Expr) *compiler {
	c := &compiler{columns: make(map[expr.ID]int, len(input))}
	for i, e := range input {
		c.columns[e.ID] = i
	}
	return c
}

// replaceAll replaces calls by the expressions that implement them.
func replaceAll(e *expr.Expr) *expr.Expr {
	return expr.Transform(e, func(x *expr.Expr) *expr.Expr {
		if x.Kind == expr.Call && x.Fn.Replace != nil {
			if y := x.Fn.Replace(x); y != x {
				return replaceAll(y)
			}
		}
		return x
	})
}

func (c *compiler) compile(e *expr.Expr) (node, error) {
	for _, s := range c.shared {
		if expr.Equal(s.expr, e) {
			return s, nil
		}
	}
	switch e.Kind {
	case expr.Literal:
		return literalNode{e.Value}, nil
	case expr.Column, expr.LambdaVar:
		i, ok := c.columns[e.ID]
		if !ok {
			return nil, sparkerr.Internal("column %s is not in the input of the expression", e.Name)
		}
		return columnNode{i}, nil
	case expr.Alias:
		return c.compile(e.Args[0])
	case expr.Field:
		arg, err := c.compile(e.Args[0])
		return &fieldNode{arg: arg, index: e.Index, typ: e.Type}, err
	case expr.Lambda:
		return c.environment(e)
	case expr.Cast:
		return c.cast(e)
	}
	args, err := c.compileAll(e)
	if err != nil {
		return nil, err
	}
	return c.call(e, args)
}

// compileAll compiles the operands of e. If an implicit cast fails, the error shows the call that needs the cast.
func (c *compiler) compileAll(e *expr.Expr) ([]node, error) {
	nodes := make([]node, len(e.Args))
	for i, a := range e.Args {
		if a.Kind == expr.Cast && a.Implicit {
			moved := *a
			moved.Span, moved.Origin = e.Span, e.Origin
			a = &moved
		}
		n, err := c.compile(a)
		if err != nil {
			return nil, err
		}
		nodes[i] = n
	}
	return nodes, nil
}

func (c *compiler) call(e *expr.Expr, args []node) (node, error) {
	switch e.Fn.Operands.Lazy {
	case expr.LazyAnd:
		return &logicNode{left: args[0], right: args[1], harmless: harmOf(e.Args[1])}, nil
	case expr.LazyOr:
		return &logicNode{left: args[0], right: args[1], stop: true, harmless: harmOf(e.Args[1])}, nil
	case expr.LazyIf, expr.LazyCase:
		return newCase(e, args), nil
	case expr.LazyCoalesce:
		return &coalesceNode{args: args, typ: e.Type, null: make([]vector.Selection, len(args))}, nil
	case expr.LazyNanvl:
		return &nanvlNode{left: args[0], right: args[1], typ: e.Type}, nil
	case expr.LazyIn:
		if s := newSet(args[0], e.Args[0].Type, e.Args[1:]); s != nil {
			return s, nil
		}
		return &inNode{x: args[0], list: args[1:]}, nil
	case expr.LazyElt:
		return newElt(e, args), nil
	case expr.LazyTry:
		return &tryNode{x: args[0], typ: e.Type}, nil
	}
	if e.Fn.Compile == nil {
		return nil, sparkerr.Internal("%s cannot be evaluated here", e.Fn.Name)
	}
	k, err := e.Fn.Compile(e)
	if err != nil {
		return nil, withFragment(err, e.Fragment())
	}
	if last := len(args) - 1; e.Fn.Operands.Order == expr.DivisorFirst && harmOf(e.Args[0]) == mayFail && e.Args[last].Type.IsNumeric() {
		args[last] = &nonZeroNode{x: args[last], typ: e.Args[last].Type}
	}
	n := &callNode{typ: e.Type, args: args, kernel: k, fn: e.Fn, strict: len(args), fragment: e.Fragment(), values: make([]*vector.Vector, len(args))}
	switch e.Fn.Operands.Nulls {
	case expr.NullsSeen:
		n.strict = e.Fn.Operands.Strict
	case expr.NullsEvaluate:
		n.eager = true
	case expr.NullsInterpret:
		n.eager = e.Constant()
	}
	return n, nil
}

// newCase compiles IF and CASE alike: conditions, their values, and an else value, which defaults to NULL.
func newCase(e *expr.Expr, args []node) *caseNode {
	c := &caseNode{typ: e.Type}
	for len(args) >= 2 {
		c.conditions, c.values, args = append(c.conditions, args[0]), append(c.values, args[1]), args[2:]
	}
	if len(args) == 0 {
		args = []node{literalNode{vector.NewNull(e.Type)}}
	}
	c.values = append(c.values, args[0])
	c.yes, c.no = make([]vector.Selection, len(c.conditions)), make([]vector.Selection, len(c.conditions))
	return c
}

func (c *compiler) cast(e *expr.Expr) (node, error) {
	args, err := c.compileAll(e)
	if err != nil {
		return nil, err
	}
	prepare := cast.Compile
	if e.Args[0].Kind == expr.Literal {
		prepare = cast.CompileConstant
	}
	k, err := prepare(e.Args[0].Type, e.Type, e.Try)
	if err != nil || k == nil {
		return args[0], err
	}
	return &callNode{typ: e.Type, args: args, kernel: k, strict: 1, fragment: e.Fragment(), values: make([]*vector.Vector, 1)}, nil
}
