package coerce

import "github.com/streamctl/streamctl/internal/types"

// Tightest returns the common type of two types without string promotion or loss of decimal digits, or nil if there is none.
// (Spark: AnsiTypeCoercion.findTightestCommonType.)
func Tightest(a, b *types.Type) *types.Type {
	if t := tightestAtomic(a, b); t != nil {
		return t
	}
	return nested(a, b, Tightest)
}

func tightestAtomic(a, b *types.Type) *types.Type {
	switch {
	case a.Equal(b), b.Kind == types.KindVoid:
		return a
	case a.Kind == types.KindVoid:
		return b
	case a.IsText() && b.IsText():
		return types.String
	case a.Kind == types.KindDecimal && b.IsIntegral() && isWider(a, b):
		return a
	case b.Kind == types.KindDecimal && a.IsIntegral() && isWider(b, a):
		return b
	case a.Kind == types.KindDecimal, b.Kind == types.KindDecimal:
		return nil
	case a.IsNumeric() && b.IsNumeric():
		return widerNumber(a, b)
	case a.Kind == types.KindTime && b.Kind == types.KindTime:
		return types.TimeOf(max(a.Precision, b.Precision))
	case isDateOrTimestamp(a) && isDateOrTimestamp(b):
		return widerDatetime(a, b)
	case a.Kind == b.Kind && (a.Kind == types.KindYearMonth || a.Kind == types.KindDayTime):
		return &types.Type{Kind: a.Kind, Start: min(a.Start, b.Start), End: max(a.End, b.End)}
	}
	return nil
}

// widerNumber returns the wider of two numeric types, but DOUBLE for FLOAT and an integral type, so that no integer loses
// digits.
func widerNumber(a, b *types.Type) *types.Type {
	if a.Kind == types.KindFloat && b.IsIntegral() || b.Kind == types.KindFloat && a.IsIntegral() {
		return types.Double
	}
	if a.Kind > b.Kind {
		return a
	}
	return b
}

// PlainTightest is the variant of Tightest that collection functions use even in ANSI mode: FLOAT is wider than all integral
// types. (Spark: TypeCoercion.findTightestCommonType.)
func PlainTightest(a, b *types.Type) *types.Type {
	plain := func(t *types.Type) bool { return t.IsNumeric() && t.Kind != types.KindDecimal }
	switch {
	case plain(a) && plain(b) && a.Kind > b.Kind:
		return a
	case plain(a) && plain(b):
		return b
	}
	if t := tightestAtomic(a, b); t != nil {
		return t
	}
	return nested(a, b, PlainTightest)
}

// PlainWidest is PlainTightest plus a common type for any two decimals. (Spark:
// TypeCoercion.findWiderTypeWithoutStringPromotion.)
func PlainWidest(a, b *types.Type) *types.Type {
	if t := PlainTightest(a, b); t != nil {
		return t
	}
	if t := widestDecimal(a, b); t != nil {
		return t
	}
	return nested(a, b, PlainWidest)
}

func isDateOrTimestamp(t *types.Type) bool { return t.Kind == types.KindDate || isTimestamp(t) }

func isTimestamp(t *types.Type) bool {
	return t.Kind == types.KindTimestamp || t.Kind == types.KindTimestampNTZ
}

// widerDatetime orders DATE < TIMESTAMP_NTZ < TIMESTAMP.
func widerDatetime(a, b *types.Type) *types.Type {
	switch {
	case a.Kind == types.KindTimestamp || b.Kind == types.KindDate:
		return a
	case b.Kind == types.KindTimestamp || a.Kind == types.KindDate:
		return b
	}
	return a
}

// Widest returns the least common type of two types, or nil if there is none. Strings are converted to the other type.
// (Spark: AnsiTypeCoercion.findWiderTypeForTwo.)
func Widest(a, b *types.Type) *types.Type {
	if t := WidestWithoutStrings(a, b); t != nil {
		return t
	}
	if t := promoteString(a, b); t != nil {
		return t
	}
	return nested(a, b, Widest)
}

