package sketch

import (
	"encoding/binary"
	"errors"
	"math"
	"math/bits"
	"slices"
)

// Frequent counts items approximately in a hash table of bounded size, so that the most frequent ones are known. While the table has room, the
// counts are exact. Then, each purge takes the median of a sample off all counts, and drops the items without a count. Which items are left, and
// their order, depend on the layout of the table, which is that of Apache DataSketches. (ItemsSketch, ReversePurgeItemHashMap.)
type Frequent struct {
	lgMax          int // binary logarithm of the greatest size of the table
	samples        int // counts that a purge looks at
	slots          []slot
	active         int
	offset, weight int64 // counts taken off by purges, and all counts
	bytes          int   // of items
}

type slot struct {
	item  string
	hash  int32 // Java's hashCode of the item
	drift int32 // 1: the item is where its hash says; 0: the slot is empty
	count int64
}

// A Count is an item and how often it occurs.
type Count struct {
	Item  string
	Count int64
}

const (
	lgLeast     = 3  // of the size of a table
	lgGreatest  = 21 // of that of a million items
	mostSamples = 1024
	slotBytes   = 32

	frequentVersion   = 1
	frequentFamily    = 10
	frequentEmpty     = 5 // the flag
	frequentHead      = 4 // words before the counts
	frequentEmptyHead = 1
)

// room returns how many items fit into a table.
func room(size int) int { return size / 4 * 3 }

// NewFrequent returns a sketch that counts at least the given number of items exactly.
func NewFrequent(items int) *Frequent {
	return newFrequent(bits.Len(uint(math.Ceil(float64(items)/0.75))-1), lgLeast)
}

func newFrequent(lgMax, lgSize int) *Frequent {
	return &Frequent{lgMax: max(lgMax, lgLeast), samples: min(mostSamples, (1<<lgMax)*3/4), slots: make([]slot, 1<<max(lgSize, lgLeast))}
}

// Bytes returns the size of the sketch in memory.
func (f *Frequent) Bytes() int { return len(f.slots)*slotBytes + f.bytes }

// mix is the place of a hash. (MurmurHash3's finalizer.)
func mix(hash int32) uint64 { return mix64(uint64(int64(hash))) }

// Add adds n occurrences of an item with Java's hashCode. It does not keep item.
func (f *Frequent) Add(item []byte, hash int32, n int64) {
	f.weight += n
	at, drift := f.find(item, hash)
	if s := &f.slots[at]; s.drift > 0 {
		s.count += n
		return
	}
	f.bytes += len(item)
	f.slots[at] = slot{string(item), hash, drift, n}
	if f.active++; f.active <= room(len(f.slots)) {
		return
	}
	if len(f.slots) < 1<<f.lgMax {
		f.grow()
	} else {
		f.offset += f.purge()
	}
}

// find returns the slot of an item, or the empty one where it belongs, and how far that is from where its hash says.
func (f *Frequent) find(item []byte, hash int32) (at int, drift int32) {
	mask := len(f.slots) - 1
	at, drift = int(int32(mix(hash)))&mask, 1
	for f.slots[at].drift > 0 && (f.slots[at].hash != hash || f.slots[at].item != string(item)) {
		at = (at + 1) & mask
		drift++
	}
	return at, drift
}

func (f *Frequent) grow() {
	old := f.slots
	f.slots = make([]slot, 2*len(old))
	for _, s := range old {
		if s.drift > 0 {
			at, drift := f.find([]byte(s.item), s.hash)
			s.drift = drift
			f.slots[at] = s
		}
	}
}

// purge takes the median of some counts off all of them, and drops items without a count. It returns the median.
func (f *Frequent) purge() int64 {
	var counts []int64
	for i := 0; len(counts) < min(f.samples, f.active); i++ {
		if f.slots[i].drift > 0 {
			counts = append(counts, f.slots[i].count)
		}
	}
	slices.Sort(counts)
	median := counts[len(counts)/2]
	for i := range f.slots {
		f.slots[i].count -= median
	}
	f.dropWithoutCount()
	return median
}

// dropWithoutCount goes from the back of the table to the front, beginning at the end of a run of items.
func (f *Frequent) dropWithoutCount() {
	end := len(f.slots) - 1
	for f.slots[end].drift > 0 {
		end--
	}
	for i := end - 1; i >= 0; i-- {
		f.dropAt(i)
	}
	for i := len(f.slots) - 1; i >= end; i-- {
		f.dropAt(i)
	}
}

