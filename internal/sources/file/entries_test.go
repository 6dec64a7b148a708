package file

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
)

func TestEntriesAreThoseOfTheDirectory(t *testing.T) {
	dir := t.TempDir()
	for i := range 2000 { // more than one portion
		if err := os.WriteFile(filepath.Join(dir, fmt.Sprintf("%04d%s", i, strings.Repeat("é", i%100))), nil, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	special := filepath.Join(dir, "special")
	if err := errors.Join(os.Mkdir(special, 0o755), os.Symlink("nowhere", special+"-link"), os.Symlink(".", special+"-dir"),
		syscall.Mkfifo(special+"-fifo", 0o600)); err != nil {
		t.Fatal(err)
	}
	want := map[string]bool{}
	list, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range list {
		info, err := os.Stat(filepath.Join(dir, e.Name()))
		want[fmt.Sprint(e.Name(), e.Type(), err == nil && info.IsDir())] = true
	}
	d, err := os.Open(dir)
	if err != nil {
		t.Fatal(err)
	}
	defer d.Close()
	n := 0
	if err := eachEntry(d, dir, func(e entry) error {
		n++
		looked := e
		if here := fmt.Sprint(e.name, e.mode, e.isDir(dir)); !want[here] || !looked.look(dir) || looked != e {
			t.Errorf("%s is not in the directory", here)
		}
		return nil
	}); err != nil || n != len(want) || n != 2004 {
		t.Errorf("%d entries, want %d; error %v", n, len(want), err)
	}
}
