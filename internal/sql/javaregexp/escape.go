package javaregexp

import (
	"strconv"
	"strings"
	"sync"
	"unicode"
)

// escape parses what follows a backslash outside of a class.
func (p *parser) escape() (*node, error) {
	if !p.more() {
		return nil, p.fail("Unexpected internal error")
	}
	c := p.peek()
	p.at++
	switch c {
	case 'A':
		p.looksBack = true
		return &node{op: opBegin}, nil
	case 'z':
		return &node{op: opEnd}, nil
	case 'Z':
		return p.lineEnd(false), nil
	case 'G':
		return &node{op: opLast}, nil
	case 'b', 'B':
		p.words, p.looksBack = true, true
		return &node{op: opWord, not: c == 'B', full: p.flags.unicodeClass}, nil
	case 'R':
		return lineBreak(), nil
	case 'X':
		return grapheme(), nil
	case 'Q':
		return p.quoted(), nil
	case 'E': // closes nothing
		return nil, p.fail("Illegal/unsupported escape sequence")
	case 'k':
		return p.namedReference()
	}
	p.at--
	if c >= '1' && c <= '9' {
		return p.reference(), nil
	}
	s, r, err := p.setEscape()
	if err == nil && r >= 0 {
		return p.char(r), nil
	}
	return &node{op: opSet, set: s}, err
}

// unicodeWord is \w with (?U). It is built lazily because building it would noticeably delay the start of the program.
var unicodeWord = sync.OnceValue(func() *charset {
	return newCharset(fromTable(unicode.L, unicode.M, unicode.Nd, unicode.Pc, unicode.Other_Alphabetic, unicode.Nl, unicode.Join_Control))
})

func newline() *node { return sequence([]*node{setOf(chars('\r')), setOf(chars('\n'))}) }

func lineBreak() *node {
	return &node{op: opLineBreak, kids: []*node{alternatives(newline(), setOf(spans('\n', '\r', 0x85, 0x85, 0x2028, 0x2029)))}}
}

// grapheme returns a node for a character with its combining marks; control characters have none.
func grapheme() *node {
	marks, controls := fromTable(unicode.M), fromTable(unicode.Cc, unicode.Zl, unicode.Zp)
	return &node{op: opGrapheme, kids: []*node{alternatives(newline(), setOf(controls),
		sequence([]*node{setOf(controls.union(marks).complement()), repeated(marks, 0)}), repeated(marks, 1))}}
}

func setOf(s set) *node { return &node{op: opSet, set: s} }

func alternatives(kids ...*node) *node { return &node{op: opAlternation, kids: kids} }

func repeated(s set, low int) *node {
	return &node{op: opRepeat, low: low, high: -1, kids: []*node{setOf(s)}}
}

// quoted parses up to \E. A quantifier after it applies to the last character, which is left for the next atom.
func (p *parser) quoted() *node {
	end, next := len(p.src), len(p.src)
	for i := p.at; i+1 < len(p.src); i++ {
		if p.src[i] == '\\' && p.src[i+1] == 'E' {
			end, next = i, i+2
			break
		}
	}
	var all []*node
	for _, r := range p.src[p.at:end] {
		all = append(all, p.char(r))
	}
	p.at = next
	if n := len(all); n > 0 {
		if q, err := p.quantified(all[n-1]); err == nil {
			all[n-1] = q
		}
	}
	return &node{op: opSequence, kids: all}
}

// reference parses a back-reference: as many digits as there are groups for.
func (p *parser) reference() *node {
	n := 0
	for p.peek() >= '0' && p.peek() <= '9' {
		next := n*10 + int(p.peek()-'0')
		if n > 0 && next > p.groups {
			break
		}
		n = next
		p.at++
	}
	return p.backTo(n)
}

func (p *parser) backTo(n int) *node {
	out := &node{op: opBack, n: n}
	switch {
	case p.flags.fold && p.flags.unicodeFold:
		out.fold = foldUnicode
	case p.flags.fold:
		out.fold = foldASCII
	}
	return out
}

func (p *parser) namedReference() (*node, error) {
	if !p.accept("<") {
		return nil, p.fail("\\k is not followed by '<' for named capturing group")
	}
	name, err := p.groupName()
	if err != nil {
		return nil, err
	}
	n, ok := p.names[name]
	if !ok {
		return nil, p.fail("named capturing group <%s> does not exist", name)
	}
	return p.backTo(n), nil
}

