package transform

import (
	"errors"
	"slices"

	"github.com/streamctl/streamctl/internal/operator"
	"github.com/streamctl/streamctl/internal/sparkerr"
	"github.com/streamctl/streamctl/internal/sql/expr"
	"github.com/streamctl/streamctl/internal/sql/function"
	"github.com/streamctl/streamctl/internal/vector"
)

// A decorrelated query is a plan that does not use the columns around it, and what to evaluate for pairs of a row around it and one of the plan.
type decorrelated struct {
	plan  node
	outer []*expr.Expr // columns that are replaced by values of the query around it
	items []*expr.Expr // what the query returns, over the columns of plan and outer
	conds []*expr.Expr // conditions over the same columns: the pairs that belong together
	// single says that a row has one match at most.
	single bool
	// group says that a row without a match has a group without rows, as an aggregation without keys returns it. Then having are the
	// conditions on the group; the items are computed for rows without a match, too.
	group  bool
	having []*expr.Expr
	// domain is set for queries that Spark computes for each distinct combination of outer values, which it cannot do for a stream.
	// (Spark: DecorrelateInnerQuery, DomainJoin.)
	domain bool
	// ofRow says that the plan is a row without a table, whose columns depend on outer columns.
	ofRow bool
	// refusal says why there is no plan at all; nil if there is one.
	refusal error
}

// A decorrelation moves what depends on outer columns to the top of a plan. (Spark: PullupCorrelatedPredicates, DecorrelateInnerQuery.)
type decorrelation struct {
	decorrelated
	// computed are columns of the plan that depend on outer columns, or on whether there is a match.
	computed map[expr.ID]*expr.Expr
}

// decorrelate returns a query without the outer columns that it uses.
func decorrelate(n node, outer []*expr.Expr) (decorrelated, error) {
	d := &decorrelation{decorrelated: decorrelated{outer: outer}, computed: map[expr.ID]*expr.Expr{}}
	plan, err := d.pull(n)
	var refused *domainError
	if errors.As(err, &refused) {
		return decorrelated{outer: outer, domain: true, refusal: refused.error}, nil
	}
	if err != nil {
		return decorrelated{}, err
	}
	d.plan = plan
	for _, c := range n.output() {
		d.items = append(d.items, d.known(c))
	}
	return d.decorrelated, nil
}

// known replaces the columns that are computed at the top.
func (d *decorrelation) known(e *expr.Expr) *expr.Expr { return substitute(e, d.computed) }

// correlated reports whether an expression depends on outer columns.
func (d *decorrelation) correlated(list ...*expr.Expr) bool {
	used := referencesOf(list)
	return slices.ContainsFunc(d.outer, func(c *expr.Expr) bool { return used[c.ID] > 0 })
}

// depends reports whether a plan uses outer columns.
func (d *decorrelation) depends(n node) (found bool) {
	walk(n, func(n node) { found = found || d.correlated(n.expressions()...) })
	return found
}

// unsupported is the error for a place in which an outer column cannot be used.
func unsupported(what string) error {
	return sparkerr.Plain("%s cannot use columns of the query around it in the embedded engine yet", what).
		WithHint("compare the outer columns in the WHERE of the inner query; --master runs the job on Apache Spark")
}

// A domainError is the error for a query that only a join with the distinct outer values could compute.
type domainError struct{ error }

// pull moves what depends on outer columns up.
func (d *decorrelation) pull(n node) (node, error) {
	if !d.depends(n) {
		return n, nil
	}
	switch n := n.(type) {
	case *filter:
		return d.filter(n)
	case *project:
		return d.project(n)
	case *aggregation:
		return d.aggregation(n)
	case *join:
		return d.join(n)
	case *generate:
		if d.correlated(n.gen) {
			return nil, unsupported("a generator")
		}
		return d.through(n)
	case *sorted:
		return d.through(n)
	case *limit:
		return d.limit(n)
	}
	return nil, &domainError{unsupported("a query with UNION, INTERSECT or EXCEPT")}
}

// through pulls through a node that passes on the columns of its input.
func (d *decorrelation) through(n node) (node, error) {
	in, err := d.pull(below(n))
	if err != nil {
		return nil, err
	}
	if slices.ContainsFunc(n.expressions(), func(e *expr.Expr) bool { return d.known(e) != e }) {
		return nil, unsupported("this clause")
	}
	return n.withInputs([]node{in}), nil
}

