package storage

import "io/fs"

// EmptyDir returns fsys with an empty directory at name, where nothing exists.
func EmptyDir(fsys FS, name string) FS { return withEmptyDir{fsys, name} }

type withEmptyDir struct {
	FS
	name string
}

func (w withEmptyDir) Stat(name string) (Status, error) {
	if name == w.name {
		return Status{Mode: fs.ModeDir | 0o555}, nil
	}
	return w.FS.Stat(name)
}

func (w withEmptyDir) Lstat(name string) (Status, error) {
	if name == w.name {
		return w.Stat(name)
	}
	return w.FS.Lstat(name)
}

func (w withEmptyDir) OpenDir(name string) (Dir, error) {
	if name == w.name {
		return emptyDir{}, nil
	}
	return w.FS.OpenDir(name)
}

func (w withEmptyDir) Readable(name string) bool { return name == w.name || w.FS.Readable(name) }

func (w withEmptyDir) Resolve(name string) (string, error) {
	if name == w.name {
		return name, nil
	}
	return w.FS.Resolve(name)
}

type emptyDir struct{}

func (emptyDir) Each(func(Entry) error) error { return nil }
func (emptyDir) Stat(name string) (Status, error) {
	return Status{}, &fs.PathError{Op: "stat", Path: name, Err: fs.ErrNotExist}
}
func (emptyDir) Close() error { return nil }
