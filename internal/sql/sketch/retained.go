package sketch

import (
	"math"
	"unsafe"
)

// The range of the binary logarithm of the nominal entries of a Theta or tuple sketch, and its default.
const (
	LeastLgEntries   = 4
	MostLgEntries    = 26
	DefaultLgEntries = 12
)

// all is the theta of a sketch that retains all hashes. They have 63 bits, so that none is as large.
const all = math.MaxInt64

// A hashTable is a table of positive hashes with open addressing, each with a value. (HashOperations.)
type hashTable[V any] struct {
	lg     int
	hashes []int64 // 0: a free slot
	values []V
}

const leastLgTable = 5

func newHashTable[V any](lg int) hashTable[V] {
	return hashTable[V]{lg: lg, hashes: make([]int64, 1<<lg), values: make([]V, 1<<lg)}
}

// tableFor returns a table with room for n hashes.
func tableFor[V any](n int) hashTable[V] {
	lg := leastLgTable
	for n > (1<<lg)/16*15 {
		lg++
	}
	return newHashTable[V](lg)
}

// find returns the slot of a hash, or the free one where it belongs. The table must not be full.
func (t *hashTable[V]) find(hash int64) int {
	mask := len(t.hashes) - 1
	at := int(hash) & mask
	stride := int(uint64(hash)>>t.lg&127)<<1 | 1
	for t.hashes[at] != 0 && t.hashes[at] != hash {
		at = (at + stride) & mask
	}
	return at
}

// bytes returns the size of the table in memory.
func (t *hashTable[V]) bytes() int { return len(t.hashes) * (8 + int(unsafe.Sizeof(*new(V)))) }

func (t *hashTable[V]) contains(hash int64) bool { return t.hashes[t.find(hash)] == hash }

// A quickSelect retains the least hashes below theta, at least 1<<lgK of all that were added, each with a value. (HeapQuickSelectSketch and
// tuple.QuickSelectSketch, which resize and rebuild at the same sizes.)
type quickSelect[V any] struct {
	lgK   int
	table hashTable[V]
	count int
	theta int64
	empty bool // nothing has been added, not even a hash that was not retained
}

// hashOf returns the hash of a value by its bytes.
func hashOf(b []byte) int64 {
	h, _ := murmur3(b, updateSeed)
	return int64(h >> 1)
}

const lgGrowth = 3

func newQuickSelect[V any](lgK int) quickSelect[V] {
	return quickSelect[V]{lgK: lgK, table: newHashTable[V](leastLgTable + max(lgK+1-leastLgTable, 0)%lgGrowth), theta: all, empty: true}
}

// place returns the slot of a hash, and whether the hash is new there; then its value has to be set. The slot is negative if the hash is not
// retained. After new hashes, settle has to be called.
func (q *quickSelect[V]) place(hash int64) (at int, added bool) {
	q.empty = false
	if hash <= 0 || hash >= q.theta {
		return -1, false
	}
	at = q.table.find(hash)
	if q.table.hashes[at] == hash {
		return at, false
	}
	q.table.hashes[at] = hash
	q.count++
	return at, true
}

func (q *quickSelect[V]) addHash(hash int64) {
	if _, added := q.place(hash); added {
		q.settle()
	}
}

// settle enlarges a full table up to twice the nominal entries, and then drops the greatest hashes.
func (q *quickSelect[V]) settle() {
	size := 1 << q.table.lg
	switch {
	case q.table.lg <= q.lgK:
		if q.count > size/2 {
			q.rebuild(q.table.lg + lgGrowth)
		}
	case q.count > size/16*15:
		q.trim()
	}
}

// trim drops all but the 1<<lgK least hashes. There must be more.
func (q *quickSelect[V]) trim() {
	q.theta = nth(q.retained(make([]int64, 0, q.count)), 1<<q.lgK)
	q.rebuild(q.table.lg)
}

// retained appends the hashes in the order of the table.
func (q *quickSelect[V]) retained(dst []int64) []int64 {
	for _, h := range q.table.hashes {
		if h != 0 {
			dst = append(dst, h)
		}
	}
	return dst
}

func (q *quickSelect[V]) rebuild(lg int) {
	old := q.table
	q.table, q.count = newHashTable[V](lg), 0
	for i, h := range old.hashes {
		if h != 0 && h < q.theta {
			at := q.table.find(h)
			q.table.hashes[at], q.table.values[at] = h, old.values[i]
			q.count++
		}
	}
}

// nth returns the value that has n smaller ones, or equal ones, before it when the list is sorted. It reorders the list.
func nth(list []int64, n int) int64 {
	for len(list) > 1 {
		pivot := list[len(list)/2]
		i, j := 0, len(list)-1
		for i <= j {
			for list[i] < pivot {
				i++
			}
			for list[j] > pivot {
				j--
			}
			if i <= j {
				list[i], list[j] = list[j], list[i]
				i, j = i+1, j-1
			}
		}
		switch {
		case n <= j:
			list = list[:j+1]
		case n >= i:
			list, n = list[i:], n-i
		default:
			return pivot
		}
	}
	return list[0]
}
