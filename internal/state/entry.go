package state

// An entry is the start of a chunk's data from a head on.
type entry []byte

func (e entry) dead() bool { return little.Uint32(e)&deadMark != 0 }

func (e entry) sizes() (key, value int) {
	return int(little.Uint32(e) &^ deadMark), int(little.Uint32(e[4:]))
}

func (e entry) bytes() int { return entryBytes(e.sizes()) }

func (e entry) key() []byte {
	n, _ := e.sizes()
	return e[headBytes : headBytes+n : headBytes+n]
}

func (e entry) value() []byte {
	k, n := e.sizes()
	from := headBytes + padded(k)
	return e[from : from+n : from+n]
}

// all calls do for each entry that was there at the start, in order, until it returns false. do may remove or replace the entry.
func (t *table) all(do func(key, value []byte) bool) {
	if len(t.order) == 0 {
		return
	}
	last := len(t.order) - 1
	end := len(t.chunks[t.order[last]].data)
	for k := 0; k <= last; k++ {
		id := t.order[k]
		n := len(t.chunks[id].data)
		if k == last {
			n = end
		}
		for at := 0; at < n; {
			e := entry(t.chunks[id].data[at:])
			at += e.bytes()
			if !e.dead() && !do(e.key(), e.value()) {
				return
			}
		}
	}
}
