package parquet

import (
	"bytes"
	"cmp"

	"github.com/parquet-go/parquet-go/format"

	"github.com/streamctl/streamctl/internal/codec"
	"github.com/streamctl/streamctl/internal/types"
	"github.com/streamctl/streamctl/internal/vector"
)

// pruned reports whether the statistics of a row group rule out that any row meets all conditions. (Spark: ParquetFilters.)
func (r *reader) pruned(g *format.RowGroup) bool {
	for _, c := range r.scan.Conditions {
		if !r.possible(c, g) {
			return true
		}
	}
	return false
}

// possible reports whether a row of the group may meet the condition.
func (r *reader) possible(c *codec.Condition, g *format.RowGroup) bool {
	switch c.Op {
	case codec.AllOf:
		for _, a := range c.Args {
			if !r.possible(a, g) {
				return false
			}
		}
		return true
	case codec.AnyOf:
		for _, a := range c.Args {
			if r.possible(a, g) {
				return true
			}
		}
		return false
	}
	col := r.columns[c.Column]
	if col == nil { // NULL in all rows
		return false
	}
	if col.leaf == nil || col.node.leaf >= len(g.Columns) {
		return true
	}
	meta := &g.Columns[col.node.leaf].MetaData
	if meta.Statistics.NullCount > 0 && meta.Statistics.NullCount == meta.NumValues {
		return false
	}
	if c.Op == codec.IsNotNull {
		return true
	}
	low, high, ok := col.leaf.bounds(&meta.Statistics)
	return !ok || within(c, low, high)
}

// within reports whether a value between low and high may meet the condition.
func within(c *codec.Condition, low, high *vector.Vector) bool {
	for _, v := range c.Values {
		fromLow, ok := compare(v, low)
		toHigh, both := compare(v, high)
		if !ok || !both {
			return true
		}
		var possible bool
		switch c.Op {
		case codec.OneOf:
			possible = fromLow >= 0 && toHigh <= 0
		case codec.Less:
			possible = fromLow > 0
		case codec.LessOrEqual:
			possible = fromLow >= 0
		case codec.Greater:
			possible = toHigh < 0
		case codec.GreaterOrEqual:
			possible = toHigh <= 0
		case codec.StartsWith:
			prefix := v.Bytes(0)
			possible = bytes.Compare(cut(low.Bytes(0), len(prefix)), prefix) <= 0 && bytes.Compare(cut(high.Bytes(0), len(prefix)), prefix) >= 0
		default:
			possible = true
		}
		if possible {
			return true
		}
	}
	return false
}

func cut(b []byte, n int) []byte { return b[:min(n, len(b))] }

// bounds returns the minimum and maximum of the column as vectors of one value each. Some writers truncate long strings; then
// the bounds lie outside the range of the values.
func (l *leaf) bounds(s *format.Statistics) (low, high *vector.Vector, ok bool) {
	least, greatest := s.MinValue, s.MaxValue
	if least == nil && greatest == nil && l.signedOrder() {
		least, greatest = s.Min, s.Max // for other types the order of these was not defined
	}
	if len(least) == 0 || len(greatest) == 0 || l.node.physical() == format.Int96 {
		return nil, nil, false
	}
	if low, ok = l.statistic(least); ok {
		high, ok = l.statistic(greatest)
	}
	return low, high, ok
}

func (l *leaf) signedOrder() bool {
	a := l.node.annotation()
	switch l.node.physical() {
	case format.Int32, format.Int64:
		return a.kind != integer || a.signed
	case format.Float, format.Double, format.Boolean:
		return true
	}
	return false
}

// statistic decodes one value of the footer's statistics.
func (l *leaf) statistic(b []byte) (*vector.Vector, bool) {
	var v values
	switch kind := l.node.physical(); kind {
	case format.ByteArray:
		v.data, v.views, v.n = b, []vector.View{{Len: uint32(len(b))}}, 1
	default:
		if v.decode(kind, l.fixedSize(), format.Plain, padded(b), 1) != nil {
			return nil, false
		}
	}
	out := vector.New(l.typ, 1)
	l.convert(out, 0, &v, 0, 1)
	out.Data = v.data
	return out, true
}

// compare compares the first values of a and b; ok is false for NaN, and for types that files may order differently.
func compare(a, b *vector.Vector) (order int, ok bool) {
	switch a.Type.Kind {
	case types.KindByte:
		return cmp.Compare(a.I8[0], b.I8[0]), true
	case types.KindShort:
		return cmp.Compare(a.I16[0], b.I16[0]), true
	case types.KindInt, types.KindDate:
		return cmp.Compare(a.I32[0], b.I32[0]), true
	case types.KindLong, types.KindTimestamp, types.KindTimestampNTZ, types.KindTime:
		return cmp.Compare(a.I64[0], b.I64[0]), true
	case types.KindFloat:
		return cmp.Compare(a.F32[0], b.F32[0]), a.F32[0] == a.F32[0] && b.F32[0] == b.F32[0]
	case types.KindDouble:
		return cmp.Compare(a.F64[0], b.F64[0]), a.F64[0] == a.F64[0] && b.F64[0] == b.F64[0]
	case types.KindDecimal:
		return a.Dec[0].Cmp(b.Dec[0]), true
	case types.KindString, types.KindChar, types.KindVarchar, types.KindBinary:
		return bytes.Compare(a.Bytes(0), b.Bytes(0)), true
	}
	return 0, false
}
