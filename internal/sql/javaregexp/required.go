package javaregexp

import (
	"bytes"
	"unicode/utf8"
)

// required returns the longest text that every match of n contains, as far as the pattern spells it out, or nil. A text without it need not be searched.
func (n *node) required() []byte {
	var q requirement
	q.node(n)
	q.end()
	if len(q.longest) < 2 || bytes.ContainsRune(q.longest, utf8.RuneError) { // which also matches bytes that are not UTF-8
		return nil
	}
	return q.longest
}

// A requirement collects the characters that follow each other in every match.
type requirement struct{ run, longest []byte }

// end ends a run of characters.
func (q *requirement) end() {
	if len(q.run) > len(q.longest) {
		q.longest = bytes.Clone(q.run)
	}
	q.run = q.run[:0]
}

func (q *requirement) node(n *node) {
	switch n.op {
	case opSet:
		if c, single := n.set.single(); single {
			q.run = utf8.AppendRune(q.run, c)
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
			q.node(n.kids[0])
		}
	}
	q.end()
}

// lacks reports whether s has no match because it lacks what every match contains.
func (r *Regexp) lacks(s []byte) bool {
	return r.required != nil && !bytes.Contains(s, r.required)
}
