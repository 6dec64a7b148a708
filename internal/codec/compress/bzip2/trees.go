package bzip2

import (
	"cmp"
	"slices"
)

const (
	maxTrees  = 6
	groupSize = 50 // symbols that use the same tree
	// maxLength is the length of a code that bzip2 writes; readers accept 20.
	maxLength = 17
	rounds    = 4 // of refinement, as in bzip2
	costBits  = 10
)

// trees are the Huffman codes of a block. Each group of symbols uses the one that is shortest for it.
type trees struct {
	n       int // trees in use
	lengths [maxTrees][maxSymbols]uint8
	codes   [maxTrees][maxSymbols]uint32
	chosen  []uint8 // tree of each group
	huffman huffman
}

// fit makes trees for the symbols, whose frequencies are freq.
func (t *trees) fit(symbols []uint16, freq []int) {
	t.n = treesFor(len(symbols))
	t.split(freq, len(symbols))
	for range rounds {
		t.refine(symbols, len(freq))
	}
	for i := range t.n {
		assign(&t.codes[i], t.lengths[i][:len(freq)])
	}
}

// treesFor returns how many trees n symbols are worth. (bzip2: sendMTFValues.)
func treesFor(n int) int {
	for i, most := range []int{200, 600, 1200, 2400} {
		if n < most {
			return 2 + i
		}
	}
	return maxTrees
}

// split makes a first guess: each tree has short codes for a range of symbols, all of about the same total frequency.
func (t *trees) split(freq []int, left int) {
	from := 0
	for i := range t.n {
		to, sum := from, 0
		for sum < left/(t.n-i) && to < len(freq) {
			sum += freq[to]
			to++
		}
		for s := range freq {
			t.lengths[i][s] = 15
			if s >= from && s < to {
				t.lengths[i][s] = 0
			}
		}
		from, left = to, left-sum
	}
}

// refine chooses a tree for each group and fits the trees to the groups that have chosen them.
func (t *trees) refine(symbols []uint16, alpha int) {
	var cost [maxSymbols]uint64 // the lengths of a symbol in all trees, costBits each
	for s := range alpha {
		for i := range t.n {
			cost[s] |= uint64(t.lengths[i][s]) << (costBits * i)
		}
	}
	var freq [maxTrees][maxSymbols]int
	t.chosen = t.chosen[:0]
	for group := range slices.Chunk(symbols, groupSize) {
		sum := uint64(0)
		for _, s := range group {
			sum += cost[s]
		}
		best := cheapest(sum, t.n)
		t.chosen = append(t.chosen, uint8(best))
		for _, s := range group {
			freq[best][s]++
		}
	}
	for i := range t.n {
		t.huffman.lengths(t.lengths[i][:alpha], freq[i][:alpha])
	}
}

// cheapest returns which of n packed sums is the smallest.
func cheapest(sums uint64, n int) int {
	const mask = 1<<costBits - 1
	best := 0
	for i := 1; i < n; i++ {
		if sums>>(costBits*i)&mask < sums>>(costBits*best)&mask {
			best = i
		}
	}
	return best
}

// write writes the trees, which group uses which, and the symbols.
func (t *trees) write(out *bitWriter, symbols []uint16, alpha int) {
	out.write(uint64(t.n), 3)
	out.write(uint64(len(t.chosen)), 15)
	t.writeChoices(out)
	for i := range t.n {
		writeLengths(out, t.lengths[i][:alpha])
	}
	g := 0
	for group := range slices.Chunk(symbols, groupSize) {
		tree := t.chosen[g]
		for _, s := range group {
			out.write(uint64(t.codes[tree][s]), int(t.lengths[tree][s]))
		}
		g++
	}
}

// writeChoices writes for each group how recently its tree was chosen: so many ones, and a zero.
func (t *trees) writeChoices(out *bitWriter) {
	recent := [maxTrees]uint8{0, 1, 2, 3, 4, 5}
	for _, tree := range t.chosen {
		at := slices.Index(recent[:], tree)
		copy(recent[1:], recent[:at])
		recent[0] = tree
		out.write(1<<(at+1)-2, at+1)
	}
}

// writeLengths writes each length by its difference to the one before: 10 for one more, 11 for one less, and 0 at the end.
func writeLengths(out *bitWriter, lengths []uint8) {
	now := lengths[0]
	out.write(uint64(now), 5)
	for _, n := range lengths {
		for ; now < n; now++ {
			out.write(0b10, 2)
		}
		for ; now > n; now-- {
			out.write(0b11, 2)
		}
		out.write(0, 1)
	}
}

// assign sets the codes of the given lengths: shorter ones first, and those of a length in order of the symbols.
func assign(codes *[maxSymbols]uint32, lengths []uint8) {
	code := uint32(0)
	for n := uint8(1); n <= maxLength; n++ {
		for s, length := range lengths {
			if length == n {
				codes[s] = code
				code++
			}
		}
		code <<= 1
	}
}

// A huffman holds the memory for building a tree.
type huffman struct {
	weight [2 * maxSymbols]int
	parent [2 * maxSymbols]int
	order  []int // leaves by weight
}

// lengths sets the lengths of a Huffman code for the frequencies. Symbols that do not occur have a code as well. If a code is too long,
// the frequencies are made more equal, as in bzip2.
func (h *huffman) lengths(lengths []uint8, freq []int) {
	for scale := 0; ; scale++ {
		for s, n := range freq {
			h.weight[s] = max(n>>scale, 1)
		}
		if h.build(lengths) <= maxLength {
			return
		}
	}
}

// build sets the lengths for the weights of the leaves, and returns the longest one.
func (h *huffman) build(lengths []uint8) int {
	n := len(lengths)
	h.order = h.order[:0]
	for s := range n {
		h.order = append(h.order, s)
	}
	slices.SortStableFunc(h.order, func(a, b int) int { return cmp.Compare(h.weight[a], h.weight[b]) })
	leaf, inner := 0, n // the lightest leaf and inner node without a parent; inner nodes arise in order of weight
	for node := n; node < 2*n-1; node++ {
		h.weight[node] = 0
		for range 2 {
			child := inner
			if leaf < n && (inner == node || h.weight[h.order[leaf]] <= h.weight[inner]) {
				child = h.order[leaf]
				leaf++
			} else {
				inner++
			}
			h.parent[child] = node
			h.weight[node] += h.weight[child]
		}
	}
	return h.depths(lengths)
}

// depths sets the lengths from the parents.
func (h *huffman) depths(lengths []uint8) int {
	n, longest := len(lengths), 0
	depth := &h.weight // not needed any more
	depth[2*n-2] = 0
	for node := 2*n - 3; node >= 0; node-- {
		depth[node] = depth[h.parent[node]] + 1
		if node < n {
			lengths[node] = uint8(depth[node])
			longest = max(longest, depth[node])
		}
	}
	return longest
}
