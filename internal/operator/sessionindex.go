package operator

import (
	"encoding/binary"
	"slices"

	"github.com/streamctl/streamctl/internal/state"
	"github.com/streamctl/streamctl/internal/unsaferow"
)

// index returns the index of the store: the starts of the sessions with equal other keys, ascending, under the key of a session that starts
// at 0.
func (s *sessions) index() (*state.Store, error) { return s.store.Index(s.fillIndex) }

func (s *sessions) fillIndex(index *state.Store) error {
	more := map[string][]int64{} // for keys with several sessions, all but one of them
	for key := range s.store.All() {
		start := s.startOf(key)
		s.prefix = append(s.prefix[:0], key...)
		if prefix := s.at(s.prefix, 0); index.Get(prefix) != nil {
			more[string(prefix)] = append(more[string(prefix)], start)
		} else if err := index.Put(prefix, appendStart(nil, start)); err != nil {
			return err
		}
	}
	for prefix, list := range more {
		list = decodeStarts(list, index.Get([]byte(prefix)))
		slices.Sort(list)
		s.list = s.list[:0]
		for _, start := range list {
			s.list = appendStart(s.list, start)
		}
		if err := index.Put([]byte(prefix), s.list); err != nil {
			return err
		}
	}
	return nil
}

// remove removes a session from the store and the index.
func (s *sessions) remove(key []byte) error {
	index, err := s.index()
	if err != nil {
		return err
	}
	start := s.startOf(key)
	s.prefix = append(s.prefix[:0], key...)
	prefix := s.at(s.prefix, 0)
	s.store.Remove(key)
	s.starts, s.list = decodeStarts(s.starts[:0], index.Get(prefix)), s.list[:0]
	for _, t := range s.starts {
		if t != start {
			s.list = appendStart(s.list, t)
		}
	}
	if len(s.list) == 0 {
		index.Remove(prefix)
		return nil
	}
	return index.Put(prefix, s.list)
}

// startOf returns the start of the session of a key of the store.
func (s *sessions) startOf(key []byte) int64 {
	start, _ := unsaferow.Slot(key, s.width, s.width-1)
	return int64(start)
}

// at changes a key of the store to that of a session with another start, and returns it.
func (s *sessions) at(key []byte, start int64) []byte {
	unsaferow.SetSlot(key, s.width, s.width-1, uint64(start))
	return key
}

func appendStart(list []byte, start int64) []byte {
	return binary.LittleEndian.AppendUint64(list, uint64(start))
}

// decodeStarts appends the starts of a list of the index.
func decodeStarts(dst []int64, list []byte) []int64 {
	for ; len(list) > 0; list = list[8:] {
		dst = append(dst, int64(binary.LittleEndian.Uint64(list)))
	}
	return dst
}
