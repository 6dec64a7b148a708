package main

import (
	"regexp"
	"slices"
)

// A knownDifference is one that stays, with the reason. docs/spark-differences.md tells users about those they can meet.
type knownDifference struct {
	expr   *regexp.Regexp // of the whole expression
	kinds  []string       // nil: any
	reason string
}

// known is short on purpose: what is a rule of Spark gets built instead.
var known = []knownDifference{
	{regexp.MustCompile(`\b(cbrt|tanh)\(`), []string{valued}, "the last digits of cbrt and tanh are others in newer Java; the corpus has those of Java 17"},
	{regexp.MustCompile(`\bcurrent_path\(`), []string{rejects}, "current_path takes a column that it does not look at"},
	{regexp.MustCompile(`\| \w+\(.*->`), []string{accepts, names}, "Spark's parser does not read a lambda behind |"},
}

// reasonOf is why a finding stays, "" when it should not.
func reasonOf(f *finding) string {
	for _, k := range known {
		if k.expr.MatchString(f.tree.sql()) && (k.kinds == nil || slices.Contains(k.kinds, f.kind)) {
			return k.reason
		}
	}
	return ""
}

// setKnownAside counts the findings that are known, and gives the others.
func (r *runner) setKnownAside(list []*finding) []*finding {
	r.known = map[string]int{}
	return slices.DeleteFunc(list, func(f *finding) bool {
		reason := reasonOf(f)
		if reason != "" {
			r.known[reason] += f.times
		}
		return reason != ""
	})
}
