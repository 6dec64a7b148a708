package file

import (
	"errors"
	"io/fs"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/streamctl/streamctl/internal/codec"
	"github.com/streamctl/streamctl/internal/halt"
	"github.com/streamctl/streamctl/internal/sparkerr"
	"github.com/streamctl/streamctl/internal/storage"
)

// A candidate is a file with the size and time that a listing found.
type candidate struct {
	path    string
	size    int64
	modTime time.Time
}

func (c *candidate) millis() int64 { return millisOf(c.modTime) }

// millisOf converts a time to the milliseconds that the log holds, which are never negative.
func millisOf(t time.Time) int64 { return max(0, t.UnixMilli()) }

// A lister finds the files of a source by Spark's rules.
type lister struct {
	tree
	path    string // absolute
	pattern *glob  // nil: path is a directory or one file
	opts    *options
	isNew   func(path string) bool // reports whether a file may be new; others are not looked at
	written []string               // what the query writes: links to it are not followed
	layout  layout
	compare func(path string, now storage.Status) // receives the files that are not new; nil if nothing is known about them

	steps halt.Steps            // one for each entry
	count func(found int) error // receives the number of files found so far; nil: nothing counts them

	top   string // the root being listed
	found []candidate
	known bool                 // some files are not new
	old   []string             // some of them, to be compared
	dirs  map[string]time.Time // directories that were looked through, with their modification times
	links map[string]bool      // targets of links to directories, against cycles
	left  leftOut

	besides map[string]bool // outputs of file sinks that were searched for other files
}

func newLister(t tree, path string, opts *options, of layout) (*lister, error) {
	l := &lister{tree: t, path: path, opts: opts, isNew: func(string) bool { return true }, layout: of}
	var err error
	if l.layout.base, err = opts.partitionBase(t, path); err != nil || !isGlob(path) {
		return l, err
	}
	l.pattern, err = compileGlob(path)
	return l, err
}

// list returns the new files, in no particular order. The caller owns the result.
func (l *lister) list() ([]candidate, error) {
	l.dirs, l.links, l.left, l.known = map[string]time.Time{}, map[string]bool{}, leftOut{}, false
	defer func() { l.found = nil }()
	if l.pattern == nil {
		err := l.root(l.path)
		return l.found, err
	}
	paths, err := l.pattern.expand(globWalk{tree: l.tree, visit: l.looked, barred: func(path string, err error) { l.left.bar(barredDirectory, path, err) }})
	if err != nil {
		return nil, unreadable(err)
	}
	for _, p := range paths {
		err := l.root(p)
		switch {
		case errors.Is(err, fs.ErrPermission):
			l.left.bar(barredDirectory, p, err)
		case err != nil && !errors.Is(err, fs.ErrNotExist):
			return nil, err
		}
	}
	return l.found, nil
}

// looked records a directory whose changes can change the list.
func (l *lister) looked(dir string) {
	if _, ok := l.dirs[dir]; ok {
		return
	}
	if st, err := l.Stat(dir); err == nil {
		l.dirs[dir] = st.ModTime
	}
}

// root lists a directory or file that the path names. The rule for hidden names does not apply to that directory itself.
func (l *lister) root(path string) error {
	st, err := l.Stat(path)
	if err != nil {
		return gone(path, err)
	}
	if !st.IsDir() {
		l.looked(filepath.Dir(path))
		l.file(path, &st)
		return nil
	}
	if l.logged(path) {
		return l.sinkOutput(path)
	}
	l.top = path
	return l.dir(path)
}

// dir lists the children of a directory: first their names, then their sizes and times.
func (l *lister) dir(path string) error {
	l.looked(path)
	d, err := l.OpenDir(path)
	if err != nil {
		return gone(path, err)
	}
	defer d.Close()
	first := len(l.found)
	misfit, misfits := l.layout.misfit(path)
	var subdirs []storage.Entry
	err = d.Each(func(e storage.Entry) error {
		l.steps.Take(1)
		switch {
		case l.opts.hiddenAnyway(e.Name):
			l.left.add(hiddenName, path, e.Name)
		case l.isDir(path, e):
			if l.opts.hiddenDir(e.Name) {
				l.left.add(hiddenName, path, e.Name)
			} else {
				subdirs = append(subdirs, e)
			}
		case l.opts.hiddenFile(e.Name):
			l.left.add(hiddenName, path, e.Name)
		case !l.wanted(e.Name):
			l.left.add(filteredName, path, e.Name)
		default:
			switch file := below(path, e.Name); {
			case !l.isNew(file):
				l.notNew(d, file)
			case misfits:
				l.left.add(misfit, path, e.Name)
			default:
				l.found = append(l.found, candidate{path: file})
				l.counted()
			}
		}
		return nil
	})
	if err != nil {
		return gone(path, err)
	}
	l.compareOld(d)
	l.lookAt(d, first)
	for _, e := range subdirs {
		l.subdirectory(path, e)
	}
	return nil
}

// counted reports the number of files from time to time. If they do not fit into memory, the listing ends with a halt.Panic.
func (l *lister) counted() {
	if n := len(l.found); l.count != nil && n%countedAtOnce == 0 {
		if err := l.count(n); err != nil {
			panic(halt.Panic{Err: err})
		}
	}
}

func below(dir, name string) string { return strings.TrimSuffix(dir, "/") + "/" + name }

