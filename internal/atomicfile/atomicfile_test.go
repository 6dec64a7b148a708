package atomicfile

import (
	"errors"
	"os"
	"path/filepath"
	"testing"

	"github.com/streamctl/streamctl/internal/storage"
)

func TestWriteReplacesAndLeavesNoTemporaryFile(t *testing.T) {
	dir := t.TempDir()
	name := filepath.Join(dir, "a", "f")
	if err := MkdirAll(storage.OS, filepath.Dir(name), true); err != nil {
		t.Fatal(err)
	}
	for _, text := range []string{"one", "two"} {
		if err := Write(storage.OS, name, []byte(text), true); err != nil {
			t.Fatal(err)
		}
		if got, err := Read(storage.OS, name); err != nil || string(got) != text {
			t.Fatalf("read %q, %v; want %q", got, err, text)
		}
	}
	if list, _ := os.ReadDir(filepath.Dir(name)); len(list) != 1 {
		t.Errorf("%d files, want 1", len(list))
	}
}

// failingRename is a file system on which renames fail.
type failingRename struct{ storage.FS }

func (failingRename) Rename(string, string) error { return errors.New("no rename") }

func TestAFailedWriteKeepsTheOldContent(t *testing.T) {
	name := filepath.Join(t.TempDir(), "f")
	if err := Write(storage.OS, name, []byte("old"), false); err != nil {
		t.Fatal(err)
	}
	if err := Write(failingRename{storage.OS}, name, []byte("new"), false); err == nil {
		t.Fatal("no error")
	}
	if got, _ := Read(storage.OS, name); string(got) != "old" {
		t.Errorf("content %q, want old", got)
	}
	if list, _ := os.ReadDir(filepath.Dir(name)); len(list) != 1 {
		t.Errorf("%d files, want 1", len(list))
	}
}

func TestNames(t *testing.T) {
	if tmp := filepath.Base(TempName("/d/7")); !IsTemp(tmp) {
		t.Errorf("%s is not recognised", tmp)
	}
	for name, want := range map[string]bool{"0": true, "12": true, "012": false, "-1": false, "9.compact": false, ".4.crc": false} {
		if _, ok := ID(name); ok != want {
			t.Errorf("ID(%q) = %v", name, ok)
		}
	}
}
