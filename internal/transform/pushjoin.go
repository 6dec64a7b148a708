package transform

import (
	"maps"
	"slices"

	"github.com/streamctl/streamctl/internal/operator"
	"github.com/streamctl/streamctl/internal/sql/expr"
)

// Rules of the optimizer for joins and unions. Which conditions are evaluated below a join decides which errors occur and which rows a
// stream–stream join keeps.

// A splitting separates the conjuncts of a condition by the sides of a join that they read. Those that are not deterministic count as both, and come last.
// Those that read no column are in left, and once more in neither.
type splitting struct{ left, right, both, neither []*expr.Expr }

// splitSides separates conjuncts over the columns of two sides. (Spark: PushPredicateThroughJoin.split, JoinConditionSplitPredicates.)
func splitSides(conds, left, right []*expr.Expr) (s splitting) {
	deterministic, others := partition(conds, (*expr.Expr).Deterministic)
	for _, c := range deterministic {
		switch {
		case within(c, left):
			s.left = append(s.left, c)
			if within(c, right) {
				s.neither = append(s.neither, c)
			}
		case within(c, right):
			s.right = append(s.right, c)
		default:
			s.both = append(s.both, c)
		}
	}
	s.both = append(s.both, others...)
	return s
}

// filtered puts conditions on top of a node, and moves them down.
func filtered(n node, conds []*expr.Expr) node {
	if len(conds) == 0 {
		return n
	}
	return pushFilter(&filter{n, conjunction(conds)})
}

// pushThroughJoin moves the conjuncts of a filter above a join to the sides that they read, unless that side may be filled with NULLs, or into
// the condition of an inner join. (Spark: EliminateOuterJoin, PushPredicateThroughJoin.)
func pushThroughJoin(f *filter, j *join) node {
	conds := conjuncts(f.cond)
	j = innerByFilter(conds, j)
	s := splitSides(conds, j.left.output(), j.right.output())
	left, right := j.left, j.right
	var above []*expr.Expr
	switch j.kind {
	case operator.Inner:
		deterministic, others := partition(s.both, (*expr.Expr).Deterministic)
		left, right = filtered(left, s.left), filtered(right, s.right)
		if j.cond != nil {
			deterministic = append(conjuncts(j.cond), deterministic...)
		}
		return remainder(others).over(pushCondition(j.over(left, right, conjunction(deterministic))))
	case operator.RightOuter:
		right, above = filtered(right, s.right), slices.Concat(s.left, s.both)
	case operator.FullOuter:
		return &filter{j, f.cond}
	default:
		left, above = filtered(left, s.left), slices.Concat(s.right, s.both)
	}
	return remainder(above).over(j.over(left, right, j.cond))
}

// dropUnusedSide takes an outer join away whose other side an aggregation does not use, if it does not matter to it how often a row occurs. There
// may be a project between them. (Spark: EliminateOuterJoin.)
func dropUnusedSide(a *aggregation) node {
	if slices.ContainsFunc(a.calls, func(c *expr.Expr) bool { return !ignoresRepetition(unalias(c)) }) {
		return a
	}
	p, _ := a.in.(*project)
	in, used := a.in, a.expressions()
	if p != nil {
		if !deterministic(p.list) {
			return a
		}
		in, used = p.in, p.list
	}
	j, ok := in.(*join)
	if !ok {
		return a
	}
	var side node
	switch j.kind {
	case operator.LeftOuter:
		side = j.left
	case operator.RightOuter:
		side = j.right
	default:
		return a
	}
	if slices.ContainsFunc(used, func(e *expr.Expr) bool { return !within(e, side.output()) }) {
		return a
	}
	if p != nil {
		side = &project{side, p.list}
	}
	return a.withInputs([]node{side})
}

// ignoresRepetition reports an aggregate function whose result does not depend on how often a value occurs. (Spark: isDuplicateAgnostic.)
func ignoresRepetition(call *expr.Expr) bool {
	if call.Aggregation != nil && call.Aggregation.Distinct {
		return true
	}
	switch call.Fn.Name {
	case "max", "min", "bit_and", "bit_or", "collect_set", "first", "first_value", "any_value", "last", "last_value", "bool_and", "every", "bool_or", "some", "any":
		return true
	}
	return false
}

func partition(list []*expr.Expr, keep func(*expr.Expr) bool) (yes, no []*expr.Expr) {
	for _, e := range list {
		if keep(e) {
			yes = append(yes, e)
		} else {
			no = append(no, e)
		}
	}
	return yes, no
}

