package expr

import (
	"reflect"

	"github.com/streamctl/streamctl/internal/sql/kernel"
)

// Equal reports whether two expressions always have the same value: the trees are equal except for positions in the text,
// aliases, and the order of operands where it does not matter. Nondeterministic calls are never equal. (Spark:
// semanticEquals.)
func Equal(a, b *Expr) bool {
	var c comparison
	return c.equal(a, b)
}

// A comparison remembers equal pairs once there are many comparisons. Otherwise nodes that branches share would be compared
// exponentially often.
type comparison struct {
	compared int
	equals   map[[2]*Expr]bool
}

func (c *comparison) equal(a, b *Expr) bool {
	a, b = bare(a), bare(b)
	if a == b {
		return a.Deterministic()
	}
	if a.Kind != b.Kind || len(a.Args) != len(b.Args) || Hash(a) != Hash(b) || !a.Type.SameShape(b.Type) {
		return false
	}
	if len(a.Args) == 0 {
		return c.equalNodes(a, b)
	}
	pair := [2]*Expr{a, b}
	if c.equals[pair] {
		return true
	}
	equal := c.equalNodes(a, b)
	if c.compared++; equal && c.compared > fewNodes {
		if c.equals == nil {
			c.equals = map[[2]*Expr]bool{}
		}
		c.equals[pair] = true
	}
	return equal
}

func (c *comparison) equalNodes(a, b *Expr) bool {
	switch a.Kind {
	case Literal:
		return kernel.Compare(a.Value, 0, b.Value, 0) == 0
	case Column, LambdaVar:
		return a.ID == b.ID
	case Call:
		return c.equalCalls(a, b)
	case Cast:
		return a.Try == b.Try && c.equal(a.Args[0], b.Args[0])
	case Field:
		return a.Index == b.Index && c.equal(a.Args[0], b.Args[0])
	}
	return false // lambdas: their variables differ
}

// Hash returns the same value for expressions that are Equal.
func Hash(e *Expr) uint64 { return e.known().hash }

func bare(e *Expr) *Expr {
	for e.Kind == Alias {
		e = e.Args[0]
	}
	return e
}

// turn returns the operator with its operands swapped, in the direction used for comparing.
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

func (c *comparison) equalCalls(a, b *Expr) bool {
	nameA, turnedA := turn(a.Fn.Name)
	nameB, turnedB := turn(b.Fn.Name)
	if nameA != nameB || a.Fn.Nondeterministic || b.Fn.Nondeterministic || !equalData(a.Data, b.Data) || !reflect.DeepEqual(a.Aggregation, b.Aggregation) {
		return false
	}
	if turnedA != turnedB {
		return len(a.Args) == 2 && c.equal(a.Args[0], b.Args[1]) && c.equal(a.Args[1], b.Args[0])
	}
	if c.equalArgs(a.Args, b.Args) {
		return true
	}
	return commutative[nameA] && len(a.Args) == 2 && c.equal(a.Args[0], b.Args[1]) && c.equal(a.Args[1], b.Args[0])
}

func (c *comparison) equalArgs(a, b []*Expr) bool {
	for i := range a {
		if !c.equal(a[i], b[i]) {
			return false
		}
	}
	return true
}

// equalData compares what Resolve prepared; functions in it count as different.
func equalData(a, b any) bool { return a == nil && b == nil || reflect.DeepEqual(a, b) }
