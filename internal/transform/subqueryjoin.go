package transform

import (
	"slices"

	"github.com/streamctl/streamctl/internal/operator"
	"github.com/streamctl/streamctl/internal/sparkerr"
	"github.com/streamctl/streamctl/internal/sql/expr"
	"github.com/streamctl/streamctl/internal/types"
)

// one passes on the rows of a query that is a value, and fails if there are several. (Spark: ScalarSubquery.)
type one struct {
	in       node
	fragment *sparkerr.Fragment
}

func (o *one) output() []*expr.Expr              { return o.in.output() }
func (o *one) inputs() []node                    { return []node{o.in} }
func (o *one) withInputs(in []node) node         { return &one{in[0], o.fragment} }
func (o *one) expressions() []*expr.Expr         { return nil }
func (o *one) withExpressions([]*expr.Expr) node { return o }
func (o *one) describe() string                  { return "AtMostOneRow" }

// An unnesting turns queries within expressions into joins. This comes after the other rules, so that a condition with a query is moved
// down like any other. (Spark: RewritePredicateSubquery, RewriteCorrelatedScalarSubquery.)
type unnesting struct {
	found bool
	err   error
}

// rewrite returns a node without queries in its expressions. Its inputs have none.
func (u *unnesting) rewrite(n node) node {
	if u.err != nil || !slices.ContainsFunc(n.expressions(), hasSubquery) {
		return n
	}
	u.found = true
	switch n := n.(type) {
	case *filter:
		return u.filter(n)
	case *join:
		left, list := u.values(n.left, n.expressions())
		return &project{n.over(left, n.right, list[0]), n.output()}
	}
	in, list := u.values(below(n), n.expressions())
	out := n.withInputs([]node{in}).withExpressions(list)
	if len(out.output()) == len(n.output()) {
		return out
	}
	return &project{out, n.output()}
}

// filter makes semi and anti joins of the conjuncts that are IN and EXISTS, above the conjuncts without queries.
func (u *unnesting) filter(f *filter) node {
	with, without := partition(conjuncts(f.cond), hasSubquery)
	n := remainder(without).over(f.in)
	var others []*expr.Expr
	for _, c := range with {
		if j := u.predicate(n, c); j != nil {
			n = j
			continue
		}
		others = append(others, c)
	}
	if len(others) == 0 {
		return n
	}
	n, others = u.values(n, others)
	return &project{&filter{n, conjunction(others)}, f.output()}
}

// predicate returns the rows of n for which IN or EXISTS, or NOT of these, is true; nil for other conditions.
func (u *unnesting) predicate(n node, c *expr.Expr) node {
	kind := operator.LeftSemi
	if c.Is("not") {
		kind, c = operator.LeftAnti, c.Args[0]
	}
	s := subqueryOf(c)
	if s == nil || c.Fn == scalarQuery || s.group {
		return nil
	}
	j := u.join(n, c, kind, kind == operator.LeftAnti)
	if j == nil {
		return n
	}
	return j
}

// values replaces the queries in expressions by columns that joins add to n.
func (u *unnesting) values(n node, list []*expr.Expr) (node, []*expr.Expr) {
	out := make([]*expr.Expr, len(list))
	for i, e := range list {
		n, out[i] = u.replace(n, e)
	}
	return n, out
}

// replace replaces the queries in an expression by columns that joins add to n.
func (u *unnesting) replace(n node, e *expr.Expr) (node, *expr.Expr) {
	if u.err != nil || !hasSubquery(e) {
		return n, e
	}
	if e.Is("not") && e.Args[0].Kind == expr.Call && e.Args[0].Fn == inQuery {
		n, value := u.value(n, e.Args[0], true)
		return n, call("not", value)
	}
	args := make([]*expr.Expr, len(e.Args))
	for i, a := range e.Args {
		n, args[i] = u.replace(n, a)
	}
	e = e.WithArgs(args)
	if subqueryOf(e) == nil {
		return n, e
	}
	return u.value(n, e, false)
}

// value adds a query to n, and returns its value. Of NOT IN, that is the value of IN.
func (u *unnesting) value(n node, e *expr.Expr, negated bool) (node, *expr.Expr) {
	s := subqueryOf(e)
	if e.Fn == scalarQuery || s.group {
		return u.scalar(n, e)
	}
	j := u.join(n, e, operator.Existence, negated)
	if j == nil {
		return n, e
	}
	return j, j.exists
}

