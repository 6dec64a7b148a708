package coerce

import (
	"slices"
	"strings"

	"github.com/streamctl/streamctl/internal/sparkerr"
	"github.com/streamctl/streamctl/internal/sql/expr"
	"github.com/streamctl/streamctl/internal/types"
)

// CanCast reports whether CAST(from AS to) exists in ANSI mode.
func CanCast(from, to *types.Type) bool {
	switch {
	case from.SameShape(to) && from.Kind != types.KindStruct && from.Kind != types.KindArray && from.Kind != types.KindMap, from.Kind == types.KindVoid:
		return true
	case to.IsText():
		return true
	case from.Kind == types.KindVariant:
		return CanBeVariant(to, true)
	case to.Kind == types.KindVariant:
		return CanBeVariant(from, false)
	case from.IsText():
		return canCastText(to)
	}
	switch to.Kind {
	case types.KindBoolean:
		return from.IsNumeric()
	case types.KindTimestamp:
		return from.Kind == types.KindTime || from.IsNumeric() || from.Kind == types.KindDate || from.Kind == types.KindTimestampNTZ
	case types.KindTimestampNTZ:
		return from.Kind == types.KindTime || from.Kind == types.KindDate || from.Kind == types.KindTimestamp
	case types.KindDate:
		return from.Kind == types.KindTimestamp || from.Kind == types.KindTimestampNTZ
	case types.KindYearMonth, types.KindDayTime:
		return from.Kind == to.Kind || isExact(from) && to.Start == to.End || from.Kind == types.KindDecimal || from.IsIntegral()
	case types.KindArray, types.KindMap, types.KindStruct:
		return canCastNested(from, to)
	}
	if to.IsNumeric() {
		return canCastToNumber(from, to)
	}
	return false
}

func canCastText(to *types.Type) bool {
	switch to.Kind {
	case types.KindArray, types.KindMap, types.KindStruct, types.KindVoid:
		return false
	}
	return true
}

func canCastToNumber(from, to *types.Type) bool {
	switch from.Kind {
	case types.KindBoolean, types.KindTimestamp:
		return true
	case types.KindYearMonth, types.KindDayTime, types.KindTime:
		return isExact(to)
	}
	return from.IsNumeric()
}

// isExact reports whether t is an integral or decimal type.
func isExact(t *types.Type) bool { return t.IsIntegral() || t.Kind == types.KindDecimal }

// CanBeVariant reports whether a VARIANT can hold t. Functions convert structs, and maps with string keys, in both
// directions; casts convert only from VARIANT to them. (Spark: VariantGet.checkDataType.)
func CanBeVariant(t *types.Type, objects bool) bool {
	switch t.Kind {
	case types.KindArray:
		return CanBeVariant(t.Elem, objects)
	case types.KindMap:
		return objects && t.Key.IsText() && CanBeVariant(t.Elem, objects)
	case types.KindStruct:
		return objects && !slices.ContainsFunc(t.Fields, func(f types.Field) bool { return !CanBeVariant(f.Type, objects) })
	case types.KindVoid, types.KindInterval, types.KindYearMonth, types.KindDayTime, types.KindTime:
		return false
	}
	return true
}

func canCastNested(from, to *types.Type) bool {
	if from.Kind != to.Kind || len(from.Fields) != len(to.Fields) {
		return false
	}
	for i, f := range from.Fields {
		if f.Nullable && !to.Fields[i].Nullable || !CanCast(f.Type, to.Fields[i].Type) {
			return false
		}
	}
	return (from.Key == nil || CanCast(from.Key, to.Key)) &&
		(from.Elem == nil || (!from.ContainsNull || to.ContainsNull) && CanCast(from.Elem, to.Elem))
}

// canCastWithoutANSI reports whether a cast that CanCast refuses exists with spark.sql.ansi.enabled=false.
func canCastWithoutANSI(from, to *types.Type) bool {
	switch to.Kind {
	case types.KindBinary:
		return from.IsIntegral()
	case types.KindTimestamp:
		return from.Kind == types.KindBoolean
	case types.KindBoolean:
		return from.Kind == types.KindTimestamp || from.Kind == types.KindDate
	}
	return to.IsNumeric() && from.Kind == types.KindDate
}

