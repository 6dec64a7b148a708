package javaregexp

import (
	"bytes"
	"math/bits"
	"unicode/utf8"
)

// A onePass is an automaton for patterns in which, from a given start, the next character alone determines how to continue.
// It never follows two paths, so that one scan of the text finds a match and its groups. Failed scans from many starts could
// take quadratic time; search gives up then. A onePass belongs to one goroutine.
//
// It exists because package regexp takes 6 to 30 times as long for such patterns. BenchmarkSearch, per text: 69 ns instead of 2038 ns
// for ^[a-f][a-z]*[.][a-z]+[0-9]+@, 81 instead of 481 for @([a-z]+)[.], 225 instead of 1447 for [^0-9].
type onePass struct {
	states   []passState
	next     []uint32 // for each state and ASCII character: the next state times 128, or a mark to look closer
	prefix   []byte   // common prefix of all matches
	only     int      // the only byte a match may begin with, or -1
	anchored bool     // matches begin only at the beginning of the text
	loop     uint16   // state of a repetition that every match begins with, or 0
	borders  []int    // of the groups, in the current scan
	steps    int      // remaining until the next check of stop
	stop     *func() error
	err      error // from stop; a search with an error has no result
}

// passSteps is the number of steps between two checks of stop.
const passSteps = 1 << 16

// halted counts n steps and reports whether the search must end.
func (a *onePass) halted(n int) bool {
	if a.steps -= n; a.steps > 0 {
		return false
	}
	a.steps = passSteps
	if a.err == nil && *a.stop != nil {
		a.err = (*a.stop)()
	}
	return a.err != nil
}

// A passState is the state of a scan between two characters.
type passState struct {
	row    uint32 // start of its steps in next
	ascii  [utf8.RuneSelf]passStep
	wide   []wideStep // other characters, ascending
	accept slots      // non-zero if a match may end here
	final  bool       // a match ends here and cannot continue
	atEnd  slots      // like accept, at the end of the text
}

// A passStep sets slots to the position before the character and leads to a state; state 0 means no transition.
type passStep struct {
	state uint16
	set   slots
}

type wideStep struct {
	low, high rune
	step      passStep
}

// slots is a set of group borders (group 1 begins at 0 and ends at 1) and isMatch.
type slots uint16

const (
	isMatch   slots = 1 << 15
	maxGroups       = 7
	maxStates       = 128
	startsAt        = 1 // state at every start

	lookCloser = 0 // in next: the step sets slots, leads nowhere, or leads to a possible end of a match
)

// search finds the first match that begins at or after from and writes its borders to loc, which may be nil. It gives up (ok
// is false) if that takes too many steps. If it has to stop, it sets err.
func (a *onePass) search(s []byte, from int, loc []int) (found, ok bool) {
	if a.anchored && from > 0 {
		return false, true
	}
	budget := 9*(len(s)-from) + 64
	look := max(budget-passSteps, 0)
	for at := from; ; {
		if at = a.candidate(s, at); at < 0 {
			return false, true
		}
		last := 0
		if loc == nil {
			found, last = a.matches(s, at)
		} else {
			loc[0] = at
			loc[1], last = a.walk(s, at, loc)
			found = loc[1] >= 0
		}
		if found {
			return true, true
		}
		if budget -= last - at + 1; budget <= look {
			if look = max(budget-passSteps, 0); a.halted(passSteps) {
				return false, true
			}
			if budget < 0 {
				return false, false
			}
		}
		if a.anchored || at == len(s) {
			return false, true
		}
		at = a.another(s, at)
	}
}

// another returns where to continue after the scan from at has failed: usually one character later. If the scan began with a
// repetition, it is the end of the repetition, because scans from within it reach that end in the same state and fail too.
func (a *onePass) another(s []byte, at int) int {
	first := s[at]
	if first >= utf8.RuneSelf {
		_, size := utf8.DecodeRune(s[at:])
		return at + size
	}
	at++
	if a.loop == 0 || a.states[startsAt].ascii[first].state != a.loop {
		return at
	}
	row := uint32(a.loop) * utf8.RuneSelf
	for at < len(s) && s[at] < utf8.RuneSelf && a.next[row|uint32(s[at])] == row {
		at++
	}
	return at
}

