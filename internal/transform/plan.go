package transform

import (
	"strings"

	"github.com/streamctl/streamctl/internal/sql/expr"
)

// A node of a logical plan. Plans are chains for now: each node but the leaf has one input. Nodes are immutable.
type node interface {
	// output lists the columns of the result, as expr.Column nodes.
	output() []*expr.Expr
	// input is the node below; nil for leaves.
	input() node
	// withInput is the same node over another input.
	withInput(in node) node
	// describe is one line for explain.
	describe() string
}

type (
	// relation is the source; it yields exactly cols.
	relation struct {
		name string
		cols []*expr.Expr
	}
	// empty yields no rows.
	empty struct{ cols []*expr.Expr }
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
)

func (r *relation) output() []*expr.Expr { return r.cols }
func (e *empty) output() []*expr.Expr    { return e.cols }
func (p *project) output() []*expr.Expr  { return columnsOf(p.list) }
func (f *filter) output() []*expr.Expr {
	below := f.in
	for g, ok := below.(*filter); ok; g, ok = below.(*filter) {
		below = g.in
	}
	return below.output()
}
func (g *generate) output() []*expr.Expr {
	in := g.in.output()
	return append(in[:len(in):len(in)], g.cols...)
}

func (r *relation) input() node { return nil }
func (e *empty) input() node    { return nil }
func (p *project) input() node  { return p.in }
func (f *filter) input() node   { return f.in }
func (g *generate) input() node { return g.in }

func (r *relation) withInput(node) node    { return r }
func (e *empty) withInput(node) node       { return e }
func (p *project) withInput(in node) node  { return &project{in, p.list} }
func (f *filter) withInput(in node) node   { return &filter{in, f.cond} }
func (g *generate) withInput(in node) node { return &generate{in, g.gen, g.cols} }

func (r *relation) describe() string {
	return "StreamingRelation " + r.name + " [" + names(r.cols) + "]"
}
func (e *empty) describe() string   { return "Empty [" + names(e.cols) + "]" }
func (p *project) describe() string { return "Project [" + texts(p.list) + "]" }
func (f *filter) describe() string  { return "Filter " + f.cond.SQL() }
func (g *generate) describe() string {
	return "Generate " + g.gen.SQL() + " [" + names(g.cols) + "]"
}

// columnsOf gives the columns that a project list makes.
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
		s[i] = e.Name
		if e.Kind == expr.Alias {
			s[i] = e.Args[0].SQL() + " AS " + e.Name
		}
	}
	return strings.Join(s, ", ")
}

// lines renders a plan, the last operator first, as explain prints it.
func lines(n node) []string {
	var out []string
	for ; n != nil; n = n.input() {
		out = append(out, n.describe())
	}
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
