package state_test

import (
	"testing"

	"github.com/streamctl/streamctl/internal/state"
)

// TestIndexFollowsItsStore changes a store and its index in batches that are committed, undone and loaded again.
func TestIndexFollowsItsStore(t *testing.T) {
	dir, filled := t.TempDir(), 0
	index := func(s *state.State) *state.Store {
		t.Helper()
		store := s.Store(0, state.DefaultStore, 0)
		x, err := store.Index(func(x *state.Store) error {
			filled++
			for k, v := range store.All() {
				if err := x.Put(v, k); err != nil {
					return err
				}
			}
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
		return x
	}
	put := func(s *state.State, k int, text string) {
		t.Helper()
		x := index(s)
		if s.Store(0, state.DefaultStore, 0).Put(key(k), value(k, text)) != nil || x.Put(value(k, text), key(k)) != nil {
			t.Fatal("no memory")
		}
	}
	has := func(s *state.State, k int, text string) bool { return index(s).Get(value(k, text)) != nil }

	s := start(t, dir, 0, state.Options{})
	put(s, 1, "a")
	commit(t, s)
	put(s, 2, "b")
	s.Abort()
	if !has(s, 1, "a") || has(s, 2, "b") || filled != 1 {
		t.Error("a batch was undone in the store only, or the index was filled again")
	}
	if own := s.Store(0, state.DefaultStore, 0).Bytes() + s.Store(0, state.DefaultStore, 1).Bytes(); s.Bytes() < int64(own) {
		t.Errorf("the account has %d bytes, the stores and the index have %d", s.Bytes(), own)
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	if s.Bytes() != 0 {
		t.Errorf("%d bytes are left", s.Bytes())
	}
	s = start(t, dir, 1, state.Options{})
	if !has(s, 1, "a") || filled != 2 {
		t.Error("the index was not filled after a load")
	}
}
