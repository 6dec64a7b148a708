package analyze

import (
	"cmp"
	"slices"
	"strings"

	"github.com/streamctl/streamctl/internal/suggest"
	"github.com/streamctl/streamctl/internal/types"
)

// maxProposals is how many names Spark proposes for one that it does not find.
const maxProposals = 5

// proposals lists the column names nearest to a name, however far, equal ones in alphabetical order. Spark compares the
// quoted names with the unquoted text, which we follow.
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

// levenshtein counts the insertions, deletions and replacements between two texts; unlike suggest.Distance it knows no swaps.
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

// didYouMean returns a hint with the name that word was likely meant to be, "" when there is none.
func didYouMean(word string, names []string) string {
	best := suggest.Closest(word, names, 1)
	if len(best) == 0 {
		return ""
	}
	return "did you mean " + best[0] + "?"
}
