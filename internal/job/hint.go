package job

import (
	"slices"
	"strings"

	"github.com/streamctl/streamctl/internal/suggest"
)

// mostListed is how many words a hint lists when none is close.
const mostListed = 12

// DidYouMean makes the hint that names the known words closest to a mistyped one, or all when they are few.
func DidYouMean(word string, known []string) string {
	known = slices.Sorted(slices.Values(known))
	if close := suggest.Closest(word, known, 3); len(close) > 0 {
		return "did you mean " + strings.Join(close, " or ") + "?"
	}
	if len(known) <= mostListed {
		return "one of: " + strings.Join(known, ", ")
	}
	return ""
}
