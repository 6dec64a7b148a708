package transform

import (
	"maps"
	"reflect"
	"slices"

	"github.com/streamctl/streamctl/internal/halt"
	"github.com/streamctl/streamctl/internal/sql/expr"
)

// largeSize is how many nodes an expression may have and still be put in place of each column that stands for it.
const largeSize = 1000

// maxRounds bounds the rewriting of a plan; each rule makes plans smaller or moves work down, so it ends much earlier.
const maxRounds = 50

// optimise rewrites a plan as Spark does, because the outcome depends on it (reference: Spark's Optimizer batches): for example, unused
// columns are dropped before constants are folded, so that an unused 1/0 raises nothing.
func optimise(n node, zone *expr.Context) (node, error) {
	s := simplifier{ctx: zone, steps: halt.Steps{Stop: zone.Stop}, failed: map[*expr.Expr]bool{}, large: map[*expr.Expr]bool{}, folded: map[folding]*expr.Expr{}}
	n = replaceCalls(n, false)
	n = rewrite(n, func(n node) node { return mapExpressions(n, s.specialTimes) })
	if s.err != nil {
		return nil, s.err
	}
	n, err := s.rounds(replaceCalls(rewrite(n, markConstants), true))
	if err != nil {
		return nil, err
	}
	s.steps.Take(halt.Pace)
	if n, err = s.rounds(newConstraints().infer(n)); err != nil {
		return nil, err
	}
	return deferColumns(n), nil
}

// rounds applies the rules until none changes the plan. (Spark: the batches of operator optimization before and after inferring filters.)
func (s *simplifier) rounds(n node) (node, error) {
	for range maxRounds {
		before := n
		for _, phase := range []func(node) node{func(n node) node { return rewrite(n, settle) }, pruneColumns} {
			s.steps.Take(halt.Pace)
			n = phase(n)
		}
		var err error
		if n, err = s.plan(n); err != nil {
			return nil, err
		}
		n = pruneFilters(propagateEmpty(n))
		n = rewrite(n, func(n node) node { return mapExpressions(n, combineConcats) })
		if samePlan(before, n) {
			break
		}
	}
	return n, nil
}

// pruneFilters drops the conditions that are true for all rows anyway.
func pruneFilters(n node) node {
	known := newConstraints()
	return rewrite(n, func(n node) node {
		if f, ok := n.(*filter); ok {
			return known.pruneFilter(f)
		}
		return n
	})
}

// rewrite applies f to every node, leaves first.
func rewrite(n node, f func(node) node) node {
	return f(overInputs(n, func(in node) node { return rewrite(in, f) }))
}

// overInputs returns n over what f makes of its inputs; n itself if f changes none.
func overInputs(n node, f func(node) node) node {
	in := n.inputs()
	var changed []node
	for i, old := range in {
		r := f(old)
		if r == old {
			continue
		}
		if changed == nil {
			changed = slices.Clone(in)
		}
		changed[i] = r
	}
	if changed == nil {
		return n
	}
	return n.withInputs(changed)
}

// samePlan reports that two plans are the same nodes or equal in what they compute.
func samePlan(a, b node) bool {
	if a == b {
		return true
	}
	same := func(x, y *expr.Expr) bool { return x == y || expr.Equal(x, y) }
	return reflect.TypeOf(a) == reflect.TypeOf(b) && sameColumns(a.output(), b.output()) &&
		slices.EqualFunc(a.expressions(), b.expressions(), same) && slices.EqualFunc(a.inputs(), b.inputs(), samePlan)
}

// sameColumns reports equal columns under equal names.
func sameColumns(a, b []*expr.Expr) bool {
	return slices.EqualFunc(a, b, func(x, y *expr.Expr) bool { return x.ID == y.ID && x.Name == y.Name })
}

