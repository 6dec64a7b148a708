package expr

import (
	"strings"

	"github.com/streamctl/streamctl/internal/types"
	"github.com/streamctl/streamctl/internal/vector"
)

// An Aggregator keeps the state of one aggregate call for many groups, numbered from 0, in slices. Groups start empty. It
// belongs to one goroutine and keeps nothing of the vectors that it is given.
//
// Aggregation has Spark's phases: an Aggregator is updated with the rows of a batch, its state is saved, another one merges
// saved states and finishes. Merging into an empty group is a step of its own, which can move the last digit of a double, so
// whoever wants Spark's digits merges as often as Spark does: never where all rows are in one partition of a batch query.
type Aggregator interface {
	// Grow makes room for n groups.
	Grow(n int)
	// Update adds rows to their groups: those of sel (nil: all n), row i to groups[i]. args are flat or constant vectors, without
	// NULLs in the given rows unless the function sees NULLs.
	Update(n int, sel vector.Selection, groups []int32, args []*vector.Vector) error
	// State lists the types of the columns that Save makes and Merge takes.
	State() []*types.Type
	// Save writes the state, a row per group, to vectors of the caller's that are Reset to as many rows.
	Save(state []*vector.Vector)
	// Merge adds row i of a saved state to groups[i].
	Merge(groups []int32, state []*vector.Vector) error
	// Finish writes the results, a row per group, to a vector that is Reset to as many rows. The state stays.
	Finish(out *vector.Vector) error
}

// An Aggregation is what an aggregate call has beside the arguments of its function. Its expressions stand in Args behind
// those: the keys of WITHIN GROUP (ORDER BY …), then the condition of FILTER (WHERE …).
type Aggregation struct {
	Distinct bool
	Filter   bool
	Order    []Sorting
}

// A Sorting is the direction of a sort key.
type Sorting struct{ Desc, NullsLast bool }

// Ordering says whether an aggregate function takes WITHIN GROUP (ORDER BY …).
type Ordering uint8

// The values of Ordering.
const (
	Unordered Ordering = iota
	MayBeOrdered
	MustBeOrdered
)

// Parts splits the operands of an aggregate call: the arguments of the function, the sort keys, and the condition or nil.
func (e *Expr) Parts() (args, order []*Expr, filter *Expr) {
	args = e.Args
	if e.Aggregation == nil {
		return args, nil, nil
	}
	if e.Aggregation.Filter {
		filter, args = args[len(args)-1], args[:len(args)-1]
	}
	n := len(args) - len(e.Aggregation.Order)
	return args[:n], args[n:], filter
}

// IsAggregate reports a call of an aggregate function.
func (e *Expr) IsAggregate() bool { return e.Kind == Call && e.Fn.Aggregate }

// aggregateSQL prints f(DISTINCT args) FILTER (WHERE condition). Functions that take an order print it themselves.
func (e *Expr) aggregateSQL() string {
	args, _, filter := e.Parts()
	texts := make([]string, len(args))
	for i, a := range args {
		texts[i] = a.SQL()
	}
	text := e.CallName() + "(" + strings.Join(texts, ", ") + ")"
	if e.Fn.SQL != nil {
		text = e.Fn.SQL(e, texts)
	}
	if e.Aggregation == nil {
		return text
	}
	if e.Aggregation.Distinct {
		text = strings.Replace(text, "(", "(DISTINCT ", 1)
	}
	if filter != nil {
		text += " FILTER (WHERE " + filter.SQL() + ")"
	}
	return text
}
