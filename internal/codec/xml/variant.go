package xml

import (
	"bytes"
	"cmp"
	"slices"
	"strings"

	"github.com/streamctl/streamctl/internal/codec"
	"github.com/streamctl/streamctl/internal/valuetext"
	"github.com/streamctl/streamctl/internal/vector"
)

// A node is an element, or a text, before its conversion to a VARIANT.
type node struct {
	null    bool
	text    []byte
	members []member // nil for a text or null
}

type member struct {
	name   string
	folded string // name in lower case, by which members are grouped
	value  node
}

// variant reads the content of the current element, and its end tag, including its attributes. (Spark: convertVariant.)
func (r *TextReader) variant(attrs []attribute) (cell, error) {
	t, err := r.node(attrs)
	if err != nil {
		return cell{}, err
	}
	return r.built(&t)
}

// variantText returns a text as a VARIANT.
func (r *TextReader) variantText(text []byte) (cell, error) { return r.built(&node{text: text}) }

func (r *TextReader) built(t *node) (cell, error) {
	r.builder.Reset()
	r.builder.Steps = r.budget.Take
	if err := r.build(t); err != nil {
		return cell{}, err
	}
	stored, err := r.builder.AppendStored(nil)
	if err != nil {
		return cell{}, err
	}
	return textCell(stored), r.events.hold(len(stored))
}

func (r *TextReader) node(attrs []attribute) (node, error) {
	var members []member
	if !r.o.excludeAttributes {
		for _, a := range attrs {
			value := a.value
			if r.o.trim {
				value = trim(value)
			}
			members = append(members, r.named(r.o.attributePrefix+r.o.local(a.name), node{text: value, null: r.isNull(value)}))
		}
	}
	for {
		ev, err := r.events.next()
		if err != nil {
			return node{}, err
		}
		switch {
		case ev.kind == startElement:
			name := r.o.local(ev.name)
			value, err := r.node(ev.attrs)
			if err != nil {
				return node{}, err
			}
			members = append(members, r.named(name, value))
		case ev.isText():
			members = append(members, r.named(r.o.valueTag, node{text: ev.content, null: r.isNull(ev.content)}))
		case ev.kind != characters:
			return r.whole(members), nil
		}
		if err := r.events.hold(cellBytes); err != nil {
			return node{}, err
		}
	}
}

func (r *TextReader) named(name string, value node) member {
	return member{name: name, folded: strings.ToLower(name), value: value}
}

// whole returns an element with the given members. If it has only text, the result is the first text.
func (r *TextReader) whole(members []member) node {
	if len(members) == 0 {
		return node{null: true}
	}
	if !slices.ContainsFunc(members, func(m member) bool { return m.name != r.o.valueTag }) {
		return members[0].value
	}
	slices.SortStableFunc(members, func(a, b member) int { return cmp.Compare(a.folded, b.folded) })
	return node{members: members}
}

// build appends a node to the builder; members with the same name become an array.
func (r *TextReader) build(t *node) error {
	r.budget.Take(1)
	switch {
	case t.null:
		r.builder.Null()
		return nil
	case t.members == nil:
		r.scalar(t.text)
		return nil
	}
	object := r.builder.Open()
	for rest := t.members; len(rest) > 0; {
		n := 1
		for n < len(rest) && rest[n].folded == rest[0].folded {
			n++
		}
		r.builder.Key(object, []byte(rest[0].name))
		if err := r.buildField(rest[:n]); err != nil {
			return err
		}
		rest = rest[n:]
	}
	return r.builder.CloseObject(object)
}

func (r *TextReader) buildField(members []member) error {
	if len(members) == 1 {
		return r.build(&members[0].value)
	}
	array := r.builder.Open()
	for i := range members {
		r.builder.Item(array)
		if err := r.build(&members[i].value); err != nil {
			return err
		}
	}
	r.builder.CloseArray(array)
	return nil
}

// scalar appends a text, as a boolean, long or decimal if possible. (Spark: appendXMLCharacterToVariant.)
func (r *TextReader) scalar(text []byte) {
	if r.o.trim {
		text = trim(text)
	}
	switch {
	case len(text) == 0:
	case bytes.EqualFold(text, []byte("true")):
		r.builder.Bool(true)
		return
	case bytes.EqualFold(text, []byte("false")):
		r.builder.Bool(false)
		return
	default:
		if n, ok := valuetext.ParseIntegerStrict(text, 64); ok {
			r.builder.Int(n)
			return
		}
		if v, scale, ok := r.decimals.Exact(text); ok {
			r.builder.Decimal(v, scale)
			return
		}
	}
	r.builder.Text(text)
}

// badVariant makes the row of a malformed text NULL, or fails.
func (r *TextReader) badVariant(out *vector.Vector, row int, reason error) error {
	if r.o.mode == codec.FailFast {
		return failFast("[null]", reason)
	}
	out.SetNull(row)
	return nil
}
