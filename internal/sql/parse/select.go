package parse

import (
	"strings"

	"github.com/streamctl/streamctl/internal/lex"
	"github.com/streamctl/streamctl/internal/sparkerr"
	"github.com/streamctl/streamctl/internal/sql/ast"
)

// selection parses SELECT … with its clauses. from is not nil if FROM comes first.
func (p *parser) selection(start int, from ast.Relation) (ast.Relation, *sparkerr.Error) {
	s := &ast.Select{From: from}
	if err := p.selectItems(s); err != nil {
		return nil, err
	}
	if from == nil && p.Is("FROM") {
		var err *sparkerr.Error
		if s.From, err = p.from(); err != nil {
			return nil, err
		}
	}
	if err := p.selectClauses(s); err != nil {
		return nil, err
	}
	s.Node = p.node(start)
	return s, nil
}

// selectItems parses SELECT [hints] [DISTINCT|ALL] items.
func (p *parser) selectItems(s *ast.Select) (err *sparkerr.Error) {
	p.Next()
	if err := p.hints(s); err != nil {
		return err
	}
	if p.IsAny("DISTINCT", "ALL") && startsExpression(p.PeekAt(1)) {
		s.Distinct = p.Next().Is("DISTINCT")
	}
	s.Items, err = p.namedExpressions(p.atClause)
	return err
}

// hints parses /*+ … */, of which only the text is kept.
func (p *parser) hints(s *ast.Select) *sparkerr.Error {
	for p.Is("/*+") {
		start := p.start()
		for !p.Is("*/") {
			if p.Next().Kind == lex.End {
				return p.Unexpected("")
			}
		}
		p.Next()
		s.Others = append(s.Others, ast.Clause{Node: p.node(start), Name: "The hint " + p.Text[start:p.LastEnd()]})
	}
	return nil
}

// selectClauses parses what follows FROM.
func (p *parser) selectClauses(s *ast.Select) (err *sparkerr.Error) {
	for p.Is("LATERAL", "VIEW") {
		view, err := p.lateralView()
		if err != nil {
			return err
		}
		s.Views = append(s.Views, view)
	}
	if s.Where, err = p.clause("WHERE"); err != nil {
		return err
	}
	if s.GroupBy, err = p.groupBy(func() (ast.GroupItem, *sparkerr.Error) { return p.groupItem(false) }); err != nil {
		return err
	}
	if s.Having, err = p.clause("HAVING"); err != nil {
		return err
	}
	if s.Qualify, err = p.clause("QUALIFY"); err != nil {
		return err
	}
	return p.windows()
}

// clause parses an optional word with an expression.
func (p *parser) clause(word string) (ast.Expr, *sparkerr.Error) {
	if !p.Accept(word) {
		return nil, nil
	}
	return p.expression()
}

// lateralView parses LATERAL VIEW [OUTER] generator(…) table [[AS] columns].
func (p *parser) lateralView() (v ast.LateralView, err *sparkerr.Error) {
	start := p.start()
	p.Accept("LATERAL", "VIEW")
	v.Outer = p.Is("OUTER") && p.PeekAt(1).IsName() && p.Accept("OUTER")
	at := p.start()
	name, err := p.qualifiedName()
	if err != nil {
		return v, err
	}
	if !p.Is("(") {
		return v, p.Unexpected("")
	}
	call, err := p.function(at, name)
	if err != nil {
		return v, err
	}
	v.Call, _ = call.(*ast.Call)
	if p.aliasFollows() {
		if v.Alias, err = p.Identifier(); err != nil {
			return v, err
		}
	}
	if p.Accept("AS") || p.aliasFollows() {
		for more := true; more; more = p.Accept(",") {
			column, err := p.Identifier()
			if err != nil {
				return v, err
			}
			v.Columns = append(v.Columns, column)
		}
	}
	v.Node = p.node(start)
	return v, nil
}

// groupBy parses GROUP BY with a parser of its items; it returns nil if there is none.
func (p *parser) groupBy(item func() (ast.GroupItem, *sparkerr.Error)) (*ast.GroupBy, *sparkerr.Error) {
	if !p.Is("GROUP", "BY") {
		return nil, nil
	}
	start := p.start()
	p.Accept("GROUP", "BY")
	g := &ast.GroupBy{}
	var err *sparkerr.Error
	if g.Items, err = p.groupItems(item); err != nil {
		return nil, err
	}
	if err := p.groupSuffix(g); err != nil {
		return nil, err
	}
	g.Node = p.node(start)
	return g, nil
}