// candidate returns the first position from at where a match may begin, or -1.
func (a *onePass) candidate(s []byte, at int) int {
	start := &a.states[startsAt]
	switch {
	case a.anchored || start.accept|start.atEnd != 0:
		return at
	case len(a.prefix) > 0:
		return indexFrom(at, bytes.Index(s[at:], a.prefix))
	case a.only >= 0:
		return indexFrom(at, bytes.IndexByte(s[at:], byte(a.only)))
	}
	for at < len(s) {
		c := s[at]
		if c >= utf8.RuneSelf {
			r, size := utf8.DecodeRune(s[at:])
			if start.wideStep(r).state != 0 {
				return at
			}
			at += size
			continue
		}
		if start.ascii[c].state != 0 {
			return at
		}
		at++
	}
	return -1
}

func indexFrom(from, i int) int {
	if i < 0 {
		return -1
	}
	return from + i
}

// walk scans the text from at. It returns the end of the match, storing the borders of its groups, or -1; and the position
// where it stopped.
func (a *onePass) walk(s []byte, at int, loc []int) (end, last int) {
	for k := range a.borders {
		a.borders[k] = -1
	}
	end = -1
	state := &a.states[startsAt]
	for i := at; ; {
		if state.accept != 0 {
			end = i
			a.record(state.accept, i, loc)
			if state.final {
				return end, i
			}
		}
		state, i = a.run(s, i, state)
		if i == len(s) {
			if state.atEnd != 0 {
				end = i
				a.record(state.atEnd, i, loc)
			}
			return end, i
		}
		step, size := a.step(state, s[i:])
		if step.state == 0 {
			return end, i
		}
		if step.set != 0 {
			setBorders(a.borders, step.set, i)
		}
		state = &a.states[step.state]
		i += size
	}
}

// matches is walk without borders: it only reports whether there is a match.
func (a *onePass) matches(s []byte, at int) (found bool, last int) {
	state := &a.states[startsAt]
	for i := at; ; {
		if state.accept != 0 {
			return true, i
		}
		state, i = a.run(s, i, state)
		if i == len(s) {
			return state.atEnd != 0, i
		}
		step, size := a.step(state, s[i:])
		if step.state == 0 {
			return false, i
		}
		state = &a.states[step.state]
		i += size
	}
}

// run takes the steps that need no closer look.
func (a *onePass) run(s []byte, i int, state *passState) (*passState, int) {
	row := state.row
	for next := a.next; i < len(s) && s[i] < utf8.RuneSelf; i++ {
		e := next[row|uint32(s[i])]
		if e == row { // a repetition: its iterations are independent of one another
			continue
		}
		if e == lookCloser {
			break
		}
		row = e
	}
	return &a.states[row/utf8.RuneSelf], i
}

// step returns the step for the first character of text.
func (a *onePass) step(state *passState, text []byte) (step passStep, size int) {
	if c := text[0]; c < utf8.RuneSelf {
		return state.ascii[c], 1
	}
	if a.halted(1) {
		return passStep{}, 1
	}
	r, size := utf8.DecodeRune(text)
	return state.wideStep(r), size
}

// record writes the borders of the groups of a match that ends at i.
func (a *onePass) record(set slots, i int, loc []int) {
	if len(loc) > 2 {
		copy(loc[2:], a.borders)
		setBorders(loc[2:], set&^isMatch, i)
	}
}

func setBorders(borders []int, set slots, i int) {
	for ; set != 0; set &= set - 1 {
		borders[bits.TrailingZeros16(uint16(set))] = i
	}
}

// wideStep returns the step for a character beyond ASCII.
func (s *passState) wideStep(r rune) passStep {
	low, high := 0, len(s.wide)
	for low < high {
		mid := (low + high) / 2
		switch w := &s.wide[mid]; {
		case r < w.low:
			high = mid
		case r > w.high:
			low = mid + 1
		default:
			return w.step
		}
	}
	return passStep{}
}