// instance returns the plan of a query with new columns, over the values of the columns around it. It returns nil after an error.
func (u *unnesting) instance(n node, e *expr.Expr) *subquery {
	s := subqueryOf(e)
	switch {
	case s.domain && streams(n):
		u.err = withDomain(s.fragment)
	case s.refusal != nil:
		u.err = s.refusal
	case s.domain && !s.group && e.Fn == scalarQuery: // it would not be NULL without a match
		u.err = sparkerr.At(unsupported("the select list of a query that is a value"), s.fragment.Place)
	}
	if u.err != nil {
		return nil
	}
	c := *s
	r := renewal{}
	if c.plan, u.err = replaceExcept(r.plan(s.plan), ""); u.err != nil {
		return nil
	}
	by := map[expr.ID]*expr.Expr{}
	for i, o := range s.outer {
		by[o.ID] = e.Args[s.values+i]
	}
	bound := func(list []*expr.Expr) []*expr.Expr {
		out := r.list(list)
		for i, x := range out {
			out[i] = substitute(x, by)
		}
		return out
	}
	c.items, c.conds, c.having = bound(s.items), bound(s.conds), bound(s.having)
	return &c
}

// withDomain is Spark's error for a query that it computes for the distinct values of columns of a stream.
func withDomain(text *sparkerr.Fragment) error {
	err := sparkerr.New("UNSUPPORTED_STREAMING_OPERATOR_WITHOUT_WATERMARK", "outputMode", "Append",
		"statefulOperator", "aggregations on streaming DataFrames/DataSets").
		WithHint("Spark computes this query for the distinct values of the columns of the stream that it uses: use them only in WHERE, compared by = if the query aggregates")
	err.Fragment = text
	return sparkerr.At(err, text.Place)
}

// join joins n with a query. The condition of NOT IN is also true where the comparison is NULL.
func (u *unnesting) join(n node, e *expr.Expr, kind operator.JoinKind, negated bool) *join {
	s := u.instance(n, e)
	if s == nil {
		return nil
	}
	var conds []*expr.Expr
	if e.Fn == inQuery {
		for i, v := range e.Args[:s.values] {
			c := call("=", v, s.items[i])
			if negated {
				c = call("or", c, call("isnull", c))
			}
			conds = append(conds, c)
		}
	}
	j := &join{left: n, right: s.plan, kind: kind, predicate: true, cond: conjunction(append(conds, s.conds...))}
	if kind == operator.Existence {
		j.exists = &expr.Expr{Kind: expr.Column, ID: expr.NewID(), Name: "exists", Type: types.Boolean}
	}
	return j
}

// scalar joins n with a query that returns at most one row for each row of n, and returns its value.
func (u *unnesting) scalar(n node, e *expr.Expr) (node, *expr.Expr) {
	s := u.instance(n, e)
	if s == nil {
		return n, e
	}
	value := s.value(e)
	if row, defined := rowOf(s.plan); row && len(s.conds) == 0 {
		return n, substitute(value, defined)
	}
	j := &join{left: n, right: s.plan, kind: operator.LeftSingle, cond: conjunction(s.conds)}
	switch {
	case len(s.outer) == 0:
		j.right = &one{s.plan, s.fragment}
	case s.single:
		j.kind = operator.LeftOuter
	}
	return j, value
}

// value is what a query returns, as an expression over the columns of its plan.
func (s *subquery) value(e *expr.Expr) *expr.Expr {
	var value *expr.Expr
	switch e.Fn {
	case scalarQuery:
		value = s.items[0]
	case inQuery:
		var equal []*expr.Expr
		for i, v := range e.Args[:s.values] {
			equal = append(equal, call("=", v, s.items[i]))
		}
		value = conjunction(equal)
	default:
		value = expr.Bool(true)
	}
	if len(s.having) == 0 {
		return value
	}
	none := expr.Null(value.Type)
	if e.Fn != scalarQuery {
		none = expr.Bool(false)
	}
	return choice(conjunction(s.having), value, none)
}

// rowOf reports whether a plan is one row without a table, and what its columns are.
func rowOf(n node) (ok bool, defined map[expr.ID]*expr.Expr) {
	if p, isProject := n.(*project); isProject {
		ok, defined = rowOf(p.in)
		list := make([]*expr.Expr, len(p.list))
		for i, e := range p.list {
			list[i] = substitute(e, defined)
		}
		return ok, definitions(list)
	}
	r, isRelation := n.(*relation)
	return isRelation && r.source == oneRowSource, nil
}

// unnested returns a plan without queries in expressions.
func unnested(n node, ctx *expr.Context) (node, error) {
	for {
		u := unnesting{}
		n = rewrite(n, u.rewrite)
		if u.err != nil || !u.found {
			return n, u.err
		}
		var err error
		if n, err = optimise(n, ctx); err != nil {
			return nil, err
		}
	}
}