// lookAt gets the size and time of the files found from a position on, all of which are in dir. It drops those that are not regular files or
// may not be read.
func (l *lister) lookAt(dir storage.Dir, first int) {
	found := l.found[first:]
	why := make([]reason, len(found))
	inParallel(len(found), func(i int) {
		c := &found[i]
		st, err := dir.Stat(filepath.Base(c.path))
		switch {
		case errors.Is(err, fs.ErrPermission):
			why[i] = barredFile
		case err != nil:
			why[i] = danglingLink // or gone since
		case !st.IsRegular():
			why[i] = noFile
		case !l.readable(c.path, &st):
			why[i] = barredFile
		default:
			c.size, c.modTime = st.Size, st.ModTime
		}
	})
	kept := found[:0]
	for i, c := range found {
		switch why[i] {
		case 0:
			kept = append(kept, c)
		case barredFile:
			l.left.bar(barredFile, c.path, fs.ErrPermission)
		default:
			l.left.add(why[i], "", c.path)
		}
	}
	l.found = l.found[:first+len(kept)]
}

// comparedAtOnce is the number of files whose status is read before they are compared.
const comparedAtOnce = 8192

// notNew remembers a file of the directory open as dir, which is nil if it is not open.
func (l *lister) notNew(dir storage.Dir, path string) {
	l.known = true
	if l.compare == nil {
		return
	}
	if l.old = append(l.old, path); len(l.old) == comparedAtOnce {
		l.compareOld(dir)
	}
}

// compareOld passes the current status of the remembered files to compare, except for files that no longer exist.
func (l *lister) compareOld(dir storage.Dir) {
	now := make([]storage.Status, len(l.old))
	inParallel(len(now), func(i int) {
		if path := l.old[i]; dir == nil {
			now[i], _ = l.Stat(path)
		} else {
			now[i], _ = dir.Stat(path[strings.LastIndexByte(path, '/')+1:])
		}
	})
	for i, path := range l.old {
		if now[i].IsRegular() {
			l.compare(path, now[i])
		}
	}
	l.old = l.old[:0]
}

// subdirectory lists a directory if recursiveFileLookup asks for it, or if it is a partition k=v or below one. As in Spark, a source with
// partition columns lists every directory.
func (l *lister) subdirectory(dir string, e storage.Entry) {
	path := below(dir, e.Name)
	if !l.opts.recursive && !l.layout.partitioned() && !strings.Contains(dir[len(l.top):], "=") {
		if !strings.Contains(e.Name, "=") {
			l.notRead(path)
			return
		}
		if !l.layout.takes(e.Name) {
			l.left.add(notPartition, "", path)
			return
		}
	}
	if e.IsLink() && (l.leadsToOutput(path) || !l.follow(l.links, path)) {
		return
	}
	if err := l.dir(path); err != nil && !errors.Is(err, fs.ErrNotExist) {
		l.left.bar(barredDirectory, path, err)
	}
}

// leadsToOutput reports whether a link leads to what the query itself writes, or to a directory above it, and counts such links.
func (l *lister) leadsToOutput(link string) bool {
	target := l.resolve(link)
	leads := slices.ContainsFunc(l.written, func(path string) bool { return within(path, target) || within(target, path) })
	if leads {
		l.left.add(ownOutput, "", link)
	}
	return leads
}

// notRead counts a subdirectory that this source does not read. One that is also inaccessible is reported all the same, since a user may look for its
// files.
func (l *lister) notRead(path string) {
	l.left.add(subdirectory, "", path)
	if l.left.names[subdirectory].count < maxLook && !l.Readable(path) {
		l.left.add(barredDirectory, "", path)
		l.left.err = fs.ErrPermission
	}
}

// file handles a file that the path names. Spark accepts files only from a glob. A file that the user named must be readable.
func (l *lister) file(path string, st *storage.Status) {
	name := filepath.Base(path)
	switch {
	case l.pattern != nil && l.opts.hiddenFile(name):
		l.left.add(hiddenName, "", path)
	case !st.IsRegular():
		l.left.add(noFile, "", path)
	case !l.wanted(name):
		l.left.add(filteredName, "", path)
	case !l.isNew(path):
		l.notNew(nil, path)
		l.compareOld(nil)
	case l.pattern != nil && !l.Readable(path):
		l.left.bar(barredFile, path, fs.ErrPermission)
	default:
		l.found = append(l.found, candidate{path, st.Size, st.ModTime})
	}
}

func (l *lister) wanted(name string) bool {
	return l.opts.nameFilter == nil || l.opts.nameFilter.match(name)
}

// takes reports whether list would find the regular file at path, which a notification named.
func (l *lister) takes(path string) bool {
	name := filepath.Base(path)
	if l.opts.hiddenFile(name) || !l.wanted(name) {
		return false
	}
	if why, misfits := l.layout.misfit(filepath.Dir(path)); misfits {
		l.left.add(why, "", path)
		return false
	}
	if !l.Readable(path) {
		l.left.bar(barredFile, path, fs.ErrPermission)
		return false
	}
	return true
}

// direct reports whether list would find the file at path directly in the only directory of the source, or in one of its partition
// directories. A notification about such a file makes a listing unnecessary.
func (l *lister) direct(path string) bool {
	dir := filepath.Dir(path)
	return l.pattern == nil && !l.opts.recursive && (dir == l.path || strings.Contains(filepath.Base(dir), "="))
}

// Check finds what is wrong with the path of a source when a stream is defined. A glob may match nothing yet.
func Check(fsys storage.FS, path string) error {
	if isGlob(path) {
		_, err := compileGlob(path)
		return tree{fsys}.withLiteral(path, err)
	}
	st, err := fsys.Stat(path)
	if err != nil {
		return &sparkerr.Error{Condition: "PATH_NOT_FOUND", Params: map[string]string{"path": codec.FileURI(path)}, Cause: err}
	}
	if !st.IsDir() && !st.IsRegular() {
		return sparkerr.Plain("%s is neither a directory nor a regular file", path).
			WithHint("standard input reads pipes and devices: streamctl file - < %s", path)
	}
	return nil
}
