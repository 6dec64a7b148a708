package state

import (
	"iter"
	"math"
)

// A TimeFunc returns the time of an entry in microseconds, and whether it has one. It depends on nothing but the entry. Several goroutines may call it.
type TimeFunc func(key, value []byte) (micros int64, known bool)

// unknownFloor is the floor of a chunk of which nothing is known.
const unknownFloor = math.MinInt64

// Floor returns a lower bound of the times of all entries, in microseconds: math.MaxInt64 if no entry has one. It reports false if it knows none: after
// Abort, until Passed has looked at the entries.
func (s *Store) Floor() (micros int64, known bool) {
	floor := int64(math.MaxInt64)
	for _, id := range s.table.order {
		floor = min(floor, s.table.chunks[id].floor)
	}
	return floor, floor != unknownFloor
}

// Passed returns the entries whose time is not after a limit in microseconds, in the order of All, under its rules. It skips parts of the table that have
// no such entry: entries come in about the order of their times, so the effort is that for those it returns.
func (s *Store) Passed(limit int64) iter.Seq2[[]byte, []byte] {
	return func(yield func(key, value []byte) bool) { s.table.passed(limit, yield) }
}

func (t *table) passed(limit int64, do func(key, value []byte) bool) {
	if t.time == nil || len(t.order) == 0 {
		return
	}
	last := len(t.order) - 1
	end := len(t.chunks[t.order[last]].data)
	for k := 0; k <= last; k++ {
		id := t.order[k]
		if t.chunks[id].floor > limit {
			continue
		}
		n := len(t.chunks[id].data)
		if k == last {
			n = end
		}
		if !t.passedIn(id, n, limit, do) {
			t.chunks[id].floor = unknownFloor
			return
		}
	}
}

// passedIn calls do for the entries of a chunk up to offset n that have passed a limit, and finds out the floor of the chunk.
func (t *table) passedIn(id int32, n int, limit int64, do func(key, value []byte) bool) bool {
	t.chunks[id].floor = math.MaxInt64 // which do may lower
	for at := 0; at < n; {
		e := entry(t.chunks[id].data[at:])
		at += e.bytes()
		if e.dead() {
			continue
		}
		micros, known := t.time(e.key(), e.value())
		if !known {
			continue
		}
		if micros <= limit && !do(e.key(), e.value()) {
			return false
		}
		if !e.dead() {
			t.lower(id, micros)
		}
	}
	return true
}

// arrived notes the time of an entry in a chunk.
func (t *table) arrived(id int32, key, value []byte) {
	if t.time == nil {
		return
	}
	if micros, known := t.time(key, value); known {
		t.lower(id, micros)
	}
}

func (t *table) lower(id int32, micros int64) {
	c := &t.chunks[id]
	c.floor = min(c.floor, micros)
}

// forgetTimes notes that nothing is known of the times of the entries.
func (t *table) forgetTimes() {
	for _, id := range t.order {
		t.chunks[id].floor = unknownFloor
	}
}

// Positions returns a function that returns the position of a key of the store in the order of All. It is valid until the store changes.
func (s *Store) Positions() func(key []byte) int64 {
	t := s.table
	ranks := make([]int32, len(t.chunks)) // by id
	for k, id := range t.order {
		ranks[id] = int32(k)
	}
	return func(key []byte) int64 {
		addr, _, _ := t.find(key)
		return int64(ranks[addr>>chunkShift])<<chunkShift | int64(addr&(1<<chunkShift-1))
	}
}
