package parse

import (
	"strings"

	"github.com/streamctl/streamctl/internal/lex"
	"github.com/streamctl/streamctl/internal/sparkerr"
	"github.com/streamctl/streamctl/internal/sql/ast"
)

// from parses FROM relation, relation ….
func (p *parser) from() (ast.Relation, *sparkerr.Error) {
	p.Next()
	start := p.start()
	left, err := p.relation()
	for err == nil && p.Is(",") {
		join := &ast.Join{Kind: "CROSS", Comma: true, Left: left}
		join.OpSpan = ast.Span{Start: p.start(), End: p.Next().End}
		join.Lateral = p.acceptLateral()
		if err = p.countOperator(start); err != nil {
			break
		}
		if join.Right, err = p.relation(); err == nil {
			join.Node = p.node(start)
			left = join
		}
	}
	return left, err
}

// acceptLateral consumes the LATERAL before a subquery or a table function.
func (p *parser) acceptLateral() bool {
	return p.Is("LATERAL") && !p.PeekAt(1).Is("VIEW") && p.Accept("LATERAL")
}

// relation parses a relation with its joins and pivots.
func (p *parser) relation() (ast.Relation, *sparkerr.Error) {
	if err := p.Enter(); err != nil {
		return nil, err
	}
	defer p.Leave()
	start := p.start()
	p.acceptLateral()
	left, err := p.relationPrimary()
	for err == nil {
		switch {
		case p.joinFollows():
			if err = p.countOperator(start); err == nil {
				left, err = p.join(start, left)
			}
		case p.pivotFollows():
			left, err = p.pivot(start, left)
		default:
			return left, nil
		}
	}
	return nil, err
}

// relationPrimary parses a table, a query or relation in parentheses, VALUES, or a table function.
func (p *parser) relationPrimary() (ast.Relation, *sparkerr.Error) {
	switch {
	case p.Is("("):
		return p.derived()
	case p.Is("VALUES") && p.queryFollows(0):
		return p.values()
	case p.streamFollows():
		return p.streamTable()
	}
	start := p.start()
	name, err := p.qualifiedName()
	if err != nil {
		return nil, err
	}
	if p.Is("(") {
		return p.tableFunction(start, name)
	}
	return p.table(start, &ast.Table{Name: name})
}

// streamFollows reports whether the keyword STREAM and the name of a table follow. Spark takes the word for the keyword before every other
// word; here it is also the name of a view that may have an alias.
func (p *parser) streamFollows() bool {
	t := p.Peek()
	if t.Kind != lex.Word || !t.Is("STREAM") {
		return false
	}
	after := p.PeekAt(1)
	if after.Is("(") {
		return p.PeekAt(2).IsName() && p.closing(1) == 3
	}
	return after.IsName() && strings.EqualFold(after.Name(), "stream")
}

// streamTable parses STREAM name and STREAM(name).
func (p *parser) streamTable() (ast.Relation, *sparkerr.Error) {
	start := p.Next().Start
	parenthesized := p.Accept("(")
	name, err := p.qualifiedName()
	if err == nil && parenthesized {
		err = p.Expect(")")
	}
	if err != nil {
		return nil, err
	}
	return p.table(start, &ast.Table{Name: name, Stream: true})
}

// table parses what follows the name of a table; the node of the table is only the name.
func (p *parser) table(start int, t *ast.Table) (ast.Relation, *sparkerr.Error) {
	t.Node = p.node(start)
	var err *sparkerr.Error
	if t.Others, err = p.relationClauses(); err != nil {
		return nil, err
	}
	t.Naming, err = p.naming()
	return t, err
}

// derived parses (query) or (relation).
func (p *parser) derived() (ast.Relation, *sparkerr.Error) {
	d := &ast.Derived{}
	start := p.start()
	isQuery := p.parenthesizedQuery(0)
	p.Next()
	var err *sparkerr.Error
	if isQuery {
		d.Of, err = p.query()
	} else {
		d.Of, err = p.relation()
	}
	if err == nil {
		err = p.Expect(")")
	}
	if err != nil {
		return nil, err
	}
	if d.Others, err = p.relationClauses(); err != nil {
		return nil, err
	}
	d.Naming, err = p.naming()
	d.Node = p.node(start)
	return d, err
}

// values parses VALUES row, row.
func (p *parser) values() (ast.Relation, *sparkerr.Error) {
	start := p.Next().Start
	v := &ast.Values{}
	for {
		row, err := p.expression()
		if err != nil {
			return nil, err
		}
		v.Rows = append(v.Rows, row)
		if !p.Is(",") || !startsExpression(p.PeekAt(1)) {
			break
		}
		p.Next()
	}
	var err *sparkerr.Error
	v.Naming, err = p.naming()
	v.Node = p.node(start)
	return v, err
}

