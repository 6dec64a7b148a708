package accumulate

import (
	"cmp"
	"math"
	"slices"

	"github.com/streamctl/streamctl/internal/sql/hash"
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
		h, _ := scalaCode(v, r)
		return h ^ h>>16
	}
	if len(rows) > 0 {
		if _, known := scalaCode(v, rows[0]); !known {
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

// scalaCode is hash.ScalaCode for an element of a set. Floating-point numbers are in Spark's sets as integers with the same bits.
func scalaCode(v *vector.Vector, r int32) (code uint32, known bool) {
	switch v.Type.Kind {
	case types.KindFloat:
		return hash.ScalaLong(int64(int32(math.Float32bits(v.F32[r])))), true
	case types.KindDouble:
		return hash.ScalaLong(int64(math.Float64bits(v.F64[r]))), true
	}
	return hash.ScalaCode(v, int(r))
}

// openHashOrder orders distinct values, passed in insertion order, as Spark's OpenHashMap iterates over them: by position in
// its table, which doubles when 70% full.
func openHashOrder(v *vector.Vector, rows []int32) []int32 {
	table := newOpenHash(64)
	used := 0
	for _, r := range rows {
		h, known := hash.JavaCode(v, int(r))
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
	code uint32
	used bool
}

func newOpenHash(size int) openHash { return make(openHash, size) }

func (t openHash) insert(row int32, code uint32) {
	mask := len(t) - 1
	at := int(hash.Murmur3Int(int32(code), 0)) & mask
	for step := 1; t[at].used; step++ {
		at = (at + step) & mask
	}
	t[at].row, t[at].code, t[at].used = row, code, true
}

func (t openHash) doubled() openHash {
	bigger := newOpenHash(2 * len(t))
	for _, slot := range t {
		if slot.used {
			bigger.insert(slot.row, slot.code)
		}
	}
	return bigger
}
