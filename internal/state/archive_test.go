package state_test

import (
	"errors"
	"fmt"
	"maps"
	"math/rand/v2"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/streamctl/streamctl/internal/sparkerr"
	"github.com/streamctl/streamctl/internal/state"
	"github.com/streamctl/streamctl/internal/storage"
	"github.com/streamctl/streamctl/internal/types"
	"github.com/streamctl/streamctl/internal/vector"
)

// text formats a row of the columns that the tests use.
func text(b *vector.Batch, from, to, row int) string {
	var out []string
	for _, v := range b.Cols[from:to] {
		switch {
		case v.IsNull(row):
			out = append(out, "NULL")
		case v.Type.Kind == types.KindLong:
			out = append(out, fmt.Sprint(v.I64[row]))
		default:
			out = append(out, string(v.Bytes(row)))
		}
	}
	return strings.Join(out, " ")
}

// TestArchiveReadsVersionsOfARunningQuery reads the contents and the differences of versions while the query goes on, without disturbing it.
func TestArchiveReadsVersionsOfARunningQuery(t *testing.T) {
	dir := t.TempDir()
	s := start(t, dir, 0, state.Options{})
	put := func(k, n int, last string) {
		if err := s.Store(0, state.DefaultStore, k%2).Put(key(k), value(n, last)); err != nil {
			t.Fatal(err)
		}
	}
	put(2, 10, "a")
	put(3, 20, "b")
	put(4, 30, "c")
	commit(t, s)
	put(2, 11, "longer than before")
	put(4, 30, "c")
	put(6, 40, "d")
	s.Store(0, state.DefaultStore, 1).Remove(key(3))
	commit(t, s)
	put(8, 1, "not committed")

	a, err := state.OpenArchive(storage.OS, dir)
	if err != nil {
		t.Fatal(err)
	}
	if len(a.Operators) != 1 || a.Operators[0].Name != "stateStoreSave" || a.Operators[0].Partitions != 2 {
		t.Fatalf("%+v", a.Operators)
	}
	layout := &a.Operators[0].Stores[0]
	if oldest, newest, err := a.Versions(); oldest != 1 || newest != 2 || err != nil {
		t.Errorf("versions %d to %d, %v", oldest, newest, err)
	}
	collect := func(read func(state.BatchFunc) error, columns int) (rows []string) {
		err := read(func(partition int, b *vector.Batch) error {
			if len(b.Cols) != columns {
				t.Errorf("%d columns, want %d", len(b.Cols), columns)
			}
			for i := range b.N {
				rows = append(rows, fmt.Sprint(partition, ": ", text(b, 0, columns, i)))
			}
			return nil
		})
		if err != nil {
			t.Error(err)
		}
		return rows
	}
	got := collect(func(do state.BatchFunc) error { return a.Each(t.Context(), 0, state.DefaultStore, 1, do) }, len(layout.Columns()))
	if want := []string{"0: 2 10 a", "0: 4 30 c", "1: 3 20 b"}; !slices.Equal(got, want) {
		t.Errorf("version 1 is %q", got)
	}
	got = collect(func(do state.BatchFunc) error { return a.Diff(t.Context(), 0, state.DefaultStore, 1, 2, do) }, len(layout.DiffColumns()))
	if want := []string{"0: changed 2 10 a 11 longer than before", "0: added 6 NULL NULL 40 d", "1: removed 3 20 b NULL NULL"}; !slices.Equal(got, want) {
		t.Errorf("the differences are %q", got)
	}
	if entries, bytes, err := a.Measure(t.Context(), 0, state.DefaultStore, 1); entries != 3 || bytes != 3*(16+32) || err != nil {
		t.Errorf("%d entries, %d bytes, %v", entries, bytes, err)
	}
	for what, err := range map[string]error{
		"operator 1": a.Each(t.Context(), 1, state.DefaultStore, 1, nil), "store other": a.Each(t.Context(), 0, "other", 1, nil),
		"3.delta is missing": a.Each(t.Context(), 0, state.DefaultStore, 3, nil),
	} {
		if e, ok := errors.AsType[*sparkerr.Error](err); !ok || !strings.Contains(e.Error(), what) || e.Hint == "" {
			t.Errorf("%s: %v", what, err)
		}
	}
}

// TestArchiveReadsWhileFilesAreRemoved reads the newest version again and again, while the query writes snapshots and removes old files.
func TestArchiveReadsWhileFilesAreRemoved(t *testing.T) {
	dir := t.TempDir()
	s := start(t, dir, 0, state.Options{MinDeltas: 1, Retain: 1})
	commit(t, s)
	done := make(chan map[int64]map[string]string)
	go func() {
		random := rand.New(rand.NewPCG(8, 8))
		versions := map[int64]map[string]string{}
		for v := int64(2); v < 150; v++ {
			change(t, s, random, 50)
			commit(t, s)
			versions[v] = all(s)
			_ = s.Tidy(t.Context())
		}
		done <- versions
	}()
	read := map[int64]map[string]string{}
	for {
		select {
		case versions := <-done:
			for v, m := range read {
				if v > 1 && !maps.Equal(m, versions[v]) {
					t.Errorf("version %d was read otherwise", v)
				}
			}
			t.Logf("%d versions were read", len(read))
			return
		default:
		}
		a, err := state.OpenArchive(storage.OS, dir)
		if err != nil {
			t.Fatal(err)
		}
		_, newest, err := a.Versions()
		if err != nil {
			t.Fatal(err)
		}
		m := map[string]string{}
		err = a.Each(t.Context(), 0, state.DefaultStore, newest, func(_ int, b *vector.Batch) error {
			for i := range b.N {
				m[string(key(int(b.Cols[0].I64[i])))] = string(value(int(b.Cols[1].I64[i]), string(b.Cols[2].Bytes(i))))
			}
			return nil
		})
		if err == nil {
			read[newest] = m
		} else if !strings.Contains(err.Error(), "is missing") {
			t.Fatal(err) // a version may have gone since it was the newest one
		}
	}
}

// TestArchiveOfSparkNamesItsStores opens a checkpoint of a join, whose operator has four stores.
func TestArchiveOfSparkNamesItsStores(t *testing.T) {
	a, err := state.OpenArchive(storage.OS, filepath.Join("../../test/conformance/testdata/checkpoints/ck-join-leftouter/ckpt/state"))
	if err != nil {
		t.Fatal(err)
	}
	var names []string
	for _, l := range a.Operators[0].Stores {
		names = append(names, l.Name)
	}
	slices.Sort(names)
	if want := []string{"left-keyToNumValues", "left-keyWithIndexToValue", "right-keyToNumValues", "right-keyWithIndexToValue"}; !slices.Equal(names, want) {
		t.Error(names)
	}
}
