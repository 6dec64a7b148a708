package xml

import (
	"bytes"
	"unicode/utf8"
)

// commentOrCData reads the beginning of markup whose <! has been read.
func (t *tokenizer) commentOrCData() (tokenKind, error) {
	switch c := t.read(); c {
	case '[':
		if err := t.beginCData(); err != nil {
			return 0, err
		}
		if t.pos >= len(t.src) {
			return 0, t.unexpected(eof, "in a CDATA section")
		}
		t.content, t.owned, t.inCData, t.state = nil, true, true, begun
		return characters, nil
	case '-':
		if c = t.read(); c == '-' {
			t.state = begun
			return comment, nil
		}
		return 0, t.unexpected(c, "in the beginning of a comment")
	}
	return 0, t.fail("neither a comment nor a CDATA section begins here")
}

// skipComment skips past the end of a comment, or past a -- that does not end it.
func (t *tokenizer) skipComment() error {
	for {
		c := t.read()
		if c == '-' && t.peek() == '-' {
			t.pos++
			if c = t.read(); c == '>' {
				return nil
			}
			return t.fail("-- is not allowed in a comment")
		}
		if c == eof {
			return t.unexpected(c, "in a comment")
		}
		if err := t.blank(c); err != nil {
			return err
		}
	}
}

// instruction reads a processing instruction, whose <? has been read.
func (t *tokenizer) instruction() error {
	full, err := t.name(t.read())
	if err != nil {
		return err
	}
	if bytes.EqualFold(full, []byte("xml")) {
		return t.fail("a processing instruction must not be called %s", full)
	}
	t.state = whole
	c := t.read()
	if !isBlank(c) {
		if c != '?' || t.peek() != '>' {
			return t.unexpected(c, "after the name of a processing instruction")
		}
		t.pos++
		return nil
	}
	n := bytes.Index(t.src[t.pos:], []byte("?>"))
	for _, c := range t.src[t.pos : t.pos+max(n, 0)] {
		if err := t.blank(rune(c)); err != nil {
			return err
		}
	}
	return t.skipTo("?>", "in a processing instruction")
}

// maxCharacter is the last Unicode character.
const maxCharacter = utf8.MaxRune

// reference reads a reference, whose & has been read: to a character, or to one of the predefined entities; there are no
// others.
func (t *tokenizer) reference() (rune, error) {
	c := t.read()
	if c == '#' {
		return t.charReference()
	}
	full, err := t.name(c)
	if err != nil {
		return 0, err
	}
	if c = t.read(); c != ';' {
		return 0, t.unexpected(c, "after a reference, where ; is expected")
	}
	switch string(full) {
	case "lt":
		return '<', nil
	case "gt":
		return '>', nil
	case "amp":
		return '&', nil
	case "quot":
		return '"', nil
	case "apos":
		return '\'', nil
	}
	return 0, t.fail("the entity %s is not known", full)
}

// charReference reads a character reference, whose &# has been read.
func (t *tokenizer) charReference() (rune, error) {
	base, c, value := rune(10), t.read(), rune(0)
	if c == 'x' {
		base, c = 16, t.read()
	}
	for ; c != ';'; c = t.read() {
		digit := digitOf(c)
		if digit < 0 || digit >= base {
			return 0, t.unexpected(c, "in a reference to a character")
		}
		if value = value*base + digit; value > maxCharacter {
			return 0, t.fail("a reference to a character is beyond those of Unicode")
		}
	}
	surrogate := value >= 0xD800 && value < 0xE000
	control := value < ' ' && value != '\t' && value != '\n' && value != '\r' && (!t.xml11 || value == 0)
	if surrogate || control || value == 0xFFFE || value == 0xFFFF {
		return 0, t.fail("a reference to the character %#x is not allowed", value)
	}
	return value, nil
}

func digitOf(c rune) rune {
	switch {
	case c >= '0' && c <= '9':
		return c - '0'
	case c|0x20 >= 'a' && c|0x20 <= 'f':
		return c | 0x20 - 'a' + 10
	}
	return -1
}
