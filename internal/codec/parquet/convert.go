package parquet

import (
	"encoding/binary"

	"github.com/parquet-go/parquet-go/deprecated"
	"github.com/parquet-go/parquet-go/format"

	"github.com/streamctl/streamctl/internal/decimal"
	"github.com/streamctl/streamctl/internal/types"
	"github.com/streamctl/streamctl/internal/vector"
)

// A converter writes the values [from, from+n) to dst, starting at position at. For byte arrays it sets views into the
// values' data.
type converter func(dst *vector.Vector, at int, v *values, from, n int)

// converterFor returns the conversion of a column to a type, or nil if Spark does not support it. (Spark:
// ParquetVectorUpdaterFactory.)
func converterFor(n *node, t *types.Type) converter {
	a := n.annotation()
	switch n.physical() {
	case format.Boolean:
		if t.Kind == types.KindBoolean {
			return func(dst *vector.Vector, at int, v *values, from, n int) {
				out, in := dst.Bool[at:at+n], v.bools[from:from+n]
				for i, x := range in {
					out[i] = x != 0
				}
			}
		}
	case format.Int32:
		return fromInt32(a, t)
	case format.Int64:
		return fromInt64(a, t)
	case format.Int96:
		if t.Kind == types.KindTimestamp || t.Kind == types.KindTimestampNTZ {
			return func(dst *vector.Vector, at int, v *values, from, n int) {
				convert(dst.I64[at:at+n], v.i96[from:from+n], int96Micros)
			}
		}
	case format.Float:
		switch t.Kind {
		case types.KindFloat:
			return func(dst *vector.Vector, at int, v *values, from, n int) { copy(dst.F32[at:at+n], v.f32[from:from+n]) }
		case types.KindDouble:
			return func(dst *vector.Vector, at int, v *values, from, n int) { widen(dst.F64[at:at+n], v.f32[from:from+n]) }
		}
	case format.Double:
		if t.Kind == types.KindDouble {
			return func(dst *vector.Vector, at int, v *values, from, n int) { copy(dst.F64[at:at+n], v.f64[from:from+n]) }
		}
	case format.ByteArray, format.FixedLenByteArray:
		return fromBytes(n, a, t)
	}
	return nil
}

type number interface {
	~int8 | ~int16 | ~int32 | ~int64 | ~float32 | ~float64
}

func widen[To, From number](out []To, in []From) {
	for i, x := range in {
		out[i] = To(x)
	}
}

func convert[To, From any](out []To, in []From, f func(From) To) {
	for i, x := range in {
		out[i] = f(x)
	}
}

func fromInt32(a annotation, t *types.Type) converter {
	switch t.Kind {
	case types.KindByte:
		return func(dst *vector.Vector, at int, v *values, from, n int) { widen(dst.I8[at:at+n], v.i32[from:from+n]) }
	case types.KindShort:
		return func(dst *vector.Vector, at int, v *values, from, n int) { widen(dst.I16[at:at+n], v.i32[from:from+n]) }
	case types.KindInt, types.KindDate, types.KindYearMonth:
		return func(dst *vector.Vector, at int, v *values, from, n int) { copy(dst.I32[at:at+n], v.i32[from:from+n]) }
	case types.KindLong:
		if a.kind == integer && a.bits == 32 && !a.signed {
			return func(dst *vector.Vector, at int, v *values, from, n int) {
				convert(dst.I64[at:at+n], v.i32[from:from+n], func(x int32) int64 { return int64(uint32(x)) })
			}
		}
		return func(dst *vector.Vector, at int, v *values, from, n int) { widen(dst.I64[at:at+n], v.i32[from:from+n]) }
	case types.KindDouble:
		return func(dst *vector.Vector, at int, v *values, from, n int) { widen(dst.F64[at:at+n], v.i32[from:from+n]) }
	case types.KindTimestampNTZ:
		if a.kind == date {
			return func(dst *vector.Vector, at int, v *values, from, n int) {
				convert(dst.I64[at:at+n], v.i32[from:from+n], func(x int32) int64 { return int64(x) * microsPerDay })
			}
		}
	case types.KindDecimal:
		if scale, ok := decimalScale(a, t, 10); ok {
			return func(dst *vector.Vector, at int, v *values, from, n int) {
				out := dst.Dec[at : at+n]
				for i, x := range v.i32[from : from+n] {
					out[i] = rescaled(decimal.FromInt64(int64(x)), scale, t.Scale)
				}
			}
		}
	}
	return nil
}

const microsPerDay = 86_400_000_000

