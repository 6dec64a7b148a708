package parse

import (
	"strconv"
	"strings"

	"github.com/streamctl/streamctl/internal/lex"
	"github.com/streamctl/streamctl/internal/sparkerr"
	"github.com/streamctl/streamctl/internal/sql/ast"
	"github.com/streamctl/streamctl/internal/types"
)

// postfix parses a primary expression with its subscripts, fields, ::type and COLLATE.
func (p *parser) postfix() (ast.Expr, *sparkerr.Error) {
	start := p.start()
	x, err := p.primary()
	for err == nil {
		switch {
		case p.Accept("["):
			x, err = p.subscript(start, x)
		case p.Accept("."):
			x, err = p.field(start, x)
		case p.Accept("::"):
			x, err = p.castTo(start, x, false)
		case p.Is(":") && (p.PeekAt(1).IsName() || p.PeekAt(1).Is("[")):
			x, err = p.extractPath(start, x)
		case p.Is("COLLATE") && p.PeekAt(1).IsName():
			x, err = p.collate(start, x)
		default:
			return x, nil
		}
		if err == nil {
			err = p.countOperator(start)
		}
	}
	return nil, err
}

func (p *parser) subscript(start int, x ast.Expr) (ast.Expr, *sparkerr.Error) {
	index, err := p.value()
	if err != nil {
		return nil, err
	}
	if err := p.Expect("]"); err != nil {
		return nil, err
	}
	return &ast.Subscript{Node: p.node(start), X: x, Index: index}, nil
}

// field parses x.name. After a name, even one in parentheses, it extends that name.
func (p *parser) field(start int, x ast.Expr) (ast.Expr, *sparkerr.Error) {
	name, err := p.Identifier()
	if err != nil {
		return nil, err
	}
	if n, ok := x.(*ast.Name); ok {
		return &ast.Name{Node: p.node(start), Parts: append(n.Parts[:len(n.Parts):len(n.Parts)], name)}, nil
	}
	return &ast.Field{Node: p.node(start), X: x, Name: name}, nil
}

// castTo parses the type of a cast, where CHAR and VARCHAR behave like STRING.
func (p *parser) castTo(start int, x ast.Expr, try bool) (*ast.Cast, *sparkerr.Error) {
	t, err := types.TypeAt(p.Cursor)
	if err != nil {
		return nil, err
	}
	return &ast.Cast{Node: p.node(start), X: x, Type: textAsString(t), Try: try}, nil
}

func textAsString(t *types.Type) *types.Type {
	switch t.Kind {
	case types.KindChar, types.KindVarchar:
		return types.String
	case types.KindArray:
		return types.ArrayOf(textAsString(t.Elem), t.ContainsNull)
	case types.KindMap:
		return types.MapOf(textAsString(t.Key), textAsString(t.Elem), t.ContainsNull)
	case types.KindStruct:
		fields := make([]types.Field, len(t.Fields))
		for i, f := range t.Fields {
			f.Type = textAsString(f.Type)
			fields[i] = f
		}
		return types.StructOf(fields...)
	}
	return t
}

// extractPath parses x:a.b[0]['c'].
func (p *parser) extractPath(start int, x ast.Expr) (ast.Expr, *sparkerr.Error) {
	p.Next()
	path := "$"
	for first := true; first || p.IsAny(".", "["); first = false {
		if p.Peek().Is("[") {
			if p.PeekAt(1).Is("-") { // an index into the extracted value
				break
			}
			p.Next()
			if key := p.Peek(); key.Kind != lex.Integer && !isPathName(key) {
				return nil, p.Unexpected("")
			}
			path += "[" + p.Next().Text + "]"
			if err := p.Expect("]"); err != nil {
				return nil, err
			}
			continue
		}
		if !first {
			p.Next()
		}
		name, err := p.Identifier()
		if err != nil {
			return nil, err
		}
		path += "." + name
	}
	return &ast.Extract{Node: p.node(start), X: x, Path: path}, nil
}

// isPathName reports whether t is a name in single quotes that contains nothing to escape.
func isPathName(t lex.Token) bool {
	return t.Kind == lex.String && len(t.Text) > 2 && t.Text[0] == '\'' && !strings.ContainsAny(t.Text[1:len(t.Text)-1], `\'`)
}

