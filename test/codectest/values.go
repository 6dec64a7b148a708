package codectest

import (
	"cmp"
	"fmt"
	"math"
	"math/rand/v2"
	"strconv"

	"github.com/streamctl/streamctl/internal/decimal"
	"github.com/streamctl/streamctl/internal/types"
	"github.com/streamctl/streamctl/internal/valuetext"
	"github.com/streamctl/streamctl/internal/vector"
)

// Values generates random values of all types, many of them edge cases.
type Values struct {
	*rand.Rand
	Texts []string // building blocks of strings
}

// Batch returns n rows. Some columns are constants, and some rows may be unselected.
func (r *Values) Batch(fields []types.Field, n int) *vector.Batch {
	b := &vector.Batch{N: n}
	for _, f := range fields {
		v := vector.New(f.Type, n)
		if r.IntN(10) == 0 && isFlat(f.Type) {
			v = vector.NewConst(f.Type)
		}
		r.fill(v, 0, v.Len(), r.IntN(3) > 0)
		b.Cols = append(b.Cols, v)
	}
	if r.IntN(3) == 0 {
		b.Sel = vector.Selection{}
		for row := range int32(n) {
			if r.IntN(3) > 0 {
				b.Sel = append(b.Sel, row)
			}
		}
	}
	return b
}

func isFlat(t *types.Type) bool {
	return t.Kind != types.KindArray && t.Kind != types.KindMap && t.Kind != types.KindStruct
}

// fill sets the values [from, to).
func (r *Values) fill(v *vector.Vector, from, to int, nulls bool) {
	if v.Type.Kind == types.KindStruct {
		for _, c := range v.Children {
			r.fill(c, from, to, true)
		}
	}
	for i := from; i < to; i++ {
		r.set(v, i)
		if nulls && r.IntN(5) == 0 {
			v.SetNull(i)
		}
	}
}

// set sets one value.
func (r *Values) set(v *vector.Vector, i int) {
	switch t := v.Type; t.Kind {
	case types.KindBoolean:
		v.Bool[i] = r.IntN(2) == 0
	case types.KindByte:
		v.I8[i] = int8(r.integer(8))
	case types.KindShort:
		v.I16[i] = int16(r.integer(16))
	case types.KindInt:
		v.I32[i] = int32(r.integer(32))
	case types.KindLong:
		v.I64[i] = r.integer(64)
	case types.KindFloat:
		v.F32[i] = float32(r.double())
	case types.KindDouble:
		v.F64[i] = r.double()
	case types.KindDecimal:
		v.Dec[i] = r.decimal(t.Precision)
	case types.KindDate:
		v.I32[i] = r.Int32N(3_652_059) - 719_162 // from the year 1 to 9999
	case types.KindTimestamp, types.KindTimestampNTZ:
		v.I64[i] = r.Int64N(315_537_897_600_000_000) - 62_135_596_800_000_000
		if r.IntN(3) == 0 {
			v.I64[i] -= v.I64[i] % 1_000_000
		}
	case types.KindTime:
		unit := int64(math.Pow10(9 - t.Precision))
		v.I64[i] = r.Int64N(86_400_000_000_000) / unit * unit
	case types.KindYearMonth:
		v.I32[i] = int32(r.integer(32))
	case types.KindDayTime:
		v.I64[i] = r.integer(64)
	case types.KindInterval:
		v.Cal[i] = vector.CalendarInterval{Months: int32(r.integer(16)), Days: int32(r.integer(16)), Micros: r.integer(48)}
	case types.KindString, types.KindChar, types.KindVarchar:
		v.SetString(i, r.Text())
	case types.KindBinary:
		b := make([]byte, r.IntN(5))
		for k := range b {
			b[k] = byte(r.Uint32())
		}
		v.SetBytes(i, b)
	case types.KindArray, types.KindMap:
		r.list(v, i)
	}
}

// list appends elements to the children. The keys of a map are distinct.
func (r *Values) list(v *vector.Vector, i int) {
	from, n := v.Children[0].Len(), r.IntN(4)
	if r.IntN(4) == 0 { // items that no value refers to
		for _, c := range v.Children {
			c.Extend(from + 1)
			r.fill(c, from, from+1, false)
		}
		from++
	}
	for _, c := range v.Children {
		c.Extend(from + n)
	}
	if v.Type.Kind == types.KindMap {
		keys := v.Children[0]
		for k := range n {
			for r.fill(keys, from+k, from+k+1, false); repeated(keys, from, from+k); {
				r.fill(keys, from+k, from+k+1, false)
			}
		}
	} else {
		r.fill(v.Children[0], from, from+n, true)
	}
	if v.Type.Kind == types.KindMap {
		r.fill(v.Children[1], from, from+n, true)
	}
	v.Views[i] = vector.View{Off: uint32(from), Len: uint32(n)}
}

