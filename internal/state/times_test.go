package state_test

import (
	"encoding/binary"
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/streamctl/streamctl/internal/state"
	"github.com/streamctl/streamctl/internal/storage"
)

// timeAt returns the time of a value: its second word. Negative ones are unknown.
func timeAt(_, value []byte) (micros int64, known bool) {
	micros = int64(binary.LittleEndian.Uint64(value[8:]))
	return micros, micros >= 0
}

// openTimed opens a state of one store whose entries have a time.
func openTimed(t *testing.T, dir string, version int64, time state.TimeFunc) (*state.State, *state.Store) {
	t.Helper()
	op := counts
	op.Partitions, op.Stores = 1, slices.Clone(op.Stores)
	op.Stores[0].Time = time
	s, err := state.Open(storage.OS, dir, []state.Operator{op}, state.Options{Version: version})
	if err == nil {
		err = s.Load(t.Context(), version)
	}
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = s.Close() })
	return s, s.Store(0, state.DefaultStore, 0)
}

// checkPassed compares the entries that a limit has passed with those of a look at all of them.
func checkPassed(t *testing.T, store *state.Store, limit int64) {
	t.Helper()
	var want, got []string
	least := int64(math.MaxInt64)
	for key, value := range store.All() {
		if micros, known := timeAt(key, value); known {
			least = min(least, micros)
			if micros <= limit {
				want = append(want, string(key)+string(value))
			}
		}
	}
	if floor, known := store.Floor(); known && floor > least {
		t.Fatalf("the floor is %d, but an entry has the time %d", floor, least)
	}
	for key, value := range store.Passed(limit) {
		got = append(got, string(key)+string(value))
	}
	if !slices.Equal(got, want) {
		t.Fatalf("%d entries have passed %d, want %d", len(got), limit, len(want))
	}
}

// TestPassedIsAllUpToALimit changes a store of many chunks at random, and lets go of what has passed, in batches that are committed or aborted.
func TestPassedIsAllUpToALimit(t *testing.T) {
	for seed := range uint64(8) {
		random := rand.New(rand.NewPCG(seed, 1))
		dir := ""
		if seed == 0 {
			dir = t.TempDir()
		}
		s, store := openTimed(t, dir, 0, timeAt)
		texts := []string{string(make([]byte, 4000)), string(make([]byte, 3000))}
		now, version := 0, int64(0)
		moment := func() int {
			if random.IntN(50) == 0 {
				return -1
			}
			return max(now-random.IntN(500), 0)
		}
		for range 40 {
			for range random.IntN(400) {
				now += 10
				k := random.IntN(3000)
				if random.IntN(4) == 0 {
					store.Remove(key(k))
				} else if err := store.Put(key(k), value(moment(), texts[random.IntN(2)])); err != nil {
					t.Fatal(err)
				}
			}
			limit := int64(now - random.IntN(15000))
			checkPassed(t, store, limit)
			var later [][]byte
			for k, v := range store.Passed(limit) {
				switch random.IntN(5) {
				case 0:
				case 1:
					later = append(later, slices.Clone(k))
				case 2:
					if err := store.Put(k, value(moment(), texts[0])); err != nil {
						t.Fatal(err)
					}
				default:
					if n, _ := timeAt(k, v); n > limit {
						t.Fatalf("time %d is after %d", n, limit)
					}
					store.Remove(slices.Clone(k))
				}
			}
			for range store.Passed(limit) {
				break
			}
			for _, k := range later {
				store.Remove(k)
			}
			checkPassed(t, store, limit+100)
			if random.IntN(3) == 0 {
				s.Abort()
			} else {
				commit(t, s)
				version++
			}
			checkPassed(t, store, limit)
		}
		if dir != "" {
			if err := s.Close(); err != nil {
				t.Fatal(err)
			}
			_, store = openTimed(t, dir, version, timeAt)
			if _, known := store.Floor(); !known {
				t.Error("nothing is known after a restart")
			}
			checkPassed(t, store, int64(now/2))
		}
	}
}

// TestPassedSkipsWhatCannotHavePassed counts the entries that are looked at.
func TestPassedSkipsWhatCannotHavePassed(t *testing.T) {
	looks := 0
	s, store := openTimed(t, "", 0, func(key, value []byte) (int64, bool) {
		looks++
		return timeAt(key, value)
	})
	const entries = 100_000
	for i := range entries {
		if err := store.Put(key(i), value(i, "some text")); err != nil {
			t.Fatal(err)
		}
	}
	commit(t, s)
	evict := func(limit int64) int {
		looks = 0
		for k := range store.Passed(limit) {
			store.Remove(k)
		}
		commit(t, s)
		return looks
	}
	if n := evict(-1); n != 0 {
		t.Errorf("%d entries were looked at, although none has passed", n)
	}
	for limit := int64(999); limit < entries; limit += 1000 {
		if n := evict(limit); n > 25_000 || store.Len() != int(entries-1-limit) {
			t.Fatalf("at %d, %d entries were looked at, and %d are left", limit, n, store.Len())
		}
	}
}
