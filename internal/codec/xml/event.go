package xml

// A Budget limits a computation. Take counts steps and may panic to end it; Hold records the number of bytes in use in
// addition to the text.
type Budget struct {
	Take func(steps int)
	Hold func(bytes int) error
}

// An event is a tag or a text.
type event struct {
	kind    tokenKind
	name    []byte // of an element
	attrs   []attribute
	content []byte // of a text; valid as long as the source text
}

// isText reports whether the event is text other than blanks.
func (e *event) isText() bool {
	if e.kind != characters {
		return false
	}
	for _, c := range e.content {
		if c > ' ' {
			return true
		}
	}
	return false
}

// events iterates over the events of a text without comments and processing instructions. (Spark:
// StaxXmlParserUtils.filteredReader.)
type events struct {
	tokens *tokenizer
	budget Budget
	slot   event  // the latest event
	ahead  *event // returned by peek but not yet by next
	size   int    // bytes of texts that are not slices of the source
	held   int    // the part of size that the budget knows about
}

func newEvents(text []byte, budget Budget) (*events, error) {
	tokens, err := newTokenizer(text)
	return &events{tokens: tokens, budget: budget}, err
}

// next reads an event, which is valid until the next call of next or peek.
func (e *events) next() (*event, error) {
	ev, err := e.peek()
	e.ahead = nil
	return ev, err
}

// peek returns the next event without consuming it.
func (e *events) peek() (*event, error) {
	for e.ahead == nil {
		from := e.tokens.pos
		kind, err := e.tokens.next()
		e.budget.Take(1 + (e.tokens.pos-from)/64)
		if err != nil {
			return nil, err
		}
		switch kind {
		case comment, instruction, doctype:
			continue
		}
		if e.ahead, err = e.make(kind); err != nil {
			return nil, err
		}
	}
	return e.ahead, nil
}

// holdStep is the number of bytes that accumulate before the budget is updated.
const holdStep = 1 << 16

func (e *events) make(kind tokenKind) (*event, error) {
	t := e.tokens
	ev := &e.slot
	*ev = event{kind: kind}
	switch kind {
	case characters:
		ev.content = t.content
		if t.owned {
			e.size += cap(t.content)
		}
		t.content = nil
	case startElement:
		ev.name, ev.attrs = t.element, t.attrs
		e.size += 64 * len(t.attrs)
		t.attrs = nil
	case endElement:
		ev.name = t.element
	}
	return ev, e.hold(0)
}

// hold adds to the number of bytes in use.
func (e *events) hold(bytes int) error {
	if e.size += bytes; e.size-e.held < holdStep {
		return nil
	}
	e.held = e.size
	if err := e.budget.Hold(e.size); err != nil {
		return limitError{err}
	}
	return nil
}

// root skips to the root element.
func (e *events) root() (*event, error) {
	for {
		ev, err := e.next()
		if err != nil || ev.kind == startElement {
			return ev, err
		}
	}
}

// endOf reads the expected end tag, and blanks before it.
func (e *events) endOf() error {
	for {
		ev, err := e.next()
		switch {
		case err != nil:
			return err
		case ev.kind == endElement:
			return nil
		case ev.kind != characters || ev.isText():
			return e.tokens.fail("an end tag is expected")
		}
	}
}

// skip skips the content and the end tag of the current element.
func (e *events) skip() error {
	for depth := 1; depth > 0; {
		ev, err := e.next()
		if err != nil {
			return err
		}
		switch ev.kind {
		case startElement:
			depth++
		case endElement:
			depth--
		}
	}
	return nil
}

// structure returns the content of the current element as text, including tags; references are replaced by characters. It
// consumes the end tag. (Spark: StaxXmlParserUtils.currentStructureAsString.)
func (e *events) structure() ([]byte, error) {
	var text []byte
	for depth := 0; ; {
		ev, err := e.next()
		if err != nil {
			return nil, err
		}
		switch ev.kind {
		case startElement:
			depth++
			text = appendStartTag(text, ev)
		case endElement:
			depth--
			text = append(append(append(text, "</"...), ev.name...), '>')
		case characters:
			if text == nil {
				text = ev.content[:len(ev.content):len(ev.content)] // usually this is all
			} else {
				text = append(text, ev.content...)
			}
		}
		if err := e.hold(len(ev.content) + len(ev.name)); err != nil {
			return nil, err
		}
		next, err := e.peek()
		if err != nil {
			return nil, err
		}
		if next.kind == endElement && depth <= 0 {
			return text, e.endOf()
		}
	}
}

func appendStartTag(dst []byte, ev *event) []byte {
	dst = append(append(dst, '<'), ev.name...)
	for _, a := range ev.attrs {
		dst = append(append(append(dst, ' '), a.name...), `="`...)
		dst = append(append(dst, a.value...), '"')
	}
	return append(dst, '>')
}
