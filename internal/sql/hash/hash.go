// Package hash computes the hashes that Spark's results depend on: Murmur3 and xxHash of column values, as hash, xxhash64 and
// the placement of rows in partitions use them, and the hash codes that Java and Scala keep their hash tables by. The rules are
// those of Spark's HashExpression, Murmur3_x86_32 and XXH64, of java.lang, and of scala.runtime.Statics.
package hash

import (
	"math"

	"github.com/streamctl/streamctl/internal/decimal"
	"github.com/streamctl/streamctl/internal/halt"
	"github.com/streamctl/streamctl/internal/sql/kernel"
	"github.com/streamctl/streamctl/internal/types"
	"github.com/streamctl/streamctl/internal/vector"
)

// Seed is the hash that Spark starts with.
const Seed = 42

// An Algorithm extends a hash by one value after the other. It has no state and may be shared.
type Algorithm struct {
	int   func(v int32, seed uint64) uint64
	long  func(v int64, seed uint64) uint64
	bytes func(b []byte, seed uint64) uint64
}

// The algorithms of Spark's functions hash and xxhash64. The hashes of Murmur3 have 32 bits.
var (
	Murmur3  = &Algorithm{murmurInt, murmurLong, murmurBytes}
	XXHash64 = &Algorithm{xxInt, xxLong, xxBytes}
)

// Value returns the hash after row i of v; seed is the hash before it. NULL leaves the hash unchanged, and a nested value is hashed
// part by part. It counts the items of lists in steps. Variants have no hash, and the functions of Spark do not hash maps; the
// caller must refuse them.
func (h *Algorithm) Value(steps *halt.Steps, v *vector.Vector, i int, seed uint64) uint64 {
	if v.IsNull(i) {
		return seed
	}
	at := v.At(i)
	switch v.Type.Kind {
	case types.KindBoolean:
		if v.Bool[at] {
			return h.int(1, seed)
		}
		return h.int(0, seed)
	case types.KindByte:
		return h.int(int32(v.I8[at]), seed)
	case types.KindShort:
		return h.int(int32(v.I16[at]), seed)
	case types.KindInt, types.KindDate, types.KindYearMonth:
		return h.int(v.I32[at], seed)
	case types.KindLong, types.KindTimestamp, types.KindTimestampNTZ, types.KindDayTime, types.KindTime:
		return h.long(v.I64[at], seed)
	case types.KindFloat:
		return h.int(int32(math.Float32bits(kernel.Canonical(v.F32[at]))), seed)
	case types.KindDouble:
		return h.long(int64(math.Float64bits(kernel.Canonical(v.F64[at]))), seed)
	case types.KindDecimal:
		return h.decimal(v.Dec[at], v.Type.Precision, seed)
	case types.KindInterval:
		c := v.Cal[at]
		return h.int(c.Months, h.int(c.Days, h.long(c.Micros, seed)))
	case types.KindArray:
		w := v.Views[at]
		for j := range int(w.Len) {
			steps.Take(1)
			seed = h.Value(steps, v.Children[0], int(w.Off)+j, seed)
		}
		return seed
	case types.KindMap:
		w := v.Views[at]
		for j := range int(w.Len) {
			steps.Take(1)
			seed = h.Value(steps, v.Children[0], int(w.Off)+j, seed)
			seed = h.Value(steps, v.Children[1], int(w.Off)+j, seed)
		}
		return seed
	case types.KindStruct:
		for _, c := range v.Children {
			seed = h.Value(steps, c, at, seed)
		}
		return seed
	case types.KindVoid:
		return seed
	}
	return h.bytes(v.Bytes(i), seed)
}

// decimal hashes the unscaled value; for a long decimal, as the shortest big-endian bytes.
func (h *Algorithm) decimal(v decimal.Int128, precision int, seed uint64) uint64 {
	if precision <= 18 {
		return h.long(int64(v.Lo), seed)
	}
	b := make([]byte, 0, 16)
	for shift := 56; shift >= 0; shift -= 8 {
		b = append(b, byte(v.Hi>>shift))
	}
	for shift := 56; shift >= 0; shift -= 8 {
		b = append(b, byte(v.Lo>>shift))
	}
	for len(b) > 1 && (b[0] == 0 && b[1] < 0x80 || b[0] == 0xFF && b[1] >= 0x80) {
		b = b[1:]
	}
	return h.bytes(b, seed)
}
