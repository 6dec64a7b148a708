// Package transform turns the steps of a stream into a logical plan, optimises it by Spark's rules, and compiles it to
// operators over columns.
package transform

import (
	"fmt"
	"strings"

	"github.com/streamctl/streamctl/internal/sql/expr"
)

// A node of a logical plan, which is a tree whose leaves are sources. Nodes are immutable.
type node interface {
	// output lists the columns of the result, as expr.Column nodes.
	output() []*expr.Expr
	// inputs returns the nodes below, none for a leaf. The caller must not change the slice.
	inputs() []node
	// withInputs returns the node over other inputs, as many as inputs returns.
	withInputs(in []node) node
	// expressions lists what the node computes. The caller must not change the slice.
	expressions() []*expr.Expr
	// withExpressions returns the node with other expressions, as many as expressions returns and with the same columns as results.
	withExpressions(list []*expr.Expr) node
	// describe returns one line for explain.
	describe() string
}

type (
	// relation is the query's source with the given number; it yields exactly cols.
	relation struct {
		source int
		name   string
		static bool // the source is a table
		cols   []*expr.Expr
	}
	// empty yields no rows, in place of a table if static is true.
	empty struct {
		cols   []*expr.Expr
		static bool
		times  map[expr.ID]int64 // as eventTimes returns them
	}
	// project computes list: expr.Column and expr.Alias nodes.
	project struct {
		in   node
		list []*expr.Expr
	}
	// filter keeps the rows for which cond is true.
	filter struct {
		in   node
		cond *expr.Expr
	}
	// generate yields, for each input row, one row per result of gen, with its columns appended.
	generate struct {
		in   node
		gen  *expr.Expr
		cols []*expr.Expr
	}
	// repartition moves rows with equal keys to one of a number of tasks; 0 until the plan is optimised. (Spark: RepartitionByExpression.)
	repartition struct {
		in         node
		keys       []*expr.Expr
		partitions int
	}
)

func (r *relation) output() []*expr.Expr { return r.cols }
func (e *empty) output() []*expr.Expr    { return e.cols }
func (p *project) output() []*expr.Expr  { return columnsOf(p.list) }
func (f *filter) output() []*expr.Expr {
	in := f.in
	for g, ok := in.(*filter); ok; g, ok = in.(*filter) {
		in = g.in
	}
	return in.output()
}
func (g *generate) output() []*expr.Expr {
	in := g.in.output()
	return append(in[:len(in):len(in)], g.cols...)
}

func (r *repartition) output() []*expr.Expr { return r.in.output() }

func (r *relation) inputs() []node    { return nil }
func (e *empty) inputs() []node       { return nil }
func (p *project) inputs() []node     { return []node{p.in} }
func (f *filter) inputs() []node      { return []node{f.in} }
func (g *generate) inputs() []node    { return []node{g.in} }
func (r *repartition) inputs() []node { return []node{r.in} }

func (r *relation) withInputs([]node) node       { return r }
func (e *empty) withInputs([]node) node          { return e }
func (p *project) withInputs(in []node) node     { return &project{in[0], p.list} }
func (f *filter) withInputs(in []node) node      { return &filter{in[0], f.cond} }
func (g *generate) withInputs(in []node) node    { return &generate{in[0], g.gen, g.cols} }
func (r *repartition) withInputs(in []node) node { return &repartition{in[0], r.keys, r.partitions} }

func (r *relation) expressions() []*expr.Expr    { return nil }
func (e *empty) expressions() []*expr.Expr       { return nil }
func (p *project) expressions() []*expr.Expr     { return p.list }
func (f *filter) expressions() []*expr.Expr      { return []*expr.Expr{f.cond} }
func (g *generate) expressions() []*expr.Expr    { return []*expr.Expr{g.gen} }
func (r *repartition) expressions() []*expr.Expr { return r.keys }

func (r *relation) withExpressions([]*expr.Expr) node      { return r }
func (e *empty) withExpressions([]*expr.Expr) node         { return e }
func (p *project) withExpressions(list []*expr.Expr) node  { return &project{p.in, list} }
func (f *filter) withExpressions(list []*expr.Expr) node   { return &filter{f.in, list[0]} }
func (g *generate) withExpressions(list []*expr.Expr) node { return &generate{g.in, list[0], g.cols} }
func (r *repartition) withExpressions(keys []*expr.Expr) node {
	return &repartition{r.in, keys, r.partitions}
}

// below returns the input of a node that has exactly one; nil for all others.
func below(n node) node {
	if in := n.inputs(); len(in) == 1 {
		return in[0]
	}
	return nil
}

// walk calls visit for each node of a plan, a node before its inputs and these from left to right.
func walk(n node, visit func(node)) {
	visit(n)
	for _, in := range n.inputs() {
		walk(in, visit)
	}
}

// relations lists the leaves of a plan that read sources, from left to right.
func relations(root node) (list []*relation) {
	walk(root, func(n node) {
		if r, ok := n.(*relation); ok {
			list = append(list, r)
		}
	})
	return list
}

// oneRowSource is the number of the source that is one row without columns. (Spark: OneRowRelation.)
const oneRowSource = -1

