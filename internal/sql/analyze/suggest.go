package analyze

import (
	"cmp"
	"slices"

	"github.com/streamctl/streamctl/internal/suggest"
)

// maxProposals is how many names Spark proposes for one that it does not find.
const maxProposals = 5

// similar lists the names nearest to word, however far, equal ones in alphabetical order: what Spark proposes.
func similar(word string, names []string) []string {
	names = slices.Clone(names)
	distance := make(map[string]int, len(names))
	for _, name := range names {
		distance[name] = suggest.Distance(word, name)
	}
	slices.SortFunc(names, func(a, b string) int {
		return cmp.Or(distance[a]-distance[b], cmp.Compare(a, b))
	})
	return names[:min(len(names), maxProposals)]
}

// didYouMean is a hint with the name that word was likely meant to be, "" when there is none.
func didYouMean(word string, names []string) string {
	best := suggest.Closest(word, names, 1)
	if len(best) == 0 {
		return ""
	}
	return "did you mean " + best[0] + "?"
}
