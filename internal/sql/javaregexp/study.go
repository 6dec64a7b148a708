package javaregexp

import "math"

// A look-behind needs a maximum length, which java.util.regex computes in 32 bits with overflow: (?<=a*) is accepted and
// (?<=(?:a)*b) is not. A study repeats Java's computation, so that the same patterns are refused. (Java: Pattern.TreeInfo.)
type study struct {
	low, high     int32
	limited       bool // high is valid
	deterministic bool
}

// maxRepeat is the upper bound of * and +. (Java: Pattern.MAX_REPS.)
const maxRepeat = math.MaxInt32

func newStudy(n *node) study {
	s := study{limited: true, deterministic: true}
	s.node(n, func() {})
	return s
}

// node adds n, and what follows it, to the study: as in Java, each node continues with the next.
func (s *study) node(n *node, next func()) {
	switch n.op {
	case opSequence:
		s.sequence(n.kids, next)
		return
	case opAlternation:
		s.branch(n.kids, next)
		return
	case opGroup, opCapture:
		s.node(n.kids[0], next)
		return
	case opRepeat:
		s.repeat(n, next)
		return
	case opSet:
		s.low++
		s.high++
	case opLineBreak:
		s.low++
		s.high += 2
	case opGrapheme:
		s.low++
		s.deterministic = false
	case opBack:
		s.limited = false
	case opAtomic:
		s.node(n.kids[0], func() {})
	}
	next()
}

func (s *study) sequence(kids []*node, next func()) {
	if len(kids) == 0 {
		next()
		return
	}
	s.node(kids[0], func() { s.sequence(kids[1:], next) })
}

// branch adds alternatives. An optional group has a nil among them.
func (s *study) branch(kids []*node, next func()) {
	whole, low, high := *s, int32(math.MaxInt32), int32(-1)
	for _, k := range kids {
		one := study{limited: true, deterministic: true}
		if k != nil {
			one.node(k, func() {})
		}
		low, high, whole.limited = min(low, one.low), max(high, one.high), whole.limited && one.limited
	}
	*s = study{limited: true, deterministic: true}
	next()
	s.low += whole.low + low
	s.high += whole.high + high
	s.limited, s.deterministic = s.limited && whole.limited, false
}

func (s *study) repeat(n *node, next func()) {
	kid := n.kids[0]
	high := int32(maxRepeat)
	if n.high >= 0 {
		high = int32(min(n.high, maxRepeat))
	}
	group := kid.op == opGroup || kid.op == opCapture
	switch {
	case n.low == 0 && n.high == 1 && group && n.mode != possessive:
		s.branch([]*node{kid, nil}, next)
		return
	case n.low == 0 && n.high == 1:
		low := s.low
		s.node(kid, func() {})
		s.low, s.deterministic = low, false
	case n.high < 0 && n.mode == greedy && kid.op == opSet:
		s.low += int32(n.low)
		if s.limited {
			s.high += maxRepeat
		}
		s.deterministic = false
	case group && n.mode != possessive && !newStudy(kid).deterministic: // Java stops at such a loop
		s.limited, s.deterministic = false, false
		return
	default:
		s.counted(kid, int32(min(n.low, maxRepeat)), high)
	}
	next()
}

// counted adds a repetition that Java unrolls. (Java: Curly.study.)
func (s *study) counted(kid *node, low, high int32) {
	one := newStudy(kid)
	before := *s
	if s.low = one.low*low + before.low; s.low < before.low {
		s.low = 0xFFFFFFF
	}
	s.limited = before.limited && one.limited
	if s.limited {
		s.high = one.high*high + before.high
		s.limited = s.high >= before.high
	} else {
		s.high = one.high
	}
	s.deterministic = one.deterministic && low == high && before.deterministic
}

// bounds returns the minimum and maximum number of characters that a look-behind goes back, and how many must precede the
// position. If Java's maximum length has overflowed, so does its subtraction from the position: the length is unlimited from
// some position on.
func (s study) bounds() (least, most, before int) {
	if s.high < 0 {
		return int(s.low), math.MaxInt32, int(s.high) - math.MinInt32
	}
	return int(s.low), int(s.high), 0
}
