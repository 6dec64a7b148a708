package xml

import (
	"slices"

	"github.com/streamctl/streamctl/internal/sql/hash"
)

// entries holds the entries of a map being read. For duplicate keys the last value counts, at the position of the first.
type entries struct {
	at    map[string]int
	pairs []cell // alternating keys and values
}

func (e *entries) set(key string, value cell) {
	if e.at == nil {
		e.at = map[string]int{}
	}
	if i, ok := e.at[key]; ok {
		e.pairs[i+1] = value
		return
	}
	e.at[key] = len(e.pairs)
	e.pairs = append(e.pairs, textCell([]byte(key)), value)
}

// cell returns the map.
func (e *entries) cell() cell {
	const smallMap = 4 // a Scala map of up to this size preserves the insertion order
	if len(e.pairs) <= 2*smallMap {
		return cell{set: true, cells: e.pairs}
	}
	hashes := make([]hashed, 0, len(e.pairs)/2)
	for i := 0; i < len(e.pairs); i += 2 {
		hashes = append(hashes, hashed{improve(hash.Murmur3Bytes(e.pairs[i].text, hash.Seed)), i})
	}
	sorted := make([]cell, 0, len(e.pairs))
	for _, h := range inHashOrder(hashes, 0, nil) {
		sorted = append(sorted, e.pairs[h], e.pairs[h+1])
	}
	return cell{set: true, cells: sorted}
}

type hashed struct {
	hash uint32
	at   int
}

// inHashOrder appends positions in the iteration order of Scala's immutable.HashMap: a trie whose nodes hold entries before
// subnodes, both ordered by five bits of the hash.
func inHashOrder(entries []hashed, shift uint, dst []int) []int {
	const step, word = 5, 32
	if shift >= word { // equal hashes
		for _, e := range entries {
			dst = append(dst, e.at)
		}
		return dst
	}
	branch := func(e hashed) uint32 { return e.hash >> shift & (1<<step - 1) }
	slices.SortStableFunc(entries, func(a, b hashed) int { return int(branch(a)) - int(branch(b)) })
	var nodes [][]hashed
	for len(entries) > 0 {
		n := 1
		for n < len(entries) && branch(entries[n]) == branch(entries[0]) {
			n++
		}
		if n == 1 {
			dst = append(dst, entries[0].at)
		} else {
			nodes = append(nodes, entries[:n])
		}
		entries = entries[n:]
	}
	for _, node := range nodes {
		dst = inHashOrder(node, shift+step, dst)
	}
	return dst
}

// improve is Scala's Hashing.improve.
func improve(h uint32) uint32 {
	h += ^(h << 9)
	h ^= h >> 14
	h += h << 4
	return h ^ h>>10
}