// collate parses x COLLATE name as the function collate.
func (p *parser) collate(start int, x ast.Expr) (ast.Expr, *sparkerr.Error) {
	p.Next()
	nameStart := p.start()
	parts, err := p.qualifiedName()
	if err != nil {
		return nil, err
	}
	name := &ast.Literal{Node: p.node(nameStart), Kind: ast.LitString, Text: strings.Join(parts, ".")}
	return p.call(start, "collate", x, name), nil
}

// call returns the function call that implements a special form.
func (p *parser) call(start int, name string, args ...ast.Expr) *ast.Call {
	node := p.node(start)
	return &ast.Call{Node: node, Name: []string{name}, Args: args, NameSpan: node.Span}
}

// primary parses a literal, name, call, special form, star, lambda, or an expression in parentheses.
func (p *parser) primary() (ast.Expr, *sparkerr.Error) {
	t := p.Peek()
	switch {
	case t.Kind == lex.Word || t.Kind == lex.Quoted:
		return p.word()
	case t.Kind == lex.String || isNumber(t) || t.Is("-") && isNumber(p.PeekAt(1)):
		return p.literal()
	case t.Is("("):
		return p.parenthesized()
	case t.Is("*"):
		p.Next()
		return p.star(t.Start, nil)
	case t.Is("?"):
		p.Next()
		return &ast.Parameter{Node: p.node(t.Start), Name: "_" + strconv.Itoa(t.Start)}, nil
	case t.Is(":") && p.PeekAt(1).IsName():
		p.Next()
		name, err := p.Identifier()
		return &ast.Parameter{Node: p.node(t.Start), Name: name}, err
	}
	return nil, p.Unexpected("")
}

// word parses an expression that starts with a word: a constant, a special form, a call, a lambda or a name.
func (p *parser) word() (ast.Expr, *sparkerr.Error) {
	t, after := p.Peek(), p.PeekAt(1)
	if t.Kind == lex.Word {
		switch {
		case t.Is("CASE") && startsExpression(after) && p.caseFollows():
			return p.caseWhen()
		case t.Is("INTERVAL") && p.intervalFollows():
			return p.interval()
		case after.Kind == lex.String:
			return p.typedLiteral()
		case t.Is("NULL"):
			return p.constant(ast.LitNull)
		case t.Is("TRUE"), t.Is("FALSE"):
			return p.constant(ast.LitBool)
		case t.Is("EXISTS") && after.Is("(") && p.parenthesizedQuery(1):
			p.Next()
			p.Next()
			return p.subquery(t.Start, &ast.Subquery{Exists: true})
		case after.Is("("):
			if read := p.specialForm(t.Text); read != nil {
				return read()
			}
		}
	}
	if after.Is("->") {
		return p.lambda()
	}
	return p.nameOrCall()
}

func (p *parser) constant(kind ast.LiteralKind) (ast.Expr, *sparkerr.Error) {
	t := p.Next()
	return &ast.Literal{Node: p.node(t.Start), Kind: kind, Text: strings.ToLower(t.Text)}, nil
}

// lambda parses x -> body.
func (p *parser) lambda() (ast.Expr, *sparkerr.Error) {
	start := p.start()
	name, err := p.Identifier()
	if err != nil {
		return nil, err
	}
	p.Next()
	body, err := p.expression()
	if err != nil {
		return nil, err
	}
	return &ast.Lambda{Node: p.node(start), Params: []string{name}, Body: body}, nil
}

// nameOrCall parses a.b.c, a.b.*, or a.b(…).
func (p *parser) nameOrCall() (ast.Expr, *sparkerr.Error) {
	start := p.start()
	parts, err := p.qualifiedName()
	switch {
	case err != nil:
		return nil, err
	case p.Is("("):
		return p.function(start, parts)
	case p.Accept(".", "*"):
		return p.star(start, parts)
	}
	return &ast.Name{Node: p.node(start), Parts: parts}, nil
}

// qualifiedName parses a.b.c; it stops before .*
func (p *parser) qualifiedName() ([]string, *sparkerr.Error) {
	name, err := p.Identifier()
	parts := []string{name}
	for err == nil && p.Is(".") && p.PeekAt(1).IsName() {
		p.Next()
		name, err = p.Identifier()
		parts = append(parts, name)
	}
	return parts, err
}

