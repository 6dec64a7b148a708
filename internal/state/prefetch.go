package state

// PrefetchRows is the number of keys that Prefetch takes.
const PrefetchRows = 512

// Prefetch loads what Get, Put and Remove of some keys read into the caches of the processor. Other than these calls, it waits for the memory of all
// keys at the same time. The keys are in data, one after another, and end at ends; those beyond the first PrefetchRows are ignored.
func (s *Store) Prefetch(data []byte, ends []int) { s.table.prefetch(data, ends) }

func (t *table) prefetch(data []byte, ends []int) {
	if len(t.slots) <= minSlots {
		return
	}
	var tags [PrefetchRows]uint32
	var slots [PrefetchRows]uint64
	ends = ends[:min(len(ends), PrefetchRows)]
	from := 0
	for k, end := range ends {
		tags[k] = uint32(t.tag(data[from:end]))
		from = end
	}
	for k := range ends { // these loads do not depend on each other, nor do those below
		slots[k] = t.slots[tags[k]>>t.shift]
	}
	sum := byte(0)
	for k := range ends {
		if s := slots[k]; s != 0 && uint32(s>>32) == tags[k] {
			e := t.at(uint32(s) - 1)
			sum += e[0] + e[len(e[:min(len(e), 48)])-1]
		}
	}
	t.touched += sum
}

// A gatherer passes entries on in portions whose keys are prefetched.
type gatherer struct {
	table        *table
	do           entryFunc
	keys, values []byte
	ends         []int // of the keys
	sizes        []int // of the values; -1 for a removal
}

func (g *gatherer) add(key, value []byte) error {
	size := len(value)
	if value == nil {
		size = -1
	}
	g.keys, g.values = append(g.keys, key...), append(g.values, value...)
	g.ends, g.sizes = append(g.ends, len(g.keys)), append(g.sizes, size)
	if len(g.ends) < PrefetchRows && len(g.values) < blockBytes {
		return nil
	}
	return g.flush()
}

// flush passes on the entries that wait.
func (g *gatherer) flush() error {
	g.table.prefetch(g.keys, g.ends)
	key, value := 0, 0
	for k, size := range g.sizes {
		var v []byte
		if size >= 0 {
			v = g.values[value : value+size : value+size]
			value += size
		}
		if err := g.do(g.keys[key:g.ends[k]], v); err != nil {
			return err
		}
		key = g.ends[k]
	}
	g.keys, g.values, g.ends, g.sizes = g.keys[:0], g.values[:0], g.ends[:0], g.sizes[:0]
	return nil
}
