package cast

import (
	"errors"
	"unicode/utf8"

	"github.com/streamctl/streamctl/internal/codec"
	"github.com/streamctl/streamctl/internal/halt"
	"github.com/streamctl/streamctl/internal/sparkerr"
	"github.com/streamctl/streamctl/internal/sql/expr"
	"github.com/streamctl/streamctl/internal/sql/kernel"
	"github.com/streamctl/streamctl/internal/types"
	"github.com/streamctl/streamctl/internal/variant"
	"github.com/streamctl/streamctl/internal/vector"
)

// ToVariant returns the kernel that converts values to variants. It also accepts structs and maps, which CAST refuses.
func ToVariant() expr.Kernel {
	var b variant.Builder
	return func(ctx *expr.Context, n int, sel vector.Selection, args []*vector.Vector, out *vector.Vector) error {
		steps := halt.Steps{Stop: ctx.Stop}
		b.Steps = steps.Take
		for k := range kernel.Count(n, sel) {
			i := kernel.Row(sel, k)
			b.Reset()
			err := AppendVariant(&b, args[0], i)
			if err == nil {
				err = SetVariant(&b, out, i)
			}
			if err != nil {
				return expr.AtRow(i, VariantError(err, "cast"))
			}
		}
		return nil
	}
}

// AppendVariant appends row i of v to a variant. A NULL becomes the variant null. (Spark:
// VariantExpressionEvalUtils.buildVariant.)
func AppendVariant(b *variant.Builder, v *vector.Vector, i int) error {
	if v.IsNull(i) {
		b.Null()
		return nil
	}
	i = v.At(i)
	switch v.Type.Kind {
	case types.KindArray:
		return appendItems(b, v, i)
	case types.KindMap:
		return appendEntries(b, v, i)
	case types.KindStruct:
		return appendFields(b, v, i)
	case types.KindVariant:
		return b.Append(variant.Of(v.Bytes(i)))
	}
	appendScalar(b, v, i)
	return nil
}

func appendScalar(b *variant.Builder, v *vector.Vector, i int) {
	switch v.Type.Kind {
	case types.KindBoolean:
		b.Bool(v.Bool[i])
	case types.KindByte, types.KindShort, types.KindInt, types.KindLong:
		b.Int(integerAt(v, i))
	case types.KindFloat:
		b.Float(v.F32[i])
	case types.KindDouble:
		b.Double(v.F64[i])
	case types.KindDecimal:
		b.Decimal(v.Dec[i], v.Type.Scale)
	case types.KindBinary:
		b.Binary(v.Bytes(i))
	case types.KindDate:
		b.Date(v.I32[i])
	case types.KindTimestamp:
		b.Timestamp(v.I64[i])
	case types.KindTimestampNTZ:
		b.TimestampNTZ(v.I64[i])
	default:
		b.Text(repaired(v.Bytes(i)))
	}
}

func appendItems(b *variant.Builder, v *vector.Vector, i int) error {
	o, w := b.Open(), v.Views[i]
	for k := int(w.Off); k < int(w.Off+w.Len); k++ {
		b.Item(o)
		if err := AppendVariant(b, v.Children[0], k); err != nil {
			return err
		}
	}
	b.CloseArray(o)
	return nil
}

func appendEntries(b *variant.Builder, v *vector.Vector, i int) error {
	o, w := b.Open(), v.Views[i]
	for k := int(w.Off); k < int(w.Off+w.Len); k++ {
		b.Key(o, repaired(v.Children[0].Bytes(k)))
		if err := AppendVariant(b, v.Children[1], k); err != nil {
			return err
		}
	}
	return b.CloseObject(o)
}

func appendFields(b *variant.Builder, v *vector.Vector, i int) error {
	o := b.Open()
	for k, f := range v.Type.Fields {
		b.Key(o, []byte(f.Name))
		if err := AppendVariant(b, v.Children[k], i); err != nil {
			return err
		}
	}
	return b.CloseObject(o)
}

// repaired returns a string as Java decodes it, with replacement characters for malformed bytes.
func repaired(s []byte) []byte {
	if utf8.Valid(s) {
		return s
	}
	return codec.AppendRepaired(nil, s)
}

// SetVariant stores the builder's variant as the value of row i.
func SetVariant(b *variant.Builder, out *vector.Vector, i int) error {
	at := len(out.Data)
	size, err := b.Size()
	if err != nil {
		return err
	}
	if err := expr.CheckText(size, at, out.Most()); err != nil {
		return err
	}
	if out.Data, err = b.AppendStored(out.Data); err != nil {
		return err
	}
	out.CloseBytes(i, at)
	return nil
}

// VariantError returns Spark's error for an error of package variant.
func VariantError(err error, function string) error {
	var duplicate *variant.DuplicateKey
	switch {
	case errors.As(err, &duplicate):
		return sparkerr.New("VARIANT_DUPLICATE_KEY", "key", duplicate.Name)
	case errors.As(err, &variant.TooLarge{}):
		return sparkerr.New("VARIANT_SIZE_LIMIT", "sizeLimit", "128.0 MiB", "functionName", "`"+function+"`")
	}
	return err
}

// FromVariant returns the kernel of a cast from VARIANT. With try, parts that cannot be converted become NULL.
func FromVariant(to *types.Type, try bool) (expr.Kernel, error) {
	c, err := NewVariantCast(to, try)
	if err != nil {
		return nil, err
	}
	return func(ctx *expr.Context, n int, sel vector.Selection, args []*vector.Vector, out *vector.Vector) error {
		for k := range kernel.Count(n, sel) {
			i := kernel.Row(sel, k)
			if err := c.Set(ctx, variant.Of(args[0].Bytes(i)), out, out.At(i)); err != nil {
				return expr.AtRow(i, err)
			}
		}
		return nil
	}, nil
}
