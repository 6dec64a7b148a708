package transform

import (
	"slices"

	"github.com/streamctl/streamctl/internal/sparkerr"
	"github.com/streamctl/streamctl/internal/sql/analyze"
	"github.com/streamctl/streamctl/internal/sql/ast"
	"github.com/streamctl/streamctl/internal/sql/coerce"
	"github.com/streamctl/streamctl/internal/sql/expr"
	"github.com/streamctl/streamctl/internal/types"
	"github.com/streamctl/streamctl/internal/vector"
)

// selection adds SELECT … with the ORDER BY that follows it.
func (s *statement) selection(q *ast.Select, order []ast.Order) error {
	if q.From == nil {
		s.single()
	} else if err := s.relation(q.From); err != nil {
		return err
	}
	if err := s.clauses(q.Others); err != nil {
		return err
	}
	for _, v := range q.Views {
		if err := s.lateralView(v); err != nil {
			return err
		}
	}
	if err := s.pipeAggregates(q); err != nil {
		return err
	}
	if q.Where != nil {
		if err := s.condition(q.Where); err != nil {
			return err
		}
	}
	if err := s.columns(q, order); err != nil {
		return err
	}
	if q.Qualify != nil {
		return s.qualifyClause(q.Qualify)
	}
	return nil
}

// columns adds the select list, with groups if there are any, and the order.
func (s *statement) columns(q *ast.Select, order []ast.Order) error {
	grouped := q.GroupBy != nil || q.Having != nil || q.Pipe == "AGGREGATE" || analyze.HasAggregate(q.Items)
	switch {
	case grouped && q.Distinct:
		if err := s.grouped(q, nil); err != nil {
			return err
		}
	case grouped:
		return s.grouped(q, order)
	}
	from := s.plan.output()
	if !grouped && q.Items != nil {
		origins := slices.Repeat([]*expr.Origin{s.origin}, len(q.Items))
		if err := s.project(s.scope(), q.Items, origins); err != nil {
			return err
		}
	}
	if !q.Distinct {
		return s.orderOutput(order, from)
	}
	if err := s.unique(q.Pos()); err != nil {
		return err
	}
	return s.orderOutput(order, nil)
}

// pipeGroups refuses grouping sets in |> AGGREGATE, as Spark does.
func (s *statement) pipeGroups(items []ast.GroupItem) error {
	names := []string{ast.GroupSets: "GROUPING SETS", ast.Rollup: "GROUP BY ROLLUP", ast.Cube: "GROUP BY CUBE"}
	for _, item := range items {
		if item.Kind != ast.GroupOne {
			return s.refuse(item.Span, sparkerr.New("UNSUPPORTED_FEATURE.PIPE_OPERATOR_AGGREGATE_UNSUPPORTED_CASE", "case", names[item.Kind]))
		}
	}
	return nil
}

// pipeAggregates refuses aggregates in |> EXTEND, and grouping sets in |> AGGREGATE.
func (s *statement) pipeAggregates(q *ast.Select) error {
	if q.Pipe == "AGGREGATE" && q.GroupBy != nil {
		return s.pipeGroups(q.GroupBy.Items)
	}
	if q.Pipe != "EXTEND" {
		return nil
	}
	for _, item := range q.Items {
		if call := analyze.FindAggregate(item); call != nil {
			span := call.Pos()
			err := sparkerr.New("PIPE_OPERATOR_CONTAINS_AGGREGATE_FUNCTION", "expr", s.origin.Text[span.Start:span.End], "clause", q.Pipe)
			return s.refuse(span, err)
		}
	}
	return nil
}

// condition adds WHERE, which sees the columns of FROM and the hidden one of the stream.
func (s *statement) condition(tree ast.Expr) error {
	cond, err := analyze.Condition(tree, s.scope(), s.origin)
	if err != nil {
		return err
	}
	visible := s.plan.output()
	s.reveal(cond)
	list, err := s.windows([]*expr.Expr{cond})
	if err != nil {
		return err
	}
	s.plan = &filter{s.plan, list[0]}
	if len(s.plan.output()) > len(visible) {
		s.plan = &project{s.plan, visible}
	}
	return nil
}

// grouped adds a select list over groups.
func (s *statement) grouped(q *ast.Select, order []ast.Order) error {
	block := analyze.Block{Items: q.Items, GroupBy: q.GroupBy, Having: q.Having, OrderBy: order, KeysFirst: q.Pipe == "AGGREGATE"}
	g, err := block.Select(s.scope(), s.origin)
	if err != nil {
		return err
	}
	generates := slices.ContainsFunc(g.Output, isGenerator)
	if generates && len(order) > 0 { // which orders what the generator makes
		block.OrderBy = nil
		if g, err = block.Select(s.scope(), s.origin); err != nil {
			return err
		}
	}
	if g.Sets != nil {
		if err := s.expand(&g.Grouping); err != nil {
			return err
		}
	}
	if err := s.aggregate(&g.Grouping, append(columnsOf(g.Keys), columnsOf(g.Calls)...)); err != nil {
		return err
	}
	if g.Having != nil {
		s.plan = &filter{s.plan, g.Having}
	}
	s.selected(g.Output)
	s.qualify("")
	if generates {
		return s.orderOutput(order, nil)
	}
	return s.order(g.OrderBy, order)
}

