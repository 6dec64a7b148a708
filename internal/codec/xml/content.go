package xml

import "github.com/streamctl/streamctl/internal/types"

// content reads the content of the current element, and its end tag. Only maps use the attributes. (Spark: convertField.)
func (r *TextReader) content(t *types.Type, attrs []attribute) (cell, error) {
	ev, err := r.events.peek()
	if err != nil {
		return cell{}, err
	}
	switch {
	case ev.kind == startElement:
		return r.complicated(t, attrs)
	case ev.kind != characters:
		err := r.events.endOf()
		if t.Kind == types.KindString && !(r.o.nullGiven && len(r.o.nullValue) == 0) {
			return textCell(nil), err
		}
		return cell{}, err
	case t.Kind == types.KindArray:
		_, _ = r.events.next() // consumes ev
		return loose(r.simple(ev.content, t.Elem))
	case t.Kind == types.KindStruct:
		return r.object(t, nil)
	case t.Kind == types.KindVariant:
		return r.variant(nil)
	case t.Kind == types.KindString:
		return r.structure()
	case !ev.isText():
		_, _ = r.events.next()
		return r.content(t, attrs)
	}
	c, err := r.value(ev.content, t)
	if err != nil {
		return cell{}, err // the text is read next
	}
	_, _ = r.events.next()
	return c, r.events.endOf()
}

// loose marks an item where Spark expects an array of items, which is an error unless the item is NULL.
func loose(c cell, err error) (cell, error) {
	c.loose = c.set
	return c, err
}

// simple converts text that has been read. The end tag must follow.
func (r *TextReader) simple(text []byte, t *types.Type) (cell, error) {
	c, err := r.value(text, t)
	if err != nil {
		return cell{}, err
	}
	return c, r.events.endOf()
}

// complicated reads an element whose content begins with an element.
func (r *TextReader) complicated(t *types.Type, attrs []attribute) (cell, error) {
	switch t.Kind {
	case types.KindStruct:
		return r.object(t, nil)
	case types.KindMap:
		return r.mapping(t.Elem, attrs)
	case types.KindArray:
		return loose(r.content(t.Elem, nil))
	case types.KindVariant:
		return r.variant(attrs)
	case types.KindString:
		return r.structure()
	}
	return cell{}, &valueError{[]byte("<"), t}
}

func (r *TextReader) structure() (cell, error) {
	text, err := r.events.structure()
	if err != nil {
		return cell{}, err
	}
	return r.value(text, types.String)
}

// mapping reads the content of the current element, and its end tag, as a map of its attributes, elements and text. (Spark:
// convertMap.)
func (r *TextReader) mapping(t *types.Type, attrs []attribute) (cell, error) {
	var entries entries
	for _, a := range attrs {
		c, err := r.value(a.value, t)
		if err != nil {
			return cell{}, err
		}
		entries.set(r.o.attributePrefix+string(a.name), c)
	}
	for {
		ev, err := r.events.next()
		if err != nil {
			return cell{}, err
		}
		var c cell
		key := r.o.valueTag
		switch {
		case ev.kind == startElement:
			key = r.o.local(ev.name)
			c, err = r.content(t, nil)
		case ev.isText():
			c, err = r.value(ev.content, t)
		case ev.kind == characters:
			continue
		default:
			return entries.cell(), nil
		}
		if err == nil {
			err = r.events.hold(2*cellBytes + len(key))
		}
		if err != nil {
			return cell{}, err
		}
		entries.set(key, c)
	}
}
