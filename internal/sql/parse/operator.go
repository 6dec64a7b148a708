package parse

import (
	"strings"

	"github.com/streamctl/streamctl/internal/lex"
	"github.com/streamctl/streamctl/internal/sparkerr"
	"github.com/streamctl/streamctl/internal/sql/ast"
)

// An operand is an expression with its start position in the text, including its parentheses.
type operand struct {
	start int
	x     ast.Expr
}

// expression parses a whole expression: OR, AND, NOT, predicates and values.
func (p *parser) expression() (ast.Expr, *sparkerr.Error) {
	return p.disjunction(operand{start: p.start()})
}

// expressions parses a comma separated list up to ")".
func (p *parser) expressions() ([]ast.Expr, *sparkerr.Error) {
	var list []ast.Expr
	for {
		e, err := p.expression()
		if err != nil {
			return nil, err
		}
		list = append(list, e)
		if p.Accept(")") {
			return list, nil
		}
		if err := p.Expect(","); err != nil {
			return nil, err
		}
	}
}

// disjunction parses a OR b. Here and in the next three functions, left.x is the value expression at the start if it has
// already been parsed, and nil otherwise.
func (p *parser) disjunction(left operand) (ast.Expr, *sparkerr.Error) {
	e, err := p.conjunction(left)
	for err == nil && p.Is("OR") && startsExpression(p.PeekAt(1)) {
		p.Next()
		var r ast.Expr
		if r, err = p.conjunction(operand{start: p.start()}); err == nil {
			e, err = p.binary(left.start, "OR", e, r)
		}
	}
	return e, err
}

func (p *parser) conjunction(left operand) (ast.Expr, *sparkerr.Error) {
	e, err := p.negation(left)
	for err == nil && p.Is("AND") && startsExpression(p.PeekAt(1)) {
		p.Next()
		var r ast.Expr
		if r, err = p.negation(operand{start: p.start()}); err == nil {
			e, err = p.binary(left.start, "AND", e, r)
		}
	}
	return e, err
}

func (p *parser) binary(start int, op string, l, r ast.Expr) (ast.Expr, *sparkerr.Error) {
	if err := p.countOperator(start); err != nil {
		return nil, err
	}
	return &ast.Binary{Node: p.node(start), Op: op, L: l, R: r}, nil
}

func (p *parser) countOperator(start int) *sparkerr.Error {
	if p.operators++; p.operators > maxOperators {
		return p.fail(start, sparkerr.New("FAILED_TO_PARSE_TOO_COMPLEX"))
	}
	return nil
}

// negation parses NOT x and predicates.
func (p *parser) negation(left operand) (ast.Expr, *sparkerr.Error) {
	emptyCall := p.PeekAt(1).Is("(") && p.PeekAt(2).Is(")") // NOT() is a call of the function
	if left.x == nil && (p.Is("!") || p.Is("NOT") && startsExpression(p.PeekAt(1)) && !emptyCall) {
		if err := p.Enter(); err != nil {
			return nil, err
		}
		defer p.Leave()
		p.Next()
		x, err := p.negation(operand{start: p.start()})
		if err != nil {
			return nil, err
		}
		return &ast.Unary{Node: p.node(left.start), Op: "NOT", X: x}, nil
	}
	if left.x == nil {
		x, err := p.value()
		if err != nil {
			return nil, err
		}
		left.x = x
	}
	return p.predicate(left)
}

// precedence returns the precedence of an operator between values; higher binds tighter, 0 means that op is not such an
// operator.
func precedence(op string) int {
	switch op {
	case "=", "==", "<=>", "<>", "!=", "<", "<=", "!>", ">", ">=", "!<":
		return 1
	case "|":
		return 2
	case "^":
		return 3
	case "&":
		return 4
	case "<<", ">>", ">>>":
		return 5
	case "+", "-", "||":
		return 6
	case "*", "/", "%", "DIV":
		return 7
	}
	return 0
}

// operator returns the operator at the cursor and its number of tokens. Adjacent ">" are a shift.
func (p *parser) operator() (string, int) {
	t := p.Peek()
	if t.Is("DIV") && startsExpression(p.PeekAt(1)) {
		return "DIV", 1
	}
	if t.Kind != lex.Symbol || t.Text != ">" {
		return t.Text, 1
	}
	n := 1
	for n < 3 && p.PeekAt(n).Is(">") && p.PeekAt(n).Start == t.Start+n {
		n++
	}
	if n > 1 && p.OpenTypes() > 0 {
		n = 1
	}
	return ">>>"[:n], n
}

// value parses a value expression: everything except predicates, NOT, AND and OR. It counts the nesting, because all nesting
// except that of prefix operators passes through it.
func (p *parser) value() (ast.Expr, *sparkerr.Error) {
	if err := p.Enter(); err != nil {
		return nil, err
	}
	defer p.Leave()
	return p.valueFrom(1)
}

// valueFrom parses operators of at least the given precedence.
func (p *parser) valueFrom(lowest int) (ast.Expr, *sparkerr.Error) {
	start := p.start()
	l, err := p.unary()
	for err == nil {
		op, tokens := p.operator()
		level := precedence(op)
		if level < lowest {
			break
		}
		for range tokens {
			p.Next()
		}
		var r ast.Expr
		if r, err = p.valueFrom(level + 1); err == nil {
			l, err = p.binary(start, canonical(op), l, r)
		}
	}
	return l, err
}

func canonical(op string) string {
	switch op {
	case "!>":
		return "<="
	case "!<":
		return ">="
	}
	return op
}