// tableFunction parses the arguments and the alias of a function in FROM.
func (p *parser) tableFunction(start int, name []string) (ast.Relation, *sparkerr.Error) {
	call, err := p.function(start, name)
	if err != nil {
		return nil, err
	}
	f := &ast.TableFunction{}
	f.Call, _ = call.(*ast.Call)
	f.Naming, err = p.naming()
	f.Node = p.node(start)
	return f, err
}

// notTableAliases are words that Spark's grammar does not accept as the alias of a relation without backticks (strictNonReserved).
var notTableAliases = map[string]bool{
	"ANTI": true, "CROSS": true, "EXCEPT": true, "FULL": true, "INNER": true, "INTERSECT": true, "JOIN": true, "LATERAL": true, "LEFT": true,
	"MINUS": true, "NATURAL": true, "ON": true, "RIGHT": true, "SEMI": true, "UNION": true, "USING": true,
}

// aliasFollows reports whether the next token is the alias of a relation without AS.
func (p *parser) aliasFollows() bool {
	t := p.Peek()
	if t.Kind == lex.Quoted {
		return true
	}
	return t.Kind == lex.Word && !t.Is("AS") && !notTableAliases[upper(t)] && !p.atClause() && !p.pivotFollows() && !p.relationClauseFollows() &&
		!(t.Is("SELECT") && startsExpression(p.PeekAt(1)))
}

// naming parses [[AS] alias [(columns)]].
func (p *parser) naming() (n ast.Naming, err *sparkerr.Error) {
	if !(p.Is("AS") && p.PeekAt(1).IsName() && p.Accept("AS")) && !p.aliasFollows() {
		return n, nil
	}
	if n.Alias, err = p.DefiningIdentifier(); err != nil || !p.Is("(") {
		return n, err
	}
	n.Columns, err = p.nameList()
	return n, err
}

// relationClauseFollows reports whether one of the clauses between a relation and its alias follows.
func (p *parser) relationClauseFollows() bool {
	switch after := p.PeekAt(1); {
	case p.Is("TABLESAMPLE"):
		return after.Is("(")
	case p.Is("WITH"):
		return after.Is("(")
	case p.Is("WATERMARK"):
		return startsExpression(after)
	}
	return p.timeTravelFollows() > 0
}

// timeTravelFollows returns the number of words of VERSION AS OF and the like; 0 if there are none.
func (p *parser) timeTravelFollows() int {
	n := 0
	if p.Is("FOR") {
		n++
	}
	version := p.PeekAt(n).Is("VERSION") || p.PeekAt(n).Is("SYSTEM_VERSION") || p.PeekAt(n).Is("TIMESTAMP") || p.PeekAt(n).Is("SYSTEM_TIME")
	if version && p.PeekAt(n+1).Is("AS") && p.PeekAt(n+2).Is("OF") {
		return n + 3
	}
	return 0
}

// relationClauses parses TABLESAMPLE, WATERMARK, the options of a table, and the time of its version.
func (p *parser) relationClauses() (list []ast.Clause, err *sparkerr.Error) {
	for p.relationClauseFollows() {
		c := ast.Clause{Name: upper(p.Peek())}
		start := p.start()
		switch {
		case p.timeTravelFollows() > 0:
			for range p.timeTravelFollows() {
				p.Next()
			}
			c.Name = strings.ToUpper(p.Text[start:p.LastEnd()])
			_, err = p.value()
		case p.Is("TABLESAMPLE"):
			c.Rows, err = p.sample()
		case p.Is("WATERMARK"):
			err = p.watermark(&c)
		default:
			c.Name = "The list of options of a table"
			p.Next()
			err = p.skipParentheses()
		}
		if err != nil {
			return nil, err
		}
		c.Node = p.node(start)
		list = append(list, c)
	}
	return list, nil
}

// sample parses TABLESAMPLE (…) [REPEATABLE (seed)] and returns the number of rows of TABLESAMPLE (n ROWS).
func (p *parser) sample() (rows ast.Expr, err *sparkerr.Error) {
	p.Next()
	if p.PeekAt(p.closing(0) - 1).Is("ROWS") {
		p.Next()
		if rows, err = p.expression(); err != nil {
			return nil, err
		}
		p.Next()
		if err := p.Expect(")"); err != nil {
			return nil, err
		}
	} else if err := p.skipParentheses(); err != nil {
		return nil, err
	}
	if p.Is("REPEATABLE", "(") {
		p.Next()
		err = p.skipParentheses()
	}
	return rows, err
}

// watermark parses WATERMARK column DELAY OF interval.
func (p *parser) watermark(c *ast.Clause) (err *sparkerr.Error) {
	p.Next()
	if c.Column, err = p.namedExpression(func() bool { return p.Is("DELAY", "OF") }); err != nil {
		return err
	}
	if !p.Accept("DELAY", "OF") {
		return p.Unexpected("")
	}
	c.Delay, err = p.value()
	return err
}

// skipParentheses consumes (…) unread.
func (p *parser) skipParentheses() *sparkerr.Error {
	for n := p.closing(0); n >= 0; n-- {
		if p.Next().Kind == lex.End {
			return p.Unexpected("")
		}
	}
	return nil
}
