package analyze

import (
	"cmp"
	"slices"
	"strings"

	"github.com/streamctl/streamctl/internal/suggest"
	"github.com/streamctl/streamctl/internal/types"
)

// maxProposals is the number of names that Spark proposes for an unknown one.
const maxProposals = 5

// proposals returns the column names nearest to a name, however distant, in alphabetical order if equally near. Like Spark,
// it compares quoted names with the unquoted text.
func proposals(parts []string, quoted []string) []string {
	wanted := make([]string, len(parts))
	for i, p := range parts {
		wanted[i] = p
		if strings.Contains(p, ".") {
			wanted[i] = types.Quote(p)
		}
	}
	text := strings.Join(wanted, ".")
	distance := make(map[string]int, len(quoted))
	for _, name := range quoted {
		distance[name] = levenshtein(name, text)
	}
	quoted = slices.Clone(quoted)
	slices.SortFunc(quoted, func(a, b string) int {
		return cmp.Or(distance[a]-distance[b], cmp.Compare(a, b))
	})
	return quoted[:min(len(quoted), maxProposals)]
}

// levenshtein returns the number of insertions, deletions and replacements between two texts; unlike suggest.Distance it does
// not count swaps as one edit.
func levenshtein(a, b string) int {
	s, t := []rune(a), []rune(b)
	row := make([]int, len(t)+1)
	for j := range row {
		row[j] = j
	}
	for i := range s {
		diagonal := row[0]
		row[0]++
		for j := range t {
			change := diagonal
			if s[i] != t[j] {
				change++
			}
			diagonal = row[j+1]
			row[j+1] = min(change, row[j]+1, row[j+1]+1)
		}
	}
	return row[len(t)]
}

// didYouMean returns a hint with the name that word was probably meant to be, or "" if there is none.
func didYouMean(word string, names []string) string {
	best := suggest.Closest(word, names, 1)
	if len(best) == 0 {
		return ""
	}
	return "did you mean " + best[0] + "?"
}