// star parses what may follow * or q.*: EXCEPT (columns).
func (p *parser) star(start int, target []string) (ast.Expr, *sparkerr.Error) {
	s := &ast.Star{Node: p.node(start), Target: target}
	if !p.Accept("EXCEPT", "(") {
		return s, nil
	}
	for {
		column, err := p.qualifiedName()
		if err != nil {
			return nil, err
		}
		s.Except = append(s.Except, column)
		if p.Accept(")") {
			s.Node = p.node(start)
			return s, nil
		}
		if err := p.Expect(","); err != nil {
			return nil, err
		}
	}
}

// parenthesized parses (x), the tuple (x, y AS z), or the lambda (x, y) -> body.
func (p *parser) parenthesized() (ast.Expr, *sparkerr.Error) {
	isQuery := p.parenthesizedQuery(0)
	start := p.Next().Start
	if isQuery {
		return p.subquery(start, &ast.Subquery{})
	}
	items, err := p.namedExpressions(nil)
	if err == nil && len(items) == 1 {
		if _, ok := items[0].(*ast.Alias); ok && p.Is(")") {
			err = p.Unexpected("")
		}
	}
	if err == nil {
		err = p.Expect(")")
	}
	switch {
	case err != nil:
		return nil, err
	case len(items) == 1:
		return items[0], nil
	case p.Is("->"):
		return p.lambdaOf(start, items)
	}
	return &ast.Tuple{Node: p.node(start), Items: items}, nil
}

// subquery parses a query up to ")", as part of s, which starts at start.
func (p *parser) subquery(start int, s *ast.Subquery) (ast.Expr, *sparkerr.Error) {
	var err *sparkerr.Error
	if s.Query, err = p.query(); err != nil {
		return nil, err
	}
	err = p.Expect(")")
	s.Node = p.node(start)
	return s, err
}

// lambdaOf parses -> body after (x, y).
func (p *parser) lambdaOf(start int, items []ast.Expr) (ast.Expr, *sparkerr.Error) {
	l := &ast.Lambda{}
	for _, item := range items {
		name, ok := item.(*ast.Name)
		if !ok || len(name.Parts) > 1 {
			return nil, p.Unexpected("")
		}
		l.Params = append(l.Params, name.Parts[0])
	}
	p.Next()
	var err *sparkerr.Error
	if l.Body, err = p.expression(); err != nil {
		return nil, err
	}
	l.Node = p.node(start)
	return l, nil
}

// caseAhead is the maximum look-ahead in tokens for distinguishing CASE from a column of that name.
const caseAhead = 10_000

// caseFollows reports whether the word CASE starts a CASE expression: an operand follows, or THEN comes before the point
// where an expression beginning with a column named case would end.
func (p *parser) caseFollows() bool {
	if t := p.PeekAt(1); startsOperand(t) && !t.Is("WHEN") && !t.Is("END") && !t.Is("FROM") && !t.Is("AS") {
		return true
	}
	parens, cases := 0, 0
	for k := 1; k < caseAhead; k++ {
		switch t := p.PeekAt(k); {
		case t.Kind == lex.End:
			return false
		case t.Is("(") || t.Is("["):
			parens++
		case t.Is(")") || t.Is("]"):
			if parens--; parens < 0 {
				return false
			}
		case parens > 0:
		case t.Is("CASE") && startsExpression(p.PeekAt(k+1)):
			cases++
		case t.Is("END") && cases > 0:
			cases--
		case t.Is(",") && cases == 0:
			return false
		case t.Is("THEN") && cases == 0:
			return true
		}
	}
	return true
}

// caseWhen parses both forms of CASE.
func (p *parser) caseWhen() (ast.Expr, *sparkerr.Error) {
	c := &ast.Case{}
	start := p.Next().Start
	var err *sparkerr.Error
	if !p.Is("WHEN") || !startsExpression(p.PeekAt(1)) {
		if c.Operand, err = p.expression(); err != nil {
			return nil, err
		}
	}
	for p.Accept("WHEN") {
		var w ast.When
		if w.Cond, err = p.expression(); err != nil {
			return nil, err
		}
		if err = p.Expect("THEN"); err != nil {
			return nil, err
		}
		if w.Then, err = p.expression(); err != nil {
			return nil, err
		}
		c.Whens = append(c.Whens, w)
	}
	if len(c.Whens) == 0 {
		return nil, p.Unexpected("")
	}
	if p.Accept("ELSE") {
		if c.Else, err = p.expression(); err != nil {
			return nil, err
		}
	}
	err = p.Expect("END")
	c.Node = p.node(start)
	return c, err
}
