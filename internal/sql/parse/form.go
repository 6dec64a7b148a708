package parse

import (
	"strings"

	"github.com/streamctl/streamctl/internal/lex"
	"github.com/streamctl/streamctl/internal/sparkerr"
	"github.com/streamctl/streamctl/internal/sql/ast"
)

// specialForm returns the parser of a function whose arguments have a special grammar, or nil for other functions. Each such
// parser starts at the name; for plain arguments it parses an ordinary call.
func (p *parser) specialForm(name string) func() (ast.Expr, *sparkerr.Error) {
	switch strings.ToUpper(name) {
	case "CAST", "TRY_CAST":
		return p.cast
	case "EXTRACT":
		return p.extract
	case "SUBSTRING", "SUBSTR":
		return p.substring
	case "TRIM":
		return p.trim
	case "POSITION":
		return p.position
	case "OVERLAY":
		return p.overlay
	case "STRUCT":
		return p.structOf
	case "FIRST", "LAST", "ANY_VALUE":
		return p.firstOrLast
	case "TIMESTAMPADD", "DATEADD", "DATE_ADD":
		return p.addUnits
	case "TIMESTAMPDIFF", "DATEDIFF", "DATE_DIFF", "TIMEDIFF":
		return p.unitsBetween
	case "IDENTIFIER":
		return p.identifierClause
	}
	return nil
}

// cast parses CAST(x AS t) and TRY_CAST(x AS t).
func (p *parser) cast() (ast.Expr, *sparkerr.Error) {
	first := p.Next()
	p.Next()
	x, err := p.expression()
	if err != nil {
		return nil, err
	}
	if p.Is(")") || p.Is(",") {
		name := ast.Span{Start: first.Start, End: first.End}
		return p.moreArguments(&ast.Call{Name: []string{first.Text}, NameSpan: name, Args: []ast.Expr{x}})
	}
	if err := p.Expect("AS"); err != nil {
		return nil, err
	}
	c, err := p.castTo(first.Start, x, first.Is("TRY_CAST"))
	if err != nil {
		return nil, err
	}
	err = p.Expect(")")
	c.Node = p.node(first.Start)
	return c, err
}

// extract parses EXTRACT(field FROM x) as the function extract with the field as a string.
func (p *parser) extract() (ast.Expr, *sparkerr.Error) {
	start := p.start()
	field := p.PeekAt(2)
	if !field.IsName() || !p.PeekAt(3).Is("FROM") {
		return p.nameOrCall()
	}
	p.Next()
	p.Next()
	p.Next()
	unit := &ast.Literal{Node: p.node(field.Start), Kind: ast.LitString, Text: field.Name()}
	p.Next()
	x, err := p.value()
	if err != nil {
		return nil, err
	}
	err = p.Expect(")")
	return p.call(start, "extract", unit, x), err
}

// firstValue parses the name, "(" and the value at the start of the arguments, if there is one.
func (p *parser) firstValue() (c *ast.Call, first operand, err *sparkerr.Error) {
	name := p.Next()
	c = &ast.Call{Name: []string{name.Name()}, NameSpan: p.node(name.Start).Span}
	p.Next()
	first = operand{start: p.start()}
	named := p.Peek().IsName() && p.PeekAt(1).Is("=>")
	if !startsExpression(p.Peek()) || named || p.IsAny("!", "NOT", "DISTINCT", "ALL") {
		return c, first, nil
	}
	first.x, err = p.value()
	return c, first, err
}

// rest parses the remaining arguments of the call that firstValue began.
func (p *parser) rest(c *ast.Call, first operand) (ast.Expr, *sparkerr.Error) {
	if first.x != nil || !p.Accept(")") {
		if first.x == nil && p.IsAny("DISTINCT", "ALL") && startsExpression(p.PeekAt(1)) {
			c.Distinct = p.Next().Is("DISTINCT")
			first.start = p.start()
		}
		if err := p.arguments(c, first); err != nil {
			return nil, err
		}
	}
	if err := p.callSuffixes(c); err != nil {
		return nil, err
	}
	c.Node = p.node(c.NameSpan.Start)
	return c, nil
}

