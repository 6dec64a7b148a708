package csv

import (
	"encoding/binary"
	"slices"

	"github.com/streamctl/streamctl/internal/codec"
	"github.com/streamctl/streamctl/internal/decimal"
	"github.com/streamctl/streamctl/internal/types"
	"github.com/streamctl/streamctl/internal/valuetext"
	"github.com/streamctl/streamctl/internal/vector"
)

// A converter parses text and stores the value in row of v. It returns false if text is not a value of the type.
type converter func(v *vector.Vector, row int, text []byte) bool

// newConverter returns the converter for a type, or nil for text types, which need no conversion, and VARIANT. ok is false for types that
// CSV cannot hold.
func newConverter(t *types.Type, o *Options, f *codec.Formats) (c converter, ok bool) {
	switch t.Kind {
	case types.KindString, types.KindChar, types.KindVarchar, types.KindBinary, types.KindVariant:
		return nil, true
	case types.KindByte, types.KindShort, types.KindInt, types.KindLong:
		return integerConverter(t), true
	case types.KindFloat, types.KindDouble:
		words := o.words
		always := endsInDigit(words.NaN) || endsInDigit(words.PositiveInf) || endsInDigit(words.NegativeInf)
		return func(v *vector.Vector, row int, text []byte) bool {
			if always || !endsInDigit(string(text[len(text)-1:])) {
				if x, ok := words.Lookup(text); ok {
					return codec.SetFloat(v, row, x)
				}
			}
			return codec.ParseFloatText(v, row, text)
		}, true
	case types.KindBoolean:
		return func(v *vector.Vector, row int, text []byte) (ok bool) {
			v.Bool[row], ok = parseBool(text)
			return ok
		}, true
	case types.KindDecimal:
		parser := codec.NewDecimalParser(f.Locale)
		return func(v *vector.Vector, row int, text []byte) (ok bool) {
			v.Dec[row], ok = parser.Parse(text, t.Precision, t.Scale)
			return ok
		}, true
	case types.KindDate, types.KindTimestamp, types.KindTimestampNTZ, types.KindTime, types.KindYearMonth, types.KindDayTime, types.KindInterval:
		return f.ParseTimeOrInterval, true
	}
	return nil, false
}

func endsInDigit(s string) bool {
	return s == "" || s[len(s)-1]-'0' <= 9
}

func integerConverter(t *types.Type) converter {
	switch t.Kind {
	case types.KindByte:
		return func(v *vector.Vector, row int, text []byte) bool {
			n, ok := parseInteger(text)
			v.I8[row] = int8(n)
			return ok && n == int64(int8(n))
		}
	case types.KindShort:
		return func(v *vector.Vector, row int, text []byte) bool {
			n, ok := parseInteger(text)
			v.I16[row] = int16(n)
			return ok && n == int64(int16(n))
		}
	case types.KindInt:
		return func(v *vector.Vector, row int, text []byte) bool {
			n, ok := parseInteger(text)
			v.I32[row] = int32(n)
			return ok && n == int64(int32(n))
		}
	}
	return func(v *vector.Vector, row int, text []byte) (ok bool) {
		v.I64[row], ok = parseInteger(text)
		return ok
	}
}

// parseInteger parses short plain numbers itself and leaves other forms to package valuetext.
func parseInteger(text []byte) (n int64, ok bool) {
	digits := text
	if digits[0] == '-' {
		digits = digits[1:]
	}
	if len(digits) == 0 || len(digits) > 18 {
		return valuetext.ParseIntegerStrict(text, 64)
	}
	for _, c := range digits {
		d := c - '0'
		if d > 9 {
			return valuetext.ParseIntegerStrict(text, 64)
		}
		n = n*10 + int64(d)
	}
	if len(digits) < len(text) {
		n = -n
	}
	return n, true
}

// parseBool accepts true and false in any case.
func parseBool(b []byte) (value, ok bool) {
	switch len(b) {
	case 4:
		return true, b[0]|0x20 == 't' && b[1]|0x20 == 'r' && b[2]|0x20 == 'u' && b[3]|0x20 == 'e'
	case 5:
		return false, b[0]|0x20 == 'f' && b[1]|0x20 == 'a' && b[2]|0x20 == 'l' && b[3]|0x20 == 's' && b[4]|0x20 == 'e'
	}
	return false, false
}

// convert fills the columns of the batch in order and applies each filter as early as possible, dropping the rows it rejects.
func (r *reader) convert() error {
	r.alive = nil
	for i := range r.columns {
		c := &r.columns[i]
		c.v.Reset(c.v.Type, r.n)
		r.failed = r.failed[:0]
		switch {
		case c.isVariant():
			if err := r.convertVariants(c, i); err != nil {
				return err
			}
		case c.convert == nil:
			r.convertText(c)
		default:
			r.convertValues(c, i)
		}
		for _, p := range c.filters {
			if err := r.filter(p); err != nil {
				return err
			}
		}
	}
	if r.alive != nil && len(r.long) > 0 {
		r.keepLong()
	}
	return nil
}

