package transform

import (
	"strings"

	"github.com/streamctl/streamctl/internal/sparkerr"
	"github.com/streamctl/streamctl/internal/sql/analyze"
	"github.com/streamctl/streamctl/internal/sql/ast"
	"github.com/streamctl/streamctl/internal/sql/expr"
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
		if r.Comma {
			return s.clause("A second relation in FROM (a join)", r.OpSpan)
		}
		return s.clause("JOIN", r.OpSpan)
	case *ast.Reshaped:
		return s.clause(r.Clause.Name, r.Clause.Span)
	}
	return s.static(r.Pos()) // VALUES, table functions
}

// setOperation refuses UNION, EXCEPT and INTERSECT.
func (s *statement) setOperation(r *ast.SetOperation) error {
	name := r.Op
	if name == "EXCEPT" && !s.reads(r.Right) || name == "INTERSECT" && !(s.reads(r.Left) && s.reads(r.Right)) {
		name += " with rows that are not of a stream"
	}
	return s.clause(name, r.OpSpan)
}

// named reads a view by its name. Spark takes stream and a word after it for the keyword STREAM and a table; here the word is an alias.
func (s *statement) named(t *ast.Table) error {
	name := strings.Join(t.Name, ".")
	v := s.stream
	table := s.table(name)
	switch {
	case table != nil && !table.streams:
		return s.static(t.Span)
	case table != nil:
		v = table.view
	case !isStream(t):
		return s.unknown(t)
	}
	s.plan, s.metadata = v.plan, v.metadata
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
			c = alias(unalias(list[0]), c.Name)
		}
		out = append(out, c)
	}
	s.plan = &project{s.plan, out}
	return nil
}

// lateralView adds the columns of a generator.
func (s *statement) lateralView(v ast.LateralView) error {
	call := *v.Call
	if v.Outer {
		call.Name = append(call.Name[:len(call.Name)-1:len(call.Name)-1], call.Name[len(call.Name)-1]+"_outer")
	}
	var item ast.Expr = &call
	if len(v.Columns) > 0 {
		item = &ast.Alias{Node: v.Node, X: item, Names: v.Columns, List: true}
	}
	list, err := analyze.SelectList([]ast.Expr{item}, s.scope(), []*expr.Origin{s.origin})
	if err != nil {
		return err
	}
	g := unalias(list[0])
	if g.Kind != expr.Call || !g.Fn.Generator {
		return s.refuse(call.NameSpan, sparkerr.Plain("LATERAL VIEW needs a generator, such as explode"))
	}
	s.reveal(list...)
	s.generate(g, aliasNames(list[0]))
	for _, c := range s.plan.(*generate).cols {
		s.relations[c.ID] = v.Alias
	}
	return nil
}
