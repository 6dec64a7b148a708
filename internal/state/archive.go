package state

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"slices"
	"strings"

	"github.com/streamctl/streamctl/internal/sparkerr"
	"github.com/streamctl/streamctl/internal/storage"
	"github.com/streamctl/streamctl/internal/types"
)

// An Archive reads the state in a checkpoint without locking it: the query may be running.
type Archive struct {
	Operators []Operator // by id, the one nearest to the sink first; an operator without name is missing

	fs  storage.FS
	dir string
}

// OpenArchive reads the descriptions of all stores in dir, the directory state of a checkpoint. Without dir, there are no operators.
func OpenArchive(fsys storage.FS, dir string) (*Archive, error) {
	stored, err := readMetadata(fsys, dir)
	if err != nil || len(stored) == 0 {
		return &Archive{fs: fsys, dir: dir}, err
	}
	a := &Archive{fs: fsys, dir: dir, Operators: make([]Operator, slices.Max(slices.Collect(maps.Keys(stored)))+1)}
	for id, f := range stored {
		op := Operator{Name: f.Info.Name, Partitions: f.Stores[0].Partitions}
		for _, s := range f.Stores {
			l := Layout{Name: s.Name, PrefixKeys: s.PrefixKeys}
			if l.Key, l.Value, err = readSchema(fsys, dir, id, s.Name); err != nil {
				return nil, err
			}
			op.Stores = append(op.Stores, l)
		}
		a.Operators[id] = op
	}
	return a, nil
}

// layout returns the layout of a store.
func (a *Archive) layout(operator int, store string) (*Layout, error) {
	if operator < 0 || operator >= len(a.Operators) || a.Operators[operator].Name == "" {
		return nil, sparkerr.Plain("the checkpoint has no state of operator %d", operator).
			WithHint("its operators are 0 to %d", len(a.Operators)-1)
	}
	stores := a.Operators[operator].Stores
	k := slices.IndexFunc(stores, func(l Layout) bool { return l.Name == store })
	if k < 0 {
		var names []string
		for _, l := range stores {
			names = append(names, l.Name)
		}
		return nil, sparkerr.Plain("operator %d has no store %s", operator, store).WithHint("its stores are %s", strings.Join(names, ", "))
	}
	return &stores[k], nil
}

// Versions returns the oldest and the newest version that can be read of every store, or 0 and 0 if there is none besides the empty version 0.
func (a *Archive) Versions() (oldest, newest int64, err error) {
	first := true
	for id := range a.Operators {
		for partition := range a.Operators[id].Partitions {
			for _, l := range a.Operators[id].Stores {
				f := &folder{fs: a.fs, path: storePath(a.dir, id, partition, l.Name)}
				if _, err := f.list(); err != nil {
					return 0, 0, err
				}
				from, to := f.readable()
				if first {
					oldest, newest, first = from, to, false
				}
				oldest, newest = max(oldest, from), min(newest, to)
			}
		}
	}
	if oldest > newest {
		return 0, 0, nil
	}
	return oldest, newest, nil
}

// readable returns the newest version of a folder and the oldest one from which all up to it can be read, which is newer if none can.
func (f *folder) readable() (oldest, newest int64) {
	for _, list := range [][]int64{f.deltas, f.snapshots} {
		if len(list) > 0 {
			newest = max(newest, list[len(list)-1])
		}
	}
	oldest = newest + 1
	for v := newest; v > 0; {
		base, err := f.chain(v) // with it, all versions from base on can be read
		if err != nil {
			break
		}
		oldest, v = max(base, 1), base-1
	}
	return oldest, newest
}

// attempts is how often a version is read whose files the query removes meanwhile.
const attempts = 5

// load reads a version of one partition of a store.
func (a *Archive) load(ctx context.Context, operator, partition int, l *Layout, version int64) (*table, error) {
	f := &folder{fs: a.fs, path: storePath(a.dir, operator, partition, l.Name)}
	var err error
	for range attempts {
		if _, err = f.list(); err != nil {
			return nil, err
		}
		t := newTable(nil)
		err = inPortions(ctx, t, func(ctx context.Context, do entryFunc) error { return f.read(ctx, version, l.rows(), do) }, t.apply)
		if !errors.Is(err, fs.ErrNotExist) {
			return t, err
		}
	}
	return nil, err
}

// apply makes an entry of a file part of the table.
func (t *table) apply(key, value []byte) error {
	addr, at, ok := t.find(key)
	if ok && value != nil && t.replace(addr, value) {
		return nil
	}
	if ok {
		t.remove(addr, at)
		at.slot = -1
	}
	if value == nil {
		return nil
	}
	if t.full() {
		return fmt.Errorf("one partition of the state has more than %d GiB", chunkBytes*maxChunks>>30)
	}
	t.add(key, value, at)
	return nil
}

// Measure returns the number of entries of a version of a store, and their size in bytes.
func (a *Archive) Measure(ctx context.Context, operator int, store string, version int64) (entries int, bytes int64, err error) {
	err = a.tables(ctx, operator, store, version, func(_ int, _ *Layout, t *table) error {
		entries += t.n
		for key, value := range t.all {
			bytes += int64(len(key) + len(value))
		}
		return nil
	})
	return entries, bytes, err
}

// tables calls do for each partition of a version.
func (a *Archive) tables(ctx context.Context, operator int, store string, version int64, do func(partition int, l *Layout, t *table) error) error {
	l, err := a.layout(operator, store)
	if err != nil {
		return err
	}
	for partition := range a.Operators[operator].Partitions {
		t, err := a.load(ctx, operator, partition, l, version)
		if err == nil {
			err = do(partition, l, t)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// Columns returns the columns of the batches of Each: those of the key, then those of the value.
func (l *Layout) Columns() []types.Field { return slices.Concat(l.Key, l.Value) }
