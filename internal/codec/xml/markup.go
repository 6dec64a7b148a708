package xml

import (
	"unicode/utf8"

	"github.com/streamctl/streamctl/internal/sparkerr"
)

// A markup writes tags and text like Woodstox under Spark's IndentingXMLStreamWriter.
type markup struct {
	dst     []byte
	indent  string // "": none
	check   bool   // validate names
	open    []string
	started bool // the last start tag has not been closed with > yet
	nested  bool // the last tag was an end tag, so the next one is on a separate line
	names   scanner
	fits    func(dst []byte, more int) // panics if more bytes would be too many
}

func (m *markup) start(name string) error {
	m.fits(m.dst, (1+len(m.open))*len(m.indent)+2*len(name))
	if m.indent != "" {
		if len(m.open) > 0 {
			m.raw("\n")
		}
		m.nested = false
		m.indentation()
	}
	if err := m.checkName(name); err != nil {
		return err
	}
	m.closeStart()
	m.dst = append(append(m.dst, '<'), name...)
	m.open = append(m.open, name)
	m.started = true
	return nil
}

func (m *markup) end() {
	name := m.open[len(m.open)-1]
	m.open = m.open[:len(m.open)-1]
	m.fits(m.dst, len(m.open)*len(m.indent)+len(name))
	if m.indent != "" {
		if m.nested {
			m.raw("\n")
			m.indentation()
		}
		m.nested = true
	}
	if m.started {
		m.dst = append(m.dst, "/>"...)
		m.started = false
		return
	}
	m.dst = append(append(append(m.dst, "</"...), name...), '>')
}

// indentation begins a line. Before the very first tag it writes nothing; elsewhere it first closes the preceding start tag.
func (m *markup) indentation() {
	if len(m.open) == 0 {
		if m.started {
			m.closeStart()
		}
		return
	}
	m.closeStart()
	for range m.open {
		m.dst = append(m.dst, m.indent...)
	}
}

// raw writes a text verbatim.
func (m *markup) raw(s string) {
	m.closeStart()
	m.dst = append(m.dst, s...)
}

func (m *markup) closeStart() {
	if m.started {
		m.dst = append(m.dst, '>')
		m.started = false
	}
}

func (m *markup) attribute(name string, value []byte) error {
	if err := m.checkName(name); err != nil {
		return err
	}
	m.fits(m.dst, len(name)+len(value))
	m.dst = append(append(append(m.dst, ' '), name...), `="`...)
	for len(value) > 0 {
		c, n := utf8.DecodeRune(value)
		switch {
		case c == '"':
			m.dst = append(m.dst, "&quot;"...)
		case c == '<' || c == '&':
			m.dst = appendEntity(m.dst, c)
		case c < ' ':
			if err := checkControl(c); err != nil {
				return err
			}
			m.dst = appendEntity(m.dst, c)
		case c == 0xFFFE || c == 0xFFFF:
			m.dst = appendEntity(m.dst, c)
		default:
			m.dst = append(m.dst, value[:n]...)
		}
		value = value[n:]
	}
	m.dst = append(m.dst, '"')
	return nil
}

// text writes characters. It escapes a > that could end a CDATA section: one after ], and the first one of a piece.
func (m *markup) text(text []byte) error {
	const piece, short = 512, 12 // UTF-16 units
	m.closeStart()
	m.fits(m.dst, len(text))
	before, units := rune(0), 0
	long := countUpTo(text, short) >= short
	for len(text) > 0 {
		c, n := utf8.DecodeRune(text)
		if long && units >= piece {
			before, units = 0, 0
		}
		switch {
		case c == '<' || c == '&' || c == '>' && (units == 0 || before == ']'):
			m.dst = appendEntity(m.dst, c)
		case c < ' ' && c != '\t' && c != '\n':
			if err := checkControl(c); err != nil {
				return err
			}
			m.dst = appendEntity(m.dst, c)
		case c >= 0x7F && c < 0xA0, c == 0xFFFE, c == 0xFFFF:
			m.dst = appendEntity(m.dst, c)
		default:
			m.dst = append(m.dst, text[:n]...)
		}
		before, text = c, text[n:]
		if units++; c > 0xFFFF {
			units++
		}
	}
	return nil
}

func checkControl(c rune) error {
	if c == '\t' || c == '\n' || c == '\r' {
		return nil
	}
	return sparkerr.Plain("The character %q cannot be written as XML.", c).WithHint("remove such characters from the text, for instance with regexp_replace")
}

// appendEntity appends a reference to a character.
func appendEntity(dst []byte, c rune) []byte {
	switch c {
	case '<':
		return append(dst, "&lt;"...)
	case '>':
		return append(dst, "&gt;"...)
	case '&':
		return append(dst, "&amp;"...)
	}
	const digits = "0123456789abcdef"
	dst = append(dst, "&#x"...)
	shift := 0
	for c>>(shift+4) > 0 {
		shift += 4
	}
	for ; shift >= 0; shift -= 4 {
		dst = append(dst, digits[c>>shift&0xF])
	}
	return append(dst, ';')
}

// checkName rejects invalid names, unless the option validateName is off.
func (m *markup) checkName(name string) error {
	if !m.check {
		return nil
	}
	for i, c := range name {
		if i == 0 && !m.names.isNameStart(c) || i > 0 && !m.names.isName(c) {
			return sparkerr.Plain("%q cannot be the name of an element or attribute: the character %q is not allowed there.", name, c).
				WithHint("give the field another name, or set validateName to false")
		}
	}
	if name == "" {
		return sparkerr.Plain("An element or attribute must have a name.").WithHint("give the field a name, or set validateName to false")
	}
	return nil
}
