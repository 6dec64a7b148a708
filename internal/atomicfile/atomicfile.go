// Package atomicfile performs all changes that checkpoints and file sinks make on disk. Files appear complete
// under their final name, or not at all. All operations go through the interface FS, so that tests can make any
// of them fail or be lost.
package atomicfile

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"sync/atomic"
)

// An FS provides the file operations that checkpoints and file sinks use. Names are paths of the operating
// system.
type FS interface {
	Open(name string) (io.ReadCloser, error)
	// Create creates a file. It fails if name exists.
	Create(name string) (File, error)
	// Append opens a file that Create made for appending.
	Append(name string) (File, error)
	Rename(from, to string) error
	Remove(name string) error
	MkdirAll(name string) error
	ReadDir(name string) ([]fs.DirEntry, error)
	// Names returns the names in a directory, unsorted: sorting is slow for large directories.
	Names(name string) ([]string, error)
	Stat(name string) (fs.FileInfo, error)
	// Lstat is like Stat but does not follow a link.
	Lstat(name string) (fs.FileInfo, error)
	// SyncDir makes changes to the names in a directory durable.
	SyncDir(name string) error
	// Lock locks the file and writes holder into it. The system releases the lock when the process ends for any
	// reason. The error is ErrLocked if the lock is held.
	Lock(name string, holder []byte) (io.Closer, error)
}

// A File is a file open for writing.
type File interface {
	io.Writer
	// Sync makes what was written durable.
	Sync() error
	Close() error
}

// OS is the operating system's file system.
var OS FS = osFS{}

type osFS struct{}

func (osFS) Open(name string) (io.ReadCloser, error) { return os.Open(name) }
func (osFS) Create(name string) (File, error) {
	return os.OpenFile(name, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o644)
}
func (osFS) Append(name string) (File, error)           { return os.OpenFile(name, os.O_WRONLY|os.O_APPEND, 0) }
func (osFS) Rename(from, to string) error               { return os.Rename(from, to) }
func (osFS) Remove(name string) error                   { return os.Remove(name) }
func (osFS) MkdirAll(name string) error                 { return os.MkdirAll(name, 0o755) }
func (osFS) ReadDir(name string) ([]fs.DirEntry, error) { return os.ReadDir(name) }
func (osFS) Stat(name string) (fs.FileInfo, error)      { return os.Stat(name) }
func (osFS) Lstat(name string) (fs.FileInfo, error)     { return os.Lstat(name) }

func (osFS) Names(name string) ([]string, error) {
	d, err := os.Open(name)
	if err != nil {
		return nil, err
	}
	names, err := d.Readdirnames(-1)
	return names, errors.Join(err, d.Close())
}

func (osFS) SyncDir(name string) error {
	d, err := os.Open(name)
	if err != nil {
		return err
	}
	defer d.Close()
	return d.Sync()
}

var sequence atomic.Int64

// TempName returns a name next to name that no other writer uses. It begins with a dot, so that it is not taken
// for data.
func TempName(name string) string {
	dir, base := filepath.Split(name)
	return filepath.Join(dir, fmt.Sprintf(".%s.%d.%d.tmp", base, os.Getpid(), sequence.Add(1)))
}

// IsTemp reports whether TempName made a file name. Such a file found at the start was left by a killed run.
func IsTemp(name string) bool {
	_, ok := TempBase(name)
	return ok
}

// TempBase returns the name that was passed to TempName. Before removing such a file, check that name, too:
// other programs may use similar names.
func TempBase(name string) (base string, ok bool) {
	rest, hidden := strings.CutPrefix(name, ".")
	rest, temporary := strings.CutSuffix(rest, ".tmp")
	rest, sequence, hasSequence := cutLast(rest)
	base, pid, hasPID := cutLast(rest)
	return base, hidden && temporary && hasSequence && hasPID && base != "" && isNumber(sequence) && isNumber(pid)
}

func cutLast(s string) (before, after string, found bool) {
	i := strings.LastIndexByte(s, '.')
	if i < 0 {
		return s, "", false
	}
	return s[:i], s[i+1:], true
}

func isNumber(s string) bool {
	_, err := strconv.ParseUint(s, 10, 63)
	return err == nil
}

// Write atomically replaces the file with the given contents. If durable is set, the change survives a power
// failure.
func Write(fsys FS, name string, data []byte, durable bool) error {
	tmp := TempName(name)
	if err := writeNew(fsys, tmp, data, durable); err != nil {
		return err
	}
	if err := fsys.Rename(tmp, name); err != nil {
		_ = fsys.Remove(tmp)
		return err
	}
	if durable {
		return fsys.SyncDir(filepath.Dir(name))
	}
	return nil
}

func writeNew(fsys FS, name string, data []byte, durable bool) error {
	f, err := fsys.Create(name)
	if err != nil {
		return err
	}
	_, err = f.Write(data)
	if err == nil && durable {
		err = f.Sync()
	}
	if err = errors.Join(err, f.Close()); err != nil {
		_ = fsys.Remove(name)
	}
	return err
}

// Read returns the contents of a file.
func Read(fsys FS, name string) ([]byte, error) {
	f, err := fsys.Open(name)
	if err != nil {
		return nil, err
	}
	var b bytes.Buffer
	if s, ok := f.(interface{ Stat() (fs.FileInfo, error) }); ok {
		if info, err := s.Stat(); err == nil {
			b.Grow(int(info.Size()) + bytes.MinRead) // logs can be large, and growing the buffer would copy them repeatedly
		}
	}
	_, err = b.ReadFrom(f)
	return b.Bytes(), errors.Join(err, f.Close())
}

// MkdirAll creates a directory and its parents. If durable is set, they survive a power failure.
func MkdirAll(fsys FS, name string, durable bool) error {
	if !durable {
		return fsys.MkdirAll(name)
	}
	var missing []string
	for d := name; ; d = filepath.Dir(d) {
		if _, err := fsys.Stat(d); err == nil || d == filepath.Dir(d) {
			break
		}
		missing = append(missing, d)
	}
	if err := fsys.MkdirAll(name); err != nil {
		return err
	}
	for _, d := range missing {
		if err := fsys.SyncDir(filepath.Dir(d)); err != nil {
			return err
		}
	}
	return nil
}

// ID parses a file name that is a batch number, as in Spark's logs.
func ID(name string) (int64, bool) {
	id, err := strconv.ParseInt(name, 10, 64)
	return id, err == nil && id >= 0 && strconv.FormatInt(id, 10) == name
}
