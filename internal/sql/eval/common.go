package eval

import (
	"slices"

	"github.com/streamctl/streamctl/internal/sql/expr"
)

// commonSubexpressions returns what a projection evaluates first, for every row: the subexpressions that occur at least twice
// in positions that are certain to be evaluated. AND and OR count as evaluating both sides; of IF, CASE and COALESCE only the
// first condition or operand counts, and subexpressions shared by all their branches count once. Smaller ones come first.
// (Spark: EquivalentExpressions.)
func commonSubexpressions(exprs []*expr.Expr) []*expr.Expr {
	uses := newCounter()
	for _, e := range exprs {
		uses.add(e, 1)
	}
	var common []*use
	for _, bucket := range uses.byHash {
		for _, u := range bucket {
			if u.count > 1 {
				common = append(common, u)
			}
		}
	}
	slices.SortFunc(common, func(a, b *use) int {
		if a.height != b.height {
			return a.height - b.height
		}
		return a.order - b.order
	})
	out := make([]*expr.Expr, len(common))
	for i, u := range common {
		out[i] = u.expr
	}
	return out
}

// A use counts the occurrences of an expression.
type use struct {
	expr          *expr.Expr
	count         int
	height, order int
}

// A counter indexes uses by the hash of their expressions.
type counter struct {
	byHash map[uint64][]*use
	met    int // number of expressions seen, for their order
}

func newCounter() *counter { return &counter{byHash: map[uint64][]*use{}} }

func (c *counter) find(e *expr.Expr) *use {
	for _, u := range c.byHash[expr.Hash(e)] {
		if expr.Equal(u.expr, e) {
			return u
		}
	}
	return nil
}

// add counts n occurrences of e, which may be negative, and those of its operands if e is new.
func (c *counter) add(e *expr.Expr, n int) {
	for e.Kind == expr.Alias {
		e = e.Args[0]
	}
	if len(e.Args) == 0 || e.Kind == expr.Lambda {
		return
	}
	if e.Deterministic() && c.known(e, n) {
		return
	}
	sign := 1
	if n < 0 {
		sign = -1
	}
	always, branches := reached(e)
	for _, a := range always {
		c.add(a, sign)
	}
	for _, group := range branches {
		c.addShared(group, sign)
	}
}

// known adjusts the count of e. It returns false if e was unknown or its count drops to zero.
func (c *counter) known(e *expr.Expr, n int) bool {
	if u := c.find(e); u != nil {
		u.count += n
		if u.count > 0 {
			return true
		}
		h := expr.Hash(e)
		c.byHash[h] = slices.DeleteFunc(c.byHash[h], func(x *use) bool { return x == u })
		return false
	}
	if n > 0 {
		h := expr.Hash(e)
		c.met++
		c.byHash[h] = append(c.byHash[h], &use{expr: e, count: n, height: e.Height(), order: c.met})
	}
	return false
}

// addShared counts the subexpressions that all expressions of a group have in common, the highest first.
func (c *counter) addShared(group []*expr.Expr, n int) {
	shared := newCounter()
	shared.add(group[0], 1)
	for _, e := range group[1:] {
		other := newCounter()
		other.add(e, 1)
		for h, bucket := range shared.byHash {
			shared.byHash[h] = slices.DeleteFunc(bucket, func(u *use) bool { return other.find(u.expr) == nil })
		}
	}
	for {
		var top *use
		for _, bucket := range shared.byHash {
			for _, u := range bucket {
				if top == nil || u.height > top.height || u.height == top.height && u.order < top.order {
					top = u
				}
			}
		}
		if top == nil {
			return
		}
		shared.add(top.expr, -top.count)
		c.add(top.expr, n)
	}
}

// reached returns the operands of e that are always evaluated, and groups of operands of which one is always evaluated.
func reached(e *expr.Expr) (always []*expr.Expr, branches [][]*expr.Expr) {
	if e.Kind != expr.Call {
		return e.Args, nil
	}
	switch e.Fn.Operands.Lazy {
	case expr.LazyIf:
		return e.Args[:1], [][]*expr.Expr{e.Args[1:]}
	case expr.LazyCoalesce, expr.LazyNanvl:
		if len(e.Args) > 1 {
			branches = [][]*expr.Expr{e.Args}
		}
		return e.Args[:1], branches
	case expr.LazyCase:
		return e.Args[:1], caseBranches(e.Args)
	}
	if e.Fn.HigherOrder {
		return nil, nil
	}
	return e.Args, nil
}

// caseBranches groups the conditions of a CASE, of which only the first is certain to run, and its values if there is an
// ELSE.
func caseBranches(args []*expr.Expr) (groups [][]*expr.Expr) {
	var conditions, values []*expr.Expr
	for i := 0; i+1 < len(args); i += 2 {
		conditions, values = append(conditions, args[i]), append(values, args[i+1])
	}
	if len(conditions) > 1 {
		groups = append(groups, conditions)
	}
	if len(args)%2 == 1 {
		groups = append(groups, append(values, args[len(args)-1]))
	}
	return groups
}
