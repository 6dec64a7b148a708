// Package types defines Spark's data types and schemas, their names in DDL, SQL and JSON, and the parsers of schema text.
package types

import (
	"slices"
	"strconv"
	"strings"
)

// A Kind identifies one of Spark's types, without its parameters.
type Kind uint8

// The kinds, in no particular order of precedence.
const (
	KindVoid Kind = iota
	KindBoolean
	KindByte
	KindShort
	KindInt
	KindLong
	KindFloat
	KindDouble
	KindDecimal
	KindString
	KindChar
	KindVarchar
	KindBinary
	KindDate
	KindTimestamp
	KindTimestampNTZ
	KindTime
	KindYearMonth // INTERVAL YEAR TO MONTH
	KindDayTime   // INTERVAL DAY TO SECOND
	KindInterval  // the legacy calendar interval: months, days, microseconds
	KindArray
	KindMap
	KindStruct
	KindVariant
)

// Fields of year-month and day-time intervals, for Type.Start and Type.End.
const (
	Year uint8 = iota
	Month
)

// Fields of day-time intervals.
const (
	Day uint8 = iota
	Hour
	Minute
	Second
)

// A Type is one of Spark's data types. Types are immutable; compare them with Equal.
type Type struct {
	Kind         Kind
	Precision    int     // decimal(p,s), time(p), and the length of char(n) and varchar(n)
	Scale        int     // decimal(p,s)
	Start, End   uint8   // first and last field of an interval
	Key          *Type   // map
	Elem         *Type   // array element, map value
	ContainsNull bool    // array elements or map values may be NULL
	Fields       []Field // struct
	parts        int32   // see Parts; 0 means 1
}

// A Field is a column of a schema or a member of a struct.
type Field struct {
	Name     string
	Type     *Type
	Nullable bool
	Comment  string
	Metadata string // what else Spark keeps with the field, as a JSON object; empty if there is nothing
}

// A Schema is an ordered list of columns.
type Schema struct {
	Fields []Field
}

// The types without parameters.
var (
	Void         = &Type{Kind: KindVoid}
	Boolean      = &Type{Kind: KindBoolean}
	Byte         = &Type{Kind: KindByte}
	Short        = &Type{Kind: KindShort}
	Int          = &Type{Kind: KindInt}
	Long         = &Type{Kind: KindLong}
	Float        = &Type{Kind: KindFloat}
	Double       = &Type{Kind: KindDouble}
	String       = &Type{Kind: KindString}
	Binary       = &Type{Kind: KindBinary}
	Date         = &Type{Kind: KindDate}
	Timestamp    = &Type{Kind: KindTimestamp}
	TimestampNTZ = &Type{Kind: KindTimestampNTZ}
	Interval     = &Type{Kind: KindInterval}
	Variant      = &Type{Kind: KindVariant}
)

// DecimalOf returns decimal(p,s).
func DecimalOf(p, s int) *Type { return &Type{Kind: KindDecimal, Precision: p, Scale: s} }

// TimeOf returns time(p).
func TimeOf(p int) *Type { return &Type{Kind: KindTime, Precision: p} }

// YearMonthOf returns a year-month interval from field start to field end.
func YearMonthOf(start, end uint8) *Type { return &Type{Kind: KindYearMonth, Start: start, End: end} }

// DayTimeOf returns a day-time interval from field start to field end.
func DayTimeOf(start, end uint8) *Type { return &Type{Kind: KindDayTime, Start: start, End: end} }

// ArrayOf returns array<elem>.
func ArrayOf(elem *Type, containsNull bool) *Type {
	return &Type{Kind: KindArray, Elem: elem, ContainsNull: containsNull, parts: partsOf(elem)}
}

// MapOf returns map<key,value>.
func MapOf(key, value *Type, valueContainsNull bool) *Type {
	return &Type{Kind: KindMap, Key: key, Elem: value, ContainsNull: valueContainsNull, parts: partsOf(key, value)}
}

// StructOf returns struct<fields>.
func StructOf(fields ...Field) *Type {
	t := &Type{Kind: KindStruct, Fields: fields, parts: 1}
	for _, f := range fields {
		t.parts = min(t.parts+int32(f.Type.Parts()), MaxParts+1)
	}
	return t
}

