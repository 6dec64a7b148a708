package state_test

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"maps"
	"math/rand/v2"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"testing"

	"github.com/streamctl/streamctl/internal/state"
	"github.com/streamctl/streamctl/internal/storage"
	"github.com/streamctl/streamctl/internal/types"
)

var counts = state.Operator{Name: "stateStoreSave", Partitions: 2, Stores: []state.Layout{{
	Name:  state.DefaultStore,
	Key:   []types.Field{{Name: "k", Type: types.Long, Metadata: `{"spark.watermarkDelayMs":300000}`}},
	Value: []types.Field{{Name: "count", Type: types.Long}, {Name: "last", Type: types.String}},
}}}

// key and value return rows of counts.
func key(k int) []byte { return binary.LittleEndian.AppendUint64(make([]byte, 8), uint64(k)) }

func value(n int, text string) []byte {
	b := binary.LittleEndian.AppendUint64(make([]byte, 8), uint64(n))
	b = binary.LittleEndian.AppendUint64(b, 24<<32|uint64(len(text)))
	b = append(b, text...)
	return append(b, make([]byte, (8-len(text)%8)%8)...)
}

// start opens the state in dir at a version.
func start(t testing.TB, dir string, version int64, o state.Options) *state.State {
	t.Helper()
	o.Version = version
	s, err := state.Open(storage.OS, dir, []state.Operator{counts}, o)
	if err == nil {
		err = s.Load(t.Context(), version)
	}
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = s.Close() })
	return s
}

func commit(t testing.TB, s *state.State) {
	t.Helper()
	if err := s.Commit(t.Context()); err != nil {
		t.Fatal(err)
	}
}

// all returns the contents of both partitions.
func all(s *state.State) map[string]string {
	m := contents(s.Store(0, state.DefaultStore, 0))
	maps.Copy(m, contents(s.Store(0, state.DefaultStore, 1)))
	return m
}

// change changes a store at random, like an operator.
func change(t testing.TB, s *state.State, random *rand.Rand, keys int) {
	t.Helper()
	for range random.IntN(200) {
		k := random.IntN(keys)
		store := s.Store(0, state.DefaultStore, k%2)
		if random.IntN(4) == 0 {
			store.Remove(key(k))
		} else if err := store.Put(key(k), value(random.IntN(1000), strings.Repeat("x", random.IntN(30)))); err != nil {
			t.Fatal(err)
		}
	}
}

// TestEveryVersionIsReadAgain runs batches with restarts, attempts that fail and snapshots, and reads all versions afterwards.
func TestEveryVersionIsReadAgain(t *testing.T) {
	for seed := range uint64(4) {
		dir := t.TempDir()
		random := rand.New(rand.NewPCG(seed, 1))
		options := state.Options{MinDeltas: 3, Retain: 25}
		s := start(t, dir, 0, options)
		versions := []map[string]string{{}}
		for version := int64(1); version <= 60; version++ {
			change(t, s, random, 300)
			switch random.IntN(5) {
			case 0:
				s.Abort()
				change(t, s, random, 300)
			case 1:
				_ = s.Close()
				s = start(t, dir, version-1, options)
				if !maps.Equal(all(s), versions[version-1]) {
					t.Fatalf("version %d is not what was committed", version-1)
				}
				change(t, s, random, 300)
			}
			want := all(s)
			commit(t, s)
			versions = append(versions, want)
			if err := s.Tidy(t.Context()); err != nil {
				t.Fatal(err)
			}
			if random.IntN(2) == 0 {
				s.Wait()
			}
		}
		s.Wait()
		a, err := state.OpenArchive(storage.OS, dir)
		if err != nil {
			t.Fatal(err)
		}
		oldest, newest, err := a.Versions()
		if err != nil || newest != 60 || oldest > 36 || oldest < 20 {
			t.Fatalf("versions %d to %d, %v", oldest, newest, err)
		}
		for v := oldest; v <= newest; v++ {
			if s := start(t, dir, v, options); !maps.Equal(all(s), versions[v]) {
				t.Fatalf("version %d is not what was committed", v)
			}
		}
	}
}

