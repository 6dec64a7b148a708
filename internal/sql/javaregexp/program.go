package javaregexp

import "unicode/utf8"

// An instruction is a step of the backtracking engine. Most of them continue with the next instruction.
type instruction struct {
	code code
	x, y int      // targets, or a group, or bounds
	loop *loop    // codeEnter, codeLoop, codeBody, codeRun
	set  *charset // codeSet, codeRun
	look *look    // codeLook, codeAtomic
	node *node    // codeAssert, codeBack
}

type code uint8

const (
	codeSet    code = iota // one character of set
	codeSplit              // continue at x, and at y if that fails
	codeJump               // to x
	codeOpen               // group x begins
	codeClose              // group x has matched; its captures change only now (Java: GroupTail)
	codeRun                // repetitions of one character
	codeEnter              // a loop begins
	codeLoop               // a repetition of the loop has ended, or none has begun yet
	codeBody               // another repetition of a lazy loop begins
	codeLook               // a look-around
	codeAtomic             // an atomic group
	codeBack               // a back-reference
	codeAssert             // a condition on the position
	codeTarget             // the position where a look-behind must end
	codeAccept
	codeFail
)

// A loop is a repetition of more than one character. Its registers hold the count and the start of the current repetition.
type loop struct {
	low, high  int // high < 0: unlimited
	lazy       bool
	body, exit int
	register   int
	memo       int // index of its memo, or -1
	// unrolled: Java runs the loop as a GroupCurly, in which an unnecessary empty repetition does not count: it leaves the
	// group (number group, if it captures) unchanged, and makes a lazy loop fail.
	unrolled bool
	group    int
}

// A look is a part of the program that runs separately, up to codeAccept.
type look struct {
	start     int // its first instruction
	not       bool
	back      bool
	low, high int // look-behind: minimum and maximum number of characters to go back
	before    int // look-behind: number of characters required before the position
	next      int
}

// A program is a compiled pattern for the backtracking engine.
type program struct {
	code      []instruction
	registers int // of loops
	memos     int
	groups    int
	first     *charset // characters that a match can begin with; nil if unknown or if a match may be empty
}

// A charset is a set with a table for ASCII.
type charset struct {
	ascii [utf8.RuneSelf]bool
	set   set
}

func newCharset(s set) *charset {
	c := &charset{set: s}
	for _, r := range s {
		for i := r.lo; i <= min(r.hi, utf8.RuneSelf-1); i++ {
			c.ascii[i] = true
		}
	}
	return c
}

func (c *charset) has(r rune) bool {
	if r < utf8.RuneSelf {
		return c.ascii[r]
	}
	low, high := 0, len(c.set)
	for low < high {
		m := int(uint(low+high) >> 1)
		if c.set[m].hi < r {
			low = m + 1
		} else {
			high = m
		}
	}
	return low < len(c.set) && c.set[low].lo <= r
}

// A compiler generates the program of a pattern.
type compiler struct {
	program
	refers bool // the pattern has back-references, so that whether the rest matches depends on more than the position
	// counted is the number of enclosing loops whose registers affect what may follow: loops that count, and loops whose
	// repetitions may be empty.
	counted int
	behind  int // number of enclosing look-behinds
}

func newProgram(n *node, groups int) *program {
	c := &compiler{refers: n.has(opBack)}
	c.groups = groups
	c.node(n)
	c.emit(instruction{code: codeAccept})
	c.emit(instruction{code: codeFail})
	if first, empty := n.first(); !empty {
		c.first = newCharset(first)
	}
	return &c.program
}

func (n *node) has(o op) bool {
	if n.op == o {
		return true
	}
	for _, k := range n.kids {
		if k.has(o) {
			return true
		}
	}
	return false
}

// first returns the characters that a match can begin with. empty reports whether it can be empty or begin with any
// character.
func (n *node) first() (s set, empty bool) {
	switch n.op {
	case opSet:
		return n.set, false
	case opGroup, opCapture, opAtomic, opLineBreak, opGrapheme:
		return n.kids[0].first()
	case opRepeat:
		s, empty = n.kids[0].first()
		return s, empty || n.low == 0
	case opSequence:
		for _, k := range n.kids {
			more, maybe := k.first()
			if s = s.union(more); !maybe {
				return s, false
			}
		}
		return s, true
	case opAlternation:
		for _, k := range n.kids {
			more, maybe := k.first()
			s, empty = s.union(more), empty || maybe
		}
		return s, empty
	case opBack:
		return everything, true
	}
	return nil, true
}

func (c *compiler) emit(i instruction) int {
	c.code = append(c.code, i)
	return len(c.code) - 1
}

