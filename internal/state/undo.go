package state

// commit makes the changes of the running batch final, and gives back memory of removed entries.
func (t *table) commit() {
	for _, id := range t.order[max(t.begun-1, 0):] {
		t.chunks[id].since = len(t.chunks[id].data)
	}
	t.begun = len(t.order)
	t.undo, t.old = reuse(t.undo), reuse(t.old)
	t.compact(2*t.shed + compactBytes)
	t.begun = len(t.order)
	t.shed = 0
}

// reuse returns an empty slice with the memory of s, unless that is much.
func reuse[T any](s []T) []T {
	if cap(s) > chunkBytes {
		return nil
	}
	return s[:0]
}

// abort undoes the running batch.
func (t *table) abort() {
	t.dropRecent()
	for k := len(t.undo) - 1; k >= 0; k-- {
		u := t.undo[k]
		e := entry(t.at(u.addr))
		if u.size == removedEntry {
			little.PutUint32(e, little.Uint32(e)&^deadMark)
			t.chunks[u.addr>>chunkShift].live += e.bytes()
			t.insert(t.tag(e.key()), u.addr)
			continue
		}
		from := len(t.old) - int(u.size)
		little.PutUint32(e[4:], uint32(u.size))
		copyPadded(e[headBytes+padded(len(e.key())):], t.old[from:])
		t.old = t.old[:from]
	}
	t.undo, t.old, t.shed = reuse(t.undo), reuse(t.old), 0
	t.forgetTimes()
}

// dropRecent removes the entries that the running batch added.
func (t *table) dropRecent() {
	for k := len(t.order) - 1; k >= max(t.begun-1, 0); k-- {
		id := t.order[k]
		c := &t.chunks[id]
		for at := c.since; at < len(c.data); {
			e := entry(c.data[at:])
			if !e.dead() {
				c.live -= e.bytes()
				_, at, _ := t.find(e.key())
				t.vacate(at.slot)
			}
			at += e.bytes()
		}
		if c.data = c.data[:c.since]; k >= t.begun {
			t.release(id)
		}
	}
	t.order = t.order[:t.begun]
}

// release frees a chunk that is not in order any more.
func (t *table) release(id int32) {
	t.held -= cap(t.chunks[id].data)
	t.chunks[id].data = nil
	t.unused = append(t.unused, id)
}