// keywordArgs parses values, each after its keyword, up to ")". Keywords in brackets are optional.
func (p *parser) keywordArgs(c *ast.Call, words ...string) (ast.Expr, *sparkerr.Error) {
	for _, word := range words {
		required := strings.Trim(word, "[]")
		if required != word && !p.Is(required) {
			continue
		}
		if err := p.Expect(required); err != nil {
			return nil, err
		}
		arg, err := p.value()
		if err != nil {
			return nil, err
		}
		c.Args = append(c.Args, arg)
	}
	err := p.Expect(")")
	c.Node = p.node(c.NameSpan.Start)
	return c, err
}

// substring parses SUBSTRING(x FROM pos [FOR len]).
func (p *parser) substring() (ast.Expr, *sparkerr.Error) {
	c, first, err := p.firstValue()
	if err != nil {
		return nil, err
	}
	if first.x == nil || !p.Is("FROM") {
		return p.rest(c, first)
	}
	c.Name, c.Args = []string{"substring"}, []ast.Expr{first.x}
	return p.keywordArgs(c, "FROM", "[FOR]")
}

// overlay parses OVERLAY(x PLACING y FROM pos [FOR len]).
func (p *parser) overlay() (ast.Expr, *sparkerr.Error) {
	c, first, err := p.firstValue()
	if err != nil {
		return nil, err
	}
	if first.x == nil || !p.Is("PLACING") {
		return p.rest(c, first)
	}
	c.Name, c.Args = []string{"overlay"}, []ast.Expr{first.x}
	return p.keywordArgs(c, "PLACING", "FROM", "[FOR]")
}

// position parses POSITION(x IN y), which is the function locate.
func (p *parser) position() (ast.Expr, *sparkerr.Error) {
	c, first, err := p.firstValue()
	if err != nil {
		return nil, err
	}
	if first.x == nil || !p.Is("IN") {
		return p.rest(c, first)
	}
	c.Name, c.Args = []string{"locate"}, []ast.Expr{first.x}
	return p.keywordArgs(c, "IN")
}

// trim parses TRIM([BOTH|LEADING|TRAILING] [chars] FROM x) as trim, ltrim or rtrim with the characters first.
func (p *parser) trim() (ast.Expr, *sparkerr.Error) {
	names := map[string]string{"BOTH": "trim", "LEADING": "ltrim", "TRAILING": "rtrim"}
	side := strings.ToUpper(p.PeekAt(2).Text)
	after := p.PeekAt(3)
	if names[side] == "" || p.PeekAt(2).Kind != lex.Word || !startsOperand(after) && !after.Is("(") {
		return p.trimFrom()
	}
	c := &ast.Call{Name: []string{names[side]}, NameSpan: ast.Span{Start: p.start()}}
	for range 3 {
		p.Next()
	}
	c.NameSpan.End = p.LastEnd()
	if !p.Is("FROM") || !startsExpression(p.PeekAt(1)) {
		chars, err := p.value()
		if err != nil {
			return nil, err
		}
		c.Args = append(c.Args, chars)
	}
	return p.keywordArgs(c, "FROM")
}

// trimFrom parses TRIM(chars FROM x), TRIM(FROM x) and plain calls.
func (p *parser) trimFrom() (ast.Expr, *sparkerr.Error) {
	if p.PeekAt(2).Is("FROM") && startsOperand(p.PeekAt(3)) {
		name := p.Next()
		p.Next()
		return p.keywordArgs(&ast.Call{Name: []string{"trim"}, NameSpan: ast.Span{Start: name.Start, End: name.End}}, "FROM")
	}
	c, first, err := p.firstValue()
	if err != nil {
		return nil, err
	}
	if first.x == nil || !p.Is("FROM") {
		return p.rest(c, first)
	}
	c.Name, c.Args = []string{"trim"}, []ast.Expr{first.x}
	return p.keywordArgs(c, "FROM")
}

