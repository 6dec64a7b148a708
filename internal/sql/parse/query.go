package parse

import (
	"github.com/streamctl/streamctl/internal/lex"
	"github.com/streamctl/streamctl/internal/sparkerr"
	"github.com/streamctl/streamctl/internal/sql/ast"
)

// Query parses a whole query.
func Query(text string) (*ast.Query, *sparkerr.Error) {
	p, err := newParser(text)
	if err != nil {
		return nil, err
	}
	q, err := p.query()
	if err != nil {
		return nil, err
	}
	if err := p.Done(); err != nil {
		return nil, err
	}
	return q, nil
}

// query parses [WITH …] term [ORDER BY …] [LIMIT n] [OFFSET n].
func (p *parser) query() (*ast.Query, *sparkerr.Error) {
	if err := p.Enter(); err != nil {
		return nil, err
	}
	defer p.Leave()
	start := p.start()
	q := &ast.Query{}
	var err *sparkerr.Error
	if p.withFollows(0) {
		if q.With, err = p.commonTables(); err != nil {
			return nil, err
		}
	}
	if q.Body, err = p.term(); err != nil {
		return nil, err
	}
	if err := p.organization(q); err != nil {
		return nil, err
	}
	q.Node = p.node(start)
	return q, nil
}

// withFollows reports whether the token n positions after the next one is the WITH of a query.
func (p *parser) withFollows(n int) bool {
	if !p.PeekAt(n).Is("WITH") || !p.PeekAt(n+1).IsName() {
		return false
	}
	after := p.PeekAt(n + 2)
	return after.IsName() || after.Is("(")
}

// commonTables parses WITH [RECURSIVE] name [(columns)] [AS] (query), ….
func (p *parser) commonTables() ([]ast.CommonTable, *sparkerr.Error) {
	p.Next()
	recursive := p.Is("RECURSIVE") && p.PeekAt(1).IsName() && !p.PeekAt(1).Is("AS") && p.Accept("RECURSIVE")
	var list []ast.CommonTable
	for {
		t, err := p.commonTable()
		if err != nil {
			return nil, err
		}
		t.Recursive = recursive
		list = append(list, t)
		if !p.Accept(",") {
			return list, nil
		}
	}
}

func (p *parser) commonTable() (t ast.CommonTable, err *sparkerr.Error) {
	start := p.start()
	if t.Name, err = p.Identifier(); err != nil {
		return t, err
	}
	if p.Is("(") && !p.queryFollows(1) {
		if t.Columns, err = p.nameList(); err != nil {
			return t, err
		}
	}
	p.Accept("AS")
	if err = p.Expect("("); err != nil {
		return t, err
	}
	if t.Query, err = p.query(); err != nil {
		return t, err
	}
	err = p.Expect(")")
	t.Node = p.node(start)
	return t, err
}

// organization parses the clauses that apply to the whole result of a query, in the order in which Spark's grammar has them.
func (p *parser) organization(q *ast.Query) *sparkerr.Error {
	if p.Accept("ORDER", "BY") {
		var err *sparkerr.Error
		if q.OrderBy, err = p.orderItems(); err != nil {
			return err
		}
	}
	for _, word := range []string{"CLUSTER", "DISTRIBUTE", "SORT"} {
		if !p.Is(word, "BY") {
			continue
		}
		start := p.start()
		p.Accept(word, "BY")
		if _, err := p.orderItems(); err != nil {
			return err
		}
		q.Others = append(q.Others, ast.Clause{Node: p.node(start), Name: word + " BY"})
	}
	err := p.windows()
	if err != nil {
		return err
	}
	if p.Accept("LIMIT") && !p.limitAll() {
		if q.Limit, err = p.expression(); err != nil {
			return err
		}
	}
	if p.Accept("OFFSET") {
		q.Offset, err = p.expression()
	}
	return err
}

// limitAll consumes the ALL of LIMIT ALL.
func (p *parser) limitAll() bool {
	after := p.PeekAt(1)
	return p.Is("ALL") && (!startsOperand(after) || after.Is("OFFSET")) && !after.Is("(") && !after.Is(".") && p.Accept("ALL")
}

// windows parses WINDOW name AS (…), … and discards it: streams refuse every OVER.
func (p *parser) windows() *sparkerr.Error {
	if !p.Is("WINDOW") || !p.PeekAt(1).IsName() || !p.PeekAt(2).Is("AS") {
		return nil
	}
	for more := p.Accept("WINDOW"); more; more = p.Accept(",") {
		if _, err := p.Identifier(); err != nil {
			return err
		}
		if err := p.Expect("AS"); err != nil {
			return err
		}
		if err := p.window(); err != nil {
			return err
		}
	}
	return nil
}

