package xml

import (
	"errors"
	"strings"

	"github.com/streamctl/streamctl/internal/types"
)

func (r *TextReader) shape(t *types.Type) *shape {
	if s := r.shapes[t]; s != nil {
		return s
	}
	s := &shape{exact: map[string]int{}, folded: map[string]int{}, value: -1, wildcard: -1}
	for i, f := range t.Fields {
		s.exact[f.Name] = i
		s.folded[strings.ToLower(f.Name)] = i
	}
	if i, ok := s.exact[r.o.valueTag]; ok {
		s.value = i
	}
	if i, ok := s.exact[r.o.wildcard]; ok {
		s.wildcard = i
	}
	r.shapes[t] = s
	return s
}

// field returns the field for an element or attribute, ignoring case.
func (s *shape) field(name string) (int, bool) {
	i, ok := s.folded[strings.ToLower(name)]
	return i, ok
}

// attributes converts attributes to the fields of a struct. (Spark: StaxXmlParser.convertAttributes.)
func (r *TextReader) attributes(attrs []attribute, t *types.Type, row []cell) error {
	if r.o.excludeAttributes {
		return nil
	}
	s := r.shape(t)
	for _, a := range attrs {
		i, ok := s.field(r.o.attributePrefix + r.o.local(a.name))
		if !ok {
			continue
		}
		value := a.value
		if r.o.trim {
			value = trim(value)
		}
		if r.isNull(value) {
			row[i] = cell{}
			continue
		}
		c, err := r.value(value, t.Fields[i].Type)
		if err != nil {
			return err
		}
		row[i] = c
	}
	return nil
}

// object reads the content of the current element, and its end tag, into a struct. It keeps an error within a nested element
// until the end and continues reading where that error occurred. (Spark: StaxXmlParser.convertObject.)
func (r *TextReader) object(t *types.Type, attrs []attribute) (cell, error) {
	row := r.empty(t)
	if err := r.events.hold(cellBytes * len(row.cells)); err != nil {
		return cell{}, err
	}
	if err := r.attributes(attrs, t, row.cells); err != nil {
		return cell{}, err
	}
	var bad error
	for {
		ev, err := r.events.next()
		if err != nil {
			return cell{}, firstSyntaxError(bad, err)
		}
		switch {
		case ev.kind == startElement:
			if err := r.element(ev, t, row.cells); isLimit(err) {
				return cell{}, err
			} else if bad == nil {
				bad = err
			}
		case ev.isText():
			if err := r.text(ev.content, t, row.cells); err != nil {
				return cell{}, err
			}
		case ev.kind != characters && bad != nil:
			return cell{}, &partialError{row, bad}
		case ev.kind != characters:
			return row, nil
		}
	}
}

// firstSyntaxError returns before if it is a syntax error, because err is then a consequence of it, and err otherwise.
func firstSyntaxError(before, err error) error {
	if _, ok := errors.AsType[*syntaxError](before); ok && !isLimit(err) {
		return before
	}
	return err
}

// text adds text between elements to the text field. (Spark: addOrUpdate.)
func (r *TextReader) text(content []byte, t *types.Type, row []cell) error {
	i := r.shape(t).value
	if i < 0 {
		return nil
	}
	field := t.Fields[i].Type
	if field.Kind == types.KindArray {
		c, err := r.value(content, field.Elem)
		if err == nil {
			r.append(&row[i], c)
		}
		return err
	}
	c, err := r.value(content, field)
	if err == nil {
		row[i] = c
	}
	return err
}

func (r *TextReader) append(list *cell, c cell) {
	list.set = true
	list.cells = append(list.cells, c)
}

// element reads the element that starts with ev into its field.
func (r *TextReader) element(ev *event, t *types.Type, row []cell) error {
	if err := r.events.hold(cellBytes); err != nil {
		return err
	}
	s := r.shape(t)
	i, ok := s.field(r.o.local(ev.name))
	switch {
	case !ok && s.wildcard >= 0:
		return r.other(t.Fields[s.wildcard].Type, &row[s.wildcard])
	case !ok:
		return r.events.skip()
	}
	field := t.Fields[i].Type
	if field.Kind != types.KindArray {
		c, err := r.member(ev, field)
		if err == nil {
			row[i] = c
		}
		return err
	}
	var c cell
	var err error
	if kind := field.Elem.Kind; kind == types.KindStruct || kind == types.KindVariant {
		c, err = r.member(ev, field.Elem)
	} else {
		c, err = r.content(field.Elem, nil)
	}
	if err == nil {
		r.append(&row[i], c)
	}
	return err
}

func (r *TextReader) member(ev *event, t *types.Type) (cell, error) {
	switch t.Kind {
	case types.KindStruct:
		return r.objectOf(t, ev.attrs)
	case types.KindVariant:
		return r.variant(ev.attrs)
	}
	return r.content(t, ev.attrs)
}

// other reads an element without a field as text.
func (r *TextReader) other(t *types.Type, field *cell) error {
	c, err := r.content(types.String, nil)
	switch {
	case err != nil:
		return err
	case t.Kind == types.KindString:
		*field = c
	case t.Kind == types.KindArray && t.Elem.Kind == types.KindString:
		r.append(field, c)
	default:
		return &valueError{c.text, t}
	}
	return nil
}

// objectOf reads the current element, including its attributes, into a struct. (Spark: convertObjectWithAttributes.)
func (r *TextReader) objectOf(t *types.Type, attrs []attribute) (cell, error) {
	row := r.empty(t)
	if err := r.attributes(attrs, t, row.cells); err != nil {
		return cell{}, err
	}
	inner, err := r.content(t, nil)
	if err != nil || !inner.set {
		return row, err
	}
	if !r.o.excludeAttributes {
		s := r.shape(t)
		for _, a := range attrs {
			if i, ok := s.field(r.o.attributePrefix + r.o.local(a.name)); ok {
				inner.cells[i] = row.cells[i]
			}
		}
	}
	return inner, nil
}
