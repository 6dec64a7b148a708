package xpath

import (
	"bytes"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"strings"
)

// Limits of documents.
const (
	maxDepth = 10_000
	maxNodes = 1 << 26
	maxText  = 1 << 28 // bytes

	keptNodes = 1 << 16 // documents with more nodes do not keep their memory for the next one
)

// A Budget limits a computation. Take counts steps and may panic to end it; Hold records how many bytes a document takes.
type Budget struct {
	Take func(steps int)
	Hold func(bytes int) error
}

// A reader builds a Document from a text.
type reader struct {
	doc    *Document
	text   []byte
	dec    *xml.Decoder
	from   int // start of the token in text
	to     int // end of the token
	budget Budget
	bytes  int    // of names and values
	run    []byte // text not yet ended by another token
	first  int    // length of the first token in it
	cdata  bool   // all its tokens were CDATA sections
	inRun  bool
	rooted bool
	typed  bool
}

// Parse parses an XML text into d. It rejects what encoding/xml accepts but Xerces does not: see wellformed.go. The caller
// may modify text afterwards.
func (d *Document) Parse(text []byte, budget Budget) error {
	if cap(d.nodes) > keptNodes {
		d.nodes = nil
	}
	clear(d.nodes)
	d.nodes, d.open = append(d.nodes[:0], node{kind: rootNode, parent: -1}), append(d.open[:0], 0)
	rest, err := skipDeclaration(text)
	if err != nil {
		return err
	}
	r := &reader{doc: d, text: rest, dec: xml.NewDecoder(bytes.NewReader(rest)), budget: budget}
	if err := r.read(); err != nil {
		return r.at(err, len(text)-len(rest))
	}
	return nil
}

// at adds the position in the text to an error; skipped is the length of the XML declaration before it.
func (r *reader) at(err error, skipped int) error {
	if malformed := (*malformedError)(nil); !errors.As(err, &malformed) {
		return err
	}
	return fmt.Errorf("%w, at byte %d", err, skipped+r.from)
}

func (r *reader) read() error {
	for {
		r.from = r.to
		token, err := r.dec.RawToken()
		r.to = int(r.dec.InputOffset())
		if errors.Is(err, io.EOF) {
			return r.finish()
		}
		if err != nil {
			return syntax(err)
		}
		r.budget.Take(1 + (r.to-r.from)/64)
		if err := r.token(token); err != nil {
			return err
		}
		if len(r.doc.nodes)%4096 == 0 {
			if err := r.hold(); err != nil {
				return err
			}
		}
	}
}

func (r *reader) hold() error {
	if len(r.doc.nodes) > maxNodes {
		return fmt.Errorf("the document has more than %d nodes", maxNodes)
	}
	return r.budget.Hold(cap(r.doc.nodes)*nodeBytes + r.bytes)
}

func (r *reader) finish() error {
	switch {
	case len(r.doc.open) > 1:
		return malformed("the element %s is not closed", r.name())
	case !r.rooted:
		return malformed("there is no element")
	}
	r.doc.nodes[0].end = int32(len(r.doc.nodes))
	return r.hold()
}

// name returns the name of the open element.
func (r *reader) name() string { return r.doc.nodes[r.parent()].name }

func (r *reader) parent() int32 { return r.doc.open[len(r.doc.open)-1] }

func (r *reader) token(token xml.Token) error {
	raw := r.text[r.from:r.to]
	if t, ok := token.(xml.CharData); ok {
		return r.characters(t, raw)
	}
	r.endRun()
	switch t := token.(type) {
	case xml.StartElement:
		return r.start(t, raw)
	case xml.EndElement:
		return r.end(fullName(t.Name))
	case xml.Comment:
		r.add(node{kind: commentNode, value: string(t)})
	case xml.ProcInst:
		if strings.EqualFold(t.Target, "xml") {
			return malformed("a processing instruction must not be called %s", t.Target)
		}
		r.add(node{kind: instructionNode, name: t.Target, value: string(t.Inst)})
	case xml.Directive:
		return r.directive(t)
	}
	return nil
}

// add appends a node to the open element.
func (r *reader) add(n node) {
	n.parent, n.end = r.parent(), int32(len(r.doc.nodes)+1)
	r.bytes += len(n.name) + len(n.value)
	r.doc.nodes = append(r.doc.nodes, n)
}

func (r *reader) start(t xml.StartElement, raw []byte) error {
	t, err := checkTag(t, raw)
	if err != nil {
		return err
	}
	if len(r.doc.open) == 1 {
		if r.rooted {
			return malformed("an element follows the root element")
		}
		r.rooted = true
	}
	if len(r.doc.open) > maxDepth {
		return fmt.Errorf("the elements of the document are nested more than %d deep", maxDepth)
	}
	at := len(r.doc.nodes)
	r.add(node{kind: elementNode, name: fullName(t.Name)})
	r.doc.open = append(r.doc.open, int32(at))
	for _, a := range t.Attr {
		if name := fullName(a.Name); name != "xmlns" && a.Name.Space != "xmlns" {
			r.add(node{kind: attributeNode, name: name, value: a.Value})
		}
	}
	r.doc.nodes[at].attrs = int32(len(r.doc.nodes) - at - 1)
	return nil
}

func (r *reader) end(name string) error {
	switch {
	case len(r.doc.open) == 1:
		return malformed("the end tag %s closes nothing", name)
	case name != r.name():
		return malformed("the element %s is closed by the end tag %s", r.name(), name)
	}
	r.doc.nodes[r.parent()].end = int32(len(r.doc.nodes))
	r.doc.open = r.doc.open[:len(r.doc.open)-1]
	return nil
}

// characters extends the run of text, which becomes one node.
func (r *reader) characters(text, raw []byte) error {
	if len(r.doc.open) == 1 {
		if len(bytes.Trim(raw, blanks)) > 0 {
			return malformed("there is text outside the root element")
		}
		return nil
	}
	section := bytes.HasPrefix(raw, []byte("<![CDATA["))
	if !section && refersToHalf(raw) {
		return malformed("a reference to half of a surrogate pair")
	}
	if !r.inRun {
		r.inRun, r.first, r.cdata = true, len(text), true
	}
	r.cdata = r.cdata && section
	r.run = append(r.run, text...)
	return nil
}

func (r *reader) endRun() {
	if !r.inRun {
		return
	}
	r.add(node{kind: textNode, value: string(r.run), first: int32(r.first), cdata: r.cdata})
	r.run, r.inRun = r.run[:0], false
}

// directive accepts a document type that declares nothing.
func (r *reader) directive(t xml.Directive) error {
	rest, ok := bytes.CutPrefix(t, []byte("DOCTYPE"))
	if !ok || r.rooted || r.typed || len(rest) == 0 || !isBlank(rest[0]) {
		return malformed("a document type is not expected here")
	}
	r.typed = true
	rest = bytes.Trim(rest, blanks)
	name := len(rest)
	if i := bytes.IndexAny(rest, blanks+"["); i >= 0 {
		name = i
	}
	declared := bytes.Trim(rest[name:], blanks)
	if n := len(declared); n > 1 && declared[0] == '[' && declared[n-1] == ']' {
		declared = bytes.Trim(declared[1:n-1], blanks)
	}
	if len(declared) > 0 {
		return &DoctypeError{}
	}
	return nil
}

func fullName(n xml.Name) string {
	if n.Space == "" {
		return n.Local
	}
	return n.Space + ":" + n.Local
}