func isGenerator(e *expr.Expr) bool {
	g := unalias(e)
	return g.Kind == expr.Call && g.Fn.Generator
}

// expand puts the copies of rows for grouping sets below the plan; the keys of g become columns of the copies.
func (s *statement) expand(g *analyze.Grouping) error {
	if err := groupable(g.Keys); err != nil {
		return err
	}
	s.reveal(g.Keys...)
	s.reveal(g.Calls...)
	keys, err := s.windows(g.Keys)
	if err != nil {
		return err
	}
	if err := s.checkSessionSets(g.Sets, keys); err != nil {
		return err
	}
	in := s.plan.output()
	e := &expand{in: s.plan, cols: append(in[:len(in):len(in)], g.Sets.Keys()...)}
	for number, mask := range g.Sets.Masks {
		list := in[:len(in):len(in)]
		for k, key := range keys {
			x := unalias(key)
			if mask>>(len(keys)-1-k)&1 == 1 {
				x = expr.Null(key.Type)
			}
			list = append(list, x)
		}
		list = append(list, long(mask))
		if g.Sets.Position != nil {
			list = append(list, long(int64(number)))
		}
		e.lists = append(e.lists, list)
	}
	s.plan = e
	g.Keys = g.Sets.Keys()
	return nil
}

// checkSessionSets refuses grouping sets without the session of the query. (Spark accepts them, and fails with a null pointer in the first batch,
// when it merges sessions that are NULL.)
func (s *statement) checkSessionSets(sets *analyze.Sets, keys []*expr.Expr) error {
	for at, k := range keys {
		if u := unalias(k); u.Kind != expr.Column || !isSession(s.plan, u) {
			continue
		}
		if slices.ContainsFunc(sets.Masks, func(mask int64) bool { return mask>>(len(keys)-1-at)&1 == 1 }) {
			return sparkerr.At(sparkerr.Plain("each grouping set must contain the session_window: rows without a session cannot be merged").
				WithHint("GROUP BY session_window(…), ROLLUP(…) over the other keys; or aggregate the sessions by fewer keys in a query above"), s.origin.Place)
		}
	}
	return nil
}

// long is a BIGINT literal.
func long(n int64) *expr.Expr {
	v := vector.NewConst(types.Long)
	v.I64[0] = n
	return expr.Lit(v)
}

// unique adds SELECT DISTINCT, which Spark computes as an aggregation. (Spark: ReplaceDistinctWithAggregate.)
func (s *statement) unique(at ast.Span) error {
	cols := s.plan.output()
	if err := s.distinguishable(cols, at); err != nil {
		return err
	}
	s.plan = newAggregate(s.plan, cols, nil)
	s.metadata = nil
	return nil
}

// orderOutput adds ORDER BY over the columns of the plan. Names that these lack may be those of hidden, the columns below the select list.
func (s *statement) orderOutput(order []ast.Order, hidden []*expr.Expr) error {
	if len(order) == 0 {
		return nil
	}
	cols := s.plan.output()
	if analyze.IsAll(order, cols) {
		return s.order(cols, order)
	}
	scope := s.scope()
	scope.Hidden, scope.Relations = slices.Values([][]*expr.Expr{hidden}), s.relations
	var keys []*expr.Expr
	for _, o := range order {
		key, err := analyze.ByPosition(o.X, cols, s.origin)
		if key == nil && err == nil {
			key, err = analyze.Expression(o.X, scope, s.origin)
		}
		if err != nil {
			return err
		}
		keys = append(keys, unalias(key))
	}
	return s.order(keys, order)
}

// order sorts by keys, which may need columns below the select list. The directions are those of order; of ORDER BY ALL, that of ALL.
func (s *statement) order(keys []*expr.Expr, order []ast.Order) error {
	if len(keys) == 0 {
		return nil
	}
	directions := make([]expr.Sorting, len(keys))
	for i, key := range keys {
		directions[i] = analyze.Direction(order[min(i, len(order)-1)])
		if err := coerce.CheckSortKey(key, directions[i]); err != nil {
			return err
		}
	}
	visible := s.plan.output()
	if p, ok := s.plan.(*project); ok {
		s.plan = carry(p, s.missing(p, keys))
	}
	s.sort(keys, directions, s.origin.Place)
	if len(s.plan.output()) > len(visible) {
		s.plan = &project{s.plan, visible}
	}
	return nil
}

// missing lists the columns of the input of a project that expressions need and that the project does not pass on.
func (s *statement) missing(p *project, list []*expr.Expr) []*expr.Expr {
	used := map[expr.ID]int{}
	references(used, list...)
	for _, c := range p.output() {
		delete(used, c.ID)
	}
	var out []*expr.Expr
	for _, c := range p.in.output() {
		if used[c.ID] > 0 {
			out = append(out, c)
		}
	}
	return out
}

// qualifyClause refuses QUALIFY. Its condition calls a window function, which streams do not have.
func (s *statement) qualifyClause(tree ast.Expr) error {
	if _, err := analyze.Expression(tree, s.scope(), s.origin); err != nil {
		return err
	}
	return s.refuse(tree.Pos(), sparkerr.New("QUALIFY_REQUIRES_WINDOW_FUNCTION"))
}
