package state

import (
	"bytes"
	"encoding/binary"
	"hash/maphash"
	"math"
	"math/bits"

	"github.com/streamctl/streamctl/internal/memory"
)

// A table is a hash map from byte strings to byte strings, in few large slices without pointers.
//
// The entries are in chunks, in order of insertion. An entry is a head of 8 bytes (length of the key, with a mark for removed entries; length of
// the value), the key and the value, each padded to whole words. Slots refer to entries by address: id of the chunk << chunkShift | offset in words.
//
// A batch can be undone: entries of earlier batches keep their place, and what the batch changes in them is in the undo log.
type table struct {
	slots  []uint64 // tag<<32 | address+1; 0 is an empty slot. The home slot of a tag is tag>>shift
	shift  uint
	n      int     // entries
	chunks []chunk // by id
	order  []int32 // ids of the chunks in use, in order of insertion
	unused []int32 // ids of the others
	sparse []int32 // ids of chunks that are more than half empty
	begun  int     // the first chunk in order, or len(order), with entries of the running batch
	shed   int     // bytes of entries removed by the running batch
	undo   []change
	old    []byte // values that the running batch replaced
	hash   maphash.Seed
	held   int      // bytes allocated
	time   TimeFunc // of entries; nil: they have none

	touched byte // keeps what prefetch reads from being optimized away
}

type chunk struct {
	data   []byte
	live   int // bytes of entries that are not removed
	since  int // entries from this offset on are of the running batch
	sparse bool
	floor  int64 // no entry that is not removed has an earlier time
}

// A change is what the running batch did to an older entry: it replaced the value, whose size bytes are in table.old, or removed the entry.
type change struct {
	addr uint32
	size int32 // or removedEntry
}

const (
	removedEntry = -1
	headBytes    = 8
	deadMark     = 1 << 31
	chunkBytes   = 1 << chunkShift * 8
	chunkShift   = 17
	firstBytes   = 1 << 9
	maxChunks    = 1<<(32-chunkShift) - 1
	minSlots     = 16
)

var little = binary.LittleEndian

// newTable returns an empty table. time is that of its entries; nil: they have none.
func newTable(time TimeFunc) *table { return &table{hash: maphash.MakeSeed(), time: time} }

func padded(n int) int { return (n + 7) &^ 7 }

func entryBytes(key, value int) int { return headBytes + padded(key) + padded(value) }

// at returns the data of a chunk from the entry with an address on.
func (t *table) at(addr uint32) []byte {
	return t.chunks[addr>>chunkShift].data[addr&(1<<chunkShift-1)<<3:]
}

// A place is where the slot of a key is, or would be: -1 if that is not known.
type place struct {
	tag  uint64
	slot int
}

// find returns the address of a key's entry and its place. Without an entry, the place is for add.
func (t *table) find(key []byte) (addr uint32, at place, ok bool) {
	tag := t.tag(key)
	if len(t.slots) == 0 {
		return 0, place{tag, -1}, false
	}
	mask := uint64(len(t.slots) - 1)
	for i := tag >> t.shift; ; i = (i + 1) & mask {
		s := t.slots[i]
		if s == 0 {
			return 0, place{tag, int(i)}, false
		}
		if s>>32 != tag {
			continue
		}
		addr := uint32(s) - 1
		if e := t.at(addr); len(key) == int(little.Uint32(e)) && bytes.Equal(e[headBytes:headBytes+len(key)], key) {
			return addr, place{tag, int(i)}, true
		}
	}
}

func (t *table) tag(key []byte) uint64 { return maphash.Bytes(t.hash, key) >> 32 }

// insert fills the slot of a new entry.
func (t *table) insert(tag uint64, addr uint32) {
	mask := uint64(len(t.slots) - 1)
	i := tag >> t.shift
	for t.slots[i] != 0 {
		i = (i + 1) & mask
	}
	t.slots[i] = tag<<32 | uint64(addr) + 1
	t.n++
}

// vacate empties a slot, and moves up those that could not be in their home because of it.
func (t *table) vacate(slot int) {
	mask := len(t.slots) - 1
	hole := slot
	for i := (slot + 1) & mask; t.slots[i] != 0; i = (i + 1) & mask {
		home := int(t.slots[i] >> 32 >> t.shift)
		if (i-home)&mask >= (i-hole)&mask {
			t.slots[hole] = t.slots[i]
			hole = i
		}
	}
	t.slots[hole] = 0
	t.n--
}

// room returns the number of bytes that reserve would allocate for a new entry.
func (t *table) room(size int) int {
	n := 0
	if t.crowded() {
		n += 8 * max(minSlots, 2*len(t.slots))
	}
	if k := len(t.order); k == 0 || !t.fits(t.order[k-1], size) {
		return n + max(t.firstSize(), size)
	} else if c := &t.chunks[t.order[k-1]]; len(c.data)+size > cap(c.data) {
		n += grown(c, size)
	}
	return n
}

// firstSize returns the number of bytes that a new chunk starts with.
func (t *table) firstSize() int {
	if len(t.order) == 0 {
		return firstBytes
	}
	return chunkBytes
}

