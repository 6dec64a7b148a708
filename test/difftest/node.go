package main

import "strings"

// A node is a generated expression: pieces of SQL text around operands.
type node struct {
	fn    string   // the function, operator or form; "" for columns and literals
	class string   // the class of types it was generated for
	text  []string // one more than kids
	kids  []*node
}

func leaf(class, text string) *node { return &node{class: class, text: []string{text}} }

func (n *node) sql() string {
	var b strings.Builder
	n.write(&b)
	return b.String()
}

func (n *node) write(b *strings.Builder) {
	for i, k := range n.kids {
		b.WriteString(n.text[i])
		k.write(b)
	}
	b.WriteString(n.text[len(n.kids)])
}

// size returns the number of nodes.
func (n *node) size() int {
	total := 1
	for _, k := range n.kids {
		total += k.size()
	}
	return total
}

// walk visits n and its descendants, parents first. replace returns the whole tree with the visited node
// replaced.
func (n *node) walk(visit func(at *node, replace func(*node) *node)) {
	n.walkIn(func(with *node) *node { return with }, visit)
}

func (n *node) walkIn(replace func(*node) *node, visit func(*node, func(*node) *node)) {
	visit(n, replace)
	for i, k := range n.kids {
		k.walkIn(func(with *node) *node {
			c := *n
			c.kids = append([]*node(nil), n.kids...)
			c.kids[i] = with
			return replace(&c)
		}, visit)
	}
}

// root returns the outermost function, for reports.
func (n *node) root() string {
	if n.fn == "" {
		return "literal"
	}
	return n.fn
}
