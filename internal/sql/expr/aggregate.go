package expr

import (
	"strings"

	"github.com/streamctl/streamctl/internal/types"
	"github.com/streamctl/streamctl/internal/vector"
)

// An Aggregator keeps the state of one aggregate call for many groups, numbered from 0, in slices. Groups start empty. It
// belongs to one goroutine and does not retain the vectors passed to it.
//
// Aggregation has Spark's phases: an Aggregator is updated with the rows of a batch and its state is saved; another one
// merges saved states and finishes. Merging into an empty group is a separate step, which can change the last digit of a
// double. To get Spark's digits, merge exactly as often as Spark does: never if all rows are in one partition of a batch
// query. A streaming query merges the partial state of a batch into an empty one, then the old state and this one, in this
// order, into an empty one, and the state that is stored into an empty one, which is finished.
//
// The saved state consists of the buffer columns of Spark's function, so that Spark can continue from it and vice versa.
type Aggregator interface {
	// Grow makes room for n groups.
	Grow(n int)
	// Update adds rows to their groups: the rows of sel (nil: all n), row i to groups[i]. args are flat or constant vectors,
	// without NULLs in the given rows unless the operands of the function are NullsSeen.
	Update(n int, sel vector.Selection, groups []int32, args []*vector.Vector) error
	// Bytes returns how much memory the state takes, without scratch memory for a batch. It takes constant time.
	Bytes() int
	// State returns the columns that Save writes and Merge reads. Their names and types are Spark's (aggBufferAttributes).
	State() []types.Field
	// Save writes the states of the groups from from to to-1, one row per group, to vectors of the caller that have been Reset
	// to that many rows.
	Save(from, to int, state []*vector.Vector)
	// Merge adds row i of a saved state to groups[i]. The error says that the state is damaged, or is one of the function.
	Merge(groups []int32, state []*vector.Vector) error
	// Finish writes the results of the groups from from to to-1, one row per group, to a vector that has been Reset to that
	// many rows. The state remains.
	Finish(from, to int, out *vector.Vector) error
	// Reset forgets all groups, and keeps the memory for others.
	Reset()
}

// Associative is implemented by aggregators whose states can be merged in any nesting, as long as the order of the rows is the same: their results do not
// tell how many states there were. Sums of doubles are not associative, nor are sums that stay NULL after an overflow.
type Associative interface {
	Associative() bool
}

// An Aggregation describes what an aggregate call has in addition to the arguments of its function. The expressions follow
// those arguments in Args: the keys of WITHIN GROUP (ORDER BY …), then the condition of FILTER (WHERE …).
type Aggregation struct {
	Distinct bool
	Filter   bool
	Order    []Sorting
}

// A Sorting is the direction of a sort key.
type Sorting struct{ Desc, NullsLast bool }

// String returns the direction in SQL, such as DESC NULLS LAST.
func (s Sorting) String() string {
	text := "ASC NULLS "
	if s.Desc {
		text = "DESC NULLS "
	}
	if s.NullsLast {
		return text + "LAST"
	}
	return text + "FIRST"
}

// Ordering says whether an aggregate function accepts WITHIN GROUP (ORDER BY …).
type Ordering uint8

// The values of Ordering.
const (
	Unordered Ordering = iota
	MayBeOrdered
	MustBeOrdered
)

// Parts splits the operands of an aggregate call into the arguments of the function, the sort keys, and the condition or nil.
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

// IsAggregate reports whether e calls an aggregate function.
func (e *Expr) IsAggregate() bool { return e.Kind == Call && e.Fn.Aggregate }

// aggregateSQL prints f(DISTINCT args) FILTER (WHERE condition). Functions that support an order print it themselves.
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
