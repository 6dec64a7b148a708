package transform

import (
	"errors"
	"maps"
	"slices"
	"strings"

	"github.com/streamctl/streamctl/internal/operator"
	"github.com/streamctl/streamctl/internal/sparkerr"
	"github.com/streamctl/streamctl/internal/sql/analyze"
	"github.com/streamctl/streamctl/internal/sql/ast"
	"github.com/streamctl/streamctl/internal/sql/eval"
	"github.com/streamctl/streamctl/internal/sql/expr"
	"github.com/streamctl/streamctl/internal/sql/function"
	"github.com/streamctl/streamctl/internal/types"
	"github.com/streamctl/streamctl/internal/vector"
)

// relation makes the plan one that yields the rows of a relation.
func (s *statement) relation(r ast.Relation) error {
	switch r := r.(type) {
	case *ast.Query:
		return s.query(r)
	case *ast.Select:
		return s.selection(r, nil)
	case *ast.Table:
		return s.named(r)
	case *ast.Derived:
		return s.derived(r)
	case *ast.Piped:
		return s.piped(r)
	case *ast.SetOperation:
		return s.setOperation(r)
	case *ast.Join:
		if r.Lateral {
			return s.lateral(r)
		}
		return s.joined(r)
	case *ast.Values:
		return s.values(r)
	case *ast.Reshaped:
		return s.clause(r.Clause.Name, r.Clause.Span)
	case *ast.TableFunction:
		return s.tableFunction(r)
	}
	return s.static(r.Pos())
}

// joinWords are the kinds of joins in SQL.
var joinWords = map[string]operator.JoinKind{
	"INNER": operator.Inner, "CROSS": operator.Inner, "LEFT": operator.LeftOuter, "RIGHT": operator.RightOuter, "FULL": operator.FullOuter,
	"SEMI": operator.LeftSemi, "ANTI": operator.LeftAnti,
}

// joined adds a join of two relations.
func (s *statement) joined(r *ast.Join) error {
	if err := s.relation(r.Left); err != nil {
		return err
	}
	left, leftNames, hidden := s.plan, maps.Clone(s.relations), s.leftOut
	if err := s.relation(r.Right); err != nil {
		return err
	}
	j := &joining{
		builder: s.builder, node: join{left: left, right: s.plan, kind: joinWords[r.Kind], place: s.origin.Place}, left: leftNames, right: maps.Clone(s.relations),
	}
	using := r.Using
	if r.Natural {
		using = common(left, s.plan)
	}
	if j.hidden = slices.Concat(hidden, s.leftOut); j.node.kind == operator.LeftSemi || j.node.kind == operator.LeftAnti {
		j.hidden = hidden
	}
	switch {
	case len(using) > 0:
		err := j.using(using, s.origin)
		if e := (*sparkerr.Error)(nil); errors.As(err, &e) && e.Fragment == nil {
			return s.refuse(r.OpSpan, e)
		}
		return err
	case r.On != nil:
		return j.on(r.On, s.origin)
	}
	j.add()
	return nil
}

// common lists the names of the columns of left that right has, too.
func common(left, right node) (names []string) {
	for _, l := range left.output() {
		if slices.ContainsFunc(right.output(), func(r *expr.Expr) bool { return strings.EqualFold(l.Name, r.Name) }) {
			names = append(names, l.Name)
		}
	}
	return names
}

// setOperation adds UNION, INTERSECT or EXCEPT.
func (s *statement) setOperation(r *ast.SetOperation) error {
	if err := s.relation(r.Left); err != nil {
		return err
	}
	left := s.plan
	if err := s.relation(r.Right); err != nil {
		return err
	}
	right, err := s.plan, error(nil)
	if r.ByName {
		left, right, err = byName(left, right, false)
	}
	var u *union
	if err == nil {
		u, err = unionOf(r.Op, left, right)
	}
	if e := (*sparkerr.Error)(nil); errors.As(err, &e) {
		return s.refuse(r.OpSpan, e)
	}
	if r.Op == "INTERSECT" && (streams(left) || streams(right)) || r.Op == "EXCEPT" && streams(right) {
		return s.clause(r.Op, r.OpSpan)
	}
	s.plan, s.metadata = u, nil
	switch {
	case r.Op == "UNION" && r.All:
	case r.All && r.Op == "INTERSECT":
		err = s.intersectAll(u, r)
	case r.Op == "UNION":
		err = s.unique(r.Pos())
	default:
		err = s.compared(u, r)
	}
	s.qualify("")
	return err
}

// named reads a view by its name. Spark takes stream and a word after it for the keyword STREAM and a table; here the word is an alias.
func (s *statement) named(t *ast.Table) error {
	name := strings.Join(t.Name, ".")
	v, err := s.view(t, name)
	if err != nil {
		return err
	}
	s.plan, s.metadata = v.plan, v.metadata
	s.qualify(name)
	if err := s.clauses(t.Others); err != nil {
		return err
	}
	if t.Alias != "" {
		name = t.Alias
	}
	if err := s.nameColumns(t.Columns, t.Span); err != nil {
		return err
	}
	s.qualify(name)
	return nil
}

