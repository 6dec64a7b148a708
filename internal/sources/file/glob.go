package file

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/streamctl/streamctl/internal/sparkerr"
)

// isGlob reports whether a path is a pattern (Spark: SparkHadoopUtil.isGlobPath).
func isGlob(path string) bool { return strings.ContainsAny(path, globCharacters) }

const globCharacters = `{}[]*?\`

// A glob is a pattern of Hadoop's grammar: ? and * within a name, [abc] [a-z] [^a], \c, {a,b{c,d}}.
type glob struct{ patterns []string } // without braces

func compileGlob(pattern string) (*glob, error) {
	list, err := expandBraces(pattern)
	if err != nil {
		return nil, err
	}
	for _, p := range list {
		if _, err := matchName(p, ""); err != nil {
			return nil, err
		}
	}
	return &glob{list}, nil
}

// expandBraces turns a pattern with alternatives into patterns without.
func expandBraces(p string) ([]string, error) {
	open := indexOutside(p, '{')
	if open < 0 {
		return []string{p}, nil
	}
	depth, start := 0, open+1
	var parts []string
	for i := open; i < len(p); i++ {
		switch p[i] {
		case '\\':
			i++
		case '{':
			depth++
		case ',':
			if depth == 1 {
				parts = append(parts, p[start:i])
				start = i + 1
			}
		case '}':
			if depth--; depth == 0 {
				return combine(p[:open], append(parts, p[start:i]), p[i+1:])
			}
		}
	}
	return nil, badPattern(p, "an opening { has no }")
}

func combine(head string, parts []string, tail string) ([]string, error) {
	var out []string
	for _, part := range parts {
		more, err := expandBraces(head + part + tail)
		if err != nil {
			return nil, err
		}
		out = append(out, more...)
	}
	return out, nil
}

// indexOutside finds c where it is not escaped.
func indexOutside(p string, c byte) int {
	for i := 0; i < len(p); i++ {
		if p[i] == '\\' {
			i++
		} else if p[i] == c {
			return i
		}
	}
	return -1
}

func badPattern(p, what string) error {
	return sparkerr.Plain("Illegal file pattern %s: %s", p, what)
}

// match reports whether a file name matches.
func (g *glob) match(name string) bool {
	return slices.ContainsFunc(g.patterns, func(p string) bool {
		ok, _ := matchName(p, name)
		return ok
	})
}

// matchName matches one name against one pattern without braces.
func matchName(p, name string) (bool, error) {
	for len(p) > 0 {
		switch p[0] {
		case '*':
			for len(p) > 0 && p[0] == '*' {
				p = p[1:]
			}
			for i := 0; ; i++ {
				ok, err := matchName(p, name[i:])
				if ok || err != nil || i == len(name) {
					return ok, err
				}
			}
		case '[':
			ok, rest, n, err := matchSet(p, name)
			if err != nil {
				return false, err
			}
			if !ok {
				_, err := matchName(rest, "") // the rest must be well formed all the same
				return false, err
			}
			p, name = rest, name[n:]
			continue
		}
		want, n := utf8.DecodeRuneInString(p)
		if want == '\\' {
			if len(p) == 1 {
				return false, badPattern(p, "it ends with a \\")
			}
			p = p[1:]
			_, n = utf8.DecodeRuneInString(p)
		}
		_, m := utf8.DecodeRuneInString(name)
		if m == 0 || want != '?' && p[:n] != name[:m] {
			_, err := matchName(p[n:], "")
			return false, err
		}
		p, name = p[n:], name[m:]
	}
	return name == "", nil
}

// matchSet matches the first rune of name against the set that p begins with; rest is the pattern behind the set.
func matchSet(p, name string) (ok bool, rest string, n int, err error) {
	r, n := utf8.DecodeRuneInString(name)
	i := 1
	negate := i < len(p) && (p[i] == '^' || p[i] == '!')
	if negate {
		i++
	}
	for first := true; ; first = false {
		if i >= len(p) {
			return false, "", 0, badPattern(p, "an opening [ has no ]")
		}
		if p[i] == ']' && !first {
			return n > 0 && ok != negate, p[i+1:], n, nil
		}
		lo, hi, next := setRange(p, i)
		ok = ok || lo <= r && r <= hi
		i = next
	}
}

// setRange reads a rune or a range of a set at p[i].
func setRange(p string, i int) (lo, hi rune, next int) {
	lo, i = setRune(p, i)
	if i+1 < len(p) && p[i] == '-' && p[i+1] != ']' {
		hi, i = setRune(p, i+1)
		return lo, hi, i
	}
	return lo, lo, i
}

func setRune(p string, i int) (rune, int) {
	if p[i] == '\\' && i+1 < len(p) {
		i++
	}
	r, n := utf8.DecodeRuneInString(p[i:])
	return r, i + n
}

// A globWalk is what those who expand a glob want to know beside the paths. Both functions may be nil.
type globWalk struct {
	visit  func(dir string)             // a directory was looked through: its changes can change the list
	barred func(path string, err error) // what a wildcard matched cannot be looked into; without the function that is an error
}

// expand lists the paths that match, sorted.
func (g *glob) expand(w globWalk) ([]string, error) {
	if w.visit == nil {
		w.visit = func(string) {}
	}
	var out []string
	for _, p := range g.patterns {
		list, err := w.expand("/", strings.Split(strings.Trim(filepath.Clean(p), "/"), "/"), false)
		if err != nil {
			return nil, err
		}
		out = append(out, list...)
	}
	slices.Sort(out)
	return slices.Compact(out), nil
}

// expand lists what matches names below a directory, which a wildcard has matched or not.
func (w globWalk) expand(dir string, names []string, wild bool) ([]string, error) {
	if len(names) == 0 {
		return []string{dir}, nil
	}
	if !isGlob(names[0]) {
		path := filepath.Join(dir, names[0])
		if _, err := os.Stat(path); err != nil {
			w.visit(dir)
			return nil, w.failed(path, err, wild)
		}
		return w.expand(path, names[1:], wild)
	}
	w.visit(dir)
	list, err := os.ReadDir(dir)
	if err != nil {
		return nil, w.failed(dir, err, wild)
	}
	var out []string
	for _, e := range list {
		found := entry{e.Name(), e.Type()}
		if ok, _ := matchName(names[0], found.name); !ok || len(names) > 1 && !found.isDir(dir) {
			continue
		}
		more, err := w.expand(filepath.Join(dir, e.Name()), names[1:], true)
		if err != nil {
			return nil, err
		}
		out = append(out, more...)
	}
	return out, nil
}

// failed decides about a path that cannot be looked into.
func (w globWalk) failed(path string, err error, wild bool) error {
	err = ignoreMissing(err)
	if err == nil || !wild || w.barred == nil {
		return err
	}
	w.barred(path, err)
	return nil
}

// ignoreMissing forgets that a file is not there: a pattern that matches nothing is fine.
func ignoreMissing(err error) error {
	var path *fs.PathError
	if errors.Is(err, fs.ErrNotExist) || errors.As(err, &path) && strings.Contains(path.Err.Error(), "not a directory") {
		return nil
	}
	return err
}
