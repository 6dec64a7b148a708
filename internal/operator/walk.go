package operator

import (
	"iter"
	"sync"

	"github.com/streamctl/streamctl/internal/sql/aggregate"
	"github.com/streamctl/streamctl/internal/sql/hash"
	"github.com/streamctl/streamctl/internal/state"
)

// A walk puts the entries of a store that only grows into the order in which Spark walks through its state, a ConcurrentHashMap over the
// key rows. The order decides between rows that a sort takes for equal, and so which of them a limit keeps. It depends on the history of the
// map: each batch copies the map of the batch before into a new one, adds its keys, and doubles the table as it fills up.
//
// An entry is identified by its position in the order of insertion.
type walk struct {
	hashes []uint32 // by entry
	order  []int32  // entries in the order of the last batch
	loaded int      // entries that were read from files, before the first batch
	ran    bool
}

// Shared is what the pipelines with an aggregation share, by partition of the state: what the aggregation keeps from batch to batch besides the state. The zero
// value has nothing.
type Shared struct {
	mu       sync.Mutex
	walks    map[int]*walk
	gathered map[int]*aggregate.Operator
}

// walk returns the walk of a partition whose store has some entries before the batch. It begins anew if these are not those of the last batch.
func (s *Shared) walk(task, entries int) *walk {
	s.mu.Lock()
	defer s.mu.Unlock()
	if one := s.walks[task]; one != nil && len(one.order) == entries {
		one.hashes = one.hashes[:entries] // others are of an attempt that failed
		return one
	}
	if s.walks == nil {
		s.walks = map[int]*walk{}
	}
	s.walks[task] = &walk{loaded: entries}
	return s.walks[task]
}

// take returns the groups that batches have gathered in a partition and that are not in its store, or nil. They then belong to the caller.
func (s *Shared) take(task int) *aggregate.Operator {
	s.mu.Lock()
	defer s.mu.Unlock()
	groups := s.gathered[task]
	delete(s.gathered, task)
	return groups
}

// gather keeps groups until take.
func (s *Shared) gather(task int, groups *aggregate.Operator) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.gathered == nil {
		s.gathered = map[int]*aggregate.Operator{}
	}
	s.gathered[task] = groups
}

// A javaTable is the table of a java.util.concurrent.ConcurrentHashMap whose bins are lists.
type javaTable struct {
	hashes      []uint32
	heads, next []int32 // -1: none
	tails       []int32
	spare       []int32
	n, grows    int // entries, and at how many the table doubles
}

// entries returns the keys and values of a store in the order of a walk. t is memory for it.
func (w *walk) entries(t *javaTable, s *state.Store) iter.Seq2[[]byte, []byte] {
	type entry struct{ key, value []byte }
	list := make([]entry, 0, s.Len())
	for key, value := range s.All() {
		if len(list) == len(w.hashes) {
			w.add(key)
		}
		list = append(list, entry{key, value})
	}
	order := w.next(t)
	return func(yield func([]byte, []byte) bool) {
		for _, id := range order {
			if e := &list[id]; !yield(e.key, e.value) {
				return
			}
		}
	}
}

// add adds an entry behind the others.
func (w *walk) add(key []byte) { w.hashes = append(w.hashes, spread(key)) }

// next returns the positions of all entries in the order of the walk, after a batch that has added some.
func (w *walk) next(t *javaTable) []int32 {
	if !w.ran && w.loaded > 0 {
		w.advance(t, w.loaded)
	}
	w.advance(t, len(w.hashes))
	return w.order
}

// tableSize returns the size of the table of a map that had some entries before a batch, which has added others. fresh: it is the first map.
func tableSize(before, added int, fresh bool) int {
	size := 16
	if !fresh {
		size = copiedSize(before)
	}
	for n := before + 1; n <= before+added; n++ {
		if n >= size-size/4 {
			size *= 2
		}
	}
	return size
}

// spread is the hash of a key row. (Spark: UnsafeRow.hashCode; Java: ConcurrentHashMap.spread.)
func spread(key []byte) uint32 {
	h := hash.Murmur3Bytes(key, 42)
	return (h ^ h>>16) & 0x7fffffff
}

// advance adds the entries of a batch, up to n in all.
func (w *walk) advance(t *javaTable, n int) {
	size := 16
	if w.ran {
		size = copiedSize(len(w.order))
	}
	t.reset(size, w.hashes[:n])
	for _, id := range w.order {
		t.insert(id)
	}
	for id := len(w.order); id < n; id++ {
		t.insert(int32(id))
	}
	w.order, w.ran = w.order[:0], true
	for _, head := range t.heads {
		for id := head; id >= 0; id = t.next[id] {
			w.order = append(w.order, id)
		}
	}
}

// copiedSize is the size of the table after a map of n entries was copied into an empty one. (Java: ConcurrentHashMap.tryPresize.)
func copiedSize(n int) int {
	size := 1
	for size < n+n/2+1 {
		size *= 2
	}
	if size > 2 {
		size *= 2
	}
	return size
}

func (t *javaTable) reset(size int, hashes []uint32) {
	t.hashes, t.n, t.grows = hashes, 0, size-size/4
	t.heads, t.tails = filled(t.heads, size), filled(t.tails, size)
	t.next = filled(t.next, len(hashes))
}

// filled returns n times -1, in the memory of s if possible.
func filled(s []int32, n int) []int32 {
	if cap(s) < n {
		s = make([]int32, n)
	}
	s = s[:n]
	for i := range s {
		s[i] = -1
	}
	return s
}

func (t *javaTable) insert(id int32) {
	t.append(int(t.hashes[id])&(len(t.heads)-1), id)
	if t.n++; t.n >= t.grows {
		t.double()
	}
}

// append adds an entry at the end of a bin.
func (t *javaTable) append(bin int, id int32) {
	if t.heads[bin] < 0 {
		t.heads[bin] = id
	} else {
		t.next[t.tails[bin]] = id
	}
	t.tails[bin] = id
}

// double splits each bin in two. The entries at its end that stay together keep their order; those before are put in front one by one,
// which reverses them. (Java: ConcurrentHashMap.transfer.)
func (t *javaTable) double() {
	size := len(t.heads)
	old := append(t.spare[:0], t.heads...)
	t.spare = old
	t.heads, t.tails = filled(t.heads, 2*size), filled(t.tails, 2*size)
	t.grows = 2*size - size/2
	for bin, head := range old {
		if head >= 0 {
			t.split(bin, size, head)
		}
	}
}

func (t *javaTable) split(bin, size int, head int32) {
	side := func(id int32) int { return bin + int(t.hashes[id])&size }
	last := head // begins the run at the end
	for id := t.next[head]; id >= 0; id = t.next[id] {
		if side(id) != side(last) {
			last = id
		}
	}
	t.heads[side(last)] = last
	for id := head; id != last; {
		next := t.next[id]
		to := side(id)
		t.next[id] = t.heads[to]
		t.heads[to] = id
		id = next
	}
	for _, to := range []int{bin, bin + size} {
		for id := t.heads[to]; id >= 0; id = t.next[id] {
			t.tails[to] = id
		}
	}
}