func (d *decorrelation) filter(f *filter) (node, error) {
	in, err := d.pull(f.in)
	if err != nil {
		return nil, err
	}
	var kept []*expr.Expr
	for _, c := range conjuncts(f.cond) {
		c = d.known(c)
		switch {
		case d.group:
			d.having = append(d.having, c)
		case !d.correlated(c):
			kept = append(kept, c)
		case hasSubquery(c):
			return nil, unsupported("a query within this condition")
		default:
			d.conds = append(d.conds, c)
		}
	}
	return remainder(kept).over(in), nil
}

// project keeps the columns that are needed above, and leaves the others to the top.
func (d *decorrelation) project(p *project) (node, error) {
	in, err := d.pull(p.in)
	if err != nil {
		return nil, err
	}
	var list []*expr.Expr
	needed := slices.Concat(d.conds, d.having)
	for _, e := range p.list {
		known := d.known(e)
		if !d.correlated(known) && (known.Kind == expr.Alias && !d.group || known.Kind != expr.Alias && known == e) {
			list = append(list, known)
			continue
		}
		value := unalias(known)
		if !d.group {
			value = d.matching(value)
			row, _ := rowOf(in)
			d.ofRow = d.ofRow || row
			d.domain = d.domain || !row && d.correlated(value)
		}
		d.computed[e.ID] = value
		needed = append(needed, value)
	}
	return &project{in, passThrough(list, in.output(), referencesOf(needed))}, nil
}

// matching replaces outer columns by the columns of the plan that the conditions say are equal, so that they are NULL without a match.
func (d *decorrelation) matching(e *expr.Expr) *expr.Expr {
	equal := map[expr.ID]*expr.Expr{}
	for _, c := range d.conds {
		if at := d.inner(c); at >= 0 && c.Is("=") && c.Args[at].Kind == expr.Column && c.Args[1-at].Kind == expr.Column {
			equal[c.Args[1-at].ID] = c.Args[at]
		}
	}
	return substitute(e, equal)
}

// limit keeps the first row for each combination of the values that are compared with outer columns.
func (d *decorrelation) limit(l *limit) (node, error) {
	in, err := d.pull(l.in)
	if err != nil {
		return nil, err
	}
	if l.rows != 1 || d.group {
		return nil, unsupported("a query with LIMIT other than 1")
	}
	var keys []*expr.Expr
	for _, c := range d.conds {
		at := d.inner(c)
		switch {
		case d.onlyOuter(c):
		case at < 0 || c.Args[at].Kind != expr.Column:
			return nil, unsupported("a query with LIMIT under a condition that is not an equality")
		default:
			keys = append(keys, c.Args[at])
		}
	}
	d.single = true
	if len(keys) == 0 {
		return &limit{in, l.rows, l.place}, nil
	}
	return &dedup{in: in, keys: keys}, nil
}

// join pulls from the sides whose rows all come out.
func (d *decorrelation) join(j *join) (node, error) {
	left, err := d.pull(j.left)
	if err != nil {
		return nil, err
	}
	right := j.right
	if d.depends(right) {
		if j.kind != operator.Inner || len(d.computed) > 0 || d.group {
			return nil, unsupported("this side of a join")
		}
		if right, err = d.pull(right); err != nil {
			return nil, err
		}
	}
	if d.group {
		return nil, unsupported("a join with groups")
	}
	if j.cond == nil {
		return j.over(left, right, nil), nil
	}
	var kept []*expr.Expr
	for _, c := range conjuncts(j.cond) {
		switch c = d.known(c); {
		case !d.correlated(c):
			kept = append(kept, c)
		case j.kind != operator.Inner:
			return nil, &domainError{unsupported("the condition of an outer join")}
		default:
			d.conds = append(d.conds, c)
		}
	}
	return j.over(left, right, conjunction(kept)), nil
}

