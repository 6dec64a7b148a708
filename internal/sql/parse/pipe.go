package parse

import (
	"github.com/streamctl/streamctl/internal/sparkerr"
	"github.com/streamctl/streamctl/internal/sql/ast"
)

// pipe parses the operator after |>. Its input is the whole query so far, whose columns keep their qualifiers.
func (p *parser) pipe(start int, in ast.Relation) (ast.Relation, *sparkerr.Error) {
	switch {
	case p.Is("SELECT"):
		return p.pipeSelect(start, in)
	case p.Is("EXTEND"), p.Is("DROP"):
		return p.pipeColumns(start, in)
	case p.Is("AGGREGATE"):
		return p.pipeAggregate(start, in)
	case p.Is("WHERE"):
		s := &ast.Select{From: in, Pipe: "WHERE"}
		var err *sparkerr.Error
		s.Where, err = p.clause("WHERE")
		s.Node = p.node(start)
		return s, err
	case p.Is("AS"), p.Is("SET"):
		return p.pipeNames(start, in)
	case p.joinFollows():
		return p.join(start, in)
	case p.pivotFollows():
		return p.pivot(start, in)
	case p.setOperationFollows():
		op := p.setOperator()
		op.Left = in
		var err *sparkerr.Error
		op.Right, err = p.primaryQuery()
		op.ByName = op.ByName || p.Accept("BY", "NAME")
		op.Node = p.node(start)
		return op, err
	}
	return p.pipeOrder(start, in)
}

// pipeSelect parses |> SELECT items.
func (p *parser) pipeSelect(start int, in ast.Relation) (ast.Relation, *sparkerr.Error) {
	s := &ast.Select{From: in, Pipe: "SELECT"}
	err := p.selectItems(s)
	if err == nil {
		err = p.windows()
	}
	s.Node = p.node(start)
	return s, err
}

// pipeColumns parses |> EXTEND items and |> DROP columns.
func (p *parser) pipeColumns(start int, in ast.Relation) (ast.Relation, *sparkerr.Error) {
	s := &ast.Select{From: in, Pipe: upper(p.Peek())}
	at := p.Next().Start
	star := &ast.Star{Node: p.node(at)}
	s.Items = []ast.Expr{star}
	if s.Pipe == "EXTEND" {
		items, err := p.namedExpressions(p.atClause)
		s.Items = append(s.Items, items...)
		s.Node = p.node(start)
		return s, err
	}
	for more := true; more; more = p.Accept(",") {
		name, err := p.Identifier()
		if err != nil {
			return nil, err
		}
		star.Except = append(star.Except, []string{name})
	}
	star.Node, s.Node = p.node(at), p.node(start)
	return s, nil
}

// pipeAggregate parses |> AGGREGATE [items] [GROUP BY …].
func (p *parser) pipeAggregate(start int, in ast.Relation) (ast.Relation, *sparkerr.Error) {
	s := &ast.Select{From: in, Pipe: "AGGREGATE", Items: []ast.Expr{}}
	p.Next()
	var err *sparkerr.Error
	if !p.Is("GROUP", "BY") {
		if s.Items, err = p.namedExpressions(p.atClause); err != nil {
			return nil, err
		}
	}
	s.GroupBy, err = p.groupBy(p.pipeGroupItem)
	s.Node = p.node(start)
	return s, err
}

// pipeGroupItem parses an item of GROUP BY, which may have an alias.
func (p *parser) pipeGroupItem() (ast.GroupItem, *sparkerr.Error) {
	item, err := p.groupItem(false)
	if err != nil || item.Kind != ast.GroupOne || !p.Is("AS") && (!p.Peek().IsName() || p.atClause() || p.Is("WITH")) {
		return item, err
	}
	p.Accept("AS")
	name, err := p.DefiningIdentifier()
	item.Node = p.node(item.Span.Start)
	item.X = &ast.Alias{Node: item.Node, X: item.X, Names: []string{name}}
	return item, err
}

// pipeNames parses |> AS alias and |> SET column = expression, ….
func (p *parser) pipeNames(start int, in ast.Relation) (ast.Relation, *sparkerr.Error) {
	piped := &ast.Piped{Of: in}
	var err *sparkerr.Error
	if p.Accept("AS") {
		piped.Alias, err = p.Identifier()
		piped.Node = p.node(start)
		return piped, err
	}
	p.Next()
	for more := true; more; more = p.Accept(",") {
		at := p.start()
		name, err := p.Identifier()
		if err == nil {
			err = p.Expect("=")
		}
		if err != nil {
			return nil, err
		}
		x, err := p.expression()
		if err != nil {
			return nil, err
		}
		piped.Set = append(piped.Set, &ast.Alias{Node: p.node(at), X: x, Names: []string{name}})
	}
	piped.Node = p.node(start)
	return piped, nil
}

// pipeOrder parses |> ORDER BY …, |> LIMIT n, |> OFFSET n and |> TABLESAMPLE (…).
func (p *parser) pipeOrder(start int, in ast.Relation) (ast.Relation, *sparkerr.Error) {
	at := p.start()
	if p.relationClauseFollows() {
		others, err := p.relationClauses()
		return &ast.Query{Node: p.node(start), Body: in, Others: others}, err
	}
	q := &ast.Query{Body: in}
	if err := p.organization(q); err != nil {
		return nil, err
	}
	if p.start() == at {
		return nil, p.Unexpected("")
	}
	if clauses := resultClauses(q); len(clauses) > 1 {
		return nil, p.fail(at, sparkerr.New("MULTIPLE_QUERY_RESULT_CLAUSES_WITH_PIPE_OPERATORS", "clause1", clauses[0], "clause2", clauses[1]))
	}
	q.Node = p.node(start)
	return q, nil
}

// resultClauses names the clauses of which a pipe operator has one. LIMIT and OFFSET count as one.
func resultClauses(q *ast.Query) (names []string) {
	if q.OrderBy != nil {
		names = append(names, "ORDER BY")
	}
	for _, c := range q.Others {
		names = append(names, c.Name)
	}
	switch {
	case q.Limit != nil:
		names = append(names, "LIMIT")
	case q.Offset != nil:
		names = append(names, "OFFSET")
	}
	return names
}