// MaxParts limits the number of parts in a column's type. struct(v, v) doubles them, so 30 such steps would produce a type that takes hours to print.
const MaxParts = 100_000

// Parts returns the number of types in the tree of t, including t itself, capped at MaxParts + 1.
func (t *Type) Parts() int {
	if t == nil {
		return 1
	}
	return max(int(t.parts), 1)
}

// partsOf returns the number of parts of a type composed of inner.
func partsOf(inner ...*Type) int32 {
	n := 1
	for _, t := range inner {
		n += t.Parts()
	}
	return int32(min(n, MaxParts+1))
}

// Equal reports whether two types are identical, including field names and the nullability of nested parts.
func (t *Type) Equal(o *Type) bool { return t.equal(o, true, true) }

// SameShape is like Equal but ignores the nullability of nested parts.
func (t *Type) SameShape(o *Type) bool { return t.equal(o, false, true) }

// SameButNames is like SameShape but also ignores field names.
func (t *Type) SameButNames(o *Type) bool { return t.equal(o, false, false) }

func (t *Type) equal(o *Type, nulls, names bool) bool {
	if t == o {
		return true
	}
	if t == nil || o == nil || t.Kind != o.Kind || t.Precision != o.Precision || t.Scale != o.Scale ||
		t.Start != o.Start || t.End != o.End || len(t.Fields) != len(o.Fields) || nulls && t.ContainsNull != o.ContainsNull {
		return false
	}
	if t.Key != nil && !t.Key.equal(o.Key, nulls, names) || t.Elem != nil && !t.Elem.equal(o.Elem, nulls, names) {
		return false
	}
	for i, f := range t.Fields {
		g := o.Fields[i]
		if names && f.Name != g.Name || nulls && f.Nullable != g.Nullable || !f.Type.equal(g.Type, nulls, names) {
			return false
		}
	}
	return true
}

// Has reports whether t or any type nested in it is one of kinds.
func (t *Type) Has(kinds ...Kind) bool {
	switch {
	case slices.Contains(kinds, t.Kind):
		return true
	case t.Key != nil && t.Key.Has(kinds...), t.Elem != nil && t.Elem.Has(kinds...):
		return true
	}
	return slices.ContainsFunc(t.Fields, func(f Field) bool { return f.Type.Has(kinds...) })
}

// TextAsString returns t with STRING for CHAR and VARCHAR, also in nested types: readers ignore their lengths.
func (t *Type) TextAsString() *Type {
	switch t.Kind {
	case KindChar, KindVarchar:
		return String
	case KindArray:
		return ArrayOf(t.Elem.TextAsString(), t.ContainsNull)
	case KindMap:
		return MapOf(t.Key.TextAsString(), t.Elem.TextAsString(), t.ContainsNull)
	case KindStruct:
		fields := make([]Field, len(t.Fields))
		for i, f := range t.Fields {
			f.Type = f.Type.TextAsString()
			fields[i] = f
		}
		return StructOf(fields...)
	}
	return t
}

// AsNullable returns t with everything nested in it nullable except the keys of maps.
func (t *Type) AsNullable() *Type {
	switch t.Kind {
	case KindArray:
		return ArrayOf(t.Elem.AsNullable(), true)
	case KindMap:
		return MapOf(t.Key.AsNullable(), t.Elem.AsNullable(), true)
	case KindStruct:
		fields := slices.Clone(t.Fields)
		for i := range fields {
			fields[i].Type, fields[i].Nullable = fields[i].Type.AsNullable(), true
		}
		return StructOf(fields...)
	}
	return t
}

// Storage returns the kind of number as which values of kind k are stored: INT for dates and year-month intervals, BIGINT for timestamps,
// times and day-time intervals, and k itself for all others. Loops per value compare kinds directly, which is faster.
func (k Kind) Storage() Kind {
	switch k {
	case KindDate, KindYearMonth:
		return KindInt
	case KindTimestamp, KindTimestampNTZ, KindDayTime, KindTime:
		return KindLong
	}
	return k
}

// IsIntegral reports whether t is tinyint, smallint, int or bigint.
func (t *Type) IsIntegral() bool { return t.Kind >= KindByte && t.Kind <= KindLong }

// IsNumeric reports whether t is integral, float, double or decimal.
func (t *Type) IsNumeric() bool { return t.Kind >= KindByte && t.Kind <= KindDecimal }