// ForceNullable reports whether a cast can turn a value into NULL, according to Spark's rule for the nullability of casts.
func ForceNullable(from, to *types.Type) bool {
	switch {
	case from.Kind == types.KindVoid, from.SameShape(to):
		return false
	case from.Kind == types.KindVariant:
		return true
	case from.IsText():
		return to.Kind != types.KindBinary && !to.IsText()
	case to.IsText():
		return false
	case from.Kind == types.KindTime:
		return to.Kind == types.KindByte || to.Kind == types.KindShort || forceNullableDecimal(from, to)
	case from.Kind == types.KindTimestamp:
		return to.Kind == types.KindByte || to.Kind == types.KindShort || to.Kind == types.KindInt || forceNullableDecimal(from, to)
	case to.Kind == types.KindTimestamp:
		return from.Kind == types.KindFloat || from.Kind == types.KindDouble
	case to.Kind == types.KindDate, from.Kind == types.KindDate:
		return true
	case to.Kind == types.KindInterval:
		return true
	case from.Kind == types.KindFloat || from.Kind == types.KindDouble || from.Kind == types.KindDecimal:
		return to.IsIntegral() || forceNullableDecimal(from, to)
	}
	return forceNullableDecimal(from, to)
}

func forceNullableDecimal(from, to *types.Type) bool {
	if to.Kind != types.KindDecimal {
		return false
	}
	if from.Kind == types.KindDecimal && to.Precision-to.Scale > from.Precision-from.Scale {
		return false
	}
	if from.Kind == types.KindBoolean {
		return !isWider(to, types.DecimalOf(1, 0))
	}
	return !isWider(to, from)
}

// isWider reports whether the decimal type d holds every value of t, an integral or decimal type.
func isWider(d, t *types.Type) bool {
	if t.IsIntegral() {
		t = DecimalFor(t)
	}
	return t.Kind == types.KindDecimal && d.Precision-d.Scale >= t.Precision-t.Scale && d.Scale >= t.Scale
}

// canUpCast reports whether a cast never fails and never loses information (Spark: Cast.canUpCast).
func canUpCast(from, to *types.Type) bool {
	switch {
	case from.SameShape(to), from.Kind == types.KindVoid:
		return true
	case to.Kind == types.KindDecimal && from.IsNumeric():
		return isWider(to, from)
	case from.Kind == types.KindDecimal: // digits as many as the largest value has could be too large
		return to.IsText() || to.IsIntegral() && from.Scale == 0 && from.Precision < DecimalFor(to).Precision
	case from.IsNumeric() && to.IsNumeric():
		return from.Kind < to.Kind
	case to.IsText():
		return from.Elem == nil && from.Fields == nil && from.Kind != types.KindVariant
	}
	switch from.Kind {
	case types.KindDate:
		return to.Kind == types.KindTimestamp || to.Kind == types.KindTimestampNTZ
	case types.KindTimestamp:
		return to.Kind == types.KindTimestampNTZ || to.Kind == types.KindLong
	case types.KindTimestampNTZ:
		return to.Kind == types.KindTimestamp
	case types.KindLong:
		return to.Kind == types.KindTimestamp
	case types.KindYearMonth, types.KindDayTime:
		return from.Kind == to.Kind
	case types.KindArray, types.KindMap, types.KindStruct:
		return canUpCastNested(from, to)
	}
	return false
}

func canUpCastNested(from, to *types.Type) bool {
	if from.Kind != to.Kind || len(from.Fields) != len(to.Fields) {
		return false
	}
	for i, f := range from.Fields {
		if f.Nullable && !to.Fields[i].Nullable || !canUpCast(f.Type, to.Fields[i].Type) {
			return false
		}
	}
	return (from.Key == nil || canUpCast(from.Key, to.Key)) &&
		(from.Elem == nil || (!from.ContainsNull || to.ContainsNull) && canUpCast(from.Elem, to.Elem))
}

// CheckCast returns the error for a CAST node that is not supported, or nil.
func CheckCast(cast *expr.Expr) *sparkerr.Error {
	from, to := cast.Args[0].Type, cast.Type
	if CanCast(from, to) {
		return nil
	}
	src, target := quoteType(from), quoteType(to)
	if names := castFunctions(from, to); names != nil {
		return Mismatch(cast, "CAST_WITH_FUNC_SUGGESTION", "srcType", src, "targetType", target,
			"functionNames", "`"+strings.Join(names, "`/`")+"`")
	}
	if !cast.Try && canCastWithoutANSI(from, to) {
		return Mismatch(cast, "CAST_WITH_CONF_SUGGESTION", "srcType", src, "targetType", target,
			"config", `"spark.sql.ansi.enabled"`, "configVal", "'false'")
	}
	return Mismatch(cast, "CAST_WITHOUT_SUGGESTION", "srcType", src, "targetType", target)
}

// castFunctions returns the functions that convert between types for which no cast exists.
func castFunctions(from, to *types.Type) []string {
	switch {
	case from.IsNumeric() && to.Kind == types.KindDate:
		return []string{"DATE_FROM_UNIX_DATE"}
	case from.Kind == types.KindDate && to.IsNumeric():
		return []string{"UNIX_DATE"}
	}
	return nil
}
