package javaregexp

// A node is a part of a parsed pattern. Flags are resolved: sets are case-folded, and each assertion has one meaning.
type node struct {
	op   op
	set  set     // opSet
	kids []*node // opCapture, opBack: number of the group
	n    int     // opRepeat: minimum number of repetitions
	low  int     // opRepeat: maximum number of repetitions, unlimited if negative
	high int     // opRepeat: the greatest, unlimited if negative
	mode mode    // opRepeat
	back bool    // opLook: look-behind
	not  bool    // opLook, opWord: negated
	fold folding // opBack: how case is ignored
	full bool    // opWord: Unicode's definition of a word instead of Java's
}

type op uint8

const (
	opSequence    op = iota // without kids: matches the empty string
	opAlternation           // the first kid for which the rest matches
	opSet                   // one character of a set
	opGroup                 // (?:…)
	opCapture
	opRepeat
	opAtomic // only the first match of the kid is tried
	opLook   // look-ahead and look-behind
	opBack   // the text that a group has matched; fails if it has not matched
	opBegin  // \A
	opEnd    // \z
	opLast   // \G: the end of the previous match
	opLineStart
	opLineEnd     // $ with (?m)
	opFinal       // $ and \Z: the end, or before a final line terminator
	opUnixStart   // the same four with (?d), where only \n is a terminator
	opUnixLineEnd //
	opUnixFinal   //
	opWord        // \b, \B
	opLineBreak   // \R; the kid defines what it matches
	opGrapheme    // \X; likewise
)

// A mode says how many repetitions are tried first, and whether any are given back.
type mode uint8

const (
	greedy mode = iota
	lazy
	possessive
)

// A folding says how a back-reference compares characters.
type folding uint8

const (
	exact folding = iota
	foldASCII
	foldUnicode
)

func sequence(kids []*node) *node {
	if len(kids) == 1 {
		return kids[0]
	}
	return &node{op: opSequence, kids: kids}
}

// empty reports whether n can match the empty string.
func (n *node) empty() bool {
	switch n.op {
	case opSequence:
		for _, k := range n.kids {
			if !k.empty() {
				return false
			}
		}
		return true
	case opAlternation:
		for _, k := range n.kids {
			if k.empty() {
				return true
			}
		}
		return false
	case opGroup, opCapture, opAtomic:
		return n.kids[0].empty()
	case opRepeat:
		return n.low == 0 || n.kids[0].empty()
	case opSet, opLineBreak, opGrapheme:
		return false
	}
	return true
}

// literal returns the only text that n matches; ok is false if n matches several.
func (n *node) literal() (text []rune, ok bool) {
	switch n.op {
	case opSet:
		r, ok := n.set.single()
		return []rune{r}, ok
	case opSequence:
		for _, k := range n.kids {
			r, single := k.set.single()
			if k.op != opSet || !single {
				return nil, false
			}
			text = append(text, r)
		}
		return text, true
	}
	return nil, false
}
