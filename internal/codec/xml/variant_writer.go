package xml

import (
	"encoding/base64"
	"slices"
	"strconv"

	"github.com/streamctl/streamctl/internal/codec"
	"github.com/streamctl/streamctl/internal/decimal"
	"github.com/streamctl/streamctl/internal/types"
	"github.com/streamctl/streamctl/internal/valuetext"
	"github.com/streamctl/streamctl/internal/variant"
	"github.com/streamctl/streamctl/internal/vector"
)

func variantAt(v *vector.Vector, row int) variant.Value { return variant.Of(v.Bytes(row)) }

// variant writes a VARIANT: an object as an element, an array as elements with the same name. (Spark: writeVariant.)
func (w *TextWriter) variant(name string, v variant.Value) error {
	w.take(1)
	switch v.Kind() {
	case variant.Object:
		return w.variantObject(name, v)
	case variant.Array:
		return w.variantArray(name, v)
	}
	return w.variantScalar(name, v)
}

func (w *TextWriter) variantObject(name string, v variant.Value) error {
	if err := w.out.start(name); err != nil {
		return err
	}
	var err error
	for _, attributes := range []bool{true, false} {
		v.Members(func(_ int, key []byte, value variant.Value) bool {
			if w.o.isAttribute(string(key)) == attributes {
				err = w.variant(string(key), value)
			}
			return err == nil
		})
		if err != nil {
			return err
		}
	}
	w.out.end()
	return nil
}

func (w *TextWriter) variantArray(name string, v variant.Value) error {
	var err error
	v.Members(func(_ int, _ []byte, item variant.Value) bool {
		if item.Kind() == variant.Array {
			err = w.variantArray(w.o.arrayElement, item)
		} else {
			err = w.variant(name, item)
		}
		return err == nil
	})
	return err
}

// variantScalar writes a scalar as an attribute, text or element, depending on its name. (Spark: writeVariantPrimitive.)
func (w *TextWriter) variantScalar(name string, v variant.Value) error {
	text := w.variantText(v)
	switch {
	case w.o.isAttribute(name) && text != nil:
		return w.out.attribute(name[len(w.o.attributePrefix):], text)
	case name == w.o.valueTag && text != nil:
		return w.out.text(text)
	}
	if err := w.out.start(name); err != nil {
		return err
	}
	if text != nil {
		if err := w.out.text(text); err != nil {
			return err
		}
	}
	w.out.end()
	return nil
}

// variantText returns the text of a scalar, or nil for a null without a text.
func (w *TextWriter) variantText(v variant.Value) []byte {
	switch v.Kind() {
	case variant.Null:
		if !w.o.nullGiven {
			return nil
		}
		return w.o.nullValue
	case variant.Boolean:
		return strconv.AppendBool(nil, v.Bool())
	case variant.Long:
		return strconv.AppendInt(nil, v.Int(), 10)
	case variant.Double:
		return valuetext.AppendDouble(nil, v.Double())
	case variant.Float:
		return valuetext.AppendFloat(nil, v.Float())
	case variant.Decimal:
		return appendVariantDecimal(nil, v)
	case variant.String:
		return append([]byte{}, v.Text()...)
	case variant.Binary:
		return base64.StdEncoding.AppendEncode([]byte{}, v.Text())
	case variant.Date:
		return w.variantTime(types.Date, v.Int())
	case variant.TimestampNTZ:
		return w.variantTime(types.TimestampNTZ, v.Int())
	}
	return w.variantTime(types.Timestamp, v.Int())
}

// variantTime returns a date or time in the form requested by the options.
func (w *TextWriter) variantTime(t *types.Type, n int64) []byte {
	one := vector.NewConst(t)
	if t.Kind == types.KindDate {
		one.I32[0] = int32(n)
	} else {
		one.I64[0] = n
	}
	return w.times.Append(nil, one, 0)
}

// appendVariantDecimal appends a decimal like BigDecimal.toString, without trailing zeros.
func appendVariantDecimal(dst []byte, v variant.Value) []byte {
	unscaled, scale := v.Decimal()
	if scale >= 0 {
		return codec.AppendDecimal(dst, unscaled, scale)
	}
	from := len(dst)
	dst = decimal.Append(dst, unscaled, 0)
	first := from
	if dst[first] == '-' {
		first++
	}
	digits := len(dst) - first
	if digits > 1 {
		dst = slices.Insert(dst, first+1, '.')
	}
	return strconv.AppendInt(append(dst, "E+"...), int64(digits-1-scale), 10)
}