// keepLong restores over-long rows that filters have dropped: their values are unknown.
func (r *reader) keepLong() {
	dropped := slices.DeleteFunc(slices.Clone(r.long), func(row int32) bool {
		_, found := slices.BinarySearch(r.alive, row)
		return found
	})
	r.alive = merge(r.alive, dropped)
	for i := range r.columns {
		c := &r.columns[i]
		if c.convert == nil && !c.isVariant() {
			continue
		}
		for _, row := range dropped {
			r.clearValue(c, int(row))
		}
	}
}

// convertText turns the tokens of a text column into its views.
func (r *reader) convertText(c *column) {
	v := c.v
	v.Data = r.buf
	v.Views, c.tokens = c.tokens[:r.n], v.Views[:cap(v.Views)]
	nullLen := uint32(len(r.o.nullValue))
	nulls := false
	for i, k := range v.Views {
		if k == noToken || k.Len == nullLen && string(r.buf[k.Off:k.Off+k.Len]) == r.o.nullValue {
			if !nulls {
				nulls = true
				setAll(c.valid, r.n)
			}
			c.valid.Clear(i)
			v.Views[i] = token{}
		}
	}
	if nulls {
		v.Valid = c.valid
	}
}

func setAll(b vector.Bitmap, n int) { b[:(n+63)/64].SetAll() }

// shortIntegers converts plain numbers of up to eight digits in the given rows (nil: all) and returns the other rows.
func shortIntegers[T int32 | int64](to []T, tokens []token, buf []byte, rows, others vector.Selection) vector.Selection {
	n := len(to)
	if rows != nil {
		n = len(rows)
	}
	for i := range n {
		row := i
		if rows != nil {
			row = int(rows[i])
		}
		if k := tokens[row]; k.Len-1 < 8 && int(k.Off)+8 <= len(buf) {
			if x, ok := decimal.ShortInteger(binary.LittleEndian.Uint64(buf[k.Off:]), int(k.Len)); ok {
				to[row] = T(x)
				continue
			}
		}
		others = append(others, int32(row))
	}
	return others
}

// convertValues converts the tokens of the rows that are still alive. Values that fail become NULL, and their rows are listed
// in failed.
func (r *reader) convertValues(c *column, at int) {
	v, buf, nullValue, convert := c.v, r.buf, r.o.nullValue, c.convert
	alive := r.alive
	if nullValue == "" {
		switch v.Type.Kind {
		case types.KindInt:
			alive = shortIntegers(v.I32, c.tokens, buf, alive, r.others[:0])
		case types.KindLong:
			alive = shortIntegers(v.I64, c.tokens, buf, alive, r.others[:0])
		case types.KindTimestamp:
			if !r.formats.Given(v.Type) {
				alive = r.formats.UsualTimestamps(v.I64, c.tokens, buf, alive, r.others[:0])
			}
		}
	}
	rows := r.n
	if alive != nil {
		rows = len(alive)
	}
	nulls := false
	for i := range rows {
		row := i
		if alive != nil {
			row = int(alive[i])
		}
		if k := c.tokens[row]; k != noToken {
			text := buf[k.Off : k.Off+k.Len]
			if len(text) > 0 && convert(v, row, text) && (nullValue == "" || string(text) != nullValue) {
				continue
			}
			if string(text) != nullValue {
				r.valueFailed(row, at)
			}
		}
		if !nulls {
			nulls = true
			setAll(c.valid, r.n)
		}
		c.valid.Clear(row)
	}
	if nulls {
		v.Valid = c.valid
	}
}

// valueFailed records that the value of column at cannot be converted.
func (r *reader) valueFailed(row, at int) {
	r.failed = append(r.failed, int32(row))
	r.judge.Any = true
	if r.judge.State[row] == fine {
		r.judge.State[row], r.badCol[row] = badValue, int16(r.positionOf(at))
	}
}

// positionOf returns the position in the batch of column at.
func (r *reader) positionOf(at int) int {
	if r.corrupt >= 0 && at >= r.corrupt {
		return at + 1
	}
	return at
}

// filter keeps the alive rows for which p is true, and those whose last value could not be converted.
func (r *reader) filter(p vector.Predicate) error {
	sel := r.alive
	if len(r.failed) > 0 {
		sel = r.without(r.failed)
	}
	out, err := p.Select(&r.batch, sel, r.spare[:0])
	if err != nil {
		return err
	}
	if len(r.failed) > 0 {
		out = merge(out, r.failed)
	}
	r.spare = r.alive
	if out == nil {
		out = vector.Selection{}
	}
	r.alive = out
	return nil
}

// without returns the alive rows that are not in failed.
func (r *reader) without(failed vector.Selection) vector.Selection {
	out := r.others[:0]
	next := 0
	rows := r.n
	if r.alive != nil {
		rows = len(r.alive)
	}
	for i := range rows {
		row := int32(i)
		if r.alive != nil {
			row = r.alive[i]
		}
		if next < len(failed) && failed[next] == row {
			next++
			continue
		}
		out = append(out, row)
	}
	r.others = out
	return out
}

// merge merges two disjoint ascending selections.
func merge(a, b vector.Selection) vector.Selection {
	i, j := len(a)-1, len(b)-1
	out := append(a, b...)
	for k := len(out) - 1; j >= 0; k-- {
		if i >= 0 && out[i] > b[j] {
			out[k] = out[i]
			i--
		} else {
			out[k] = b[j]
			j--
		}
	}
	return out
}
