package accumulate

import (
	"encoding/binary"
	"slices"

	"github.com/streamctl/streamctl/internal/sql/expr"
	"github.com/streamctl/streamctl/internal/sql/kernel"
	"github.com/streamctl/streamctl/internal/types"
	"github.com/streamctl/streamctl/internal/vector"
)

// List returns the list of the values, of type t, in the order of the rows.
func List(t *types.Type) expr.Aggregator { return newCollector([]*types.Type{t}, finishList) }

// Set returns the list of the distinct values, of type t, in the order in which Spark's hash set returns them.
func Set(t *types.Type) expr.Aggregator {
	s := newCollector([]*types.Type{t}, finishSet)
	s.seen = map[string]struct{}{}
	return s
}

// A collector keeps all values of some arguments, except rows whose first argument is NULL.
type collector struct {
	cols   []*vector.Vector
	of     []int32 // group of each row of cols
	groups int
	sorted []int32             // the rows by their groups, in order of arrival
	starts []int32             // group g has the rows sorted[starts[g]:starts[g+1]]
	seen   map[string]struct{} // groups and values, if duplicates are dropped
	keys   int                 // the memory of seen in bytes, about
	key    []byte
	// finish writes the result of group g, whose rows of cols are passed in order of arrival.
	finish func(s *collector, rows []int32, out *vector.Vector, g int) error
}

func newCollector(args []*types.Type, finish func(s *collector, rows []int32, out *vector.Vector, g int) error) *collector {
	s := &collector{finish: finish}
	for _, t := range args {
		s.cols = append(s.cols, vector.New(t, 0))
	}
	return s
}

func (s *collector) Grow(n int) { s.groups = max(s.groups, n) }

// perKey is about how much a map needs for a string in addition to its bytes.
const perKey = 48

func (s *collector) Bytes() int {
	bytes := s.keys + 4*(cap(s.of)+cap(s.sorted)+cap(s.starts))
	for _, c := range s.cols {
		bytes += c.Capacity()
	}
	return bytes
}

func (s *collector) Update(n int, sel vector.Selection, groups []int32, args []*vector.Vector) error {
	for k := range kernel.Count(n, sel) {
		i := kernel.Row(sel, k)
		s.add(groups[i], args, i)
	}
	return nil
}

func (s *collector) add(group int32, args []*vector.Vector, i int) {
	if args[0].IsNull(i) || s.seen != nil && !s.isNew(group, args[0], i) {
		return
	}
	for k, c := range s.cols {
		kernel.Append(c, args[k], i)
	}
	s.of = append(s.of, group)
}

func (s *collector) isNew(group int32, v *vector.Vector, i int) bool {
	s.key = kernel.AppendKey(binary.LittleEndian.AppendUint32(s.key[:0], uint32(group)), v, i)
	_, known := s.seen[string(s.key)]
	if !known {
		s.seen[string(s.key)] = struct{}{}
		s.keys += len(s.key) + perKey
	}
	return !known
}

func (s *collector) Reset() {
	for _, c := range s.cols {
		c.Reset(c.Type, 0)
	}
	s.of, s.groups, s.keys = s.of[:0], 0, 0
	s.sorted, s.starts = s.sorted[:0], s.starts[:0]
	clear(s.seen)
}

func (s *collector) State() []types.Field {
	var list []types.Field
	for _, c := range s.cols {
		list = append(list, field("buf", types.ArrayOf(c.Type, true)))
	}
	return list
}

func (s *collector) Save(from, to int, state []*vector.Vector) {
	for g, rows := range s.byGroup(from, to) {
		for k, c := range s.cols {
			setList(state[k], g, c, rows)
		}
	}
}

// setList makes a list of the given rows of items the value of row g.
func setList(out *vector.Vector, g int, items *vector.Vector, rows []int32) {
	list := out.Children[0]
	from := list.Len()
	list.Extend(from + len(rows))
	for k, r := range rows {
		kernel.Copy(list, from+k, items, int(r))
	}
	out.Views[g] = vector.View{Off: uint32(from), Len: uint32(len(rows))}
}

func (s *collector) Merge(groups []int32, state []*vector.Vector) error {
	items := make([]*vector.Vector, len(state))
	for k, v := range state {
		items[k] = v.Children[0]
	}
	for i, g := range groups {
		w := state[0].Views[i]
		for k := range int(w.Len) {
			s.add(g, items, int(w.Off)+k)
		}
	}
	return nil
}

// byGroup returns the rows of each of the groups from from to to-1, in order of arrival.
func (s *collector) byGroup(from, to int) [][]int32 {
	s.sort()
	lists := make([][]int32, to-from)
	for g := range lists {
		lists[g] = s.sorted[s.starts[from+g]:s.starts[from+g+1]]
	}
	return lists
}

// sort sorts the rows by their groups if rows or groups have been added.
func (s *collector) sort() {
	if len(s.sorted) == len(s.of) && len(s.starts) == s.groups+1 {
		return
	}
	s.starts = grown(s.starts[:0], s.groups+1)
	for _, g := range s.of {
		s.starts[g+1]++
	}
	for g := range s.groups {
		s.starts[g+1] += s.starts[g]
	}
	next := slices.Clone(s.starts)
	s.sorted = grown(s.sorted[:0], len(s.of))
	for r, g := range s.of {
		s.sorted[next[g]] = int32(r)
		next[g]++
	}
}

func (s *collector) Finish(from, to int, out *vector.Vector) error {
	for g, rows := range s.byGroup(from, to) {
		if err := s.finish(s, rows, out, g); err != nil {
			return err
		}
	}
	return nil
}

func finishList(s *collector, rows []int32, out *vector.Vector, g int) error {
	setList(out, g, s.cols[0], rows)
	return nil
}

func finishSet(s *collector, rows []int32, out *vector.Vector, g int) error {
	setList(out, g, s.cols[0], hashSetOrder(s.cols[0], rows))
	return nil
}

// inOrder returns rows sorted stably by the columns from number first on.
func (s *collector) inOrder(rows []int32, first int, order []expr.Sorting) []int32 {
	rows = slices.Clone(rows)
	slices.SortStableFunc(rows, func(i, j int32) int {
		for k, o := range order {
			c := s.cols[first+k]
			if r := compareSorted(c, int(i), int(j), o); r != 0 {
				return r
			}
		}
		return 0
	})
	return rows
}

func compareSorted(c *vector.Vector, i, j int, o expr.Sorting) int {
	r := kernel.Compare(c, i, c, j)
	switch a, b := c.IsNull(i), c.IsNull(j); {
	case a != b && o.NullsLast:
		return -r
	case a != b:
		return r
	case o.Desc:
		return -r
	}
	return r
}
