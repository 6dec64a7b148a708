package json

import (
	"github.com/streamctl/streamctl/internal/decimal"
	"github.com/streamctl/streamctl/internal/types"
	"github.com/streamctl/streamctl/internal/valuetext"
	"github.com/streamctl/streamctl/internal/vector"
)

// appendKey appends the text of a map key. Spark writes the text of its internal value, in which a date is a number of days
// and a struct is in brackets. (Spark: JacksonGenerator.writeMapData.) For BINARY, where Spark writes an address in the JVM's
// memory, it appends the bytes as text.
func (e *encoder) appendKey(dst []byte, v *vector.Vector, row int) []byte {
	if v.IsNull(row) || v.Type.Kind == types.KindVoid {
		return append(dst, "null"...)
	}
	i := v.At(row)
	switch v.Type.Kind {
	case types.KindDate, types.KindYearMonth:
		return valuetext.AppendInt(dst, int64(v.I32[i]))
	case types.KindTimestamp, types.KindTimestampNTZ, types.KindDayTime, types.KindTime:
		return valuetext.AppendInt(dst, v.I64[i])
	case types.KindDecimal:
		return decimal.AppendScientific(dst, v.Dec[i], v.Type.Scale)
	case types.KindArray:
		w := v.Views[i]
		dst = append(dst, '[')
		for k := range int(w.Len) {
			dst = e.appendKey(commaAfter(dst, k), v.Children[0], int(w.Off)+k)
		}
		return append(dst, ']')
	case types.KindStruct:
		dst = append(dst, '[')
		for k, child := range v.Children {
			dst = e.appendKey(commaAfter(dst, k), child, i)
		}
		return append(dst, ']')
	}
	return valuetext.AppendValue(dst, v, row, valuetext.Options{Zone: e.zone})
}

func commaAfter(dst []byte, k int) []byte {
	if k > 0 {
		return append(dst, ',')
	}
	return dst
}
