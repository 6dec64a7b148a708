package transform

import (
	"strings"

	"github.com/streamctl/streamctl/internal/sql/expr"
	"github.com/streamctl/streamctl/internal/sql/function"
	"github.com/streamctl/streamctl/internal/types"
)

// isBool reports the literal true or false.
func isBool(e *expr.Expr, want bool) bool {
	return e.Kind == expr.Literal && !e.IsNullLit() && e.Value.Bool != nil && e.Value.Bool[0] == want
}

// same reports two equal deterministic expressions.
func same(a, b *expr.Expr) bool { return expr.Equal(a, b) && a.Deterministic() }

// simplifyAnd applies the laws of AND; an operand that decides alone wins over one that could raise.
func simplifyAnd(e *expr.Expr) *expr.Expr {
	l, r := e.Args[0], e.Args[1]
	switch {
	case isBool(l, false) || isBool(r, false):
		return expr.Bool(false)
	case isBool(l, true) || same(l, r):
		return r
	case isBool(r, true):
		return l
	case opposite(l, r):
		return unlessNull(l, false)
	}
	return e
}

// opposite reports two deterministic conditions of which one is true where the other one is false: x and NOT x, a > b and a <= b.
func opposite(a, b *expr.Expr) bool {
	switch {
	case a.Is("not"):
		return same(a.Args[0], b)
	case b.Is("not"):
		return same(a, b.Args[0])
	case a.Kind == expr.Call && negated[a.Fn.Name] != "":
		return b.Is(negated[a.Fn.Name]) && same(call(negated[a.Fn.Name], a.Args...), b)
	}
	return false
}

// unlessNull is a truth value, or NULL where e is.
func unlessNull(e *expr.Expr, value bool) *expr.Expr {
	if !e.Nullable {
		return expr.Bool(value)
	}
	fn, _ := function.Lookup("if")
	return &expr.Expr{
		Kind: expr.Call, Fn: fn, Type: types.Boolean, Nullable: true,
		Args: []*expr.Expr{call("isnull", e), expr.Null(types.Boolean), expr.Bool(value)},
	}
}

// simplifyOr is the mirror of simplifyAnd, and takes common conjuncts out: (p AND q) OR (p AND r) is p AND (q OR r).
func simplifyOr(e *expr.Expr) *expr.Expr {
	l, r := e.Args[0], e.Args[1]
	switch {
	case isBool(l, true) || isBool(r, true):
		return expr.Bool(true)
	case isBool(l, false) || same(l, r):
		return r
	case isBool(r, false):
		return l
	case opposite(l, r):
		return unlessNull(l, true)
	}
	common, lrest, rrest := commonConjuncts(conjuncts(l), conjuncts(r))
	if len(common) == 0 {
		return e
	}
	if len(lrest) == 0 || len(rrest) == 0 {
		return conjunction(common)
	}
	return conjunction(append(common, call("or", conjunction(lrest), conjunction(rrest))))
}

// commonConjuncts splits two lists into what both have and what only one has.
func commonConjuncts(l, r []*expr.Expr) (common, lrest, rrest []*expr.Expr) {
	taken := make([]bool, len(r))
	for _, x := range l {
		found := false
		for j, y := range r {
			if !found && !taken[j] && same(x, y) {
				found, taken[j] = true, true
			}
		}
		if found {
			common = append(common, x)
		} else {
			lrest = append(lrest, x)
		}
	}
	for j, y := range r {
		if !taken[j] {
			rrest = append(rrest, y)
		}
	}
	return common, lrest, rrest
}

// negated maps a comparison to the one that is true where it is false.
var negated = map[string]string{">": "<=", ">=": "<", "<": ">=", "<=": ">"}

// simplifyNot moves NOT inwards.
func simplifyNot(e *expr.Expr) *expr.Expr {
	x := e.Args[0]
	switch {
	case isBool(x, true):
		return expr.Bool(false)
	case isBool(x, false):
		return expr.Bool(true)
	case x.Is("not"):
		return x.Args[0]
	case x.Is("isnull"):
		return call("isnotnull", x.Args[0])
	case x.Is("isnotnull"):
		return call("isnull", x.Args[0])
	case x.Is("and"):
		return call("or", simplifyNot(call("not", x.Args[0])), simplifyNot(call("not", x.Args[1])))
	case x.Is("or"):
		return call("and", simplifyNot(call("not", x.Args[0])), simplifyNot(call("not", x.Args[1])))
	case x.Kind == expr.Call && negated[x.Fn.Name] != "":
		return call(negated[x.Fn.Name], x.Args...)
	}
	return e
}