// mapExpressions rewrites what a node computes.
func mapExpressions(n node, f func(*expr.Expr) *expr.Expr) node {
	if list := mapped(n.expressions(), f); list != nil {
		return n.withExpressions(list)
	}
	return n
}

// mapped is the list with f applied to every item; nil when nothing changes.
func mapped(list []*expr.Expr, f func(*expr.Expr) *expr.Expr) []*expr.Expr {
	var out []*expr.Expr
	for i, e := range list {
		r := f(e)
		if r == e {
			continue
		}
		if out == nil {
			out = slices.Clone(list)
		}
		out[i] = r
	}
	return out
}

// markConstants marks the keys of aggregations that are constants, which are removed from others. Those that other rules make of expressions
// are not, and neither are those of an aggregation in which a call is replaced late, since Spark gives these names. (Spark:
// RemoveLiteralFromGroupExpressions, RewriteWithExpression, PhysicalAggregation.)
func markConstants(n node) node {
	switch n := n.(type) {
	case *project:
		if a, ok := n.in.(*aggregation); ok && slices.ContainsFunc(n.list, hasLateCall) {
			return &project{a.removing(map[expr.ID]bool{}), n.list}
		}
	case *aggregation:
		if n.removable != nil {
			return n
		}
		removable := map[expr.ID]bool{}
		for _, k := range n.keys {
			if unalias(k).Foldable() && !slices.ContainsFunc(n.calls, hasLateCall) {
				removable[k.ID] = true
			}
		}
		return n.removing(removable)
	}
	return n
}

func (a *aggregation) removing(keys map[expr.ID]bool) *aggregation {
	c := *a
	c.removable = keys
	return &c
}

// hasLateCall reports whether an expression contains a call that is replaced late.
func hasLateCall(e *expr.Expr) (found bool) {
	expr.Walk(e, func(x *expr.Expr) bool {
		found = found || x.Kind == expr.Call && x.Fn.ReplaceLate
		return !found
	})
	return found
}

// replaceCalls puts what a call stands for in its place, and late what waits for that (Spark: ReplaceExpressions,
// RewriteWithExpression).
func replaceCalls(n node, late bool) node {
	return rewrite(n, func(n node) node {
		return mapExpressions(n, func(e *expr.Expr) *expr.Expr { return replaceIn(e, late) })
	})
}

// replaceIn replaces the calls in an expression; a replacement may be replaced again.
func replaceIn(e *expr.Expr, late bool) *expr.Expr {
	return expr.Transform(e, func(e *expr.Expr) *expr.Expr {
		if e.Kind != expr.Call || e.Fn.Replace == nil || e.Fn.ReplaceLate && !late {
			return e
		}
		r := e.Fn.Replace(e)
		if r == nil || r == e {
			return e
		}
		return replaceIn(r, late)
	})
}

// settle moves a filter as far towards the source as it goes, through projects by substitution, through generators when it needs only
// their input, merges it with a neighbour when both are deterministic, and merges a project or a limit into the one above. What is below n has
// settled already, so that a filter meets few projects. (Spark: PushDownPredicates, CombineFilters,
// CollapseProject, CombineLimits.)
func settle(n node) node {
	switch n := n.(type) {
	case *project:
		return collapseProject(n)
	case *filter:
		return pushFilter(n)
	case *join:
		return pushCondition(n)
	case *aggregation:
		return dropUnusedSide(n)
	case *limit:
		if in, ok := n.in.(*limit); ok {
			return &limit{in.in, min(n.rows, in.rows), n.place}
		}
	}
	return n
}

