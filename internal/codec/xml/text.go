package xml

import (
	"bytes"
	"unicode/utf8"
)

// text begins a text with c, which has been read, and reads until something must be replaced, or to markup.
func (t *tokenizer) text(c rune) error {
	t.inCData = false
	if c == '&' {
		c, err := t.reference()
		if err != nil {
			return err
		}
		t.content, t.owned, t.state = utf8.AppendRune(nil, c), true, begun
		return nil
	}
	from := t.pos - utf8.RuneLen(c)
	t.pos = from
	for t.pos < len(t.src) {
		switch c := t.src[t.pos]; {
		case c > '>':
		case c == '<':
			t.take(from, single)
			return nil
		case c == '&' || c == '\r':
			t.take(from, begun)
			return nil
		case c < ' ' && c != '\t' && c != '\n':
			t.pos++
			err := t.blank(rune(c))
			if t.pos-from == 1 {
				return err
			}
			t.content, t.owned, t.state, t.pending = t.src[from:t.pos-1], false, single, err
			return nil
		case c == '>' && bytes.HasSuffix(t.src[from:t.pos], []byte("]]")):
			t.take(from, single)
			t.pos++
			t.pending = t.fail("]]> is not allowed in a text")
			return nil
		}
		t.pos++
	}
	t.take(from, begun)
	return nil
}

// take makes the text from a position the content.
func (t *tokenizer) take(from int, state progress) {
	t.content, t.owned, t.state = t.src[from:t.pos:t.pos], false, state
}

// add appends a part of the text to the content.
func (t *tokenizer) add(part []byte) {
	if !t.owned {
		t.content, t.owned = append(make([]byte, 0, len(t.content)+len(part)+64), t.content...), true
	}
	t.content = append(t.content, part...)
}

// finish reads the rest of a token.
func (t *tokenizer) finish() error {
	if t.state == whole {
		return nil
	}
	switch t.current {
	case characters:
		if t.state == single && !t.inCData && t.pos+1 < len(t.src) && t.src[t.pos+1] != '!' {
			break
		}
		if err := t.restOfText(); err != nil {
			return err
		}
	case comment:
		// Woodstox reads it again if it is malformed.
		from := t.pos
		if err := t.skipComment(); err != nil {
			t.pos = from
			return err
		}
	}
	t.state = whole
	return nil
}

// restOfText reads text and CDATA sections up to other markup.
func (t *tokenizer) restOfText() error {
	if t.inCData {
		if t.state == begun {
			if err := t.restOfCData(); err != nil {
				return err
			}
		}
	} else if err := t.moreText(); err != nil {
		return err
	}
	for t.pos < len(t.src) {
		if t.src[t.pos] != '<' {
			if err := t.moreText(); err != nil {
				return err
			}
			continue
		}
		if !t.atCData() {
			return nil
		}
		t.pos += len("<![")
		if err := t.beginCData(); err != nil {
			return err
		}
		if err := t.restOfCData(); err != nil {
			return err
		}
	}
	return nil
}

// atCData reports whether a CDATA section begins here; its name is checked later.
func (t *tokenizer) atCData() bool { return bytes.HasPrefix(t.src[t.pos:], []byte("<![")) }

// moreText appends text up to markup.
func (t *tokenizer) moreText() error {
	from := t.pos
	flush := func(to int) {
		if to > from {
			t.add(t.src[from:to])
		}
	}
	for t.pos < len(t.src) {
		c := t.src[t.pos]
		t.pos++
		switch {
		case c > '>':
		case c == '<':
			t.pos--
			flush(t.pos)
			return nil
		case c == '&':
			flush(t.pos - 1)
			r, err := t.reference()
			if err != nil {
				return err
			}
			t.add(utf8.AppendRune(nil, r))
			from = t.pos
		case c == '\r':
			flush(t.pos - 1)
			t.add([]byte{byte(t.newLine('\r'))})
			from = t.pos
		case c < ' ' && c != '\t' && c != '\n':
			flush(t.pos - 1)
			return t.blank(rune(c))
		case c == '>' && t.pos > 2 && t.src[t.pos-2] == ']' && t.src[t.pos-3] == ']':
			flush(t.pos - 1)
			return t.fail("]]> is not allowed in a text")
		}
	}
	flush(t.pos)
	return nil
}

// beginCData checks the name of a CDATA section, whose <![ has been read.
func (t *tokenizer) beginCData() error {
	c := t.read()
	if c == eof {
		return t.unexpected(c, "after <![")
	}
	if !t.keyword(c, "CDATA") {
		return t.fail("<![CDATA[ is expected")
	}
	if c = t.read(); c != '[' {
		return t.unexpected(c, "after <![CDATA")
	}
	return nil
}

// restOfCData appends the text of a CDATA section up to its end.
func (t *tokenizer) restOfCData() error {
	n := bytes.Index(t.src[t.pos:], []byte("]]>"))
	to := t.pos + n
	if n < 0 {
		to = len(t.src)
	}
	for t.pos < to {
		from := t.pos
		for t.pos < to && (t.src[t.pos] >= ' ' || t.src[t.pos] == '\t' || t.src[t.pos] == '\n') {
			t.pos++
		}
		t.add(t.src[from:t.pos])
		if t.pos == to {
			break
		}
		c := t.read()
		if err := t.blank(c); err != nil {
			return err
		}
		t.add([]byte{byte(t.newLine(c))})
	}
	if n < 0 {
		return t.unexpected(eof, "in a CDATA section")
	}
	t.pos = to + len("]]>")
	return nil
}

// skipToken skips the rest of a token that ended with an error, and reads the next character.
func (t *tokenizer) skipToken() (rune, error) {
	if t.current == comment {
		if err := t.skipComment(); err != nil {
			return 0, err
		}
		return t.read(), nil
	}
	if t.inCData && t.state == begun {
		if err := t.skipTo("]]>", "in a CDATA section"); err != nil {
			return 0, err
		}
	}
	for t.pos < len(t.src) {
		if t.src[t.pos] != '<' {
			if err := t.moreText(); err != nil {
				return 0, err
			}
			continue
		}
		if !t.atCData() {
			break
		}
		t.pos += len("<![")
		if err := t.beginCData(); err != nil {
			return 0, err
		}
		if err := t.skipTo("]]>", "in a CDATA section"); err != nil {
			return 0, err
		}
	}
	return t.read(), nil
}