func (c *compiler) node(n *node) {
	switch n.op {
	case opSequence:
		for _, k := range n.kids {
			c.node(k)
		}
	case opAlternation:
		c.alternation(n)
	case opSet:
		if len(n.set) == 0 {
			c.emit(instruction{code: codeFail})
			return
		}
		c.emit(instruction{code: codeSet, set: newCharset(n.set)})
	case opCapture:
		c.emit(instruction{code: codeOpen, x: n.n})
		c.node(n.kids[0])
		c.emit(instruction{code: codeClose, x: n.n})
	case opRepeat:
		c.repeat(n)
	case opGroup, opLineBreak:
		c.node(n.kids[0])
	case opGrapheme:
		c.sub(&node{op: opAtomic, kids: n.kids})
	case opAtomic, opLook:
		c.sub(n)
	case opBack:
		c.emit(instruction{code: codeBack, node: n})
	default:
		c.emit(instruction{code: codeAssert, node: n})
	}
}

func (c *compiler) alternation(n *node) {
	var ends []int
	for i, k := range n.kids {
		if i == len(n.kids)-1 {
			c.node(k)
			break
		}
		split := c.emit(instruction{code: codeSplit})
		c.node(k)
		ends = append(ends, c.emit(instruction{code: codeJump}))
		c.code[split].x, c.code[split].y = split+1, len(c.code)
	}
	for _, e := range ends {
		c.code[e].x = len(c.code)
	}
}

// repeat generates a repetition: for one character as a single instruction, for at most one repetition as a split, otherwise
// as a loop.
func (c *compiler) repeat(n *node) {
	kid := n.kids[0]
	if kid.op == opGroup && kid.kids[0].op == opSet {
		kid = kid.kids[0]
	}
	switch {
	case n.high == 0:
		return
	case kid.op == opSet:
		c.emit(instruction{code: codeRun, x: n.low, y: n.high, set: newCharset(kid.set), node: n})
		return
	case kid.op == opLineBreak && n.kids[0] == kid: // a repetition of an atom keeps its first match (Java: Curly.match0)
		inner := *n
		inner.kids = []*node{{op: opAtomic, kids: kid.kids}}
		c.repeat(&inner)
		return
	case n.mode == possessive: // each repetition by itself keeps its first match (Java: Curly.match2)
		inner := *n
		inner.mode, inner.kids = greedy, []*node{{op: opAtomic, kids: n.kids}}
		c.sub(&node{op: opAtomic, kids: []*node{&inner}})
		return
	case n.low == 0 && n.high == 1:
		split := c.emit(instruction{code: codeSplit})
		c.node(kid)
		c.code[split].x, c.code[split].y = split+1, len(c.code)
		if n.mode == lazy {
			c.code[split].x, c.code[split].y = c.code[split].y, c.code[split].x
		}
		return
	}
	c.loop(n, kid)
}

func (c *compiler) loop(n, kid *node) {
	l := &loop{low: n.low, high: n.high, lazy: n.mode == lazy, register: c.registers, memo: -1}
	c.registers += 2
	counts := n.low > 1 || n.high > 1 || kid.empty()
	if n.mode == greedy && n.high < 0 && n.low <= 1 && !c.refers && c.counted == 0 && c.behind == 0 {
		l.memo = c.memos
		c.memos++
	}
	l.unrolled, l.group = newStudy(kid).deterministic, kid.n
	if counts {
		c.counted++
	}
	c.emit(instruction{code: codeEnter, loop: l})
	head := c.emit(instruction{code: codeLoop, loop: l})
	if l.lazy {
		c.emit(instruction{code: codeBody, loop: l})
	}
	l.body = head + 1
	c.node(kid)
	c.emit(instruction{code: codeJump, x: head})
	l.exit = len(c.code)
	if counts {
		c.counted--
	}
}

// sub generates a look-around or an atomic group.
func (c *compiler) sub(n *node) {
	l := &look{not: n.not, back: n.back}
	at := c.emit(instruction{code: codeAtomic, look: l})
	if n.op == opLook {
		c.code[at].code = codeLook
	}
	l.start = len(c.code)
	if n.back {
		l.low, l.high, l.before = newStudy(n.kids[0]).bounds()
		c.behind++
	}
	counted := c.counted
	c.counted = 0 // the inner part runs separately
	c.node(n.kids[0])
	c.counted = counted
	if n.back {
		c.behind--
		c.emit(instruction{code: codeTarget})
	}
	c.emit(instruction{code: codeAccept})
	l.next = len(c.code)
}
