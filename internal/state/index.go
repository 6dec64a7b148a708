package state

// Index returns a second store, in which an operator finds keys of this one in another way. The operator keeps it up to date. It is in
// memory only, and Commit and Abort apply to it as well. If this store was loaded since the last call, fill fills the index from what is in
// the store, before the running batch changes that.
func (s *Store) Index(fill func(index *Store) error) (*Store, error) {
	if s.index != nil {
		return s.index, nil
	}
	index := &Store{table: newTable(nil), memory: holding{account: s.memory.account}}
	if err := fill(index); err != nil {
		_ = index.memory.hold(0)
		return nil, err
	}
	index.commit(0)
	s.index = index
	return index, nil
}

// dropIndex forgets the index.
func (s *Store) dropIndex() {
	if s.index != nil {
		_ = s.index.memory.hold(0)
		s.index = nil
	}
}
