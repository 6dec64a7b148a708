package json

import (
	"errors"
	"strconv"

	"github.com/streamctl/streamctl/internal/codec"
	"github.com/streamctl/streamctl/internal/sparkerr"
	"github.com/streamctl/streamctl/internal/types"
	"github.com/streamctl/streamctl/internal/valuetext"
	"github.com/streamctl/streamctl/internal/variant"
	"github.com/streamctl/streamctl/internal/vector"
)

// An outcome is the result of reading a value.
type outcome uint8

const (
	good    outcome = iota
	nothing         // NULL
	partial         // a nested value is bad and becomes NULL
	bad             // not a value of the type; becomes NULL
	broken          // the text is not JSON
)

// A parser reads values into vectors according to their types.
type parser struct {
	scanner
	formats  *codec.Formats
	decimals *codec.DecimalParser
	texts    []*vector.Vector // vectors whose views refer to buf
	variants *VariantParser   // nil: no value was a VARIANT so far
	explain  bool             // keep the first reason why a value is bad
	reason   error
}

// value reads a value into row of v, which remains NULL unless the outcome is good or partial. name is the name of the field.
func (p *parser) value(v *vector.Vector, row int, name string) outcome {
	k, view, ok := p.begin()
	if !ok {
		return broken
	}
	if k == null && v.Type.Kind != types.KindVariant {
		v.SetNull(row)
		return nothing
	}
	from := p.pos
	out := p.convert(v, row, name, k, view)
	switch out {
	case good, partial:
		if v.Valid != nil {
			v.Valid.Set(row)
		}
	case bad:
		v.SetNull(row)
		if p.pos == from && (k == object || k == array) && !p.skipRest(k) {
			return broken
		}
	}
	return out
}

// convert reads a value of kind k. If it is bad, it has been read completely or, for an object or array, not at all.
func (p *parser) convert(v *vector.Vector, row int, name string, k kind, view vector.View) outcome {
	switch v.Type.Kind {
	case types.KindStruct:
		if k == object {
			return p.object(v, row)
		}
	case types.KindArray:
		if k == array {
			return p.array(v, row, name)
		}
	case types.KindMap:
		if k == object {
			return p.mapping(v, row)
		}
	case types.KindString:
		return p.anyText(v, row, k, view)
	case types.KindVariant:
		return p.anyValue(v, row, k, view)
	case types.KindVoid:
		if !p.skipRest(k) {
			return broken
		}
		return nothing
	}
	if k == text {
		var ok bool
		if view, ok = p.string(); !ok {
			return broken
		}
	}
	if p.scalar(v, row, k, p.bytes(view)) {
		return good
	}
	if p.explain && p.reason == nil {
		p.reason = p.why(v.Type, name, k, p.bytes(view))
	}
	return bad
}

// rootVariant reads a text that is one VARIANT. Something that directly follows a number makes it malformed; other text after a value is
// ignored. (Jackson: _verifyRootSpace.)
func (p *parser) rootVariant(v *vector.Vector, row int, name string) outcome {
	first := p.peek()
	out := p.value(v, row, name)
	if out == good && (first == '-' || first >= '0' && first <= '9') && p.pos < p.end && !IsBlank(p.buf[p.pos]) {
		return broken
	}
	return out
}

// IsBlank reports whether c is white space in JSON.
func IsBlank(c byte) bool { return c == ' ' || c == '\t' || c == '\r' || c == '\n' }

// anyValue stores a value as a VARIANT, null included. (Spark: JacksonParser.makeConverter, VariantBuilder.)
func (p *parser) anyValue(v *vector.Vector, row int, k kind, view vector.View) outcome {
	if p.variants == nil {
		p.variants = NewVariantParser(&variant.Builder{})
		p.variants.syntax = p.syntax
	}
	from, whole := p.pos, true
	switch k {
	case object, array:
		whole = p.skipRest(k)
	case text:
		_, whole = p.string()
	default: // it has been read
		from = int(view.Off)
	}
	if !whole {
		return broken
	}
	if err := p.variants.Parse(p.buf[from:p.pos]); err != nil {
		if duplicate, ok := errors.AsType[*variant.DuplicateKey](err); ok && p.explain && p.reason == nil {
			p.reason = sparkerr.New("VARIANT_DUPLICATE_KEY", "key", duplicate.Name)
		}
		return bad
	}
	at := len(p.buf)
	stored, err := p.variants.AppendStored(p.buf)
	if err != nil {
		return bad
	}
	p.buf = stored
	v.Views[row] = vector.View{Off: uint32(at), Len: uint32(len(stored) - at)}
	return good
}

