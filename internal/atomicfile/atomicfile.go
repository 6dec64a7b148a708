// Package atomicfile is every change that checkpoints and file sinks make on disk: files appear whole, under their final
// name, or not at all. All of it goes through the interface FS, so that tests can fail or lose any single operation.
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

// An FS is the file operations that checkpoints and file sinks use. Names are paths of the machine.
type FS interface {
	Open(name string) (io.ReadCloser, error)
	// Create makes a new file and fails if name exists.
	Create(name string) (File, error)
	// Append goes on with a file that Create made.
	Append(name string) (File, error)
	Rename(from, to string) error
	Remove(name string) error
	MkdirAll(name string) error
	ReadDir(name string) ([]fs.DirEntry, error)
	// Names gives the names in a directory, in no order: sorting takes long where there are many.
	Names(name string) ([]string, error)
	Stat(name string) (fs.FileInfo, error)
	// Lstat is Stat that does not follow a link.
	Lstat(name string) (fs.FileInfo, error)
	// SyncDir makes the names in a directory durable.
	SyncDir(name string) error
	// Lock takes the lock that a file stands for and writes who has it into the file. The system gives it back when the
	// process ends, however it ends. ErrLocked: another has it.
	Lock(name string, holder []byte) (io.Closer, error)
}

// A File is being written.
type File interface {
	io.Writer
	// Sync makes what was written durable.
	Sync() error
	Close() error
}

// OS is the file system of the machine.
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

// TempName gives a name beside name that no other writer uses. It begins with a dot, so that nobody takes it for data.
func TempName(name string) string {
	dir, base := filepath.Split(name)
	return filepath.Join(dir, fmt.Sprintf(".%s.%d.%d.tmp", base, os.Getpid(), sequence.Add(1)))
}

// IsTemp reports whether a file name was made by TempName: one found at start was left by a run that was killed.
func IsTemp(name string) bool {
	_, ok := TempBase(name)
	return ok
}

// TempBase returns the name that TempName was given. Who removes such a file looks at that, too: others may name files alike.
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

// Write puts a file with the given content in place of whatever has that name. durable: it survives a power failure.
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

// Read gives the content of a file.
func Read(fsys FS, name string) ([]byte, error) {
	f, err := fsys.Open(name)
	if err != nil {
		return nil, err
	}
	var b bytes.Buffer
	if s, ok := f.(interface{ Stat() (fs.FileInfo, error) }); ok {
		if info, err := s.Stat(); err == nil {
			b.Grow(int(info.Size()) + bytes.MinRead) // logs can be large; growing them copies them again and again
		}
	}
	_, err = b.ReadFrom(f)
	return b.Bytes(), errors.Join(err, f.Close())
}

// MkdirAll makes a directory and those above it; durable: the new names survive a power failure.
func MkdirAll(fsys FS, name string, durable bool) error {
	if !durable {
		return fsys.MkdirAll(name)
	}
	var made []string
	for d := name; ; d = filepath.Dir(d) {
		if _, err := fsys.Stat(d); err == nil || d == filepath.Dir(d) {
			break
		}
		made = append(made, d)
	}
	if err := fsys.MkdirAll(name); err != nil {
		return err
	}
	for _, d := range made {
		if err := fsys.SyncDir(filepath.Dir(d)); err != nil {
			return err
		}
	}
	return nil
}

// ID reads a file name that is a batch number, as Spark's logs name their files.
func ID(name string) (int64, bool) {
	id, err := strconv.ParseInt(name, 10, 64)
	return id, err == nil && id >= 0 && strconv.FormatInt(id, 10) == name
}
