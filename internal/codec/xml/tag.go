package xml

import "unicode/utf8"

// startTag reads a start tag, of whose name the first character, c, has been read.
func (t *tokenizer) startTag(c rune) error {
	t.state, t.attrs = whole, nil
	full, err := t.name(c)
	if err != nil {
		return err
	}
	if len(t.open) >= maxDepth {
		return t.fail("elements are nested more than %d deep", maxDepth)
	}
	t.open = append(t.open, full)
	if c = t.read(); c == '>' {
		t.empty = false
	} else if t.empty, err = t.attributes(c); err != nil {
		return err
	}
	t.element = full
	return t.checkAttributes()
}

func (t *tokenizer) checkAttributes() error {
	const few = 8
	if len(t.attrs) <= few {
		for i, a := range t.attrs {
			for _, b := range t.attrs[:i] {
				if string(a.name) == string(b.name) {
					return t.fail("the element %s has the attribute %s twice", t.element, a.name)
				}
			}
		}
		return nil
	}
	seen := make(map[string]bool, len(t.attrs))
	for _, a := range t.attrs {
		if seen[string(a.name)] {
			return t.fail("the element %s has the attribute %s twice", t.element, a.name)
		}
		seen[string(a.name)] = true
	}
	return nil
}

// attributes reads the rest of a start tag, starting with c, which has been read. It returns true at the end of an empty
// element.
func (t *tokenizer) attributes(c rune) (empty bool, err error) {
	for {
		if isBlank(c) {
			if c, err = t.skipBlanks(c); err != nil {
				return false, err
			}
		} else if c != '/' && c != '>' {
			return false, t.unexpected(c, "in a start tag, where a blank or > is expected")
		}
		switch c {
		case '/':
			if c = t.read(); c != '>' {
				return false, t.unexpected(c, "after / in a start tag")
			}
			return true, nil
		case '>':
			return false, nil
		}
		if err = t.attribute(c); err != nil {
			return false, err
		}
		c = t.read()
	}
}

// attribute reads an attribute, of whose name the first character, c, has been read.
func (t *tokenizer) attribute(c rune) error {
	full, err := t.name(c)
	if err != nil {
		return err
	}
	if len(t.attrs) >= maxAttributes {
		return t.fail("the element has more than %d attributes", maxAttributes)
	}
	if c, err = t.skipBlanks(t.read()); err != nil {
		return err
	}
	if c != '=' {
		return t.unexpected(c, "after the name of an attribute, where = is expected")
	}
	if c, err = t.skipBlanks(t.read()); err != nil {
		return err
	}
	if c != '"' && c != '\'' {
		return t.unexpected(c, "after =, where a quote is expected")
	}
	value, err := t.value(c)
	if err != nil {
		return err
	}
	if len(value) > maxValue && utf8.RuneCount(value) > maxValue {
		return t.fail("an attribute has more than %d characters", maxValue)
	}
	t.attrs = append(t.attrs, attribute{full, value})
	return nil
}

// value reads the value of an attribute up to its closing quote.
func (t *tokenizer) value(quote rune) ([]byte, error) {
	from := t.pos
	for t.pos < len(t.src) {
		switch c := t.src[t.pos]; {
		case c == byte(quote):
			t.pos++
			return t.src[from : t.pos-1], nil
		case c < ' ' || c == '&' || c == '<':
			return t.unquoted(quote, append([]byte(nil), t.src[from:t.pos]...))
		}
		t.pos++
	}
	return nil, t.unexpected(eof, "in the value of an attribute")
}

// unquoted is value for a value in which characters are replaced; dst holds its beginning.
func (t *tokenizer) unquoted(quote rune, dst []byte) ([]byte, error) {
	for {
		switch c := t.read(); {
		case c == quote:
			return dst, nil
		case c == eof || c == '<':
			return nil, t.unexpected(c, "in the value of an attribute")
		case c < ' ':
			if err := t.blank(c); err != nil {
				return nil, err
			}
			if c == '\r' {
				t.newLine(c)
			}
			dst = append(dst, ' ')
		case c == '&':
			c, err := t.reference()
			if err != nil {
				return nil, err
			}
			dst = utf8.AppendRune(dst, c)
		default:
			dst = utf8.AppendRune(dst, c)
		}
	}
}

// endTag reads an end tag, whose </ has been read.
func (t *tokenizer) endTag() error {
	t.state = whole
	c := t.read()
	if c != ':' && !t.isNameStart(c) {
		return t.unexpected(c, "after </")
	}
	from := t.pos - utf8.RuneLen(c)
	t.restOfName()
	want := t.open[len(t.open)-1]
	if got := t.src[from:t.pos]; string(got) != string(want) {
		return t.fail("the element %s is closed by the end tag %s", want, got)
	}
	c, err := t.skipBlanks(t.read())
	if err != nil {
		return err
	}
	if c != '>' {
		return t.unexpected(c, "in an end tag")
	}
	t.element = want
	return nil
}
