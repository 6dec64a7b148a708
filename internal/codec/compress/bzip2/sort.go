package bzip2

import "iter"

// leastRotation returns the start of the rotation of s that is first in order, in linear time.
func leastRotation(s []byte) int {
	n := len(s)
	i, j, k := 0, 1, 0 // the rotations from i and j agree in k bytes; all others before the larger one are not first
	for i < n && j < n && k < n {
		a, b := s[wrap(i+k, n)], s[wrap(j+k, n)]
		switch {
		case a == b:
			k++
			continue
		case a > b:
			i += k + 1
		default:
			j += k + 1
		}
		if i == j {
			j++
		}
		k = 0
	}
	return min(i, j)
}

func wrap(i, n int) int {
	if i >= n {
		return i - n
	}
	return i
}

// A symbol is a byte of the text, or the name of a substring in the recursion.
type symbol interface{ byte | int32 }

// sortSuffixes puts the starts of the suffixes of s into sa, in order; both have the same length. Symbols are below k. It takes linear time and,
// besides sa, memory for 2k numbers. A suffix that is a prefix of another one comes first.
//
// This is SA-IS (Nong, Zhang and Chan: Two Efficient Algorithms for Linear Time Suffix Array Construction, 2011). A suffix is of type S if it
// is less than the next one and else of type L; LMS are those of type S that follow one of type L. All other suffixes can be sorted from them.
// The LMS suffixes are sorted by recursion, in which their substrings up to the next LMS are the symbols.
func sortSuffixes[T symbol](s []T, sa []int32, k int) {
	size := make([]int32, 2*k)
	size, at := size[:k], size[k:]
	for _, c := range s {
		size[c]++
	}
	clearTo(sa, none)
	ends(at, size)
	m := 0
	for i := range lms(s) {
		at[s[i]]--
		sa[at[s[i]]] = int32(i)
		m++
	}
	induce(s, sa, size, at)
	if m > 1 {
		collect(s, sa, size, at)
		sortLMS(s, sa, m)
		ends(at, size)
		place(s, sa, at, m)
		induce(s, sa, size, at)
	}
}

// none marks an unused entry.
const none = -1

func clearTo(list []int32, x int32) {
	for i := range list {
		list[i] = x
	}
}

// lms yields the starts of the LMS suffixes, the last one first.
func lms[T symbol](s []T) iter.Seq[int] {
	return func(yield func(int) bool) {
		less := false // the suffix i+1 is of type S
		for i := len(s) - 2; i >= 0; i-- {
			if s[i] < s[i+1] {
				less = true
			} else if s[i] > s[i+1] && less {
				less = false
				yield(i + 1)
			}
		}
	}
}

// starts sets at to where the suffixes that begin with each symbol begin in the order.
func starts(at, size []int32) {
	sum := int32(0)
	for c, n := range size {
		at[c] = sum
		sum += n
	}
}

// ends sets at to where they end.
func ends(at, size []int32) {
	sum := int32(0)
	for c, n := range size {
		sum += n
		at[c] = sum
	}
}

// induce sorts all suffixes from the LMS suffixes, which are at the ends of the ranges of their first symbols. When it returns, at has for each
// symbol where the suffixes of type S begin.
func induce[T symbol](s []T, sa []int32, size, at []int32) {
	starts(at, size)
	last := s[len(s)-1]
	sa[at[last]] = int32(len(s) - 1)
	at[last]++
	for i := range sa {
		j := sa[i] - 1
		if j < 0 {
			continue
		}
		if c := s[j]; c >= s[j+1] {
			sa[at[c]] = j
			at[c]++
		}
	}
	ends(at, size)
	for i := len(sa) - 1; i >= 0; i-- {
		j := sa[i] - 1
		if j < 0 {
			continue
		}
		c, next := s[j], s[j+1]
		if c < next || c == next && int(at[c]) <= i {
			at[c]--
			sa[at[c]] = j
		}
	}
}

// collect moves the LMS suffixes, which induce has sorted by their substrings, to the beginning of sa.
func collect[T symbol](s []T, sa []int32, size, at []int32) {
	m, end := 0, int32(0)
	for c, n := range size {
		end += n
		for i := at[c]; i < end; i++ {
			if j := sa[i]; j > 0 && s[j-1] > s[j] {
				sa[m] = j
				m++
			}
		}
	}
}

// sortLMS sorts the m LMS suffixes at the beginning of sa, which are sorted by their substrings already.
func sortLMS[T symbol](s []T, sa []int32, m int) {
	n := len(s)
	names := name(s, sa, m)
	// The names, in order of the text, are the text of the recursion.
	text := sa[n-m:]
	for i, to := n-1, n-1; i >= m; i-- {
		if sa[i] != none {
			sa[to] = sa[i]
			to--
		}
	}
	if names < m {
		sortSuffixes(text, sa[:m], names)
	} else {
		for i, name := range text {
			sa[name] = int32(i)
		}
	}
	i := m
	for start := range lms(s) {
		i--
		text[i] = int32(start)
	}
	for i, rank := range sa[:m] {
		sa[i] = text[rank]
	}
}

// name numbers the substrings of the m LMS suffixes, equal ones equally, and puts the number of the one from i to sa[m+i/2]. It returns how many
// different ones there are. No two LMS suffixes begin side by side.
func name[T symbol](s []T, sa []int32, m int) int {
	length := sa[m:]
	clearTo(length, none)
	next := 0
	for i := range lms(s) {
		length[i/2] = int32(max(next-i+1, 0)) // 0 for the last one, which differs from all others
		next = i
	}
	names, before, size := int32(-1), int32(0), int32(0)
	for _, i := range sa[:m] {
		n := length[i/2]
		if n == 0 || n != size || !equal(s[i:i+n], s[before:before+n]) {
			names++
		}
		before, size = i, n
		length[i/2] = names
	}
	return int(names) + 1
}

func equal[T symbol](a, b []T) bool {
	for i, x := range a {
		if x != b[i] {
			return false
		}
	}
	return true
}

// place moves the m sorted LMS suffixes from the beginning of sa to the ends of the ranges of their symbols.
func place[T symbol](s []T, sa, at []int32, m int) {
	clearTo(sa[m:], none)
	for i := m - 1; i >= 0; i-- {
		j := sa[i]
		sa[i] = none
		at[s[j]]--
		sa[at[s[j]]] = j
	}
}
