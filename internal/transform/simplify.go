package transform

import (
	"errors"
	"slices"

	"github.com/streamctl/streamctl/internal/halt"
	"github.com/streamctl/streamctl/internal/sparkerr"
	"github.com/streamctl/streamctl/internal/sql/analyze"
	"github.com/streamctl/streamctl/internal/sql/eval"
	"github.com/streamctl/streamctl/internal/sql/expr"
)

// A simplifier rewrites expressions by the rules of Spark's optimizer that decide which errors a job meets and which
// conditions reach the reader. The first constant that fails outside of a conditional branch ends it (phase run).
type simplifier struct {
	ctx    *expr.Context
	failed map[*expr.Expr]bool // constants that failed below a conditional: they are not tried again, not even when it is gone
	large  map[*expr.Expr]bool // constants that are left to the run, since they take much memory
	err    error

	steps  halt.Steps             // of nodes and phases, so that optimisation can be stopped
	folded map[folding]*expr.Expr // what fold made of large expressions, whose branches may share operands
}

type folding struct {
	e           *expr.Expr
	conditional bool
}

// manyNodes is from which size on fold remembers its results.
const manyNodes = 256

// plan simplifies every expression of a plan.
func (s *simplifier) plan(n node) (node, error) {
	n = rewrite(n, func(n node) node {
		if f, ok := n.(*filter); ok {
			return &filter{f.in, s.condition(f.cond)}
		}
		return mapExpressions(n, s.expression)
	})
	return n, s.err
}

// expression simplifies a value.
func (s *simplifier) expression(e *expr.Expr) *expr.Expr {
	e = expr.Transform(e, s.propagateNull)
	if s.err != nil {
		return e
	}
	clear(s.folded)
	return s.reorder(expr.Transform(expr.Transform(s.fold(e, false), s.decide), s.rule))
}

// decide simplifies AND, OR, NOT and the conditional forms, before comparisons may become true or false.
func (s *simplifier) decide(e *expr.Expr) *expr.Expr {
	if e.Kind == expr.Call && (e.Fn.Operands.Lazy != expr.Strict || e.Is("not")) {
		return s.rule(e)
	}
	return e
}

// propagateNull makes a NULL of what has a NULL operand, before constants are computed: another operand may be one that fails.
// It drops the operands of coalesce that do not count, and decides tests for NULL. (Spark: NullPropagation.)
func (s *simplifier) propagateNull(e *expr.Expr) *expr.Expr {
	s.steps.Take(1)
	switch {
	case e.Kind == expr.Cast && e.Args[0].IsNullLit():
		return expr.Null(e.Type)
	case e.Kind != expr.Call:
		return e
	case propagatesNull(e):
		return expr.Null(e.Type)
	case e.Is("count"):
		return countRows(e)
	case e.Fn.Operands.Lazy == expr.LazyCoalesce:
		return simplifyCoalesce(e)
	case e.Is("isnull") || e.Is("isnotnull"):
		if err := analyze.CheckNullability(e.Args[0]); err != nil {
			s.err = err
			return e
		}
		return simplifyIsNull(e, e.Is("isnull"))
	}
	return e
}

// condition simplifies a filter's condition, where NULL is as good as false.
func (s *simplifier) condition(e *expr.Expr) *expr.Expr {
	e = compareWithSelf(propagateConstants(e))
	return nullIsFalse(s.expression(e))
}

// fold evaluates constant parts, outermost first. A constant that fails is kept where it may never be reached: below a
// conditional that is not constant itself (Spark: ConstantFolding).
func (s *simplifier) fold(e *expr.Expr, conditional bool) *expr.Expr {
	switch {
	case s.err != nil || e.Kind == expr.Literal || e.Kind == expr.Column || e.Kind == expr.LambdaVar || s.failed[e] || s.large[e]:
		return e
	case foldable(e):
		return s.constant(e, conditional)
	}
	key := folding{e, conditional}
	if r, ok := s.folded[key]; ok {
		return r
	}
	conditional = conditional || isConditional(e)
	args := make([]*expr.Expr, len(e.Args))
	for i, a := range e.Args {
		args[i] = s.fold(a, conditional)
	}
	r := e.WithArgs(args)
	if e.Size() > manyNodes {
		s.folded[key] = r
	}
	return r
}

