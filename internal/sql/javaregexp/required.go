package javaregexp

import (
	"bytes"
	"unicode/utf8"
)

// required returns the longest text that every match of n contains, as far as the pattern spells it out, or nil, and the greatest number of bytes
// of a match before it; unlimited if there is none. A text without it need not be searched, nor what is farther before it.
func (n *node) required() (text []byte, lead int) {
	var q requirement
	q.node(n)
	q.end()
	if len(q.longest) < 2 || bytes.ContainsRune(q.longest, utf8.RuneError) { // which also matches bytes that are not UTF-8
		return nil, unlimited
	}
	return q.longest, q.lead
}

// A requirement collects the characters that follow each other in every match.
type requirement struct {
	run, longest []byte
	before       int // the greatest number of bytes of a match before the current node
	began, lead  int // the same before run and longest
}

// end ends a run of characters.
func (q *requirement) end() {
	if len(q.run) > len(q.longest) {
		q.longest, q.lead = bytes.Clone(q.run), q.began
	}
	q.run = q.run[:0]
}

func (q *requirement) node(n *node) {
	switch n.op {
	case opSet:
		if c, single := n.set.single(); single {
			if len(q.run) == 0 {
				q.began = q.before
			}
			q.run = utf8.AppendRune(q.run, c)
			q.before = plus(q.before, n.width())
			return
		}
	case opSequence:
		for _, k := range n.kids {
			q.node(k)
		}
		return
	case opGroup, opCapture, opAtomic:
		q.node(n.kids[0])
		return
	case opRepeat:
		if n.low > 0 { // what the first repetition contains
			q.end()
			before := q.before
			q.node(n.kids[0])
			q.before = before
		}
	}
	q.end()
	q.before = plus(q.before, n.width())
}

const (
	unlimited = -1
	mostLead  = 1 << 10
)

// plus adds two numbers of bytes that may be unlimited. Great ones are as good as that.
func plus(a, b int) int {
	if a < 0 || b < 0 || a+b > mostLead {
		return unlimited
	}
	return a + b
}

// width returns the greatest number of bytes that n matches.
func (n *node) width() (w int) {
	switch n.op {
	case opSet:
		for _, s := range n.set {
			w = max(w, len(string(s.hi)))
		}
	case opSequence:
		for _, k := range n.kids {
			w = plus(w, k.width())
		}
	case opAlternation:
		for _, k := range n.kids {
			kid := k.width()
			if kid < 0 {
				return unlimited
			}
			w = max(w, kid)
		}
	case opGroup, opCapture, opAtomic, opLineBreak, opGrapheme:
		return n.kids[0].width()
	case opRepeat:
		kid := n.kids[0].width()
		if kid == 0 || n.high == 0 {
			return 0
		}
		if kid < 0 || n.high < 0 || n.high > mostLead {
			return unlimited
		}
		return plus(0, n.high*kid)
	case opBack:
		return unlimited
	}
	return w
}

// start returns where the first match from a position on may begin at the earliest, at a character, and -1 if there is none.
func (r *Regexp) start(s []byte, from int) int {
	if r.lead < 0 {
		return from
	}
	i := bytes.Index(s[from:], r.required)
	if i < 0 {
		return -1
	}
	at := max(from, from+i-r.lead)
	for at > from && !utf8.RuneStart(s[at]) {
		at--
	}
	return at
}

// lacks reports whether s has no match because it lacks what every match contains.
func (r *Regexp) lacks(s []byte) bool {
	return r.required != nil && !bytes.Contains(s, r.required)
}