// simplifyIf drops the branch that cannot be taken.
func simplifyIf(e *expr.Expr) *expr.Expr {
	c, yes, no := e.Args[0], e.Args[1], e.Args[2]
	switch {
	case isBool(c, true):
		return yes
	case isBool(c, false) || c.IsNullLit():
		return no
	case isBool(yes, true) && isBool(no, false):
		return isTrue(c)
	case isBool(yes, false) && isBool(no, true):
		return call("not", isTrue(c))
	case c.Deterministic() && expr.Equal(yes, no):
		return yes
	}
	return e
}

// isTrue is c where NULL counts as false.
func isTrue(c *expr.Expr) *expr.Expr {
	if !c.Nullable {
		return c
	}
	return call("<=>", c, expr.Bool(true))
}

// simplifyCase turns one branch of true or false into its condition, as simplifyIf does, and drops the branches that cannot be taken and those after one that is always taken.
func simplifyCase(e *expr.Expr) *expr.Expr {
	if len(e.Args) == 3 && isBool(e.Args[1], true) != isBool(e.Args[2], true) && isBool(e.Args[1], false) != isBool(e.Args[2], false) {
		return simplifyIf(e)
	}
	var args []*expr.Expr
	last := expr.Null(e.Type)
	if len(e.Args)%2 == 1 {
		last = e.Args[len(e.Args)-1]
	}
	closed := false
	for i := 0; i+1 < len(e.Args) && !closed; i += 2 {
		c := e.Args[i]
		switch {
		case isBool(c, false) || c.IsNullLit():
		case isBool(c, true):
			last, closed = e.Args[i+1], true
		default:
			args = append(args, c, e.Args[i+1])
		}
	}
	if closed && len(args) > 0 { // Spark keeps the condition true, and so the others even if all values are equal
		args = append(args, expr.Bool(true), last)
		if len(args) == len(e.Args) {
			return e
		}
		c := *e
		c.Args = args
		return &c
	}
	equal := true
	for i := 0; i+1 < len(args); i += 2 {
		equal = equal && args[i].Deterministic() && expr.Equal(args[i+1], last)
	}
	if equal {
		return last
	}
	if len(e.Args)%2 == 1 {
		args = append(args, last)
	}
	if len(args) == len(e.Args) {
		return e
	}
	c := *e
	c.Args = args
	return &c
}

// simplifyCoalesce drops NULL literals and the operands after the first one that is never NULL.
func simplifyCoalesce(e *expr.Expr) *expr.Expr {
	var args []*expr.Expr
	for _, a := range e.Args {
		if a.IsNullLit() {
			continue
		}
		args = append(args, a)
		if !a.Nullable {
			break
		}
	}
	switch {
	case len(args) == 0:
		return expr.Null(e.Type)
	case len(args) == 1:
		return args[0]
	}
	return e.WithArgs(args)
}

// simplifyIsNull decides the test for what is never NULL without evaluating it.
func simplifyIsNull(e *expr.Expr, null bool) *expr.Expr {
	x := e.Args[0]
	if x.IsNullLit() {
		return expr.Bool(null)
	}
	if !x.Nullable && x.Deterministic() {
		return expr.Bool(!null)
	}
	return e
}

// nullIsFalse replaces what can only be NULL or false by false, as a filter takes them for the same.
func nullIsFalse(e *expr.Expr) *expr.Expr {
	switch {
	case e.IsNullLit():
		return expr.Bool(false)
	case e.Is("and"):
		return simplifyAnd(e.WithArgs([]*expr.Expr{nullIsFalse(e.Args[0]), nullIsFalse(e.Args[1])}))
	case e.Is("or"):
		return simplifyOr(e.WithArgs([]*expr.Expr{nullIsFalse(e.Args[0]), nullIsFalse(e.Args[1])}))
	case e.Is("if"):
		return simplifyIf(e.WithArgs([]*expr.Expr{nullIsFalse(e.Args[0]), nullIsFalse(e.Args[1]), nullIsFalse(e.Args[2])}))
	case e.Is("not") && e.Args[0].Is("in"):
		for _, x := range e.Args[0].Args[1:] {
			if x.IsNullLit() && e.Args[0].Args[0].Deterministic() {
				return expr.Bool(false)
			}
		}
	}
	return e
}

