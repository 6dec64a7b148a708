package storage

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
)

// OS is the operating system's file system.
var OS FS = osFS{}

type osFS struct{}

func (osFS) Open(name string) (Object, error) { return openFile(name) }

func (osFS) OpenDir(name string) (Dir, error) {
	f, err := os.Open(name)
	if err != nil {
		return nil, err
	}
	return &osDir{f, int(f.Fd())}, nil
}

func (osFS) Stat(name string) (Status, error) { return statPath(name) }

func (osFS) Lstat(name string) (Status, error) {
	info, err := os.Lstat(name)
	if err != nil {
		return Status{}, err
	}
	return statusOf(info), nil
}

func (osFS) Readlink(name string) (string, error) { return os.Readlink(name) }
func (osFS) Resolve(name string) (string, error)  { return filepath.EvalSymlinks(name) }

func (osFS) Create(name string) (File, error) {
	return os.OpenFile(name, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o644)
}
func (osFS) Append(name string) (File, error) { return os.OpenFile(name, os.O_WRONLY|os.O_APPEND, 0) }
func (osFS) Rename(from, to string) error     { return os.Rename(from, to) }
func (osFS) Remove(name string) error         { return os.Remove(name) }
func (osFS) MkdirAll(name string) error       { return os.MkdirAll(name, 0o755) }

func (osFS) SyncDir(name string) error {
	d, err := os.Open(name)
	if err != nil {
		return err
	}
	return errors.Join(syncDir(d), d.Close())
}

// statusOf converts a description that does not know the identity of the file.
func statusOf(info fs.FileInfo) Status {
	return Status{Mode: info.Mode(), Size: info.Size(), ModTime: info.ModTime()}
}

// An osDir is an open directory.
type osDir struct {
	file *os.File
	fd   int // of file; asking for it each time takes a lock
}

func (d *osDir) Close() error { return d.file.Close() }
