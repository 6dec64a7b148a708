package transform

import (
	"slices"

	"github.com/streamctl/streamctl/internal/operator"
	"github.com/streamctl/streamctl/internal/sql/expr"
)

// mostConstraints is how many conditions are derived at most for a node: columns of equal values multiply them.
const mostConstraints = 1000

// A constraintSet holds conditions, each once, in the order in which they were found. (Spark: ExpressionSet.)
type constraintSet struct {
	list []*expr.Expr
	by   map[uint64][]*expr.Expr // their canonical forms by hash
}

func constraintsOf(list ...*expr.Expr) *constraintSet {
	s := &constraintSet{by: make(map[uint64][]*expr.Expr, len(list))}
	s.add(list...)
	return s
}

// add adds the conditions that are not in the set, unless they are not deterministic, contain a query, or are large.
func (s *constraintSet) add(list ...*expr.Expr) {
	for _, e := range list {
		if !e.Deterministic() || e.Size() > largeSize || hasSubquery(e) {
			continue
		}
		c := canonical(e)
		if hash := expr.Hash(c); !s.holds(hash, c) {
			s.list, s.by[hash] = append(s.list, e), append(s.by[hash], c)
		}
	}
}

func (s *constraintSet) has(e *expr.Expr) bool {
	c := canonical(e)
	return s.holds(expr.Hash(c), c)
}

func (s *constraintSet) holds(hash uint64, canonical *expr.Expr) bool {
	return slices.ContainsFunc(s.by[hash], func(o *expr.Expr) bool { return expr.Equal(o, canonical) })
}

// without returns the conditions of a list that are not in the set.
func (s *constraintSet) without(list []*expr.Expr) (out []*expr.Expr) {
	for _, e := range list {
		if !s.has(e) {
			out = append(out, e)
		}
	}
	return out
}

// commutative are the functions of two operands that may be swapped.
var commutative = map[string]bool{"and": true, "or": true, "+": true, "*": true, "&": true, "|": true, "^": true}

// canonical returns the same expression for those that differ only in the order of operands that may be swapped. It serves for comparisons,
// not for evaluation. (Spark: Expression.canonicalized.)
func canonical(e *expr.Expr) *expr.Expr {
	return expr.Transform(e, func(x *expr.Expr) *expr.Expr {
		if x.Kind != expr.Call || len(x.Args) != 2 || expr.Hash(x.Args[0]) <= expr.Hash(x.Args[1]) {
			return x
		}
		swapped := []*expr.Expr{x.Args[1], x.Args[0]}
		switch name := x.Fn.Name; {
		case commutative[name]:
			return x.WithArgs(swapped)
		case flipped[name] != "":
			return call(flipped[name], swapped...)
		}
		return x
	})
}

// constraints knows which conditions are true for all rows of the nodes of a plan. (Spark: QueryPlanConstraints.)
type constraints struct{ known map[node]*constraintSet }

func newConstraints() *constraints { return &constraints{map[node]*constraintSet{}} }

// of returns the conditions that are true for all rows of a node, over its columns.
func (c *constraints) of(n node) *constraintSet {
	if s := c.known[n]; s != nil {
		return s
	}
	cols := n.output()
	base := c.basic(n)
	all := constraintsOf(base.list...)
	all.add(derived(base)...)
	all.add(notNulls(all.list[:len(base.list)], cols)...)
	s := constraintsOf(over(all.list, cols)...)
	c.known[n] = s
	return s
}

// basic returns the conditions that a node adds to, or takes over from, those of its inputs. (Spark: validConstraints.)
func (c *constraints) basic(n node) *constraintSet {
	s := constraintsOf()
	switch n := n.(type) {
	case *filter:
		s.add(c.of(n.in).list...)
		s.add(conjuncts(n.cond)...)
	case *project:
		s.add(c.of(n.in).list...)
		s.name(n.list)
	case *aggregation:
		s.add(c.of(n.in).list...)
		s.name(n.keys)
	case *join:
		for i, side := range n.inputs() {
			if keepsRows(n.kind, i) {
				s.add(c.of(side).list...)
			}
		}
		if n.cond != nil && !n.predicate && (n.kind == operator.Inner || n.kind == operator.LeftSemi) {
			s.add(conjuncts(n.cond)...)
		}
	case *union:
		return c.common(n)
	case *generate:
		if !n.gen.Is("window") { // whose rows Spark makes with Expand
			return c.of(n.in)
		}
	case *eventTime, *dedup, *limit, *sorted, *repartition, *one:
		return c.of(below(n))
	}
	return s
}

