package state

import (
	"context"
	"iter"
	"math"

	"github.com/streamctl/streamctl/internal/sparkerr"
)

// A Store maps keys to values, both of them UnsafeRow bytes, for one partition of an operator. It belongs to one goroutine at a time.
type Store struct {
	table            *table
	delta            output
	folder           *folder // nil if in memory
	layout           *Layout
	updated, removed int
	added            int
	memory           holding
	expected         int    // bytes that a batch will need at least, see Expect
	index            *Store // see Index
}

// Len returns the number of keys.
func (s *Store) Len() int { return s.table.n }

// Bytes returns the memory that the store and its index take, in bytes.
func (s *Store) Bytes() int {
	if s.index != nil {
		return s.bytes() + s.index.bytes()
	}
	return s.bytes()
}

// bytes returns the memory that the store takes without its index.
func (s *Store) bytes() int {
	return s.table.held + cap(s.table.old) + 8*cap(s.table.undo) + cap(s.delta.plain) + cap(s.delta.packed)
}

// Updated returns the number of Puts since the last Load, Commit or Abort.
func (s *Store) Updated() int { return s.updated }

// Rows returns the numbers that the progress of a batch has of the store: its rows, and how many the batch has updated and removed since the last
// Load, Commit or Abort.
func (s *Store) Rows() (total, updated, removed int) {
	switch s.layout.Counting {
	case CountNone:
		return 0, 0, 0
	case CountNew:
		return s.Len(), s.added, s.removed
	}
	return s.Len(), s.updated, s.removed
}

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
	if err := s.set(key, value); err != nil {
		return err
	}
	s.changed(key, value)
	return nil
}

// changed records that the running batch has set a value. A row without columns has no bytes, which is not a removal.
func (s *Store) changed(key, value []byte) {
	if value == nil {
		value = []byte{}
	}
	if s.folder != nil {
		s.delta.add(key, value)
	}
	s.updated++
}

// Add is Put for a key that the store does not have. It reports false, and does nothing, if it has the key.
func (s *Store) Add(key, value []byte) (bool, error) {
	_, at, ok := s.table.find(key)
	if ok {
		return false, nil
	}
	if err := s.reserve(len(key), len(value)); err != nil {
		return false, err
	}
	s.added++
	s.table.add(key, value, at)
	s.changed(key, value)
	return true, nil
}

// set is Put without a record of the change.
func (s *Store) set(key, value []byte) error {
	addr, at, ok := s.table.find(key)
	if ok && s.table.replace(addr, value) {
		return nil
	}
	if err := s.reserve(len(key), len(value)); err != nil {
		return err
	}
	if ok {
		s.table.remove(addr, at)
		at.slot = -1
	}
	if !ok {
		s.added++
	}
	s.table.add(key, value, at)
	return nil
}

// Remove removes a key and reports whether it was there.
func (s *Store) Remove(key []byte) bool {
	addr, at, ok := s.table.find(key)
	if !ok {
		return false
	}
	if s.folder != nil {
		s.delta.add(key, nil)
	}
	s.table.remove(addr, at)
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
		return s.memory.hold(max(s.bytes()+more, s.expected))
	}
	return nil
}

// Expect accounts for n entries that the running batch will add, with keys and values of these sizes in bytes or larger, and more bytes in all of them together. An error is
// about a limit: the batch need not go on. It replaces what was expected before, which the end of the batch forgets.
func (s *Store) Expect(n, key, value, more int) error {
	s.expected = s.bytes() + n*entryBytes(key, value) + more
	return s.memory.hold(s.expected)
}

// begin prepares for the batch that makes version.
func (s *Store) begin(version int64) {
	s.updated, s.removed, s.added, s.expected = 0, 0, 0, 0
	if s.folder != nil {
		s.delta.start(s.folder, deltaName(version))
	}
	_ = s.memory.hold(s.bytes()) // less than before, or what is needed to go on
}

// save makes the changes of the running batch durable as version.
func (s *Store) save(version int64) error {
	if err := s.delta.finish(); err != nil {
		return err
	}
	return s.folder.publish(&s.delta, version, true)
}

// commit makes the changes of the batch that makes version final in memory.
func (s *Store) commit(version int64) {
	s.table.commit()
	s.begin(version + 1)
	if s.index != nil {
		s.index.commit(version)
	}
}

// abort undoes the changes of the batch that makes version.
func (s *Store) abort(version int64) {
	s.delta.discard()
	s.table.abort()
	s.begin(version)
	if s.index != nil {
		s.index.abort(version)
	}
}

// load reads a version.
func (s *Store) load(ctx context.Context, version int64) error {
	s.delta.discard()
	s.dropIndex()
	s.table = newTable(s.layout.Time)
	err := s.folder.open()
	if err == nil {
		err = inPortions(ctx, s.table, func(ctx context.Context, do entryFunc) error {
			return s.folder.read(ctx, version, s.layout.rows(), do)
		}, s.restore)
	}
	s.table.commit()
	s.begin(version + 1)
	return err
}

// restore makes an entry of a file part of the store.
func (s *Store) restore(key, value []byte) error {
	if value == nil {
		return s.table.apply(key, nil)
	}
	return s.set(key, value)
}

// drop forgets everything.
func (s *Store) drop() {
	s.delta.discard()
	s.dropIndex()
	s.table, s.delta = newTable(s.layout.Time), output{}
	_ = s.memory.hold(0)
}