// streams reports whether the rows of a node come from a stream.
func streams(n node) (found bool) {
	walk(n, func(n node) {
		switch n := n.(type) {
		case *relation:
			found = found || !n.static
		case *empty:
			found = found || !n.static
		}
	})
	return found
}

func (r *relation) describe() string {
	what := "StreamingRelation "
	switch {
	case r.source == oneRowSource:
		return r.name
	case r.static:
		what = "Relation "
	}
	return what + r.name + " [" + names(r.cols) + "]"
}
func (e *empty) describe() string   { return "Empty [" + names(e.cols) + "]" }
func (p *project) describe() string { return "Project [" + texts(p.list) + "]" }
func (f *filter) describe() string  { return "Filter " + f.cond.SQL() }
func (g *generate) describe() string {
	return "Generate " + g.gen.SQL() + " [" + names(g.cols) + "]"
}

func (r *repartition) describe() string {
	if r.partitions == 0 {
		return "RepartitionByExpression [" + sqlTexts(r.keys) + "]"
	}
	return fmt.Sprintf("Exchange hashpartitioning(%s, %d)", sqlTexts(r.keys), r.partitions)
}

// columnsOf returns the columns that a project list produces.
func columnsOf(list []*expr.Expr) []*expr.Expr {
	cols := make([]*expr.Expr, len(list))
	for i, e := range list {
		cols[i] = columnOf(e)
	}
	return cols
}

// columnOf is the column that a named expression makes.
func columnOf(e *expr.Expr) *expr.Expr {
	if e.Kind == expr.Column {
		return e
	}
	return &expr.Expr{Kind: expr.Column, ID: e.ID, Name: e.Name, Type: e.Type, Nullable: e.Nullable}
}

func names(cols []*expr.Expr) string {
	s := make([]string, len(cols))
	for i, c := range cols {
		s[i] = c.Name
	}
	return strings.Join(s, ", ")
}

func texts(list []*expr.Expr) string {
	s := make([]string, len(list))
	for i, e := range list {
		switch s[i] = e.Name; e.Kind {
		case expr.Alias:
			if text := e.Args[0].SQL(); text != e.Name {
				s[i] = text + " AS " + e.Name
			}
		case expr.Literal:
			s[i] = e.SQL()
		}
	}
	return strings.Join(s, ", ")
}

// lines renders a plan as explain prints it: the last operator first, and the inputs of a node that has several indented below it, from
// left to right. extra returns what a line shows after the description of a node.
func lines(root node, extra func(node) string) []string {
	var out []string
	var add func(n node, indent string)
	add = func(n node, indent string) {
		out = append(out, indent+n.describe()+extra(n))
		subqueries(n, func(s *subquery) { add(s.plan, indent+": ") })
		in := n.inputs()
		if len(in) > 1 {
			indent += "  "
		}
		for _, below := range in {
			add(below, indent)
		}
	}
	add(root, "")
	return out
}

// references collects the ids of the columns that e needs.
func references(ids map[expr.ID]int, list ...*expr.Expr) {
	count := func(x *expr.Expr) bool {
		if x.Kind == expr.Column {
			ids[x.ID]++
		}
		return true
	}
	for _, e := range list {
		if e.Kind == expr.Column {
			ids[e.ID]++
			continue
		}
		expr.Walk(e, count)
	}
}

// referencesOf counts the references of a list to each column.
func referencesOf(list []*expr.Expr) map[expr.ID]int {
	ids := make(map[expr.ID]int, len(list))
	references(ids, list...)
	return ids
}

// substitute replaces columns by the expressions that make them.
func substitute(e *expr.Expr, by map[expr.ID]*expr.Expr) *expr.Expr {
	return expr.Transform(e, func(x *expr.Expr) *expr.Expr {
		if x.Kind == expr.Column {
			if r, ok := by[x.ID]; ok {
				return r
			}
		}
		return x
	})
}

// definitions maps the columns that list makes to their expressions.
func definitions(list []*expr.Expr) map[expr.ID]*expr.Expr {
	m := make(map[expr.ID]*expr.Expr, len(list))
	for _, e := range list {
		if e.Kind == expr.Alias {
			m[e.ID] = e.Args[0]
		}
	}
	return m
}

// deterministic reports that every expression of list is.
func deterministic(list []*expr.Expr) bool {
	for _, e := range list {
		if !e.Deterministic() {
			return false
		}
	}
	return true
}

// conjuncts splits a condition at its ANDs, in written order.
func conjuncts(cond *expr.Expr) []*expr.Expr { return appendConjuncts(nil, cond) }

func appendConjuncts(list []*expr.Expr, cond *expr.Expr) []*expr.Expr {
	if cond.Is("and") {
		return appendConjuncts(appendConjuncts(list, cond.Args[0]), cond.Args[1])
	}
	return append(list, cond)
}

// conjunction is the reverse of conjuncts; nil for none.
func conjunction(list []*expr.Expr) *expr.Expr {
	var out *expr.Expr
	for _, e := range list {
		if out == nil {
			out = e
		} else {
			out = call("and", out, e)
		}
	}
	return out
}
