package parse

import (
	"strings"
	"unicode"

	"github.com/streamctl/streamctl/internal/lex"
	"github.com/streamctl/streamctl/internal/sparkerr"
	"github.com/streamctl/streamctl/internal/sql/ast"
)

// intervalUnits lists the units in the singular; true marks year-month units.
var intervalUnits = map[string]bool{
	"NANOSECOND": false, "MICROSECOND": false, "MILLISECOND": false, "SECOND": false, "MINUTE": false, "HOUR": false,
	"DAY": false, "WEEK": false, "MONTH": true, "YEAR": true,
}

// unitOf returns the singular of a unit word.
func unitOf(t lex.Token) (unit string, ok bool) {
	if t.Kind != lex.Word {
		return "", false
	}
	unit = strings.TrimSuffix(strings.ToUpper(t.Text), "S")
	_, ok = intervalUnits[unit]
	return unit, ok
}

// valueTokens counts the tokens of an interval value n tokens ahead: a sign and a number, or strings. It returns 0 if there
// is none.
func (p *parser) valueTokens(n int) int {
	sign := 0
	if p.PeekAt(n).Is("-") || p.PeekAt(n).Is("+") {
		sign = 1
	}
	switch t := p.PeekAt(n + sign); {
	case (t.Kind == lex.Integer || t.Kind == lex.Decimal) && t.Suffix == "":
		return sign + 1
	case t.Kind == lex.String:
		length := sign + 1
		for p.PeekAt(n+length).Kind == lex.String {
			length++
		}
		return length
	}
	return 0
}

// intervalFollows reports whether the word INTERVAL at the cursor starts an interval with units.
func (p *parser) intervalFollows() bool {
	n := p.valueTokens(1)
	if n == 0 {
		return false
	}
	_, ok := unitOf(p.PeekAt(1 + n))
	return ok
}

// interval parses INTERVAL value unit [value unit …] and INTERVAL 'text' unit TO unit.
func (p *parser) interval() (ast.Expr, *sparkerr.Error) {
	start := p.Next().Start
	var parts []ast.IntervalPart
	ranges := 0
	for {
		n := p.valueTokens(0)
		if n == 0 {
			break
		}
		if _, ok := unitOf(p.PeekAt(n)); !ok {
			break
		}
		part, err := p.intervalPart()
		if err != nil {
			return nil, err
		}
		if part.To != "" {
			ranges++
		}
		parts = append(parts, part)
	}
	lit := &ast.IntervalLit{Node: p.node(start), Parts: parts}
	if err := checkInterval(p.Text[lit.Span.Start:lit.Span.End], parts, ranges); err != nil {
		p.Later(p.fail(start, err))
	}
	return lit, nil
}

// intervalPart parses a value, its unit and TO unit.
func (p *parser) intervalPart() (ast.IntervalPart, *sparkerr.Error) {
	value, err := p.intervalValue()
	if err != nil {
		return ast.IntervalPart{}, err
	}
	part := ast.IntervalPart{Value: value}
	part.From, _ = unitOf(p.Next())
	if !p.Is("TO") {
		return part, nil
	}
	to, ok := unitOf(p.PeekAt(1))
	if !ok {
		return part, nil
	}
	p.Next()
	p.Next()
	part.To = to
	return part, nil
}

// intervalValue parses the value with its sign; the sign becomes part of the literal's text.
func (p *parser) intervalValue() (ast.Expr, *sparkerr.Error) {
	start := p.start()
	sign := ""
	if p.IsAny("-", "+") {
		sign = strings.TrimPrefix(p.Next().Text, "+")
	}
	e, err := p.literal()
	if err != nil {
		return nil, err
	}
	l := e.(*ast.Literal)
	l.Span.Start = start
	switch {
	case sign == "":
	case l.Kind == ast.LitString && strings.HasPrefix(l.Text, "-"):
		l.Text = l.Text[1:]
	default:
		l.Text = sign + l.Text
	}
	return l, nil
}

// checkInterval rejects the combinations that Spark rejects.
func checkInterval(text string, parts []ast.IntervalPart, ranges int) *sparkerr.Error {
	if ranges > 0 && len(parts) > 1 {
		return sparkerr.New("_LEGACY_ERROR_TEMP_0024")
	}
	if ranges == 1 {
		return checkRange(parts[0])
	}
	for _, part := range parts {
		if l := part.Value.(*ast.Literal); strings.IndexFunc(l.Text, unicode.IsLetter) >= 0 {
			return sparkerr.New("_LEGACY_ERROR_TEMP_0026", "value", l.Text) // '1 day 2' HOUR must not be accepted as two units
		}
		if intervalUnits[part.From] != intervalUnits[parts[0].From] {
			return sparkerr.New("_LEGACY_ERROR_TEMP_0029", "literal", text)
		}
	}
	return nil
}

// checkRange checks INTERVAL '…' unit TO unit.
func checkRange(part ast.IntervalPart) *sparkerr.Error {
	if part.Value.(*ast.Literal).Kind != ast.LitString {
		return sparkerr.New("_LEGACY_ERROR_TEMP_0027")
	}
	switch part.From + " " + part.To {
	case "YEAR MONTH", "DAY HOUR", "DAY MINUTE", "DAY SECOND", "HOUR MINUTE", "HOUR SECOND", "MINUTE SECOND":
		return nil
	}
	return sparkerr.New("_LEGACY_ERROR_TEMP_0028", "from", part.From, "to", part.To)
}
