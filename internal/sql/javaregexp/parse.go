package javaregexp

import (
	"errors"
	"fmt"
	"math"
	"strconv"
	"strings"
	"unicode"
)

// A piece is a part of a pattern as both engines write it.
type piece struct {
	re2, net string
	min      int // the least number of characters it matches
	literal  bool
	text     string // of a literal: the text itself
}

func (a piece) then(b piece) piece {
	return piece{
		re2: a.re2 + b.re2, net: a.net + b.net, min: min(a.min+b.min, math.MaxInt32),
		literal: a.literal && b.literal, text: a.text + b.text,
	}
}

func both(s string, min int) piece { return piece{re2: s, net: s, min: min} }

type flags struct{ fold, lines, dot, comments, unixLines, unicodeFold, unicodeClass bool }

// A parser reads a pattern of java.util.regex.
type parser struct {
	src    []rune
	at     int
	flags  flags
	groups int
	names  map[string]int

	onlyNet   bool // RE2 cannot express the pattern
	looksBack bool // a position depends on what is before it
	dollar    bool // $ or \Z occurs, which RE2 reads as \z
	lines     bool // (?m)^ or $ occurs
	words     bool // \b or \B occurs
}

func (p *parser) fail(format string, args ...any) error {
	return fmt.Errorf("%s near index %d", fmt.Sprintf(format, args...), p.at)
}

func (p *parser) more() bool { return p.at < len(p.src) }

func (p *parser) peek() rune {
	if p.more() {
		return p.src[p.at]
	}
	return -1
}

func (p *parser) accept(s string) bool {
	if strings.HasPrefix(string(p.src[p.at:min(len(p.src), p.at+len(s))]), s) {
		p.at += len(s)
		return true
	}
	return false
}

func (p *parser) pattern() (piece, error) {
	out, err := p.alternation()
	if err == nil && p.more() {
		err = p.fail("Unmatched closing ')'")
	}
	return out, err
}

// alternation reads up to a closing parenthesis or the end. Flags set inside end with it.
func (p *parser) alternation() (piece, error) {
	out, err := p.sequence()
	for err == nil && p.peek() == '|' {
		p.at++
		var next piece
		next, err = p.sequence()
		out = piece{re2: out.re2 + "|" + next.re2, net: out.net + "|" + next.net, min: min(out.min, next.min)}
	}
	return out, err
}

func (p *parser) sequence() (piece, error) {
	out := piece{literal: true}
	for p.more() && p.peek() != '|' && p.peek() != ')' {
		if p.flags.comments && p.skipComment() {
			continue
		}
		a, err := p.atom()
		if err != nil {
			return out, err
		}
		if a, err = p.quantified(a); err != nil {
			return out, err
		}
		out = out.then(a)
	}
	return out, nil
}

// skipComment skips a blank or a # comment.
func (p *parser) skipComment() bool {
	switch c := p.peek(); {
	case c == ' ' || c >= '\t' && c <= '\r':
		p.at++
	case c == '#':
		for p.more() && !isTerminator(p.peek()) {
			p.at++
		}
	default:
		return false
	}
	return true
}

func isTerminator(r rune) bool {
	return r == '\n' || r == '\r' || r == 0x85 || r == 0x2028 || r == 0x2029
}

func (p *parser) quantified(a piece) (piece, error) {
	for p.flags.comments && p.more() && p.skipComment() {
	}
	low, high, text := 0, -1, ""
	switch p.peek() {
	case '*':
		text = "*"
		p.at++
	case '+':
		low, text = 1, "+"
		p.at++
	case '?':
		high, text = 1, "?"
		p.at++
	case '{':
		var err error
		if low, high, text, err = p.counts(); err != nil {
			return a, err
		}
	default:
		return a, nil
	}
	if low > 1000 || high > 1000 {
		p.onlyNet = true
	}
	a = group(a)
	out := piece{re2: a.re2 + text, net: a.net + text, min: min(a.min*low, math.MaxInt32)}
	switch p.peek() {
	case '?':
		p.at++
		out.re2, out.net = out.re2+"?", out.net+"?"
	case '+':
		p.at++
		p.onlyNet = true
		out.net = "(?>" + out.net + ")"
	}
	if c := p.peek(); c == '*' || c == '+' || c == '?' {
		return out, p.fail("Dangling meta character '%c'", c)
	}
	return out, nil
}