// view finds what a name in FROM means: a name of WITH, the rows of the steps so far, or an input of the job.
func (s *statement) view(t *ast.Table, name string) (view, error) {
	if table := s.table(name); table != nil {
		return table.take(), nil
	}
	if isStream(t) {
		return s.stream.take(), nil
	}
	for _, static := range []bool{false, true} {
		if r := s.job.Relation(name, static); r != nil {
			return s.builder.relation(r, static)
		}
	}
	return view{}, s.unknown(t)
}

// derived adds a query in parentheses, whose columns have no qualifier but its alias, or a relation in parentheses, whose columns keep
// theirs.
func (s *statement) derived(d *ast.Derived) error {
	if err := s.relation(d.Of); err != nil {
		return err
	}
	if err := s.clauses(d.Others); err != nil {
		return err
	}
	if err := s.nameColumns(d.Columns, d.Span); err != nil {
		return err
	}
	if _, query := d.Of.(*ast.Query); query || d.Alias != "" {
		s.qualify(d.Alias)
	}
	return nil
}

// piped adds |> AS and |> SET.
func (s *statement) piped(p *ast.Piped) error {
	if err := s.relation(p.Of); err != nil {
		return err
	}
	if p.Alias != "" {
		s.qualify(p.Alias)
		return nil
	}
	for _, item := range p.Set {
		if err := s.set(item); err != nil {
			return err
		}
	}
	return nil
}

// set replaces the value of a column.
func (s *statement) set(item ast.Expr) error {
	name := aliasOf(item)
	if _, err := analyze.Expression(&ast.Name{Node: ast.Node{Span: item.Pos()}, Parts: []string{name}}, s.scope(), s.origin); err != nil {
		return err
	}
	list, err := analyze.SelectList([]ast.Expr{item}, s.scope(), []*expr.Origin{s.origin})
	if err != nil {
		return err
	}
	s.reveal(list...)
	if list, err = s.windows(list); err != nil {
		return err
	}
	out := make([]*expr.Expr, 0, len(s.plan.output()))
	for _, c := range s.plan.output() {
		if strings.EqualFold(c.Name, name) {
			c = alias(unalias(list[0]), name)
		}
		out = append(out, c)
	}
	s.plan = &project{s.plan, out}
	return nil
}

// watermark makes a column, or a new one with an alias, the event time of a relation.
func (s *statement) watermark(c ast.Clause) error {
	list, err := analyze.SelectList([]ast.Expr{c.Column}, s.scope(), []*expr.Origin{s.origin})
	if err != nil {
		return err
	}
	column := list[0]
	if _, named := c.Column.(*ast.Alias); named {
		s.plan = &project{s.plan, append(slices.Clone(s.plan.output()), column)}
		column = columnOf(column)
	}
	span := c.Column.Pos()
	if err := checkEventTime(column, s.origin.Text[span.Start:span.End]); err != nil {
		return err
	}
	delay, err := s.delay(c.Delay)
	if err == nil {
		s.reveal(column)
		s.builder.watermark(column, delay)
	}
	return err
}

// delay returns a constant interval in milliseconds.
func (s *statement) delay(e ast.Expr) (int64, error) {
	x, err := analyze.Expression(e, s.scope(), s.origin)
	if err != nil {
		return 0, err
	}
	var interval vector.CalendarInterval
	v, err := eval.Constant(x, &expr.Context{Zone: s.zone})
	switch {
	case err != nil:
		return 0, err
	case v.IsNull(0):
	case x.Type.Kind == types.KindDayTime:
		interval.Micros = v.I64[0]
	case x.Type.Kind == types.KindYearMonth:
		interval.Months = v.I32[0]
	case x.Type.Kind == types.KindInterval:
		interval = v.Cal[0]
	default:
		return 0, s.refuse(e.Pos(), sparkerr.Plain("DELAY OF needs an interval, such as INTERVAL 10 MINUTES"))
	}
	ms, err := delayMillis(interval, x.SQL())
	return ms, sparkerr.At(err, s.origin.Place)
}

// lateralView adds the columns of a generator.
func (s *statement) lateralView(v ast.LateralView) error {
	call := *v.Call
	if v.Outer {
		call.Name = append(call.Name[:len(call.Name)-1:len(call.Name)-1], call.Name[len(call.Name)-1]+"_outer")
	}
	if f, ok := function.Lookup(call.Name[len(call.Name)-1]); ok && !f.Generator {
		name := types.Quote(strings.Join(v.Call.Name, "."))
		return s.refuse(call.NameSpan, sparkerr.New("UNSUPPORTED_GENERATOR.NOT_GENERATOR", "functionName", name).WithHint("explode is one"))
	}
	var item ast.Expr = &call
	if len(v.Columns) > 0 {
		item = &ast.Alias{Node: v.Node, X: item, Names: v.Columns, List: true}
	}
	list, err := analyze.SelectList([]ast.Expr{item}, s.scope(), []*expr.Origin{s.origin})
	if err != nil {
		return err
	}
	s.reveal(list...)
	s.generate(unalias(list[0]), aliasNames(list[0]))
	for _, c := range s.plan.(*generate).cols {
		s.relations[c.ID] = v.Alias
	}
	return nil
}