// innerByFilter turns an outer join into one that returns fewer rows if the filter above it drops those that were filled with NULLs. A condition that
// is never true drops those of both sides.
func innerByFilter(conds []*expr.Expr, j *join) *join {
	drops := func(side node) bool {
		return slices.ContainsFunc(conds, func(c *expr.Expr) bool {
			return isBool(c, false) || c.Deterministic() && slices.ContainsFunc(dropsNull(c), func(col *expr.Expr) bool { return position(side.output(), col) >= 0 })
		})
	}
	kind := j.kind
	switch left, right := drops(j.left), drops(j.right); {
	case kind == operator.LeftOuter && right, kind == operator.RightOuter && left, kind == operator.FullOuter && left && right:
		kind = operator.Inner
	case kind == operator.FullOuter && left:
		kind = operator.LeftOuter
	case kind == operator.FullOuter && right:
		kind = operator.RightOuter
	}
	if kind == j.kind {
		return j
	}
	c := *j
	c.kind = kind
	return &c
}

// dropsNull lists the columns that cannot be NULL when a condition is true.
func dropsNull(c *expr.Expr) []*expr.Expr {
	if c.Is("isnotnull") {
		return rejectsNull(c.Args[0], nil)
	}
	return rejectsNull(c, nil)
}

// pushCondition moves the conjuncts of a join's condition that read one side to that side, unless rows that fail come out with NULLs. (Spark:
// PushPredicateThroughJoin.)
func pushCondition(j *join) node {
	if j.cond == nil {
		return j
	}
	conds := conjuncts(j.cond)
	s := splitSides(conds, j.left.output(), j.right.output())
	left, right, rest := j.left, j.right, s.both
	switch j.kind {
	case operator.Inner, operator.LeftSemi:
		left, right = filtered(left, s.left), filtered(right, s.right)
	case operator.LeftOuter, operator.LeftAnti, operator.LeftSingle, operator.Existence:
		right, rest = filtered(right, s.right), slices.Concat(s.left, s.both)
	case operator.RightOuter:
		left, rest = filtered(left, s.left), slices.Concat(s.right, s.both)
	default:
		return j
	}
	if left == j.left && right == j.right {
		return j
	}
	return j.over(left, right, conjunction(rest))
}

// pushThroughUnion moves a deterministic filter below each input of a union. (Spark: PushPredicateThroughNonJoin.)
func pushThroughUnion(f *filter, u *union) node {
	if !f.cond.Deterministic() {
		return f
	}
	in := make([]node, len(u.in))
	for i, n := range u.in {
		by := map[expr.ID]*expr.Expr{}
		for k, c := range n.output() {
			by[u.cols[k].ID] = c
		}
		in[i] = pushFilter(&filter{n, substitute(f.cond, by)})
	}
	return &union{in, u.cols}
}

// pruneJoin drops the columns of the sides of a join that nothing needs.
func pruneJoin(j *join, needed map[expr.ID]int) node {
	needed = maps.Clone(needed)
	references(needed, j.expressions()...)
	return overInputs(j, func(in node) node { return onlyNeeded(prune(in, maps.Clone(needed)), needed) })
}

// onlyNeeded passes on the columns that are needed.
func onlyNeeded(n node, needed map[expr.ID]int) node {
	cols := n.output()
	list := keep(cols, needed)
	if len(list) == len(cols) {
		return n
	}
	return &project{n, list}
}

// pruneUnion drops the columns of a union that nothing needs, in all its inputs.
func pruneUnion(u *union, needed map[expr.ID]int) node {
	out := &union{cols: keep(u.cols, needed)}
	for _, in := range u.in {
		wanted := map[expr.ID]int{}
		for i, c := range in.output() {
			if needed[u.cols[i].ID] > 0 {
				wanted[c.ID]++
			}
		}
		var list []*expr.Expr
		for i, c := range in.output() {
			if needed[u.cols[i].ID] > 0 {
				list = append(list, c)
			}
		}
		below := prune(in, wanted)
		if !sameColumns(below.output(), list) {
			below = &project{below, list}
		}
		out.in = append(out.in, below)
	}
	return out
}

// emptyJoin is a join of which a side has no rows. A side whose stream feeds state remains. (Spark: PropagateEmptyRelation.)
func emptyJoin(j *join) node {
	_, left := j.left.(*empty)
	_, right := j.right.(*empty)
	none := emptied(j)
	switch {
	case streams(j.left) && streams(j.right) || !left && !right:
		return j
	case left && right, j.kind == operator.Inner, left && j.kind != operator.RightOuter && j.kind != operator.FullOuter:
		return none
	case right && j.kind == operator.LeftSemi, right && j.kind == operator.RightOuter:
		return none
	case right && j.kind == operator.LeftAnti:
		return j.left
	}
	return j
}

// emptyUnion drops the inputs without rows.
func emptyUnion(u *union) node {
	var in []node
	for _, n := range u.in {
		if _, none := n.(*empty); !none {
			in = append(in, n)
		}
	}
	switch len(in) {
	case 0:
		return emptied(u)
	case len(u.in):
		return u
	case 1:
		list := make([]*expr.Expr, len(u.cols))
		for i, c := range in[0].output() {
			list[i] = &expr.Expr{Kind: expr.Alias, Args: []*expr.Expr{c}, Name: u.cols[i].Name, ID: u.cols[i].ID, Type: c.Type, Nullable: c.Nullable}
		}
		return &project{in[0], list}
	}
	return &union{in, u.cols}
}
