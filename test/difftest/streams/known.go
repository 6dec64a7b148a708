package main

import (
	"slices"
	"strings"
)

// A knownDifference is a difference that remains, with the reason. docs/spark-differences.md lists those that users may meet.
type knownDifference struct {
	is     func(*finding) bool
	reason string
}

// known is deliberately short: rules of Spark should be implemented instead.
var known = []knownDifference{
	{countedTwice, "Spark counts state twice where it samples rows for ORDER BY"},
	{sortedByMaps, "foreachBatch, with which Spark is asked, refuses rows that are sorted by a map"},
}

// countedTwice reports whether Spark counted twice what it did to the state: for ORDER BY over several partitions it runs all steps below a
// first time, to find the bounds of the partitions. Each counter must be exactly twice ours.
func countedTwice(f *finding) bool {
	if f.kind != counts || f.Mode != "complete" || f.Conf[partitions] == "1" || !slices.ContainsFunc(f.Steps, step.sorts) {
		return false
	}
	for _, want := range f.theirs.Progress {
		i := slices.IndexFunc(f.ours.Progress, func(p progress) bool { return p.ID == want.ID })
		if i < 0 || want.EventTime != f.ours.Progress[i].EventTime {
			return false
		}
		if !slices.EqualFunc(f.ours.Progress[i].State, want.State, func(got, want stateProgress) bool {
			return want == stateProgress{got.Name, 2 * got.Total, 2 * got.Updated, 2 * got.Removed, 2 * got.Late}
		}) {
			return false
		}
	}
	return true
}

// sorts reports whether a step sorts its rows.
func (s step) sorts() bool { return s.kind == "orderBy" || strings.Contains(s.after, " ORDER BY ") }

// sortedByMaps reports whether Spark failed in foreachBatch only: the frame that it hands over says how its rows are sorted, which no query
// may by a map. Groups with such a key are sorted if a buffer, such as that of max over strings, cannot be changed in place.
func sortedByMaps(f *finding) bool {
	e := f.theirs.Error
	return f.kind == accepts && e.Condition == "DATATYPE_MISMATCH.INVALID_ORDERING_TYPE" && strings.Contains(e.Message, "\n'LogicalRDD [")
}

// unknown counts the findings with a known reason, and returns the others.
func (f *fuzzer) unknown(list []*finding) []*finding {
	return slices.DeleteFunc(list, func(x *finding) bool {
		for _, k := range known {
			if k.is(x) {
				f.known[k.reason]++
				return true
			}
		}
		return false
	})
}