// largeConstant is how many bytes the results may take that a constant is computed from while planning: a few constants that double
// each other would make a plan of gigabytes. Each one that is too large leaves an eighth of it to the others, down to smallConstant,
// since rewrites make new constants of it.
const (
	largeConstant = 4 << 20
	smallConstant = 64 << 10
)

// longestShown is how many bytes of a computed text a plan shows.
const longestShown = 10_000

// constant computes e.
func (s *simplifier) constant(e *expr.Expr, conditional bool) *expr.Expr {
	if slices.ContainsFunc(e.Args, func(a *expr.Expr) bool { return s.large[a] }) {
		s.large[e] = true
		return e
	}
	ctx := *s.ctx
	ctx.Most = max(largeConstant>>min(3*len(s.large), 30), smallConstant)
	v, err := eval.Constant(e, &ctx)
	var large *expr.TooLarge
	switch {
	case err == nil:
		lit := expr.Lit(v)
		lit.Origin, lit.Span = e.Origin, e.Span
		if v.Type.IsText() && !v.IsNull(0) && len(v.Bytes(0)) > longestShown {
			lit.Name = sparkerr.CutMiddle(string(v.Bytes(0)[:longestShown]), longestShown/10)
		}
		return lit
	case errors.As(err, &large):
		s.large[e] = true
	case conditional && s.ctx.Stop.Err() == nil:
		s.failed[e] = true
	default:
		s.err = err
	}
	return e
}

// foldable reports a constant that is to be computed.
func foldable(e *expr.Expr) bool { return e.Kind != expr.Alias && e.Foldable() }

// isConditional reports the forms some of whose operands may not be evaluated (Spark: ConditionalExpression).
func isConditional(e *expr.Expr) bool {
	if e.Kind != expr.Call {
		return false
	}
	switch e.Fn.Operands.Lazy {
	case expr.LazyIf, expr.LazyCase, expr.LazyCoalesce, expr.LazyNanvl:
		return true
	}
	return false
}

// rule rewrites one node whose operands are simplified.
func (s *simplifier) rule(e *expr.Expr) *expr.Expr {
	s.steps.Take(1)
	switch e.Kind {
	case expr.Field:
		return simplifyField(e)
	case expr.Call:
	default:
		return e
	}
	if propagatesNull(e) {
		return expr.Null(e.Type)
	}
	switch e.Fn.Operands.Lazy {
	case expr.LazyAnd:
		return simplifyAnd(e)
	case expr.LazyOr:
		return simplifyOr(e)
	case expr.LazyIf:
		return simplifyIf(e)
	case expr.LazyCase:
		return simplifyCase(e)
	case expr.LazyCoalesce:
		return simplifyCoalesce(e)
	}
	if r, ok := callRules[e.Fn.Name]; ok {
		return r(s, e)
	}
	return e
}

// callRules holds the rules that depend on one function, by its name. It is filled once at start because the rules build
// calls that are looked up by name.
var callRules map[string]func(*simplifier, *expr.Expr) *expr.Expr

func init() {
	callRules = map[string]func(*simplifier, *expr.Expr) *expr.Expr{
		"not":            func(_ *simplifier, e *expr.Expr) *expr.Expr { return simplifyNot(e) },
		"isnull":         func(_ *simplifier, e *expr.Expr) *expr.Expr { return simplifyIsNull(e, true) },
		"isnotnull":      func(_ *simplifier, e *expr.Expr) *expr.Expr { return simplifyIsNull(e, false) },
		"in":             func(_ *simplifier, e *expr.Expr) *expr.Expr { return simplifyIn(e) },
		"upper":          func(_ *simplifier, e *expr.Expr) *expr.Expr { return simplifyLetterCase(e) },
		"lower":          func(_ *simplifier, e *expr.Expr) *expr.Expr { return simplifyLetterCase(e) },
		"size":           func(_ *simplifier, e *expr.Expr) *expr.Expr { return simplifySize(e) },
		"get_array_item": func(_ *simplifier, e *expr.Expr) *expr.Expr { return simplifyItem(e) },
		"get_map_value":  func(_ *simplifier, e *expr.Expr) *expr.Expr { return simplifyMapValue(e) },
	}
	for _, op := range []string{"=", "<=>", "<", "<=", ">", ">="} {
		callRules[op] = func(_ *simplifier, e *expr.Expr) *expr.Expr { return simplifyComparison(e) }
	}
}

