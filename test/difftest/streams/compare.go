package main

import (
	"fmt"
	"slices"
	"strings"
)

// Kinds of differences.
const (
	accepts   = "accepts" // Spark refuses the job, or its run fails
	rejects   = "rejects" // Spark runs the job
	condition = "condition"
	batches   = "batches" // other batches ran
	rows      = "rows"
	marks     = "watermark"
	counts    = "state"
	panics    = "panic"
)

// difference returns the kind of the first difference and where it is, or "".
func difference(j *job, ours, theirs *answer) (kind, where string) {
	e, w := ours.Error, theirs.Error
	switch {
	case e != nil && e.Phase == "panic":
		return panics, ""
	case w != nil && e == nil:
		return accepts, ""
	case w == nil && e != nil:
		return rejects, ""
	case w != nil && w.named() && (e.Condition != w.Condition || e.SQLState != w.SQLState):
		return condition, ""
	}
	if kind, where = tables(ours.Batches, theirs.Batches); kind != "" {
		return kind, where
	}
	return events(j, ours, theirs)
}

// named reports whether the condition has a public name.
func (f *failure) named() bool {
	return f.Condition != "" && f.Condition != "INTERNAL_ERROR" && f.Condition != "STREAM_FAILED" && !strings.HasPrefix(f.Condition, "_LEGACY")
}

func tables(ours, theirs []batch) (kind, where string) {
	if len(ours) != len(theirs) {
		return batches, fmt.Sprintf("%d, want %d", len(ours), len(theirs))
	}
	for i, want := range theirs {
		if ours[i].id != want.id {
			return batches, fmt.Sprintf("%d, want %d", ours[i].id, want.id)
		}
		if !slices.Equal(sorted(ours[i].table), sorted(want.table)) {
			return rows, fmt.Sprintf("batch %d", want.id)
		}
	}
	return "", ""
}

// sorted returns the lines of a table in an order that does not depend on that of the rows.
func sorted(table string) []string {
	lines := strings.Split(strings.TrimRight(table, "\n"), "\n")
	slices.Sort(lines)
	return lines
}

// events compares the watermark and the state of each batch. A killed run may not have reported some.
func events(j *job, ours, theirs *answer) (kind, where string) {
	for _, want := range theirs.Progress {
		i := slices.IndexFunc(ours.Progress, func(p progress) bool { return p.ID == want.ID })
		if i < 0 {
			if slices.Max(append([]int{0}, j.Kills...)) > 0 {
				continue
			}
			return batches, fmt.Sprintf("batch %d reported nothing", want.ID)
		}
		got := ours.Progress[i]
		if got.EventTime.Watermark != want.EventTime.Watermark {
			return marks, fmt.Sprintf("batch %d: %s, want %s", want.ID, got.EventTime.Watermark, want.EventTime.Watermark)
		}
		if !slices.Equal(got.State, want.State) {
			return counts, fmt.Sprintf("batch %d: %v, want %v", want.ID, got.State, want.State)
		}
	}
	return "", ""
}