// aggregation groups by the values that are compared with outer columns, too.
func (d *decorrelation) aggregation(a *aggregation) (node, error) {
	global := len(a.keys) == 0
	in, err := d.pull(a.in)
	if err != nil {
		return nil, err
	}
	switch {
	case d.group:
		return nil, &domainError{unsupported("an aggregation of groups")}
	case d.correlated(d.knownAll(a.calls)...):
		return nil, d.outerAggregate(a.calls)
	}
	keys, err := d.groupKeys(a)
	if err != nil {
		return nil, err
	}
	out := newAggregate(in, keys, a.calls)
	if !global {
		return out, nil
	}
	d.group, d.single = true, true
	flag := alias(expr.Bool(true), "matched")
	for _, c := range a.calls {
		if zero := emptyGroup(c); zero != nil {
			d.computed[c.ID] = choice(call("isnull", nullable([]*expr.Expr{columnOf(flag)})[0]), zero, columnOf(c))
		}
	}
	return &project{out, append(slices.Clone(out.output()), flag)}, nil
}

// groupKeys returns the keys of an aggregation and those that the conditions compare with outer columns.
func (d *decorrelation) groupKeys(a *aggregation) ([]*expr.Expr, error) {
	var keys []*expr.Expr
	for _, k := range a.keys {
		if known := d.known(k); d.correlated(known) {
			d.computed[k.ID] = unalias(known)
		} else {
			keys = append(keys, known)
		}
	}
	for i, c := range d.conds {
		at := d.inner(c)
		if d.onlyOuter(c) {
			continue
		}
		if at < 0 {
			return nil, &domainError{unsupported("an aggregation under a condition that is not an equality")}
		}
		key := c.Args[at]
		if key.Kind != expr.Column || !slices.ContainsFunc(keys, func(k *expr.Expr) bool { return k.ID == key.ID }) {
			key = alias(key, "key")
			keys = append(keys, key)
		}
		args := slices.Clone(c.Args)
		args[at] = columnOf(key)
		d.conds[i] = c.WithArgs(args)
	}
	return keys, nil
}

// inner returns the position of the operand of an equality with outer columns that is a column of the plan; -1 if there is none.
func (d *decorrelation) inner(c *expr.Expr) int {
	if !c.Is("=") && !c.Is("<=>") {
		return -1
	}
	for i, x := range c.Args {
		column := x.Kind == expr.Column || x.Kind == expr.Cast && x.Implicit && x.Args[0].Kind == expr.Column && !x.Args[0].Type.IsText()
		if column && !d.correlated(x) && d.onlyOuter(c.Args[1-i]) {
			return i
		}
	}
	return -1
}

// onlyOuter reports whether an expression depends on outer columns alone.
func (d *decorrelation) onlyOuter(e *expr.Expr) bool { return within(e, d.outer) }

func (d *decorrelation) knownAll(list []*expr.Expr) []*expr.Expr {
	out := make([]*expr.Expr, len(list))
	for i, e := range list {
		out[i] = d.known(e)
	}
	return out
}

// outerAggregate is the error for an aggregate of outer columns.
func (d *decorrelation) outerAggregate(calls []*expr.Expr) error {
	for _, c := range calls {
		known := d.known(c)
		if !d.correlated(known) {
			continue
		}
		if !d.onlyOuter(known) {
			return sparkerr.New("UNSUPPORTED_SUBQUERY_EXPRESSION_CATEGORY.AGGREGATE_FUNCTION_MIXED_OUTER_LOCAL_REFERENCES", "function", unalias(c).SQL())
		}
		return sparkerr.New("UNSUPPORTED_SUBQUERY_EXPRESSION_CATEGORY.CORRELATED_REFERENCE", "sqlExprs", `"`+unalias(c).SQL()+`"`)
	}
	return nil
}

// emptyGroup is the value of an aggregate without rows; nil if it is NULL. (Spark: AggregateFunction.defaultResult.)
func emptyGroup(call *expr.Expr) *expr.Expr {
	v := vector.NewConst(call.Type)
	switch f := unalias(call); {
	case f.Is("count"), f.Is("count_if"), f.Is("regr_count"), f.Is("approx_count_distinct"):
		return expr.Lit(v)
	case f.Is("collect_list"), f.Is("collect_set"):
		return expr.Lit(v)
	}
	return nil
}

// choice is the value a if a condition is true, and b otherwise.
func choice(cond, a, b *expr.Expr) *expr.Expr {
	fn, _ := function.Lookup("if")
	return &expr.Expr{Kind: expr.Call, Fn: fn, Args: []*expr.Expr{cond, a, b}, Type: b.Type, Nullable: a.Nullable || b.Nullable}
}
