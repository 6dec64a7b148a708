package file

import (
	"errors"
	"path/filepath"
	"slices"
	"strings"

	"github.com/streamctl/streamctl/internal/checkpoint"
	"github.com/streamctl/streamctl/internal/storage"
	"github.com/streamctl/streamctl/internal/types"
)

// A discovery looks for the directories k=v of a source when a stream is defined.
type discovery struct {
	tree
	opts   *options
	schema *types.Schema // nil: names nothing
	glob   bool          // the path is a glob: what it matches need not be readable
	strict bool          // directories that disagree are an error whatever the schema names, as in Spark
	alone  bool          // data that does not lie in directories k=v ends the look
	base   int
	links  map[string]bool
	bases  map[string]bool    // paths above the partition directories
	found  [][]partitionValue // of each directory with data
	paths  []string
}

// everything looks through all that is below the roots, as Spark does.
func (d *discovery) everything(roots []string) error {
	d.strict = true
	return d.roots(roots)
}

// bounded looks as far as it must, so that a query on a directory such as /tmp starts at once:
//
//   - The directories that the path names are looked at first. When they hold both data and directories k=v, these are partitions
//     only if the schema names the column of one: Spark would read none of the data.
//   - Without directories k=v there, they are looked for level by level, until a level has some, or data.
//   - Where directories k=v count, everything is looked through, as in Spark: all values together decide on the types. Those below
//     others, whose columns the schema does not name, count only if all data lies in them; the first that does not ends the look.
//   - No more than maxLook directories are looked at in search of them.
func (d *discovery) bounded(roots []string) error {
	level, err := d.look(roots, true)
	if err != nil {
		return err
	}
	if len(level.partitions) > 0 && level.data && !level.named(d.schema) {
		return nil
	}
	links, looked := map[string]bool{}, 0
	for len(level.partitions) == 0 {
		dirs := level.follow(d.tree, links)
		looked += len(dirs)
		if level.data || len(dirs) == 0 || looked > maxLook {
			return d.logs(roots)
		}
		if level, err = d.look(dirs, false); err != nil {
			return err
		}
		if level.data {
			level.partitions = nil
		}
	}
	d.alone = looked > 0 && !level.named(d.schema)
	err = d.roots(roots)
	if errors.Is(err, errEnough) {
		d.found, err = nil, nil
	}
	return err
}

// maxLook is how many directories are looked at in search of the first ones named k=v.
const maxLook = 1000

// namesPartition reports whether a schema names the column of a directory k=v.
func namesPartition(schema *types.Schema, dir string) bool {
	name, _, _ := strings.Cut(dir, "=")
	return fieldNamed(schema, unescape(name)) != nil
}

// A level is what directories of the same depth hold.
type level struct {
	data       bool     // files that are not empty
	partitions []string // names of directories k=v
	dirs       []string // paths of the others
	links      []string // paths of links to others
}

// named reports whether a schema names the column of one of the directories k=v.
func (l *level) named(schema *types.Schema) bool {
	return slices.ContainsFunc(l.partitions, func(name string) bool { return namesPartition(schema, name) })
}

// follow returns the directories of the next level; links can make circles.
func (l *level) follow(t tree, links map[string]bool) []string {
	for _, path := range l.links {
		if t.follow(links, path) {
			l.dirs = append(l.dirs, path)
		}
	}
	return l.dirs
}

// look looks at directories of one level: at the roots to their ends, at others until the first data. What cannot be read has no say, but
// a root that the user named must be readable.
func (d *discovery) look(dirs []string, roots bool) (level, error) {
	var l level
	for _, dir := range dirs {
		err := d.lookInto(dir, &l, roots)
		if errors.Is(err, errEnough) {
			break
		}
		if err != nil && roots && !d.glob {
			return l, unreadable(err)
		}
	}
	return l, nil
}

// errEnough ends the look into a directory.
var errEnough = errors.New("data was found")

