package json

import (
	"slices"
	"strings"

	"github.com/streamctl/streamctl/internal/codec"
	"github.com/streamctl/streamctl/internal/decimal"
	"github.com/streamctl/streamctl/internal/memory"
	"github.com/streamctl/streamctl/internal/types"
	"github.com/streamctl/streamctl/internal/vector"
)

// An inference infers the types of JSON values as Spark does.
type inference struct {
	scanner
	primitivesAsString, prefersDecimal, dropAllNull bool
	times                                           *codec.Formats // nil: strings are never timestamps
	held                                            memory.Holding
}

func newInference(o *Options, scan *codec.Scan) (*inference, error) {
	in := &inference{scanner: scanner{syntax: o.syntax}}
	timestamps := false
	for name, to := range map[string]*bool{"primitivesAsString": &in.primitivesAsString, "prefersDecimal": &in.prefersDecimal,
		"dropFieldIfAllNull": &in.dropAllNull, "inferTimestamp": &timestamps} {
		var err error
		if *to, err = o.values.Bool(name, false); err != nil {
			return nil, err
		}
	}
	times, err := codec.NewFormats(o.values, scan)
	if err == nil {
		err = times.CheckTimestamp()
	}
	if timestamps {
		in.times = times
	}
	return in, err
}

// of returns the type of the value in a text.
func (in *inference) of(text []byte) (*types.Type, bool) {
	in.buf = append(in.buf[:0], text...)
	in.pos, in.end, in.depth = 0, len(text), 0
	return in.infer()
}

// Infer returns the type of the JSON value in a text; ok is false if the text is not JSON.
func Infer(text []byte, o *Options) (t *types.Type, ok bool, err error) {
	in, err := newInference(o, &codec.Scan{})
	if err != nil {
		return nil, false, err
	}
	if t, ok = in.of(text); !ok {
		return nil, false, nil
	}
	if whole := in.canonical(t); whole != nil {
		return whole, true, nil
	}
	switch {
	case t.Kind == types.KindStruct:
		return types.StructOf(), true, nil
	case t.Kind == types.KindArray && t.Elem.Kind == types.KindStruct:
		return types.ArrayOf(types.StructOf(), true), true, nil
	}
	return types.String, true, nil
}

// infer returns the type of the next value: VOID for null and empty text.
func (in *inference) infer() (*types.Type, bool) {
	k, view, ok := in.begin()
	if !ok {
		return nil, false
	}
	switch k {
	case object:
		return in.inferObject()
	case array:
		return in.inferArray()
	case text:
		view, ok = in.string()
		if view.Len == 0 {
			return types.Void, ok
		}
		return in.text(in.buf[view.Off : view.Off+view.Len]), ok
	case null:
		return types.Void, true
	}
	if in.primitivesAsString {
		return types.String, true
	}
	if k == boolTrue || k == boolFalse {
		return types.Boolean, true
	}
	return in.number(k, in.buf[view.Off:view.Off+view.Len]), true
}

// text returns STRING, or a decimal or timestamp type if requested and possible.
func (in *inference) text(b []byte) *types.Type {
	if in.prefersDecimal {
		if v, scale, err := decimal.Parse(b); err == nil && scale >= 0 && len(v.Abs().String()) <= decimal.MaxPrecision {
			return types.DecimalOf(max(len(v.Abs().String()), scale), scale)
		}
	}
	if in.times != nil {
		if _, ok := in.times.ParseTimestamp(b); ok {
			return types.Timestamp
		}
	}
	return types.String
}

// number returns BIGINT for integers, a decimal for larger ones, and DOUBLE for other numbers unless decimals are preferred.
func (in *inference) number(k kind, b []byte) *types.Type {
	if k == float && !in.prefersDecimal {
		return types.Double
	}
	v, scale, err := decimal.Parse(b)
	if err != nil {
		return types.Double
	}
	if _, fits := v.Int64(); fits && k == integer {
		return types.Long
	}
	precision := max(len(v.Abs().String()), scale)
	if precision > decimal.MaxPrecision || scale < 0 {
		return types.Double
	}
	return types.DecimalOf(precision, scale)
}

