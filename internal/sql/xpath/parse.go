package xpath

import (
	"fmt"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"
)

// An Expression is a compiled XPath expression. It must not be used concurrently.
type Expression struct{ root expression }

// Compile parses an expression. The text of the error is meant to follow the text of the expression.
func Compile(text string) (*Expression, error) {
	tokens, err := tokenize(text)
	if err != nil {
		return nil, err
	}
	p := &parser{tokens: tokens}
	root, err := p.whole()
	if err != nil {
		return nil, err
	}
	if p.token() != "" {
		return nil, fmt.Errorf("nothing may follow before %q", p.token())
	}
	return &Expression{root}, nil
}

type parser struct {
	tokens []string
	at     int
}

// token returns the current token, or "" at the end.
func (p *parser) token() string { return p.ahead(0) }

func (p *parser) ahead(n int) string {
	if p.at+n < len(p.tokens) {
		return p.tokens[p.at+n]
	}
	return ""
}

func (p *parser) take(token string) bool {
	if p.token() != token {
		return false
	}
	p.at++
	return true
}

func (p *parser) expect(token string) error {
	if !p.take(token) {
		return fmt.Errorf("%q is missing %s", token, p.place())
	}
	return nil
}

func (p *parser) place() string {
	if p.token() == "" {
		return "at the end"
	}
	return fmt.Sprintf("before %q", p.token())
}

// whole parses an expression that is not an operand of another one.
func (p *parser) whole() (expression, error) {
	e, err := p.binary(0)
	if err != nil {
		return nil, err
	}
	return e, widen(e, nil)
}

// levels lists the binary operators by rising precedence. Those of the first two levels are right-associative, which only
// matters to widen.
var levels = [][]string{{"or"}, {"and"}, {"!=", "="}, {"<=", ">=", "<", ">"}, {"+", "-"}, {"*", "div", "mod"}}

func (p *parser) binary(level int) (expression, error) {
	if level == len(levels) {
		return p.unary()
	}
	left, err := p.binary(level + 1)
	for err == nil {
		op := p.operator(levels[level])
		if op == "" {
			break
		}
		var right expression
		right, err = p.binary(operandLevel(level))
		left = &binary{op: op, left: left, right: right}
	}
	return left, err
}

// operandLevel returns the level of the right operand of an operator.
func operandLevel(level int) int {
	if level < 2 {
		return level
	}
	return level + 1
}

// operator consumes an operator of a level; blanks may separate its characters.
func (p *parser) operator(of []string) string {
	for _, op := range of {
		switch {
		case len(op) == 2 && op[1] == '=' && p.token() == op[:1] && p.ahead(1) == "=":
			p.at += 2
			return op
		case p.take(op):
			return op
		}
	}
	return ""
}

func (p *parser) unary() (expression, error) {
	if !p.take("-") {
		return p.union()
	}
	operand, err := p.union()
	return &negation{operand}, err
}

func (p *parser) union() (expression, error) {
	first, err := p.path()
	if err != nil || p.token() != "|" {
		return first, err
	}
	u := &union{operands: []expression{first}}
	for p.take("|") {
		next, err := p.path()
		if err != nil {
			return nil, err
		}
		u.operands = append(u.operands, next)
	}
	return u, nil
}

func errorNodes(what string) error {
	return fmt.Errorf("%s needs nodes, not a number, text or boolean", what)
}

// path parses a location path, or another expression followed by predicates and steps.
func (p *parser) path() (expression, error) {
	primary, err := p.primary()
	if err != nil {
		return nil, err
	}
	if primary == nil {
		return p.location()
	}
	if p.token() == "[" || p.token() == "/" {
		err = widen(primary, nil)
	}
	path := &path{from: primary}
	for err == nil && p.token() == "[" {
		err = p.predicate(&path.filters)
	}
	if err == nil && p.take("/") {
		err = p.steps(path)
	}
	if err != nil {
		return nil, err
	}
	if len(path.filters) == 0 && len(path.steps) == 0 {
		return primary, nil
	}
	if primary.kind() != nodeSet {
		return nil, errorNodes("what comes before [ or /")
	}
	return path, nil
}

// primary parses an expression that is not a path; it returns nil where a path begins.
func (p *parser) primary() (expression, error) {
	token := p.token()
	first, size := utf8.DecodeRuneInString(token)
	second, _ := utf8.DecodeRuneInString(token[size:])
	switch {
	case isLiteral(token):
		p.at++
		return &constant{value{kind: text, str: token[1 : len(token)-1]}}, nil
	case first == '$':
		return nil, fmt.Errorf("it has the variable $%s, and there are no variables here", p.ahead(1))
	case first == '(':
		p.at++
		inner, err := p.binary(0)
		if err != nil {
			return nil, err
		}
		return &group{inner}, p.expect(")")
	case unicode.IsDigit(first), first == '.' && unicode.IsDigit(second):
		p.at++
		return numberToken(token)
	case p.ahead(1) == ":" && p.ahead(3) == "(":
		return nil, fmt.Errorf("there is no function %s:%s", token, p.ahead(2))
	case p.ahead(1) == "(" && !isNodeType(token):
		return p.function(token)
	}
	return nil, nil
}

// numberToken parses a number like Java's Double.valueOf, except for exponents.
func numberToken(token string) (expression, error) {
	digits := token
	if n := len(token) - 1; n > 0 && strings.ContainsRune("dDfF", rune(token[n])) {
		digits = token[:n]
	}
	if strings.Trim(digits, "0123456789.") != "" || strings.Count(digits, ".") > 1 {
		return nil, fmt.Errorf("%s is not a number", token)
	}
	n, _ := strconv.ParseFloat(digits, 64) // infinite if too large
	return &constant{value{kind: number, num: n}}, nil
}

func (p *parser) function(name string) (expression, error) {
	f, ok := functions[name]
	if !ok {
		return nil, unknownFunction(name)
	}
	p.at += 2
	c := &call{name: name, fn: f}
	for p.token() != ")" && p.token() != "" {
		if len(c.args) > 0 {
			if err := p.expect(","); err != nil {
				return nil, err
			}
		}
		arg, err := p.whole()
		if err != nil {
			return nil, err
		}
		c.args = append(c.args, arg)
	}
	if err := p.expect(")"); err != nil {
		return nil, err
	}
	if len(c.args) < f.min || f.max >= 0 && len(c.args) > f.max {
		return nil, fmt.Errorf("the function %s does not take %d arguments", name, len(c.args))
	}
	if name == "name" || name == "local-name" {
		firstOfAny(c.args)
	}
	return c, nil
}

func (p *parser) predicate(to *[]expression) error {
	p.at++
	condition, err := p.whole()
	if err != nil {
		return err
	}
	*to = append(*to, condition)
	return p.expect("]")
}
