package file

import (
	"io/fs"
	"os"
	"path/filepath"
)

// An entry is a name in a directory and the type of what has it.
type entry struct {
	name string
	mode fs.FileMode // the bits of the type
}

// look finds out the type, and reports whether the entry is still there.
func (e *entry) look(dir string) bool {
	info, err := os.Lstat(filepath.Join(dir, e.name))
	if err == nil {
		e.mode = info.Mode().Type()
	}
	return err == nil
}

// isDir reports a directory, or a link to one.
func (e entry) isDir(dir string) bool {
	if !e.isLink() {
		return e.mode.IsDir()
	}
	info, err := os.Stat(filepath.Join(dir, e.name))
	return err == nil && info.IsDir()
}

func (e entry) isLink() bool { return e.mode&fs.ModeSymlink != 0 }