var (
	digits     = spans('0', '9')
	word       = spans('0', '9', 'A', 'Z', 'a', 'z', '_', '_')
	space      = spans('\t', '\r', ' ', ' ')
	horizontal = spans('\t', '\t', ' ', ' ', 0xA0, 0xA0, 0x1680, 0x1680, 0x180E, 0x180E, 0x2000, 0x200A, 0x202F, 0x202F, 0x205F, 0x205F, 0x3000, 0x3000)
	vertical   = spans('\n', '\r', 0x85, 0x85, 0x2028, 0x2029)
)

// setEscape parses an escape for one or more characters. The returned character is -1 for a class of several.
func (p *parser) setEscape() (set, rune, error) {
	c := p.peek()
	p.at++
	switch c {
	case 'd', 'w', 's', 'h', 'v', 'D', 'W', 'S', 'H', 'V':
		return p.shorthand(c), -1, nil
	case 'p', 'P':
		s, err := p.property()
		if c == 'P' {
			s = s.complement()
		}
		return s, -1, err
	}
	r, err := p.charEscape(c)
	return chars(r), r, err
}

func (p *parser) shorthand(c rune) set {
	var s set
	switch unicode.ToLower(c) {
	case 'd':
		if s = digits; p.flags.unicodeClass {
			s = fromTable(unicode.Nd)
		}
	case 'w':
		if s = word; p.flags.unicodeClass {
			s = unicodeWord().set
		}
	case 's':
		if s = space; p.flags.unicodeClass {
			s = fromTable(unicode.White_Space)
		}
	case 'h':
		s = horizontal
	default:
		s = vertical
	}
	if unicode.IsUpper(c) {
		s = s.complement()
	}
	return s
}

var simpleEscapes = map[rune]rune{'t': '\t', 'n': '\n', 'r': '\r', 'f': '\f', 'a': 7, 'e': 0x1B}

func (p *parser) charEscape(c rune) (rune, error) {
	if r, ok := simpleEscapes[c]; ok {
		return r, nil
	}
	switch c {
	case '0':
		return p.octal()
	case 'c':
		if !p.more() {
			return 0, p.fail("Illegal control escape sequence")
		}
		p.at++
		return p.src[p.at-1] ^ 64, nil
	case 'x':
		if p.accept("{") {
			start := p.at
			for p.more() && p.peek() != '}' {
				p.at++
			}
			n, err := strconv.ParseInt(string(p.src[start:p.at]), 16, 32)
			if err != nil || n > unicode.MaxRune || !p.accept("}") {
				return 0, p.fail("Illegal hexadecimal escape sequence")
			}
			return rune(n), nil
		}
		return p.hex(2, "Illegal hexadecimal escape sequence")
	case 'u':
		return p.utf16()
	}
	if isLetter(c) || c < 0 || c >= '1' && c <= '9' {
		return 0, p.fail("Illegal/unsupported escape sequence")
	}
	return c, nil
}

func (p *parser) octal() (rune, error) {
	n, start := rune(0), p.at
	for p.at < start+3 && p.peek() >= '0' && p.peek() <= '7' && n*8+p.peek()-'0' <= 0377 {
		n = n*8 + p.peek() - '0'
		p.at++
	}
	if p.at == start {
		return 0, p.fail("Illegal octal escape sequence")
	}
	return n, nil
}

func (p *parser) hex(digits int, message string) (rune, error) {
	if p.at+digits > len(p.src) {
		return 0, p.fail("%s", message)
	}
	n, err := strconv.ParseUint(string(p.src[p.at:p.at+digits]), 16, 32)
	if err != nil {
		return 0, p.fail("%s", message)
	}
	p.at += digits
	return rune(n), nil
}

// utf16 parses the digits of \uXXXX; two such escapes may form one character.
func (p *parser) utf16() (rune, error) {
	r, err := p.hex(4, "Illegal Unicode escape sequence")
	if err != nil || r < 0xD800 || r > 0xDBFF {
		return r, err
	}
	start := p.at
	if p.accept(`\u`) {
		if low, err := p.hex(4, ""); err == nil && low >= 0xDC00 && low <= 0xDFFF {
			return 0x10000 + (r-0xD800)<<10 + (low - 0xDC00), nil
		}
	}
	p.at = start
	return r, nil
}