func (p *parser) bytes(view vector.View) []byte { return p.buf[view.Off : view.Off+view.Len] }

// anyText stores a string, or the source text of any other value.
func (p *parser) anyText(v *vector.Vector, row int, k kind, view vector.View) outcome {
	switch k {
	case text:
		var ok bool
		if view, ok = p.string(); !ok {
			return broken
		}
	case object, array:
		from := p.pos
		if !p.skipRest(k) {
			return broken
		}
		view = vector.View{Off: uint32(from), Len: uint32(p.pos - from)}
	}
	v.Views[row] = view
	return good
}

// scalar stores a scalar. It returns false if the token is not a value of the type.
func (p *parser) scalar(v *vector.Vector, row int, k kind, b []byte) (ok bool) {
	switch v.Type.Kind {
	case types.KindBoolean:
		v.Bool[row] = k == boolTrue
		return k == boolTrue || k == boolFalse
	case types.KindByte:
		n, err := strconv.ParseInt(string(b), 10, 64)
		v.I8[row] = int8(n) // Jackson accepts unsigned bytes too
		return k == integer && err == nil && n >= -128 && n <= 255
	case types.KindShort, types.KindInt, types.KindLong:
		if k != integer {
			return false
		}
		n, ok := valuetext.ParseIntegerStrict(b, 64)
		return ok && codec.SetInteger(v, row, n)
	case types.KindFloat, types.KindDouble:
		return p.float(v, row, k, b)
	case types.KindDecimal:
		return p.decimal(v, row, k, b)
	case types.KindBinary:
		if k != text {
			return false
		}
		from := len(p.buf)
		p.buf, ok = codec.AppendBase64(p.buf, b)
		v.Views[row] = vector.View{Off: uint32(from), Len: uint32(len(p.buf) - from)}
		return ok
	case types.KindTimestamp:
		if k == integer {
			n, ok := valuetext.ParseIntegerStrict(b, 64)
			v.I64[row] = n * 1_000_000 // wraps, as in Spark
			return ok
		}
	}
	return k == text && (len(b) > 0 || v.Type.Kind == types.KindInterval) && p.temporal(v, row, b)
}

func (p *parser) temporal(v *vector.Vector, row int, b []byte) bool {
	if p.formats.ParseTimeOrInterval(v, row, b) {
		return true
	}
	if v.Type.Kind == types.KindDate && p.formats.DateFallback() {
		n, ok := valuetext.ParseIntegerStrict(b, 32) // Spark 1.5 wrote days
		v.I32[row] = int32(n)
		return ok
	}
	return false
}

func (p *parser) float(v *vector.Vector, row int, k kind, b []byte) bool {
	if k != float && k != integer && k != text {
		return false
	}
	switch string(b) {
	case "NaN":
		return p.nonNumeric && codec.SetFloat(v, row, codec.NaN)
	case "+INF", "+Infinity", "Infinity":
		return p.nonNumeric && codec.SetFloat(v, row, codec.PositiveInf)
	case "-INF", "-Infinity":
		return p.nonNumeric && codec.SetFloat(v, row, codec.NegativeInf)
	}
	return k != text && codec.ParseFloatText(v, row, b)
}

func (p *parser) decimal(v *vector.Vector, row int, k kind, b []byte) (ok bool) {
	t := v.Type
	switch k {
	case integer, float:
		v.Dec[row], ok = plainDecimals.Parse(b, t.Precision, t.Scale)
	case text:
		if len(b) > 0 {
			v.Dec[row], ok = p.decimals.Parse(b, t.Precision, t.Scale)
		}
	}
	return ok
}

// plainDecimals parses JSON numbers. It is safe to share: without commas it does not write to its scratch space.
var plainDecimals = codec.NewDecimalParser("")

