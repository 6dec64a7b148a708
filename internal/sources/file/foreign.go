package file

import (
	"path/filepath"
	"slices"
	"strings"
)

// foreign says why a file of the log cannot be one of the source; "" when it can. The output of a file sink may have been moved since
// its log was written.
func (l *lister) foreign(path string) string {
	if l.pattern == nil {
		if within(path, l.path) || l.logged(l.path) || l.sameDirectory(path, l.path) {
			return ""
		}
		return "the path " + path + " lies outside of the source " + l.path
	}
	if l.pattern.leads(path) || l.matchesLogged() {
		return ""
	}
	return "the path " + path + " does not match the source " + l.path
}

// sameDirectory reports that a path lies in a directory by another name of it. A file that is gone is taken to lie where its directory is.
func (t tree) sameDirectory(path, dir string) bool {
	in, err := t.Resolve(filepath.Dir(path))
	if err != nil {
		return false
	}
	dir, err = t.Resolve(dir)
	return err == nil && (within(in, dir) || filepath.Join(in, filepath.Base(path)) == dir)
}

// matchesLogged reports that the pattern matches the output of a file sink.
func (l *lister) matchesLogged() bool {
	paths, err := l.pattern.expand(globWalk{tree: l.tree})
	return err != nil || slices.ContainsFunc(paths, l.logged)
}

// leads reports whether a path, or a directory above it, matches the pattern of absolute paths.
func (g *glob) leads(path string) bool {
	return slices.ContainsFunc(g.patterns, func(p string) bool {
		rest := path
		for p != "" {
			var element, name string
			element, p, _ = strings.Cut(strings.TrimLeft(p, "/"), "/")
			name, rest, _ = strings.Cut(strings.TrimLeft(rest, "/"), "/")
			if name == "" || !matchName(element, name) {
				return false
			}
		}
		return true
	})
}