// term parses set operations and pipe operators, which bind loosest.
func (p *parser) term() (ast.Relation, *sparkerr.Error) {
	start := p.start()
	left, err := p.setOperations(false)
	for err == nil && p.Is("|>") {
		p.Next()
		if err = p.countOperator(start); err == nil {
			left, err = p.pipe(start, left)
		}
	}
	return left, err
}

// setOperations parses a UNION b, a EXCEPT b, or with tight only a INTERSECT b, which binds tighter.
func (p *parser) setOperations(tight bool) (ast.Relation, *sparkerr.Error) {
	operand := p.primaryQuery
	if !tight {
		operand = func() (ast.Relation, *sparkerr.Error) { return p.setOperations(true) }
	}
	start := p.start()
	left, err := operand()
	for err == nil && p.setOperationFollows() && p.Is("INTERSECT") == tight {
		if err = p.countOperator(start); err != nil {
			break
		}
		op := p.setOperator()
		op.Left = left
		if op.Right, err = operand(); err == nil {
			op.ByName = op.ByName || p.Accept("BY", "NAME")
			op.Node = p.node(start)
			left = op
		}
	}
	return left, err
}

// setOperationFollows reports whether a set operator and a query follow.
func (p *parser) setOperationFollows() bool {
	if !p.IsAny("UNION", "EXCEPT", "MINUS", "INTERSECT") {
		return false
	}
	n := 1
	if p.PeekAt(n).Is("ALL") || p.PeekAt(n).Is("DISTINCT") {
		n++
	}
	if p.PeekAt(n).Is("BY") {
		n += 2
	}
	return p.PeekAt(n).Is("(") || p.queryFollows(n)
}

// setOperator consumes UNION, EXCEPT, MINUS or INTERSECT with [ALL|DISTINCT] [BY NAME].
func (p *parser) setOperator() *ast.SetOperation {
	start := p.start()
	op := &ast.SetOperation{Op: upper(p.Next())}
	if op.Op == "MINUS" {
		op.Op = "EXCEPT"
	}
	op.All = p.Accept("ALL")
	p.Accept("DISTINCT")
	op.OpSpan = p.node(start).Span
	op.ByName = p.Accept("BY", "NAME")
	return op
}

// primaryQuery parses SELECT …, FROM … [SELECT …], VALUES …, TABLE name or a query in parentheses.
func (p *parser) primaryQuery() (ast.Relation, *sparkerr.Error) {
	start := p.start()
	switch {
	case p.Is("SELECT"):
		return p.selection(start, nil)
	case p.Is("FROM") && p.queryFollows(0):
		from, err := p.from()
		if err != nil || !p.Is("SELECT") {
			return from, err
		}
		return p.selection(start, from)
	case p.Is("VALUES") && p.queryFollows(0):
		return p.values()
	case p.Is("TABLE") && p.queryFollows(0):
		p.Next()
		name, err := p.qualifiedName()
		return &ast.Table{Node: p.node(start), Name: name}, err
	case p.Accept("("):
		q, err := p.query()
		if err != nil {
			return nil, err
		}
		err = p.Expect(")")
		q.Node = p.node(start)
		return q, err
	}
	return nil, p.Unexpected("")
}

// queryFollows reports whether a query that does not begin with a parenthesis starts n tokens after the next one.
func (p *parser) queryFollows(n int) bool {
	after := p.PeekAt(n + 1)
	switch t := p.PeekAt(n); {
	case t.Kind != lex.Word:
		return false
	case t.Is("SELECT"):
		return startsExpression(after) || after.Is("/*+")
	case t.Is("FROM"), t.Is("TABLE"):
		return after.IsName() || t.Is("FROM") && after.Is("(")
	case t.Is("VALUES"):
		return startsOperand(after) || after.Is("(")
	}
	return p.withFollows(n)
}

// parenthesizedQuery reports whether the "(" n tokens after the next one encloses a query, rather than a relation or an expression.
func (p *parser) parenthesizedQuery(n int) bool {
	if !p.PeekAt(n + 1).Is("(") {
		return p.queryFollows(n + 1)
	}
	if !p.parenthesizedQuery(n + 1) {
		return false
	}
	after := p.PeekAt(p.closing(n+1) + 1)
	for _, s := range []string{")", "UNION", "EXCEPT", "MINUS", "INTERSECT", "ORDER", "LIMIT", "OFFSET", "SORT", "CLUSTER", "DISTRIBUTE", "|>"} {
		if after.Is(s) {
			return true
		}
	}
	return false
}

// closing returns the position of the ")" that closes the "(" n tokens after the next one, counted in the same way.
func (p *parser) closing(n int) int {
	open := 0
	for ; ; n++ {
		switch t := p.PeekAt(n); {
		case t.Kind == lex.End:
			return n
		case t.Is("("):
			open++
		case t.Is(")"):
			if open--; open == 0 {
				return n
			}
		}
	}
}
