// Package suggest finds the words that a user may have meant by a mistyped one.
package suggest

import (
	"slices"
	"strings"
)

// Closest returns up to limit candidates that could be a misspelling of word, closest first. It ignores case.
func Closest(word string, candidates []string, limit int) []string {
	type match struct {
		word     string
		distance int
	}
	var matches []match
	folded := []rune(strings.ToLower(word))
	for _, candidate := range candidates {
		other := []rune(strings.ToLower(candidate))
		d := Distance(string(folded), string(other))
		if d <= max(1, max(len(folded), len(other))/3) {
			matches = append(matches, match{candidate, d})
		}
	}
	slices.SortStableFunc(matches, func(a, b match) int { return a.distance - b.distance })
	var words []string
	for _, m := range matches[:min(limit, len(matches))] {
		words = append(words, m.word)
	}
	return words
}

// Distance returns the number of single-character insertions, deletions, replacements and transpositions that
// turn a into b.
func Distance(a, b string) int {
	s, t := []rune(a), []rune(b)
	before, last, row := make([]int, len(t)+1), make([]int, len(t)+1), make([]int, len(t)+1)
	for j := range last {
		last[j] = j
	}
	for i := 1; i <= len(s); i++ {
		row[0] = i
		for j := 1; j <= len(t); j++ {
			change := 1
			if s[i-1] == t[j-1] {
				change = 0
			}
			row[j] = min(last[j]+1, row[j-1]+1, last[j-1]+change)
			if i > 1 && j > 1 && s[i-1] == t[j-2] && s[i-2] == t[j-1] {
				row[j] = min(row[j], before[j-2]+1)
			}
		}
		before, last, row = last, row, before
	}
	return last[len(t)]
}
