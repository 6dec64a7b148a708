// Package group numbers rows by their keys, as GROUP BY, DISTINCT and state stores need it.
//
// A Table is an open-addressing hash table in a few large slices without pointers. The keys are stored densely in order of
// first occurrence, and the slots refer to them by number, so that reading, saving and merging keys are sequential. Rows are
// looked up a chunk at a time, in passes over the chunk: load the keys, hash them, read the slots, compare, and only then
// insert what is new. In a pass, rows do not depend on each other, so that their cache misses overlap.
package group

import (
	"hash/maphash"
	"math"
	"math/bits"
	"slices"

	"github.com/streamctl/streamctl/internal/halt"
	"github.com/streamctl/streamctl/internal/memory"
	"github.com/streamctl/streamctl/internal/sparkerr"
	"github.com/streamctl/streamctl/internal/sql/kernel"
	"github.com/streamctl/streamctl/internal/types"
	"github.com/streamctl/streamctl/internal/vector"
)

// A Table numbers keys from 0 in order of first occurrence. NULL is a key. All zeros are equal, and so are all NaNs (Spark:
// NormalizeFloatingNumbers). It belongs to one goroutine.
type Table struct {
	layout layout
	n      int
	room   int      // keys for which there is memory
	words  []uint64 // room × layout.words: the values of fixed size of each key, 0 for NULL
	nulls  []uint32 // one bit per layout.nulls; nil as long as no key has a NULL
	ends   []int    // key k has bytes[ends[k]:ends[k+1]]; nil without keys of variable size
	bytes  []byte
	slots  []uint64 // tag<<32 | number of the key + 1; 0 is an empty slot
	shift  uint     // the home slot of a tag is tag>>shift
	near   near     // of the keys without NULL
	seed   uint64
	salt   maphash.Seed
	chunk  chunk
	held   memory.Holding
}

const (
	minSlots = 64
	maxSlots = 1 << 32
)

// New returns an empty table for keys with the given types.
func New(types ...*types.Type) *Table {
	t := &Table{layout: newLayout(types), salt: maphash.MakeSeed()}
	t.seed = maphash.Bytes(t.salt, nil)
	return t
}

// Len returns the number of different keys.
func (t *Table) Len() int { return t.n }

// Reset forgets all keys. It keeps the memory for about as many others, so that it takes time for the keys forgotten, whatever the
// table once held.
func (t *Table) Reset() {
	size := minSlots
	for size < 4*t.n {
		size *= 2
	}
	if size < len(t.slots) {
		t.resize(make([]uint64, size))
	}
	clear(t.slots)
	t.n, t.nulls, t.bytes = 0, nil, t.bytes[:0]
	t.near.reset()
}

// Release returns the memory of the table to the account of the process. The table must not be used again.
func (t *Table) Release() {
	t.held.Release()
	*t = Table{}
}

// Assign sets groups[i] to the number of the key in row i of cols, for the rows of sel (nil: all n), and adds keys that are
// new. Without columns, all rows have the same key. On an error, which is a *memory.Exceeded or the reason to stop, some of
// the rows may have been added.
func (t *Table) Assign(stop *halt.Flag, n int, sel vector.Selection, cols []*vector.Vector, groups []int32) error {
	rows := kernel.Count(n, sel)
	if rows == 0 {
		return nil
	}
	if len(cols) == 0 {
		t.n = 1
		clear(groups[:n])
		return nil
	}
	if t.slots == nil {
		t.chunk.reserve(&t.layout, min(n, chunkRows)) // its size counts
		if err := t.grow(stop); err != nil {
			return err
		}
	}
	t.layout.bind(cols)
	for from := 0; from < rows; {
		if err := stop.Err(); err != nil {
			return err
		}
		done, err := t.assign(stop, from, min(chunkRows, rows-from), sel, groups)
		if err != nil {
			return err
		}
		from += done
	}
	return nil
}