// keepsRows reports whether the rows of a side of a join come out only as they are, not filled with NULLs.
func keepsRows(kind operator.JoinKind, side int) bool {
	switch kind {
	case operator.Inner:
		return true
	case operator.RightOuter:
		return side == 1
	case operator.FullOuter:
		return false
	}
	return side == 0
}

// name adds to conditions the same ones over the columns that named expressions make, and what these columns equal.
func (s *constraintSet) name(list []*expr.Expr) {
	for _, a := range list {
		if a.Kind != expr.Alias || !a.Deterministic() || len(s.list) > mostConstraints {
			continue
		}
		col, value := columnOf(a), a.Args[0]
		if value.Kind == expr.Literal {
			s.add(call("<=>", col, value))
			continue
		}
		s.add(replaced(s.list, value, col)...)
		s.add(call("<=>", value, col))
	}
}

// replaced returns conditions with an expression replaced by another one.
func replaced(list []*expr.Expr, from, to *expr.Expr) []*expr.Expr {
	from = canonical(from)
	out := make([]*expr.Expr, len(list))
	for i, e := range list {
		out[i] = expr.Transform(e, func(x *expr.Expr) *expr.Expr {
			switch {
			case x.Kind == from.Kind && expr.Equal(canonical(x), from):
				return to
			case x.Kind == expr.Call && !x.Nullable && to.Nullable && !x.Is("isnull") && !x.Is("isnotnull") && !x.Is("<=>"):
				n := *x
				n.Nullable = true
				return &n
			}
			return x
		})
	}
	return out
}

// common returns the conditions that are true for the rows of all inputs of a union, over its columns. Those that differ, of one column
// each, are combined by OR. (Spark: Union.validConstraints.)
func (c *constraints) common(u *union) *constraintSet {
	var all *constraintSet
	for _, in := range u.in {
		by := map[expr.ID]*expr.Expr{}
		for i, col := range in.output() {
			by[col.ID] = u.cols[i]
		}
		s := constraintsOf()
		for _, e := range c.of(in).list {
			s.add(substitute(e, by))
		}
		if all == nil {
			all = s
		} else {
			all = all.either(s)
		}
	}
	return all
}

// either returns the conditions that are true where those of one of two sets are.
func (s *constraintSet) either(o *constraintSet) *constraintSet {
	both := constraintsOf()
	mine, theirs := map[expr.ID][]*expr.Expr{}, map[expr.ID][]*expr.Expr{}
	var order []expr.ID
	for _, e := range s.list {
		if o.has(e) {
			both.add(e)
			continue
		}
		if id, ok := onlyColumn(e); ok {
			if mine[id] == nil {
				order = append(order, id)
			}
			mine[id] = append(mine[id], e)
		}
	}
	for _, e := range o.list {
		if id, ok := onlyColumn(e); ok && !s.has(e) {
			theirs[id] = append(theirs[id], e)
		}
	}
	for _, id := range order {
		if theirs[id] != nil {
			both.add(call("or", conjunction(mine[id]), conjunction(theirs[id])))
		}
	}
	return both
}

// onlyColumn returns the column that an expression reads if there is exactly one.
func onlyColumn(e *expr.Expr) (id expr.ID, ok bool) {
	ids := referencesOf([]*expr.Expr{e})
	for id = range ids {
		ok = len(ids) == 1
	}
	return id, ok
}

// derived returns the conditions that follow from equalities of columns, and of columns with constants: a = b and a > 3 imply b > 3, a = 3 and
// b > a imply b > 3. (Spark: inferAdditionalConstraints, inferConstraintsFromLiteralBindings.)
func derived(s *constraintSet) []*expr.Expr {
	var predicates []*expr.Expr
	for _, e := range s.list {
		if !e.Is("isnotnull") {
			predicates = append(predicates, e)
		}
	}
	out := constraintsOf()
	for _, e := range predicates {
		if !e.Is("=") || len(out.list) > mostConstraints {
			continue
		}
		l, r := e.Args[0], e.Args[1]
		others := constraintsOf(e, call("<=>", l, r)).without(predicates)
		switch {
		case l.Kind == expr.Column && r.Kind == expr.Column:
			out.add(replaced(others, l, r)...)
			out.add(replaced(others, r, l)...)
		case isCastColumn(l) && r.Kind == expr.Column:
			out.add(replaced(others, r, l)...)
		case l.Kind == expr.Column && isCastColumn(r):
			out.add(replaced(others, l, r)...)
		}
	}
	var targets []*expr.Expr
	for _, e := range predicates {
		if !e.Is("<=>") && !equatesColumns(e) {
			targets = append(targets, e)
		}
	}
	for _, e := range s.list {
		if col, lit := columnEqualsLiteral(e); col != nil && e.Is("=") && len(out.list) <= mostConstraints {
			out.add(replaced(targets, col, lit)...)
		}
	}
	return s.without(out.list)
}