// propagatesNull reports a strict call with a NULL literal among its operands (Spark: NullPropagation of what is NullIntolerant).
func propagatesNull(e *expr.Expr) bool {
	if e.Fn.Operands.Lazy == expr.LazyTry {
		return e.Args[0].IsNullLit()
	}
	if e.Fn.Operands.Nulls != expr.NullsPropagate || e.Fn.Operands.Lazy != expr.Strict || e.Fn.Nondeterministic || e.Fn.Generator || e.Fn.Aggregate || e.Fn.HigherOrder {
		return false
	}
	for _, a := range e.Args {
		if a.IsNullLit() {
			return true
		}
	}
	return false
}

// reorder brings the constants of each chain of integral additions or multiplications together, which may overflow, and drops
// the neutral element (Spark: ReorderAssociativeOperator). It goes from the top down: each chain is taken apart once.
func (s *simplifier) reorder(e *expr.Expr) *expr.Expr {
	r := reordering{s: s, done: map[*expr.Expr]*expr.Expr{}}
	return r.apply(e)
}

type reordering struct {
	s    *simplifier
	done map[*expr.Expr]*expr.Expr
}

func (r *reordering) apply(e *expr.Expr) *expr.Expr {
	if len(e.Args) == 0 || r.s.err != nil {
		return e
	}
	if x, ok := r.done[e]; ok {
		return x
	}
	var x *expr.Expr
	if associative(e) {
		x = r.chain(e)
	} else {
		args := make([]*expr.Expr, len(e.Args))
		for i, a := range e.Args {
			args[i] = r.apply(a)
		}
		x = e.WithArgs(args)
	}
	r.done[e] = x
	return x
}

func associative(e *expr.Expr) bool {
	return (e.Is("+") || e.Is("*")) && len(e.Args) == 2 && e.Type.IsIntegral()
}

// chain reorders the operands of a chain.
func (r *reordering) chain(e *expr.Expr) *expr.Expr {
	var constants, others []*expr.Expr
	changed := false
	for _, x := range operands(e, e) {
		if x.Kind == expr.Literal {
			constants = append(constants, x)
			continue
		}
		y := r.apply(x)
		changed = changed || y != x
		others = append(others, y)
	}
	neutral := int64(0)
	if e.Fn.Name == "*" {
		neutral = 1
	}
	if len(constants) > 1 && len(others) > 0 {
		sum := r.s.fold(chain(e, constants), false)
		if r.s.err != nil {
			return e
		}
		constants, changed = []*expr.Expr{sum}, true
	}
	if len(constants) == 1 && len(others) > 0 {
		if v, ok := literalInt(constants[0]); ok && v == neutral {
			return chain(e, others)
		}
	}
	if !changed {
		return e
	}
	return chain(e, append(others, constants...))
}

// operands flattens a chain of the same operator and type as top.
func operands(e, top *expr.Expr) []*expr.Expr { return appendOperands(nil, e, top) }

func appendOperands(list []*expr.Expr, e, top *expr.Expr) []*expr.Expr {
	if !e.Is(top.Fn.Name) || !e.Type.Equal(top.Type) || len(e.Args) != 2 {
		return append(list, e)
	}
	return appendOperands(appendOperands(list, e.Args[0], top), e.Args[1], top)
}

// chain combines operands from the left with top's operator.
func chain(top *expr.Expr, list []*expr.Expr) *expr.Expr {
	out := list[0]
	for _, x := range list[1:] {
		c := *top
		c.Args = []*expr.Expr{out, x}
		c.Nullable = out.Nullable || x.Nullable
		out = &c
	}
	return out
}
