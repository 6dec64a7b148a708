package cast

import (
	"slices"

	"github.com/streamctl/streamctl/internal/decimal"
	"github.com/streamctl/streamctl/internal/sparkerr"
	"github.com/streamctl/streamctl/internal/sql/coerce"
	"github.com/streamctl/streamctl/internal/sql/expr"
	"github.com/streamctl/streamctl/internal/sql/kernel"
	"github.com/streamctl/streamctl/internal/types"
	"github.com/streamctl/streamctl/internal/valuetext"
	"github.com/streamctl/streamctl/internal/variant"
	"github.com/streamctl/streamctl/internal/vector"
)

// A VariantCast converts variants to a type, recursively. (Spark: VariantGet.cast.)
type VariantCast struct {
	to       *types.Type
	try      bool
	parts    []*VariantCast // for the items of arrays, the values of maps, the fields of structs
	scalars  map[source]expr.Kernel
	from, at vector.Vector // a scalar before and after its conversion
	builder  variant.Builder
}

// A source is the type of a scalar.
type source struct {
	kind             types.Kind
	precision, scale int
}

// NewVariantCast returns the conversion to a type.
func NewVariantCast(to *types.Type, try bool) (*VariantCast, error) {
	c := &VariantCast{to: to, try: try, scalars: map[source]expr.Kernel{}}
	parts := partsOf(to)
	if to.Kind == types.KindMap {
		parts = parts[1:]
	}
	for _, t := range parts {
		part, err := NewVariantCast(t, try)
		if err != nil {
			return nil, err
		}
		c.parts = append(c.parts, part)
	}
	return c, nil
}

// Set converts v and stores the result at position k of out.
func (c *VariantCast) Set(ctx *expr.Context, v variant.Value, out *vector.Vector, k int) error {
	if err := ctx.Stop.Err(); err != nil {
		return err
	}
	kind := v.Kind()
	if kind == variant.Null && c.to.Kind != types.KindVariant {
		out.SetNull(k)
		return nil
	}
	ok, err := c.convert(ctx, kind, v, out, k)
	switch {
	case err != nil:
		return err
	case ok:
		if out.Valid != nil {
			out.Valid.Set(k)
		}
		return nil
	case c.try:
		out.SetNull(k)
		return nil
	}
	return c.invalid(ctx, v)
}

func (c *VariantCast) invalid(ctx *expr.Context, v variant.Value) error {
	return sparkerr.New("INVALID_VARIANT_CAST", "value", string(valuetext.AppendVariant(nil, v, zone(ctx))), "dataType", quote(c.to))
}

// convert reports whether v can be converted to the type.
func (c *VariantCast) convert(ctx *expr.Context, kind variant.Kind, v variant.Value, out *vector.Vector, k int) (ok bool, err error) {
	switch c.to.Kind {
	case types.KindVariant:
		c.builder.Reset()
		if err := c.builder.Append(v); err != nil {
			return false, err
		}
		return true, SetVariant(&c.builder, out, k)
	case types.KindArray:
		return kind == variant.Array, c.list(ctx, v, kind == variant.Array, out, k)
	case types.KindMap:
		return kind == variant.Object, c.list(ctx, v, kind == variant.Object, out, k)
	case types.KindStruct:
		return kind == variant.Object, c.fields(ctx, v, kind == variant.Object, out, k)
	}
	if kind != variant.Array && kind != variant.Object {
		return c.scalar(ctx, kind, v, out, k)
	}
	if !c.to.IsText() {
		return false, nil
	}
	at := len(out.Data)
	if err := expr.CheckText(v.TextSize(), at, out.Most()); err != nil {
		return false, err
	}
	out.Data = valuetext.AppendVariant(out.Data, v, zone(ctx))
	out.CloseBytes(k, at)
	return true, nil
}

// list converts the items of an array, or the entries of a map.
func (c *VariantCast) list(ctx *expr.Context, v variant.Value, is bool, out *vector.Vector, k int) (err error) {
	if !is {
		return nil
	}
	values := out.Children[len(out.Children)-1]
	from, n := values.Len(), v.Len()
	for _, child := range out.Children {
		child.Extend(from + n)
	}
	v.Members(func(i int, name []byte, member variant.Value) bool {
		if name != nil {
			out.Children[0].SetBytes(from+i, name)
		}
		err = c.parts[0].Set(ctx, member, values, from+i)
		return err == nil
	})
	out.Views[k] = vector.View{Off: uint32(from), Len: uint32(n)}
	return err
}

