package operator

import (
	"strconv"

	"github.com/streamctl/streamctl/internal/sparkerr"
	"github.com/streamctl/streamctl/internal/state"
	"github.com/streamctl/streamctl/internal/types"
	"github.com/streamctl/streamctl/internal/unsaferow"
	"github.com/streamctl/streamctl/internal/vector"
)

// The stores of each side of a join: how many rows a key has, and its rows, numbered from 0. (Spark: SymmetricHashJoinStateManager.)
const (
	countStore = "-keyToNumValues"
	rowStore   = "-keyWithIndexToValue"
)

var sideNames = [...]string{"left", "right"}

// SymmetricStores describes the stores of a join. keys are the types of its keys, and left and right the columns of its sides, as the schema of the
// state has them. expires says when their rows are forgotten.
func SymmetricStores(keys []*types.Type, left, right []types.Field, expires [2]Expiry) (stores []state.Layout) {
	var key []types.Field
	for i, t := range keys {
		key = append(key, types.Field{Name: "field" + strconv.Itoa(i), Type: t, Nullable: true})
	}
	key = key[:len(key):len(key)]
	for i, columns := range [][]types.Field{left, right} {
		x := &expires[i]
		counts := state.Layout{Name: sideNames[i] + countStore, Counting: state.CountNone, Key: key, Value: []types.Field{{Name: "value", Type: types.Long}},
			Time: x.Key.OfKey(len(key))}
		rows := state.Layout{Name: sideNames[i] + rowStore, Counting: state.CountNew, Key: append(key, types.Field{Name: "index", Type: types.Long}),
			Value: append(columns[:len(columns):len(columns)], types.Field{Name: "matched", Type: types.Boolean}), Time: x.Key.OfKey(len(key) + 1)}
		if x.Column.Has() {
			rows.Time = x.Column.OfValue(len(rows.Value))
		}
		stores = append(stores, counts, rows)
	}
	return stores
}

// A joinStore holds the rows of one side. Each row has a mark that says whether it has matched.
type joinStore struct {
	counts, rows *state.Store
	before       int           // how many keys there were before the batch
	types        []*types.Type // of the columns of a row, then of its mark
	extend       *unsaferow.Extender
	value        *rowCoder
	marks        [2]*vector.Vector
	cols         []*vector.Vector // scratch memory, like those below
	long         []byte
	indexed      []byte
	last         []byte
	marked       []byte
}

func (s *joinStore) init(keys, columns []*types.Type) {
	s.types = append(columns[:len(columns):len(columns)], types.Boolean)
	s.extend, s.value = unsaferow.NewExtender(keys), newRowCoder(s.types)
	for i := range s.marks {
		s.marks[i] = vector.NewConst(types.Boolean)
		s.marks[i].Bool[0] = i == 1
	}
}

// open takes up the state of a side in a partition.
func (s *joinStore) open(all *state.State, number, side, partition int) {
	s.counts = all.Store(number, sideNames[side]+countStore, partition)
	s.rows = all.Store(number, sideNames[side]+rowStore, partition)
	s.before = s.counts.Len()
}

// count returns how many rows a key has.
func (s *joinStore) count(key []byte) int64 {
	value := s.counts.Get(key)
	if value == nil {
		return 0
	}
	n, _ := unsaferow.Slot(value, 1, 0)
	return int64(n)
}

func (s *joinStore) setCount(key []byte, n int64) error {
	if n == 0 {
		s.counts.Remove(key)
		return nil
	}
	s.long = longRow(s.long, n)
	return s.counts.Put(key, s.long)
}

// at returns the key of the row with an index. It is valid until the next call.
func (s *joinStore) at(key []byte, index int64) []byte {
	s.indexed = s.extend.Append(s.indexed[:0], key, index)
	return s.indexed
}

// row returns the row with a key that has an index. It is valid until the next change.
func (s *joinStore) row(indexed []byte) ([]byte, error) {
	value := s.rows.Get(indexed)
	if value == nil {
		return nil, sparkerr.Plain("the state of a join lacks a row that it counts").
			WithHint("the files of its stores are not of one version: go on from a copy of the checkpoint, or start with a new one")
	}
	return value, nil
}

// increment counts another row of a key, and returns its index.
func (s *joinStore) increment(key []byte) (index int64, err error) {
	n := s.count(key)
	return n, s.setCount(key, n+1)
}

// add stores a row of columns.
func (s *joinStore) add(indexed []byte, cols []*vector.Vector, row int, matched bool) error {
	mark := s.marks[0]
	if matched {
		mark = s.marks[1]
	}
	s.cols = append(append(s.cols[:0], cols...), mark)
	return s.rows.Put(indexed, s.value.row(s.cols, row))
}

// mark notes that a row has matched, and reports whether it had not before.
func (s *joinStore) mark(indexed []byte) (first bool, err error) {
	value, err := s.row(indexed)
	if err != nil || s.matched(value) {
		return false, err
	}
	s.marked = append(s.marked[:0], value...)
	unsaferow.SetSlot(s.marked, len(s.types), len(s.types)-1, 1)
	return true, s.rows.Put(indexed, s.marked)
}

// matched reports whether a row has its mark.
func (s *joinStore) matched(value []byte) bool { return hasMatched(value, len(s.types)-1) }

// hasMatched reports whether a stored row of a number of columns has its mark, which follows them.
func hasMatched(value []byte, columns int) bool {
	mark, _ := unsaferow.Slot(value, columns+1, columns)
	return mark&0xff != 0
}

// prune removes those rows of a key that f selects, each after a call of do. A row that takes the place of one is looked at in its turn.
func (s *joinStore) prune(key []byte, f func(value []byte) bool, do func(value []byte) error) error {
	before := s.count(key)
	n := before
	for i := int64(0); i < n; {
		value, err := s.row(s.at(key, i))
		if err != nil {
			return err
		}
		if !f(value) {
			i++
			continue
		}
		if err := do(value); err != nil {
			return err
		}
		if err := s.remove(key, i, n); err != nil {
			return err
		}
		n--
	}
	if n == before {
		return nil
	}
	return s.setCount(key, n)
}

// remove removes the row with an index of a key that has n rows. The last one takes its place.
func (s *joinStore) remove(key []byte, index, n int64) error {
	if index != n-1 {
		last, err := s.row(s.at(key, n-1))
		if err != nil {
			return err
		}
		s.last = append(s.last[:0], last...)
		if err := s.rows.Put(s.at(key, index), s.last); err != nil {
			return err
		}
	}
	s.rows.Remove(s.at(key, n-1))
	return nil
}
