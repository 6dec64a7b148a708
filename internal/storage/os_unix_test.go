//go:build unix

package storage

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
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
		want[fmt.Sprint(e.Name(), e.Type())] = true
	}
	d, err := OS.OpenDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	defer d.Close()
	n := 0
	if err := d.Each(func(e Entry) error {
		n++
		if here := fmt.Sprint(e.Name, e.Type); !want[here] {
			t.Errorf("%s is not in the directory", here)
		}
		st, err := OS.Lstat(filepath.Join(dir, e.Name))
		if err != nil || st.Mode.Type() != e.Type {
			t.Errorf("%s is %v, listed as %v (%v)", e.Name, st.Mode, e.Type, err)
		}
		return nil
	}); err != nil || n != len(want) || n != 2004 {
		t.Errorf("%d entries, want %d; error %v", n, len(want), err)
	}
}

// TestStatusOfFiles compares each status with that of package os.
func TestStatusOfFiles(t *testing.T) {
	dir := t.TempDir()
	file := filepath.Join(dir, "file")
	if err := errors.Join(os.WriteFile(file, []byte("text"), 0o640), os.Symlink(file, file+"-link"), syscall.Mkfifo(file+"-fifo", 0o600)); err != nil {
		t.Fatal(err)
	}
	d, err := OS.OpenDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	defer d.Close()
	for _, name := range []string{"file", "file-link", "file-fifo", "."} {
		info, err := os.Stat(filepath.Join(dir, name))
		if err != nil {
			t.Fatal(err)
		}
		want := Status{Mode: info.Mode(), Size: info.Size(), ModTime: info.ModTime()}
		for _, stat := range []func() (Status, error){
			func() (Status, error) { return OS.Stat(filepath.Join(dir, name)) }, func() (Status, error) { return d.Stat(name) },
		} {
			st, err := stat()
			if err != nil || st.Mode != want.Mode || st.Size != want.Size || !st.ModTime.Equal(want.ModTime) || st.ID.Inode == 0 {
				t.Errorf("%s: %+v, want %+v (%v)", name, st, want, err)
			}
		}
	}
	if _, err := OS.Stat(file + "-missing"); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("error %v of a file that does not exist", err)
	}
}

func TestReadingAFile(t *testing.T) {
	file := filepath.Join(t.TempDir(), "file")
	if err := os.WriteFile(file, []byte("0123456789"), 0o644); err != nil {
		t.Fatal(err)
	}
	f, err := OS.Open(file)
	if err != nil {
		t.Fatal(err)
	}
	b := make([]byte, 4)
	if n, err := f.ReadAt(b, 8); n != 2 || err != io.EOF || string(b[:n]) != "89" {
		t.Errorf("read %d bytes %q at the end, error %v", n, b[:n], err)
	}
	if text, err := io.ReadAll(f); err != nil || string(text) != "0123456789" {
		t.Errorf("read %q, %v", text, err)
	}
	if err := f.Close(); err != nil {
		t.Error(err)
	}
	if err := f.Close(); err == nil {
		t.Error("a second Close succeeded")
	}
}
