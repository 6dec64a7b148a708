package group

import (
	"math"

	"github.com/streamctl/streamctl/internal/decimal"
	"github.com/streamctl/streamctl/internal/sql/kernel"
	"github.com/streamctl/streamctl/internal/types"
	"github.com/streamctl/streamctl/internal/vector"
)

// Keys returns the keys with numbers from from to to-1 as columns, which belong to the caller. A range whose strings exceed the
// limit of a vector panics with a vector.Overflow.
func (t *Table) Keys(from, to int) []*vector.Vector {
	cols := make([]*vector.Vector, len(t.layout.types))
	for i, typ := range t.layout.types {
		cols[i] = vector.New(typ, to-from)
	}
	if from == to {
		return cols
	}
	for i := range t.layout.parts {
		p := &t.layout.parts[i]
		v := follow(cols, p.path)
		t.unloadPart(v, p, from)
		if t.nulls == nil {
			continue
		}
		for k, nulls := range t.nulls[from:to] {
			if nulls&p.bit() != 0 {
				v.SetNull(k)
			}
		}
	}
	if t.layout.varies() {
		t.unloadBytes(cols, from)
	}
	return cols
}

// unloadPart copies the words of the keys from a number on to a vector.
func (t *Table) unloadPart(v *vector.Vector, p *part, from int) {
	if p.from == p.to || p.kind == types.KindStruct || isText(v.Type) {
		return
	}
	w := t.layout.words
	src := t.words[from*w+p.from:]
	switch p.kind {
	case types.KindBoolean:
		for k := range v.Bool {
			v.Bool[k] = src[k*w] != 0
		}
	case types.KindByte:
		unloadIntegers(v.I8, src, w)
	case types.KindShort:
		unloadIntegers(v.I16, src, w)
	case types.KindInt, types.KindDate, types.KindYearMonth:
		unloadIntegers(v.I32, src, w)
	case types.KindFloat:
		for k := range v.F32 {
			v.F32[k] = math.Float32frombits(uint32(src[k*w]))
		}
	case types.KindDouble:
		for k := range v.F64 {
			v.F64[k] = math.Float64frombits(src[k*w])
		}
	case types.KindDecimal:
		for k := range v.Dec {
			v.Dec[k] = decimal.Int128{Hi: int64(src[k*w+1]), Lo: src[k*w]}
		}
	case types.KindInterval:
		for k := range v.Cal {
			v.Cal[k] = vector.CalendarInterval{Months: int32(src[k*w+1] >> 32), Days: int32(src[k*w+1]), Micros: int64(src[k*w])}
		}
	default:
		unloadIntegers(v.I64, src, w)
	}
}

func unloadIntegers[T int8 | int16 | int32 | int64](dst []T, src []uint64, w int) {
	for k := range dst {
		dst[k] = T(src[k*w])
	}
}

// unloadBytes copies the bytes of the keys from a number on to the columns of variable size.
func (t *Table) unloadBytes(cols []*vector.Vector, from int) {
	if i := t.layout.text; i >= 0 {
		v := cols[i]
		start := t.ends[from]
		v.AppendData(t.bytes[start:t.ends[from+v.Len()]])
		for k := range v.Views {
			v.Views[k] = vector.View{Off: uint32(t.ends[from+k] - start), Len: uint32(t.ends[from+k+1] - t.ends[from+k])}
		}
		return
	}
	for k := range cols[t.layout.lists[0]].Len() {
		key := t.bytes[t.ends[from+k]:t.ends[from+k+1]]
		for _, i := range t.layout.lists {
			key = kernel.ReadKey(cols[i], k, key)
		}
	}
}
