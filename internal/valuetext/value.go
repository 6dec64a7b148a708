package valuetext

import (
	"strconv"

	"github.com/streamctl/streamctl/internal/datetime"
	"github.com/streamctl/streamctl/internal/decimal"
	"github.com/streamctl/streamctl/internal/halt"
	"github.com/streamctl/streamctl/internal/types"
	"github.com/streamctl/streamctl/internal/variant"
	"github.com/streamctl/streamctl/internal/vector"
)

// Options selects the text form of a value.
type Options struct {
	Zone  *datetime.Zone // time zone for timestamps; nil is UTC
	Steps *halt.Steps    // taken for the items of nested values; nil: none
	Show  bool           // as a cell of Dataset.show (NULL, [61 62]), not as CAST(x AS STRING) (null, raw bytes)
}

// AppendValue appends the text of row i of v. A NULL is the text NULL in show and nothing in a cast. Nothing is escaped.
func AppendValue(dst []byte, v *vector.Vector, row int, o Options) []byte {
	if v.IsNull(row) || v.Type.Kind == types.KindVoid {
		if o.Show {
			return append(dst, "NULL"...)
		}
		return dst
	}
	i := v.At(row)
	switch v.Type.Kind {
	case types.KindString, types.KindChar, types.KindVarchar:
		return append(dst, v.Bytes(i)...)
	case types.KindInt:
		return AppendInt(dst, int64(v.I32[i]))
	case types.KindLong:
		return AppendInt(dst, v.I64[i])
	case types.KindDouble:
		return AppendDouble(dst, v.F64[i])
	case types.KindBoolean:
		return strconv.AppendBool(dst, v.Bool[i])
	case types.KindByte:
		return AppendInt(dst, int64(v.I8[i]))
	case types.KindShort:
		return AppendInt(dst, int64(v.I16[i]))
	case types.KindFloat:
		return AppendFloat(dst, v.F32[i])
	case types.KindDecimal:
		return decimal.Append(dst, v.Dec[i], v.Type.Scale)
	case types.KindBinary:
		if o.Show {
			return AppendHexBytes(dst, v.Bytes(i))
		}
		return append(dst, v.Bytes(i)...)
	case types.KindVariant:
		return AppendVariant(dst, variant.Of(v.Bytes(i)), o.Zone)
	case types.KindArray, types.KindMap, types.KindStruct:
		return appendNested(dst, v, i, o)
	}
	return appendTemporal(dst, v, i, o)
}

func appendTemporal(dst []byte, v *vector.Vector, i int, o Options) []byte {
	t := v.Type
	switch t.Kind {
	case types.KindDate:
		return datetime.AppendDate(dst, v.I32[i])
	case types.KindTimestamp:
		zone := o.Zone
		if zone == nil {
			zone = datetime.UTC
		}
		return datetime.AppendTimestamp(dst, v.I64[i], zone)
	case types.KindTimestampNTZ:
		return datetime.AppendTimestampNTZ(dst, v.I64[i])
	case types.KindTime:
		return datetime.AppendTime(dst, v.I64[i], t.Precision)
	case types.KindYearMonth:
		return datetime.AppendYearMonth(dst, v.I32[i], t.Start, t.End, datetime.ANSIStyle)
	case types.KindDayTime:
		return datetime.AppendDayTime(dst, v.I64[i], t.Start, t.End, datetime.ANSIStyle)
	case types.KindInterval:
		c := v.Cal[i]
		return datetime.AppendCalendar(dst, c.Months, c.Days, c.Micros)
	}
	return dst
}

// appendNested appends [1, NULL, 3], {k -> 1} or {1, q, NULL}.
func appendNested(dst []byte, v *vector.Vector, i int, o Options) []byte {
	switch v.Type.Kind {
	case types.KindArray:
		dst = append(dst, '[')
		w := v.Views[i]
		for k := w.Off; k < w.Off+w.Len; k++ {
			o.take()
			dst = appendMember(separated(dst, k > w.Off), v.Children[0], int(k), o)
		}
		return append(dst, ']')
	case types.KindMap:
		dst = append(dst, '{')
		w := v.Views[i]
		for k := w.Off; k < w.Off+w.Len; k++ {
			o.take()
			dst = appendMember(separated(dst, k > w.Off), v.Children[0], int(k), o)
			dst = append(dst, " -> "...)
			dst = appendMember(dst, v.Children[1], int(k), o)
		}
		return append(dst, '}')
	}
	dst = append(dst, '{')
	o.take()
	for k, child := range v.Children {
		dst = appendMember(separated(dst, k > 0), child, i, o)
	}
	return append(dst, '}')
}

// take takes a step for an item.
func (o *Options) take() {
	if o.Steps != nil {
		o.Steps.Take(1)
	}
}

func separated(dst []byte, more bool) []byte {
	if more {
		return append(dst, ", "...)
	}
	return dst
}

func appendMember(dst []byte, v *vector.Vector, i int, o Options) []byte {
	if !o.Show && (v.IsNull(i) || v.Type.Kind == types.KindVoid) {
		return append(dst, "null"...)
	}
	return AppendValue(dst, v, i, o)
}
