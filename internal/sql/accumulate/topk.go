package accumulate

import (
	"encoding/binary"
	"slices"

	"github.com/streamctl/streamctl/internal/sql/expr"
	"github.com/streamctl/streamctl/internal/sql/kernel"
	"github.com/streamctl/streamctl/internal/types"
	"github.com/streamctl/streamctl/internal/vector"
)

// MostK is the greatest k of TopK.
const MostK = 100_000

// TopK returns the values of the first argument in the k rows with the greatest orderings, the second argument, in descending order, or
// with the least ones in ascending order. The types are those of the arguments.
//
// Among rows with the same ordering, the result depends on the order of a heap, which is Spark's. (Spark: MaxMinByK, MaxMinByKHeap.)
func TopK(k int, greatest bool, value, ordering *types.Type) expr.Aggregator {
	return &topK{k: k, greatest: greatest, values: newValues(value), orderings: newValues(ordering)}
}

type topK struct {
	k         int
	greatest  bool
	values    *values // of all groups
	orderings *values // at the same positions
	groups    []ranking
	bytes     int // of groups
}

// A ranking is the state of a group.
type ranking struct {
	slots []int32 // positions of at most k values
	heap  []int32 // indices of slots; the parent of node i is (i-1)/2, and the worst ordering is at the root
}

func (t *topK) Grow(n int) { t.groups = grown(t.groups, n) }

func (t *topK) Bytes() int {
	return t.values.Capacity() + t.orderings.Capacity() + capacity(t.groups) + t.bytes
}

func (t *topK) Reset() {
	clear(t.groups)
	t.groups, t.bytes = t.groups[:0], 0
	t.values.reset()
	t.orderings.reset()
}

func (t *topK) Update(n int, sel vector.Selection, groups []int32, args []*vector.Vector) error {
	for k := range kernel.Count(n, sel) {
		i := kernel.Row(sel, k)
		t.insert(&t.groups[groups[i]], args[0], i, args[1], i)
	}
	return nil
}

// insert adds a value if its ordering is known and, once there are k values, better than the worst.
func (t *topK) insert(r *ranking, values *vector.Vector, i int, orderings *vector.Vector, j int) {
	if orderings.IsNull(j) {
		return
	}
	size := len(r.slots)
	if size < t.k {
		slot := t.values.Len()
		t.values.grow(slot + 1)
		t.orderings.grow(slot + 1)
		t.values.set(slot, values, i)
		t.orderings.set(slot, orderings, j)
		r.slots, r.heap = append(r.slots, int32(slot)), append(r.heap, int32(size))
		t.bytes += 8
		t.siftUp(r, size)
		return
	}
	root := int(r.slots[r.heap[0]])
	if t.compare(orderings, j, t.orderings.Vector, root) > 0 {
		t.values.set(root, values, i)
		t.orderings.set(root, orderings, j)
		t.siftDown(r, 0)
	}
}

// compare is positive if the first ordering is better.
func (t *topK) compare(v *vector.Vector, i int, w *vector.Vector, j int) int {
	if t.greatest {
		return kernel.Compare(v, i, w, j)
	}
	return -kernel.Compare(v, i, w, j)
}

// nodes compares two nodes of the heap.
func (t *topK) nodes(r *ranking, a, b int) int {
	return t.compare(t.orderings.Vector, int(r.slots[r.heap[a]]), t.orderings.Vector, int(r.slots[r.heap[b]]))
}

func (t *topK) siftUp(r *ranking, node int) {
	for node > 0 {
		parent := (node - 1) / 2
		if t.nodes(r, node, parent) >= 0 {
			return
		}
		r.heap[node], r.heap[parent] = r.heap[parent], r.heap[node]
		node = parent
	}
}

func (t *topK) siftDown(r *ranking, node int) {
	for {
		child := 2*node + 1
		if child >= len(r.heap) {
			return
		}
		if child+1 < len(r.heap) && t.nodes(r, child+1, child) < 0 {
			child++
		}
		if t.nodes(r, node, child) <= 0 {
			return
		}
		r.heap[node], r.heap[child] = r.heap[child], r.heap[node]
		node = child
	}
}

func (t *topK) State() []types.Field {
	return []types.Field{field("values", types.ArrayOf(t.values.Type, true)), field("orderings", types.ArrayOf(t.orderings.Type, true)),
		field("heapIndices", types.Binary)}
}

// Save writes arrays of k elements, the last ones NULL, and the heap as its size and k indices.
func (t *topK) Save(from, to int, state []*vector.Vector) {
	for g := range to - from {
		r := &t.groups[from+g]
		setPadded(state[0], g, t.values.Vector, r.slots, t.k)
		setPadded(state[1], g, t.orderings.Vector, r.slots, t.k)
		heap := state[2]
		at := len(heap.Data)
		heap.Data = binary.LittleEndian.AppendUint32(heap.Data, uint32(len(r.heap)))
		for _, i := range r.heap {
			heap.Data = binary.LittleEndian.AppendUint32(heap.Data, uint32(i))
		}
		heap.Data = append(heap.Data, make([]byte, 4*(t.k-len(r.heap)))...)
		heap.CloseBytes(g, at)
	}
}

// setPadded makes a list of the given rows of items, followed by NULLs up to n elements, the value of row g.
func setPadded(out *vector.Vector, g int, items *vector.Vector, rows []int32, n int) {
	setList(out, g, items, rows)
	list := out.Children[0]
	list.Extend(list.Len() + n - len(rows))
	for i := list.Len() - n + len(rows); i < list.Len(); i++ {
		list.SetNull(i)
	}
	out.Views[g].Len = uint32(n)
}

// Merge inserts the values of a state in the order of its heap.
func (t *topK) Merge(groups []int32, state []*vector.Vector) error {
	for i, g := range groups {
		values, orderings, heap := state[0].Views[i], state[1].Views[i], state[2].Bytes(i)
		if len(heap) < 4 || len(heap)%4 != 0 {
			return damaged(errShort)
		}
		size := binary.LittleEndian.Uint32(heap)
		if size > uint32(len(heap)/4-1) {
			return damaged(errShort)
		}
		for k := range size {
			at := binary.LittleEndian.Uint32(heap[4+4*k:])
			if at >= values.Len || at >= orderings.Len {
				return damaged(errShort)
			}
			item, ordering := state[0].Children[0], state[1].Children[0]
			t.insert(&t.groups[g], item, int(values.Off+at), ordering, int(orderings.Off+at))
		}
	}
	return nil
}

func (t *topK) Finish(from, to int, out *vector.Vector) error {
	for g := range to - from {
		r := &t.groups[from+g]
		if len(r.slots) == 0 {
			out.SetNull(g)
			continue
		}
		rows := slices.Clone(r.slots)
		slices.SortStableFunc(rows, func(a, b int32) int {
			return -t.compare(t.orderings.Vector, int(a), t.orderings.Vector, int(b))
		})
		setList(out, g, t.values.Vector, rows)
	}
	return nil
}
