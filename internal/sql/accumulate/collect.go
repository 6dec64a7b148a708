package accumulate

import (
	"encoding/binary"
	"slices"

	"github.com/streamctl/streamctl/internal/sql/expr"
	"github.com/streamctl/streamctl/internal/sql/kernel"
	"github.com/streamctl/streamctl/internal/types"
	"github.com/streamctl/streamctl/internal/vector"
)

// A collector keeps the values of some arguments in all rows, except those where the first is NULL.
type collector struct {
	cols   []*vector.Vector
	of     []int32 // group of each row of cols
	groups int
	sorted []int32 // the rows by their groups, in order of arrival
	starts []int32 // group g has the rows sorted[starts[g]:starts[g+1]]
	key    []byte
}

func newCollector(args ...*types.Type) collector {
	s := collector{}
	for _, t := range args {
		s.cols = append(s.cols, vector.New(t, 0))
	}
	return s
}

func (s *collector) Grow(n int) { s.groups = max(s.groups, n) }

func (s *collector) Bytes() int {
	bytes := 4 * (cap(s.of) + cap(s.sorted) + cap(s.starts))
	for _, c := range s.cols {
		bytes += c.Capacity()
	}
	return bytes
}

func (s *collector) Reset() {
	for _, c := range s.cols {
		c.Reset(c.Type, 0)
	}
	s.of, s.groups = s.of[:0], 0
	s.sorted, s.starts = s.sorted[:0], s.starts[:0]
}

// add appends row i of the arguments.
func (s *collector) add(group int32, args []*vector.Vector, i int) {
	for k, c := range s.cols {
		kernel.Append(c, args[k], i)
	}
	s.of = append(s.of, group)
}

// keyOf returns the group and a value as bytes, which are equal for equal values; zeros are equal and NaNs are. The bytes are valid
// until the next call.
func (s *collector) keyOf(group int32, v *vector.Vector, i int) []byte {
	s.key = kernel.AppendKey(binary.LittleEndian.AppendUint32(s.key[:0], uint32(group)), v, i)
	return s.key
}

// addKey appends the value of a key, which is normalized: a zero is 0.0, and a NaN is Java's.
func (s *collector) addKey(group int32, key []byte) {
	c := s.cols[0]
	at := c.Len()
	c.Extend(at + 1)
	kernel.ReadKey(c, at, key[4:])
	s.of = append(s.of, group)
}

// rows returns the rows of a group in order of arrival.
func (s *collector) rows(g int) []int32 {
	s.sort()
	return s.sorted[s.starts[g]:s.starts[g+1]]
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