func isCastColumn(e *expr.Expr) bool {
	return e.Kind == expr.Cast && e.Args[0].Kind == expr.Column
}

// equatesColumns reports an equality of two columns, one of which may be cast.
func equatesColumns(e *expr.Expr) bool {
	if !e.Is("=") {
		return false
	}
	l, r := e.Args[0], e.Args[1]
	return l.Kind == expr.Column && (r.Kind == expr.Column || isCastColumn(r)) || isCastColumn(l) && r.Kind == expr.Column
}

// notNulls returns the conditions IS NOT NULL that follow from others, and those of columns that are never NULL. (Spark:
// constructIsNotNullConstraints.)
func notNulls(list, cols []*expr.Expr) (out []*expr.Expr) {
	for _, e := range list {
		if e.Is("isnotnull") {
			e = e.Args[0]
		}
		for _, part := range neverNull(e, nil) {
			out = append(out, call("isnotnull", part))
		}
	}
	for _, col := range cols {
		if !col.Nullable {
			out = append(out, call("isnotnull", col))
		}
	}
	return out
}

// neverNull adds to parts the columns, and the fields of columns, without which e would be NULL. (Spark: scanNullIntolerantAttribute.)
func neverNull(e *expr.Expr, parts []*expr.Expr) []*expr.Expr {
	switch {
	case e.Kind == expr.Column || isFieldOfColumn(e):
		return append(parts, e)
	case isStrict(e):
		for _, a := range e.Args {
			parts = neverNull(a, parts)
		}
	}
	return parts
}

// isFieldOfColumn reports a field of a column, or of such a field.
func isFieldOfColumn(e *expr.Expr) bool {
	if e.Kind != expr.Field && !e.Is("get_array_struct_fields") {
		return false
	}
	return e.Args[0].Kind == expr.Column || isFieldOfColumn(e.Args[0])
}

// over returns the conditions that read columns, and only those of a list.
func over(list, cols []*expr.Expr) (out []*expr.Expr) {
	have := referencesOf(cols)
	for _, e := range list {
		ids := referencesOf([]*expr.Expr{e})
		all := len(ids) > 0
		for id := range ids {
			all = all && have[id] > 0
		}
		if all {
			out = append(out, e)
		}
	}
	return out
}

// infer adds the conditions that follow from others to filters and to the sides of joins, from the top down. (Spark:
// InferFiltersFromConstraints.)
func (c *constraints) infer(n node) node {
	switch m := n.(type) {
	case *filter:
		conds := conjuncts(m.cond)
		known := constraintsOf(c.of(m.in).list...)
		known.add(conds...)
		if more := known.without(c.of(m).list); len(more) > 0 {
			n = &filter{m.in, conjunction(append(more, conds...))}
		}
	case *join:
		if !m.predicate {
			n = c.inferSides(m)
		}
	}
	return overInputs(n, c.infer)
}

// inferSides adds to the sides of a join what follows from its condition and from what is known of both, unless rows that fail come out with
// NULLs.
func (c *constraints) inferSides(j *join) node {
	var left, right bool
	switch j.kind {
	case operator.Inner, operator.LeftSemi:
		left, right = true, true
	case operator.RightOuter:
		left = true
	case operator.LeftOuter, operator.LeftAnti:
		right = true
	default:
		return j
	}
	all := constraintsOf(c.of(j.left).list...)
	all.add(c.of(j.right).list...)
	if j.cond != nil {
		all.add(conjuncts(j.cond)...)
	}
	all.add(derived(all)...)
	out := j
	if left {
		out = out.over(c.filtered(j.left, all.list), out.right, j.cond)
	}
	if right {
		out = out.over(out.left, c.filtered(j.right, all.list), j.cond)
	}
	return out
}

// filtered puts those of the conditions on top of a node that are about its columns alone and not known of it.
func (c *constraints) filtered(n node, list []*expr.Expr) node {
	cols := n.output()
	all := constraintsOf(list...)
	all.add(notNulls(list, cols)...)
	return remainder(c.of(n).without(over(all.list, cols))).over(n)
}

// pruneFilter drops the conditions of a filter that are true for all rows of its input. (Spark: PruneFilters.)
func (c *constraints) pruneFilter(f *filter) node {
	known := c.of(f.in)
	var rest []*expr.Expr
	conds := conjuncts(f.cond)
	for _, e := range conds {
		if !e.Deterministic() || !known.has(e) {
			rest = append(rest, e)
		}
	}
	if len(rest) == len(conds) {
		return f
	}
	return remainder(rest).over(f.in)
}
