// Package lex splits SQL text into tokens by Spark's rules. Expressions, queries and schema text share it.
package lex

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// A Kind is the kind of a Token.
type Kind uint8

// The kinds of tokens.
const (
	End     Kind = iota // end of the text
	Word                // an unquoted name or keyword
	Quoted              // a name in backticks
	String              // a string, including raw strings
	Integer             // digits, with Suffix "", "L", "S" or "Y"
	Decimal             // digits with a point; Suffix "" or "BD" ("1BD" and "1e3BD" too)
	Double              // a number with an exponent, or with Suffix "D" or "F"
	Symbol              // an operator or punctuation
	Unknown             // a character that does not start a token
)

// A Token is the bytes [Start, End) of the text.
type Token struct {
	Kind   Kind
	Start  int
	End    int
	Text   string // as written
	Suffix string // upper-case suffix of a number; Text also includes it
}

// Is reports whether the token is the given symbol, or the given word in any case.
func (t Token) Is(s string) bool {
	return t.Kind == Symbol && t.Text == s || t.Kind == Word && len(t.Text) == len(s) && strings.EqualFold(t.Text, s)
}

// Digits returns the text of a number without its suffix.
func (t Token) Digits() string { return t.Text[:len(t.Text)-len(t.Suffix)] }

// IsName reports whether the token can be a name. Spark does not reserve words.
func (t Token) IsName() bool { return t.Kind == Word || t.Kind == Quoted }

// symbols are tried in order, so longer ones precede their prefixes. ">>" and ">>>" are omitted because they may also end
// nested types: the expression parser joins adjacent ">".
var symbols = []string{
	"<=>", "/*+", "*/", "<>", "!=", "<=", "!>", ">=", "!<", "==", "=>", "<<", "||", "|>", "::", "->",
	"<", ">", "=", "+", "-", "*", "/", "%", "~", "&", "|", "^", "!", ":", "?", ";", "(", ")", ",", ".", "[", "]",
}

// A scanner scans the text; at is the position of the next byte.
type scanner struct {
	text string
	at   int
	open int // start of an unterminated comment, or -1
}

// scan returns all tokens, the last one of kind End.
func (s *scanner) scan() []Token {
	var tokens []Token
	for {
		s.skipBlank()
		t := s.token()
		tokens = append(tokens, t)
		if t.Kind == End {
			return tokens
		}
		s.at = t.End
	}
}

func (s *scanner) rest() string { return s.text[s.at:] }

// skipBlank skips white space and comments.
func (s *scanner) skipBlank() {
	for s.at < len(s.text) {
		rest := s.rest()
		r, size := utf8.DecodeRuneInString(rest)
		switch {
		case isBlank(r):
			s.at += size
		case strings.HasPrefix(rest, "--"):
			s.at += lineComment(rest)
		case strings.HasPrefix(rest, "/*") && !strings.HasPrefix(rest, "/*+"):
			n, closed := blockComment(rest)
			if !closed {
				s.open = s.at
			}
			s.at += n
		default:
			return
		}
	}
}

// isBlank reports whether r is white space in Spark, which includes the no-break space and the wide blanks of Unicode, but
// not the next-line character.
func isBlank(r rune) bool {
	switch {
	case r == ' ' || r >= '\t' && r <= '\r':
		return true
	case r == '\u00a0' || r == '\u1680' || r >= '\u2000' && r <= '\u200a':
		return true
	}
	return r == '\u2028' || r == '\u202f' || r == '\u205f' || r == '\u3000'
}

// lineComment returns the length of a comment "-- …"; a backslash before the line end continues it.
func lineComment(s string) int {
	i := 2
	for i < len(s) {
		if s[i] == '\\' && strings.HasPrefix(s[i:], "\\\n") {
			i += 2
			continue
		}
		if s[i] == '\n' || s[i] == '\r' {
			break
		}
		i++
	}
	return i
}

// blockComment returns the length of a comment in "/* */"; comments nest.
func blockComment(s string) (n int, closed bool) {
	depth := 0
	for i := 0; i < len(s); {
		switch {
		case strings.HasPrefix(s[i:], "/*"):
			depth++
			i += 2
		case strings.HasPrefix(s[i:], "*/"):
			depth--
			i += 2
			if depth == 0 {
				return i, true
			}
		default:
			i++
		}
	}
	return len(s), false
}

// token scans the token at the current position and leaves at there; the caller advances.
func (s *scanner) token() Token {
	rest := s.rest()
	if rest == "" {
		return s.make(End, 0, "")
	}
	if n := quotedLength(rest); n > 0 {
		return s.make(String, n, "")
	}
	if rest[0] == '`' {
		if n := closing(rest, false); n > 0 {
			return s.make(Quoted, n, "")
		}
		return s.make(Unknown, 1, "")
	}
	word := wordLength(rest)
	if kind, n, suffix := number(rest); n > 0 && n >= word {
		return s.make(kind, n, suffix)
	}
	if word > 0 {
		return s.make(Word, word, "")
	}
	for _, symbol := range symbols {
		if strings.HasPrefix(rest, symbol) {
			return s.make(Symbol, len(symbol), "")
		}
	}
	_, size := utf8.DecodeRuneInString(rest)
	return s.make(Unknown, size, "")
}

