package function

import (
	"slices"

	"github.com/streamctl/streamctl/internal/datetime"
	"github.com/streamctl/streamctl/internal/halt"
	"github.com/streamctl/streamctl/internal/sql/kernel"
	"github.com/streamctl/streamctl/internal/valuetext"
	"github.com/streamctl/streamctl/internal/vector"
)

// fewItems is the number of items up to which all pairs are compared; longer lists are sorted first.
const fewItems = 16

// repeated returns the first row in [from, to) that equals an earlier one.
func repeated(steps *halt.Steps, v *vector.Vector, from, to int) (row int, ok bool) {
	if to-from <= fewItems {
		for i := from + 1; i < to; i++ {
			for j := from; j < i; j++ {
				if kernel.Compare(v, i, v, j) == 0 {
					return i, true
				}
			}
		}
		return 0, false
	}
	rows := sortedRows(steps, v, from, to)
	row = to
	for k := 1; k < len(rows); k++ {
		if kernel.Compare(v, int(rows[k]), v, int(rows[k-1])) == 0 {
			row = min(row, int(rows[k]))
		}
	}
	return row, row < to
}

// sortedRows returns the rows [from, to) sorted stably by value.
func sortedRows(steps *halt.Steps, v *vector.Vector, from, to int) []int32 {
	rows := make([]int32, to-from)
	for i := range rows {
		rows[i] = int32(from + i)
	}
	slices.SortStableFunc(rows, func(a, b int32) int {
		steps.Take(1)
		return kernel.Compare(v, int(a), v, int(b))
	})
	return rows
}

// An itemSet holds the distinct items of a row, ordered by value.
type itemSet struct {
	vectors []*vector.Vector
	rows    []int32
	steps   *halt.Steps
}

func (s *itemSet) reset(steps *halt.Steps) {
	s.vectors, s.rows, s.steps = s.vectors[:0], s.rows[:0], steps
}

// find returns the position of an item in the set, or the position at which to insert it.
func (s *itemSet) find(v *vector.Vector, i int) (place int, ok bool) {
	s.steps.Take(1)
	lo, hi := 0, len(s.rows)
	for lo < hi {
		mid := (lo + hi) / 2
		switch c := kernel.Compare(s.vectors[mid], int(s.rows[mid]), v, i); {
		case c == 0:
			return mid, true
		case c < 0:
			lo = mid + 1
		default:
			hi = mid
		}
	}
	return lo, false
}

// add reports whether the item is new.
func (s *itemSet) add(v *vector.Vector, i int) bool {
	place, ok := s.find(v, i)
	if !ok {
		s.steps.Take((len(s.rows) - place) / 64) // cost of moving later items
		s.vectors = slices.Insert(s.vectors, place, v)
		s.rows = slices.Insert(s.rows, place, int32(i))
	}
	return !ok
}

// text returns a value as errors quote it.
func text(v *vector.Vector, i int) string {
	if v.IsNull(i) {
		return "null"
	}
	return string(valuetext.AppendValue(nil, v, i, valuetext.Options{Zone: datetime.UTC}))
}
