package transform

import (
	"slices"
	"strconv"

	"github.com/streamctl/streamctl/internal/sparkerr"
	"github.com/streamctl/streamctl/internal/sql/analyze"
	"github.com/streamctl/streamctl/internal/sql/ast"
	"github.com/streamctl/streamctl/internal/sql/expr"
)

// lateral adds a join with a relation that can use the columns of the left side.
func (s *statement) lateral(j *ast.Join) error {
	inner := j.Kind == "CROSS" || j.Kind == "INNER"
	switch words := map[string]string{"RIGHT": "RIGHT OUTER", "FULL": "FULL OUTER", "SEMI": "LEFT SEMI", "ANTI": "LEFT ANTI"}; {
	case words[j.Kind] != "":
		return s.refuse(j.OpSpan, sparkerr.New("INVALID_LATERAL_JOIN_TYPE", "joinType", words[j.Kind]))
	case j.Natural || j.Using != nil:
		return s.clause("JOIN LATERAL with common columns", j.OpSpan)
	}
	if err := s.relation(j.Left); err != nil {
		return err
	}
	var err error
	switch r := j.Right.(type) {
	case *ast.TableFunction:
		if !inner && j.On != nil {
			return s.clause("LEFT JOIN LATERAL of a function with ON", j.OpSpan)
		}
		err = s.lateralView(ast.LateralView{Node: r.Node, Call: r.Call, Alias: r.Alias, Columns: r.Columns, Outer: !inner})
	case *ast.Derived:
		items := oneRow(r)
		if items == nil || !inner && j.On != nil {
			return s.lateralQuery(j, r)
		}
		err = s.lateralRow(items, r)
	default:
		return s.clause("JOIN LATERAL", j.OpSpan)
	}
	if err == nil && j.On != nil {
		err = s.condition(j.On)
	}
	return err
}

// lateralQuery joins the rows with those that a query returns for each. (Spark: RewriteLateralSubquery.)
func (s *statement) lateralQuery(j *ast.Join, d *ast.Derived) error {
	around := &surroundings{find: analyze.Around(s.scope(), s.origin)}
	right := s.nested(s.origin, around)
	if err := right.derived(d); err != nil {
		return err
	}
	if streams(right.plan) {
		return s.refuse(j.OpSpan, sparkerr.New("INVALID_SUBQUERY_EXPRESSION.STREAMING_QUERY").WithHint("LATERAL reads tables; JOIN … ON joins two streams"))
	}
	q, err := decorrelate(right.plan, around.columns)
	if err != nil {
		return err
	}
	s.reveal(around.values...)
	left := s.plan
	row, _ := rowOf(q.plan)
	if q.domain = q.domain || q.group || row && j.Kind == "LEFT" && j.On != nil; q.domain && streams(left) {
		s.inputs.query.late = withDomain(&sparkerr.Fragment{Text: s.origin.Text, Start: d.Span.Start, End: d.Span.End, Place: s.origin.Place})
		q.plan = &empty{cols: right.plan.output(), static: true}
		q.items, q.conds, q.group, q.domain, q.refusal = right.plan.output(), nil, false, false, nil
	}
	switch {
	case q.refusal != nil:
		return q.refusal
	case q.group:
		return s.clause("JOIN LATERAL with an aggregation without GROUP BY", j.OpSpan)
	case q.domain && j.Kind == "LEFT":
		return s.clause("LEFT JOIN LATERAL with columns that are computed from those of the left side", j.OpSpan)
	}
	by := map[expr.ID]*expr.Expr{}
	for i, c := range around.columns {
		by[c.ID] = around.values[i]
	}
	items := make([]*expr.Expr, len(q.items))
	for i, c := range right.plan.output() {
		if items[i] = substitute(q.items[i], by); items[i].Kind != expr.Column {
			items[i] = &expr.Expr{Kind: expr.Alias, Args: []*expr.Expr{items[i]}, ID: c.ID, Name: c.Name, Type: c.Type, Nullable: true}
		}
		s.relations[c.ID] = right.relations[c.ID]
	}
	conds := make([]*expr.Expr, len(q.conds))
	for i, c := range q.conds {
		conds[i] = substitute(c, by)
	}
	return s.lateralJoin(j, &join{left: left, right: q.plan, kind: joinWords[j.Kind], cond: conjunction(conds), place: s.origin.Place}, items)
}

// lateralJoin adds a join whose right side returns items. The condition after ON is about these.
func (s *statement) lateralJoin(j *ast.Join, n *join, items []*expr.Expr) error {
	left := n.left.output()
	s.plan, s.metadata = &project{n, append(left[:len(left):len(left)], items...)}, nil
	if j.On == nil {
		return nil
	}
	on, err := analyze.JoinCondition(j.On, s.scope(), s.origin)
	if err != nil {
		return err
	}
	n = n.over(n.left, n.right, conjunction(append(conjunctsOf(n.cond), substitute(on, definitions(items)))))
	s.plan = &project{n, append(left[:len(left):len(left)], items...)}
	return nil
}

// conjunctsOf is conjuncts for a condition that may be missing.
func conjunctsOf(cond *expr.Expr) []*expr.Expr {
	if cond == nil {
		return nil
	}
	return conjuncts(cond)
}

// oneRow returns the select list of a query that yields one row without reading anything; nil for other relations.
func oneRow(d *ast.Derived) []ast.Expr {
	q, ok := d.Of.(*ast.Query)
	if !ok || q.With != nil || q.OrderBy != nil || q.Limit != nil || q.Offset != nil || q.Others != nil || d.Others != nil {
		return nil
	}
	row, ok := q.Body.(*ast.Select)
	if !ok || row.From != nil || row.Where != nil || row.Having != nil || row.GroupBy != nil || row.Views != nil || row.Qualify != nil || row.Others != nil ||
		analyze.HasAggregate(row.Items) {
		return nil
	}
	return row.Items
}

// lateralRow adds computed columns, as those of the relation d.
func (s *statement) lateralRow(items []ast.Expr, d *ast.Derived) error {
	list, err := analyze.SelectList(items, s.scope(), slices.Repeat([]*expr.Origin{s.origin}, len(items)))
	if err != nil {
		return err
	}
	if len(d.Columns) > 0 && len(d.Columns) != len(list) {
		return s.refuse(d.Span, sparkerr.New("ASSIGNMENT_ARITY_MISMATCH", "numTarget", strconv.Itoa(len(list)), "numExpr", strconv.Itoa(len(d.Columns))))
	}
	for i, e := range list {
		name := e.Name
		if len(d.Columns) > 0 {
			name = d.Columns[i]
		}
		if isGenerator(e) {
			return s.clause("A generator in a LATERAL query", d.Span)
		}
		list[i] = alias(unalias(e), name)
		s.relations[list[i].ID] = d.Alias
	}
	s.reveal(list...)
	s.plan = &project{s.plan, append(slices.Clone(s.plan.output()), list...)}
	return nil
}
