package xml

import (
	"bytes"
	"errors"
	"math"
	"strconv"

	"github.com/streamctl/streamctl/internal/codec"
	"github.com/streamctl/streamctl/internal/sparkerr"
	"github.com/streamctl/streamctl/internal/types"
	"github.com/streamctl/streamctl/internal/valuetext"
)

// A valueError is a text that is not a value of a type.
type valueError struct {
	text []byte
	t    *types.Type
}

func (e *valueError) Error() string {
	return "the text " + strconv.Quote(string(codec.Shorten(e.text))) + " is not a value of " + e.t.SQL()
}

// A checkedError is an error for which Spark throws a checked exception. Within elements it only makes the record malformed;
// in an attribute or the text of the root element it fails the query.
type checkedError struct{ error }

func (e *checkedError) Unwrap() error { return e.error }

// failure returns the error that fails the query.
func (e *checkedError) failure() error {
	known, ok := errors.AsType[*sparkerr.Error](e.error)
	if !ok {
		known = sparkerr.Plain("%v", e.error)
	}
	return known.WithHint("Spark does not treat such a value in an attribute or in the text of the root element as a malformed record; read it as STRING, and use try_cast")
}

// value converts a text to a value of a type. (Spark: StaxXmlParser.convertTo.)
func (r *TextReader) value(text []byte, t *types.Type) (cell, error) {
	if r.o.trim {
		text = trim(text)
	}
	if r.isNull(text) {
		return cell{}, nil
	}
	switch t.Kind {
	case types.KindString, types.KindVoid:
		return textCell(text), nil
	case types.KindVariant:
		return r.variantText(text)
	case types.KindLong, types.KindInt:
		return r.signed(text, t, r.integer)
	case types.KindFloat, types.KindDouble:
		return r.signed(text, t, r.float)
	case types.KindByte, types.KindShort:
		return r.integer(text, t)
	case types.KindBoolean:
		return r.boolean(text, t)
	case types.KindDecimal:
		v, ok := r.decimals.Parse(text, t.Precision, t.Scale)
		return cell{set: true, dec: v}, check(ok, text, t)
	case types.KindDate, types.KindTimestamp, types.KindTimestampNTZ, types.KindTime:
		return r.time(text, t)
	}
	return cell{}, &valueError{text, t}
}

func check(ok bool, text []byte, t *types.Type) error {
	if ok {
		return nil
	}
	return &valueError{text, t}
}

// trim trims like Java's String.trim.
func trim(text []byte) []byte {
	return bytes.TrimFunc(text, func(c rune) bool { return c <= ' ' })
}

func (r *TextReader) isNull(text []byte) bool {
	return r.o.nullGiven && bytes.Equal(text, r.o.nullValue)
}

// signed parses a number after its sign, where a second sign may follow. (Spark: signSafeToLong and so on.)
func (r *TextReader) signed(text []byte, t *types.Type, read func([]byte, *types.Type) (cell, error)) (cell, error) {
	if len(text) == 0 || text[0] != '+' && text[0] != '-' {
		return read(text, t)
	}
	rest := text[1:]
	c, err := numCell(0), error(nil) // for the text of NULL
	if !r.isNull(rest) {
		c, err = read(rest, t)
	}
	if text[0] == '+' || err != nil {
		return c, err
	}
	switch t.Kind {
	case types.KindInt:
		c.num = int64(-int32(c.num))
	case types.KindLong:
		c.num = -c.num
	default:
		c.num = int64(math.Float64bits(-math.Float64frombits(uint64(c.num))))
	}
	return c, nil
}

func (r *TextReader) integer(text []byte, t *types.Type) (cell, error) {
	bits := map[types.Kind]int{types.KindByte: 8, types.KindShort: 16, types.KindInt: 32, types.KindLong: 64}[t.Kind]
	n, ok := valuetext.ParseIntegerStrict(text, bits)
	return numCell(n), check(ok, text, t)
}

func (r *TextReader) float(text []byte, t *types.Type) (cell, error) {
	var f float64
	var ok bool
	if t.Kind == types.KindFloat {
		var f32 float32
		f32, ok = valuetext.ParseFloatStrict(text)
		f = float64(f32)
	} else {
		f, ok = valuetext.ParseDoubleStrict(text)
	}
	if !ok {
		if f, ok = beginningNumber(text); !ok {
			return cell{}, &checkedError{&valueError{text, t}} // NumberFormat: ParseException
		}
	}
	return numCell(int64(math.Float64bits(f))), nil
}

// beginningNumber parses the number at the start of a text, like Java's NumberFormat for English.
func beginningNumber(text []byte) (float64, bool) {
	sign := 1.0
	if bytes.HasPrefix(text, []byte("-")) {
		sign, text = -1, text[1:]
	}
	switch {
	case bytes.HasPrefix(text, []byte("NaN")):
		return valuetext.NaN, true
	case bytes.HasPrefix(text, []byte("∞")):
		return math.Inf(int(sign)), true
	}
	if digits := valuetext.ASCIIDigits(text); digits != nil {
		text = digits
	}
	number := make([]byte, 0, len(text))
	digits, fraction := 0, false
	i := 0
scan:
	for ; i < len(text); i++ {
		switch c := text[i]; {
		case c >= '0' && c <= '9':
			digits++
			number = append(number, c)
		case c == '.' && !fraction:
			fraction = true
			number = append(number, c)
		case c == ',' && !fraction && digits > 0:
		default:
			break scan
		}
	}
	if digits == 0 {
		return 0, false
	}
	number = append(number, exponent(text[i:])...)
	f, err := strconv.ParseFloat(string(number), 64)
	return sign * f, err == nil || errors.Is(err, strconv.ErrRange)
}

// exponent returns the exponent at the start of a text, if any.
func exponent(text []byte) []byte {
	if len(text) < 2 || text[0] != 'E' {
		return nil
	}
	n := 1
	if text[n] == '-' {
		n++
	}
	from := n
	for n < len(text) && text[n] >= '0' && text[n] <= '9' {
		n++
	}
	if n == from {
		return nil
	}
	return text[:n]
}

func (r *TextReader) boolean(text []byte, t *types.Type) (cell, error) {
	switch {
	case string(text) == "1" || bytes.EqualFold(text, []byte("true")):
		return numCell(1), nil
	case string(text) == "0" || bytes.EqualFold(text, []byte("false")):
		return numCell(0), nil
	}
	return cell{}, &valueError{text, t}
}

func (r *TextReader) time(text []byte, t *types.Type) (cell, error) {
	var n int64
	var ok bool
	switch t.Kind {
	case types.KindDate:
		var days int32
		days, ok = r.formats.ParseDate(text)
		n = int64(days)
	case types.KindTimestamp:
		n, ok = r.formats.ParseTimestamp(text)
	case types.KindTimestampNTZ:
		n, ok = r.formats.ParseTimestampNTZ(text)
	default:
		n, ok = r.formats.ParseTime(text)
	}
	if !ok && !r.formats.Given(t) && t.Kind == types.KindTimestampNTZ {
		reason := &sparkerr.Error{Condition: "INTERNAL_ERROR", Text: (&valueError{text, t}).Error()} // as in Spark, although no internal error occurred
		return cell{}, &checkedError{reason}
	}
	if !ok && !r.formats.Given(t) {
		return cell{}, sparkerr.New("CAST_INVALID_INPUT", "expression", "'"+string(text)+"'", "sourceType", `"STRING"`, "targetType", `"`+t.SQL()+`"`)
	}
	return numCell(n), check(ok, text, t)
}
