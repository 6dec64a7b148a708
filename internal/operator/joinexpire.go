package operator

import (
	"cmp"
	"slices"

	"github.com/streamctl/streamctl/internal/sql/expr"
	"github.com/streamctl/streamctl/internal/vector"
)

// An Expiry says when stored rows of a side are forgotten, because no row that is still to come can match them. At most one of Key and Column
// is an event time.
type Expiry struct {
	Key    EventTime                   // the key that is an event time: rows are forgotten when the watermark has passed it
	Column EventTime                   // the column of Input that Limit is about
	Limit  func(watermark int64) int64 // rows are forgotten when their Column is not after Limit of the watermark; both are in milliseconds
}

// expired reports whether the watermark has passed a row.
func (s *joinSide) expired(key []byte, cols []*vector.Vector, row int, watermark int64) bool {
	switch x := &s.Expires; {
	case x.Key.Has():
		return x.Key.passed(key, len(s.Keys), watermark)
	case x.Column.Has():
		micros, known := x.Column.at(cols[x.Column.Column], row)
		return known && micros <= x.Limit(watermark)*1000
	}
	return false
}

// Finish forgets the rows that the watermark has passed: those of the left side, then those of the right one. Rows that have to come out although
// they have not matched do so now, in the order in which Spark walks through its state.
func (j *symmetricJoin) Finish(_ *expr.Context, out Emit) error {
	if err := j.feed.forgetReturned(); err != nil {
		return err
	}
	for i := range j.sides {
		e := &j.evicted
		e.begin(i, out)
		evict := e.byKey
		if j.sides[i].Expires.Column.Has() {
			evict = e.byTime
		} else if !j.sides[i].Expires.Key.Has() {
			continue
		}
		if err := evict(); err != nil {
			return err
		}
		if err := e.flush(); err != nil {
			return err
		}
	}
	return nil
}

// evicted forgets rows of a side of a join.
type evicted struct {
	join  *symmetricJoin
	side  *joinSide
	port  int
	keeps bool // rows that have not matched come out
	out   Emit
	cols  []*vector.Vector
	n     int
	batch vector.Batch
}

func (e *evicted) begin(side int, out Emit) {
	e.side, e.port, e.keeps, e.out = &e.join.sides[side], side, e.join.keeps(side), out
	for len(e.cols) < len(e.side.store.types) {
		e.cols = append(e.cols, &vector.Vector{})
	}
	e.cols = e.cols[:len(e.side.store.types)]
	e.reset()
}

func (e *evicted) reset() {
	for i, v := range e.cols {
		v.Reset(e.side.store.types[i], 0)
	}
	e.n = 0
}

// byKey forgets the rows of keys that the watermark has passed.
func (e *evicted) byKey() error {
	s := &e.side.store
	var keys [][]byte
	for key := range s.counts.Passed(e.join.context.watermark(e.join.number) * 1000) {
		keys = append(keys, key)
	}
	for _, key := range e.ordered(keys) {
		for i, n := int64(0), s.count(key); i < n; i++ {
			at := s.at(key, i)
			value, err := s.row(at)
			if err == nil {
				err = e.add(value)
			}
			if err != nil {
				return err
			}
			s.rows.Remove(at)
		}
		s.counts.Remove(key)
	}
	return nil
}

// byTime forgets the rows whose time is not after the limit that follows from the watermark.
func (e *evicted) byTime() error {
	s, limit := &e.side.store, e.side.Expires.Limit(e.join.context.watermark(e.join.number))
	for _, key := range e.ordered(e.expiring(limit)) {
		if err := s.prune(key, func(value []byte) bool { return e.side.Expires.Column.passed(value, len(s.types), limit) }, e.add); err != nil {
			return err
		}
	}
	return nil
}

// expiring returns the keys of rows whose time is not after a limit.
func (e *evicted) expiring(limit int64) (keys [][]byte) {
	s := &e.side.store
	known := map[string]bool{}
	var all []byte
	for at := range s.rows.Passed(limit * 1000) {
		from := len(all)
		if all = s.extend.Strip(all, at); known[string(all[from:])] {
			all = all[:from]
			continue
		}
		known[string(all[from:])] = true
		keys = append(keys, all[from:])
	}
	return keys
}

// ordered returns keys in the order in which Spark walks through them, but for keys in one bin of the table, which are in the order of insertion. The order
// does not matter if no row comes out.
func (e *evicted) ordered(keys [][]byte) [][]byte {
	if !e.keeps || len(keys) < 2 {
		return keys
	}
	type placed struct {
		bin uint32
		at  int64
		key []byte
	}
	s := &e.side.store
	size := tableSize(s.before, s.counts.Len()-s.before, e.join.context.ID == 0)
	position := s.counts.Positions()
	list := make([]placed, len(keys))
	for i, key := range keys {
		list[i] = placed{spread(key) & uint32(size-1), position(key), key}
	}
	slices.SortFunc(list, func(a, b placed) int { return cmp.Or(cmp.Compare(a.bin, b.bin), cmp.Compare(a.at, b.at)) })
	for i, p := range list {
		keys[i] = p.key
	}
	return keys
}

// add returns a row if it has to come out.
func (e *evicted) add(value []byte) error {
	if !e.keeps || e.side.store.matched(value) {
		return nil
	}
	if err := e.side.store.value.dec.Append(value, e.cols); err != nil {
		return err
	}
	if e.n++; e.n < vector.BatchRows {
		return nil
	}
	return e.flush()
}

// flush hands on rows with NULLs for the other side.
func (e *evicted) flush() error {
	if e.n == 0 {
		return nil
	}
	mine := e.cols[:len(e.cols)-1]
	var others []*vector.Vector
	for _, c := range e.join.sides[1-e.port].Input {
		others = append(others, vector.NewNull(c.Type))
	}
	b := &e.batch
	b.N, b.Cols = e.n, b.Cols[:0]
	if e.port == leftSide {
		b.Cols = append(append(b.Cols, mine...), others...)
	} else {
		b.Cols = append(append(b.Cols, others...), mine...)
	}
	err := e.out(b)
	e.reset()
	return err
}