// pushFilter moves a filter down as far as it goes.
func pushFilter(f *filter) node {
	switch in := f.in.(type) {
	case *project:
		if !deterministic(in.list) {
			return f
		}
		cond := substitute(f.cond, definitions(in.list))
		if cond.Size() > largeSize && cond.Size() > f.cond.Size()*5/4 { // a column that is used again and again grows without end
			return f
		}
		return &project{pushFilter(&filter{in.in, cond}), in.list}
	case *filter:
		if f.cond.Deterministic() && in.cond.Deterministic() {
			return pushFilter(&filter{in.in, both(in.cond, f.cond)})
		}
	case *generate:
		return pushThroughGenerate(f, in)
	case *repartition, *sorted:
		if f.cond.Deterministic() {
			return in.withInputs([]node{pushFilter(&filter{below(in), f.cond})})
		}
	case *eventTime:
		return pushWithout(f, in, []*expr.Expr{in.column})
	case *expand:
		return pushWithout(f, in, in.cols)
	case *aggregation:
		return pushThroughAggregate(f, in)
	case *join:
		return pushThroughJoin(f, in)
	case *union:
		return pushThroughUnion(f, in)
	}
	return f
}

// both is the conjunction of two conditions, without the conjuncts of b that a has.
func both(a, b *expr.Expr) *expr.Expr {
	list := conjuncts(a)
	return conjunction(append(list, constraintsOf(list...).without(conjuncts(b))...))
}

// pushThroughAggregate moves down the conjuncts that only need keys, as conditions on what the keys are computed from. Constants stay.
func pushThroughAggregate(f *filter, a *aggregation) node {
	if len(a.keys) == 0 || !deterministic(a.keys) {
		return f
	}
	under, above := split(f.cond, columnsOf(a.calls))
	for _, c := range under {
		if len(referencesOf([]*expr.Expr{c})) == 0 {
			above = append(above, c)
		}
	}
	if len(above) == len(conjuncts(f.cond)) {
		return f
	}
	under = slices.DeleteFunc(under, func(c *expr.Expr) bool { return slices.Contains(above, c) })
	cond := substitute(conjunction(under), definitions(a.keys))
	return above.over(a.withInputs([]node{pushFilter(&filter{a.in, cond})}))
}

// pushThroughGenerate moves down the conjuncts that do not need the generated columns.
func pushThroughGenerate(f *filter, g *generate) node { return pushWithout(f, g, g.cols) }

// pushWithout moves the conjuncts below a node that do not need some of its columns.
func pushWithout(f *filter, n node, cols []*expr.Expr) node {
	under, above := split(f.cond, cols)
	if len(under) == 0 {
		return f
	}
	return above.over(n.withInputs([]node{pushFilter(&filter{below(n), conjunction(under)})}))
}

// A remainder is the conjuncts of a filter that stay above a node.
type remainder []*expr.Expr

func (r remainder) over(n node) node {
	if len(r) == 0 {
		return n
	}
	return &filter{n, conjunction(r)}
}

// split separates the deterministic conjuncts of a condition that do not need the columns made by a node from the others.
func split(cond *expr.Expr, cols []*expr.Expr) (under []*expr.Expr, above remainder) {
	made := map[expr.ID]bool{}
	for _, c := range cols {
		made[c.ID] = true
	}
	for _, c := range conjuncts(cond) {
		ids := map[expr.ID]int{}
		references(ids, c)
		free := c.Deterministic()
		for id := range ids {
			free = free && !made[id]
		}
		if free {
			under = append(under, c)
		} else {
			above = append(above, c)
		}
	}
	return under, above
}

// collapseProject merges projects below into p where that does not compute anything twice.
func collapseProject(p *project) node {
	for {
		q, ok := p.in.(*project)
		if !ok || !canCollapse(p.list, q.list) {
			break
		}
		p = mergeProjects(p, q)
	}
	if isIdentity(p) {
		return p.in
	}
	return p
}

