package hash

import (
	"math"
	"math/bits"

	"github.com/streamctl/streamctl/internal/decimal"
	"github.com/streamctl/streamctl/internal/sql/kernel"
	"github.com/streamctl/streamctl/internal/types"
	"github.com/streamctl/streamctl/internal/vector"
)

// JavaCode returns the hashCode of the object with which Spark represents row i of v. known is false for types whose objects have a
// hash code that is not reproduced here: binary data, intervals and nested values.
func JavaCode(v *vector.Vector, i int) (code uint32, known bool) { return codeOf(v, i, false) }

// ScalaCode returns Scala's ## of the same object, which is the same for equal numbers of all types.
func ScalaCode(v *vector.Vector, i int) (code uint32, known bool) { return codeOf(v, i, true) }

// ScalaLong returns Scala's hash code of an integer.
func ScalaLong(x int64) uint32 { return codeOfLong(x, true) }

func codeOf(v *vector.Vector, i int, scala bool) (hash uint32, known bool) {
	i = v.At(i)
	switch v.Type.Kind.Storage() {
	case types.KindBoolean:
		if v.Bool[i] {
			return 1231, true
		}
		return 1237, true
	case types.KindByte:
		return uint32(v.I8[i]), true
	case types.KindShort:
		return uint32(v.I16[i]), true
	case types.KindInt:
		return uint32(v.I32[i]), true
	case types.KindLong:
		return codeOfLong(v.I64[i], scala), true
	case types.KindFloat:
		if f := v.F32[i]; !scala || f != float32(math.Trunc(float64(f))) {
			return math.Float32bits(kernel.Canonical(f)), true
		}
		return codeOfDouble(float64(v.F32[i]), true), true
	case types.KindDouble:
		return codeOfDouble(v.F64[i], scala), true
	case types.KindDecimal:
		return codeOfDecimal(v.Dec[i], v.Type.Scale), true
	case types.KindString, types.KindChar, types.KindVarchar:
		return Murmur3Bytes(v.Bytes(i), Seed), true
	}
	return 0, false
}

func codeOfLong(x int64, scala bool) uint32 {
	if scala && x == int64(int32(x)) {
		return uint32(x)
	}
	return uint32(x) ^ uint32(x>>32)
}

// codeOfDouble returns the hash of the number as an integer or float, if it is one.
func codeOfDouble(f float64, scala bool) uint32 {
	switch {
	case !scala:
	case f == math.Trunc(f) && math.Abs(f) < 1<<63:
		return codeOfLong(int64(f), true)
	case f == float64(float32(f)):
		return math.Float32bits(float32(f))
	}
	return codeOfLong(int64(math.Float64bits(kernel.Canonical(f))), false)
}

// codeOfDecimal returns Scala's hash of a BigDecimal: that of an integer, of the double with the same digits, or of the digits.
func codeOfDecimal(d decimal.Int128, scale int) uint32 {
	for scale > 0 && decimal.Rem(d, decimal.FromInt64(10)).IsZero() {
		d, _ = decimal.Rescale(d, scale, scale-1)
		scale--
	}
	if n, ok := d.Int64(); ok && scale == 0 {
		return codeOfLong(n, true)
	}
	f := d.Float64(scale)
	if digits, s, ok := decimal.FromFloat64(f); ok && scale > 0 && decimal.CmpScaled(digits, s, d, scale) == 0 {
		return codeOfDouble(f, true)
	}
	h := codeOfWords(d)
	if scale == 0 {
		return h
	}
	k := uint32(scale) * 0xcc9e2d51
	return h ^ bits.RotateLeft32(k, 15)*0x1b873593
}

// codeOfWords returns Java's hash of a BigInteger.
func codeOfWords(d decimal.Int128) (h uint32) {
	m := d.Abs()
	for _, w := range []uint32{uint32(uint64(m.Hi) >> 32), uint32(m.Hi), uint32(m.Lo >> 32), uint32(m.Lo)} {
		h = 31*h + w
	}
	if d.Sign() < 0 {
		return -h
	}
	return h
}
