// Package parse parses Spark SQL expressions and queries into the nodes of package ast, by precedence climbing over
// the tokens of package lex. Spark does not reserve words: a word is a keyword only where the tokens after it can follow the
// keyword, otherwise it is a name.
package parse

import (
	"strings"

	"github.com/streamctl/streamctl/internal/lex"
	"github.com/streamctl/streamctl/internal/sparkerr"
	"github.com/streamctl/streamctl/internal/sql/ast"
)

// maxOperators limits chains of left-associative operators, whose trees are as deep as the chains are long.
const maxOperators = 20000

// A parser parses one text.
type parser struct {
	*lex.Cursor
	operators int
}

// Expression parses a single expression with an optional alias.
func Expression(text string) (ast.Expr, *sparkerr.Error) {
	p, err := newParser(text)
	if err != nil {
		return nil, err
	}
	e, err := p.namedExpression(nil)
	if err != nil {
		return nil, err
	}
	if err := p.Done(); err != nil {
		return nil, err
	}
	return e, nil
}

// OrderItem parses a single x [ASC|DESC] [NULLS FIRST|LAST].
func OrderItem(text string) (o ast.Order, err *sparkerr.Error) {
	p, err := newParser(text)
	if err != nil {
		return o, err
	}
	if o, err = p.orderItem(); err != nil {
		return o, err
	}
	return o, p.Done()
}

// SelectItems parses a comma-separated list of expressions with optional aliases.
func SelectItems(text string) ([]ast.Expr, *sparkerr.Error) {
	p, err := newParser(text)
	if err != nil {
		return nil, err
	}
	items, err := p.namedExpressions(nil)
	if err != nil {
		return nil, err
	}
	if err := p.Done(); err != nil {
		return nil, err
	}
	return items, nil
}

func newParser(text string) (*parser, *sparkerr.Error) {
	c, err := lex.New(text)
	if err != nil {
		return nil, err
	}
	return &parser{Cursor: c}, nil
}

// start returns the start of the next token.
func (p *parser) start() int { return p.Peek().Start }

// node returns a node that spans from start to the last consumed token.
func (p *parser) node(start int) ast.Node {
	return ast.Node{Span: ast.Span{Start: start, End: p.LastEnd()}}
}

// fail marks the text from start to the last consumed token in the error.
func (p *parser) fail(start int, e *sparkerr.Error) *sparkerr.Error {
	return p.Error(start, p.LastEnd(), e)
}

// startsExpression reports whether an expression can start with t.
func startsExpression(t lex.Token) bool {
	switch t.Kind {
	case lex.End, lex.Unknown:
		return false
	case lex.Symbol:
		switch t.Text {
		case "(", "-", "+", "~", "*", "!", ":", "?":
			return true
		}
		return false
	}
	return true
}

// startsOperand is startsExpression without the tokens that can also follow an expression.
func startsOperand(t lex.Token) bool {
	return startsExpression(t) && (t.Kind != lex.Symbol || t.Text == "~" || t.Text == "!" || t.Text == "?")
}

// namedExpressions parses a comma-separated list; stop recognises words that cannot be aliases here.
func (p *parser) namedExpressions(stop func() bool) ([]ast.Expr, *sparkerr.Error) {
	var items []ast.Expr
	for {
		e, err := p.namedExpression(stop)
		if err != nil {
			return nil, err
		}
		items = append(items, e)
		if !p.Accept(",") {
			return items, nil
		}
	}
}

// namedExpression parses an expression and its optional alias: name, AS name, or AS (name, name) for generators.
func (p *parser) namedExpression(stop func() bool) (ast.Expr, *sparkerr.Error) {
	start := p.start()
	e, err := p.expression()
	if err != nil {
		return nil, err
	}
	if stop != nil && stop() {
		return keywordWithAliases(e), nil
	}
	as := p.Peek()
	if as.Is("AS") && (p.PeekAt(1).IsName() || p.PeekAt(1).Is("(")) {
		p.Next()
	}
	switch {
	case p.Is("("):
		names, err := p.nameList()
		return &ast.Alias{Node: p.node(start), X: e, Names: names, List: true}, err
	case p.Peek().IsName():
		name, err := p.DefiningIdentifier()
		return &ast.Alias{Node: p.node(start), X: e, Names: []string{name}}, err
	case as.Is("AS"):
		return e, nil
	}
	return keywordWithAliases(e), nil
}

// keywords are functions that Spark's grammar calls without parentheses.
var keywords = map[string]bool{
	"current_date": true, "current_path": true, "current_time": true, "current_timestamp": true, "current_user": true, "session_user": true, "user": true,
}

// keywordWithAliases turns current_user(a, b), if that is a whole item, into the keyword current_user with the aliases (a, b), as Spark's
// grammar does.
func keywordWithAliases(e ast.Expr) ast.Expr {
	call, ok := e.(*ast.Call)
	if !ok || len(call.Name) != 1 || !keywords[strings.ToLower(call.Name[0])] || len(call.Args) == 0 || call.Named != nil || call.Distinct || call.Filter != nil ||
		call.Over || call.Within != nil || call.IgnoreNulls {
		return e
	}
	names := make([]string, len(call.Args))
	for i, arg := range call.Args {
		switch arg := arg.(type) {
		case *ast.Name:
			if len(arg.Parts) != 1 {
				return e
			}
			names[i] = arg.Parts[0]
		case *ast.Literal:
			if arg.Kind != ast.LitBool && arg.Kind != ast.LitNull {
				return e
			}
			names[i] = arg.Text
		default:
			return e
		}
	}
	bare := *call
	bare.Args = nil
	return &ast.Alias{Node: call.Node, X: &bare, Names: names, List: true}
}

// nameList parses (a, b).
func (p *parser) nameList() ([]string, *sparkerr.Error) {
	if err := p.Expect("("); err != nil {
		return nil, err
	}
	var names []string
	for {
		name, err := p.DefiningIdentifier()
		if err != nil {
			return nil, err
		}
		names = append(names, name)
		if p.Accept(")") {
			return names, nil
		}
		if err := p.Expect(","); err != nil {
			return nil, err
		}
	}
}
