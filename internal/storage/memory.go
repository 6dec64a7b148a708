package storage

import (
	"bytes"
	"errors"
	"io"
	"io/fs"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"time"
)

// A Memory is a file system in memory, above the operating system's: names below its root are in memory and end with the process, all others
// are files of the machine. Its methods are safe for concurrent use.
type Memory struct {
	FS   // of the machine
	root string
	mu   sync.RWMutex
	tree *memoryNode
}

// NewMemory returns an empty file system in memory at root, an absolute path that need not exist. fsys has all other files.
func NewMemory(fsys FS, root string) *Memory {
	return &Memory{FS: fsys, root: filepath.Clean(root), tree: newMemoryDir()}
}

// A memoryNode is a file or a directory.
type memoryNode struct {
	entries map[string]*memoryNode // nil for a file
	data    []byte                 // never changed in place: readers hold it
	modTime time.Time
}

func newMemoryDir() *memoryNode { return &memoryNode{entries: map[string]*memoryNode{}} }

func (n *memoryNode) status() Status {
	if n.entries != nil {
		return Status{Mode: fs.ModeDir | 0o755, ModTime: n.modTime}
	}
	return Status{Mode: 0o644, Size: int64(len(n.data)), ModTime: n.modTime}
}

// within returns the parts of a name below the root; ok is false for a file of the machine.
func (m *Memory) within(name string) (parts []string, ok bool) {
	rest, ok := strings.CutPrefix(filepath.Clean(name), m.root)
	if !ok || rest != "" && rest[0] != filepath.Separator {
		return nil, false
	}
	return strings.FieldsFunc(rest, func(r rune) bool { return r == filepath.Separator }), true
}

// walk returns the node at parts, or nil.
func (m *Memory) walk(parts []string) *memoryNode {
	n := m.tree
	for _, p := range parts {
		if n = n.entries[p]; n == nil {
			return nil
		}
	}
	return n
}

// find returns the node of a name and its directory.
func (m *Memory) find(op, name string, parts []string) (dir, n *memoryNode, err error) {
	if len(parts) == 0 {
		return nil, m.tree, nil
	}
	if dir = m.walk(parts[:len(parts)-1]); dir != nil && dir.entries != nil {
		n = dir.entries[parts[len(parts)-1]]
	}
	if n == nil {
		return dir, nil, &fs.PathError{Op: op, Path: name, Err: fs.ErrNotExist}
	}
	return dir, n, nil
}

// Put writes a file, and the directories above it, with a modification time.
func (m *Memory) Put(name string, data []byte, modTime time.Time) error {
	if err := m.MkdirAll(filepath.Dir(name)); err != nil {
		return err
	}
	parts, _ := m.within(name)
	m.mu.Lock()
	defer m.mu.Unlock()
	m.walk(parts[:len(parts)-1]).entries[parts[len(parts)-1]] = &memoryNode{data: data, modTime: modTime}
	return nil
}

// Open opens a file as it is now: later writes do not show.
func (m *Memory) Open(name string) (Object, error) {
	parts, ok := m.within(name)
	if !ok {
		return m.FS.Open(name)
	}
	m.mu.RLock()
	defer m.mu.RUnlock()
	_, n, err := m.find("open", name, parts)
	if err != nil {
		return nil, err
	}
	return memoryObject{bytes.NewReader(n.data)}, nil
}

type memoryObject struct{ *bytes.Reader }

func (memoryObject) Close() error { return nil }

// OpenDir lists a directory as it is now.
func (m *Memory) OpenDir(name string) (Dir, error) {
	parts, ok := m.within(name)
	if !ok {
		return m.FS.OpenDir(name)
	}
	m.mu.RLock()
	defer m.mu.RUnlock()
	_, n, err := m.find("open", name, parts)
	if err != nil {
		return nil, err
	}
	d := &memoryDir{m: m, name: name}
	for child, c := range n.entries {
		st := c.status()
		d.list = append(d.list, Entry{Name: child, Type: st.Mode.Type()})
	}
	slices.SortFunc(d.list, func(a, b Entry) int { return strings.Compare(a.Name, b.Name) })
	return d, nil
}

type memoryDir struct {
	m    *Memory
	name string
	list []Entry
}

func (d *memoryDir) Each(do func(Entry) error) error {
	for _, e := range d.list {
		if err := do(e); err != nil {
			return err
		}
	}
	return nil
}

func (d *memoryDir) Stat(name string) (Status, error) { return d.m.Stat(filepath.Join(d.name, name)) }

func (d *memoryDir) Close() error { return nil }

// Stat describes a file.
func (m *Memory) Stat(name string) (Status, error) {
	parts, ok := m.within(name)
	if !ok {
		return m.FS.Stat(name)
	}
	m.mu.RLock()
	defer m.mu.RUnlock()
	_, n, err := m.find("stat", name, parts)
	if err != nil {
		return Status{}, err
	}
	return n.status(), nil
}

