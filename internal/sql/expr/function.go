package expr

import (
	"github.com/streamctl/streamctl/internal/datetime"
	"github.com/streamctl/streamctl/internal/vector"
)

// A Param is a parameter that may be named in a call. (Spark: InputParameter.)
type Param struct {
	Name    string
	Default *Expr // nil: the argument is required
}

// A Function is an entry of the one function table (package function): operators, conditionals and functions alike.
type Function struct {
	Name    string   // canonical: lower case, operators as written ("+", "and")
	Aliases []string // other names that mean the same and print as themselves
	Group   string   // Spark's group: "string_funcs"
	Usage   string   // "concat(col1, col2, ..., colN)"
	Doc     string   // one sentence
	Example string   // a call of literals
	Result  string   // what the example gives, as `show` prints it; a test runs it

	MinArgs, MaxArgs int     // MaxArgs -1: any number
	ArgCounts        []int   // when not a plain range: the allowed counts (Spark prints them: [2, 3])
	Params           []Param // of a function whose arguments may have names; nil for most

	// Resolve checks the argument types of a call whose Args are resolved, inserts implicit casts and defaults (by
	// replacing call.Args) and sets Type and Nullable. The error is a *sparkerr.Error; the analyzer adds the place.
	Resolve func(call *Expr) error
	// Nullability fails when Spark cannot tell whether a resolved call may be NULL, because a constant that decides fails. nil
	// for most.
	Nullability func(call *Expr) error
	// Replace gives the expression that a call stands for (nvl → coalesce); nil for most. It runs after Resolve, before
	// optimisation, so names are those of the call itself. (Spark: RuntimeReplaceable.)
	Replace func(call *Expr) *Expr
	// ReplaceLate is Replace for what names an operand to use it twice (nullif): that is no constant to rules which run before
	// such names are gone. (Spark: With.)
	ReplaceLate bool
	// Compile picks the kernel for the resolved types. It runs once per partition; the kernel may keep scratch memory.
	Compile func(call *Expr) (Kernel, error)
	// Accumulate makes the state of an aggregate call for the resolved types.
	Accumulate func(call *Expr) (Aggregator, error)
	// SQL prints an unaliased call given its printed arguments; nil: name(arg, arg). (Spark: prettyName, sql.)
	SQL func(call *Expr, args []string) string

	Lazy             Lazy // evaluated by package eval itself: operands run only on the rows that reach them
	LastFirst        bool // operands run from last to first (Spark: division looks at the divisor first)
	ZeroIsNull       bool // with LastFirst: where the last operand is zero the call is NULL, and the others do not run (Spark: DivModLike)
	SeesNulls        bool // the kernel gets rows with NULL arguments too; else they are NULL without a call
	StrictArgs       int  // with SeesNulls: so many first operands must not be NULL; else the call is, and the others do not run
	Nulls            Nulls
	Nondeterministic bool
	Generator        bool                  // explode and the like: many rows per row
	Aggregate        bool                  // many rows give one value: Accumulate instead of Compile
	Ordering         Ordering              // aggregates: whether WITHIN GROUP (ORDER BY …) may or must follow
	HigherOrder      bool                  // takes lambdas; Resolve binds them
	Foldable         func(call *Expr) bool // nil: foldable when all operands are
}

// Lazy names the conditional forms.
type Lazy uint8

// The conditional forms.
const (
	Strict       Lazy = iota
	LazyAnd           // and: Args[1] runs where Args[0] is not false
	LazyOr            // or: Args[1] runs where Args[0] is not true
	LazyIf            // if: Args[0] condition, Args[1], Args[2]
	LazyCase          // case: cond, value, cond, value, … [else]
	LazyCoalesce      // coalesce: the first that is not NULL
	LazyNanvl         // nanvl: Args[1] runs where Args[0] is no number
	LazyIn            // in: operands of the list run until one matches
	LazyElt           // elt: of the operands behind Args[0] the one with that number
	LazyTry           // tryeval: Args[0], NULL on the rows where it fails
)

// Nulls says what becomes of the other operands of a strict call when one is NULL.
type Nulls uint8

// The treatments of NULL operands. Evaluation stops at the first NULL; errors of operands after it are not seen.
const (
	NullsPropagate Nulls = iota // the optimizer makes NULL of a call with a NULL operand (Spark: NullIntolerant)
	NullsStop                   // the optimizer leaves such a call alone
	NullsInterpret              // so it does, and a call of constants runs all operands, as Spark's interpreter does
	NullsEvaluate               // so it does, and every call runs all operands
)

// A Kernel computes one call for the rows in sel (nil: all n rows). args are flat or constant vectors that hold at least
// those rows; out is Reset to the call's type with n rows (or is a constant of 1 row when every arg is constant: then n is 1). It is owned by
// the caller. Unless SeesNulls, sel has no row with a NULL argument and out's NULLs are already set; the kernel may SetNull more.
// An error that belongs to a row is wrapped by AtRow.
type Kernel func(ctx *Context, n int, sel vector.Selection, args []*vector.Vector, out *vector.Vector) error

// A Context is what an evaluation may depend on beside its arguments: fixed for one batch of one partition.
type Context struct {
	Zone      *datetime.Zone // session time zone
	BatchTime int64          // microseconds since the epoch, whole milliseconds: current_timestamp()
	Now       int64          // microseconds since the epoch: now()
	Partition int            // Spark's task
	Piece     int            // what of the batch is evaluated in a row: seeds differ by it
	Run       int            // differs whenever a piece begins, also the same one again
	BatchID   int64
	Batch     *vector.Batch // the batch being evaluated, for input_file_name() and _metadata
	Most      int           // bytes that one result may take; 0: vector.MaxBytes
	Stop      *Stop         // ends evaluation early; nil: never
	Held      *[]*Holding   // collects what results hold, for Release; nil: they hold it as long as the process lives
}

// A RowError is an error of one row of a batch.
type RowError struct {
	Row int
	Err error
}

// AtRow marks err as belonging to row i.
func AtRow(i int, err error) error { return &RowError{Row: i, Err: err} }

func (e *RowError) Error() string { return e.Err.Error() }

// Unwrap returns the error itself.
func (e *RowError) Unwrap() error { return e.Err }
