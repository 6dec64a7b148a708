package xml

import (
	"slices"
	"strings"

	"github.com/streamctl/streamctl/internal/types"
)

// parts holds the fields of a struct whose type is being inferred. They grow in place, because merging two struct types for
// each element would take quadratic time. Fields are grouped by lower-case name and keep the first spelling.
type parts struct {
	in     *Inference
	at     map[string]int
	fields []part
}

// A part is a field. Its type is t, or a struct of the parts, or an array of such structs.
type part struct {
	name  string
	t     *types.Type
	parts *parts
	array bool
}

func newParts(in *Inference) *parts { return &parts{in: in, at: map[string]int{}} }

func (p *parts) field(name string) *part {
	if i, ok := p.at[strings.ToLower(name)]; ok {
		return &p.fields[i]
	}
	return nil
}

// add adds a value of an element; several values with one name form an array. (Spark: addOrUpdateType.)
func (p *parts) add(name string, t *types.Type) {
	f := p.field(name)
	if f == nil {
		p.insert(name, t)
		return
	}
	f.widen(p.in, t)
	if f.parts != nil {
		f.array = true
	} else if f.t.Kind != types.KindArray {
		f.t = types.ArrayOf(f.t, true)
	}
}

func (p *parts) insert(name string, t *types.Type) {
	p.at[strings.ToLower(name)] = len(p.fields)
	p.fields = append(p.fields, part{name: name, t: t})
}

// merge adds the fields of a struct. (Spark: XmlInferSchema.compatibleType of two structs.)
func (p *parts) merge(s *types.Type) {
	p.in.events.budget.Take(len(s.Fields))
	for _, f := range s.Fields {
		if have := p.field(f.Name); have != nil {
			have.widen(p.in, f.Type)
		} else {
			p.insert(f.Name, f.Type)
		}
	}
}

// unwrapped returns the item type of an array, and other types unchanged.
func unwrapped(t *types.Type) *types.Type {
	if t.Kind == types.KindArray {
		return t.Elem
	}
	return t
}

// widen widens the type of f to include values of type t: the compatible type of both.
func (f *part) widen(in *Inference, t *types.Type) {
	if f.parts == nil && unwrapped(f.t).Kind == types.KindStruct && unwrapped(t).Kind == types.KindStruct {
		f.parts, f.array = newParts(in), f.t.Kind == types.KindArray
		f.parts.merge(unwrapped(f.t))
	}
	if f.parts == nil {
		f.t = in.compatible(f.t, t)
		return
	}
	f.array = f.array || t.Kind == types.KindArray
	switch item := unwrapped(t); item.Kind {
	case types.KindStruct:
		f.parts.merge(item)
	case types.KindVoid:
	default:
		f.widenValue(in, item)
	}
}

// widenValue adds a value that is not a struct to the text field; without such a field, the type becomes STRING.
func (f *part) widenValue(in *Inference, t *types.Type) {
	if value := f.parts.field(in.o.valueTag); value != nil && value.name == in.o.valueTag {
		value.widen(in, t)
		return
	}
	f.parts, f.t = nil, types.String
	if f.array {
		f.t = types.ArrayOf(types.String, true)
	}
}

// typeOf returns the type of the field.
func (f *part) typeOf() *types.Type {
	switch {
	case f.parts == nil:
		return f.t
	case f.array:
		return types.ArrayOf(f.parts.structType(), true)
	}
	return f.parts.structType()
}

// structType returns a struct of all fields, sorted by name.
func (p *parts) structType() *types.Type {
	fields := make([]types.Field, len(p.fields))
	for i := range p.fields {
		fields[i] = types.Field{Name: p.fields[i].name, Type: p.fields[i].typeOf(), Nullable: true}
	}
	slices.SortStableFunc(fields, byName)
	return types.StructOf(fields...)
}
