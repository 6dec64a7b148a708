package javaregexp

// A node is a part of a parsed pattern. Flags are resolved: sets are folded, and each assertion is of one kind.
type node struct {
	op   op
	set  set     // opSet
	kids []*node // opSequence, opAlternation; one kid of opGroup, opCapture, opRepeat, opAtomic, opLook
	n    int     // opCapture, opBack: the number of the group
	low  int     // opRepeat: the least number of repetitions
	high int     // opRepeat: the greatest, unlimited if negative
	mode mode    // opRepeat
	back bool    // opLook: behind
	not  bool    // opLook, opWord: negated
	fold folding // opBack: how case is ignored
	full bool    // opWord: Unicode's definition of a word instead of Java's
}

type op uint8

const (
	opSequence    op = iota // without kids: matches the empty text
	opAlternation           // the first kid that lets the rest match
	opSet                   // one character of a set
	opGroup                 // (?:…)
	opCapture
	opRepeat
	opAtomic // the first match of the kid is the only one
	opLook   // look-ahead and look-behind
	opBack   // what a group has matched; fails while it has not
	opBegin  // \A
	opEnd    // \z
	opLast   // \G: the end of the previous match
	opLineStart
	opLineEnd     // $ with (?m)
	opFinal       // $ and \Z: the end, also before a final line terminator
	opUnixStart   // the same four with (?d), where \n is the only terminator
	opUnixLineEnd //
	opUnixFinal   //
	opWord        // \b, \B
	opLineBreak   // \R; the kid says what it matches
	opGrapheme    // \X; the same
)

// A mode says how much a repetition takes first, and whether it returns any.
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

// empty reports whether n can match the empty text.
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

// literal returns the only text that n matches; ok is false for a real pattern.
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
