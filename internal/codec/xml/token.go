package xml

import (
	"errors"
)

// A tokenKind is the kind of the current token.
type tokenKind uint8

const (
	startDocument tokenKind = iota
	startElement
	endElement
	characters // text and CDATA sections
	comment
	instruction
	doctype
	endDocument
)

// A phase is the part of the document that a tokenizer is in.
type phase uint8

const (
	prolog phase = iota
	tree
	epilog
	closed
)

// A progress says how much of a token's text has been read. After an error the rest is skipped.
type progress uint8

const (
	begun  progress = iota
	single          // up to markup that may be a CDATA section, which would continue the text
	whole
)

// An attribute of an element.
type attribute struct{ name, value []byte }

// A tokenizer reads XML like Woodstox under Spark: without namespaces, with CDATA sections as text, and with the predefined
// entities only. After an error it continues where it stopped, because Spark reads on after an error within an element: next
// is BasicStreamReader.next, and so on.
type tokenizer struct {
	scanner
	phase   phase
	current tokenKind
	state   progress
	inCData bool   // the current text is a CDATA section
	pending error  // from the preceding text
	open    []name // elements
	empty   bool   // the element was written as <a/>
	typed   bool   // a document type has been read

	element []byte // name of the element that starts or ends
	attrs   []attribute
	content []byte // of a text token
	owned   bool   // content is not a slice of the source
}

type name = []byte

// Limits of Woodstox.
const (
	maxDepth      = 1000
	maxAttributes = 1000
	maxValue      = 524_288 // characters of an attribute
)

var errPastEnd = errors.New("the document has ended")

func newTokenizer(text []byte) (*tokenizer, error) {
	t := &tokenizer{scanner: scanner{src: text}, state: whole}
	return t, t.declaration()
}

// next reads a token.
func (t *tokenizer) next() (tokenKind, error) {
	if err := t.pending; err != nil {
		t.pending = nil
		return 0, err
	}
	switch t.phase {
	case tree:
		kind, err := t.inTree()
		if err != nil {
			return 0, err
		}
		t.current = kind
		return kind, t.finish()
	case closed:
		return 0, errPastEnd
	}
	return t.current, t.outside()
}

// outside reads a token before or after the root element.
func (t *tokenizer) outside() error {
	t.state = whole
	c, err := t.skipBlanks(t.read())
	switch {
	case err != nil:
		return err
	case c == eof:
		if t.phase == prolog {
			return t.fail("it has no element")
		}
		t.current, t.phase = endDocument, closed
		return nil
	case c != '<':
		return t.unexpected(c, "outside of the root element")
	}
	return t.markupOutside(t.read())
}

func (t *tokenizer) markupOutside(c rune) (err error) {
	switch {
	case c == '?':
		t.current = instruction
		return t.instruction()
	case c == '!':
		return t.bang()
	case c == '/':
		return t.fail("an end tag is outside of the root element")
	case c != ':' && !t.isNameStart(c):
		return t.unexpected(c, "after <")
	case t.phase == epilog:
		return t.fail("an element follows the root element")
	}
	t.phase = tree
	if err = t.startTag(c); err == nil {
		t.current = startElement
	}
	return err
}

// bang reads a comment or a document type outside of the root element.
func (t *tokenizer) bang() error {
	switch c := t.read(); c {
	case 'D':
		if !t.keyword(c, "DOCTYPE") || t.typed || t.phase == epilog {
			return t.fail("a document type is not expected here")
		}
		t.current, t.typed = doctype, true
		return t.doctype()
	case '-':
		if c = t.read(); c != '-' {
			return t.unexpected(c, "in the beginning of a comment")
		}
		t.current, t.state = comment, begun
		return t.finish()
	default:
		return t.unexpected(c, "after <!")
	}
}

// inTree reads a token within the root element.
func (t *tokenizer) inTree() (tokenKind, error) {
	var c rune
	if t.state != whole {
		var err error
		if c, err = t.skipToken(); err != nil {
			return 0, err
		}
	} else {
		switch {
		case t.current == startElement && t.empty:
			t.empty, t.element = false, t.open[len(t.open)-1]
			return endElement, nil
		case t.current == endElement:
			if t.open = t.open[:len(t.open)-1]; len(t.open) == 0 {
				t.phase = epilog
				err := t.outside()
				return t.current, err
			}
		}
		c = t.read()
	}
	switch c {
	case eof:
		return 0, t.fail("the element %s is not closed", t.open[len(t.open)-1])
	case '<':
		return t.markup()
	}
	return characters, t.text(c)
}

func (t *tokenizer) markup() (tokenKind, error) {
	switch c := t.read(); {
	case c == '?':
		return instruction, t.instruction()
	case c == '!':
		return t.commentOrCData()
	case c == '/':
		return endElement, t.endTag()
	case c == ':' || t.isNameStart(c):
		return startElement, t.startTag(c)
	default:
		return 0, t.unexpected(c, "after <")
	}
}
