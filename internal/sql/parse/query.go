package parse

import (
	"github.com/streamctl/streamctl/internal/sparkerr"
	"github.com/streamctl/streamctl/internal/sql/ast"
)

// query parses SELECT items [FROM stream] [WHERE …] [GROUP BY …] [HAVING …] [ORDER BY …] [LIMIT n].
func (p *parser) query() (*ast.Select, *sparkerr.Error) {
	start := p.start()
	if err := p.Expect("SELECT"); err != nil {
		return nil, err
	}
	s := &ast.Select{}
	if p.IsAny("DISTINCT", "ALL") && startsExpression(p.PeekAt(1)) {
		s.Distinct = p.Next().Is("DISTINCT")
	}
	var err *sparkerr.Error
	if s.Items, err = p.namedExpressions(p.atClause); err != nil {
		return nil, err
	}
	if p.Is("FROM") {
		if err := p.from(s); err != nil {
			return nil, err
		}
	}
	if err := p.clauses(s); err != nil {
		return nil, err
	}
	s.Node = p.node(start)
	return s, nil
}

// atClause reports whether a clause starts at the cursor, rather than an alias spelled like one.
func (p *parser) atClause() bool {
	after := p.PeekAt(1)
	switch {
	case p.Is("FROM"):
		return after.IsName()
	case p.IsAny("GROUP", "ORDER"):
		return after.Is("BY")
	case p.IsAny("WHERE", "HAVING", "LIMIT"):
		return startsExpression(after)
	}
	return false
}

// from parses the name of the stream.
func (p *parser) from(s *ast.Select) *sparkerr.Error {
	p.Next()
	start := p.start()
	parts, err := p.qualifiedName()
	if err != nil {
		return err
	}
	s.From, s.FromSpan = parts[len(parts)-1], p.node(start).Span
	return nil
}

func (p *parser) clauses(s *ast.Select) *sparkerr.Error {
	var err *sparkerr.Error
	if p.Accept("WHERE") {
		if s.Where, err = p.expression(); err != nil {
			return err
		}
	}
	if p.Accept("GROUP", "BY") {
		if s.GroupBy, err = p.list(); err != nil {
			return err
		}
	}
	if p.Accept("HAVING") {
		if s.Having, err = p.expression(); err != nil {
			return err
		}
	}
	if p.Accept("ORDER", "BY") {
		if s.OrderBy, err = p.orderItems(); err != nil {
			return err
		}
	}
	if p.Accept("LIMIT") {
		s.Limit, err = p.expression()
	}
	return err
}

// list parses a comma-separated list of expressions.
func (p *parser) list() ([]ast.Expr, *sparkerr.Error) {
	var list []ast.Expr
	for {
		e, err := p.expression()
		if err != nil {
			return nil, err
		}
		list = append(list, e)
		if !p.Accept(",") {
			return list, nil
		}
	}
}
