package file

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/streamctl/streamctl/internal/atomicfile"
	"github.com/streamctl/streamctl/internal/checkpoint"
	"github.com/streamctl/streamctl/internal/codec"
	"github.com/streamctl/streamctl/internal/sparkerr"
)

// A candidate is a file as it was listed.
type candidate struct {
	path    string
	size    int64
	modTime time.Time
}

func (c *candidate) millis() int64 { return c.modTime.UnixMilli() }

// A lister finds the files of a source by Spark's rules.
type lister struct {
	path    string // absolute
	pattern *glob  // nil: path is a directory or one file
	opts    *options
	isNew   func(path string) bool // false: the file need not be looked at
	// partitioned: there are partition columns
	partitioned bool

	top   string // the root being listed
	found []candidate
	dirs  map[string]time.Time // directories that were looked through, with their modification times
	links map[string]bool      // targets of links to directories, against cycles
}

func newLister(path string, opts *options) (*lister, error) {
	l := &lister{path: path, opts: opts, isNew: func(string) bool { return true }}
	if !isGlob(path) {
		return l, nil
	}
	var err error
	l.pattern, err = compileGlob(path)
	return l, err
}

// list finds the files that are new, in no order. The result is the caller's.
func (l *lister) list() ([]candidate, error) {
	l.dirs, l.links = map[string]time.Time{}, map[string]bool{}
	defer func() { l.found = nil }()
	if l.pattern == nil {
		err := l.root(l.path)
		return l.found, err
	}
	paths, err := l.pattern.expand(l.looked)
	if err != nil {
		return nil, unreadable(err)
	}
	for _, p := range paths {
		if err := l.root(p); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return nil, err
		}
	}
	return l.found, nil
}

// looked remembers that a change of a directory can change the list.
func (l *lister) looked(dir string) {
	if _, ok := l.dirs[dir]; ok {
		return
	}
	if info, err := os.Stat(dir); err == nil {
		l.dirs[dir] = info.ModTime()
	}
}

// root lists one directory or file that the path names. The rule for hidden names does not apply to a directory.
func (l *lister) root(path string) error {
	info, err := os.Stat(path)
	if err != nil {
		return gone(path, err)
	}
	if !info.IsDir() {
		l.looked(filepath.Dir(path))
		if l.pattern == nil || !l.opts.hiddenFile(filepath.Base(path)) { // Spark takes no file but by a glob
			l.add(path, info)
		}
		return nil
	}
	if _, err := os.Stat(filepath.Join(path, checkpoint.SinkLogDir)); err == nil {
		return l.sinkOutput(path)
	}
	l.top = path
	return l.dir(path)
}

// sinkOutput lists the output of a streaming file sink: its log says which files count.
func (l *lister) sinkOutput(dir string) error {
	l.looked(filepath.Join(dir, checkpoint.SinkLogDir))
	files, err := checkpoint.ReadSinkLog(atomicfile.OS, dir)
	if err != nil {
		return err
	}
	for _, f := range files {
		if l.isNew(f.Path) && l.wanted(filepath.Base(f.Path)) {
			l.found = append(l.found, candidate{f.Path, f.Size, time.UnixMilli(f.ModTime)})
		}
	}
	return nil
}

// dir lists the children of a directory: their names first, then what they are.
func (l *lister) dir(path string) error {
	l.looked(path)
	d, err := os.Open(path)
	if err != nil {
		return gone(path, err)
	}
	defer d.Close()
	first := len(l.found)
	var subdirs []entry
	err = eachEntry(d, path, func(e entry) error {
		switch {
		case l.opts.hiddenAnyway(e.name):
		case e.isDir(path):
			if !l.opts.hiddenDir(e.name) {
				subdirs = append(subdirs, e)
			}
		case l.opts.hiddenFile(e.name) || !l.wanted(e.name):
		default:
			if file := below(path, e.name); l.isNew(file) {
				l.found = append(l.found, candidate{path: file})
			}
		}
		return nil
	})
	if err != nil {
		return gone(path, err)
	}
	l.lookAt(int(d.Fd()), first)
	for _, e := range subdirs {
		if err := l.subdirectory(below(path, e.name), e); err != nil {
			return err
		}
	}
	return nil
}

func below(dir, name string) string { return strings.TrimSuffix(dir, "/") + "/" + name }

// lookAt finds size and time of what was found from a position on in the directory open as fd, and drops what is no file.
func (l *lister) lookAt(fd, first int) {
	found := l.found[first:]
	inParallel(len(found), func(i int) {
		c := &found[i]
		st, err := statAt(fd, filepath.Base(c.path))
		if err != nil || !st.regular { // gone since, or a link to nowhere
			c.path = ""
			return
		}
		c.size, c.modTime = st.size, st.modTime
	})
	found = slices.DeleteFunc(found, func(c candidate) bool { return c.path == "" })
	l.found = l.found[:first+len(found)]
}

// subdirectory is looked through when asked to, and when it is a partition k=v or below one. In a source that has partition
// columns every directory is, as in Spark.
func (l *lister) subdirectory(path string, e entry) error {
	if !l.opts.recursive && !l.partitioned && !strings.Contains(path[len(l.top):], "=") {
		return nil
	}
	if e.isLink() && !follow(l.links, path) {
		return nil
	}
	if err := l.dir(path); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	return nil
}

// add takes a file in, if it is one that can be read to an end.
func (l *lister) add(path string, info fs.FileInfo) {
	if info.Mode().IsRegular() && l.isNew(path) && l.wanted(filepath.Base(path)) {
		l.found = append(l.found, candidate{path, info.Size(), info.ModTime()})
	}
}

func (l *lister) wanted(name string) bool {
	return l.opts.nameFilter == nil || l.opts.nameFilter.match(name)
}

func (l *lister) wantedPath(path string) bool { return l.wanted(filepath.Base(path)) }

// direct reports whether a path is a file that list would find just below the one directory of the source, or in one of its
// partition directories: then a notification is enough and nothing needs to be listed.
func (l *lister) direct(path string) bool {
	dir := filepath.Dir(path)
	return l.pattern == nil && !l.opts.recursive && (dir == l.path || strings.Contains(filepath.Base(dir), "="))
}

// Check finds what is wrong with the path of a source when a stream is defined. A glob may match nothing yet.
func Check(path string) error {
	if isGlob(path) {
		return nil
	}
	info, err := os.Stat(path)
	if err != nil {
		return &sparkerr.Error{Condition: "PATH_NOT_FOUND", Params: map[string]string{"path": codec.FileURI(path)}, Cause: err}
	}
	if !info.IsDir() && !info.Mode().IsRegular() {
		return sparkerr.Plain("%s is neither a directory nor a regular file", path).
			WithHint("standard input reads pipes and devices: streamctl file - < %s", path)
	}
	return nil
}

// gone turns the error of a directory that was there when the query was defined into one for the user.
func gone(path string, err error) error {
	if errors.Is(err, fs.ErrNotExist) {
		return &sparkerr.Error{
			Condition: "PATH_NOT_FOUND", Params: map[string]string{"path": "file:" + path}, Cause: err,
			Text: fmt.Sprintf("The path %s is not there any more: it was removed or renamed while the query was running.", path),
			Hint: "make the directory again and start the query once more; a checkpoint lets it go on where it stopped",
		}
	}
	return unreadable(err)
}

// unreadable is the error for what the system does not let us see.
func unreadable(err error) error {
	var p *fs.PathError
	if errors.As(err, &p) {
		return &sparkerr.Error{Text: "cannot list " + p.Path + ": " + p.Err.Error(), Cause: err}
	}
	return err
}
