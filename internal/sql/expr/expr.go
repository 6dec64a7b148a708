// Package expr defines the typed tree of Spark SQL expressions: names are resolved to column ids, types are known, implicit
// casts are explicit nodes. Trees are immutable after analysis; rewrites create new nodes and share unchanged ones.
package expr

import (
	"sync/atomic"
	"unsafe"

	"github.com/streamctl/streamctl/internal/sparkerr"
	"github.com/streamctl/streamctl/internal/sql/ast"
	"github.com/streamctl/streamctl/internal/types"
	"github.com/streamctl/streamctl/internal/vector"
)

// A Kind is the kind of an Expr.
type Kind uint8

// The kinds of nodes.
const (
	Literal   Kind = iota // Value
	Column                // ID, Name: a column of the input
	Call                  // Fn, Args
	Cast                  // Args[0] to Type; Try, Implicit
	Alias                 // Args[0], Name, ID of the new column
	Lambda                // Args[0] is the body, Params the variables; both are unset before Bind, and Data is a *Binder
	LambdaVar             // ID, Name: a parameter of an enclosing lambda
	Field                 // Args[0] is a struct, Index the field, Name its name
)

// An Expr is a node. Treat it as immutable once analysis has returned it.
type Expr struct {
	Kind     Kind
	Type     *types.Type
	Nullable bool
	Args     []*Expr
	Fn       *Function      // Call
	Data     any            // Call: what Fn.Resolve prepared for Fn.Compile and Fn.Name (an interval unit, a parsed schema)
	Value    *vector.Vector // Literal: a constant vector
	ID       ID             // Column, Alias, LambdaVar
	Name     string         // Column, Alias, LambdaVar, Field; Call: the alias used in the text; Literal: its text if not the default
	Index    int            // Field
	Params   []*Expr        // Lambda: its variables
	// Aggregation holds the additional parts of an aggregate call; nil if there are none.
	Aggregation *Aggregation
	Try         bool     // Cast: TRY_CAST
	Implicit    bool     // Cast: inserted by analysis; not shown in names
	Span        ast.Span // in Origin.Text
	Origin      *Origin  // nil for nodes created by rewrites

	facts unsafe.Pointer // *facts; see known
}

// An ID identifies a column through all steps of a plan, whatever its name (Spark: exprId).
type ID int64

var lastID atomic.Int64

// NewID returns a new, unique ID.
func NewID() ID { return ID(lastID.Add(1)) }

// An Origin is the SQL text an expression comes from, and the position of that text in the user's input.
type Origin struct {
	Text  string
	Place *sparkerr.Place
}

// Fragment returns the error context of e, the text it was written as, or nil if there is none.
func (e *Expr) Fragment() *sparkerr.Fragment {
	if e.Origin == nil {
		return nil
	}
	return &sparkerr.Fragment{Text: e.Origin.Text, Start: e.Span.Start, End: e.Span.End, Place: e.Origin.Place}
}

// Lit returns a literal with the value of a constant vector, which it retains.
func Lit(v *vector.Vector) *Expr {
	return &Expr{Kind: Literal, Type: v.Type, Nullable: v.IsNull(0), Value: v}
}

// Null returns a NULL literal.
func Null(t *types.Type) *Expr { return Lit(vector.NewNull(t)) }

// Bool returns a boolean literal.
func Bool(b bool) *Expr {
	v := vector.NewConst(types.Boolean)
	v.Bool[0] = b
	return Lit(v)
}

// Int returns an INT literal.
func Int(i int32) *Expr {
	v := vector.NewConst(types.Int)
	v.I32[0] = i
	return Lit(v)
}

// Str returns a STRING literal.
func Str(s string) *Expr {
	v := vector.NewConst(types.String)
	v.SetString(0, s)
	return Lit(v)
}

// IsNullLit reports whether e is a NULL literal of any type.
func (e *Expr) IsNullLit() bool { return e.Kind == Literal && e.Value.IsNull(0) }

// Is reports whether e calls the function with the given canonical name.
func (e *Expr) Is(name string) bool { return e.Kind == Call && e.Fn.Name == name }

// WithArgs returns e with other operands, or e itself if the pointers are the same.
func (e *Expr) WithArgs(args []*Expr) *Expr {
	same := len(args) == len(e.Args)
	for i := 0; same && i < len(args); i++ {
		same = args[i] == e.Args[i]
	}
	if same {
		return e
	}
	c := *e
	c.Args = args
	return &c
}

// fewNodes is the number of nodes that a walk visits before it starts to track shared nodes.
const fewNodes = 256

// Transform rewrites a tree bottom-up: f sees each node after its operands were rewritten. In a large tree, f sees a node
// that branches share only once, and the branches share the result.
func Transform(e *Expr, f func(*Expr) *Expr) *Expr {
	t := transformation{f: f}
	return t.apply(e)
}

type transformation struct {
	f       func(*Expr) *Expr
	visited int
	done    map[*Expr]*Expr
}

func (t *transformation) apply(e *Expr) *Expr {
	if len(e.Args) == 0 {
		return t.f(e)
	}
	if r, ok := t.done[e]; ok {
		return r
	}
	args := make([]*Expr, len(e.Args))
	for i, a := range e.Args {
		args[i] = t.apply(a)
	}
	r := t.f(e.WithArgs(args))
	if t.visited++; t.visited > fewNodes {
		if t.done == nil {
			t.done = map[*Expr]*Expr{}
		}
		t.done[e] = r
	}
	return r
}

// Walk visits e and its operands, parents first, and does not descend below a node for which f returns false. In a large
// tree, nodes that branches share are visited twice but not more often, so that f can distinguish one occurrence from
// several.
func Walk(e *Expr, f func(*Expr) bool) {
	w := walk{f: f}
	w.visit(e)
}

type walk struct {
	f       func(*Expr) bool
	visited int
	times   map[*Expr]int
}

func (w *walk) visit(e *Expr) {
	if w.visited++; w.visited > fewNodes && len(e.Args) > 0 {
		if w.times == nil {
			w.times = map[*Expr]int{}
		}
		if w.times[e]++; w.times[e] > 2 {
			return
		}
	}
	if !w.f(e) {
		return
	}
	for _, a := range e.Args {
		w.visit(a)
	}
}

// Deterministic reports whether e has the same value for the same row within a batch.
func (e *Expr) Deterministic() bool { return e.known().deterministic }

// Foldable reports whether e is a constant whose value does not depend on the batch.
func (e *Expr) Foldable() bool { return e.known().foldable }

// Constant reports whether e can be evaluated without a row: it has no column, no free lambda variable, and is deterministic.
func (e *Expr) Constant() bool { return e.known().constant }