// crowded reports whether the slots must be doubled before the next insertion.
func (t *table) crowded() bool { return (t.n+1)*4 > len(t.slots)*3 }

// fits reports whether an entry belongs into a chunk that has others.
func (t *table) fits(id int32, size int) bool {
	n := len(t.chunks[id].data)
	return n == 0 || n+size <= chunkBytes
}

// grown returns the capacity to which a chunk grows for size more bytes.
func grown(c *chunk, size int) int {
	return max(min(2*cap(c.data), chunkBytes), len(c.data)+size)
}

// add appends an entry for a key that is not in the table, at the place that find returned if nothing was removed since. The caller has checked that
// there is an address.
func (t *table) add(key, value []byte, at place) {
	if t.crowded() {
		t.double()
		at.slot = -1
	}
	addr := t.append(key, value)
	if at.slot < 0 {
		t.insert(at.tag, addr)
		return
	}
	t.slots[at.slot] = at.tag<<32 | uint64(addr) + 1
	t.n++
}

// append appends an entry to the last chunk and returns its address.
func (t *table) append(key, value []byte) uint32 {
	size := entryBytes(len(key), len(value))
	if k := len(t.order); k == 0 || !t.fits(t.order[k-1], size) {
		t.newChunk(max(t.firstSize(), size))
	}
	id := t.order[len(t.order)-1]
	c := &t.chunks[id]
	at := len(c.data)
	t.widen(c, size)
	e := c.data[at : at+size]
	little.PutUint32(e, uint32(len(key)))
	little.PutUint32(e[4:], uint32(len(value)))
	copyPadded(e[headBytes:], key)
	copyPadded(e[headBytes+padded(len(key)):], value)
	c.live += size
	t.arrived(id, key, value)
	return uint32(id)<<chunkShift | uint32(at>>3)
}

func copyPadded(dst, src []byte) {
	n := copy(dst, src)
	clear(dst[n:padded(n)])
}

// widen lengthens a chunk by size bytes.
func (t *table) widen(c *chunk, size int) {
	n := len(c.data)
	if n+size > cap(c.data) {
		t.held -= cap(c.data)
		c.data = append(make([]byte, 0, grown(c, size)), c.data...)
		t.held += cap(c.data)
	}
	c.data = c.data[:n+size]
}

// newChunk makes an empty chunk the last one.
func (t *table) newChunk(size int) {
	t.order = append(t.order, t.unusedID())
	c := &t.chunks[t.order[len(t.order)-1]]
	*c = chunk{data: make([]byte, 0, size), floor: math.MaxInt64}
	t.held += cap(c.data)
}

func (t *table) unusedID() int32 {
	if k := len(t.unused); k > 0 {
		id := t.unused[k-1]
		t.unused = t.unused[:k-1]
		return id
	}
	t.chunks = append(t.chunks, chunk{})
	return int32(len(t.chunks) - 1)
}

// full reports whether there is no address for another chunk.
func (t *table) full() bool { return len(t.unused) == 0 && len(t.chunks) >= maxChunks }

// double doubles the slots. Entries keep the order of their home slots, so this reads and writes memory sequentially.
func (t *table) double() { t.resize(max(minSlots, 2*len(t.slots))) }

func (t *table) resize(n int) {
	old := t.slots
	t.slots, t.shift, t.n = memory.Slots(n), uint(32-bits.TrailingZeros(uint(n))), 0
	t.held += 8 * (n - len(old))
	for _, s := range old {
		if s != 0 {
			t.insert(s>>32, uint32(s)-1)
		}
	}
}

// recent reports whether the running batch added an entry.
func (t *table) recent(addr uint32) bool {
	return int(addr&(1<<chunkShift-1)<<3) >= t.chunks[addr>>chunkShift].since
}

// replace sets the value of an entry in place. It reports false if the value does not fit there.
func (t *table) replace(addr uint32, value []byte) bool {
	e := entry(t.at(addr))
	old := e.value()
	if padded(len(old)) != padded(len(value)) {
		return false
	}
	if !t.recent(addr) {
		t.undo = append(t.undo, change{addr, int32(len(old))})
		t.old = append(t.old, old...)
	}
	little.PutUint32(e[4:], uint32(len(value)))
	k, _ := e.sizes()
	copyPadded(e[headBytes+padded(k):], value)
	t.arrived(int32(addr>>chunkShift), e.key(), value)
	return true
}

// remove removes an entry.
func (t *table) remove(addr uint32, at place) {
	t.vacate(at.slot)
	t.kill(addr)
}

// kill marks an entry without slot as removed.
func (t *table) kill(addr uint32) {
	e := entry(t.at(addr))
	size := e.bytes()
	little.PutUint32(e, little.Uint32(e)|deadMark)
	c := &t.chunks[addr>>chunkShift]
	c.live -= size
	t.shed += size
	if !t.recent(addr) {
		t.undo = append(t.undo, change{addr, removedEntry})
	}
	if 2*c.live < len(c.data) && !c.sparse {
		c.sparse = true
		t.sparse = append(t.sparse, int32(addr>>chunkShift))
	}
}
