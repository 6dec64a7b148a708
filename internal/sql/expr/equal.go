package expr

import (
	"hash/maphash"
	"reflect"

	"github.com/streamctl/streamctl/internal/sql/kernel"
	"github.com/streamctl/streamctl/internal/types"
)

// Equal reports whether two expressions always give the same value: the same tree up to places in the text, aliases, and
// the order of operands where it does not matter. Nondeterministic calls are never equal. (Spark: semanticEquals.)
func Equal(a, b *Expr) bool {
	a, b = bare(a), bare(b)
	if a == b {
		return a.Deterministic()
	}
	if a.Kind != b.Kind || len(a.Args) != len(b.Args) || !a.Type.SameShape(b.Type) {
		return false
	}
	switch a.Kind {
	case Literal:
		return kernel.Compare(a.Value, 0, b.Value, 0) == 0
	case Column, LambdaVar:
		return a.ID == b.ID
	case Call:
		return equalCalls(a, b)
	case Cast:
		return a.Try == b.Try && Equal(a.Args[0], b.Args[0])
	case Field:
		return a.Index == b.Index && Equal(a.Args[0], b.Args[0])
	}
	return false // lambdas: their variables differ
}

// Hash is equal for expressions that are Equal.
func Hash(e *Expr) uint64 { return maphash.Comparable(seed, hashOf(e)) }

var seed = maphash.MakeSeed()

// A digest sums up one node; the operands are added up so that their order does not count.
type digest struct {
	kind  Kind
	typ   types.Kind
	name  string
	id    ID
	index int
	args  uint64
}

func hashOf(e *Expr) digest {
	e = bare(e)
	d := digest{kind: e.Kind, typ: e.Type.Kind, id: e.ID, index: e.Index}
	if e.Kind == Call {
		d.name, _ = turn(e.Fn.Name)
	}
	for _, a := range e.Args {
		d.args += Hash(a)
	}
	return d
}

func bare(e *Expr) *Expr {
	for e.Kind == Alias {
		e = e.Args[0]
	}
	return e
}

// turn names the operator with its operands swapped in the direction that is used for comparing.
func turn(name string) (string, bool) {
	switch name {
	case ">":
		return "<", true
	case ">=":
		return "<=", true
	}
	return name, false
}

var commutative = map[string]bool{"+": true, "*": true, "=": true, "<=>": true, "and": true, "or": true, "&": true, "|": true, "^": true}

func equalCalls(a, b *Expr) bool {
	nameA, turnedA := turn(a.Fn.Name)
	nameB, turnedB := turn(b.Fn.Name)
	if nameA != nameB || a.Fn.Nondeterministic || b.Fn.Nondeterministic || !equalData(a.Data, b.Data) || !reflect.DeepEqual(a.Aggregation, b.Aggregation) {
		return false
	}
	if turnedA != turnedB {
		return len(a.Args) == 2 && Equal(a.Args[0], b.Args[1]) && Equal(a.Args[1], b.Args[0])
	}
	if equalArgs(a.Args, b.Args) {
		return true
	}
	return commutative[nameA] && len(a.Args) == 2 && Equal(a.Args[0], b.Args[1]) && Equal(a.Args[1], b.Args[0])
}

func equalArgs(a, b []*Expr) bool {
	for i := range a {
		if !Equal(a[i], b[i]) {
			return false
		}
	}
	return true
}

// equalData compares what Resolve prepared; functions in it count as different.
func equalData(a, b any) bool { return a == nil && b == nil || reflect.DeepEqual(a, b) }
