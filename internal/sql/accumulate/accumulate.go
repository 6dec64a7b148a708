// Package accumulate holds the states of Spark's aggregate functions: what a group needs to know of its rows, how rows are added, how
// states are merged, saved and turned into results. The table of functions (package function) resolves calls, and its entries
// call the constructors here with the resolved types; package aggregate assigns rows to groups. The rules are those of Spark's
// aggregate expressions (org.apache.spark.sql.catalyst.expressions.aggregate), down to the order of floating-point operations.
//
// Every constructor returns a new expr.Aggregator, which belongs to one goroutine. Overflow and similar errors are passed in by the
// function table as functions, where nil means that the result is NULL.
package accumulate

import (
	"slices"
	"unsafe"
)

// grown extends a slice to length n; new elements are zero.
func grown[T any](s []T, n int) []T {
	if n <= len(s) {
		return s
	}
	s = slices.Grow(s, n-len(s))
	old := len(s)
	s = s[:n]
	clear(s[old:])
	return s
}

// capacity returns the memory of a slice in bytes.
func capacity[T any](s []T) int { return cap(s) * int(unsafe.Sizeof(*new(T))) }