func repeated(keys *vector.Vector, from, at int) bool {
	for i := from; i < at; i++ {
		if Literal(keys, i) == Literal(keys, at) {
			return true
		}
	}
	return false
}

// integer returns a random number of the given width, mostly a small one or an edge case.
func (r *Values) integer(bits int) int64 {
	x := int64(r.Uint64()) >> (64 - bits)
	switch r.IntN(4) {
	case 0:
		return x >> r.IntN(bits)
	case 1:
		return [...]int64{-1, 0, 1, -1 << (bits - 1), 1<<(bits-1) - 1}[r.IntN(5)]
	}
	return x
}

func (r *Values) double() float64 {
	switch r.IntN(4) {
	case 0:
		return [...]float64{0, math.Copysign(0, -1), math.NaN(), math.Inf(1), math.Inf(-1), math.MaxFloat64, math.SmallestNonzeroFloat64, 1e7, 1e-3, math.MaxFloat32}[r.IntN(10)]
	case 1:
		return float64(r.IntN(1000)) / 8
	}
	return math.Float64frombits(r.Uint64())
}

func (r *Values) decimal(precision int) decimal.Int128 {
	digits := []byte{'0'}
	if r.IntN(2) == 0 {
		digits = []byte("-0")
	}
	nines := r.IntN(4) == 0
	for range r.IntN(precision + 1) {
		digit := byte('9')
		if !nines {
			digit = '0' + byte(r.IntN(10))
		}
		digits = append(digits, digit)
	}
	d, _, _ := decimal.ParseAs(digits, precision, 0)
	return d
}

// Text returns a string built from the pieces.
func (r *Values) Text() string {
	text := ""
	for range r.IntN(5) {
		text += r.Texts[r.IntN(len(r.Texts))]
	}
	return text
}

// A Loss describes what a format cannot preserve.
type Loss struct {
	Millis bool                 // timestamps lose digits after milliseconds
	Text   func(string) *string // what remains of a string; nil: NULL
	Null   string               // what NULL becomes, unless ""
}

// Literal formats a value so that different values have different texts.
func Literal(v *vector.Vector, row int) string { return string((&Loss{}).append(nil, v, row)) }

// Rows formats the selected rows of a batch as they are after the loss.
func (l *Loss) Rows(b *vector.Batch) (rows []string) {
	for i := range b.Rows() {
		row := i
		if b.Sel != nil {
			row = int(b.Sel[i])
		}
		var text []byte
		for _, v := range b.Cols {
			text = append(l.append(text, v, row), ' ')
		}
		rows = append(rows, string(text))
	}
	return rows
}

func (l *Loss) append(dst []byte, v *vector.Vector, row int) []byte {
	if v.IsNull(row) {
		return append(dst, cmp.Or(l.Null, "NULL")...)
	}
	i := v.At(row)
	switch v.Type.Kind {
	case types.KindTimestamp, types.KindTimestampNTZ:
		x := v.I64[i]
		if l.Millis {
			x -= (x%1000 + 1000) % 1000
		}
		return strconv.AppendInt(dst, x, 10)
	case types.KindTime, types.KindDayTime:
		return strconv.AppendInt(dst, v.I64[i], 10)
	case types.KindYearMonth, types.KindDate:
		return strconv.AppendInt(dst, int64(v.I32[i]), 10)
	case types.KindInterval:
		return fmt.Appendf(dst, "%v", v.Cal[i])
	case types.KindString, types.KindChar, types.KindVarchar:
		return l.appendText(dst, string(v.Bytes(row)))
	case types.KindBinary:
		return fmt.Appendf(dst, "x'%x'", v.Bytes(row))
	case types.KindStruct:
		dst = append(dst, '{')
		for _, c := range v.Children {
			dst = append(l.append(dst, c, i), ' ')
		}
		return append(dst, '}')
	case types.KindArray, types.KindMap:
		dst = append(dst, '[')
		for k := range v.Views[i].Len {
			for _, c := range v.Children {
				dst = append(l.append(dst, c, int(v.Views[i].Off+k)), ' ')
			}
		}
		return append(dst, ']')
	}
	return valuetext.AppendValue(dst, v, row, valuetext.Options{})
}

func (l *Loss) appendText(dst []byte, text string) []byte {
	if l.Text != nil {
		left := l.Text(text)
		if left == nil {
			return append(dst, "NULL"...)
		}
		text = *left
	}
	return strconv.AppendQuote(dst, text)
}
