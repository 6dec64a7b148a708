package main

import (
	"cmp"
	"fmt"
	"io"
	"maps"
	"regexp"
	"slices"
	"strings"

	"github.com/streamctl/streamctl/test/evaluate"
)

// report prints statistics and findings.
func (r *runner) report(out io.Writer, list []*finding) {
	s := &r.stats
	fmt.Fprintf(out, "seed %d: %d questions, of them %d rejected by analysis, %d failing on data, %d refused by streamctl by name; %d differences, %d seen in Spark's interpreter only\n",
		*seed, s.asked, s.rejected, s.failed, s.refused, len(list), s.unconfirmed)
	for _, reason := range slices.Sorted(maps.Keys(r.known)) {
		fmt.Fprintf(out, "%d known: %s\n", r.known[reason], reason)
	}
	r.table(out, list)
	if *interp {
		fmt.Fprintln(out, "\nIn Spark's interpreter only:")
		r.table(out, r.interpreted)
	}
}

// table prints findings, starting with the functions that have most of them.
func (r *runner) table(out io.Writer, list []*finding) {
	if len(list) == 0 {
		return
	}
	times := map[string]int{}
	for _, f := range list {
		times[f.tree.root()] += f.times
	}
	slices.SortStableFunc(list, func(a, b *finding) int {
		x, y := a.tree.root(), b.tree.root()
		return cmp.Or(cmp.Compare(times[y], times[x]), strings.Compare(x, y), strings.Compare(a.kind, b.kind), cmp.Compare(b.times, a.times))
	})
	fmt.Fprintf(out, "\n| function | differs in | times | expression | row | Spark | streamctl |\n|---|---|---|---|---|---|---|\n")
	cells := r.cells()
	for _, f := range list {
		fmt.Fprintf(out, "| %s | %s | %d | `%s` | %s | %s | %s |\n", bar(f.tree.root()), f.kind, f.times, bar(f.tree.sql()),
			bar(rowText(f, cells)), bar(f.theirs.show()), bar(f.ours.show()))
	}
}

// bar escapes text for a table cell.
func bar(s string) string {
	return strings.NewReplacer("|", `\|`, "\n", `\n`).Replace(s)
}

// cells formats all rows of the input.
func (r *runner) cells() [][]string {
	t := r.ours.table
	_, plan, fail := evaluate.Query(t.Schema, "local", nil, []string{"*"})
	if fail != nil {
		return nil
	}
	batches, err := evaluate.Collect(plan, t.Open(plan))
	if err != nil {
		return nil
	}
	return evaluate.Cells(batches)
}

var word = regexp.MustCompile(`\b[a-z]+\b`)

// rowText formats the columns that an expression reads.
func rowText(f *finding, cells [][]string) string {
	used := map[string]bool{}
	for _, w := range word.FindAllString(f.tree.sql(), -1) {
		used[w] = true
	}
	var rows []string
	for _, row := range f.rows {
		var parts []string
		for i, c := range columns {
			if used[c.name] && int(row) < len(cells) {
				parts = append(parts, c.name+"="+strings.ReplaceAll(cells[row][i], evaluate.Null, "NULL"))
			}
		}
		if len(parts) > 0 {
			rows = append(rows, strings.Join(parts, " "))
		}
	}
	return cut(strings.Join(rows, " ; "), 200)
}