// unary parses prefix operators. A minus directly before a number is part of the number (Spark: rule number).
func (p *parser) unary() (ast.Expr, *sparkerr.Error) {
	if !p.IsAny("-", "+", "~") || p.Is("-") && isNumber(p.PeekAt(1)) {
		return p.postfix()
	}
	if err := p.Enter(); err != nil {
		return nil, err
	}
	defer p.Leave()
	start := p.start()
	op := p.Next().Text
	x, err := p.unary()
	if err != nil {
		return nil, err
	}
	return &ast.Unary{Node: p.node(start), Op: op, X: x}, nil
}

// predicate parses what follows a value: at most one of IS, BETWEEN, IN, LIKE and so on. As in Spark, such a node spans only
// the words of the predicate.
func (p *parser) predicate(left operand) (ast.Expr, *sparkerr.Error) {
	start := p.start()
	if p.Is("IS") {
		return p.is(left)
	}
	skip := 0
	if p.IsAny("NOT", "!") {
		skip = 1
	}
	word, after := p.PeekAt(skip), p.PeekAt(skip+1)
	between := word.Is("BETWEEN") && startsExpression(after)
	in := word.Is("IN") && after.Is("(")
	like := (word.Is("LIKE") || word.Is("ILIKE") || word.Is("RLIKE") || word.Is("REGEXP")) && startsExpression(after)
	if !between && !in && !like {
		return left.x, nil
	}
	if p.Is("!") {
		clause := "! " + strings.ToUpper(word.Text)
		return nil, p.Error(start, word.End, sparkerr.New("SYNTAX_DISCONTINUED.BANG_EQUALS_NOT", "clause", clause))
	}
	not := p.Accept("NOT")
	p.Next()
	switch {
	case between:
		return p.between(start, left.x, not)
	case in:
		p.Next()
		if p.Is(")") {
			return nil, p.Error(start, p.Peek().End, sparkerr.New("INVALID_SQL_SYNTAX.EMPTY_IN_PREDICATE"))
		}
		if p.queryFollows(0) {
			return p.subquery(start, &ast.Subquery{X: left.x, Not: not})
		}
		list, err := p.expressions()
		return &ast.In{Node: p.node(start), X: left.x, List: list, Not: not}, err
	}
	return p.like(start, strings.ToUpper(word.Text), left.x, not)
}

func (p *parser) between(start int, x ast.Expr, not bool) (ast.Expr, *sparkerr.Error) {
	lo, err := p.value()
	if err != nil {
		return nil, err
	}
	if !p.Accept("AND") {
		hint := ""
		if startsExpression(p.Peek()) {
			hint = ": missing 'AND'"
		}
		return nil, p.Unexpected(hint)
	}
	hi, err := p.value()
	return &ast.Between{Node: p.node(start), X: x, Lo: lo, Hi: hi, Not: not}, err
}

// is parses IS [NOT] NULL, TRUE, FALSE, UNKNOWN, DISTINCT FROM. Before anything else, IS is an alias.
func (p *parser) is(left operand) (ast.Expr, *sparkerr.Error) {
	start := p.start()
	skip := 1
	if p.PeekAt(1).Is("NOT") || p.PeekAt(1).Is("!") {
		skip = 2
	}
	what := strings.ToUpper(p.PeekAt(skip).Text)
	node := &ast.Is{X: left.x, What: what, Not: skip == 2}
	switch what {
	case "NULL", "TRUE", "FALSE", "UNKNOWN", "DISTINCT":
	default:
		return left.x, nil
	}
	for range skip + 1 {
		p.Next()
	}
	if what == "DISTINCT" {
		if err := p.Expect("FROM"); err != nil {
			return nil, err
		}
		y, err := p.value()
		if err != nil {
			return nil, err
		}
		node.Y = y
	}
	node.Node = p.node(start)
	return node, nil
}

func (p *parser) like(start int, op string, x ast.Expr, not bool) (ast.Expr, *sparkerr.Error) {
	node := &ast.Like{Op: op, X: x, Not: not}
	if op == "REGEXP" {
		node.Op = "RLIKE"
	}
	if node.Op != "RLIKE" && p.IsAny("ANY", "SOME", "ALL") && p.PeekAt(1).Is("(") {
		return p.quantifiedLike(start, node)
	}
	pattern, err := p.value()
	if err != nil {
		return nil, err
	}
	node.Patterns = []ast.Expr{pattern}
	if node.Op != "RLIKE" && p.Is("ESCAPE") && p.PeekAt(1).Kind == lex.String {
		if node.Escape, err = p.escape(); err != nil {
			return nil, err
		}
	}
	node.Node = p.node(start)
	return node, nil
}

func (p *parser) escape() (string, *sparkerr.Error) {
	p.Next()
	start := p.start()
	s, err := p.Strings()
	if err == nil && len([]rune(s)) != 1 {
		p.Later(p.fail(start, sparkerr.New("INVALID_ESC", "invalidEscape", "'"+s+"'")))
	}
	return s, err
}

func (p *parser) quantifiedLike(start int, node *ast.Like) (ast.Expr, *sparkerr.Error) {
	node.Quantifier = "ANY"
	if p.Next().Is("ALL") {
		node.Quantifier = "ALL"
	}
	p.Next()
	if p.Accept(")") {
		p.Later(p.fail(start, sparkerr.New("INVALID_SQL_SYNTAX.EMPTY_QUANTIFIED_PATTERN")))
		return node, nil
	}
	patterns, err := p.expressions()
	node.Patterns = patterns
	node.Node = p.node(start)
	return node, err
}
