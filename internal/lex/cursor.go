package lex

import (
	"strings"

	"github.com/streamctl/streamctl/internal/sparkerr"
)

// MaxDepth limits the nesting of expressions and types, so that no text can exhaust the stack.
const MaxDepth = 1000

// A Cursor walks over the tokens of a text.
type Cursor struct {
	Text   string
	tokens []Token
	at     int
	depth  int
	later  *sparkerr.Error
}

// New splits text into tokens. It fails on an unterminated comment, and on a text with neither tokens nor comments.
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

// PeekAt returns the token n positions after the next one.
func (c *Cursor) PeekAt(n int) Token { return c.tokens[min(c.at+n, len(c.tokens)-1)] }

// OpenTypes counts the words ARRAY, MAP and STRUCT before the next token that no ">" has closed. While there are any, Spark's
// lexer treats ">>" as the end of two types, even if the words were calls: array(1) >> 2 is a syntax error.
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

// Next consumes the next token. At the end of the text it stays in place.
func (c *Cursor) Next() Token {
	t := c.tokens[c.at]
	if c.at < len(c.tokens)-1 {
		c.at++
	}
	return t
}

// Is reports whether the next tokens are the given symbols or words.
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

// Accept consumes the next tokens if they are the given symbols or words.
func (c *Cursor) Accept(s ...string) bool {
	if !c.Is(s...) {
		return false
	}
	c.at += len(s)
	return true
}

// Expect consumes the symbol or word, or fails.
func (c *Cursor) Expect(s string) *sparkerr.Error {
	if c.Accept(s) {
		return nil
	}
	return c.Unexpected("")
}

// Later records an error that is not a syntax error, such as a number out of range, until the whole text has been parsed:
// Spark builds expressions only from syntactically correct text. Only the first error is kept.
func (c *Cursor) Later(e *sparkerr.Error) {
	if c.later == nil {
		c.later = e
	}
}

// Done consumes a trailing ";". It fails unless the text ends there and no error was recorded.
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

// LastEnd returns the end of the token before the next one.
func (c *Cursor) LastEnd() int {
	if c.at == 0 {
		return c.tokens[0].Start
	}
	return c.tokens[c.at-1].End
}

// Enter begins a level of nesting; Leave ends it.
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

// Identifier consumes a name. Spark: exitUnquotedIdentifier.
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

// DefiningIdentifier consumes a name at a position where an expression cannot continue, so that it can report that a-b needs
// backticks.
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

// Strings consumes one or more adjacent strings and returns them concatenated.
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

// Unexpected returns the syntax error at the next token; hint is "" or text such as ": extra input 'x'".
func (c *Cursor) Unexpected(hint string) *sparkerr.Error {
	t := c.Peek()
	return c.Error(t.Start, t.End, sparkerr.New("PARSE_SYNTAX_ERROR", "error", quote(t), "hint", hint))
}

// Error marks the bytes [start, end) of the text in e.
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
