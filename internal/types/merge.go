package types

import "strings"

// MergeSchemas adds to left the fields that only right has. Fields whose names are equal ignoring case must have the same type; decimals must have
// the same scale, and nested types are merged. If two fields conflict, ok is false and conflict names them. (Spark: StructType.merge.)
func MergeSchemas(left, right *Schema) (merged *Schema, conflict string, ok bool) {
	fields, conflict, ok := mergeFields(left.Fields, right.Fields)
	return &Schema{Fields: fields}, conflict, ok
}

func mergeFields(left, right []Field) (merged []Field, conflict string, ok bool) {
	merged = append(merged, left...)
	at := make(map[string]int, len(left))
	for i, f := range left {
		at[strings.ToLower(f.Name)] = i
	}
	for _, f := range right {
		i, known := at[strings.ToLower(f.Name)]
		if !known {
			merged = append(merged, f)
			continue
		}
		t, inner, ok := mergeTypes(merged[i].Type, f.Type)
		if !ok {
			return nil, strings.TrimSuffix(f.Name+"."+inner, "."), false
		}
		merged[i].Type, merged[i].Nullable = t, merged[i].Nullable || f.Nullable
	}
	return merged, "", true
}

func mergeTypes(left, right *Type) (t *Type, conflict string, ok bool) {
	if left.Kind != right.Kind {
		return nil, "", false
	}
	switch left.Kind {
	case KindStruct:
		fields, conflict, ok := mergeFields(left.Fields, right.Fields)
		return StructOf(fields...), conflict, ok
	case KindArray:
		elem, conflict, ok := mergeTypes(left.Elem, right.Elem)
		return ArrayOf(elem, left.ContainsNull || right.ContainsNull), conflict, ok
	case KindMap:
		key, conflict, ok := mergeTypes(left.Key, right.Key)
		if !ok {
			return nil, conflict, false
		}
		value, conflict, ok := mergeTypes(left.Elem, right.Elem)
		return MapOf(key, value, left.ContainsNull || right.ContainsNull), conflict, ok
	case KindDecimal:
		return DecimalOf(max(left.Precision, right.Precision), left.Scale), "", left.Scale == right.Scale
	}
	return left, "", left.Equal(right)
}