// TestBatchWithoutChangesWritesDeltas checks that each batch makes a version of every store.
func TestBatchWithoutChangesWritesDeltas(t *testing.T) {
	dir := t.TempDir()
	s := start(t, dir, 0, state.Options{})
	commit(t, s)
	for _, partition := range []string{"0", "1"} {
		if _, err := os.Stat(filepath.Join(dir, "0", partition, "1.delta")); err != nil {
			t.Error(err)
		}
	}
	if s := start(t, dir, 1, state.Options{}); len(all(s)) != 0 {
		t.Error(all(s))
	}
}

// TestDeltaHasTheChangesInOrder checks that a delta has one entry for each change, also of a key that was changed before.
func TestDeltaHasTheChangesInOrder(t *testing.T) {
	dir := t.TempDir()
	s := start(t, dir, 0, state.Options{})
	store := s.Store(0, state.DefaultStore, 0)
	for _, n := range []int{1, 2, 2} {
		if err := store.Put(key(7), value(n, "")); err != nil {
			t.Fatal(err)
		}
	}
	store.Remove(key(7))
	store.Remove(key(8))
	if store.Updated() != 3 || store.Removed() != 1 {
		t.Errorf("%d updated, %d removed", store.Updated(), store.Removed())
	}
	commit(t, s)
	if store.Updated() != 0 || store.Removed() != 0 {
		t.Error("the counts of the batch go on after it")
	}
	data, err := os.ReadFile(filepath.Join(dir, "0", "0", "1.delta"))
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.HasPrefix(data, []byte("LZ4Block")) || !bytes.HasSuffix(data, append([]byte("LZ4Block\x15"), make([]byte, 12)...)) {
		t.Errorf("%q", data)
	}
}

// TestLargeBatchTakesLittleMemory checks that the changes of a batch do not wait in memory.
func TestLargeBatchTakesLittleMemory(t *testing.T) {
	dir := t.TempDir()
	s := start(t, dir, 0, state.Options{})
	store := s.Store(0, state.DefaultStore, 0)
	random := rand.New(rand.NewPCG(0, 0))
	for range 200_000 {
		if err := store.Put(key(0), value(int(random.Uint64()), fmt.Sprint(random.Uint64())[:8])); err != nil {
			t.Fatal(err)
		}
	}
	if store.Bytes() > 4<<20 {
		t.Errorf("one key takes %d bytes", store.Bytes())
	}
	s.Abort()
	if left, _ := filepath.Glob(filepath.Join(dir, "0", "0", ".*")); len(left) > 0 {
		t.Errorf("%v is left of a batch that was aborted", left)
	}
	for i := range 200_000 {
		if err := store.Put(key(i), value(i, "text")); err != nil {
			t.Fatal(err)
		}
	}
	commit(t, s)
	if s := start(t, dir, 1, state.Options{}); s.Store(0, state.DefaultStore, 0).Len() != 200_000 {
		t.Error(s.Store(0, state.DefaultStore, 0).Len())
	}
}

// TestSmallFilesShareTheirBuffer loads as many small files as a job that runs for a moment each time leaves.
func TestSmallFilesShareTheirBuffer(t *testing.T) {
	dir := t.TempDir()
	s := start(t, dir, 0, state.Options{})
	const batches = 50
	for i := range batches {
		if err := s.Store(0, state.DefaultStore, 0).Put(key(i), value(i, "x")); err != nil {
			t.Fatal(err)
		}
		commit(t, s)
	}
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	start(t, dir, batches, state.Options{})
	runtime.ReadMemStats(&after)
	// 100 buffers have 25 MB. With the race detector, a sync.Pool drops each fourth one.
	if bytes := after.TotalAlloc - before.TotalAlloc; bytes > 12<<20 {
		t.Errorf("%d KB were allocated to read %d files", bytes>>10, 2*batches)
	}
}