// inferObject returns a struct with the fields sorted by name.
func (in *inference) inferObject() (*types.Type, bool) {
	var fields []types.Field
	more, ok := in.open('}')
	for more && ok {
		var view vector.View
		if view, ok = in.name(); !ok {
			break
		}
		f := types.Field{Name: string(in.buf[view.Off : view.Off+view.Len]), Nullable: true}
		if f.Type, ok = in.infer(); ok {
			fields = append(fields, f)
			more, ok = in.next('}')
		}
	}
	slices.SortStableFunc(fields, func(a, b types.Field) int { return strings.Compare(a.Name, b.Name) })
	return types.StructOf(fields...), ok
}

func (in *inference) inferArray() (*types.Type, bool) {
	elem := types.Void
	more, ok := in.open(']')
	for more && ok {
		var t *types.Type
		if t, ok = in.infer(); ok {
			elem = Compatible(elem, t, types.String)
			more, ok = in.next(']')
		}
	}
	return types.ArrayOf(elem, true), ok
}

// Compatible returns the common type for values of two types, or other if they have none. (Spark:
// JsonInferSchema.compatibleType.)
func Compatible(a, b, other *types.Type) *types.Type {
	switch {
	case a.Equal(b), b.Kind == types.KindVoid:
		return a
	case a.Kind == types.KindVoid:
		return b
	case a.Kind == types.KindStruct && b.Kind == types.KindStruct:
		return mergeFields(a, b, other)
	case a.Kind == types.KindArray && b.Kind == types.KindArray:
		return types.ArrayOf(Compatible(a.Elem, b.Elem, other), true)
	case a.IsNumeric() && b.IsNumeric():
		return compatibleNumbers(a, b, other)
	case isInstant(a) && isInstant(b):
		return types.Timestamp
	case isDay(a) && isDay(b):
		return types.TimestampNTZ
	}
	return other
}

// isInstant and isDay report the types that merge into TIMESTAMP, and those that merge into TIMESTAMP_NTZ if there is no
// TIMESTAMP.
func isInstant(t *types.Type) bool { return t.Kind == types.KindTimestamp || isDay(t) }
func isDay(t *types.Type) bool     { return t.Kind == types.KindDate || t.Kind == types.KindTimestampNTZ }

func compatibleNumbers(a, b, other *types.Type) *types.Type {
	switch {
	case a.Kind == types.KindDouble || b.Kind == types.KindDouble:
		return types.Double
	case a.Kind == types.KindLong && b.Kind == types.KindFloat, a.Kind == types.KindFloat && b.Kind == types.KindLong:
		return types.Float
	case a.Kind == types.KindFloat || b.Kind == types.KindFloat:
		return other
	}
	digits := func(t *types.Type) (precision, scale int) {
		if t.Kind == types.KindLong {
			return 20, 0
		}
		return t.Precision, t.Scale
	}
	p1, s1 := digits(a)
	p2, s2 := digits(b)
	scale := max(s1, s2)
	precision := max(p1-s1, p2-s2) + scale
	if precision > decimal.MaxPrecision {
		return types.Double
	}
	return types.DecimalOf(precision, scale)
}

func mergeFields(a, b, other *types.Type) *types.Type {
	fields := slices.Clone(a.Fields)
	for _, f := range b.Fields {
		at := fieldAt(fields, 0, []byte(f.Name))
		if at < 0 {
			fields = append(fields, f)
		} else {
			fields[at].Type = Compatible(fields[at].Type, f.Type, other)
		}
	}
	slices.SortStableFunc(fields, func(a, b types.Field) int { return strings.Compare(a.Name, b.Name) })
	return types.StructOf(fields...)
}

// canonical replaces VOID by STRING and drops structs without fields. It returns nil if nothing remains.
func (in *inference) canonical(t *types.Type) *types.Type {
	switch t.Kind {
	case types.KindVoid:
		if in.dropAllNull {
			return nil
		}
		return types.String
	case types.KindArray:
		if elem := in.canonical(t.Elem); elem != nil {
			return types.ArrayOf(elem, true)
		}
		return nil
	case types.KindStruct:
		var fields []types.Field
		for _, f := range t.Fields {
			if f.Type = in.canonical(f.Type); f.Type != nil && f.Name != "" {
				fields = append(fields, f)
			}
		}
		if len(fields) == 0 {
			return nil
		}
		return types.StructOf(fields...)
	}
	return t
}
