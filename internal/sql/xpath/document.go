// Package xpath evaluates XPath 1.0 on XML texts like javax.xml.xpath in Spark's xpath functions: on a DOM without
// namespaces, in which a prefix is a part of the name that tests ignore. It differs from the recommendation where the JDK's
// evaluator (Xalan) does.
package xpath

import "strings"

type nodeKind uint8

const (
	rootNode nodeKind = iota
	elementNode
	attributeNode
	textNode
	commentNode
	instructionNode
)

// A node of a Document. Nodes are numbered in document order: an element, its attributes, its content.
type node struct {
	kind   nodeKind
	parent int32
	end    int32 // number after that of its last descendant
	attrs  int32 // number of attributes of an element
	first  int32 // for text: length in value of its first DOM node; a CDATA section is a separate DOM node
	cdata  bool  // for text: all its DOM nodes are CDATA sections
	name   string
	value  string
}

// nodeBytes is the memory of a node, not counting its strings.
const nodeBytes = 64

// A Document is a parsed XML text. The next Parse reuses its memory.
type Document struct {
	nodes []node
	open  []int32 // elements that are open during parsing
}

// local returns the name without its prefix.
func (n *node) local() string {
	if _, local, ok := strings.Cut(n.name, ":"); ok {
		return local
	}
	return n.name
}

// content returns the number of the first child that n would have.
func (d *Document) content(n int32) int32 { return n + 1 + d.nodes[n].attrs }

// text returns the string-value of a node.
func (d *Document) text(n int32, take func(int)) string {
	at := &d.nodes[n]
	if at.kind > elementNode {
		return at.value
	}
	take(int(at.end - n))
	only, parts, size := "", 0, 0
	for i := d.content(n); i < at.end; i++ {
		if t := &d.nodes[i]; t.kind == textNode {
			only, parts, size = t.value, parts+1, size+len(t.value)
		}
	}
	if parts < 2 {
		return only
	}
	take(size)
	var b strings.Builder
	b.Grow(size)
	for i := d.content(n); i < at.end; i++ {
		if t := &d.nodes[i]; t.kind == textNode {
			b.WriteString(t.value)
		}
	}
	return b.String()
}

// nodeValue returns what DOM defines as the value of a node; elements have none. For adjacent text and CDATA sections it is
// the value of the first one.
func (d *Document) nodeValue(n int32) (value string, ok bool) {
	at := &d.nodes[n]
	switch at.kind {
	case rootNode, elementNode:
		return "", false
	case textNode:
		return at.value[:at.first], true
	}
	return at.value, true
}