// assign looks up at most most rows from a position on, and returns how many.
func (t *Table) assign(stop *halt.Flag, from, most int, sel vector.Selection, groups []int32) (int, error) {
	c := &t.chunk
	if sel != nil {
		sel = sel[from : from+most]
	}
	c.load(&t.layout, from, most, sel)
	if t.n == 0 && t.layout.single() {
		if err := t.startNear(c.words[0]); err != nil {
			return 0, err
		}
	}
	found := t.findNear(c)
	if !found || len(c.missing) > 0 {
		if err := t.alignNulls(); err != nil {
			return 0, err
		}
		c.hash(&t.layout, t.seed, t.salt)
		if !found {
			t.find(c)
		}
	}
	for _, k := range c.missing {
		g, err := t.findOrAdd(stop, c, int(k))
		if err != nil {
			return 0, err
		}
		c.groups[k] = g
	}
	if sel == nil {
		return copy(groups[from:], c.groups), nil
	}
	for k, g := range c.groups {
		groups[sel[k]] = g
	}
	return len(c.groups), nil
}

// alignNulls makes sure that the bits of NULLs exist either in both the table and the chunk, or in none.
func (t *Table) alignNulls() error {
	switch c := &t.chunk; {
	case c.nulls == nil && t.nulls != nil:
		c.needNulls()
	case c.nulls != nil && t.nulls == nil:
		if err := t.hold(4 * t.room); err != nil {
			return err
		}
		t.nulls = make([]uint32, t.room)
		return t.hold(0)
	}
	return nil
}

// find looks for the keys of a chunk in their first slots with the right tag, and lists the rows where this does not succeed.
func (t *Table) find(c *chunk) {
	slots, mask := t.slots, uint64(len(t.slots)-1)
	homes := c.slots
	for k, h := range c.hashes { // the loads, which are likely to miss the caches, do not depend on each other
		homes[k] = slots[h>>32>>t.shift&mask]
	}
	for k, h := range c.hashes {
		tag, s := h>>32, homes[k]
		for i := tag >> t.shift; s>>32 != tag && s != 0; s = slots[i] {
			i = (i + 1) & mask
		}
		c.groups[k] = int32(uint32(s)) - 1
	}
	t.compare(c)
}

// compare lists the rows whose key is not that of the group found.
func (t *Table) compare(c *chunk) {
	missing, n := c.missing[:cap(c.missing)], 0
	switch {
	case t.layout.single() && t.nulls == nil:
		keys, words := t.words, c.words[:len(c.groups)]
		for k, g := range c.groups {
			if uint(g) >= uint(len(keys)) || keys[g] != words[k] {
				missing[n] = int32(k)
				n++
			}
		}
	case t.layout.words == 2 && t.nulls == nil && len(t.layout.lists) == 0:
		keys, words, text := t.words, c.words[:2*len(c.groups)], t.layout.text >= 0 && c.long
		for k, g := range c.groups {
			a, b := words[2*k], words[2*k+1]
			at := 2 * uint(g)
			switch {
			case at+1 >= uint(len(keys)) || keys[at] != a || keys[at+1] != b:
			case text && b&longText == longText && string(t.bytes[t.ends[g]:t.ends[g+1]]) != string(c.text(k)):
			default:
				continue
			}
			missing[n] = int32(k)
			n++
		}
	case t.nulls == nil && !t.layout.varies():
		keys, words, w := t.words, c.words, uint(t.layout.words)
		for k, g := range c.groups {
			at := w * uint(g)
			if g < 0 || !slices.Equal(keys[at:at+w], words[uint(k)*w:uint(k)*w+w]) {
				missing[n] = int32(k)
				n++
			}
		}
	default:
		t.warm(c)
		for k, g := range c.groups {
			if g < 0 || !t.equal(int(g), c, k) {
				missing[n] = int32(k)
				n++
			}
		}
	}
	c.missing = missing[:n]
}

// warmBytes is the size from which the bytes of keys are likely to miss the caches.
const warmBytes = 1 << 18

// warm reads the first bytes of the keys that compare will read. The comparisons of bytes are calls, whose cache misses hardly
// overlap.
func (t *Table) warm(c *chunk) {
	if len(t.bytes) < warmBytes {
		return
	}
	x := byte(0)
	for _, g := range c.groups {
		if g >= 0 {
			if at := t.ends[g]; at < len(t.bytes) {
				x ^= t.bytes[at]
			}
		}
	}
	c.warmed = x
}