// compareWithSelf decides comparisons of a column with itself where another conjunct says that it is not NULL: a < a is false, and a = a is true.
// (Spark: SimplifyBinaryComparison.)
func compareWithSelf(cond *expr.Expr) *expr.Expr {
	var never map[expr.ID]bool
	for _, c := range conjuncts(cond) {
		if c.Is("isnotnull") && c.Args[0].Kind == expr.Column {
			if never == nil {
				never = map[expr.ID]bool{}
			}
			never[c.Args[0].ID] = true
		}
	}
	if never == nil {
		return cond
	}
	return expr.Transform(cond, func(x *expr.Expr) *expr.Expr {
		if comparesWithSelf(x) && never[x.Args[0].ID] {
			return expr.Bool(strings.Contains(x.Fn.Name, "="))
		}
		return x
	})
}

func comparesWithSelf(x *expr.Expr) bool {
	return x.Kind == expr.Call && flipped[x.Fn.Name] != "" && !x.Is("<=>") && x.Args[0].Kind == expr.Column && same(x.Args[0], x.Args[1])
}

// propagateConstants uses `column = constant` in the other comparisons of a conjunction: b = 0 AND 10 / b > 1 becomes
// b = 0 AND 10 / 0 > 1, and a = 1 AND a = 2 becomes 2 = 1 AND a = 2. Each operand of OR is a conjunction again. Other conditions, such
// as IN and IS NULL, keep the column (Spark: ConstantPropagation).
func propagateConstants(cond *expr.Expr) *expr.Expr {
	if cond.Is("or") {
		return withOperands(cond, propagateConstants)
	}
	list := conjuncts(cond)
	known := map[expr.ID]*expr.Expr{}  // the constants
	equals := map[expr.ID]*expr.Expr{} // the conjuncts that say so, of several the last one
	for _, c := range list {
		if col, lit := columnEqualsLiteral(c); col != nil {
			known[col.ID], equals[col.ID] = lit, c
		}
	}
	changed := false
	for i, c := range list {
		r := c
		if c.Is("or") {
			r = propagateConstants(r)
		}
		if len(list) > 1 && len(known) > 0 {
			r = substituteConstants(r, known, equals)
		}
		if r != c {
			list[i], changed = r, true
		}
	}
	if !changed {
		return cond
	}
	return conjunction(list)
}

// substituteConstants puts constants in place of columns in every comparison that is not one of equals.
func substituteConstants(e *expr.Expr, known, equals map[expr.ID]*expr.Expr) *expr.Expr {
	return expr.Transform(e, func(x *expr.Expr) *expr.Expr {
		if x.Kind != expr.Call || flipped[x.Fn.Name] == "" || isNull(x.Args[0]) || isNull(x.Args[1]) {
			return x
		}
		if col, _ := columnEqualsLiteral(x); col != nil && equals[col.ID] != nil && same(x, equals[col.ID]) {
			return x
		}
		return substitute(x, known)
	})
}

// isNull reports NULL, of whatever type.
func isNull(e *expr.Expr) bool {
	return e.IsNullLit() || e.Kind == expr.Cast && isNull(e.Args[0])
}

// withOperands is e with f applied to its operands; e itself when that changes none.
func withOperands(e *expr.Expr, f func(*expr.Expr) *expr.Expr) *expr.Expr {
	args := make([]*expr.Expr, len(e.Args))
	for i, a := range e.Args {
		args[i] = f(a)
	}
	return e.WithArgs(args)
}

// columnEqualsLiteral takes `column = literal` apart, either way round; nil when e is something else.
func columnEqualsLiteral(e *expr.Expr) (col, lit *expr.Expr) {
	if !e.Is("=") && !e.Is("<=>") {
		return nil, nil
	}
	l, r := e.Args[0], e.Args[1]
	if l.Kind == expr.Literal {
		l, r = r, l
	}
	if l.Kind != expr.Column || r.Kind != expr.Literal || r.IsNullLit() {
		return nil, nil
	}
	return l, r
}
