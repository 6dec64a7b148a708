package storage

import (
	"errors"
	"io"
	"io/fs"
	"path/filepath"
	"slices"
	"testing"
	"time"
)

// TestFilesInMemoryBehaveLikeFiles does the same on a directory in memory and on a real one.
func TestFilesInMemoryBehaveLikeFiles(t *testing.T) {
	for name, c := range map[string]struct {
		fsys FS
		root string
	}{
		"memory":  {NewMemory(OS, "/nowhere/root"), "/nowhere/root"},
		"machine": {OS, t.TempDir()},
	} {
		t.Run(name, func(t *testing.T) { behaves(t, c.fsys, c.root) })
	}
}

func behaves(t *testing.T, fsys FS, root string) {
	at := func(name string) string { return filepath.Join(root, name) }
	ok := func(err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	is := func(err, want error) {
		t.Helper()
		if !errors.Is(err, want) {
			t.Errorf("%v, want %v", err, want)
		}
	}
	_, err := fsys.Create(at("a/b/x"))
	is(err, fs.ErrNotExist)
	ok(fsys.MkdirAll(at("a/b")))
	ok(fsys.MkdirAll(at("a/b")))
	f, err := fsys.Create(at("a/b/x"))
	ok(err)
	_, err = f.Write([]byte("one"))
	ok(err)
	ok(f.Close())
	_, err = fsys.Create(at("a/b/x"))
	is(err, fs.ErrExist)
	reader, err := fsys.Open(at("a/b/x"))
	ok(err)
	f, err = fsys.Append(at("a/b/x"))
	ok(err)
	_, err = f.Write([]byte(" two"))
	ok(err)
	ok(f.Truncate(5))
	ok(errors.Join(f.Sync(), f.Close(), fsys.SyncDir(at("a/b"))))
	ok(reader.Close())
	text := func(name string) string {
		r, err := fsys.Open(at(name))
		ok(err)
		data, err := io.ReadAll(r)
		ok(errors.Join(err, r.Close()))
		return string(data)
	}
	if got := text("a/b/x"); got != "one t" {
		t.Errorf("%q", got)
	}
	ok(fsys.Rename(at("a/b/x"), at("a/y")))
	_, err = fsys.Stat(at("a/b/x"))
	is(err, fs.ErrNotExist)
	st, err := fsys.Stat(at("a/y"))
	ok(err)
	if !st.IsRegular() || st.Size != 5 || time.Since(st.ModTime) > time.Minute {
		t.Errorf("%+v", st)
	}
	names, err := Names(fsys, at("a"))
	ok(err)
	if slices.Sort(names); !slices.Equal(names, []string{"b", "y"}) {
		t.Error(names)
	}
	if err := fsys.Remove(at("a")); err == nil {
		t.Error("a directory with entries was removed")
	}
	ok(fsys.Remove(at("a/y")))
	ok(fsys.Remove(at("a/b")))
	is(fsys.Remove(at("a/y")), fs.ErrNotExist)
	if !fsys.Readable(at("a")) || fsys.Readable(at("a/y")) {
		t.Error("readable is wrong")
	}
	_, err = fsys.OpenDir(at("nosuch"))
	is(err, fs.ErrNotExist)
}

// TestOtherFilesAreThoseOfTheMachine reads and writes next to the root in memory.
func TestOtherFilesAreThoseOfTheMachine(t *testing.T) {
	dir := t.TempDir()
	m := NewMemory(OS, filepath.Join(dir, "root"))
	f, err := m.Create(filepath.Join(dir, "rootless"))
	if err == nil {
		err = f.Close()
	}
	if err != nil {
		t.Fatal(err)
	}
	if _, err := OS.Stat(filepath.Join(dir, "rootless")); err != nil {
		t.Error(err)
	}
	if err := m.Put(filepath.Join(dir, "root", "d", "x"), []byte("x"), time.Now()); err != nil {
		t.Fatal(err)
	}
	if _, err := OS.Stat(filepath.Join(dir, "root")); !errors.Is(err, fs.ErrNotExist) {
		t.Error("the root is on the machine")
	}
}