// equal reports whether group g has the key in row k of the chunk.
func (t *Table) equal(g int, c *chunk, k int) bool {
	w := t.layout.words
	keys, words := t.words[g*w:g*w+w], c.words[k*w:k*w+w]
	for i, x := range words {
		if x != keys[i] {
			return false
		}
	}
	if t.nulls != nil && t.nulls[g] != c.nulls[k] {
		return false
	}
	if t.layout.text >= 0 && !isLong(words) {
		return true
	}
	return t.ends == nil || string(t.bytes[t.ends[g]:t.ends[g+1]]) == string(c.text(k))
}

// findOrAdd returns the number of the key in row k of the chunk.
func (t *Table) findOrAdd(stop *halt.Flag, c *chunk, k int) (int32, error) {
	tag, mask := c.hashes[k]>>32, uint64(len(t.slots)-1)
	i := tag >> t.shift
	for ; t.slots[i] != 0; i = (i + 1) & mask {
		s := t.slots[i]
		if g := int(uint32(s)) - 1; s>>32 == tag && t.equal(g, c, k) {
			return int32(g), nil
		}
	}
	if t.n == t.room {
		if err := t.grow(stop); err != nil {
			return 0, err
		}
		i = free(t.slots, tag>>t.shift)
	}
	if err := t.add(c, k); err != nil {
		return 0, err
	}
	t.slots[i] = tag<<32 | uint64(t.n)
	return int32(t.n - 1), nil
}

// add appends the key in row k of the chunk.
func (t *Table) add(c *chunk, k int) error {
	if t.ends != nil {
		b := c.text(k)
		if need := len(t.bytes) + len(b); need > cap(t.bytes) {
			size := max(need, 2*cap(t.bytes), 1<<12)
			if err := t.hold(size); err != nil {
				return err
			}
			t.bytes = append(make([]byte, 0, size), t.bytes...)
		}
		t.bytes = append(t.bytes, b...)
		t.ends[t.n+1] = len(t.bytes)
	}
	w := t.layout.words
	copy(t.words[t.n*w:(t.n+1)*w], c.words[k*w:])
	if c.nulls != nil {
		t.nulls[t.n] = c.nulls[k]
	}
	if t.near.numbers != nil && (c.nulls == nil || c.nulls[k] == 0) {
		t.near.add(c.words[k], t.n)
	}
	t.n++
	return nil
}

// grow doubles the number of slots. Since the home slots of tags are in the order of the tags, this reads and writes all slots
// in order.
func (t *Table) grow(stop *halt.Flag) error {
	size := max(2*len(t.slots), minSlots)
	if size > maxSlots {
		return sparkerr.Plain("there are more than %d groups", math.MaxInt32)
	}
	room := size / 2
	if err := t.hold(8*size + room*t.layout.size(t.nulls != nil)); err != nil {
		return err
	}
	slots, shift := memory.Slots(size), uint(32-bits.TrailingZeros(uint(size)))
	for i, s := range t.slots {
		if i%halt.Pace == 0 && stop.Err() != nil {
			return stop.Err()
		}
		if s != 0 {
			slots[free(slots, s>>32>>shift)] = s
		}
	}
	t.resize(slots)
	if need := room * t.layout.words; need > len(t.words) {
		t.words = resized(t.words, need)
	}
	if t.layout.varies() && room >= len(t.ends) {
		t.ends = resized(t.ends, room+1)
	}
	if t.nulls != nil {
		t.nulls = resized(t.nulls, room)
	}
	return t.hold(0)
}

// resize makes slots those of the table.
func (t *Table) resize(slots []uint64) {
	t.slots, t.shift, t.room = slots, uint(32-bits.TrailingZeros(uint(len(slots)))), len(slots)/2
}

// free returns the first empty slot from i on.
func free(slots []uint64, i uint64) uint64 {
	for slots[i] != 0 {
		i = (i + 1) & uint64(len(slots)-1)
	}
	return i
}

func resized[T any](s []T, n int) []T {
	out := make([]T, n)
	copy(out, s)
	return out
}

// KeyBytes returns how many bytes of keys the table has besides those of a fixed size.
func (t *Table) KeyBytes() int { return len(t.bytes) }

// hold accounts for the memory of the table and for more bytes that are about to be allocated.
func (t *Table) hold(more int) error {
	return t.held.Hold(8*cap(t.slots) + 8*cap(t.words) + 4*cap(t.nulls) + 8*cap(t.ends) + cap(t.bytes) + 4*cap(t.near.spare) + t.chunk.size() + more)
}
