package javaregexp

import (
	"slices"
	"strconv"
	"unicode"
)

// A set is a sorted list of disjoint, non-adjacent ranges of characters.
type set []span

type span struct{ lo, hi rune }

var everything = set{{0, unicode.MaxRune}}

func chars(rs ...rune) set {
	s := make(set, len(rs))
	for i, r := range rs {
		s[i] = span{r, r}
	}
	return s.normal()
}

func spans(bounds ...rune) set {
	var s set
	for i := 0; i+1 < len(bounds); i += 2 {
		s = append(s, span{bounds[i], bounds[i+1]})
	}
	return s.normal()
}

func fromTable(tables ...*unicode.RangeTable) set {
	var s set
	add := func(lo, hi, stride rune) {
		if stride == 1 {
			s = append(s, span{lo, hi})
			return
		}
		for r := lo; r <= hi; r += stride {
			s = append(s, span{r, r})
		}
	}
	for _, t := range tables {
		for _, r := range t.R16 {
			add(rune(r.Lo), rune(r.Hi), rune(r.Stride))
		}
		for _, r := range t.R32 {
			add(rune(r.Lo), rune(r.Hi), rune(r.Stride))
		}
	}
	return s.normal()
}

// normal sorts the ranges and merges those that touch.
func (s set) normal() set {
	s = slices.Clone(s)
	slices.SortFunc(s, func(a, b span) int { return int(a.lo - b.lo) })
	var out set
	for _, r := range s {
		if n := len(out); n > 0 && r.lo <= out[n-1].hi+1 {
			out[n-1].hi = max(out[n-1].hi, r.hi)
			continue
		}
		out = append(out, r)
	}
	return out
}

func (s set) union(o set) set { return append(slices.Clone(s), o...).normal() }

func (s set) complement() set {
	var out set
	next := rune(0)
	for _, r := range s {
		if r.lo > next {
			out = append(out, span{next, r.lo - 1})
		}
		next = r.hi + 1
	}
	if next <= unicode.MaxRune {
		out = append(out, span{next, unicode.MaxRune})
	}
	return out
}

func (s set) intersect(o set) set { return s.complement().union(o.complement()).complement() }

// fold adds the other case of each letter: of ASCII letters only, or of all letters if all is set.
func (s set) fold(all bool) set {
	var more set
	for _, r := range s {
		if !all {
			for c := max(r.lo, 'A'); c <= min(r.hi, 'z'); c++ {
				if c <= 'Z' || c >= 'a' {
					more = append(more, span{c ^ 0x20, c ^ 0x20})
				}
			}
			continue
		}
		for c := r.lo; c <= min(r.hi, 0x1FFFF); c++ {
			for f := unicode.SimpleFold(c); f != c; f = unicode.SimpleFold(f) {
				more = append(more, span{f, f})
			}
		}
	}
	return s.union(more)
}

// single returns the only character of the set, if there is just one.
func (s set) single() (rune, bool) {
	if len(s) == 1 && s[0].lo == s[0].hi {
		return s[0].lo, true
	}
	return 0, false
}

// write appends the set as a class in the syntax of RE2.
func (s set) write(dst []byte) []byte {
	if r, ok := s.single(); ok {
		return writeRune(dst, r)
	}
	switch len(s) {
	case 0:
		return append(dst, `[^\x00-\x{10FFFF}]`...)
	case 1:
		if s[0] == everything[0] {
			return append(dst, `(?s:.)`...)
		}
	}
	dst = append(dst, '[')
	for _, r := range s {
		dst = writeRune(dst, r.lo)
		if r.hi > r.lo {
			dst = writeRune(append(dst, '-'), r.hi)
		}
	}
	return append(dst, ']')
}

func writeRune(dst []byte, r rune) []byte {
	if r >= '0' && r <= '9' || r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r == ' ' || r == '_' {
		return append(dst, byte(r))
	}
	dst = append(dst, `\x{`...)
	dst = strconv.AppendInt(dst, int64(r), 16)
	return append(dst, '}')
}
