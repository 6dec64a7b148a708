// Package crashtest tests that no row is lost or duplicated, whatever fails. Jobs run on an in-memory disk on
// which any operation can fail and the power can fail at any operation, and the real program is killed at
// random times.
package crashtest

import (
	"bytes"
	"errors"
	"io"
	"io/fs"
	"math/rand/v2"
	"os"
	"path"
	"slices"
	"strings"
	"sync"
	"syscall"
	"time"

	"github.com/streamctl/streamctl/internal/storage"
)

// A node is a file or directory, with its current state and its state on disk.
type node struct {
	name          string
	isDir         bool
	entries       map[string]*node // for a directory
	syncedEntries map[string]*node
	data, synced  []byte // for a file
	modTime       time.Time
}

func newDir() *node {
	return &node{isDir: true, entries: map[string]*node{}, syncedEntries: map[string]*node{}}
}

func (n *node) status() storage.Status {
	if n.isDir {
		return storage.Status{Mode: fs.ModeDir | 0o755}
	}
	return storage.Status{Mode: 0o644, Size: int64(len(n.data)), ModTime: n.modTime}
}

// clone copies a tree. same maps nodes to their copies, since a node may be reachable twice.
func (n *node) clone(same map[*node]*node) *node {
	if c, ok := same[n]; ok {
		return c
	}
	c := *n
	same[n] = &c
	copyEntries := func(from map[string]*node) map[string]*node {
		to := make(map[string]*node, len(from))
		for name, e := range from {
			to[name] = e.clone(same)
		}
		return to
	}
	c.entries, c.syncedEntries = copyEntries(n.entries), copyEntries(n.syncedEntries)
	c.data, c.synced = slices.Clone(n.data), slices.Clone(n.synced)
	return &c
}

// A loss is what happens to unsynced changes in a power failure.
type loss string

const (
	keepsAll   loss = "all kept" // only the process died
	losesAll   loss = "all lost"
	losesData  loss = "names kept, contents lost"
	losesNames loss = "contents kept, names lost"
	losesSome  loss = "some lost"
)

// lose changes the tree to what is on disk after a power failure.
func (n *node) lose(how loss, random *rand.Rand) {
	if !n.isDir {
		switch {
		case how == losesAll || how == losesData || how == losesSome && random.IntN(3) == 0:
			n.data = slices.Clone(n.synced)
		case how == losesSome && random.IntN(2) == 0 && len(n.data) > len(n.synced):
			n.data = n.data[:len(n.synced)+random.IntN(len(n.data)-len(n.synced))]
		}
		n.synced = slices.Clone(n.data)
		return
	}
	if how == losesAll || how == losesNames || how == losesSome && random.IntN(2) == 0 {
		n.entries = map[string]*node{}
		for name, e := range n.syncedEntries {
			e.name = name
			n.entries[name] = e
		}
	}
	n.syncDir()
	for _, name := range sortedNames(n.entries) {
		n.entries[name].lose(how, random)
	}
}

func (n *node) syncDir() {
	n.syncedEntries = make(map[string]*node, len(n.entries))
	for name, e := range n.entries {
		n.syncedEntries[name] = e
	}
}

func sortedNames(m map[string]*node) []string {
	var names []string
	for name := range m {
		names = append(names, name)
	}
	slices.Sort(names)
	return names
}

var (
	errFault = syscall.EIO
	errDead  = errors.New("the process is dead")
)

// A disk is a file system for one process. It counts operations and makes operation failAt fail. If dies is
// set, all later operations fail, too, and a failing write writes half of its bytes first.
type disk struct {
	mu     sync.Mutex
	root   *node
	n      int
	failAt int // 0 means never
	dies   bool
	failed string // the operation that failed
}

func newDisk() *disk { return &disk{root: newDir()} }

// mount returns a copy of the disk for a new process, so that a disk can be the starting point of many tests.
func (d *disk) mount(failAt int, dies bool) *disk {
	d.mu.Lock()
	defer d.mu.Unlock()
	return &disk{root: d.root.clone(map[*node]*node{}), failAt: failAt, dies: dies}
}

// crash simulates a power failure.
func (d *disk) crash(how loss, seed uint64) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.root.lose(how, rand.New(rand.NewPCG(seed, 1)))
}

