package transform

import (
	"context"
	"slices"
	"strings"
	"testing"
)

// filtersOf returns the filters of the plan of a query, in the order in which explain shows them.
func filtersOf(t *testing.T, lines ...string) (filters []string) {
	t.Helper()
	p, err := analyzed(t, "csv", lines...).Optimize(context.Background())
	if err != nil {
		t.Fatal(err)
	}
	for _, line := range p.Explain() {
		if text, ok := strings.CutPrefix(strings.TrimLeft(line, " "), "Filter "); ok {
			filters = append(filters, text)
		}
	}
	return filters
}

// The filters are those of Spark's optimized plans. The cases st-ss-*infer* of the corpus show what they do to the state.
func TestFiltersAreInferredAcrossJoins(t *testing.T) {
	const present, large = "(a IS NOT NULL)", "(a > 3)"
	both := "(" + present + " AND " + large + ")"
	for _, c := range []struct {
		join string
		want []string
	}{
		{"JOIN stream r ON l.a = r.a WHERE l.a > 3", []string{both, "(" + large + " AND " + present + ")"}},
		{"LEFT JOIN stream r ON l.a = r.a AND l.a > 3", []string{"(" + large + " AND " + present + ")"}},
		{"LEFT JOIN stream r ON l.a = r.a WHERE l.a > 3", []string{both, "(" + large + " AND " + present + ")"}},
		{"LEFT JOIN stream r ON l.a = r.a AND r.a > 3", []string{both}},
		{"RIGHT JOIN stream r ON l.a = r.a AND r.a > 3", []string{"(" + large + " AND " + present + ")"}},
		{"FULL JOIN stream r ON l.a = r.a AND l.a > 3", nil},
		{"LEFT SEMI JOIN stream r ON l.a = r.a AND l.a > 3", []string{both, "(" + large + " AND " + present + ")"}},
		{"LEFT SEMI JOIN stream r ON l.a <=> r.a AND l.a > 3", []string{both}},
		{"JOIN stream r ON l.a = r.a", []string{present, present}},
		{"JOIN stream r ON l.a <=> r.a", nil},
		{"JOIN stream r ON l.a = r.a AND l.b = r.b WHERE l.a < l.b", []string{"(((a IS NOT NULL) AND (b IS NOT NULL)) AND (a < b))", "((a IS NOT NULL) AND (b IS NOT NULL))"}},
		{"JOIN stream r ON l.a = r.a WHERE rand() > 0.5", []string{"(rand() > 0.5)", present, present}},
		{"JOIN stream r ON l.a = r.a AND l.t = r.t WHERE l.a = 1 AND r.b > l.a", []string{
			"(((a IS NOT NULL) AND (a = 1)) AND (t IS NOT NULL))",
			"((((((a = 1) AND (b > 1)) AND (b > 1)) AND (a IS NOT NULL)) AND (t IS NOT NULL)) AND (b IS NOT NULL))",
		}},
	} {
		got := filtersOf(t, "sql SELECT l.k FROM stream l "+c.join)
		if !slices.Equal(got, c.want) {
			t.Errorf("%s:\n got %q\nwant %q", c.join, got, c.want)
		}
	}
}

func TestKnownConditionsAreDropped(t *testing.T) {
	for _, c := range []struct {
		steps []string
		want  []string
	}{
		{[]string{"filter a > 3", "limit 5", "filter a > 3"}, []string{"((a IS NOT NULL) AND (a > 3))"}},
		{[]string{"filter a > 3", "limit 5", "filter 3 < a AND b > 1"}, []string{"((b IS NOT NULL) AND (b > 1))", "((a IS NOT NULL) AND (a > 3))"}},
		{[]string{"filter a > 3", "limit 5", "withColumn c=a", "filter c > 3"}, []string{"((a IS NOT NULL) AND (a > 3))"}},
		{[]string{"filter a = b AND b > 3", "limit 5", "filter a > 3"}, []string{"(((((a > 3) AND (a IS NOT NULL)) AND (b IS NOT NULL)) AND (a = b)) AND (b > 3))"}},
		{[]string{"filter a > 3", "filter rand() > 0.5", "limit 5", "filter rand() > 0.5"}, []string{"(rand() > 0.5)", "(rand() > 0.5)", "((a IS NOT NULL) AND (a > 3))"}},
	} {
		if got := filtersOf(t, c.steps...); !slices.Equal(got, c.want) {
			t.Errorf("%v:\n got %q\nwant %q", c.steps, got, c.want)
		}
	}
}
