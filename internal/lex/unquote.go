package lex

import (
	"strconv"
	"strings"
	"unicode/utf16"
	"unicode/utf8"
)

// Unquote returns the value of a string token, with quotes and escapes resolved.
func Unquote(text string) string {
	if text[0] == 'r' || text[0] == 'R' {
		return text[2 : len(text)-1]
	}
	quote, body := text[0], text[1:len(text)-1]
	if strings.IndexByte(body, '\\') < 0 && strings.IndexByte(body, quote) < 0 {
		return body
	}
	var b strings.Builder
	for i := 0; i < len(body); {
		switch {
		case body[i] == quote: // doubled
			b.WriteByte(quote)
			i += 2
		case body[i] == '\\' && i+1 < len(body):
			i += unescape(&b, body[i:])
		default:
			b.WriteByte(body[i])
			i++
		}
	}
	return b.String()
}

// unescape writes the character of the escape sequence at the start of s and returns the length of the sequence.
func unescape(b *strings.Builder, s string) int {
	switch c := s[1]; c {
	case '0', '1':
		if octal, ok := code(s, 1, 3, 8); ok {
			b.WriteRune(octal)
			return 4
		}
	case 'u':
		if unit, ok := code(s, 2, 4, 16); ok {
			return unescapeUnit(b, s, unit)
		}
	case 'U':
		if point, ok := code(s, 2, 8, 16); ok {
			b.WriteRune(point)
			return 10
		}
	}
	switch c := s[1]; c {
	case '0':
		b.WriteByte(0)
	case 'b':
		b.WriteByte('\b')
	case 'n':
		b.WriteByte('\n')
	case 'r':
		b.WriteByte('\r')
	case 't':
		b.WriteByte('\t')
	case 'Z':
		b.WriteByte(0x1a)
	case '%', '_': // kept for LIKE patterns
		b.WriteString(s[:2])
	default:
		_, size := utf8.DecodeRuneInString(s[1:])
		b.WriteString(s[1 : 1+size])
		return 1 + size
	}
	return 2
}

// unescapeUnit writes the UTF-16 unit of a \u escape, combining it with a following one to a surrogate pair.
func unescapeUnit(b *strings.Builder, s string, unit rune) int {
	if utf16.IsSurrogate(unit) {
		if strings.HasPrefix(s[6:], "\\u") {
			if low, ok := code(s[6:], 2, 4, 16); ok {
				if r := utf16.DecodeRune(unit, low); r != utf8.RuneError {
					b.WriteRune(r)
					return 12
				}
			}
		}
		b.WriteByte('?') // how Java writes an unpaired surrogate
		return 6
	}
	b.WriteRune(unit)
	return 6
}

// code parses n digits of the given base from s[at:].
func code(s string, at, n, base int) (rune, bool) {
	if len(s) < at+n {
		return 0, false
	}
	digits := s[at : at+n]
	if strings.ContainsAny(digits, "+-_") {
		return 0, false
	}
	v, err := strconv.ParseUint(digits, base, 32)
	return rune(v), err == nil
}

// Name returns the name of a word or of a token in backticks.
func (t Token) Name() string {
	if t.Kind != Quoted {
		return t.Text
	}
	return strings.ReplaceAll(t.Text[1:len(t.Text)-1], "``", "`")
}