// group keeps what a quantifier refers to together.
func group(a piece) piece {
	if !strings.HasPrefix(a.re2, "(") || !strings.HasPrefix(a.net, "(") || a.literal {
		a.re2, a.net = "(?:"+a.re2+")", "(?:"+a.net+")"
	}
	return a
}

// counts reads {n}, {n,} or {n,m}; high is -1 without a limit.
func (p *parser) counts() (low, high int, text string, err error) {
	start := p.at
	p.at++
	low, ok := p.number()
	high = low
	if ok && p.accept(",") {
		var limited bool
		if high, limited = p.number(); !limited {
			high = -1
		}
	}
	if !ok || !p.accept("}") {
		return 0, 0, "", p.fail("Illegal repetition")
	}
	if high >= 0 && high < low {
		return 0, 0, "", p.fail("Illegal repetition range")
	}
	return low, high, string(p.src[start:p.at]), nil
}

func (p *parser) number() (int, bool) {
	start := p.at
	for p.peek() >= '0' && p.peek() <= '9' {
		p.at++
	}
	n, err := strconv.Atoi(string(p.src[start:p.at]))
	return n, err == nil
}

func (p *parser) atom() (piece, error) {
	c := p.peek()
	p.at++
	switch c {
	case '(':
		return p.parenthesis()
	case '[':
		s, err := p.class()
		return p.setPiece(s), err
	case '.':
		return p.setPiece(p.anyChar()), nil
	case '^':
		return p.lineStart(), nil
	case '$':
		return p.lineEnd(p.flags.lines), nil
	case '\\':
		return p.escape()
	case '*', '+', '?':
		p.at--
		return piece{}, p.fail("Dangling meta character '%c'", c)
	case '{':
		p.at--
		return piece{}, p.fail("Illegal repetition")
	}
	return p.char(c), nil
}

func (p *parser) anyChar() set {
	switch {
	case p.flags.dot:
		return everything
	case p.flags.unixLines:
		return chars('\n').complement()
	}
	return chars('\n', '\r', 0x85, 0x2028, 0x2029).complement()
}

// char is one character, folded when flags say so.
func (p *parser) char(r rune) piece {
	return p.setPiece(p.folded(chars(r)))
}

func (p *parser) folded(s set) set {
	if p.flags.fold {
		return s.fold(p.flags.unicodeFold || p.flags.unicodeClass)
	}
	return s
}

func (p *parser) setPiece(s set) piece {
	out := both(string(s.write(nil)), 1)
	if r, ok := s.single(); ok {
		out.literal, out.text = true, string(r)
	}
	return out
}

func (p *parser) lineStart() piece {
	p.looksBack = true
	if !p.flags.lines {
		return piece{re2: `\A`, net: `\A`}
	}
	p.lines = true
	return piece{re2: `(?m:^)`, net: `(?:\A|(?<=\n|\r(?!\n)|[\x{85}\x{2028}\x{2029}])(?!\z))`}
}

// lineEnd is $ or \Z: the end, also before a last line terminator; with lines the end of any line.
func (p *parser) lineEnd(lines bool) piece {
	if lines {
		p.lines, p.looksBack = true, true
		return piece{re2: `(?m:$)`, net: `(?:(?=[\r\x{85}\x{2028}\x{2029}]|\z)|(?<!\r)(?=\n))`}
	}
	p.dollar = true
	return piece{re2: `\z`, net: `(?:(?=(?:\r\n|[\r\x{85}\x{2028}\x{2029}])?\z)|(?<!\r)(?=\n\z))`}
}

// parenthesis reads a group or a setting of flags after its opening parenthesis.
func (p *parser) parenthesis() (piece, error) {
	saved := p.flags
	re2, net := "(", "("
	if p.accept("?") {
		switch {
		case p.accept("<="), p.accept("<!"), p.accept("="), p.accept("!"):
			return p.look()
		case p.accept(">"):
			p.onlyNet = true
			net = "(?>"
		case p.accept("<"):
			name, err := p.groupName()
			if err != nil {
				return piece{}, err
			}
			if _, twice := p.names[name]; twice {
				return piece{}, p.fail("Named capturing group <%s> is already defined", name)
			}
			p.groups++
			p.names[name] = p.groups
		default:
			ends, err := p.setFlags()
			if err != nil || ends {
				return piece{}, err
			}
			re2, net = "(?:", "(?:"
		}
	} else {
		p.groups++
	}
	inner, err := p.alternation()
	if err != nil {
		return inner, err
	}
	p.flags = saved
	if !p.accept(")") {
		return inner, p.fail("Unclosed group")
	}
	return piece{re2: re2 + inner.re2 + ")", net: net + inner.net + ")", min: inner.min}, nil
}