// TestFilesThatContradictAreRemoved checks that what an earlier attempt or Hadoop left next to a delta does not survive its replacement.
func TestFilesThatContradictAreRemoved(t *testing.T) {
	dir := t.TempDir()
	s := start(t, dir, 0, state.Options{MinDeltas: 1, Retain: 2})
	put := func(s *state.State, n int) {
		if err := s.Store(0, state.DefaultStore, 0).Put(key(1), value(n, "")); err != nil {
			t.Fatal(err)
		}
		commit(t, s)
	}
	put(s, 1)
	put(s, 2)
	if err := s.Tidy(t.Context()); err != nil {
		t.Fatal(err)
	}
	s.Wait()
	folder := filepath.Join(dir, "0", "0")
	if _, err := os.Stat(filepath.Join(folder, "2.snapshot")); err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{".2.delta.crc", ".2.snapshot.crc", ".2.delta.1.2.tmp", ".2.delta.8f14e45f-ceea-467f-9b0e-6f8f3c1d2a3b.tmp"} {
		if err := os.WriteFile(filepath.Join(folder, name), []byte("crc"), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	s = start(t, dir, 1, state.Options{})
	put(s, 3)
	list, err := os.ReadDir(folder)
	if err != nil {
		t.Fatal(err)
	}
	var names []string
	for _, e := range list {
		if strings.Contains(e.Name(), "2.") {
			names = append(names, e.Name())
		}
	}
	slices.Sort(names)
	if want := []string{".2.delta.8f14e45f-ceea-467f-9b0e-6f8f3c1d2a3b.tmp", "2.delta"}; !slices.Equal(names, want) {
		t.Errorf("%v remain, want %v", names, want)
	}
	if got := start(t, dir, 2, state.Options{}).Store(0, state.DefaultStore, 0).Get(key(1)); !bytes.Equal(got, value(3, "")) {
		t.Errorf("%x", got)
	}
}

// TestRowsWithoutColumnsAreKept checks keys and values of no bytes, as GROUP BY without keys or without aggregates has them.
func TestRowsWithoutColumnsAreKept(t *testing.T) {
	put := func(s *state.Store, key, value []byte) error { return s.Put(key, value) }
	t.Run("Put", func(t *testing.T) { keepRowsWithoutColumns(t, put) })
	t.Run("Add", func(t *testing.T) {
		keepRowsWithoutColumns(t, func(s *state.Store, key, value []byte) error {
			_, err := s.Add(key, value)
			return err
		})
	})
}

func keepRowsWithoutColumns(t *testing.T, put func(s *state.Store, key, value []byte) error) {
	dir := t.TempDir()
	ops := []state.Operator{{Name: "stateStoreSave", Partitions: 1, Stores: []state.Layout{{Name: state.DefaultStore, Key: counts.Stores[0].Key}}},
		{Name: "stateStoreSave", Partitions: 1, Stores: []state.Layout{{Name: state.DefaultStore, Value: counts.Stores[0].Key}}}}
	check := func(s *state.State) {
		t.Helper()
		if got := s.Store(0, state.DefaultStore, 0).Get(key(5)); got == nil || len(got) != 0 {
			t.Errorf("the value without columns is %v", got)
		}
		if got := s.Store(1, state.DefaultStore, 0).Get(nil); !bytes.Equal(got, key(6)) {
			t.Errorf("the value of the key without columns is %v", got)
		}
	}
	for version := range int64(13) {
		s, err := state.Open(storage.OS, dir, ops, state.Options{Version: version, Retain: 10})
		if err == nil {
			err = s.Load(t.Context(), version)
		}
		if err != nil {
			t.Fatal(err)
		}
		if version == 0 {
			err = errors.Join(put(s.Store(0, state.DefaultStore, 0), key(5), nil), put(s.Store(1, state.DefaultStore, 0), nil, key(6)))
		}
		if err != nil {
			t.Fatal(err)
		}
		check(s)
		commit(t, s)
		_ = s.Tidy(t.Context())
		s.Wait()
		check(s)
		_ = s.Close()
	}
}