// dropAt drops an item without a count, and moves those after it that are nearer to their places then.
func (f *Frequent) dropAt(at int) {
	if s := &f.slots[at]; s.drift == 0 || s.count > 0 {
		return
	}
	f.active--
	f.bytes -= len(f.slots[at].item)
	f.slots[at].drift = 0
	mask := len(f.slots) - 1
	distance := int32(1)
	for i := (at + 1) & mask; f.slots[i].drift != 0; i = (i + 1) & mask {
		if s := &f.slots[i]; s.drift > distance {
			f.slots[at] = *s
			f.slots[at].drift -= distance
			s.drift = 0
			distance, at = 0, i
		}
		distance++
	}
}

// each calls do for the slots with items, in strides by the golden ratio.
func (f *Frequent) each(do func(*slot)) {
	golden := (math.Sqrt(5) - 1) / 2
	stride, mask := int(float64(len(f.slots))*golden)|1, len(f.slots)-1
	for at, n := 0, 0; n < f.active; at = (at + stride) & mask {
		if f.slots[at].drift > 0 {
			n++
			do(&f.slots[at])
		}
	}
}

// Merge adds the counts of another sketch.
func (f *Frequent) Merge(o *Frequent) {
	if o.active == 0 {
		return
	}
	weight := f.weight + o.weight
	o.each(func(s *slot) { f.Add([]byte(s.item), s.hash, s.count) })
	f.offset += o.offset
	f.weight = weight
}

// Most returns the items that surely occur more often than those that were dropped, the most frequent first. Counts are estimates from above.
func (f *Frequent) Most() []Count {
	var list []Count
	f.each(func(s *slot) {
		if s.count >= f.offset {
			list = append(list, Count{s.item, s.count + f.offset})
		}
	})
	slices.SortStableFunc(list, func(a, b Count) int {
		switch {
		case a.Count > b.Count:
			return -1
		case a.Count < b.Count:
			return 1
		}
		return 0
	})
	return list
}

// Append appends the sketch in the format of Apache DataSketches. encode appends the bytes of all items.
func (f *Frequent) Append(dst []byte, encode func(dst []byte, items []string) []byte) []byte {
	lgSize := byte(bits.Len(uint(len(f.slots))) - 1)
	if f.active == 0 {
		return append(dst, frequentEmptyHead, frequentVersion, frequentFamily, byte(f.lgMax), lgSize, frequentEmpty, 0, 0)
	}
	dst = append(dst, frequentHead, frequentVersion, frequentFamily, byte(f.lgMax), lgSize, 0, 0, 0)
	for _, x := range []int64{int64(f.active), f.weight, f.offset} {
		dst = binary.LittleEndian.AppendUint64(dst, uint64(x))
	}
	var items []string
	for i := range f.slots {
		if s := &f.slots[i]; s.drift > 0 {
			dst = binary.LittleEndian.AppendUint64(dst, uint64(s.count))
			items = append(items, s.item)
		}
	}
	return encode(dst, items)
}

var errFrequent = errors.New("it is not a sketch of frequent items")

// ReadFrequent reads a sketch. decode returns that many items from bytes, which it must use up, and hash Java's hashCode of an item.
func ReadFrequent(b []byte, decode func(b []byte, n int) ([][]byte, error), hash func([]byte) int32) (*Frequent, error) {
	if len(b) < 8 || b[1] != frequentVersion || b[2] != frequentFamily || b[3] > lgGreatest || b[4] > max(b[3], lgLeast) {
		return nil, errFrequent
	}
	f := newFrequent(int(b[3]), lgLeast)
	if b[5]&frequentEmpty != 0 {
		return f, nil
	}
	const head = 8 * frequentHead
	if b[0] != frequentHead || len(b) < head {
		return nil, errFrequent
	}
	word := func(i int) int64 { return int64(binary.LittleEndian.Uint64(b[8*i:])) }
	n := int(uint32(word(1)))
	if n > len(b)/8-frequentHead || n > room(1<<max(b[4], lgLeast)) {
		return nil, errFrequent
	}
	items, err := decode(b[head+8*n:], n)
	if err != nil {
		return nil, err
	}
	f.slots = make([]slot, 1<<max(b[4], lgLeast))
	for i, item := range items {
		if word(frequentHead+i) <= 0 {
			return nil, errFrequent
		}
		f.Add(item, hash(item), word(frequentHead+i))
	}
	f.weight, f.offset = word(2), word(3)
	return f, nil
}
