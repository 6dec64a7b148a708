package javaregexp

import (
	"bytes"
	"math/bits"
	"unicode/utf8"
)

// A onePass is an automaton for patterns of which, from a given start, the next character alone decides how to go on: it
// never has two ways to follow, so that a match and its groups are found in one walk over the text. Failed walks from many
// starts could take quadratic time; search gives up then. It belongs to one goroutine.
type onePass struct {
	states   []passState
	prefix   []byte // how every match begins
	only     int    // the one byte a match may begin with, or -1
	anchored bool   // a match begins at the beginning of the text only
	borders  []int  // of the groups on the walk so far
}

// A passState is where a walk stands between two characters.
type passState struct {
	ascii  [utf8.RuneSelf]passStep
	wide   []wideStep // the other characters, ascending
	accept slots      // not 0: a match may end here
	atEnd  slots      // the same where the text ends
}

// A passStep sets slots to the position before the character and leads to a state; state 0 is nowhere.
type passStep struct {
	state uint16
	set   slots
}

type wideStep struct {
	low, high rune
	step      passStep
}

// slots is a set of borders of groups (group 1 begins at 0 and ends at 1), and isMatch.
type slots uint16

const (
	isMatch   slots = 1 << 15
	maxGroups       = 7
	maxStates       = 128
	startsAt        = 1 // the state of every start
)

// search finds the first match that begins at from or behind and writes its borders to loc, which may be nil. It gives up
// (ok is false) when that takes too many steps.
func (a *onePass) search(s []byte, from int, loc []int) (found, ok bool) {
	if a.anchored && from > 0 {
		return false, true
	}
	budget := 8*(len(s)-from) + 64
	for at := from; ; {
		if at = a.candidate(s, at); at < 0 {
			return false, true
		}
		end, last := a.walk(s, at, loc)
		if end >= 0 {
			if loc != nil {
				loc[0], loc[1] = at, end
			}
			return true, true
		}
		if budget -= last - at; budget < 0 {
			return false, false
		}
		if a.anchored || at == len(s) {
			return false, true
		}
		_, size := utf8.DecodeRune(s[at:])
		at += size
	}
}

// candidate gives the first position from at on where a match may begin; -1: none.
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

// walk follows the text from at on. It gives the end of the match, -1 without one, and where it stopped. With loc it finds
// the best match and the borders of its groups, else any.
func (a *onePass) walk(s []byte, at int, loc []int) (end, last int) {
	for k := range a.borders {
		a.borders[k] = -1
	}
	end = -1
	state := &a.states[startsAt]
	for i := at; ; {
		if state.accept != 0 {
			if end = i; loc == nil {
				return end, i
			}
			a.record(state.accept, i, loc)
		}
		if i == len(s) {
			if state.atEnd != 0 {
				end = i
				a.record(state.atEnd, i, loc)
			}
			return end, i
		}
		step, size := passStep{}, 1
		if c := s[i]; c < utf8.RuneSelf {
			step = state.ascii[c]
		} else {
			var r rune
			r, size = utf8.DecodeRune(s[i:])
			step = state.wideStep(r)
		}
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

// wideStep is the step on a character that is not ASCII.
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