// structOf parses STRUCT(x, y AS z): its arguments may have aliases.
func (p *parser) structOf() (ast.Expr, *sparkerr.Error) {
	name := p.Next()
	c := &ast.Call{Name: []string{name.Name()}, NameSpan: p.node(name.Start).Span}
	p.Next()
	if !p.Accept(")") {
		var err *sparkerr.Error
		if c.Args, err = p.namedExpressions(nil); err != nil {
			return nil, err
		}
		if err = p.Expect(")"); err != nil {
			return nil, err
		}
	}
	if err := p.callSuffixes(c); err != nil {
		return nil, err
	}
	c.Node = p.node(name.Start)
	return c, nil
}

// firstOrLast parses FIRST(x IGNORE NULLS) and similar functions.
func (p *parser) firstOrLast() (ast.Expr, *sparkerr.Error) {
	c, first, err := p.firstValue()
	if err != nil {
		return nil, err
	}
	if first.x == nil || !p.Accept("IGNORE", "NULLS") {
		return p.rest(c, first)
	}
	c.Args, c.IgnoreNulls = []ast.Expr{first.x}, true
	if err := p.Expect(")"); err != nil {
		return nil, err
	}
	if err := p.callSuffixes(c); err != nil {
		return nil, err
	}
	c.IgnoreNulls = true
	c.Node = p.node(c.NameSpan.Start)
	return c, nil
}

// addUnits parses DATEADD(unit, n, t) as the function timestampadd with the unit as a string.
func (p *parser) addUnits() (ast.Expr, *sparkerr.Error) { return p.unitCall("timestampadd") }

// unitsBetween parses DATEDIFF(unit, t, t) as the function timestampdiff with the unit as a string.
func (p *parser) unitsBetween() (ast.Expr, *sparkerr.Error) { return p.unitCall("timestampdiff") }

func (p *parser) unitCall(function string) (ast.Expr, *sparkerr.Error) {
	name, unit := p.Peek(), p.PeekAt(2)
	isUnit := unit.Kind == lex.Word && datetimeUnits[strings.ToUpper(unit.Text)]
	if !isUnit && unit.Kind != lex.String || !p.PeekAt(3).Is(",") {
		return p.nameOrCall()
	}
	e, err := p.nameOrCall()
	if err != nil {
		return nil, err
	}
	c := e.(*ast.Call)
	if len(c.Args) != 3 {
		return c, nil
	}
	if !isUnit {
		p.Later(p.fail(name.Start, sparkerr.New("INVALID_PARAMETER_VALUE.DATETIME_UNIT", "functionName",
			"`"+name.Text+"`", "parameter", "`unit`", "invalidValue", unit.Text)))
	}
	c.Name = []string{function}
	c.Args[0] = &ast.Literal{Node: ast.Node{Span: c.Args[0].Pos()}, Kind: ast.LitString, Text: strings.ToUpper(unit.Text)}
	return c, nil
}

var datetimeUnits = map[string]bool{
	"YEAR": true, "QUARTER": true, "MONTH": true, "WEEK": true, "DAY": true, "DAYOFYEAR": true, "HOUR": true, "MINUTE": true,
	"SECOND": true, "MILLISECOND": true, "MICROSECOND": true,
}

// identifierClause parses IDENTIFIER('a.b') as the name a.b.
func (p *parser) identifierClause() (ast.Expr, *sparkerr.Error) {
	start := p.start()
	if p.PeekAt(2).Kind != lex.String || !p.PeekAt(3).Is(")") {
		return p.nameOrCall()
	}
	p.Next()
	p.Next()
	inner, err := newParser(lex.Unquote(p.Next().Text))
	if err != nil {
		return nil, err
	}
	parts, err := inner.qualifiedName()
	if err != nil {
		return nil, err
	}
	if err := inner.Done(); err != nil {
		return nil, err
	}
	p.Next()
	if p.Is("(") {
		return p.function(start, parts)
	}
	return &ast.Name{Node: p.node(start), Parts: parts}, nil
}