func (s *scanner) make(kind Kind, n int, suffix string) Token {
	return Token{Kind: kind, Start: s.at, End: s.at + n, Text: s.text[s.at : s.at+n], Suffix: suffix}
}

// quotedLength returns the length of the string at the start of s, or 0 if there is none.
func quotedLength(s string) int {
	if (s[0] == 'r' || s[0] == 'R') && len(s) > 1 && (s[1] == '\'' || s[1] == '"') {
		if i := strings.IndexByte(s[2:], s[1]); i >= 0 {
			return i + 3
		}
		return 0
	}
	if s[0] != '\'' && s[0] != '"' {
		return 0
	}
	return closing(s, true)
}

// closing returns the length up to the closing quote, which is the same character as s[0]. A doubled quote does not close the
// string unless nothing else does. It returns 0 if there is no closing quote.
func closing(s string, escapes bool) int {
	doubled := 0
	for i := 1; i < len(s); i++ {
		switch {
		case escapes && s[i] == '\\':
			i++
		case s[i] == s[0] && i+1 < len(s) && s[i+1] == s[0]:
			doubled = i + 1
			i++
		case s[i] == s[0]:
			return i + 1
		}
	}
	return doubled
}

// wordLength includes letters of any script and whole URIs, which are not valid names, so that the parser can report them.
func wordLength(s string) int {
	n := 0
	lettersOnly := true
	for n < len(s) {
		r, size := utf8.DecodeRuneInString(s[n:])
		letter := unicode.IsLetter(r)
		if !letter && r != '_' && (r < '0' || r > '9') {
			break
		}
		lettersOnly = lettersOnly && letter
		n += size
	}
	if n > 0 && lettersOnly && strings.HasPrefix(s[n:], "://") {
		return n + 3 + uriLength(s[n+3:])
	}
	return n
}

func uriLength(s string) int {
	end := strings.IndexFunc(s, func(r rune) bool {
		return !unicode.IsLetter(r) && !unicode.IsDigit(r) && !strings.ContainsRune("_/-.?=&#%", r)
	})
	if end < 0 {
		return len(s)
	}
	return end
}

// number scans the number at the start of s; n is 0 if there is none. A number with a decimal point must not be followed by a
// letter, digit or underscore (Spark: isValidDecimal): "1.x" is the field x of 1.
func number(s string) (kind Kind, n int, suffix string) {
	whole := digits(s)
	if whole == 0 && (len(s) < 2 || s[0] != '.' || digits(s[1:]) == 0) {
		return 0, 0, ""
	}
	if kind, n, suffix := ending(s, whole); n > 0 && whole > 0 && (len(s) == whole || s[whole] != '.') {
		return kind, n, suffix
	}
	if len(s) > whole && s[whole] == '.' {
		point := whole + 1 + digits(s[whole+1:])
		kind, n, suffix := ending(s, point)
		if n == point && kind == Integer {
			kind = Decimal
		}
		if kind != Integer && !runsOn(s[n:]) {
			return kind, n, suffix
		}
	}
	if whole == 0 {
		return 0, 0, ""
	}
	return Integer, whole, ""
}

// ending scans exponent and suffix after the digits s[:n].
func ending(s string, n int) (Kind, int, string) {
	kind := Integer
	if e := exponent(s[n:]); e > 0 {
		kind, n = Double, n+e
	}
	rest := strings.ToUpper(s[n:min(len(s), n+2)])
	switch {
	case rest == "BD":
		return Decimal, n + 2, rest
	case rest == "":
		return kind, n, ""
	case rest[0] == 'D' || rest[0] == 'F':
		return Double, n + 1, rest[:1]
	case kind == Integer && (rest[0] == 'L' || rest[0] == 'S' || rest[0] == 'Y'):
		return Integer, n + 1, rest[:1]
	}
	return kind, n, ""
}

func exponent(s string) int {
	if s == "" || s[0] != 'e' && s[0] != 'E' {
		return 0
	}
	n := 1
	if n < len(s) && (s[n] == '+' || s[n] == '-') {
		n++
	}
	if d := digits(s[n:]); d > 0 {
		return n + d
	}
	return 0
}

func digits(s string) int {
	n := 0
	for n < len(s) && s[n] >= '0' && s[n] <= '9' {
		n++
	}
	return n
}

func runsOn(s string) bool {
	return s != "" && (s[0] == '_' || s[0] >= '0' && s[0] <= '9' || s[0] >= 'a' && s[0] <= 'z' || s[0] >= 'A' && s[0] <= 'Z')
}
