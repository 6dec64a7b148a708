package xml

import (
	"bytes"
	"cmp"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/streamctl/streamctl/internal/codec"
	"github.com/streamctl/streamctl/internal/decimal"
	"github.com/streamctl/streamctl/internal/types"
	"github.com/streamctl/streamctl/internal/valuetext"
)

// An Inference infers the types of elements. (Spark: XmlInferSchema.)
type Inference struct {
	o        *Options
	formats  *codec.Formats
	decimals *codec.DecimalParser
	events   *events
}

// NewInference returns an Inference after checking the date and time options.
func NewInference(o *Options, scan *codec.Scan) (*Inference, error) {
	formats, err := codec.NewFormats(o.values, scan)
	if err != nil {
		return nil, err
	}
	formats.Exact = true
	if err := formats.CheckTimestamp(); err != nil {
		return nil, err
	}
	return &Inference{o: o, formats: formats, decimals: codec.NewDecimalParser(formats.Locale)}, nil
}

// Of returns the type of a text that consists of one element: a struct.
func (in *Inference) Of(text []byte, budget Budget) (*types.Type, error) {
	t, err := in.record(text, budget)
	switch {
	case isLimit(err):
		return nil, err
	case err != nil && in.o.mode == codec.FailFast:
		return nil, failFast(in.o.corruptColumn, err)
	case err != nil:
		return types.StructOf(types.Field{Name: in.o.corruptColumn, Type: types.String, Nullable: true}), nil
	}
	if whole := canonical(t); whole != nil {
		return whole, nil
	}
	return types.StructOf(), nil
}

func (in *Inference) record(text []byte, budget Budget) (*types.Type, error) {
	var err error
	if in.events, err = newEvents(text, budget); err != nil {
		return nil, err
	}
	root, err := in.events.root()
	if err != nil {
		return nil, err
	}
	return in.object(root.attrs)
}

// canonical replaces VOID by STRING and drops structs without fields. It returns nil if nothing remains.
func canonical(t *types.Type) *types.Type {
	switch t.Kind {
	case types.KindVoid:
		return types.String
	case types.KindArray:
		if elem := canonical(t.Elem); elem != nil {
			return types.ArrayOf(elem, true)
		}
		return nil
	case types.KindStruct:
		var fields []types.Field
		for _, f := range t.Fields {
			if f.Type = canonical(f.Type); f.Type != nil && f.Name != "" {
				fields = append(fields, f)
			}
		}
		if len(fields) == 0 {
			return nil
		}
		return types.StructOf(fields...)
	}
	return t
}

func byName(a, b types.Field) int { return cmp.Compare(a.Name, b.Name) }

// object infers the content of the current element, up to its end tag.
func (in *Inference) object(attrs []attribute) (*types.Type, error) {
	f := newParts(in)
	for _, a := range in.attributes(attrs) {
		f.add(a.Name, a.Type)
	}
	for {
		ev, err := in.events.next()
		if err != nil {
			return nil, err
		}
		switch {
		case ev.kind == startElement:
			name := in.o.local(ev.name)
			t, err := in.element(ev.attrs)
			if err != nil {
				return nil, err
			}
			f.add(name, t)
			if err := in.events.hold(cellBytes); err != nil {
				return nil, err
			}
		case ev.isText():
			f.add(in.o.valueTag, in.value(ev.content))
		case ev.kind != characters:
			return f.structType(), nil
		}
	}
}

// attributes returns the fields for attributes.
func (in *Inference) attributes(attrs []attribute) []types.Field {
	if in.o.excludeAttributes {
		return nil
	}
	var fields []types.Field
	at := map[string]int{}
	for _, a := range attrs {
		value := a.value
		if in.o.trim {
			value = trim(value)
		}
		t := in.value(value)
		name := in.o.attributePrefix + in.o.local(a.name)
		if i, ok := at[name]; ok {
			fields[i].Type = t
			continue
		}
		at[name] = len(fields)
		fields = append(fields, types.Field{Name: name, Type: t, Nullable: true})
	}
	return fields
}

// element infers the current element with its attributes; if it has any, the type is a struct.
func (in *Inference) element(attrs []attribute) (*types.Type, error) {
	more := in.attributes(attrs)
	t, err := in.field()
	if err != nil || len(more) == 0 {
		return t, err
	}
	var fields []types.Field
	switch t.Kind {
	case types.KindStruct:
		fields = slices.Clone(t.Fields)
	case types.KindVoid:
	default:
		fields = []types.Field{{Name: in.o.valueTag, Type: t, Nullable: true}}
	}
	fields = append(fields, more...)
	slices.SortStableFunc(fields, byName)
	return types.StructOf(fields...), nil
}

// field infers the content of the current element. If that is only text, the type is the type of the text.
func (in *Inference) field() (*types.Type, error) {
	ev, err := in.events.peek()
	if err != nil {
		return nil, err
	}
	kind := ev.kind
	if kind == endElement {
		_, err := in.events.next()
		return types.Void, err
	}
	t, err := in.object(nil)
	if err != nil || kind == startElement {
		return t, err
	}
	switch {
	case len(t.Fields) == 0:
		return types.Void, nil
	case len(t.Fields) == 1 && isSimple(t.Fields[0].Type) && strings.EqualFold(t.Fields[0].Name, in.o.valueTag):
		return t.Fields[0].Type, nil
	}
	return t, nil
}

func isSimple(t *types.Type) bool { return t.Kind != types.KindStruct && t.Kind != types.KindArray }

// value returns the type of a text. (Spark: inferFrom and the tryParse… methods it calls.)
func (in *Inference) value(text []byte) *types.Type {
	if in.o.trim {
		text = trim(text)
	}
	switch {
	case !in.o.inferSchema:
		return types.String
	case in.o.nullGiven && bytes.Equal(text, in.o.nullValue):
		return types.Void
	}
	if t := in.number(text); t != nil {
		return t
	}
	if in.o.preferDate {
		if _, ok := in.formats.ParseDate(text); ok {
			return types.Date
		}
	}
	if _, ok := in.formats.ParseTimestamp(text); ok {
		return types.Timestamp
	}
	if bytes.EqualFold(text, []byte("true")) || bytes.EqualFold(text, []byte("false")) {
		return types.Boolean
	}
	return types.String
}

// number returns the type of a text if it is a number, or nil.
func (in *Inference) number(text []byte) *types.Type {
	digits := text
	if len(digits) > 0 && (digits[0] == '+' || digits[0] == '-') {
		digits = digits[1:]
	}
	first, _ := utf8.DecodeRune(digits)
	if len(digits) == 0 || !unicode.IsDigit(first) && first != '.' {
		return nil
	}
	if _, ok := valuetext.ParseIntegerStrict(digits, 64); ok {
		return types.Long
	}
	if last := digits[len(digits)-1] | 0x20; last == 'd' || last == 'f' {
		return nil
	}
	if in.o.prefersDecimal {
		if t := in.decimal(text); t != nil {
			return t
		}
	}
	if _, ok := valuetext.ParseDoubleStrict(digits); ok {
		return types.Double
	}
	return nil
}

func (in *Inference) decimal(text []byte) *types.Type {
	plain, ok := in.decimals.Plain(text)
	if !ok {
		return nil
	}
	v, scale, err := decimal.Parse(plain)
	precision := max(len(v.Abs().String()), scale)
	if err != nil || scale < 0 || precision > decimal.MaxPrecision {
		return nil
	}
	return types.DecimalOf(precision, scale)
}