// why returns the reason why a value is bad, with Spark's condition if there is one.
func (p *parser) why(t *types.Type, name string, k kind, b []byte) error {
	value := string(b)
	switch k {
	case object:
		value = "{"
	case array:
		value = "["
	}
	number := t.Kind == types.KindFloat || t.Kind == types.KindDouble
	switch {
	case k == text && value == "":
		return sparkerr.New("EMPTY_JSON_FIELD_VALUE", "dataType", `"`+t.SQL()+`"`)
	case k == text && number:
		return &stringAsType{name, value, t}
	case k == integer && (t.IsNumeric() || t.Kind == types.KindTimestamp), k == float && (number || t.Kind == types.KindDecimal),
		k == text && (t.Kind == types.KindDecimal || codec.IsTime(t) || t.Kind == types.KindBinary):
		return nil // a malformed value of the right kind: Spark has no condition for it
	}
	return sparkerr.New("CANNOT_PARSE_JSON_FIELD", "fieldName", "'"+name+"'", "fieldValue", value, "jsonType", kindNames[k], "dataType", `"`+t.SQL()+`"`)
}

// A stringAsType is the reason for which Spark has a dedicated error.
type stringAsType struct {
	name, value string
	t           *types.Type
}

func (e *stringAsType) Error() string { return "a string is not a number" }

// object reads an object into a struct.
func (p *parser) object(v *vector.Vector, row int) outcome {
	for _, c := range v.Children {
		c.SetNull(row)
	}
	more, ok := p.open('}')
	result := good
	at := 0
	for more && ok {
		var view vector.View
		if view, ok = p.name(); !ok {
			break
		}
		i := fieldAt(v.Type.Fields, at, p.bytes(view))
		if i < 0 {
			if !p.skip() {
				return broken
			}
		} else {
			at = i + 1
			switch p.value(v.Children[i], row, v.Type.Fields[i].Name) {
			case broken:
				return broken
			case partial, bad:
				result = partial
			}
		}
		more, ok = p.next('}')
	}
	if !ok {
		return broken
	}
	return result
}

// fieldAt returns the position of a field by name, trying position hint first.
func fieldAt(fields []types.Field, hint int, name []byte) int {
	if hint < len(fields) && fields[hint].Name == string(name) {
		return hint
	}
	for i := range fields {
		if fields[i].Name == string(name) {
			return i
		}
	}
	return -1
}

// array reads an array. A bad element makes the whole array bad.
func (p *parser) array(v *vector.Vector, row int, name string) outcome {
	items := v.Children[0]
	before := p.reason
	from := items.Len()
	more, ok := p.open(']')
	result := good
	for more && ok {
		if result == bad {
			ok = p.skip()
		} else {
			i := items.Len()
			items.Extend(i + 1)
			switch p.value(items, i, name) {
			case broken:
				return broken
			case bad:
				result = bad
			case partial:
				result = partial
			}
		}
		if ok {
			more, ok = p.next(']')
		}
	}
	if !ok {
		return broken
	}
	v.Views[row] = vector.View{Off: uint32(from), Len: uint32(items.Len() - from)}
	p.hideReason(before, result)
	return result
}

// errWithin is the reason for an array or map with a bad value: Spark does not say which.
var errWithin = errors.New("a value of an array or a map cannot be converted")

// hideReason replaces the reason of a bad value inside an array or map; before is the reason found before it.
func (p *parser) hideReason(before error, result outcome) {
	if p.explain && before == nil && result == bad {
		p.reason = errWithin
	}
}

// mapping reads an object into a map. A bad value makes the whole map bad.
func (p *parser) mapping(v *vector.Vector, row int) outcome {
	keys, values := v.Children[0], v.Children[1]
	before := p.reason
	from := keys.Len()
	more, ok := p.open('}')
	result := good
	for more && ok {
		var view vector.View
		if view, ok = p.name(); !ok {
			break
		}
		i := keys.Len()
		keys.Extend(i + 1)
		values.Extend(i + 1)
		keys.Views[i] = view
		switch p.value(values, i, string(p.bytes(view))) {
		case broken:
			return broken
		case bad:
			result = bad
		case partial:
			if result == good {
				result = partial
			}
		}
		more, ok = p.next('}')
	}
	if !ok {
		return broken
	}
	v.Views[row] = vector.View{Off: uint32(from), Len: uint32(keys.Len() - from)}
	p.hideReason(before, result)
	return result
}

// typeName returns the name of FLOAT or DOUBLE in Spark's API.
func typeName(t *types.Type) string {
	if t.Kind == types.KindFloat {
		return "FloatType"
	}
	return "DoubleType"
}
