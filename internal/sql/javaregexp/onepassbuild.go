package javaregexp

import (
	"cmp"
	"regexp/syntax"
	"slices"
	"unicode"
	"unicode/utf8"
)

// newOnePass builds the automaton for a pattern in RE2's syntax, or returns nil if the pattern is not suitable. size is the
// number of RE2's instructions for the pattern.
func newOnePass(pattern string) (a *onePass, size int) {
	tree, err := syntax.Parse(pattern, syntax.Perl)
	if err != nil {
		return nil, 0
	}
	prog, err := syntax.Compile(tree.Simplify())
	if err != nil {
		return nil, 0
	}
	if tree.MaxCap() > maxGroups {
		return nil, len(prog.Inst)
	}
	return buildOnePass(prog, tree.MaxCap()), len(prog.Inst)
}

func buildOnePass(prog *syntax.Prog, groups int) *onePass {
	borders := make([]int, 2*groups)
	a := &onePass{only: -1, stop: new(func() error), borders: borders, anchored: prog.StartCond()&syntax.EmptyBeginText != 0}
	b := passBuilder{prog: prog, anchored: a.anchored, index: map[uint32]uint16{}, states: make([]passState, startsAt+1)}
	b.fill(startsAt, uint32(prog.Start))
	for next := startsAt + 1; next < len(b.states) && !b.failed; next++ {
		b.fill(next, b.from[next-startsAt-1])
	}
	if b.failed {
		return nil
	}
	a.states = b.states
	a.findNext()
	a.loop = a.leadingLoop()
	prefix, _ := prog.Prefix()
	a.prefix = []byte(prefix)
	a.only = a.states[startsAt].onlyByte()
	return a
}

// findNext fills in the steps that need no closer look.
func (a *onePass) findNext() {
	a.next = make([]uint32, len(a.states)*utf8.RuneSelf)
	for i := range a.states {
		s := &a.states[i]
		s.row = uint32(i * utf8.RuneSelf)
		s.final = s.accept != 0 && len(s.wide) == 0
		for c, step := range s.ascii {
			s.final = s.final && step.state == 0
			if step.set == 0 && a.states[step.state].accept == 0 {
				a.next[i*utf8.RuneSelf+c] = uint32(step.state) * utf8.RuneSelf
			}
		}
	}
}

// leadingLoop returns the state that every first character leads to and that then leads to itself, or 0 if there is none.
func (a *onePass) leadingLoop() uint16 {
	start := &a.states[startsAt]
	loop := uint16(0)
	leads := func(first passStep, again passStep) bool {
		if loop == 0 {
			loop = first.state
		}
		return first.state == loop && again.state == loop
	}
	for c, first := range start.ascii {
		if first.state != 0 && !leads(first, a.states[first.state].ascii[c]) {
			return 0
		}
	}
	if len(start.wide) > 0 { // ranges may overlap those of the repetition arbitrarily
		return 0
	}
	return loop
}

// onlyByte returns the only byte with a transition, or -1 if there are several or other characters.
func (s *passState) onlyByte() int {
	only := -1
	for c := range s.ascii {
		if s.ascii[c].state == 0 {
			continue
		}
		if only >= 0 {
			return -1
		}
		only = c
	}
	if len(s.wide) > 0 {
		return -1
	}
	return only
}

// A passBuilder builds the states. Each state but the first represents one instruction at which the program continues.
type passBuilder struct {
	prog     *syntax.Prog
	anchored bool
	index    map[uint32]uint16
	from     []uint32 // the instruction of each state after the first
	states   []passState
	failed   bool // the pattern is not suitable

	// For the current state.
	current  int
	seen     map[uint32]bool // instructions visited
	seenLast map[uint32]bool // instructions visited after an end of text
	done     bool            // what follows has a lower priority than a match
}

// stateOf returns the state that continues at an instruction.
func (b *passBuilder) stateOf(pc uint32) uint16 {
	i, ok := b.index[pc]
	if !ok {
		i = uint16(len(b.states))
		b.index[pc] = i
		b.states = append(b.states, passState{})
		b.from = append(b.from, pc)
		b.failed = b.failed || len(b.states) > maxStates
	}
	return i
}

func (b *passBuilder) fill(state int, pc uint32) {
	b.current, b.done, b.seen, b.seenLast = state, false, map[uint32]bool{}, map[uint32]bool{}
	b.follow(pc, 0, false)
	s := &b.states[state]
	slices.SortFunc(s.wide, func(x, y wideStep) int { return cmp.Compare(x.low, y.low) })
	for i := 1; i < len(s.wide); i++ {
		b.failed = b.failed || s.wide[i].low <= s.wide[i-1].high
	}
}

// follow adds the transitions from an instruction, in order of priority. last: the text has ended, only a match counts.
func (b *passBuilder) follow(pc uint32, set slots, last bool) {
	seen := b.seen
	if last {
		seen = b.seenLast
	}
	if b.done || b.failed || seen[pc] {
		return
	}
	seen[pc] = true
	in := &b.prog.Inst[pc]
	switch in.Op {
	case syntax.InstAlt, syntax.InstAltMatch:
		b.follow(in.Out, set, last)
		b.follow(in.Arg, set, last)
	case syntax.InstNop:
		b.follow(in.Out, set, last)
	case syntax.InstCapture:
		b.follow(in.Out, set|1<<(in.Arg-2), last)
	case syntax.InstEmptyWidth:
		b.assertion(in, set, last)
	case syntax.InstMatch:
		b.match(set|isMatch, last)
	case syntax.InstFail:
	default:
		if !last {
			b.step(in, set)
		}
	}
}

func (b *passBuilder) assertion(in *syntax.Inst, set slots, last bool) {
	switch op := syntax.EmptyOp(in.Arg); {
	case op == syntax.EmptyEndText:
		b.follow(in.Out, set, true)
	case op == syntax.EmptyBeginText && b.anchored:
		if b.current == startsAt {
			b.follow(in.Out, set, last)
		}
	default:
		b.failed = true
	}
}

func (b *passBuilder) match(set slots, last bool) {
	s := &b.states[b.current]
	if s.atEnd == 0 {
		s.atEnd = set
	}
	if !last {
		s.accept, b.done = set, true
	}
}

// step adds the characters of an instruction. If a character already has a transition, the pattern is not suitable.
func (b *passBuilder) step(in *syntax.Inst, set slots) {
	step := passStep{state: b.stateOf(in.Out), set: set}
	s := &b.states[b.current]
	for c := range s.ascii {
		if in.MatchRune(rune(c)) {
			b.failed = b.failed || s.ascii[c].state != 0
			s.ascii[c] = step
		}
	}
	add := func(low, high rune) {
		if high >= utf8.RuneSelf {
			s.wide = append(s.wide, wideStep{max(low, utf8.RuneSelf), high, step})
		}
	}
	switch {
	case in.Op == syntax.InstRuneAny || in.Op == syntax.InstRuneAnyNotNL:
		add(utf8.RuneSelf, unicode.MaxRune)
	case len(in.Rune) == 1:
		add(in.Rune[0], in.Rune[0])
		if syntax.Flags(in.Arg)&syntax.FoldCase != 0 {
			for r := unicode.SimpleFold(in.Rune[0]); r != in.Rune[0]; r = unicode.SimpleFold(r) {
				add(r, r)
			}
		}
	default:
		for i := 0; i+1 < len(in.Rune); i += 2 {
			add(in.Rune[i], in.Rune[i+1])
		}
	}
}