// step counts an operation and returns an error if it must fail.
func (d *disk) step(op, name string) error {
	d.n++
	if d.failAt == 0 || d.n < d.failAt || d.n > d.failAt && !d.dies {
		return nil
	}
	if d.n == d.failAt {
		d.failed = op + " " + name
	}
	if d.dies {
		return &fs.PathError{Op: op, Path: name, Err: errDead}
	}
	return &fs.PathError{Op: op, Path: name, Err: errFault}
}

// walk returns the node at a path, or nil.
func (d *disk) walk(name string) *node {
	n := d.root
	for part := range strings.SplitSeq(strings.Trim(path.Clean(name), "/"), "/") {
		if part == "" {
			continue
		}
		if n = n.entries[part]; n == nil {
			return nil
		}
	}
	return n
}

func missing(op, name string) error { return &fs.PathError{Op: op, Path: name, Err: fs.ErrNotExist} }

// begin counts an operation on an existing node.
func (d *disk) begin(op, name string) (*node, error) {
	if err := d.step(op, name); err != nil {
		return nil, err
	}
	n := d.walk(name)
	if n == nil {
		return nil, missing(op, name)
	}
	return n, nil
}

// outside reports whether a name is not on the disk but in the real file system, where the tests put the input. Operations on it are
// counted and fail like others, but nothing there is lost.
func outside(name string) bool { return strings.HasPrefix(name, os.TempDir()+"/") }

// real counts an operation on a file outside.
func (d *disk) real(op, name string) error {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.step(op, name)
}