// Lstat is Stat: there are no links in memory.
func (m *Memory) Lstat(name string) (Status, error) {
	if _, ok := m.within(name); !ok {
		return m.FS.Lstat(name)
	}
	return m.Stat(name)
}

// Readable reports whether a file exists.
func (m *Memory) Readable(name string) bool {
	if _, ok := m.within(name); !ok {
		return m.FS.Readable(name)
	}
	_, err := m.Stat(name)
	return err == nil
}

// Readlink fails within memory.
func (m *Memory) Readlink(name string) (string, error) {
	if _, ok := m.within(name); !ok {
		return m.FS.Readlink(name)
	}
	return "", &fs.PathError{Op: "readlink", Path: name, Err: fs.ErrInvalid}
}

// Resolve returns the clean name.
func (m *Memory) Resolve(name string) (string, error) {
	if _, ok := m.within(name); !ok {
		return m.FS.Resolve(name)
	}
	_, err := m.Stat(name)
	return filepath.Clean(name), err
}

// Create creates a file.
func (m *Memory) Create(name string) (File, error) {
	parts, ok := m.within(name)
	if !ok {
		return m.FS.Create(name)
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	dir, n, _ := m.find("create", name, parts)
	switch {
	case n != nil:
		return nil, &fs.PathError{Op: "create", Path: name, Err: fs.ErrExist}
	case dir == nil || dir.entries == nil:
		return nil, &fs.PathError{Op: "create", Path: name, Err: fs.ErrNotExist}
	}
	n = &memoryNode{modTime: time.Now()}
	dir.entries[parts[len(parts)-1]] = n
	return &memoryFile{m, n}, nil
}

// Append opens a file for appending.
func (m *Memory) Append(name string) (File, error) {
	parts, ok := m.within(name)
	if !ok {
		return m.FS.Append(name)
	}
	m.mu.RLock()
	defer m.mu.RUnlock()
	_, n, err := m.find("append", name, parts)
	if err != nil {
		return nil, err
	}
	return &memoryFile{m, n}, nil
}

type memoryFile struct {
	m *Memory
	n *memoryNode
}

// Write appends: what readers hold is not changed, since append writes beyond their length only.
func (f *memoryFile) Write(p []byte) (int, error) {
	f.m.mu.Lock()
	defer f.m.mu.Unlock()
	f.n.data = append(f.n.data, p...)
	f.n.modTime = time.Now()
	return len(p), nil
}

func (f *memoryFile) Truncate(size int64) error {
	f.m.mu.Lock()
	defer f.m.mu.Unlock()
	if size < 0 || size > int64(len(f.n.data)) {
		return fs.ErrInvalid
	}
	f.n.data = slices.Clone(f.n.data[:size])
	return nil
}

func (*memoryFile) Sync() error  { return nil }
func (*memoryFile) Close() error { return nil }

// Rename renames a file within memory.
func (m *Memory) Rename(from, to string) error {
	source, ok := m.within(from)
	target, both := m.within(to)
	if !ok && !both {
		return m.FS.Rename(from, to)
	}
	if ok != both {
		return &fs.PathError{Op: "rename", Path: from, Err: fs.ErrInvalid}
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	dir, n, err := m.find("rename", from, source)
	if err != nil {
		return err
	}
	into, _, err := m.find("rename", to, target)
	if into == nil {
		return err
	}
	delete(dir.entries, source[len(source)-1])
	into.entries[target[len(target)-1]] = n
	return nil
}

// Remove removes a file or an empty directory.
func (m *Memory) Remove(name string) error {
	parts, ok := m.within(name)
	if !ok {
		return m.FS.Remove(name)
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	dir, n, err := m.find("remove", name, parts)
	switch {
	case err != nil:
		return err
	case dir == nil || len(n.entries) > 0:
		return &fs.PathError{Op: "remove", Path: name, Err: errors.New("directory not empty")}
	}
	delete(dir.entries, parts[len(parts)-1])
	return nil
}

// MkdirAll creates a directory and its parents.
func (m *Memory) MkdirAll(name string) error {
	parts, ok := m.within(name)
	if !ok {
		return m.FS.MkdirAll(name)
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	n := m.tree
	for _, p := range parts {
		if n.entries == nil {
			return &fs.PathError{Op: "mkdir", Path: name, Err: fs.ErrExist}
		}
		if n.entries[p] == nil {
			n.entries[p] = newMemoryDir()
		}
		n = n.entries[p]
	}
	return nil
}

// SyncDir does nothing in memory.
func (m *Memory) SyncDir(name string) error {
	if _, ok := m.within(name); !ok {
		return m.FS.SyncDir(name)
	}
	return nil
}

// Lock always succeeds in memory: no other process sees the file.
func (m *Memory) Lock(name string, holder []byte) (io.Closer, error) {
	if _, ok := m.within(name); !ok {
		return m.FS.Lock(name, holder)
	}
	return io.NopCloser(nil), nil
}