func (p *parser) groupItems(parse func() (ast.GroupItem, *sparkerr.Error)) ([]ast.GroupItem, *sparkerr.Error) {
	var items []ast.GroupItem
	for {
		item, err := parse()
		if err != nil {
			return nil, err
		}
		items = append(items, item)
		if !p.Accept(",") {
			return items, nil
		}
	}
}

// groupItem parses an expression, GROUPING SETS (…), ROLLUP (…) or CUBE (…). Within these, (a, b) is a list rather than a struct.
func (p *parser) groupItem(within bool) (item ast.GroupItem, err *sparkerr.Error) {
	start := p.start()
	switch {
	case p.Is("GROUPING", "SETS", "("):
		item.Kind = ast.GroupSets
		p.Accept("GROUPING", "SETS")
		item.Items, err = p.groupElements()
	case p.Is("ROLLUP", "(") || p.Is("CUBE", "("):
		item.Kind = ast.Rollup
		if p.Next().Is("CUBE") {
			item.Kind = ast.Cube
		}
		item.Items, err = p.groupElements()
	case within && p.Is("(") && p.listFollows():
		item.Kind = ast.GroupList
		item.Items, err = p.groupElements()
	default:
		item.X, err = p.expression()
	}
	item.Node = p.node(start)
	return item, err
}

// listFollows reports whether the parenthesis at the cursor encloses a whole element of grouping sets.
func (p *parser) listFollows() bool {
	after := p.PeekAt(p.closing(0) + 1)
	return after.Is(",") || after.Is(")")
}

// groupElements parses (element, element).
func (p *parser) groupElements() ([]ast.GroupItem, *sparkerr.Error) {
	if err := p.Enter(); err != nil {
		return nil, err
	}
	defer p.Leave()
	if err := p.Expect("("); err != nil {
		return nil, err
	}
	items := []ast.GroupItem{}
	if p.Accept(")") {
		return items, nil
	}
	for {
		item, err := p.groupItem(true)
		if err != nil {
			return nil, err
		}
		items = append(items, item)
		if p.Accept(")") {
			return items, nil
		}
		if err := p.Expect(","); err != nil {
			return nil, err
		}
	}
}

// groupSuffix parses WITH ROLLUP, WITH CUBE or GROUPING SETS (…) after plain grouping expressions.
func (p *parser) groupSuffix(g *ast.GroupBy) (err *sparkerr.Error) {
	item := ast.GroupItem{Kind: ast.Rollup}
	switch {
	case p.Is("WITH", "ROLLUP"):
	case p.Is("WITH", "CUBE"):
		item.Kind = ast.Cube
	case p.Is("GROUPING", "SETS", "("):
		item.Kind = ast.GroupSets
	default:
		return nil
	}
	for _, i := range g.Items {
		if i.Kind != ast.GroupOne {
			return p.Unexpected("")
		}
	}
	start := p.start()
	p.Next()
	p.Next()
	item.Items = g.Items
	if item.Kind == ast.GroupSets {
		for _, i := range g.Items {
			g.Declared = append(g.Declared, i.X)
		}
		item.Items, err = p.groupElements()
	}
	item.Node = p.node(start)
	g.Items = []ast.GroupItem{item}
	return err
}

// atClause reports whether a clause starts at the cursor, rather than an alias spelled like one.
func (p *parser) atClause() bool {
	after := p.PeekAt(1)
	switch {
	case p.Is("FROM"):
		return after.IsName() || after.Is("(")
	case p.IsAny("GROUP", "ORDER", "SORT", "CLUSTER", "DISTRIBUTE"):
		return after.Is("BY")
	case p.IsAny("WHERE", "HAVING", "QUALIFY", "LIMIT", "OFFSET"):
		return startsExpression(after) && !after.Is("FROM")
	case p.Is("WINDOW"):
		return after.IsName() && p.PeekAt(2).Is("AS")
	case p.Is("LATERAL"):
		return after.Is("VIEW")
	}
	return p.setOperationFollows() && !after.Is("FROM")
}

func upper(t lex.Token) string { return strings.ToUpper(t.Text) }
