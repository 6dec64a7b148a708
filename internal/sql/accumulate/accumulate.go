// Package accumulate holds the states of Spark's aggregate functions: what a group needs to know of its rows, how rows are added, how
// states are merged, saved and turned into results. The table of functions (package function) resolves calls, and its entries
// call the constructors here with the resolved types; package aggregate assigns rows to groups. The rules are those of Spark's
// aggregate expressions (org.apache.spark.sql.catalyst.expressions.aggregate), down to the order of floating-point operations.
//
// The saved states have the columns of the aggregation buffers of these expressions, as a state store of Spark has them.
//
// Every constructor returns a new expr.Aggregator, which belongs to one goroutine. Overflow and similar errors are passed in by the
// function table as functions, where nil means that the result is NULL.
package accumulate

import (
	"slices"
	"unsafe"

	"github.com/streamctl/streamctl/internal/sparkerr"
	"github.com/streamctl/streamctl/internal/types"
)

// field returns a column of a state.
func field(name string, t *types.Type) types.Field {
	return types.Field{Name: name, Type: t, Nullable: true}
}

// fields returns columns of a state that have the same type.
func fields(t *types.Type, names ...string) []types.Field {
	out := make([]types.Field, len(names))
	for i, name := range names {
		out[i] = field(name, t)
	}
	return out
}

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

// damaged returns the error of a saved state that a function cannot have written.
func damaged(reason error) error {
	return sparkerr.Plain("the saved state of an aggregate function is damaged: %s", reason)
}
