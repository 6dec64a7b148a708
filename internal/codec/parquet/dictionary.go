package parquet

import (
	"bytes"
	"hash/maphash"
	"math"
	"math/bits"

	"github.com/parquet-go/parquet-go/format"
)

const (
	dictionaryBytes = 1 << 20 // like parquet.dictionary.page.size
	sampleValues    = 1024
)

// A dictionary numbers the distinct values of a column.
type dictionary struct {
	first []int32 // position of the first occurrence of each distinct value
	index []int32 // number of each value
	tail  []int32
	slots []int32 // hash table of value numbers + 1
	seed  maphash.Seed
}

// build numbers the values of b and reports whether a dictionary pays off because there are few distinct values.
func (d *dictionary) build(b *buffer) bool {
	d.first, d.index = d.first[:0], d.index[:0]
	switch b.physical {
	case format.Boolean, format.FixedLenByteArray, format.Int96:
		return false
	}
	if b.n < 32 {
		return false
	}
	if len(d.slots) == 0 {
		d.slots, d.seed = make([]int32, 1<<10), maphash.MakeSeed()
	}
	clear(d.slots)
	size := 0
	for i := range b.n {
		if !d.add(b, i) {
			continue
		}
		size += b.width()
		if b.physical == format.ByteArray {
			size += int(b.views[i].Len)
		}
		if size > dictionaryBytes || i >= sampleValues && len(d.first) > i/2 {
			d.first, d.index = d.first[:0], d.index[:0]
			return false
		}
	}
	return len(d.first) <= b.n/2
}

// add numbers the value at position i and reports whether it is new.
func (d *dictionary) add(b *buffer, i int) bool {
	if 2*len(d.first) > len(d.slots) {
		d.grow(b)
	}
	at := d.find(b, i)
	if d.slots[at] != 0 {
		d.index = append(d.index, d.slots[at]-1)
		return false
	}
	d.first = append(d.first, int32(i))
	d.slots[at] = int32(len(d.first))
	d.index = append(d.index, int32(len(d.first)-1))
	return true
}

// find returns the slot of the value at position i, or the empty slot for it.
func (d *dictionary) find(b *buffer, i int) int {
	mask := len(d.slots) - 1
	at := int(d.hash(b, i)) & mask
	for d.slots[at] != 0 && !b.equal(int(d.first[d.slots[at]-1]), i) {
		at = (at + 1) & mask
	}
	return at
}

func (d *dictionary) grow(b *buffer) {
	d.slots = make([]int32, 4*len(d.slots))
	for n, i := range d.first {
		d.slots[d.find(b, int(i))] = int32(n + 1)
	}
}

func (d *dictionary) hash(b *buffer, i int) uint64 {
	var x uint64
	switch b.physical {
	case format.Int32:
		x = uint64(b.i32[i])
	case format.Int64:
		x = uint64(b.i64[i])
	case format.Float:
		x = uint64(math.Float32bits(b.f32[i]))
	case format.Double:
		x = math.Float64bits(b.f64[i])
	default:
		return maphash.Bytes(d.seed, b.at(i))
	}
	high, low := bits.Mul64(x^0x9E3779B97F4A7C15, 0xD6E8FEB86659FD93)
	return high ^ low
}

// equal compares values bit by bit.
func (b *buffer) equal(i, j int) bool {
	switch b.physical {
	case format.Int32:
		return b.i32[i] == b.i32[j]
	case format.Int64:
		return b.i64[i] == b.i64[j]
	case format.Float:
		return math.Float32bits(b.f32[i]) == math.Float32bits(b.f32[j])
	case format.Double:
		return math.Float64bits(b.f64[i]) == math.Float64bits(b.f64[j])
	}
	return bytes.Equal(b.at(i), b.at(j))
}

func (d *dictionary) appendPlain(dst []byte, b *buffer) []byte {
	for _, i := range d.first {
		dst = b.appendPlain(dst, int(i), 1)
	}
	return dst
}
