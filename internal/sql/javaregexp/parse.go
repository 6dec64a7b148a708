package javaregexp

import (
	"errors"
	"fmt"
	"strconv"
	"strings"
	"unicode"
)

type flags struct{ fold, lines, dot, comments, unixLines, unicodeFold, unicodeClass bool }

// A parser parses a pattern of java.util.regex.
type parser struct {
	src    []rune
	at     int
	flags  flags
	groups int
	names  map[string]int
	// caches named classes, some of which combine many tables
	classes map[classKey]set

	depth     int  // open parentheses
	looksBack bool // a position depends on the text before it
	dollar    bool // $ or \Z occurs, which is translated to RE2's \z
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

func (p *parser) pattern() (*node, error) {
	out, err := p.alternation()
	if err == nil && p.more() {
		err = p.fail("Unmatched closing ')'")
	}
	return out, err
}

// alternation parses up to a closing parenthesis or the end. Flags set inside end with it.
func (p *parser) alternation() (*node, error) {
	first, err := p.sequence()
	if err != nil || p.peek() != '|' {
		return first, err
	}
	all := []*node{first}
	for err == nil && p.peek() == '|' {
		p.at++
		var next *node
		next, err = p.sequence()
		all = append(all, next)
	}
	return &node{op: opAlternation, kids: all}, err
}

func (p *parser) sequence() (*node, error) {
	var all []*node
	for p.more() && p.peek() != '|' && p.peek() != ')' {
		if p.flags.comments && p.skipComment() {
			continue
		}
		a, err := p.atom()
		if err != nil {
			return nil, err
		}
		if a, err = p.quantified(a); err != nil {
			return nil, err
		}
		if a.op == opSequence {
			all = append(all, a.kids...)
		} else {
			all = append(all, a)
		}
	}
	return sequence(all), nil
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

// quantified parses a quantifier after a.
func (p *parser) quantified(a *node) (*node, error) {
	for p.flags.comments && p.more() && p.skipComment() {
	}
	low, high := 0, -1
	switch p.peek() {
	case '*':
		p.at++
	case '+':
		low = 1
		p.at++
	case '?':
		high = 1
		p.at++
	case '{':
		var err error
		if low, high, err = p.counts(); err != nil {
			return nil, err
		}
	default:
		return a, nil
	}
	out := &node{op: opRepeat, kids: []*node{a}, low: low, high: high}
	switch p.peek() {
	case '?':
		p.at++
		out.mode = lazy
	case '+':
		p.at++
		out.mode = possessive
	}
	if c := p.peek(); c == '*' || c == '+' || c == '?' {
		return nil, p.fail("Dangling meta character '%c'", c)
	}
	return out, nil
}

// counts parses {n}, {n,} or {n,m}; high is -1 if there is no limit.
func (p *parser) counts() (low, high int, err error) {
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
		return 0, 0, p.fail("Illegal repetition")
	}
	if high >= 0 && high < low {
		return 0, 0, p.fail("Illegal repetition range")
	}
	return low, high, nil
}

func (p *parser) number() (int, bool) {
	start := p.at
	for p.peek() >= '0' && p.peek() <= '9' {
		p.at++
	}
	n, err := strconv.Atoi(string(p.src[start:p.at]))
	return n, err == nil
}

func (p *parser) atom() (*node, error) {
	c := p.peek()
	p.at++
	switch c {
	case '(':
		return p.parenthesis()
	case '[':
		s, err := p.class()
		return &node{op: opSet, set: s}, err
	case '.':
		return &node{op: opSet, set: p.anyChar()}, nil
	case '^':
		return p.lineStart(), nil
	case '$':
		return p.lineEnd(p.flags.lines), nil
	case '\\':
		return p.escape()
	case '*', '+', '?':
		p.at--
		return nil, p.fail("Dangling meta character '%c'", c)
	case '{':
		p.at--
		return nil, p.fail("Illegal repetition")
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

// char returns a node for one character, case-folded if the flags say so.
func (p *parser) char(r rune) *node {
	return &node{op: opSet, set: p.folded(chars(r))}
}

func (p *parser) folded(s set) set {
	if p.flags.fold {
		return s.fold(p.flags.unicodeFold || p.flags.unicodeClass)
	}
	return s
}

func (p *parser) lineStart() *node {
	p.looksBack = true
	switch {
	case !p.flags.lines:
		return &node{op: opBegin}
	case p.flags.unixLines:
		return &node{op: opUnixStart}
	}
	p.lines = true
	return &node{op: opLineStart}
}

// lineEnd returns a node for $ or \Z: the end, or before a final line terminator; with lines, the end of any line.
func (p *parser) lineEnd(lines bool) *node {
	switch {
	case lines && p.flags.unixLines:
		return &node{op: opUnixLineEnd}
	case lines:
		p.lines, p.looksBack = true, true
		return &node{op: opLineEnd}
	case p.flags.unixLines:
		return &node{op: opUnixFinal}
	}
	p.dollar = true
	return &node{op: opFinal}
}

// maxDepth limits the nesting of parentheses. Java's stack overflows at about this depth.
const maxDepth = 5000

// parenthesis parses a group, or a setting of flags, after the opening parenthesis.
func (p *parser) parenthesis() (*node, error) {
	saved := p.flags
	out := &node{op: opCapture}
	switch {
	case !p.accept("?"):
		p.groups++
		out.n = p.groups
	case p.accept("<="), p.accept("<!"), p.accept("="), p.accept("!"):
		out.op, out.not, out.back = opLook, p.src[p.at-1] == '!', p.src[p.at-2] == '<'
	case p.accept(">"):
		out.op = opAtomic
	case p.accept("<"):
		name, err := p.groupName()
		if err != nil {
			return nil, err
		}
		if _, twice := p.names[name]; twice {
			return nil, p.fail("Named capturing group <%s> is already defined", name)
		}
		p.groups++
		out.n = p.groups
		p.names[name] = p.groups
	default:
		ends, err := p.setFlags()
		if err != nil || ends {
			return sequence(nil), err
		}
		out.op = opGroup
	}
	inner, err := p.group()
	if err != nil {
		return nil, err
	}
	if out.back && !newStudy(inner).limited {
		return nil, p.fail("Look-behind group does not have an obvious maximum length")
	}
	p.flags = saved
	out.kids = []*node{inner}
	return out, nil
}

// group parses the rest of a group.
func (p *parser) group() (*node, error) {
	if p.depth++; p.depth > maxDepth {
		return nil, p.fail("More than %d nested groups", maxDepth)
	}
	defer func() { p.depth-- }()
	inner, err := p.alternation()
	if err == nil && !p.accept(")") {
		err = p.fail("Unclosed group")
	}
	return inner, err
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

// setFlags parses the flags after (? up to ) or :. ends reports that it was ), so that the flags apply until the enclosing
// group ends.
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

// class parses a character class after its opening bracket: unions, nested classes and intersections.
func (p *parser) class() (set, error) {
	negated := p.accept("^")
	var left, s set // left is the operand before &&
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

// classItem parses a nested class, a range, or a single character or predefined class.
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

// classChar parses one character, or a predefined class, for which the character is -1.
func (p *parser) classChar() (set, rune, error) {
	c := p.peek()
	p.at++
	if c == '\\' {
		return p.setEscape()
	}
	return chars(c), c, nil
}

func isLetter(r rune) bool { return r < unicode.MaxASCII && unicode.IsLetter(r) }
