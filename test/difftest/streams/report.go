package main

import (
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"
)

// summary prints the counts.
func (f *fuzzer) summary(w io.Writer) {
	for _, what := range slices.Sorted(maps.Keys(f.seen)) {
		fmt.Fprintf(w, "%6d %s\n", f.seen[what], what)
	}
	for _, reason := range slices.Sorted(maps.Keys(f.known)) {
		fmt.Fprintf(w, "%6d known: %s\n", f.known[reason], reason)
	}
	fmt.Fprintf(w, "%6d differences\n", f.found)
}

// show returns the finding: the query, the files of each run, the job file, and both answers.
func (f *finding) show() string {
	var b strings.Builder
	for _, s := range steps(f.Steps) {
		text, _ := json.Marshal(s)
		fmt.Fprintf(&b, "  %s\n", text)
	}
	fmt.Fprintf(&b, "  %s %v %s\n", f.Mode, f.Conf, schema(f.Fields))
	for i, run := range f.Runs {
		killed := ""
		if i < len(f.Kills) && f.Kills[i] > 0 {
			killed = fmt.Sprintf(", killed after %d µs and started again", f.Kills[i])
		}
		fmt.Fprintf(&b, "run %d%s\n", i, killed)
		for n, rows := range run {
			fmt.Fprintf(&b, "  file %d\n    %s\n", n, strings.ReplaceAll(strings.TrimSuffix(strings.Join(rows, ""), "\n"), "\n", "\n    "))
		}
	}
	text, _ := json.Marshal(f.file())
	fmt.Fprintf(&b, "job.yaml: %s\n--- streamctl\n%s--- Spark\n%s", text, f.ours.show(), f.theirs.show())
	return b.String()
}