// fields converts the members of an object to the fields of a struct with the same names. Other members are ignored, and
// missing ones are NULL.
func (c *VariantCast) fields(ctx *expr.Context, v variant.Value, is bool, out *vector.Vector, k int) error {
	for _, child := range out.Children {
		child.SetNull(k)
	}
	if !is {
		return nil
	}
	for f, part := range c.parts {
		name := c.to.Fields[f].Name
		member, ok := v.Field(name)
		if !ok || slices.ContainsFunc(c.to.Fields[f+1:], func(g types.Field) bool { return g.Name == name }) { // the last of duplicate names
			continue
		}
		if err := part.Set(ctx, member, out.Children[f], k); err != nil {
			return err
		}
	}
	return nil
}

// scalar converts v with the cast from its type in the variant.
func (c *VariantCast) scalar(ctx *expr.Context, kind variant.Kind, v variant.Value, out *vector.Vector, k int) (ok bool, err error) {
	c.take(kind, v)
	from := c.from.Type
	if from.Kind == types.KindDecimal && c.to.IsText() {
		at := len(out.Data)
		out.Data = valuetext.AppendVariantDecimal(out.Data, v)
		out.CloseBytes(k, at)
		return true, nil
	}
	if !coerce.CanCast(from, c.to) || c.to.Kind == types.KindTimestamp && !c.isTimestamp(from) {
		return false, nil
	}
	key := source{from.Kind, from.Precision, from.Scale}
	convert, known := c.scalars[key]
	if !known {
		if convert, err = Compile(from, c.to, true); err != nil {
			return false, err
		}
		c.scalars[key] = convert
	}
	result := &c.from
	if convert != nil {
		result = &c.at
		result.Reset(c.to, 1)
		if err := convert(ctx, 1, nil, []*vector.Vector{&c.from}, result); err != nil {
			return false, err
		}
	}
	if result.IsNull(0) {
		return false, nil
	}
	kernel.Replace(out, k, result, 0)
	return true, nil
}

// take makes v the only row of c.from.
func (c *VariantCast) take(kind variant.Kind, v variant.Value) {
	from := &c.from
	switch kind {
	case variant.Boolean:
		from.Reset(types.Boolean, 1)
		from.Bool[0] = v.Bool()
	case variant.Long:
		from.Reset(types.Long, 1)
		from.I64[0] = v.Int()
	case variant.Double:
		from.Reset(types.Double, 1)
		from.F64[0] = v.Double()
	case variant.Float:
		from.Reset(types.Float, 1)
		from.F32[0] = v.Float()
	case variant.Decimal:
		c.takeDecimal(v)
	case variant.Date:
		from.Reset(types.Date, 1)
		from.I32[0] = int32(v.Int())
	case variant.Timestamp:
		from.Reset(types.Timestamp, 1)
		from.I64[0] = v.Int()
	case variant.TimestampNTZ:
		from.Reset(types.TimestampNTZ, 1)
		from.I64[0] = v.Int()
	case variant.Binary:
		from.Reset(types.Binary, 1)
		from.SetBytes(0, v.Text())
	default:
		from.Reset(types.String, 1)
		from.SetBytes(0, v.Text())
	}
}

func (c *VariantCast) takeDecimal(v variant.Value) {
	unscaled, scale := v.Decimal()
	c.from.Reset(VariantDecimal(unscaled, scale), 1)
	c.from.Dec[0], _ = decimal.Rescale(unscaled, scale, max(scale, 0))
}

// VariantDecimal returns the type of a decimal in a variant.
func VariantDecimal(unscaled decimal.Int128, scale int) *types.Type {
	unscaled, _ = decimal.Rescale(unscaled, scale, max(scale, 0))
	precision := max(scale, 1)
	for !decimal.Fits(unscaled, precision) {
		precision++
	}
	return types.DecimalOf(precision, max(scale, 0))
}

// isTimestamp reports whether a number of seconds is in the range of timestamps. Other casts saturate or wrap instead.
func (c *VariantCast) isTimestamp(from *types.Type) bool {
	switch from.Kind {
	case types.KindLong:
		_, ok := mul(c.from.I64[0], microsPerSecond)
		return ok
	case types.KindDecimal:
		micros, ok := decimal.RescaleMode(c.from.Dec[0], from.Scale, 6, decimal.Down)
		_, fits := micros.Int64()
		return ok && fits
	}
	return true
}