// IsText reports whether t is string, char or varchar, which all behave as string in expressions.
func (t *Type) IsText() bool {
	return t.Kind == KindString || t.Kind == KindChar || t.Kind == KindVarchar
}

var kindNames = [...]string{
	KindVoid: "void", KindBoolean: "boolean", KindByte: "tinyint", KindShort: "smallint", KindInt: "int", KindLong: "bigint",
	KindFloat: "float", KindDouble: "double", KindString: "string", KindBinary: "binary", KindDate: "date",
	KindTimestamp: "timestamp", KindTimestampNTZ: "timestamp_ntz", KindInterval: "interval", KindVariant: "variant",
}

var (
	yearMonthFields = [...]string{"year", "month"}
	dayTimeFields   = [...]string{"day", "hour", "minute", "second"}
)

// String returns Spark's simpleString: "array<int>", "struct<a:int,b:string>", "decimal(10,2)".
func (t *Type) String() string { return string(t.appendString(nil)) }

func (t *Type) appendString(b []byte) []byte {
	switch t.Kind {
	case KindArray:
		return append(t.Elem.appendString(append(b, "array<"...)), '>')
	case KindMap:
		b = append(t.Key.appendString(append(b, "map<"...)), ',')
		return append(t.Elem.appendString(b), '>')
	case KindStruct:
		b = append(b, "struct<"...)
		for i, f := range t.Fields {
			if i > 0 {
				b = append(b, ',')
			}
			b = f.Type.appendString(append(append(b, f.Name...), ':'))
		}
		return append(b, '>')
	}
	return append(b, t.scalar()...)
}

// scalar is String for types without nested types.
func (t *Type) scalar() string {
	switch t.Kind {
	case KindDecimal:
		return "decimal(" + strconv.Itoa(t.Precision) + "," + strconv.Itoa(t.Scale) + ")"
	case KindChar:
		return "char(" + strconv.Itoa(t.Precision) + ")"
	case KindVarchar:
		return "varchar(" + strconv.Itoa(t.Precision) + ")"
	case KindTime:
		return "time(" + strconv.Itoa(t.Precision) + ")"
	case KindYearMonth:
		return intervalName(yearMonthFields[:], t.Start, t.End)
	case KindDayTime:
		return intervalName(dayTimeFields[:], t.Start, t.End)
	}
	return kindNames[t.Kind]
}

// SQL returns the name used in SQL text and error messages: "ARRAY<INT>", "STRUCT<a: INT NOT NULL>".
func (t *Type) SQL() string { return string(t.appendSQL(nil)) }

func (t *Type) appendSQL(b []byte) []byte {
	switch t.Kind {
	case KindArray:
		return append(t.Elem.appendSQL(append(b, "ARRAY<"...)), '>')
	case KindMap:
		b = append(t.Key.appendSQL(append(b, "MAP<"...)), ", "...)
		return append(t.Elem.appendSQL(b), '>')
	case KindStruct:
		b = append(b, "STRUCT<"...)
		for i, f := range t.Fields {
			if i > 0 {
				b = append(b, ", "...)
			}
			b = f.Type.appendSQL(append(append(b, QuoteIfNeeded(f.Name)...), ": "...))
			if !f.Nullable {
				b = append(b, " NOT NULL"...)
			}
		}
		return append(b, '>')
	}
	return append(b, strings.ToUpper(t.scalar())...)
}

func intervalName(names []string, start, end uint8) string {
	if start == end {
		return "interval " + names[start]
	}
	return "interval " + names[start] + " to " + names[end]
}

// QuoteIfNeeded puts a name in backticks unless it is a plain identifier: ASCII letters, digits and _, not starting with a digit. (Spark 4:
// QuotingUtils.quoteIfNeeded. With a leading digit, 1d and 1e5 would be numbers.)
func QuoteIfNeeded(name string) string {
	plain := name != "" && (name[0] < '0' || name[0] > '9')
	for _, r := range name {
		plain = plain && (r == '_' || r >= '0' && r <= '9' || r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z')
	}
	if plain {
		return name
	}
	return Quote(name)
}

// Quote puts a name in backticks.
func Quote(name string) string { return "`" + strings.ReplaceAll(name, "`", "``") + "`" }