func fromInt64(a annotation, t *types.Type) converter {
	switch t.Kind {
	case types.KindLong, types.KindDayTime:
		return copyInt64
	case types.KindTimestamp, types.KindTimestampNTZ:
		switch {
		case a.kind != timestamp:
			return nil
		case a.unit == micros:
			return copyInt64
		case a.unit == millis:
			return timesThousand
		}
	case types.KindTime:
		if a.kind == timeOfDay && a.unit == micros {
			return timesThousand
		}
	case types.KindDecimal:
		if a.kind == integer && !a.signed {
			if t.Precision < 20 || t.Scale != 0 {
				return nil
			}
			return func(dst *vector.Vector, at int, v *values, from, n int) {
				convert(dst.Dec[at:at+n], v.i64[from:from+n], func(x int64) decimal.Int128 { return decimal.FromUint64(uint64(x)) })
			}
		}
		if scale, ok := decimalScale(a, t, 20); ok {
			return func(dst *vector.Vector, at int, v *values, from, n int) {
				out := dst.Dec[at : at+n]
				for i, x := range v.i64[from : from+n] {
					out[i] = rescaled(decimal.FromInt64(x), scale, t.Scale)
				}
			}
		}
	}
	return nil
}

func copyInt64(dst *vector.Vector, at int, v *values, from, n int) {
	copy(dst.I64[at:at+n], v.i64[from:from+n])
}

func timesThousand(dst *vector.Vector, at int, v *values, from, n int) {
	convert(dst.I64[at:at+n], v.i64[from:from+n], func(x int64) int64 { return x * 1000 })
}

// decimalScale returns the scale of the numbers in a column that is read as decimal t; ok is false if t cannot hold all of
// them. Numbers without annotation have up to digits digits. (Spark: isDecimalTypeMatched.)
func decimalScale(a annotation, t *types.Type, digits int) (scale int, ok bool) {
	if a.kind == decimalNumber {
		more, finer := t.Precision-a.precision, t.Scale-a.scale
		return a.scale, finer >= 0 && more >= finer
	}
	return 0, t.Precision-t.Scale >= digits
}

func rescaled(d decimal.Int128, from, to int) decimal.Int128 {
	if from == to {
		return d
	}
	d, _ = decimal.Rescale(d, from, to)
	return d
}

// int96Micros converts Impala's timestamps, which consist of nanoseconds of the day and a Julian day, to microseconds.
func int96Micros(x deprecated.Int96) int64 {
	const julianEpoch = 2_440_588
	nanos := int64(uint64(x[1])<<32 | uint64(x[0]))
	return (int64(int32(x[2]))-julianEpoch)*microsPerDay + nanos/1000
}

func fromBytes(n *node, a annotation, t *types.Type) converter {
	fixed := n.physical() == format.FixedLenByteArray
	switch t.Kind {
	case types.KindString, types.KindChar, types.KindVarchar:
		if !fixed {
			return copyViews
		}
	case types.KindBinary:
		if fixed {
			return fixedViews
		}
		return copyViews
	case types.KindDecimal:
		if a.kind != decimalNumber {
			return nil
		}
		if scale, ok := decimalScale(a, t, 0); ok {
			return func(dst *vector.Vector, at int, v *values, from, n int) {
				out := dst.Dec[at : at+n]
				for i := range out {
					out[i] = rescaled(bigEndian(v.at(from+i)), scale, t.Scale)
				}
			}
		}
	}
	return nil
}

func copyViews(dst *vector.Vector, at int, v *values, from, n int) {
	copy(dst.Views[at:at+n], v.views[from:from+n])
}

func fixedViews(dst *vector.Vector, at int, v *values, from, n int) {
	for i := range n {
		dst.Views[at+i] = vector.View{Off: uint32((from + i) * v.size), Len: uint32(v.size)}
	}
}

// bigEndian decodes a two's complement number, using its last 16 bytes.
func bigEndian(b []byte) decimal.Int128 {
	var buf [16]byte
	if len(b) > 16 {
		b = b[len(b)-16:]
	}
	if len(b) > 0 && b[0] >= 0x80 {
		for i := range buf[:16-len(b)] {
			buf[i] = 0xff
		}
	}
	copy(buf[16-len(b):], b)
	return decimal.Int128{Hi: int64(binary.BigEndian.Uint64(buf[:])), Lo: binary.BigEndian.Uint64(buf[8:])}
}

// isBytes reports whether values of t are views.
func isBytes(t *types.Type) bool { return t.IsText() || t.Kind == types.KindBinary }
