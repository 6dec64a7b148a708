package file

import (
	"path/filepath"

	"github.com/streamctl/streamctl/internal/checkpoint"
	"github.com/streamctl/streamctl/internal/storage"
)

// A tree answers questions about files and directories in a storage.
type tree struct{ storage.FS }

// isDir reports whether an entry of a directory is a directory, or a link to one.
func (t tree) isDir(dir string, e storage.Entry) bool {
	if !e.IsLink() {
		return e.Type.IsDir()
	}
	st, err := t.Stat(filepath.Join(dir, e.Name))
	return err == nil && st.IsDir()
}

// logged reports whether a directory is the output of a file sink, whose log says which files count.
func (t tree) logged(dir string) bool {
	_, err := t.Stat(filepath.Join(dir, checkpoint.SinkLogDir))
	return err == nil
}

// readable reports whether the file at path, whose status is st, may be read. If everyone may read it, that takes no system call.
func (t tree) readable(path string, st *storage.Status) bool {
	return st.Mode.Perm()&0o004 != 0 || t.Readable(path)
}

// follow reports whether a link to a directory was not followed before: links can form cycles.
func (t tree) follow(links map[string]bool, path string) bool {
	target, err := t.Resolve(path)
	if err != nil || links[target] {
		return false
	}
	links[target] = true
	return true
}

// resolve follows the links of an absolute path as far as it exists; the rest stays as it is.
func (t tree) resolve(path string) string {
	for links := 0; links < maxLinks; links++ {
		target, err := t.Resolve(path)
		if err == nil {
			return target
		}
		parent := filepath.Dir(path)
		if parent == path {
			return path
		}
		parent = t.resolve(parent)
		target, err = t.Readlink(path)
		if err != nil {
			return filepath.Join(parent, filepath.Base(path))
		}
		if path = target; !filepath.IsAbs(target) { // a link to what does not exist yet
			path = filepath.Join(parent, target)
		}
	}
	return path
}

// maxLinks bounds a chain of links, which can form a cycle.
const maxLinks = 40

// names returns the names in a directory in the order of the storage, which is that of Spark's batches.
func (t tree) names(dir string) ([]string, error) { return storage.Names(t.FS, dir) }
