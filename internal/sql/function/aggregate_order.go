package function

import (
	"cmp"
	"math"
	"math/bits"
	"slices"

	"github.com/streamctl/streamctl/internal/decimal"
	"github.com/streamctl/streamctl/internal/types"
	"github.com/streamctl/streamctl/internal/vector"
)

// The order of collect_set, and mode's choice among the most frequent values, follow from hash tables: Scala's HashSet and
// Spark's OpenHashMap. These functions reproduce the order for values with simple hash codes; other values keep the order of
// the rows.

// hashSetOrder orders distinct values as Scala's mutable.HashSet iterates over them: by bucket, then by hash.
func hashSetOrder(v *vector.Vector, rows []int32) []int32 {
	size := 16
	for n := range rows {
		if n+1 >= size*3/4 {
			size *= 2
		}
	}
	spread := func(r int32) uint32 {
		h, _ := hashCode(v, int(r), true)
		return h ^ h>>16
	}
	if len(rows) > 0 {
		if _, known := hashCode(v, int(rows[0]), true); !known {
			return rows
		}
	}
	mask := uint32(size - 1)
	slices.SortStableFunc(rows, func(i, j int32) int {
		a, b := spread(i), spread(j)
		if a&mask != b&mask {
			return int(a&mask) - int(b&mask)
		}
		return cmp.Compare(int32(a), int32(b))
	})
	return rows
}

// openHashOrder orders distinct values, passed in insertion order, as Spark's OpenHashMap iterates over them: by position in
// its table, which doubles when 70% full.
func openHashOrder(v *vector.Vector, rows []int32) []int32 {
	table := newOpenHash(64)
	used := 0
	for _, r := range rows {
		h, known := hashCode(v, int(r), false)
		if !known {
			return rows
		}
		table.insert(r, h)
		if used++; used > len(table)*7/10 {
			table = table.doubled()
		}
	}
	var out []int32
	for _, slot := range table {
		if slot.used {
			out = append(out, slot.row)
		}
	}
	return out
}

type openHash []struct {
	row  int32
	hash uint32
	used bool
}

func newOpenHash(size int) openHash { return make(openHash, size) }

func (t openHash) insert(row int32, hash uint32) {
	mask := len(t) - 1
	at := int(murmurInt(int32(hash), 0)) & mask
	for step := 1; t[at].used; step++ {
		at = (at + step) & mask
	}
	t[at].row, t[at].hash, t[at].used = row, hash, true
}

func (t openHash) doubled() openHash {
	bigger := newOpenHash(2 * len(t))
	for _, slot := range t {
		if slot.used {
			bigger.insert(slot.row, slot.hash)
		}
	}
	return bigger
}

// hashCode returns Java's hashCode of a value or, if scala is set, Scala's ##, which is the same for equal numbers of all
// types.
func hashCode(v *vector.Vector, i int, scala bool) (hash uint32, known bool) {
	i = v.At(i)
	switch v.Type.Kind {
	case types.KindBoolean:
		if v.Bool[i] {
			return 1231, true
		}
		return 1237, true
	case types.KindByte:
		return uint32(v.I8[i]), true
	case types.KindShort:
		return uint32(v.I16[i]), true
	case types.KindInt, types.KindDate, types.KindYearMonth:
		return uint32(v.I32[i]), true
	case types.KindLong, types.KindTimestamp, types.KindTimestampNTZ, types.KindDayTime, types.KindTime:
		return hashLong(v.I64[i], scala), true
	case types.KindFloat:
		if f := v.F32[i]; !scala || f != float32(math.Trunc(float64(f))) {
			return math.Float32bits(canonical(f)), true
		}
		return hashDouble(float64(v.F32[i]), true), true
	case types.KindDouble:
		return hashDouble(v.F64[i], scala), true
	case types.KindDecimal:
		return hashDecimal(v.Dec[i], v.Type.Scale), true
	case types.KindString, types.KindChar, types.KindVarchar:
		return uint32(murmurBytes(v.Bytes(i), 42)), true
	}
	return 0, false
}

func hashLong(x int64, scala bool) uint32 {
	if scala && x == int64(int32(x)) {
		return uint32(x)
	}
	return uint32(x) ^ uint32(x>>32)
}

// hashDouble returns the hash of the number as an integer or float, if it is one.
func hashDouble(f float64, scala bool) uint32 {
	switch {
	case !scala:
	case f == math.Trunc(f) && math.Abs(f) < 1<<63:
		return hashLong(int64(f), true)
	case f == float64(float32(f)):
		return math.Float32bits(float32(f))
	}
	return hashLong(int64(math.Float64bits(canonical(f))), false)
}

// hashDecimal returns Scala's hash of a BigDecimal: that of an integer, of the double with the same digits, or of the digits.
func hashDecimal(d decimal.Int128, scale int) uint32 {
	for scale > 0 && decimal.Rem(d, decimal.FromInt64(10)).IsZero() {
		d, _ = decimal.Rescale(d, scale, scale-1)
		scale--
	}
	if n, ok := d.Int64(); ok && scale == 0 {
		return hashLong(n, true)
	}
	f := d.Float64(scale)
	if digits, s, ok := decimal.FromFloat64(f); ok && scale > 0 && decimal.CmpScaled(digits, s, d, scale) == 0 {
		return hashDouble(f, true)
	}
	h := hashWords(d)
	if scale == 0 {
		return h
	}
	k := uint32(scale) * 0xcc9e2d51
	return h ^ bits.RotateLeft32(k, 15)*0x1b873593
}

// hashWords returns Java's hash of a BigInteger.
func hashWords(d decimal.Int128) (h uint32) {
	m := d.Abs()
	for _, w := range []uint32{uint32(uint64(m.Hi) >> 32), uint32(m.Hi), uint32(m.Lo >> 32), uint32(m.Lo)} {
		h = 31*h + w
	}
	if d.Sign() < 0 {
		return -h
	}
	return h
}
