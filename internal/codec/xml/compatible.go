package xml

import (
	"slices"

	"github.com/streamctl/streamctl/internal/decimal"
	"github.com/streamctl/streamctl/internal/types"
)

// compatible returns the common type of values of two types. (Spark: XmlInferSchema.compatibleType.)
func (in *Inference) compatible(a, b *types.Type) *types.Type {
	switch {
	case a.Kind == types.KindStruct && b.Kind == types.KindStruct:
		both := newParts(in)
		both.merge(a)
		both.merge(b)
		return both.structType()
	case a.Kind == types.KindArray && b.Kind == types.KindArray:
		return types.ArrayOf(in.compatible(a.Elem, b.Elem), true)
	case a.Equal(b) || b.Kind == types.KindVoid:
		return a
	case a.Kind == types.KindVoid:
		return b
	case a.Kind == types.KindArray:
		return types.ArrayOf(in.compatible(a.Elem, b), true)
	case b.Kind == types.KindArray:
		return types.ArrayOf(in.compatible(a, b.Elem), true)
	case a.Kind == types.KindStruct:
		return in.withValue(a, b)
	case b.Kind == types.KindStruct:
		return in.withValue(b, a)
	case a.IsNumeric() && b.IsNumeric():
		return widerNumber(a, b)
	case isDay(a) && isDay(b):
		return types.Timestamp
	}
	return types.String
}

func isDay(t *types.Type) bool { return t.Kind == types.KindDate || t.Kind == types.KindTimestamp }

// widerNumber returns the wider of two of the types BIGINT, DOUBLE and DECIMAL.
func widerNumber(a, b *types.Type) *types.Type {
	if a.Kind == types.KindDouble || b.Kind == types.KindDouble {
		return types.Double
	}
	const longDigits = 20
	digits := func(t *types.Type) (integral, scale int) {
		if t.Kind == types.KindLong {
			return longDigits, 0
		}
		return t.Precision - t.Scale, t.Scale
	}
	integralA, scaleA := digits(a)
	integralB, scaleB := digits(b)
	integral, scale := max(integralA, integralB), max(scaleA, scaleB)
	if integral+scale > decimal.MaxPrecision {
		return types.Double
	}
	return types.DecimalOf(integral+scale, scale)
}

// withValue returns a struct whose text field also accepts values of type t. If there is no such field, the result is STRING.
func (in *Inference) withValue(s, t *types.Type) *types.Type {
	i := slices.IndexFunc(s.Fields, func(f types.Field) bool { return f.Name == in.o.valueTag })
	if i < 0 {
		return types.String
	}
	fields := slices.Clone(s.Fields)
	fields[i].Type = in.compatible(fields[i].Type, t)
	return types.StructOf(fields...)
}
