package state

import "slices"

// compactBytes is how many bytes a batch moves at least to give back memory of removed entries. Beyond that, it moves as many as it removed twice, so
// that the memory of removed entries stays below that of the others and no batch waits for more work than it caused.
const compactBytes = 1 << 18

// compact copies the entries of chunks that are more than half empty, until about budget bytes were copied.
func (t *table) compact(budget int) {
	done := 0
	for _, id := range t.sparse {
		if budget <= 0 {
			break
		}
		done++
		c := &t.chunks[id]
		if c.sparse = false; 2*c.live >= len(c.data) || len(c.data) == 0 {
			continue
		}
		budget -= c.live + chunkBytes/64
		t.condense(id)
	}
	t.sparse = append(t.sparse[:0], t.sparse[done:]...)
}

// condense copies the entries of a chunk to the end of the one before it if they fit, else to a slice of their size.
func (t *table) condense(id int32) {
	k := slices.Index(t.order, id)
	c := t.chunks[id]
	into := id
	if k > 0 && len(t.chunks[t.order[k-1]].data)+c.live <= chunkBytes {
		into = t.order[k-1]
	}
	if into == id {
		t.chunks[id] = chunk{data: make([]byte, 0, c.live), floor: c.floor}
		t.held += c.live - cap(c.data)
	}
	to := &t.chunks[into]
	t.widen(to, c.live)
	at := len(to.data) - c.live
	for from := 0; from < len(c.data); {
		e := entry(c.data[from:])
		size := e.bytes()
		if !e.dead() {
			t.readdress(e.key(), uint32(id)<<chunkShift|uint32(from>>3), uint32(into)<<chunkShift|uint32(at>>3))
			at += copy(to.data[at:], e[:size])
		}
		from += size
	}
	to.live += c.live
	to.floor = min(to.floor, c.floor)
	to.since = len(to.data)
	if into != id || c.live == 0 {
		t.order = slices.Delete(t.order, k, k+1)
		t.release(id)
	}
}

// readdress makes the slot of a key refer to another address.
func (t *table) readdress(key []byte, from, to uint32) {
	tag, mask := t.tag(key), uint64(len(t.slots)-1)
	old := tag<<32 | uint64(from) + 1
	i := tag >> t.shift
	for t.slots[i] != old {
		i = (i + 1) & mask
	}
	t.slots[i] = tag<<32 | uint64(to) + 1
}