func (d *discovery) lookInto(path string, l *level, all bool) error {
	st, err := d.Stat(path)
	if err != nil {
		return ignoreMissing(err)
	}
	if !st.IsDir() {
		l.data = l.data || !d.opts.hiddenFile(filepath.Base(path)) && d.isData(filepath.Split(path))
		return nil
	}
	if d.logged(path) {
		return nil
	}
	dir, err := d.OpenDir(path)
	if err != nil {
		return ignoreMissing(err)
	}
	defer dir.Close()
	return dir.Each(func(e storage.Entry) error {
		switch {
		case d.isDir(path, e):
			l.directory(path, e, d.opts)
		case !l.data && !d.opts.hiddenFile(e.Name) && d.isData(path, e.Name):
			if l.data = true; !all {
				return errEnough
			}
		}
		return nil
	})
}

func (l *level) directory(dir string, e storage.Entry, o *options) {
	switch {
	case o.hiddenDir(e.Name):
	case strings.Contains(e.Name, "="):
		l.partitions = append(l.partitions, e.Name)
	case e.IsLink():
		l.links = append(l.links, below(dir, e.Name))
	default:
		l.dirs = append(l.dirs, below(dir, e.Name))
	}
}

// logs takes the files that the logs of sinks name.
func (d *discovery) logs(roots []string) error {
	return d.roots(slices.DeleteFunc(roots, func(r string) bool { return !d.logged(r) }))
}

func (d *discovery) roots(paths []string) error {
	for _, path := range paths {
		if err := d.root(path); err != nil {
			return err
		}
	}
	return nil
}

func (d *discovery) root(path string) error {
	if st, err := d.Stat(path); err != nil || !st.IsDir() {
		return nil
	}
	if !d.logged(path) {
		err := d.dir(path)
		if d.glob && !errors.Is(err, errEnough) {
			return nil
		}
		return ignoreMissing(unreadable(err))
	}
	files, err := checkpoint.ReadSinkLog(d.FS, path)
	for _, f := range files {
		d.add(f.Path)
	}
	return err
}

// dir looks through a directory: it may be huge, and most have no subdirectories at all.
func (d *discovery) dir(path string) error {
	dir, err := d.OpenDir(path)
	if err != nil {
		return err
	}
	defer dir.Close()
	values, _ := partitionsOf(filepath.Join(path, "x"), d.base)
	hasData := false
	err = dir.Each(func(e storage.Entry) error {
		switch {
		case !e.Type.IsRegular():
			return d.subdirectory(path, e)
		case hasData || len(values) == 0 && !d.alone || d.opts.hiddenFile(e.Name):
		case d.isData(path, e.Name):
			if hasData = true; len(values) == 0 {
				return errEnough
			}
		}
		return nil
	})
	if hasData {
		d.add(filepath.Join(path, "x"))
	}
	return err
}

// subdirectory goes into a directory. One that cannot be read has no say: the lister tells of it when the query runs.
func (d *discovery) subdirectory(dir string, e storage.Entry) error {
	if d.opts.hiddenDir(e.Name) || !d.isDir(dir, e) {
		return nil
	}
	path := filepath.Join(dir, e.Name)
	if e.IsLink() && !d.follow(d.links, path) {
		return nil
	}
	if err := d.dir(path); errors.Is(err, errEnough) {
		return err
	}
	return nil
}

func (d *discovery) isData(dir, name string) bool {
	if f := d.opts.nameFilter; f != nil && !f.match(name) {
		return false
	}
	st, err := d.Stat(filepath.Join(dir, name))
	return err == nil && st.IsRegular() && st.Size > 0
}

func (d *discovery) add(file string) {
	values, before := partitionsOf(file, d.base)
	if len(values) == 0 {
		return
	}
	dirs := strings.Split(filepath.Dir(file), "/")
	d.bases[strings.ToLower(strings.Join(dirs[:before+1], "/"))] = true
	d.found = append(d.found, values)
	d.paths = append(d.paths, filepath.Dir(file))
}
