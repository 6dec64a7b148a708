package javaregexp

import (
	"bytes"
	"unicode"
	"unicode/utf8"
)

// The backtracking engine runs the patterns that RE2 cannot express. Like java.util.regex it tries alternatives in order, but
// it uses an explicit stack and counts its steps, so that a search of exponential time ends with an error. As in Java 9 and
// later, a loop remembers the positions from which it has failed, which makes most such patterns polynomial.

const (
	// searchSteps is the maximum number of steps of a search, in addition to textSteps per byte of the text.
	searchSteps = 20_000_000
	textSteps   = 64
	// maxStack is the maximum number of open alternatives, about 100 MB.
	maxStack = 4 << 20
	// stopEvery is the number of steps between two checks of stop.
	stopEvery = 1 << 14
)

// A machine runs a program on a text.
type machine struct {
	*program
	text      []byte
	last      int   // end of the previous match, for \G
	captures  []int // start and end of each group
	starts    []int // start of each group that has not ended yet
	registers []int
	stack     []alternative
	memo      [][]uint64 // for each loop with a memo: one bit per position from which its body is known to fail
	steps     int64
	limit     int64
	nextLook  int64 // number of steps at which to check again
	target    int   // where the current look-behind must end
	stop      func() error
	err       error // why the machine gave up
}

// An alternative is where to continue after a failure, or what to restore before that.
type alternative struct {
	kind kind
	pc   int32
	a, b int
}

type kind uint8

const (
	goOn         kind = iota // continue at pc with position a
	restoreStart             // starts[pc] = a
	restoreGroup             // the captures of group pc are a, b
	restoreLoop              // registers[pc], registers[pc+1] = a, b
	shorter                  // a run of characters at pc, of which a..b may be given back one by one
	longer                   // a lazy run at pc starting at a, after b repetitions
	exitLoop                 // the loop at pc, whose body failed from position a
)

func newMachine(p *program) *machine {
	return &machine{program: p, captures: make([]int, 2*(p.groups+1)), starts: make([]int, p.groups+1), registers: make([]int, p.registers)}
}

// begin prepares for searches in a text.
func (m *machine) begin(text []byte, stop func() error) {
	m.text, m.last, m.stop = text, 0, stop
	if len(m.memo) < m.memos {
		m.memo = make([][]uint64, m.memos)
	}
	for i := range m.memo {
		m.memo[i] = m.memo[i][:0]
	}
}

// search finds the first match that begins at from or later and stores its positions in captures.
func (m *machine) search(from int) (bool, error) {
	m.steps, m.nextLook, m.limit, m.err = 0, stopEvery, searchSteps+textSteps*int64(len(m.text)), nil
	for i := range m.captures {
		m.captures[i] = -1
	}
	for at := from; at <= len(m.text); {
		if m.first != nil {
			if at = m.nextFirst(at); at < 0 {
				return false, m.err
			}
		}
		m.stack = m.stack[:0]
		end, ok := m.run(0, at)
		if m.err != nil {
			return false, m.err
		}
		if ok {
			m.captures[0], m.captures[1], m.last = at, end, end
			return true, nil
		}
		_, size := utf8.DecodeRune(m.text[at:])
		at += max(size, 1)
	}
	return false, nil
}

// nextFirst returns the next position with a character that a match can begin with, or -1. Like run, it may set err.
func (m *machine) nextFirst(at int) int {
	for from := at; at < len(m.text); {
		if at-from >= stopEvery {
			if from = at; m.stop != nil {
				m.err = m.stop()
			}
			if m.err != nil {
				return -1
			}
		}
		r, size := utf8.DecodeRune(m.text[at:])
		if m.first.has(r) {
			return at
		}
		at += size
	}
	return -1
}

// push saves an alternative.
func (m *machine) push(a alternative) {
	if len(m.stack) >= maxStack {
		m.err = errBudget
		return
	}
	m.stack = append(m.stack, a)
}