func (d *disk) Open(name string) (storage.Object, error) {
	if outside(name) {
		if err := d.real("open", name); err != nil {
			return nil, err
		}
		f, err := storage.OS.Open(name)
		return &outsideFile{f, d, name}, err
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	n, err := d.begin("open", name)
	if err != nil {
		return nil, err
	}
	return memoryFile{bytes.NewReader(slices.Clone(n.data))}, nil
}

type memoryFile struct{ *bytes.Reader }

func (memoryFile) Close() error { return nil }

// An outsideFile is an open file outside.
type outsideFile struct {
	storage.Object
	d    *disk
	name string
}

func (f *outsideFile) Read(p []byte) (int, error) {
	if err := f.d.real("read", f.name); err != nil {
		return 0, err
	}
	return f.Object.Read(p)
}

func (f *outsideFile) ReadAt(p []byte, offset int64) (int, error) {
	if err := f.d.real("read", f.name); err != nil {
		return 0, err
	}
	return f.Object.ReadAt(p, offset)
}

func (d *disk) Create(name string) (storage.File, error) {
	if outside(name) {
		if err := d.real("create", name); err != nil {
			return nil, err
		}
		return storage.OS.Create(name)
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	dir, err := d.begin("create", path.Dir(name))
	if err != nil {
		return nil, err
	}
	if dir.entries[path.Base(name)] != nil {
		return nil, &fs.PathError{Op: "create", Path: name, Err: fs.ErrExist}
	}
	n := &node{name: path.Base(name), modTime: time.Now()}
	dir.entries[n.name] = n
	return &handle{d, n}, nil
}

func (d *disk) Append(name string) (storage.File, error) {
	if outside(name) {
		if err := d.real("append", name); err != nil {
			return nil, err
		}
		return storage.OS.Append(name)
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	n, err := d.begin("append", name)
	if err != nil {
		return nil, err
	}
	return &handle{d, n}, nil
}

func (d *disk) Rename(from, to string) error {
	if outside(from) {
		if err := d.real("rename", from); err != nil {
			return err
		}
		return storage.OS.Rename(from, to)
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	n, err := d.begin("rename", from)
	if err != nil {
		return err
	}
	target := d.walk(path.Dir(to))
	if target == nil {
		return missing("rename", to)
	}
	delete(d.walk(path.Dir(from)).entries, path.Base(from))
	n.name = path.Base(to)
	target.entries[n.name] = n
	return nil
}

func (d *disk) Remove(name string) error {
	if outside(name) {
		if err := d.real("remove", name); err != nil {
			return err
		}
		return storage.OS.Remove(name)
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	n, err := d.begin("remove", name)
	if err != nil {
		return err
	}
	if len(n.entries) > 0 {
		return &fs.PathError{Op: "remove", Path: name, Err: syscall.ENOTEMPTY}
	}
	delete(d.walk(path.Dir(name)).entries, path.Base(name))
	return nil
}

func (d *disk) MkdirAll(name string) error {
	if outside(name) {
		if err := d.real("mkdir", name); err != nil {
			return err
		}
		return storage.OS.MkdirAll(name)
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	if err := d.step("mkdir", name); err != nil {
		return err
	}
	n := d.root
	for part := range strings.SplitSeq(strings.Trim(path.Clean(name), "/"), "/") {
		next := n.entries[part]
		if next == nil {
			next = newDir()
			next.name = part
			n.entries[part] = next
		}
		n = next
	}
	return nil
}

// OpenDir lists the directory at once: a failure to open it stands for all.
func (d *disk) OpenDir(name string) (storage.Dir, error) {
	if outside(name) {
		if err := d.real("list", name); err != nil {
			return nil, err
		}
		return storage.OS.OpenDir(name)
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	n, err := d.begin("list", name)
	if err != nil {
		return nil, err
	}
	l := &listing{d: d, path: name}
	for _, child := range sortedNames(n.entries) {
		l.entries = append(l.entries, storage.Entry{Name: child, Type: n.entries[child].status().Mode.Type()})
	}
	return l, nil
}

// A listing is an open directory.
type listing struct {
	d       *disk
	path    string
	entries []storage.Entry
}

func (l *listing) Each(do func(storage.Entry) error) error {
	for _, e := range l.entries {
		if err := do(e); err != nil {
			return err
		}
	}
	return nil
}

func (l *listing) Stat(name string) (storage.Status, error) { return l.d.Stat(path.Join(l.path, name)) }

func (l *listing) Close() error { return nil }

func (d *disk) Stat(name string) (storage.Status, error) {
	if outside(name) {
		if err := d.real("stat", name); err != nil {
			return storage.Status{}, err
		}
		return storage.OS.Stat(name)
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	n, err := d.begin("stat", name)
	if err != nil {
		return storage.Status{}, err
	}
	return n.status(), nil
}

// Lstat, Readable, Readlink and Resolve know links outside only: the disk has none.
func (d *disk) Lstat(name string) (storage.Status, error) {
	st, err := d.Stat(name)
	if err == nil && outside(name) {
		return storage.OS.Lstat(name)
	}
	return st, err
}

func (d *disk) Readable(name string) bool {
	_, err := d.Stat(name)
	return err == nil && (!outside(name) || storage.OS.Readable(name))
}

func (d *disk) Readlink(name string) (string, error) {
	if err := d.real("readlink", name); err != nil {
		return "", err
	}
	return storage.OS.Readlink(name)
}

func (d *disk) Resolve(name string) (string, error) {
	_, err := d.Stat(name)
	if err == nil && outside(name) {
		return storage.OS.Resolve(name)
	}
	return name, err
}

func (d *disk) SyncDir(name string) error {
	if outside(name) {
		if err := d.real("sync", name); err != nil {
			return err
		}
		return storage.OS.SyncDir(name)
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	n, err := d.begin("sync", name)
	if err == nil {
		n.syncDir()
	}
	return err
}

// Lock always succeeds: each mount is a separate process, and the previous one is dead.
func (d *disk) Lock(name string, _ []byte) (io.Closer, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	return io.NopCloser(nil), d.step("lock", name)
}

// A handle is an open file.
type handle struct {
	d *disk
	n *node
}

func (h *handle) Write(p []byte) (int, error) {
	h.d.mu.Lock()
	defer h.d.mu.Unlock()
	if err := h.d.step("write", h.n.name); err != nil {
		half := 0
		if h.d.n == h.d.failAt {
			half = len(p) / 2
		}
		h.n.data = append(h.n.data, p[:half]...)
		return half, err
	}
	h.n.data = append(h.n.data, p...)
	h.n.modTime = time.Now()
	return len(p), nil
}

func (h *handle) Truncate(size int64) error {
	h.d.mu.Lock()
	defer h.d.mu.Unlock()
	if err := h.d.step("truncate", h.n.name); err != nil {
		return err
	}
	h.n.data = h.n.data[:size]
	return nil
}

func (h *handle) Sync() error {
	h.d.mu.Lock()
	defer h.d.mu.Unlock()
	if err := h.d.step("fsync", h.n.name); err != nil {
		return err
	}
	h.n.synced = slices.Clone(h.n.data)
	return nil
}

func (h *handle) Close() error {
	h.d.mu.Lock()
	defer h.d.mu.Unlock()
	return h.d.step("close", h.n.name)
}