// look reads a look-around, whose opening is consumed already.
func (p *parser) look() (piece, error) {
	saved := p.flags
	p.onlyNet = true
	start := p.at - 1
	for p.src[start] != '?' {
		start--
	}
	open := "(" + string(p.src[start:p.at])
	inner, err := p.alternation()
	if err != nil {
		return inner, err
	}
	p.flags = saved
	if !p.accept(")") {
		return inner, p.fail("Unclosed group")
	}
	return piece{net: open + inner.net + ")", re2: "()"}, nil
}

func (p *parser) groupName() (string, error) {
	start := p.at
	for c := p.peek(); c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9' && p.at > start; c = p.peek() {
		p.at++
	}
	name := string(p.src[start:p.at])
	if name == "" || !p.accept(">") {
		return "", p.fail("named capturing group is missing trailing '>'")
	}
	return name, nil
}

// setFlags reads the flags after (? up to ) or :; ends tells which, and then the flags stay until the group around ends.
func (p *parser) setFlags() (ends bool, err error) {
	on := true
	for {
		c := p.peek()
		p.at++
		switch c {
		case 'i':
			p.flags.fold = on
		case 'm':
			p.flags.lines = on
		case 's':
			p.flags.dot = on
		case 'x':
			p.flags.comments = on
		case 'd':
			p.flags.unixLines = on
		case 'u':
			p.flags.unicodeFold = on
		case 'U':
			p.flags.unicodeClass = on
		case '-':
			if !on {
				return false, p.fail("Unknown inline modifier")
			}
			on = false
		case ':':
			return false, nil
		case ')':
			return true, nil
		default:
			return false, p.fail("Unknown inline modifier")
		}
	}
}

var errClass = errors.New("unclosed character class")

// class reads a character class after its opening bracket: unions, nested classes and intersections.
func (p *parser) class() (set, error) {
	negated := p.accept("^")
	var left, s set // left is what stands before &&
	hasLeft, first := false, true
	for {
		if !p.more() {
			return nil, errClass
		}
		if p.flags.comments && p.skipComment() {
			continue
		}
		if p.peek() == ']' && (!first || hasLeft) {
			p.at++
			break
		}
		if p.accept("&&") {
			for p.accept("&&") {
			}
			if hasLeft {
				s = left.intersect(s)
			}
			left, s, hasLeft, first = s, nil, !first || hasLeft, true
			continue
		}
		item, err := p.classItem()
		if err != nil {
			return nil, err
		}
		s, first = s.union(item), false
	}
	if hasLeft && !first {
		s = left.intersect(s)
	} else if hasLeft {
		s = left
	}
	if negated {
		s = s.complement()
	}
	return s, nil
}

// classItem reads a nested class, a range, or one character or predefined class.
func (p *parser) classItem() (set, error) {
	if p.accept("[") {
		return p.class()
	}
	s, low, err := p.classChar()
	if err != nil || low < 0 {
		return s, err
	}
	if p.peek() != '-' || p.at+1 >= len(p.src) || p.src[p.at+1] == ']' || p.src[p.at+1] == '[' {
		return p.folded(s), nil
	}
	p.at++
	_, high, err := p.classChar()
	if err != nil {
		return nil, err
	}
	if high < low {
		return nil, p.fail("Illegal character range")
	}
	return p.folded(spans(low, high)), nil
}

// classChar reads one character, or a predefined class, for which the character is -1.
func (p *parser) classChar() (set, rune, error) {
	c := p.peek()
	p.at++
	if c == '\\' {
		return p.setEscape()
	}
	return chars(c), c, nil
}

func isLetter(r rune) bool { return r < unicode.MaxASCII && unicode.IsLetter(r) }