// property parses the name after \p.
func (p *parser) property() (set, error) {
	name := ""
	if p.accept("{") {
		start := p.at
		for p.more() && p.peek() != '}' {
			p.at++
		}
		name = string(p.src[start:p.at])
		if !p.accept("}") {
			return nil, p.fail("Unclosed character family")
		}
	} else if p.more() {
		name = string(p.peek())
		p.at++
	}
	key := classKey{name, p.flags.fold}
	s, ok := p.classes[key]
	if !ok {
		if s, ok = p.named(name); ok {
			p.classes[key] = s
		}
	}
	if ok {
		if p.flags.fold && hasCase[strings.TrimPrefix(strings.ToLower(name), "is")] {
			s = fromTable(unicode.Lu, unicode.Ll, unicode.Lt, unicode.Other_Lowercase, unicode.Other_Uppercase)
		}
		return s, nil
	}
	return nil, p.fail("Unknown character property name {%s}", name)
}

// A classKey identifies a named class.
type classKey struct {
	name string
	fold bool
}

// posix holds the classes of US-ASCII.
var posix = map[string]set{
	"Lower": spans('a', 'z'), "Upper": spans('A', 'Z'), "ASCII": spans(0, 0x7F), "Alpha": spans('A', 'Z', 'a', 'z'),
	"Digit": digits, "Alnum": spans('0', '9', 'A', 'Z', 'a', 'z'), "Punct": spans('!', '/', ':', '@', '[', '`', '{', '~'),
	"Graph": spans('!', '~'), "Print": spans(' ', '~'), "Blank": chars(' ', '\t'), "Cntrl": spans(0, 0x1F, 0x7F, 0x7F),
	"XDigit": spans('0', '9', 'A', 'F', 'a', 'f'), "Space": space,
}

// binary holds the properties written with Is.
var binary = map[string][]*unicode.RangeTable{
	"alphabetic": {unicode.L, unicode.Nl, unicode.Other_Alphabetic}, "ideographic": {unicode.Ideographic}, "letter": {unicode.L},
	"lowercase": {unicode.Ll, unicode.Other_Lowercase}, "uppercase": {unicode.Lu, unicode.Other_Uppercase}, "titlecase": {unicode.Lt},
	"punctuation": {unicode.P}, "control": {unicode.Cc}, "white_space": {unicode.White_Space}, "whitespace": {unicode.White_Space},
	"digit": {unicode.Nd}, "hex_digit": {unicode.Hex_Digit}, "join_control": {unicode.Join_Control},
	"noncharacter_code_point": {unicode.Noncharacter_Code_Point},
}

// hasCase lists the properties that depend on the case of a letter. With (?i) they match letters of any case.
var hasCase = map[string]bool{"lu": true, "ll": true, "lt": true, "lowercase": true, "uppercase": true, "titlecase": true, "javalowercase": true, "javauppercase": true}

func (p *parser) named(name string) (set, bool) {
	if s, ok := posix[name]; ok {
		if p.flags.fold && (name == "Lower" || name == "Upper") {
			s = posix["Alpha"]
		}
		return s, true
	}
	kind, value, given := strings.Cut(name, "=")
	if given {
		switch strings.ToLower(kind) {
		case "sc", "script":
			return script(value)
		case "gc", "general_category":
			return category(value)
		}
		return nil, false
	}
	if rest, ok := strings.CutPrefix(name, "Is"); ok {
		if tables, ok := binary[strings.ToLower(rest)]; ok {
			return fromTable(tables...), true
		}
		if s, ok := category(rest); ok {
			return s, true
		}
		return script(rest)
	}
	switch name {
	case "javaLowerCase":
		return fromTable(binary["lowercase"]...), true
	case "javaUpperCase":
		return fromTable(binary["uppercase"]...), true
	case "javaWhitespace":
		return spans('\t', '\r', 0x1C, 0x1F).union(fromTable(unicode.Z).intersect(chars(0xA0, 0x2007, 0x202F).complement())), true
	case "javaMirrored":
		return nil, false
	case "L1":
		return spans(0, 0xFF), true
	case "all":
		return everything, true
	case "LC":
		return fromTable(unicode.Lu, unicode.Ll, unicode.Lt), true
	case "LD":
		return fromTable(unicode.L, unicode.Nd), true
	}
	return category(name)
}

func category(name string) (set, bool) {
	t, ok := unicode.Categories[name]
	if !ok {
		return nil, false
	}
	return fromTable(t), true
}

// script finds a script by its name, ignoring case.
func script(name string) (set, bool) {
	for known, t := range unicode.Scripts {
		if strings.EqualFold(known, name) {
			return fromTable(t), true
		}
	}
	return nil, false
}
