package state

import (
	"iter"
	"math"

	"github.com/streamctl/streamctl/internal/sparkerr"
)

// A Store maps keys to values, both of them UnsafeRow bytes, for one partition of an operator. It belongs to one goroutine at a time.
type Store struct {
	table            *table
	updated, removed int
	memory           holding
}

// Len returns the number of keys.
func (s *Store) Len() int { return s.table.n }

// Bytes returns the memory that the store takes, in bytes.
func (s *Store) Bytes() int { return s.table.held + cap(s.table.old) + 8*cap(s.table.undo) }

// Updated returns the number of Puts since the last Load, Commit or Abort.
func (s *Store) Updated() int { return s.updated }

// Removed returns the number of removed keys since the last Load, Commit or Abort.
func (s *Store) Removed() int { return s.removed }

// Get returns the value of a key, or nil if there is none. The bytes belong to the store and are valid until its next change.
func (s *Store) Get(key []byte) []byte {
	addr, _, ok := s.table.find(key)
	if !ok {
		return nil
	}
	return entry(s.table.at(addr)).value()
}

// Put sets the value of a key. It copies both. An error means that the store would exceed a limit; the store is then unchanged.
func (s *Store) Put(key, value []byte) error {
	addr, slot, ok := s.table.find(key)
	if !ok || !s.table.replace(addr, value) {
		if err := s.reserve(len(key), len(value)); err != nil {
			return err
		}
		if ok {
			s.table.remove(addr, slot)
		}
		s.table.add(key, value)
	}
	s.updated++
	return nil
}

// Remove removes a key and reports whether it was there.
func (s *Store) Remove(key []byte) bool {
	addr, slot, ok := s.table.find(key)
	if !ok {
		return false
	}
	s.table.remove(addr, slot)
	s.removed++
	return true
}

// All returns the keys and values in the order in which they were inserted or their value last changed its size. The slices belong to the store. The
// loop may remove or replace the current entry, and nothing else.
func (s *Store) All() iter.Seq2[[]byte, []byte] {
	return func(yield func(key, value []byte) bool) { s.table.all(yield) }
}

// reserve accounts for the memory of a new entry.
func (s *Store) reserve(key, value int) error {
	if key > math.MaxInt32 || value > math.MaxInt32 || s.table.full() {
		return sparkerr.Plain("one partition of the state needs more than %d GiB", chunkBytes*maxChunks>>30).
			WithHint("use a watermark, so that old state is removed, or raise spark.sql.shuffle.partitions and start with a new checkpoint")
	}
	if more := s.table.room(entryBytes(key, value)); more > 0 {
		return s.memory.hold(s.Bytes() + more)
	}
	return nil
}

// begin starts the counts of a new batch.
func (s *Store) begin() {
	s.updated, s.removed = 0, 0
	_ = s.memory.hold(s.Bytes()) // less than before, or what is needed to go on
}

// commit makes the changes since the last commit final.
func (s *Store) commit() {
	s.table.commit()
	s.begin()
}

// abort undoes the changes since the last commit.
func (s *Store) abort() {
	s.table.abort()
	s.begin()
}