// run executes the program from pc to codeAccept and returns the position then. Its alternatives are stacked above those of
// the caller, which it leaves alone. After success they remain on the stack.
func (m *machine) run(pc, at int) (end int, ok bool) {
	base := len(m.stack)
	for m.err == nil {
		if m.steps++; m.steps >= m.nextLook {
			m.look()
		}
		in := &m.code[pc]
		ok := true
		switch in.code {
		case codeSet:
			var size int
			if size, ok = m.one(in.set, at); ok {
				at += size
				pc++
			}
		case codeSplit:
			m.push(alternative{kind: goOn, pc: int32(in.y), a: at})
			pc = in.x
		case codeJump:
			pc = in.x
		case codeOpen:
			m.push(alternative{kind: restoreStart, pc: int32(in.x), a: m.starts[in.x]})
			m.starts[in.x] = at
			pc++
		case codeClose:
			group := m.captures[2*in.x : 2*in.x+2]
			m.push(alternative{kind: restoreGroup, pc: int32(in.x), a: group[0], b: group[1]})
			group[0], group[1] = m.starts[in.x], at
			pc++
		case codeRun:
			at, ok = m.repeat(in, pc, at)
			pc++
		case codeEnter:
			m.setLoop(in.loop.register, 0, -1)
			pc++
		case codeLoop:
			pc = m.loop(in.loop, pc, at)
		case codeBody:
			l := in.loop
			m.setLoop(l.register, m.registers[l.register]+1, at)
			pc++
		case codeLook, codeAtomic:
			if at, ok = m.inner(in, at); ok {
				pc = in.look.next
			}
		case codeBack:
			if at, ok = m.back(in.node, at); ok {
				pc++
			}
		case codeAssert:
			ok = m.assert(in.node, at)
			pc++
		case codeTarget:
			ok = at == m.target
			pc++
		case codeAccept:
			return at, true
		default:
			ok = false
		}
		if !ok {
			if pc, at, ok = m.fail(base); !ok {
				return 0, false
			}
		}
	}
	return 0, false
}

// look ends the search if it has taken too many steps or has to stop.
func (m *machine) look() {
	m.nextLook = m.steps + stopEvery
	if m.steps > m.limit {
		m.err = errBudget
	} else if m.stop != nil {
		m.err = m.stop()
	}
}

// one matches one character.
func (m *machine) one(set *charset, at int) (size int, ok bool) {
	if at >= len(m.text) {
		return 0, false
	}
	if c := m.text[at]; c < utf8.RuneSelf {
		return 1, set.ascii[c]
	}
	r, size := utf8.DecodeRune(m.text[at:])
	return size, set.has(r)
}

// fail returns to the last alternative above base.
func (m *machine) fail(base int) (pc, at int, ok bool) {
	for len(m.stack) > base {
		top := len(m.stack) - 1
		a := &m.stack[top]
		pc := int(a.pc)
		switch a.kind {
		case restoreStart, restoreGroup, restoreLoop:
			m.restore(a)
		case shorter:
			_, size := utf8.DecodeLastRune(m.text[a.a:a.b])
			a.b -= size
			at := a.b
			if a.a == a.b {
				m.stack = m.stack[:top]
			}
			return pc + 1, at, true
		case longer:
			in := &m.code[pc]
			size, ok := m.one(in.set, a.a)
			if !ok {
				break
			}
			a.a += size
			a.b++
			at := a.a
			if in.y >= 0 && a.b >= in.y {
				m.stack = m.stack[:top]
			}
			return pc + 1, at, true
		case exitLoop:
			l, at := m.code[pc].loop, a.a
			m.stack = m.stack[:top]
			if l.memo >= 0 {
				m.remember(l.memo, at)
			}
			return l.exit, at, true
		default:
			at := a.a
			m.stack = m.stack[:top]
			return pc, at, true
		}
		m.stack = m.stack[:top]
	}
	return 0, 0, false
}

// repeat matches a run of characters.
func (m *machine) repeat(in *instruction, pc, at int) (end int, ok bool) {
	n, start := 0, at
	limit := in.y
	if in.node.mode == lazy {
		limit = in.x
	}
	for limit < 0 || n < limit {
		if n == in.x {
			start = at
		}
		size, ok := m.one(in.set, at)
		if !ok {
			break
		}
		at += size
		n++
	}
	m.steps += int64(n) / 16
	if n < in.x {
		return at, false
	}
	if n == in.x {
		start = at
	}
	switch {
	case in.node.mode == lazy && (in.y < 0 || n < in.y):
		m.push(alternative{kind: longer, pc: int32(pc), a: at, b: n})
	case in.node.mode == greedy && start < at:
		m.push(alternative{kind: shorter, pc: int32(pc), a: start, b: at})
	}
	return at, true
}

// setLoop sets the registers of a loop.
func (m *machine) setLoop(register, count, start int) {
	m.push(alternative{kind: restoreLoop, pc: int32(register), a: m.registers[register], b: m.registers[register+1]})
	m.registers[register], m.registers[register+1] = count, start
}

// loop decides whether another repetition follows and returns where to continue. An empty repetition is the last one (Java:
// Loop.match).
func (m *machine) loop(l *loop, pc, at int) int {
	count, start := m.registers[l.register], m.registers[l.register+1]
	switch {
	case count > 0 && start == at:
		return m.empty(l, count)
	case count < l.low:
		m.setLoop(l.register, count+1, at)
		return m.intoBody(l)
	case l.high >= 0 && count >= l.high:
		return l.exit
	case l.lazy:
		m.push(alternative{kind: goOn, pc: int32(l.body), a: at})
		return l.exit
	case l.memo >= 0 && m.failed(l.memo, at):
		return l.exit
	}
	m.push(alternative{kind: exitLoop, pc: int32(pc), a: at})
	m.setLoop(l.register, count+1, at)
	return l.body
}

