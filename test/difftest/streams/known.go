package main

import (
	"math"
	"regexp"
	"slices"
	"strconv"
	"strings"
)

// A knownDifference is a difference that remains, with the reason. docs/spark-differences.md lists those that users may meet.
type knownDifference struct {
	is     func(*finding) bool
	reason string
}

// known is deliberately short: rules of Spark should be implemented instead.
var known = []knownDifference{
	{lastDigits, "the last digits of statistics over several batches"},
}

// statistics are the functions whose sums are rounded at each step.
var statistics = regexp.MustCompile(`\b(corr|covar|regr|stddev|var|variance|skewness|kurtosis)(_\w+)?\(`)

// lastDigits reports whether a job with statistics differs only in floating-point numbers, by less than 1e-9 of their value.
func lastDigits(f *finding) bool {
	if f.kind != rows || !slices.ContainsFunc(f.Steps, func(s step) bool { return statistics.MatchString(strings.Join(s.aggs, " ")) }) {
		return false
	}
	for i, want := range f.theirs.Batches {
		got, want := sorted(f.ours.Batches[i].table), sorted(want.table)
		if len(got) != len(want) || !slices.EqualFunc(got, want, near) {
			return false
		}
	}
	return true
}

var number = regexp.MustCompile(`-?\d+\.\d+(E-?\d+)?`)

// near reports whether two lines of tables only differ in the last digits of numbers, and in what these do to the width of columns.
func near(a, b string) bool {
	shape := func(s string) string {
		return strings.NewReplacer(" ", "", "-", "").Replace(number.ReplaceAllString(s, "#"))
	}
	x, y := number.FindAllString(a, -1), number.FindAllString(b, -1)
	return shape(a) == shape(b) && slices.EqualFunc(x, y, func(a, b string) bool {
		x, _ := strconv.ParseFloat(a, 64)
		y, _ := strconv.ParseFloat(b, 64)
		return math.Abs(x-y) <= 1e-9*math.Max(math.Abs(x), math.Abs(y))
	})
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
