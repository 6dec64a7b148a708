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

func TestUnusedSidesOfOuterJoinsGo(t *testing.T) {
	for text, joins := range map[string]bool{
		"SELECT max(l.k), collect_set(l.v) FROM stream l LEFT JOIN stream r ON l.a = r.a":                               false,
		"SELECT max(r.k) FROM stream l RIGHT JOIN stream r ON l.a = r.a":                                                false,
		"SELECT l.k, some(l.v > 0) FROM stream l FULL JOIN stream r ON l.a = r.a WHERE l.v > 1 GROUP BY 1":              false,
		"SELECT l.k FROM stream l LEFT JOIN stream r ON l.a = r.a GROUP BY l.k":                                         false,
		"SELECT max(l.k), count(*) FROM stream l LEFT JOIN stream r ON l.a = r.a":                                       true,
		"SELECT max(r.k) FROM stream l LEFT JOIN stream r ON l.a = r.a":                                                 true,
		"SELECT max(l.k) FROM stream l JOIN stream r ON l.a = r.a":                                                      true,
		"SELECT max(l.k) FROM (SELECT k || uuid() AS k FROM stream l LEFT JOIN (SELECT a AS x FROM stream) ON a = x) l": true,
	} {
		q, err := query(t, text)
		if err != nil {
			t.Errorf("%s: %v", text, err)
			continue
		}
		q.OutputMode = "complete"
		p, err := q.Optimize(context.Background())
		if err != nil {
			t.Fatal(err)
		}
		if got := strings.Contains(strings.Join(p.Explain(), "\n"), "Join"); got != joins {
			t.Errorf("%s: joins is %v:\n%s", text, got, strings.Join(p.Explain(), "\n"))
		}
	}
}
