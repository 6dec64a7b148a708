package state_test

import (
	"encoding/binary"
	"fmt"
	"maps"
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/streamctl/streamctl/internal/state"
)

func open(t testing.TB, o state.Options) (*state.State, *state.Store) {
	t.Helper()
	op := state.Operator{Name: "stateStoreSave", Partitions: 1, Stores: []state.Layout{{Name: state.DefaultStore}}}
	s, err := state.Open(nil, "", []state.Operator{op}, o)
	if err != nil {
		t.Fatal(err)
	}
	if err := s.Load(t.Context(), 0); err != nil {
		t.Fatal(err)
	}
	return s, s.Store(0, state.DefaultStore, 0)
}

func contents(s *state.Store) map[string]string {
	m := map[string]string{}
	for k, v := range s.All() {
		m[string(k)] = string(v)
	}
	return m
}

// TestStoreIsAMap changes a store and a map at random in batches that are committed or aborted, and compares them.
func TestStoreIsAMap(t *testing.T) {
	for seed := range uint64(10) {
		random := rand.New(rand.NewPCG(seed, 0))
		s, store := open(t, state.Options{})
		keys := 1 << random.IntN(14)
		long := random.IntN(3) == 0
		committed := map[string]string{}
		for range 30 {
			m := maps.Clone(committed)
			for range random.IntN(3000) {
				step(t, random, store, m, keys, long)
			}
			check(t, store, m)
			if random.IntN(3) == 0 {
				s.Abort()
			} else if err := s.Commit(t.Context()); err != nil {
				t.Fatal(err)
			} else {
				committed = m
			}
			check(t, store, committed)
		}
	}
}

func step(t *testing.T, random *rand.Rand, store *state.Store, m map[string]string, keys int, long bool) {
	key := fmt.Sprint(random.IntN(keys))
	if random.IntN(500) == 0 {
		key = ""
	}
	if random.IntN(3) == 0 {
		_, ok := m[key]
		if store.Remove([]byte(key)) != ok {
			t.Fatalf("Remove(%q) is not %t", key, ok)
		}
		delete(m, key)
		return
	}
	value := strings.Repeat("x", random.IntN(20)) + fmt.Sprint(random.Uint32())
	if long && random.IntN(300) == 0 {
		value = strings.Repeat("y", random.IntN(3<<20))
	}
	if err := store.Put([]byte(key), []byte(value)); err != nil {
		t.Fatal(err)
	}
	m[key] = value
}

func check(t *testing.T, store *state.Store, m map[string]string) {
	t.Helper()
	if store.Len() != len(m) {
		t.Fatalf("%d keys instead of %d", store.Len(), len(m))
	}
	if !maps.Equal(contents(store), m) {
		t.Fatal("All does not return the entries of the map")
	}
	for k, v := range m {
		if got := store.Get([]byte(k)); string(got) != v || got == nil {
			t.Fatalf("Get(%q) = %q instead of %q", k, got, v)
		}
	}
	if store.Get([]byte("missing")) != nil {
		t.Fatal("Get returns a value for a missing key")
	}
}

// TestAllKeepsTheOrder checks that entries come in order of insertion, although the loop removes and replaces the current one.
func TestAllKeepsTheOrder(t *testing.T) {
	_, store := open(t, state.Options{})
	for i := range 100_000 {
		put(t, store, i, "value")
	}
	next := 0
	for k := range store.All() {
		if got := int(binary.LittleEndian.Uint64(k)); got != next {
			t.Fatalf("key %d instead of %d", got, next)
		}
		switch next % 3 {
		case 0:
			store.Remove(k)
		case 1:
			put(t, store, next, "a longer value")
		}
		next++
	}
	if next != 100_000 || store.Len() != 66_666 {
		t.Errorf("%d entries came, %d remain", next, store.Len())
	}
}

func put(t testing.TB, store *state.Store, key int, value string) {
	t.Helper()
	if err := store.Put(binary.LittleEndian.AppendUint64(nil, uint64(key)), []byte(value)); err != nil {
		t.Fatal(err)
	}
}

// TestMemoryOfRemovedEntriesComesBack checks that the memory of windows that were removed is used again, whatever the order of removal.
func TestMemoryOfRemovedEntriesComesBack(t *testing.T) {
	for _, all := range []bool{false, true} {
		s, store := open(t, state.Options{})
		most := 0
		for batch := range 100 {
			for k := range 10_000 {
				put(t, store, batch*10_000+k, "0123456789abcdef")
				if old := (batch-10)*10_000 + k; old >= 0 && (all || old%100 != 0) {
					store.Remove(binary.LittleEndian.AppendUint64(nil, uint64(old)))
				}
			}
			if err := s.Commit(t.Context()); err != nil {
				t.Fatal(err)
			}
			most = max(most, store.Bytes())
		}
		if limit := 150 * max(store.Len(), 100_000); most > limit {
			t.Errorf("%d keys took up to %d bytes", store.Len(), most)
		}
	}
}

// TestStateMemoryIsLimited checks that a store that would exceed the limit refuses the entry, says so, and is as before.
func TestStateMemoryIsLimited(t *testing.T) {
	_, store := open(t, state.Options{Query: "clicks", Memory: 4 << 20})
	var err error
	n := 0
	for ; err == nil; n++ {
		err = store.Put(binary.LittleEndian.AppendUint64(nil, uint64(n)), []byte("0123456789abcdef"))
	}
	if !strings.Contains(err.Error(), "the state of the query clicks needs more than --state-memory 4MiB") {
		t.Error(err)
	}
	if store.Len() != n-1 || store.Bytes() > 4<<20 || n < 30_000 {
		t.Errorf("%d entries of %d, %d bytes", store.Len(), n, store.Bytes())
	}
}

// TestExpectedEntriesCountAgainstTheLimit checks that entries that fit are never expected to exceed the limit.
func TestExpectedEntriesCountAgainstTheLimit(t *testing.T) {
	s, store := open(t, state.Options{Memory: 4 << 20})
	n := 0
	for ; store.Put(binary.LittleEndian.AppendUint64(nil, uint64(n)), []byte("0123456789abcdef")) == nil; n++ {
	}
	s.Abort()
	if err := store.Expect(n, 8, 16, 0); err != nil {
		t.Errorf("%d entries fit: %v", n, err)
	}
	if store.Expect(4*n, 8, 16, 0) == nil || store.Expect(1, 8, 16, 4<<20) == nil {
		t.Error("too many are expected to fit")
	}
	if err := s.Commit(t.Context()); err != nil {
		t.Fatal(err)
	}
	for k := range n {
		put(t, store, k, "0123456789abcdef")
	}
}

// TestBytesPerKey checks that a BIGINT key with a count and a sum takes at most 80 bytes, however full the table is.
func TestBytesPerKey(t *testing.T) {
	s, store := open(t, state.Options{})
	for n := range 700_000 {
		if err := store.Put(key(n), make([]byte, 24)); err != nil {
			t.Fatal(err)
		}
		if n%1000 == 0 && n >= 200_000 && store.Bytes() > 80*n {
			t.Fatalf("%d keys take %d bytes, %.1f each", n, store.Bytes(), float64(store.Bytes())/float64(n))
		}
	}
	if err := s.Commit(t.Context()); err != nil {
		t.Fatal(err)
	}
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