// mergeProjects computes p's list directly from q's input.
func mergeProjects(p, q *project) *project {
	by := definitions(q.list)
	made := make(map[expr.ID]*expr.Expr, len(by))
	for _, e := range q.list {
		made[e.ID] = e
	}
	list := make([]*expr.Expr, len(p.list))
	for i, e := range p.list {
		switch d := made[e.ID]; {
		case e.Kind != expr.Column:
			list[i] = substitute(e, by)
		case d == nil || d.Kind != expr.Alias:
			list[i] = e
		case d.Name == e.Name:
			list[i] = d
		default:
			list[i] = &expr.Expr{Kind: expr.Alias, Args: d.Args, Name: e.Name, ID: e.ID, Type: e.Type, Nullable: e.Nullable}
		}
	}
	return &project{q.in, list}
}

// isIdentity reports a project that passes its input on as it is.
func isIdentity(p *project) bool {
	in := p.in.output()
	if len(in) != len(p.list) {
		return false
	}
	for i, e := range p.list {
		if e.Kind != expr.Column || e.ID != in[i].ID || e.Name != in[i].Name {
			return false
		}
	}
	return true
}

// canCollapse reports that inlining the producers computes nothing twice: each is used once, or is cheap.
func canCollapse(consumers, producers []*expr.Expr) bool {
	uses := referencesOf(consumers)
	for _, p := range producers {
		if p.Kind != expr.Alias || uses[p.ID] == 0 {
			continue
		}
		if !p.Deterministic() || uses[p.ID] > 1 && !cheap(p.Args[0]) && !onlyExtracted(p, consumers) {
			return false
		}
	}
	return true
}

// cheap expressions may be computed twice: columns, constants, and parts taken from them.
func cheap(e *expr.Expr) bool {
	switch {
	case e.Kind == expr.Column:
		return true
	case e.Constant(): // a large one waits until it was computed: inlined into each other, constants grow without end
		return e.Size() <= largeSize
	case e.Kind == expr.Alias || isExtract(e):
		for _, a := range e.Args {
			if !cheap(a) {
				return false
			}
		}
		return true
	}
	return false
}

// isExtract reports access to a part of a struct, array or map.
func isExtract(e *expr.Expr) bool {
	return e.Kind == expr.Field || e.Is("get_array_item") || e.Is("get_map_value") || e.Is("get_array_struct_fields")
}

// onlyExtracted reports that p constructs a struct, array or map of which the consumers take nothing but parts.
func onlyExtracted(p *expr.Expr, consumers []*expr.Expr) bool {
	made := p.Args[0]
	if !made.Is("named_struct") && !made.Is("struct") && !made.Is("session_window") && !made.Is("array") && !made.Is("map") {
		return false
	}
	whole := false
	for _, c := range consumers {
		expr.Walk(c, func(e *expr.Expr) bool {
			if isExtract(e) && e.Args[0].Kind == expr.Column && e.Args[0].ID == p.ID {
				return false
			}
			whole = whole || e.Kind == expr.Column && e.ID == p.ID
			return true
		})
	}
	return !whole
}

// pruneColumns drops what no operator above needs (Spark: ColumnPruning). The columns of the top node all count.
func pruneColumns(n node) node {
	return prune(n, referencesOf(n.output()))
}

func prune(n node, needed map[expr.ID]int) node {
	switch n := n.(type) {
	case *relation:
		return &relation{n.source, n.name, n.static, keep(n.cols, needed)}
	case *empty:
		return &empty{keep(n.cols, needed), n.static, n.times}
	case *project:
		list := keep(n.list, needed)
		return &project{prune(n.in, referencesOf(list)), list}
	case *aggregation:
		a := n.withExpressions(append(slices.Clone(n.keys), keep(n.calls, needed)...))
		return a.withInputs([]node{prune(n.in, referencesOf(a.expressions()))})
	case *expand:
		e := n.keep(needed)
		return e.withInputs([]node{prune(n.in, referencesOf(e.expressions()))})
	case *dedup:
		return n.prune(needed)
	case *join:
		return pruneJoin(n, needed)
	case *union:
		return pruneUnion(n, needed)
	}
	references(needed, n.expressions()...)
	return overInputs(n, func(in node) node { return prune(in, needed) })
}

