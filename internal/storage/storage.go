// Package storage is the seam between the engine and file storage. Sources, sinks, checkpoints and rejects read, list and change files
// only through an FS, so that tests can make any operation fail or be lost, and so that another kind of storage needs only one new type.
package storage

import (
	"errors"
	"io"
	"io/fs"
	"slices"
	"strings"
	"time"
)

// An FS stores files. Names are absolute paths. Errors are *fs.PathError values, to which errors.Is with fs.ErrNotExist, fs.ErrExist and
// fs.ErrPermission applies. Its methods are safe for concurrent use.
type FS interface {
	// Open opens a file for reading.
	Open(name string) (Object, error)
	// OpenDir opens a directory for listing.
	OpenDir(name string) (Dir, error)
	// Stat describes a file. It follows links.
	Stat(name string) (Status, error)
	// Lstat is like Stat but does not follow a link.
	Lstat(name string) (Status, error)
	// Readable reports whether this process may read a file or list a directory.
	Readable(name string) bool
	// Readlink returns the target of a link, as it was written.
	Readlink(name string) (string, error)
	// Resolve returns the name without links. The file must exist.
	Resolve(name string) (string, error)

	// Create creates a file. It fails if name exists.
	Create(name string) (File, error)
	// Append opens a file for appending. The file must exist.
	Append(name string) (File, error)
	// Rename renames a file. It replaces an existing file with the new name.
	Rename(from, to string) error
	// Remove removes a file or an empty directory.
	Remove(name string) error
	// MkdirAll creates a directory and its parents.
	MkdirAll(name string) error
	// SyncDir makes changes to the names in a directory durable.
	SyncDir(name string) error
	// Lock locks the file and writes holder into it. The lock ends with the process, for any reason. The error is ErrLocked if the lock is
	// held.
	Lock(name string, holder []byte) (io.Closer, error)
}

// ErrLocked is returned by Lock if another process, or another part of this one, holds the lock.
var ErrLocked = errors.New("another run holds the lock")

// An Object is a file open for reading. ReadAt is safe for concurrent use.
type Object interface {
	io.Reader
	io.ReaderAt
	io.Closer
}

// A File is a file open for writing.
type File interface {
	io.Writer
	// Truncate cuts the file to a size in bytes.
	Truncate(size int64) error
	// Sync makes what was written durable.
	Sync() error
	Close() error
}

// A Dir is a directory open for listing.
type Dir interface {
	// Each calls do for each entry, in no particular order, until do returns an error, which it returns.
	Each(do func(Entry) error) error
	// Stat is FS.Stat for a name in the directory, without looking up the directory again. It is safe for concurrent use.
	Stat(name string) (Status, error)
	Close() error
}

// An Entry is a name in a directory.
type Entry struct {
	Name string
	Type fs.FileMode // the type bits; a link is not followed
}

// IsLink reports whether the entry is a symbolic link.
func (e Entry) IsLink() bool { return e.Type&fs.ModeSymlink != 0 }

// A Status is what is known about a file without opening it.
type Status struct {
	Mode    fs.FileMode
	Size    int64 // in bytes
	ModTime time.Time
	ID      Identity
}

// IsDir reports whether the file is a directory.
func (s *Status) IsDir() bool { return s.Mode.IsDir() }

// IsRegular reports whether the file is a regular file.
func (s *Status) IsRegular() bool { return s.Mode.IsRegular() }

// An Identity distinguishes a file from every other one in the storage: forever if Born is known, else as long as the file exists, since
// inodes are reused. The zero value means that it is unknown.
type Identity struct {
	Device, Inode uint64
	Born          int64 // nanoseconds since 1970; 0 means unknown
}

// ReadDir returns the entries of a directory, sorted by name.
func ReadDir(fsys FS, name string) ([]Entry, error) {
	list, err := entries(fsys, name)
	slices.SortFunc(list, func(a, b Entry) int { return strings.Compare(a.Name, b.Name) })
	return list, err
}

// Names returns the names in a directory in no particular order: sorting is slow for large directories.
func Names(fsys FS, name string) ([]string, error) {
	list, err := entries(fsys, name)
	names := make([]string, len(list))
	for i, e := range list {
		names[i] = e.Name
	}
	return names, err
}

func entries(fsys FS, name string) ([]Entry, error) {
	d, err := fsys.OpenDir(name)
	if err != nil {
		return nil, err
	}
	var list []Entry
	err = d.Each(func(e Entry) error {
		list = append(list, e)
		return nil
	})
	return list, errors.Join(err, d.Close())
}
