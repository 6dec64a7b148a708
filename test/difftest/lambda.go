package main

// A lambdaForm is a call of a higher-order function: operands, given by class, and a lambda.
type lambdaForm struct {
	fn     string
	args   []string // classes of the operands before the lambda
	params []string // classes of the lambda's parameters
	body   string   // class of its body
	result string
}

const (
	ints    = "array<int>"
	strs    = "array<string>"
	entries = "map<string,int>"
)

var lambdaForms = []lambdaForm{
	{"transform", []string{ints}, []string{"int"}, "int", ints},
	{"transform", []string{ints}, []string{"int", "int"}, "string", strs},
	{"transform", []string{strs}, []string{"string"}, "int", ints},
	{"filter", []string{ints}, []string{"int"}, "boolean", ints},
	{"filter", []string{strs}, []string{"string", "int"}, "boolean", strs},
	{"exists", []string{ints}, []string{"int"}, "boolean", "boolean"},
	{"forall", []string{strs}, []string{"string"}, "boolean", "boolean"},
	{"aggregate", []string{ints, "int"}, []string{"int", "int"}, "int", "int"},
	{"aggregate", []string{strs, "string"}, []string{"string", "string"}, "string", "string"},
	{"zip_with", []string{ints, strs}, []string{"int", "string"}, "string", strs},
	{"array_sort", []string{ints}, []string{"int", "int"}, "int", ints},
	{"map_filter", []string{entries}, []string{"string", "int"}, "boolean", entries},
	{"transform_keys", []string{entries}, []string{"string", "int"}, "string", entries},
	{"transform_values", []string{entries}, []string{"string", "int"}, "int", entries},
	{"map_zip_with", []string{entries, entries}, []string{"string", "int", "int"}, "int", entries},
}

var paramNames = []string{"p", "q", "r", "v1", "v2", "v3"}

func (g *generator) lambda(l lambdaForm, depth int) *node {
	n := &node{fn: l.fn, class: l.result}
	before := l.fn + "("
	for _, class := range l.args {
		n.text = append(n.text, before)
		n.kids = append(n.kids, g.value(class, depth-1))
		before = ", "
	}
	outer := g.vars
	head := ""
	for i, class := range l.params {
		name := paramNames[min(len(outer)+i, len(paramNames)-1)]
		g.vars = append(g.vars[:len(g.vars):len(g.vars)], column{name: name, class: class})
		if i > 0 {
			head += ", "
		}
		head += name
	}
	n.kids = append(n.kids, g.value(l.body, depth-1))
	g.vars = outer
	n.text = append(n.text, ", ("+head+") -> ", ")")
	return n
}
