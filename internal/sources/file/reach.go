package file

import (
	"path/filepath"
	"strings"

	"github.com/streamctl/streamctl/internal/job"
	"github.com/streamctl/streamctl/internal/storage"
)

// A Reach tells which paths a source reads, be they there or not. All paths that it is asked about are absolute, and resolved by Resolve.
type Reach struct {
	opts     *options
	deep     bool        // every directory is looked through: recursiveFileLookup, or there are partition columns
	patterns [][]segment // of the files and directories that the path names
}

// A segment is one element of a path or pattern.
type segment struct {
	text string
	glob bool
}

func (s segment) match(name string) bool {
	if !s.glob {
		return s.text == name
	}
	return matchName(s.text, name)
}

// NewReach is that of a source with an absolute path, with or without partition columns.
func NewReach(fsys storage.FS, path string, opts job.Options, partitioned bool) (*Reach, error) {
	o, err := parseOptions(opts, nil)
	if err != nil {
		return nil, err
	}
	r := &Reach{opts: o, deep: o.recursive || partitioned}
	t := tree{fsys}
	roots, err := t.roots(path) // what links in a glob lead to
	for _, root := range roots {
		r.patterns = append(r.patterns, literalSegments(t.resolve(root)))
	}
	if err != nil || !isGlob(path) {
		return r, err
	}
	g, err := compileGlob(path)
	if err != nil {
		return nil, err
	}
	for _, p := range g.patterns {
		r.patterns = append(r.patterns, t.globSegments(p))
	}
	return r, nil
}

func elements(path string) []string {
	return strings.FieldsFunc(filepath.Clean(path), func(c rune) bool { return c == '/' })
}

func literalSegments(path string) []segment {
	var out []segment
	for _, name := range elements(path) {
		out = append(out, segment{text: name})
	}
	return out
}

// globSegments resolves the part before the first wildcard.
func (t tree) globSegments(pattern string) []segment {
	names := elements(pattern)
	fixed := 0
	for fixed < len(names) && !isGlob(names[fixed]) {
		fixed++
	}
	out := literalSegments(t.resolve("/" + strings.Join(names[:fixed], "/")))
	for _, name := range names[fixed:] {
		out = append(out, segment{name, isGlob(name)})
	}
	return out
}

// Reads reports whether the source would read a file.
func (r *Reach) Reads(file string) bool {
	return r.any(func(p []segment) bool { return r.reads(p, elements(file), false, r.deep) })
}

// ReadsBelow reports whether the source would read files of any name in a directory; with deep also those in partition directories there,
// which make the next start look through every directory.
func (r *Reach) ReadsBelow(dir string, deep bool) bool {
	return r.any(func(p []segment) bool { return r.reads(p, append(elements(dir), "any"), true, r.deep || deep) })
}

// Within reports whether what the source reads lies below a directory.
func (r *Reach) Within(dir string) bool {
	names := elements(dir)
	return r.any(func(p []segment) bool { return len(p) > len(names) && agree(p, names) })
}

// Touches reports whether the source's path and a directory agree as far as both go: one then lies within the other. (Spark:
// FileStreamSource.SourceFileArchiver.)
func (r *Reach) Touches(dir string) bool {
	return r.any(func(p []segment) bool { return agree(p, elements(dir)) })
}

func (r *Reach) any(holds func(p []segment) bool) bool {
	for _, p := range r.patterns {
		if holds(p) {
			return true
		}
	}
	return false
}

func agree(p []segment, names []string) bool {
	for i := range min(len(p), len(names)) {
		if !p[i].match(names[i]) {
			return false
		}
	}
	return true
}

// reads reports whether a source of the path p reads a file, whose name counts unless it may be any.
func (r *Reach) reads(p []segment, file []string, anyName, deep bool) bool {
	dirs, name := file[:len(file)-1], file[len(file)-1]
	if !agree(p, dirs) {
		return false
	}
	if len(p) > len(dirs) {
		return anyName && p[len(dirs)].glob || len(p) == len(file) && p[len(dirs)].match(name)
	}
	for _, d := range dirs[len(p):] {
		deep = deep || strings.Contains(d, "=")
		if !deep || r.opts.hiddenDir(d) {
			return false
		}
	}
	return anyName || !r.opts.hiddenFile(name) && (r.opts.nameFilter == nil || r.opts.nameFilter.match(name))
}

// Resolve follows the links of an absolute path as far as it exists; the rest stays as it is.
func Resolve(fsys storage.FS, path string) string { return tree{fsys}.resolve(path) }
