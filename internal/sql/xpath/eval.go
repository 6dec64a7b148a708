package xpath

import (
	"math"
	"slices"
)

// An expression is a node of a compiled expression.
type expression interface {
	kind() valueKind
	eval(c *focus) value
}

// A focus is the context of an evaluation: a node, its position among the nodes that a condition is applied to, and their
// number.
type focus struct {
	doc       *Document
	budget    Budget
	node      int32
	pos, size int
}

// at returns the focus of the whole document. As in Xalan, position() is -1 and last() is 0 there.
func at(d *Document, budget Budget) *focus { return &focus{doc: d, budget: budget, pos: -1} }

// A failure is the panic value that ends an evaluation with an error.
type failure struct{ err error }

func caught(err *error) {
	switch p := recover().(type) {
	case nil:
	case failure:
		*err = p.err
	default:
		panic(p)
	}
}

// Number evaluates to a number.
func (e *Expression) Number(d *Document, budget Budget) (f float64, err error) {
	defer caught(&err)
	c := at(d, budget)
	return c.num(e.root.eval(c)), nil
}

// Boolean evaluates to a boolean.
func (e *Expression) Boolean(d *Document, budget Budget) (b bool, err error) {
	defer caught(&err)
	c := at(d, budget)
	return c.bool(e.root.eval(c)), nil
}

// Text evaluates to text.
func (e *Expression) Text(d *Document, budget Budget) (s string, err error) {
	defer caught(&err)
	c := at(d, budget)
	return c.str(e.root.eval(c)), nil
}

// Nodes calls each with the values of the nodes in document order; ok is false for a node that has no value. It fails unless
// the expression yields nodes.
func (e *Expression) Nodes(d *Document, budget Budget, each func(value string, ok bool)) (err error) {
	defer caught(&err)
	if e.root.kind() != nodeSet {
		return errorNodes("the function xpath")
	}
	c := at(d, budget)
	for _, n := range e.root.eval(c).nodes {
		budget.Take(1)
		each(d.nodeValue(n))
	}
	return nil
}

type constant struct{ v value }

func (e *constant) kind() valueKind   { return e.v.kind }
func (e *constant) eval(*focus) value { return e.v }

// A group is an expression in parentheses. Xalan does not detect whether it depends on positions.
type group struct{ expression }

type negation struct{ operand expression }

func (e *negation) kind() valueKind     { return number }
func (e *negation) eval(c *focus) value { return numeral(-c.num(e.operand.eval(c))) }

type binary struct {
	op          string
	left, right expression
}

func (e *binary) kind() valueKind {
	switch e.op {
	case "+", "-", "*", "div", "mod":
		return number
	}
	return boolean
}

func (e *binary) eval(c *focus) value {
	left := e.left.eval(c)
	switch e.op {
	case "or":
		return truth(c.bool(left) || c.bool(e.right.eval(c)))
	case "and":
		return truth(c.bool(left) && c.bool(e.right.eval(c)))
	}
	right := e.right.eval(c)
	if e.kind() == boolean {
		return truth(c.compare(e.op, left, right))
	}
	return numeral(calculate(e.op, c.num(left), c.num(right)))
}

func calculate(op string, a, b float64) float64 {
	switch op {
	case "+":
		return a + b
	case "-":
		return a - b
	case "*":
		return a * b
	case "div":
		return a / b
	}
	return math.Mod(a, b)
}

type union struct {
	operands []expression
	wide     bool // operands are those that widen has found
}

func (e *union) kind() valueKind { return nodeSet }

func (e *union) eval(c *focus) value {
	var all []int32
	for _, operand := range e.operands {
		v := operand.eval(c)
		if v.kind != nodeSet {
			panic(failure{errorNodes("|")})
		}
		all = append(all, v.nodes...)
	}
	slices.Sort(all)
	return set(slices.Compact(all)...)
}

type path struct {
	from     expression // nil: the context node or, if absolute, the root
	absolute bool
	filters  []expression // predicates applied to from
	steps    []step
}

func (e *path) kind() valueKind { return nodeSet }

func (e *path) eval(c *focus) value {
	var nodes []int32
	switch {
	case e.from != nil:
		nodes = c.filtered(e.from.eval(c).nodes, e.filters)
	case e.absolute:
		nodes = []int32{0}
	default:
		nodes = []int32{c.node}
	}
	for i := range e.steps {
		nodes = c.step(&e.steps[i], nodes)
	}
	return set(nodes...)
}

// filtered returns the nodes for which the conditions hold. nodes are in axis order; the slice is not modified.
func (c *focus) filtered(nodes []int32, conditions []expression) []int32 {
	for _, condition := range conditions {
		inner := focus{doc: c.doc, budget: c.budget, size: len(nodes)}
		matching := make([]int32, 0, min(len(nodes), 16))
		for i, n := range nodes {
			c.budget.Take(1)
			inner.node, inner.pos = n, i+1
			if inner.holds(condition) {
				matching = append(matching, n)
			}
		}
		nodes = matching
	}
	return nodes
}

// holds evaluates a condition. The integral part of a number is compared with the position.
func (c *focus) holds(condition expression) bool {
	v := condition.eval(c)
	if v.kind == number {
		return math.Trunc(v.num) == float64(c.pos)
	}
	return c.bool(v)
}

// step maps nodes, in document order, to those that a step leads to, also in document order.
func (c *focus) step(s *step, from []int32) []int32 {
	if len(from) == 1 {
		nodes := c.filtered(c.candidates(s, from[0], nil), s.predicates)
		if s.axis.reverse() {
			slices.Reverse(nodes)
		}
		return nodes
	}
	var all, some []int32
	seen := make([]uint64, len(c.doc.nodes)/64+1)
	for _, n := range from {
		some = c.candidates(s, n, some[:0])
		for _, found := range c.filtered(some, s.predicates) {
			if word, bit := found/64, uint64(1)<<(found%64); seen[word]&bit == 0 {
				seen[word] |= bit
				all = append(all, found)
			}
		}
	}
	slices.Sort(all)
	return all
}
