package xpath

import (
	"errors"
	"fmt"
	"unicode"
	"unicode/utf8"
)

// A step of a path: an axis, a test of its nodes, and predicates.
type step struct {
	axis       axis
	kind       nodeKind // of the test
	any        bool     // the test accepts nodes of any kind
	name       string   // "" accepts any name
	never      bool     // a name with a prefix: no node is in a namespace
	typed      bool     // the test compares complete names, including prefixes, and DOM types, of which CDATA section is one
	predicates []expression
}

type axis uint8

const (
	axisChild axis = iota
	axisDescendant
	axisDescendantOrSelf
	axisParent
	axisAncestor
	axisAncestorOrSelf
	axisFollowing
	axisFollowingSibling
	axisPreceding
	axisPrecedingSibling
	axisAttribute
	axisSelf
)

var axes = map[string]axis{
	"child": axisChild, "descendant": axisDescendant, "descendant-or-self": axisDescendantOrSelf, "parent": axisParent,
	"ancestor": axisAncestor, "ancestor-or-self": axisAncestorOrSelf, "following": axisFollowing,
	"following-sibling": axisFollowingSibling, "preceding": axisPreceding, "preceding-sibling": axisPrecedingSibling,
	"attribute": axisAttribute, "self": axisSelf,
}

var nodeTypes = map[string]step{
	"node": {any: true}, "text": {kind: textNode}, "comment": {kind: commentNode}, "processing-instruction": {kind: instructionNode},
}

func isNodeType(token string) bool {
	_, ok := nodeTypes[token]
	return ok
}

// location parses a location path.
func (p *parser) location() (expression, error) {
	path := &path{}
	if p.token() == "/" {
		p.at++
		path.absolute = true
		if !p.startsStep() && p.token() != "/" {
			return path, nil
		}
	}
	if p.token() == "" {
		return nil, errors.New("a path is missing at the end")
	}
	if err := p.steps(path); err != nil {
		return nil, err
	}
	if path.descends() {
		path.steps[len(path.steps)-1].typed = true
	}
	return path, nil
}

// steps parses steps and the slashes between them; a slash before the first step means that there were two.
func (p *parser) steps(path *path) error {
	for {
		if p.take("/") {
			path.steps = append(path.steps, step{axis: axisDescendantOrSelf, any: true})
		}
		s, err := p.step()
		if err != nil {
			return err
		}
		path.steps = append(path.steps, s)
		if !p.take("/") {
			return nil
		}
	}
}

// startsStep reports whether a step may begin with the current token.
func (p *parser) startsStep() bool {
	token := p.token()
	first, _ := utf8.DecodeRuneInString(token)
	return token == "." || token == ".." || token == "*" || token == "@" || first == '_' || unicode.IsLetter(first)
}

func (p *parser) step() (step, error) {
	switch {
	case !p.startsStep():
		return step{}, fmt.Errorf("a step of a path is missing %s", p.place())
	case p.take("."):
		if p.token() == "[" {
			return step{}, errors.New("a condition may not follow . (use self::node())")
		}
		return step{axis: axisSelf, any: true}, nil
	case p.take(".."):
		if p.token() == "[" {
			return step{}, errors.New("a condition may not follow .. (use parent::node())")
		}
		return step{axis: axisParent, any: true}, nil
	}
	a, err := p.axis()
	if err != nil {
		return step{}, err
	}
	s, err := p.nodeTest(a)
	for err == nil && p.token() == "[" {
		err = p.predicate(&s.predicates)
	}
	return s, err
}

func (p *parser) axis() (axis, error) {
	if p.take("@") {
		return axisAttribute, nil
	}
	if p.ahead(1) != "::" {
		return axisChild, nil
	}
	name := p.token()
	a, ok := axes[name]
	switch {
	case name == "namespace":
		return 0, errors.New("the axis namespace is not in the embedded engine")
	case !ok:
		return 0, fmt.Errorf("there is no axis %s", name)
	}
	p.at += 2
	return a, nil
}

func (p *parser) nodeTest(a axis) (step, error) {
	s := step{axis: a, kind: elementNode}
	if a == axisAttribute {
		s.kind = attributeNode
	}
	if p.ahead(1) == "(" {
		return p.nodeType(a)
	}
	if p.ahead(1) == ":" {
		s.never = true
		if err := p.name(); err != nil {
			return s, err
		}
		p.at++
	}
	if p.token() != "*" {
		s.name = p.token()
	}
	return s, p.name()
}

// name parses a name or *.
func (p *parser) name() error {
	first, _ := utf8.DecodeRuneInString(p.token())
	if p.token() != "*" && first != '_' && !unicode.IsLetter(first) {
		return fmt.Errorf("a name is missing %s", p.place())
	}
	p.at++
	return nil
}

func (p *parser) nodeType(a axis) (step, error) {
	s, ok := nodeTypes[p.token()]
	if !ok {
		return s, fmt.Errorf("there is no type of nodes %s", p.token())
	}
	s.axis = a
	p.at += 2
	if s.kind == instructionNode && p.token() != ")" {
		if !isLiteral(p.token()) {
			return s, errors.New("the name of a processing instruction must be quoted")
		}
		s.name = p.token()[1 : len(p.token())-1]
		p.at++
	}
	return s, p.expect(")")
}

// matches applies the test of a step.
func (s *step) matches(n *node) bool {
	switch {
	case s.any:
		return true
	case s.never || n.kind != s.kind || s.typed && n.cdata:
		return false
	case s.name == "":
		return true
	case s.kind == instructionNode || s.typed:
		return n.name == s.name
	}
	return n.local() == s.name
}
