package xml

import (
	"fmt"
	"unicode/utf8"
)

// A syntaxError says why a text is not XML, and where: Position is a byte offset.
type syntaxError struct {
	reason   string
	Position int
}

func (e *syntaxError) Error() string {
	return fmt.Sprintf("the text is not XML: %s, at byte %d", e.reason, e.Position)
}

// eof is returned after the last character.
const eof rune = -1

// A scanner reads the characters of a text.
type scanner struct {
	src   []byte // UTF-8
	pos   int
	xml11 bool // the text declares XML 1.1
}

func (s *scanner) fail(format string, args ...any) error {
	return &syntaxError{fmt.Sprintf(format, args...), s.pos}
}

// read reads a character. At the end it always returns eof.
func (s *scanner) read() rune {
	if s.pos >= len(s.src) {
		return eof
	}
	if c := s.src[s.pos]; c < utf8.RuneSelf {
		s.pos++
		return rune(c)
	}
	c, n := utf8.DecodeRune(s.src[s.pos:])
	s.pos += n
	return c
}

// peek returns the next character without consuming it.
func (s *scanner) peek() rune {
	pos := s.pos
	c := s.read()
	s.pos = pos
	return c
}

// back undoes the reading of c.
func (s *scanner) back(c rune) {
	if c != eof {
		s.pos -= utf8.RuneLen(c)
	}
}

// unexpected returns the error for a character that was read.
func (s *scanner) unexpected(c rune, where string) error {
	if c == eof {
		return s.fail("it ends %s", where)
	}
	return s.fail("%q is not expected %s", c, where)
}

func isBlank(c rune) bool { return c >= 0 && c <= ' ' }

// blank rejects control characters other than tabs and line ends.
func (s *scanner) blank(c rune) error {
	if c >= ' ' || c == '\t' || c == '\n' || c == '\r' || c == eof {
		return nil
	}
	return s.fail("the control character %q is not allowed", c)
}

// skipBlanks returns the first non-blank character, starting with c.
func (s *scanner) skipBlanks(c rune) (rune, error) {
	for isBlank(c) {
		if err := s.blank(c); err != nil {
			return c, err
		}
		c = s.read()
	}
	return c, nil
}

// newLine returns the normalised form of a line end that starts with c, which has been read.
func (s *scanner) newLine(c rune) rune {
	if c == '\r' && s.peek() == '\n' {
		s.pos++
	}
	return '\n'
}

// name reads a name whose first character, c, has been read. It may contain any number of colons.
func (s *scanner) name(c rune) ([]byte, error) {
	if !s.isNameStart(c) && c != ':' {
		return nil, s.unexpected(c, "where a name begins")
	}
	from := s.pos - utf8.RuneLen(c)
	s.restOfName()
	return s.src[from:s.pos], nil
}

// restOfName skips the remaining characters of a name.
func (s *scanner) restOfName() {
	for s.pos < len(s.src) {
		c := s.read()
		if c != ':' && !s.isName(c) {
			s.back(c)
			return
		}
	}
}

// keyword reads the rest of a word whose first character, c, has been read, and reports whether it is the expected one.
func (s *scanner) keyword(c rune, word string) bool {
	from := s.pos
	if c != eof {
		from -= utf8.RuneLen(c)
		s.restOfName()
	}
	return string(s.src[from:s.pos]) == word
}
