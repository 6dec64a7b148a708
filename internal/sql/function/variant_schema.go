package function

import (
	"github.com/streamctl/streamctl/internal/codec/json"
	"github.com/streamctl/streamctl/internal/sql/cast"
	"github.com/streamctl/streamctl/internal/sql/kernel"
	"github.com/streamctl/streamctl/internal/types"
	"github.com/streamctl/streamctl/internal/variant"
	"github.com/streamctl/streamctl/internal/vector"
)

// variantSchema returns the type of a variant's content. (Spark: SchemaOfVariant.schemaOf.)
func variantSchema(v variant.Value) *types.Type {
	switch v.Kind() {
	case variant.Object:
		var fields []types.Field
		v.Members(func(_ int, name []byte, member variant.Value) bool {
			fields = append(fields, types.Field{Name: string(name), Type: variantSchema(member), Nullable: true})
			return true
		})
		return types.StructOf(fields...)
	case variant.Array:
		elem := types.Void
		v.Members(func(_ int, _ []byte, member variant.Value) bool {
			elem = json.Compatible(elem, variantSchema(member), types.Variant)
			return true
		})
		return types.ArrayOf(elem, true)
	case variant.Decimal:
		return cast.VariantDecimal(v.Decimal())
	}
	return scalarSchemas[v.Kind()]
}

var scalarSchemas = [...]*types.Type{
	variant.Null: types.Void, variant.Boolean: types.Boolean, variant.Long: types.Long, variant.Double: types.Double,
	variant.String: types.String, variant.Binary: types.Binary, variant.Date: types.Date, variant.Timestamp: types.Timestamp,
	variant.TimestampNTZ: types.TimestampNTZ, variant.Float: types.Float,
}

// appendVariantSchema prints structs as objects.
func appendVariantSchema(dst []byte, t *types.Type) []byte {
	switch t.Kind {
	case types.KindStruct:
		dst = append(dst, "OBJECT<"...)
		for i, f := range t.Fields {
			if i > 0 {
				dst = append(dst, ", "...)
			}
			dst = append(append(dst, types.QuoteIfNeeded(f.Name)...), ": "...)
			dst = appendVariantSchema(dst, f.Type)
		}
		return append(dst, '>')
	case types.KindArray:
		return append(appendVariantSchema(append(dst, "ARRAY<"...), t.Elem), '>')
	}
	return append(dst, t.SQL()...)
}

// variantSchemas is the state of schema_of_variant_agg, one type per group. It is saved as the JSON of the type.
type variantSchemas struct{ types []*types.Type }

func (s *variantSchemas) Grow(n int) {
	for len(s.types) < n {
		s.types = append(s.types, types.Void)
	}
}

// Bytes counts the types as if they were small, since most groups share theirs.
func (s *variantSchemas) Bytes() int { return 8 * cap(s.types) }

func (s *variantSchemas) add(group int32, t *types.Type) {
	s.types[group] = json.Compatible(s.types[group], t, types.Variant)
}

func (s *variantSchemas) Update(n int, sel vector.Selection, groups []int32, args []*vector.Vector) error {
	for k := range kernel.Count(n, sel) {
		i := kernel.Row(sel, k)
		s.add(groups[i], variantSchema(variant.Of(args[0].Bytes(i))))
	}
	return nil
}

func (s *variantSchemas) Reset() { s.types = s.types[:0] }

func (s *variantSchemas) State() []types.Field {
	return []types.Field{{Name: "buf", Type: types.Binary, Nullable: true}}
}

func (s *variantSchemas) Save(from, to int, state []*vector.Vector) {
	for g, t := range s.types[from:to] {
		state[0].SetString(g, t.JSON())
	}
}

func (s *variantSchemas) Merge(groups []int32, state []*vector.Vector) error {
	for i, g := range groups {
		t, err := types.ParseTypeJSON(state[0].Bytes(i))
		if err != nil {
			return err
		}
		s.add(g, t)
	}
	return nil
}

func (s *variantSchemas) Finish(from, to int, out *vector.Vector) error {
	for g, t := range s.types[from:to] {
		out.SetBytes(g, appendVariantSchema(nil, t))
	}
	return nil
}
