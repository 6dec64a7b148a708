package suggest

import (
	"slices"
	"testing"
)

func TestDistance(t *testing.T) {
	for _, c := range []struct {
		a, b string
		want int
	}{
		{"", "", 0}, {"", "abc", 3}, {"abc", "", 3}, {"same", "same", 0}, {"strng", "string", 1}, {"csv", "cvs", 1},
		{"kitten", "sitting", 3}, {"ähre", "ehre", 1},
	} {
		if got := Distance(c.a, c.b); got != c.want {
			t.Errorf("Distance(%q, %q) = %d, want %d", c.a, c.b, got, c.want)
		}
	}
}

func TestClosestOrdersByDistanceAndDropsTheRest(t *testing.T) {
	words := []string{"TINYINT", "INT", "BIGINT", "STRING", "STRUCT", "BINARY"}
	for _, c := range []struct {
		word  string
		limit int
		want  []string
	}{
		{"strng", 3, []string{"STRING"}},
		{"sTRING", 1, []string{"STRING"}},
		{"itn", 3, []string{"INT"}},
		{"nothing like it", 3, nil},
		{"", 3, nil},
	} {
		if got := Closest(c.word, words, c.limit); !slices.Equal(got, c.want) {
			t.Errorf("Closest(%q) = %v, want %v", c.word, got, c.want)
		}
	}
}
