package main

import (
	"math/rand/v2"
	"slices"
	"strings"

	"github.com/streamctl/streamctl/internal/sql/function"
)

// A generator generates random expressions.
type generator struct {
	*rand.Rand
	sigs    *signatures
	classes []string
	lambdas []lambdaForm
	vars    []column // parameters of the enclosing lambdas
}

func newGenerator(r *rand.Rand, sigs *signatures) *generator {
	g := &generator{Rand: r, sigs: sigs, classes: classes()}
	for _, l := range lambdaForms {
		if _, ok := function.Lookup(l.fn); ok {
			g.lambdas = append(g.lambdas, l)
		}
	}
	return g
}

// maxDepth is the maximum depth of a tree: functions of functions of functions of leaves.
const maxDepth = 4

// next generates an expression. One in five is made invalid on purpose.
func (g *generator) next() *node {
	n := g.root(1 + g.IntN(maxDepth-1))
	if g.IntN(5) > 0 {
		return n
	}
	for {
		if wrong := g.spoil(n); !huge(wrong) {
			return wrong
		}
	}
}

// root generates a call of a function, all with the same probability, or a cast or lambda form.
func (g *generator) root(depth int) *node {
	switch k := g.IntN(len(g.sigs.names) + 20 + len(g.lambdas)); {
	case k < 20:
		return g.cast(pick(g.Rand, g.classes), depth)
	case k < 20+len(g.lambdas):
		return g.lambda(g.lambdas[k-20], depth)
	default:
		return g.call(pick(g.Rand, g.sigs.byFunction[g.sigs.names[k-20-len(g.lambdas)]]), depth)
	}
}

// value generates an expression of a class.
func (g *generator) value(class string, depth int) *node {
	fns := g.sigs.results[class]
	switch k := g.IntN(20); {
	case depth <= 0 || k < 5 || len(fns) == 0:
		return g.leaf(class)
	case k < 7:
		return g.cast(class, depth)
	case k < 8:
		for _, i := range g.Perm(len(g.lambdas)) {
			if g.lambdas[i].result == class {
				return g.lambda(g.lambdas[i], depth)
			}
		}
	}
	fn := pick(g.Rand, fns)
	return g.call(g.sigs.byFunction[fn][pick(g.Rand, g.sigs.byResult[class][fn])], depth)
}

func (g *generator) call(sig signature, depth int) *node {
	n := &node{fn: sig.fn, class: sig.result, text: form(sig.fn, len(sig.args))}
	for i, class := range sig.args {
		n.kids = append(n.kids, g.operand(sig, i, class, depth-1))
	}
	return n
}

func (g *generator) operand(sig signature, i int, class string, depth int) *node {
	pool := pools[sig.fn][i]
	at, fixed := always[sig.fn]
	switch {
	case fixed && at == i:
		return leaf(class, pick(g.Rand, pool))
	case len(pool) > 0 && (sig.consts[i] != "" || g.IntN(3) == 0):
		return leaf(class, pick(g.Rand, pool))
	case sig.consts[i] != "":
		return leaf(class, sig.consts[i])
	}
	return g.value(class, depth)
}

// leaf returns a column or a constant.
func (g *generator) leaf(class string) *node {
	var own []string
	for _, list := range [][]column{columns, g.vars} {
		for _, c := range list {
			if c.class == class {
				own = append(own, c.name)
			}
		}
	}
	if len(g.vars) > 0 && g.vars[len(g.vars)-1].class == class && g.IntN(2) == 0 {
		own = own[len(own)-1:]
	}
	consts := literals[class]
	switch k := g.IntN(20); {
	case k == 0:
		return leaf(class, typedNull(class))
	case len(own) > 0 && (k < 12 || len(consts) == 0):
		return leaf(class, pick(g.Rand, own))
	case len(consts) > 0:
		return leaf(class, pick(g.Rand, consts))
	}
	return leaf(class, "NULL")
}

func typedNull(class string) string {
	if names := typeNames[class]; len(names) > 0 {
		return "CAST(NULL AS " + names[0] + ")"
	}
	return "NULL"
}

// cast generates a cast to a class, usually from a class that allows it.
func (g *generator) cast(class string, depth int) *node {
	names := typeNames[class]
	if len(names) == 0 {
		return g.leaf(class)
	}
	word := "CAST("
	if g.IntN(3) == 0 {
		word = "TRY_CAST("
	}
	to := pick(g.Rand, names)
	for range 4 {
		from := pick(g.Rand, g.classes)
		if castable(from, to) {
			return &node{fn: strings.ToLower(word[:len(word)-1]), class: class, text: []string{word, " AS " + to + ")"}, kids: []*node{g.value(from, depth-1)}}
		}
	}
	return g.leaf(class)
}

// castable reports whether to generate a cast. It excludes most casts that analysis refuses; invalid
// expressions cover those.
func castable(from, to string) bool {
	nested := strings.Contains(from, "<")
	return to == "STRING" || nested == strings.Contains(to, "<")
}

// spoil makes an expression invalid: it changes the class or the number of operands somewhere.
func (g *generator) spoil(n *node) *node {
	var places []func() *node
	n.walk(func(at *node, replace func(*node) *node) {
		places = append(places, func() *node { return replace(g.leaf(pick(g.Rand, g.classes))) })
		if at.fn == "" {
			return
		}
		places = append(places, func() *node { return replace(g.wrongCount(at)) })
	})
	return pick(g.Rand, places[min(1, len(places)-1):])()
}

// wrongCount returns a call with one operand more or less.
func (g *generator) wrongCount(n *node) *node {
	kids := slices.Clone(n.kids)
	if len(kids) > 0 && g.IntN(2) == 0 {
		kids = kids[:len(kids)-1]
	} else {
		kids = append(kids, g.leaf(pick(g.Rand, g.classes)))
	}
	if f, ok := function.Lookup(n.fn); !ok || f.HigherOrder || n.fn == "case" || n.fn == "extract" {
		return n
	}
	return &node{fn: n.fn, class: n.class, text: form(n.fn, len(kids)), kids: kids}
}
