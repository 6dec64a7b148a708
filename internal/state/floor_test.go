package state_test

import (
	"testing"

	"github.com/streamctl/streamctl/internal/state"
)

func TestFloorIsThatOfTheVersion(t *testing.T) {
	dir := t.TempDir()
	s := start(t, dir, 0, state.Options{})
	store := func() *state.Store { return s.Store(0, state.DefaultStore, 0) }
	floor := func(time int64, known bool) {
		t.Helper()
		if got, ok := store().Floor(); got != time || ok != known {
			t.Errorf("the floor is %d, %v; want %d, %v", got, ok, time, known)
		}
	}
	floor(0, false)
	store().SetFloor(7)
	s.Abort()
	floor(0, false)
	store().SetFloor(7)
	commit(t, s)
	floor(7, true)
	store().SetFloor(9) // an entry of time 7 is removed, and comes back:
	s.Abort()
	floor(7, true)
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	s = start(t, dir, 1, state.Options{})
	floor(0, false)
}

func TestAddKeepsWhatIsThere(t *testing.T) {
	s := start(t, t.TempDir(), 0, state.Options{})
	store := s.Store(0, state.DefaultStore, 0)
	for i, want := range []bool{true, false} {
		if added, err := store.Add(key(1), value(1, []string{"a", "b"}[i])); err != nil || added != want {
			t.Errorf("added: %v, %v; want %v", added, err, want)
		}
	}
	if got := store.Get(key(1)); string(got) != string(value(1, "a")) || store.Updated() != 1 {
		t.Errorf("%q after %d updates", got, store.Updated())
	}
	commit(t, s)
	if err := s.Load(t.Context(), 1); err != nil || store.Get(key(1)) == nil {
		t.Errorf("%v: the key is gone", err)
	}
}
