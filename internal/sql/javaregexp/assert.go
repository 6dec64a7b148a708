package javaregexp

import (
	"unicode"
	"unicode/utf8"
)

// assert tests a condition on a position.
func (m *machine) assert(n *node, at int) bool {
	s := m.text
	switch n.op {
	case opBegin:
		return at == 0
	case opEnd:
		return at == len(s)
	case opLast:
		return at == m.last
	case opLineStart:
		return lineStart(s, at)
	case opUnixStart:
		return at == 0 && len(s) > 0 || at > 0 && at < len(s) && s[at-1] == '\n'
	case opLineEnd:
		return at == len(s) || terminatorAt(s, at) > 0
	case opUnixLineEnd:
		return at == len(s) || s[at] == '\n'
	case opFinal:
		return at == len(s) || at+terminatorAt(s, at) == len(s)
	case opUnixFinal:
		return at == len(s) || at == len(s)-1 && s[at] == '\n'
	case opWord:
		return (wordAt(s, at, n.full) != wordBefore(s, at, n.full)) != n.not
	}
	return false
}

// lineStart implements ^ with (?m): the beginning of the text or after a line terminator, but not at the end of the text.
// (Java: Caret.)
func lineStart(s []byte, at int) bool {
	if at == len(s) {
		return false
	}
	if at == 0 {
		return true
	}
	r, _ := utf8.DecodeLastRune(s[:at])
	return isTerminator(r) && (r != '\r' || s[at] != '\n')
}

// terminatorAt returns the length of the line terminator at a position, or 0 if there is none or the position is within \r\n.
// at must be below len(s).
func terminatorAt(s []byte, at int) int {
	r, size := utf8.DecodeRune(s[at:])
	switch {
	case !isTerminator(r), r == '\n' && at > 0 && s[at-1] == '\r':
		return 0
	case r == '\r' && at+1 < len(s) && s[at+1] == '\n':
		return 2
	}
	return size
}

func wordAt(s []byte, at int, full bool) bool {
	r, size := utf8.DecodeRune(s[at:])
	return size > 0 && (isWord(r, full) || unicode.Is(unicode.Mn, r) && hasBase(s[:at]))
}

func wordBefore(s []byte, at int, full bool) bool {
	r, size := utf8.DecodeLastRune(s[:at])
	return size > 0 && (isWord(r, full) || unicode.Is(unicode.Mn, r) && hasBase(s[:at-size]))
}

// hasBase reports whether a combining mark after s applies to a letter or digit. (Java: Pattern.Bound.hasBaseCharacter.)
func hasBase(s []byte) bool {
	for len(s) > 0 {
		r, size := utf8.DecodeLastRune(s)
		if !unicode.Is(unicode.Mn, r) {
			return unicode.IsLetter(r) || unicode.IsDigit(r)
		}
		s = s[:len(s)-size]
	}
	return false
}

// isWord implements Java 17's definition: letters and digits of any script or, with (?U), Unicode's word characters.
func isWord(r rune, full bool) bool {
	if full {
		return unicodeWord().has(r)
	}
	return r == '_' || unicode.IsLetter(r) || unicode.IsDigit(r)
}
