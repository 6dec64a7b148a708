package xml

import "bytes"

// declaration reads the XML declaration at the beginning of a text. (Woodstox: ReaderBootstrapper.)
func (s *scanner) declaration() error {
	const shortest = 7 // shortest text, in characters, that may begin with a byte order mark or a declaration
	if countUpTo(s.src, shortest) < shortest {
		return nil
	}
	s.src = bytes.TrimPrefix(s.src, []byte("\ufeff"))
	if !bytes.HasPrefix(s.src, []byte("<?xml")) || len(s.src) == len("<?xml") || s.src[len("<?xml")] > ' ' {
		return nil
	}
	s.pos = len("<?xml ")
	c, err := s.skipBlanks(s.read())
	if err != nil {
		return err
	}
	for _, part := range []struct {
		name  string
		check func(string) bool
	}{{"version", s.version}, {"encoding", isEncoding}, {"standalone", isYesNo}} {
		if c != rune(part.name[0]) {
			if part.name == "version" {
				return s.unexpected(c, "in the XML declaration, which begins with the version")
			}
			continue
		}
		if c, err = s.pseudoAttribute(c, part.name, part.check); err != nil {
			return err
		}
	}
	if c == '?' {
		c = s.read()
	}
	if c != '>' {
		return s.unexpected(c, "in the XML declaration")
	}
	return nil
}

// countUpTo counts the UTF-16 units of a text, up to most.
func countUpTo(text []byte, most int) int {
	n := 0
	for _, c := range text {
		switch {
		case n >= most:
			return n
		case c >= 0xF0:
			n += 2
		case c < 0x80 || c >= 0xC0:
			n++
		}
	}
	return n
}

func (s *scanner) version(v string) bool {
	s.xml11 = v == "1.1"
	return v == "1.0" || v == "1.1"
}

func isEncoding(v string) bool { return v != "" }
func isYesNo(v string) bool    { return v == "yes" || v == "no" }

// pseudoAttribute reads a part of the declaration, whose first character has been read, and the blanks after it. It returns
// the next character.
func (s *scanner) pseudoAttribute(c rune, name string, check func(string) bool) (rune, error) {
	if !s.keyword(c, name) {
		return c, s.fail("%s is expected in the XML declaration", name)
	}
	c, err := s.skipBlanks(s.read())
	if err == nil && c == '=' {
		c, err = s.skipBlanks(s.read())
	} else if err == nil {
		err = s.unexpected(c, "after "+name+" in the XML declaration")
	}
	if err != nil {
		return c, err
	}
	value, err := s.quoted(c, "in the XML declaration")
	if err != nil {
		return c, err
	}
	if !check(string(value)) {
		return c, s.fail("%q is not a value of %s in the XML declaration", value, name)
	}
	c = s.read()
	if c != '?' && !isBlank(c) {
		return c, s.unexpected(c, "after "+name+" in the XML declaration")
	}
	return s.skipBlanks(c)
}

// quoted reads text up to the quote c, which has been read before it.
func (s *scanner) quoted(c rune, where string) ([]byte, error) {
	if c != '"' && c != '\'' {
		return nil, s.unexpected(c, where+", where a quote is expected")
	}
	from := s.pos
	for {
		switch n := s.read(); {
		case n == c:
			return s.src[from : s.pos-1], nil
		case n == eof:
			return nil, s.unexpected(n, where)
		}
	}
}

// doctype reads the name and identifiers after <!DOCTYPE and skips the declarations: entities are not expanded.
func (s *scanner) doctype() error {
	const where = "in the document type"
	c, err := s.skipBlanks(s.read())
	if err != nil {
		return err
	}
	if _, err = s.name(c); err != nil {
		return err
	}
	if c, err = s.skipBlanks(s.read()); err != nil {
		return err
	}
	if c != '[' && c != '>' {
		if c, err = s.external(c); err != nil {
			return err
		}
	}
	if c == '[' {
		if err := s.skipSubset(); err != nil {
			return err
		}
		if c, err = s.skipBlanks(s.read()); err != nil {
			return err
		}
	}
	if c != '>' {
		return s.unexpected(c, where)
	}
	return nil
}

// external skips the identifiers of the external subset, which is not read, and returns the next character.
func (s *scanner) external(c rune) (rune, error) {
	const where = "in the document type"
	parts := 1
	from := s.pos
	s.restOfName()
	switch word := string(s.src[from:s.pos]); {
	case c == 'P' && word == "UBLIC":
		parts = 2
	case c == 'S' && word == "YSTEM":
	default:
		return c, s.unexpected(c, where+", where PUBLIC or SYSTEM is expected")
	}
	for range parts {
		blank := s.read()
		if parts == 2 && !isBlank(blank) {
			return c, s.unexpected(blank, where+", where a blank is expected")
		}
		quote, err := s.skipBlanks(blank)
		if err == nil {
			_, err = s.quoted(quote, where)
		}
		if err != nil {
			return c, err
		}
	}
	return s.skipBlanks(s.read())
}

// skipSubset skips past the ] that ends the internal subset. (Woodstox: MinimalDTDReader.)
func (s *scanner) skipSubset() error {
	for {
		c, err := s.skipBlanks(s.read())
		switch {
		case err != nil:
			return err
		case c == ']':
			return nil
		case c == '%':
			s.restOfName()
			if s.peek() == ';' {
				s.pos++
			}
		case c != '<':
			return s.unexpected(c, "among the declarations of the document type")
		default:
			if err := s.skipDeclared(); err != nil {
				return err
			}
		}
	}
}

// skipDeclared skips past a declaration, comment or instruction, whose < has been read.
func (s *scanner) skipDeclared() error {
	const where = "among the declarations of the document type"
	switch c := s.read(); c {
	case '?':
		return s.skipTo("?>", where)
	case '!':
		switch c := s.read(); c {
		case '[':
			return nil
		case '-':
			if err := s.skipTo("--", where); err != nil {
				return err
			}
			if c := s.read(); c != '>' {
				return s.unexpected(c, "after -- in a comment")
			}
			return nil
		default:
			return s.skipMarkup(c)
		}
	default:
		s.back(c)
		return nil
	}
}

// skipMarkup skips past the next > outside of quotes.
func (s *scanner) skipMarkup(c rune) error {
	for c != '>' {
		switch c = s.read(); c {
		case eof:
			return s.unexpected(c, "in a declaration of the document type")
		case '"', '\'':
			if _, err := s.quoted(c, "in a declaration of the document type"); err != nil {
				return err
			}
		}
	}
	return nil
}

// skipTo skips past the next occurrence of end.
func (s *scanner) skipTo(end, where string) error {
	n := bytes.Index(s.src[s.pos:], []byte(end))
	if n < 0 {
		s.pos = len(s.src)
		return s.unexpected(eof, where)
	}
	s.pos += n + len(end)
	return nil
}
