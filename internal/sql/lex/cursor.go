package lex

import (
	"strings"

	"github.com/streamctl/streamctl/internal/sparkerr"
)

// MaxDepth bounds the nesting of expressions and types, so that no text can exhaust the stack.
const MaxDepth = 1000

// A Cursor walks over the tokens of a text.
type Cursor struct {
	Text   string
	tokens []Token
	at     int
	depth  int
	later  *sparkerr.Error
}

// New cuts the text. It fails on a comment without end, and on a text without any token and comment.
func New(text string) (*Cursor, *sparkerr.Error) {
	s := scanner{text: text, open: -1}
	c := &Cursor{Text: text, tokens: s.scan()}
	if s.open >= 0 {
		return nil, c.Error(s.open, len(text), sparkerr.New("UNCLOSED_BRACKETED_COMMENT"))
	}
	if len(c.tokens) == 1 && strings.TrimFunc(text, isBlank) == "" {
		return nil, c.Error(len(text), len(text), sparkerr.New("PARSE_EMPTY_STATEMENT"))
	}
	return c, nil
}

// Peek returns the next token.
func (c *Cursor) Peek() Token { return c.tokens[c.at] }

// PeekAt returns the token n after the next one.
func (c *Cursor) PeekAt(n int) Token { return c.tokens[min(c.at+n, len(c.tokens)-1)] }

// OpenTypes counts the words ARRAY, MAP and STRUCT before the next token that no ">" has closed. Spark's lexer takes ">>" for
// the end of two types while there are any, even when the words were calls: array(1) >> 2 is a syntax error.
func (c *Cursor) OpenTypes() int {
	open := 0
	for _, t := range c.tokens[:c.at] {
		switch {
		case t.Is("ARRAY") || t.Is("MAP") || t.Is("STRUCT"):
			open++
		case t.Is(">") && open > 0:
			open--
		}
	}
	return open
}

// Next takes the next token; at the end it stays.
func (c *Cursor) Next() Token {
	t := c.tokens[c.at]
	if c.at < len(c.tokens)-1 {
		c.at++
	}
	return t
}

// Is reports whether the next token is the symbol or word, and those after it the further ones.
func (c *Cursor) Is(s ...string) bool {
	for i, want := range s {
		if !c.PeekAt(i).Is(want) {
			return false
		}
	}
	return true
}

// IsAny reports whether the next token is one of the symbols or words.
func (c *Cursor) IsAny(s ...string) bool {
	for _, want := range s {
		if c.Peek().Is(want) {
			return true
		}
	}
	return false
}

// Accept takes the next tokens if they are the given symbols or words.
func (c *Cursor) Accept(s ...string) bool {
	if !c.Is(s...) {
		return false
	}
	c.at += len(s)
	return true
}

// Expect takes the symbol or word or fails.
func (c *Cursor) Expect(s string) *sparkerr.Error {
	if c.Accept(s) {
		return nil
	}
	return c.Unexpected("")
}

// Later keeps an error that is none of syntax, such as a number out of range, until the whole text was read: Spark builds
// expressions only of text whose syntax is right. The first one stays.
func (c *Cursor) Later(e *sparkerr.Error) {
	if c.later == nil {
		c.later = e
	}
}

// Done takes a trailing ";" and fails unless the text ends there without an error that was kept.
func (c *Cursor) Done() *sparkerr.Error {
	for c.Accept(";") {
	}
	switch {
	case c.Peek().Kind == End:
		return c.later
	case c.PeekAt(1).Kind == End:
		return c.Unexpected(": extra input " + quote(c.Peek()))
	}
	return c.Unexpected("")
}

// LastEnd returns where the token before the next one ends.
func (c *Cursor) LastEnd() int {
	if c.at == 0 {
		return c.tokens[0].Start
	}
	return c.tokens[c.at-1].End
}

// Enter counts a level of nesting; Leave ends it.
func (c *Cursor) Enter() *sparkerr.Error {
	c.depth++
	if c.depth > MaxDepth {
		t := c.Peek()
		return c.Error(t.Start, t.End, sparkerr.New("FAILED_TO_PARSE_TOO_COMPLEX"))
	}
	return nil
}

// Leave ends a level of nesting.
func (c *Cursor) Leave() { c.depth-- }

// Identifier takes a name. Spark: exitUnquotedIdentifier.
func (c *Cursor) Identifier() (string, *sparkerr.Error) {
	t := c.Peek()
	if !t.IsName() {
		return "", c.Unexpected("")
	}
	if t.Kind == Word && strings.IndexFunc(t.Text, notPlain) >= 0 {
		return "", c.Error(t.Start, t.End, sparkerr.New("INVALID_IDENTIFIER", "ident", t.Text))
	}
	c.Next()
	return t.Name(), nil
}

func notPlain(r rune) bool {
	return r != '_' && (r < '0' || r > '9') && (r < 'a' || r > 'z') && (r < 'A' || r > 'Z')
}

// DefiningIdentifier takes a name where no expression can go on, and so can tell that a-b needs backticks.
func (c *Cursor) DefiningIdentifier() (string, *sparkerr.Error) {
	start := c.Peek().Start
	name, err := c.Identifier()
	if err != nil || !c.Is("-") || !c.PeekAt(1).IsName() {
		return name, err
	}
	for c.Is("-") && c.PeekAt(1).IsName() {
		c.at += 2
	}
	ident := c.Text[start:c.LastEnd()]
	return "", c.Error(start, c.LastEnd(), sparkerr.New("INVALID_IDENTIFIER", "ident", ident))
}

// Strings takes one or more adjacent strings and gives them joined.
func (c *Cursor) Strings() (string, *sparkerr.Error) {
	if c.Peek().Kind != String {
		return "", c.Unexpected("")
	}
	value := Unquote(c.Next().Text)
	for c.Peek().Kind == String {
		value += Unquote(c.Next().Text)
	}
	return value, nil
}

// Unexpected returns the syntax error at the next token; hint is "" or ": extra input 'x'" and the like.
func (c *Cursor) Unexpected(hint string) *sparkerr.Error {
	t := c.Peek()
	return c.Error(t.Start, t.End, sparkerr.New("PARSE_SYNTAX_ERROR", "error", quote(t), "hint", hint))
}

// Error puts the bytes [start, end) of the text into e.
func (c *Cursor) Error(start, end int, e *sparkerr.Error) *sparkerr.Error {
	e.Fragment = &sparkerr.Fragment{Text: c.Text, Start: start, End: end}
	return e
}

func quote(t Token) string {
	if t.Kind == End {
		return "end of input"
	}
	return "'" + t.Text + "'"
}
