package main

import (
	"regexp"
	"slices"
)

// A knownDifference is a difference that remains, with the reason. docs/spark-differences.md lists those that
// users may meet.
type knownDifference struct {
	expr   *regexp.Regexp // matches the whole expression
	kinds  []string       // nil means any
	reason string
}

// known is deliberately short: rules of Spark should be implemented instead.
var known = []knownDifference{
	{regexp.MustCompile(`\b(cbrt|tanh)\(`), []string{valued}, "the last digits of cbrt and tanh differ in newer Java; the corpus has those of Java 17"},
	{regexp.MustCompile(`\bcurrent_path\(`), []string{rejects}, "Spark's current_path accepts a column and ignores it"},
	{regexp.MustCompile(`\| \w+\(.*->`), []string{accepts, names}, "Spark's parser refuses a lambda after |"},
}

// reasonOf returns why a finding remains, or "" if it should be fixed.
func reasonOf(f *finding) string {
	for _, k := range known {
		if k.expr.MatchString(f.tree.sql()) && (k.kinds == nil || slices.Contains(k.kinds, f.kind)) {
			return k.reason
		}
	}
	return ""
}

// setKnownAside counts the known findings and returns the others.
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