// empty ends a loop whose last repetition was empty.
func (m *machine) empty(l *loop, count int) int {
	switch {
	case !l.unrolled || count <= l.low:
	case l.lazy:
		return len(m.code) - 1
	case l.group > 0:
		m.revert(l.group)
	}
	return l.exit
}

// revert restores what a group held before its last match.
func (m *machine) revert(group int) {
	for i := len(m.stack) - 1; i >= 0; i-- {
		if a := m.stack[i]; a.kind == restoreGroup && int(a.pc) == group {
			now := m.captures[2*group : 2*group+2]
			m.push(alternative{kind: restoreGroup, pc: a.pc, a: now[0], b: now[1]})
			now[0], now[1] = a.a, a.b
			return
		}
	}
}

// intoBody returns the start of a repetition that is already counted.
func (m *machine) intoBody(l *loop) int {
	if l.lazy {
		return l.body + 1
	}
	return l.body
}

// failed reports whether a loop's body is known to fail from a position.
func (m *machine) failed(memo, at int) bool {
	bits := m.memo[memo]
	return at>>6 < len(bits) && bits[at>>6]&(1<<(at&63)) != 0
}

func (m *machine) remember(memo, at int) {
	bits := m.memo[memo]
	if at>>6 >= len(bits) {
		n := len(m.text)>>6 + 1
		if cap(bits) < n {
			bits = make([]uint64, n)
		}
		bits = bits[:n]
		clear(bits)
		m.memo[memo] = bits
	}
	bits[at>>6] |= 1 << (at & 63)
}

// inner runs a look-around or an atomic group and drops its remaining alternatives.
func (m *machine) inner(in *instruction, at int) (end int, ok bool) {
	base := len(m.stack)
	l := in.look
	if l.back {
		ok = m.behind(l, at)
	} else {
		end, ok = m.run(l.start, at)
	}
	// As in Java, groups that it has set remain set even if the match backtracks past it.
	m.stack = m.stack[:base]
	if in.code == codeLook {
		return at, ok != l.not
	}
	return end, ok
}

// behind searches for a match that ends at a position, the shortest first (Java: Pattern.Behind).
func (m *machine) behind(l *look, at int) bool {
	if l.before > 0 && !m.hasBefore(at, l.before) {
		return false
	}
	outer := m.target
	m.target = at
	defer func() { m.target = outer }()
	from := at
	for n := 0; n <= l.high && m.err == nil; n++ {
		if n >= l.low {
			if _, ok := m.run(l.start, from); ok {
				return true
			}
		}
		if from == 0 {
			return false
		}
		_, size := utf8.DecodeLastRune(m.text[:from])
		from -= size
	}
	return false
}

// hasBefore reports whether at least n characters precede a position.
func (m *machine) hasBefore(at, n int) bool {
	for ; n > 0 && at > 0; n-- {
		_, size := utf8.DecodeLastRune(m.text[:at])
		at -= size
	}
	return n == 0
}

// restore undoes the change recorded in a; other alternatives have no effect.
func (m *machine) restore(a *alternative) {
	switch a.kind {
	case restoreStart:
		m.starts[a.pc] = a.a
	case restoreGroup:
		m.captures[2*a.pc], m.captures[2*a.pc+1] = a.a, a.b
	case restoreLoop:
		m.registers[a.pc], m.registers[a.pc+1] = a.a, a.b
	}
}

// back matches the text that a group has matched.
func (m *machine) back(n *node, at int) (end int, ok bool) {
	if n.n > m.groups || m.captures[2*n.n] < 0 {
		return at, false
	}
	group := m.text[m.captures[2*n.n]:m.captures[2*n.n+1]]
	m.steps += int64(len(group)) / 16
	if n.fold == exact {
		return at + len(group), bytes.HasPrefix(m.text[at:], group)
	}
	for len(group) > 0 {
		if at >= len(m.text) {
			return at, false
		}
		a, i := utf8.DecodeRune(group)
		b, j := utf8.DecodeRune(m.text[at:])
		if !sameLetter(a, b, n.fold) {
			return at, false
		}
		group, at = group[i:], at+j
	}
	return at, true
}

func sameLetter(a, b rune, fold folding) bool {
	switch {
	case a == b:
		return true
	case fold == foldUnicode:
		return unicode.ToLower(unicode.ToUpper(a)) == unicode.ToLower(unicode.ToUpper(b))
	}
	lower := a | 0x20
	return a < utf8.RuneSelf && b < utf8.RuneSelf && lower == b|0x20 && lower >= 'a' && lower <= 'z'
}