// WidestWithoutStrings is Widest, except that a string has no common type with other types (greatest, least).
func WidestWithoutStrings(a, b *types.Type) *types.Type {
	if t := Tightest(a, b); t != nil {
		return t
	}
	if t := widestDecimal(a, b); t != nil {
		return t
	}
	return nested(a, b, WidestWithoutStrings)
}

// WidestOf returns the least common type of all, or VOID if ts is empty.
func WidestOf(ts ...*types.Type) *types.Type { return fold(Widest, ts) }

func fold(common func(a, b *types.Type) *types.Type, ts []*types.Type) *types.Type {
	t := types.Void
	for _, u := range ts {
		if t = common(t, u); t == nil {
			return nil
		}
	}
	return t
}

func widestDecimal(a, b *types.Type) *types.Type {
	if b.Kind == types.KindDecimal && a.Kind != types.KindDecimal {
		a, b = b, a
	}
	switch {
	case a.Kind != types.KindDecimal:
		return nil
	case b.Kind == types.KindDecimal:
		return widerDecimal(a, b)
	case b.IsIntegral():
		return widerDecimal(a, DecimalFor(b))
	case b.Kind == types.KindFloat || b.Kind == types.KindDouble:
		return types.Double
	}
	return nil
}

// promoteString returns the type to which a string is converted next to the other type, or nil if it is not converted.
// (Spark: AnsiTypeCoercion.findWiderTypeForString.)
func promoteString(a, b *types.Type) *types.Type {
	if !a.IsText() {
		a, b = b, a
	}
	if !a.IsText() || b.IsText() {
		return nil
	}
	switch {
	case b.IsIntegral():
		return types.Long
	case b.IsNumeric():
		return types.Double
	case b.Kind == types.KindVoid:
		return types.String
	}
	switch b.Kind {
	case types.KindBoolean, types.KindBinary, types.KindDate, types.KindTimestamp, types.KindTimestampNTZ, types.KindTime, types.KindVariant:
		return b
	}
	return nil
}

// nested returns the common type of two arrays, maps or structs whose parts have common types.
func nested(a, b *types.Type, common func(a, b *types.Type) *types.Type) *types.Type {
	if a.Kind != b.Kind {
		return nil
	}
	switch a.Kind {
	case types.KindArray:
		if elem := common(a.Elem, b.Elem); elem != nil {
			return types.ArrayOf(elem, mayHoldNull(a.Elem, b.Elem, elem, a.ContainsNull || b.ContainsNull))
		}
	case types.KindMap:
		key, value := common(a.Key, b.Key), common(a.Elem, b.Elem)
		if key != nil && value != nil && !mayHoldNull(a.Key, b.Key, key, false) {
			return types.MapOf(key, value, mayHoldNull(a.Elem, b.Elem, value, a.ContainsNull || b.ContainsNull))
		}
	case types.KindStruct:
		return nestedStruct(a, b, common)
	}
	return nil
}

func nestedStruct(a, b *types.Type, common func(a, b *types.Type) *types.Type) *types.Type {
	if len(a.Fields) != len(b.Fields) {
		return nil
	}
	fields := make([]types.Field, len(a.Fields))
	for i, f := range a.Fields {
		g := b.Fields[i]
		t := common(f.Type, g.Type)
		if t == nil || !equalFold(f.Name, g.Name) {
			return nil
		}
		fields[i] = types.Field{Name: f.Name, Type: t, Nullable: mayHoldNull(f.Type, g.Type, t, f.Nullable || g.Nullable)}
	}
	return types.StructOf(fields...)
}

func mayHoldNull(a, b, t *types.Type, nullable bool) bool {
	return nullable || ForceNullable(a, t) || ForceNullable(b, t)
}
