package expr

import (
	"github.com/streamctl/streamctl/internal/datetime"
	"github.com/streamctl/streamctl/internal/halt"
	"github.com/streamctl/streamctl/internal/vector"
)

// A Param is a parameter that a call may name. (Spark: InputParameter.)
type Param struct {
	Name    string
	Default *Expr // nil: the argument is required
}

// A Function is an entry of the function table (package function), which holds operators, conditionals and functions alike.
type Function struct {
	Name    string   // canonical: lower case, operators as written ("+", "and")
	Aliases []string // other names with the same meaning; calls print the name used
	Group   string   // Spark's group: "string_funcs"
	Usage   string   // "concat(col1, col2, ..., colN)"
	Doc     string   // one sentence
	Example string   // a call of literals
	Result  string   // result of the example as `show` prints it; checked by a test

	MinArgs, MaxArgs int     // MaxArgs -1: any number
	ArgCounts        []int   // the allowed counts, if not a plain range (Spark prints them: [2, 3])
	Params           []Param // for functions that accept named arguments; nil for most

	// Resolve checks the argument types of a call whose Args are resolved, inserts implicit casts and defaults (by replacing
	// call.Args) and sets Type and Nullable. The error is a *sparkerr.Error; the analyzer adds the position.
	Resolve func(call *Expr) error
	// Nullability fails if Spark cannot determine whether a resolved call may be NULL, because evaluating a constant that
	// decides it fails. nil for most functions.
	Nullability func(call *Expr) error
	// Replace returns the expression that implements a call (nvl → coalesce); nil for most functions. It runs after Resolve
	// and before optimisation, so names are those of the call itself. (Spark: RuntimeReplaceable.)
	Replace func(call *Expr) *Expr
	// ReplaceLate is set if what implements a call in Spark names an operand in order to use it twice (nullif). Such calls are not constants
	// to the rules that run before these names are resolved; only then does Replace run, if there is one. (Spark: With.)
	ReplaceLate bool
	// Compile selects the kernel for the resolved types. It runs once per partition; the kernel may keep scratch memory.
	Compile func(call *Expr) (Kernel, error)
	// Accumulate returns the state of an aggregate call for the resolved types.
	Accumulate func(call *Expr) (Aggregator, error)
	// SQL prints an unaliased call given its printed arguments; nil: name(arg, arg). (Spark: prettyName, sql.)
	SQL func(call *Expr, args []string) string

	Operands         Operands
	Nondeterministic bool
	Generator        bool                  // explode and the like: many rows per row
	Query            bool                  // a query within an expression, which is Data: package transform turns it into a join
	Aggregate        bool                  // many rows yield one value: Accumulate instead of Compile
	Ordering         Ordering              // aggregates: whether WITHIN GROUP (ORDER BY …) may or must follow
	HigherOrder      bool                  // takes lambdas; Resolve binds them
	Foldable         func(call *Expr) bool // nil: foldable if all operands are
}

// Operands says how the operands of a call are evaluated. With the zero value they run from first to last, up to the first that is
// NULL, which makes the call NULL; the kernel gets only rows without NULL.
type Operands struct {
	Lazy   Lazy  // conditional forms: package eval itself decides which operands run on which rows
	Order  Order // which operand runs first
	Nulls  Nulls // what a NULL operand means for the call and for the other operands
	Strict int   // with NullsSeen: number of first operands of which none may be NULL; if one is, the call is NULL, and the others do not run
}

// Order says which operand of a call runs first; errors of operands that do not run do not occur.
type Order uint8

// The orders of evaluation.
const (
	FirstFirst   Order = iota
	LastFirst          // from last to first (Spark: division evaluates the divisor first)
	DivisorFirst       // like LastFirst; if the last operand is zero, the call is NULL, and the others do not run (Spark: DivModLike)
)

// Lazy names the conditional forms.
type Lazy uint8

// The conditional forms.
const (
	Strict       Lazy = iota
	LazyAnd           // and: Args[1] runs where Args[0] is not false
	LazyOr            // or: Args[1] runs where Args[0] is not true
	LazyIf            // if: Args[0] condition, Args[1], Args[2]
	LazyCase          // case: cond, value, cond, value, … [else]
	LazyCoalesce      // coalesce: the first operand that is not NULL
	LazyNanvl         // nanvl: Args[1] runs where Args[0] is NaN
	LazyIn            // in: operands of the list run until one matches
	LazyElt           // elt: the operand after Args[0] with that number
	LazyTry           // tryeval: Args[0], NULL on the rows where it fails
)

// Nulls says how a call treats NULL operands.
type Nulls uint8

// Treatments of NULL operands. Unless they are seen, a NULL operand makes the call NULL; evaluation stops at the first one, and
// errors of operands after it do not occur.
const (
	NullsPropagate Nulls = iota // the optimizer replaces a call with a NULL operand by NULL (Spark: NullIntolerant)
	NullsStop                   // the optimizer does not change such a call
	NullsInterpret              // like NullsStop, but a call of constants runs all operands, as Spark's interpreter does
	NullsEvaluate               // like NullsStop, but every call runs all operands
	NullsSeen                   // the kernel also gets the rows with NULL operands
)

// A Kernel computes one call for the rows in sel (nil: all n rows). args are flat or constant vectors that hold at least
// those rows. out belongs to the caller and has been Reset to the call's type with n rows; if every arg is constant, n is 1
// and out is a constant of 1 row. Unless the operands are NullsSeen, sel has no row with a NULL argument and out's NULLs are already
// set; the kernel may SetNull more. An error of a particular row is wrapped by AtRow.
type Kernel func(ctx *Context, n int, sel vector.Selection, args []*vector.Vector, out *vector.Vector) error

// A Context holds what an evaluation may depend on in addition to its arguments. It is fixed for one batch of one partition.
type Context struct {
	Zone      *datetime.Zone // session time zone
	BatchTime int64          // microseconds since the epoch, whole milliseconds: current_timestamp()
	Now       int64          // microseconds since the epoch: now()
	Partition int            // number in the batch of the partition: rows that one worker evaluates in order; seeds depend on it
	Task      int            // number of Spark's task that the partition belongs to
	Run       int            // changes whenever a partition begins, even if the same one is repeated
	BatchID   int64
	Batch     *vector.Batch // the batch being evaluated, for input_file_name() and _metadata
	Most      int           // limit in bytes for one result; 0: vector.MaxBytes
	Stop      *halt.Flag    // ends evaluation early; nil: never
	Held      *[]*Holding   // collects the memory that results hold, for Release; nil: they hold it for the life of the process
}

// A RowError is an error of one row of a batch.
type RowError struct {
	Row int
	Err error
}

// AtRow marks err as the error of row i.
func AtRow(i int, err error) error { return &RowError{Row: i, Err: err} }

func (e *RowError) Error() string { return e.Err.Error() }

// Unwrap returns the underlying error.
func (e *RowError) Unwrap() error { return e.Err }