// prune drops the columns that nothing needs from the rows of a deduplication. Their event time is the first one that is left; without any, they
// are never late. (Spark: the references of Deduplicate are its keys, those of DeduplicateWithinWatermark also the event times.)
func (d *dedup) prune(needed map[expr.ID]int) node {
	needed = maps.Clone(needed)
	references(needed, d.keys...)
	times := eventTimes(d.in)
	out := &dedup{keys: d.keys, within: d.within}
	for _, c := range d.in.output() {
		delay, ok := times[c.ID]
		if !ok {
			continue
		}
		if d.within {
			needed[c.ID]++
		}
		if needed[c.ID] > 0 && out.time.column == nil {
			out.time = watermarked{c, delay}
		}
	}
	out.in = onlyNeeded(prune(d.in, maps.Clone(needed)), needed)
	return out
}

func keep(list []*expr.Expr, needed map[expr.ID]int) []*expr.Expr {
	out := make([]*expr.Expr, 0, len(list))
	for _, e := range list {
		if needed[e.ID] > 0 {
			out = append(out, e)
		}
	}
	return out
}

// propagateEmpty turns everything above a node without rows, and above a condition that is never true, into no rows. What has state or a
// watermark stays below such a condition. (Spark: PropagateEmptyRelation, PruneFilters.)
func propagateEmpty(n node) node {
	return rewrite(n, func(n node) node {
		if f, ok := n.(*filter); ok && f.cond.Kind == expr.Literal {
			switch {
			case !f.cond.IsNullLit() && f.cond.Value.Bool[0]:
				return f.in
			case remembers(f.in):
				return f
			}
			return emptied(n)
		}
		switch n := n.(type) {
		case *eventTime, *aggregation, *dedup: // which may emit rows of earlier batches, or move a watermark
			return n
		case *join:
			return emptyJoin(n)
		case *union:
			return emptyUnion(n)
		}
		if _, ok := below(n).(*empty); ok {
			return emptied(n)
		}
		return n
	})
}

// emptied yields no rows in place of those of a node.
func emptied(n node) *empty { return &empty{n.output(), !streams(n), eventTimes(n)} }

// remembers reports whether a plan over streams keeps anything from batch to batch.
func remembers(n node) (found bool) {
	walk(n, func(n node) {
		switch n := n.(type) {
		case *eventTime, *aggregation, *dedup, *limit:
			found = found || streams(n)
		case *join:
			found = found || streams(n.left) && streams(n.right)
		}
	})
	return found
}

// deferColumns moves columns above a filter that does not need them, when a nondeterministic column keeps the filter from
// moving below (Spark: generated code computes a deterministic column only where it is used).
func deferColumns(n node) node {
	return rewrite(n, func(n node) node {
		f, ok := n.(*filter)
		if !ok {
			return n
		}
		p, ok := f.in.(*project)
		if !ok {
			return n
		}
		early := map[expr.ID]int{}
		references(early, f.cond)
		var lower, upper []*expr.Expr
		below := map[expr.ID]int{}
		for _, e := range p.list {
			if e.Kind == expr.Alias && e.Deterministic() && early[e.ID] == 0 {
				upper = append(upper, e)
				references(below, e)
				continue
			}
			lower = append(lower, e)
			upper = append(upper, columnOf(e))
		}
		if len(lower) == len(p.list) {
			return n
		}
		return &project{&filter{&project{p.in, passThrough(lower, p.in.output(), below)}, f.cond}, upper}
	})
}

// passThrough adds the input columns that are needed above to a project list.
func passThrough(list, in []*expr.Expr, needed map[expr.ID]int) []*expr.Expr {
	have := map[expr.ID]bool{}
	for _, e := range list {
		have[e.ID] = true
	}
	for _, c := range in {
		if needed[c.ID] > 0 && !have[c.ID] {
			list = append(list, c)
		}
	}
	return list
}
