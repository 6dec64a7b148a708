package file

import (
	"errors"
	"io/fs"
	"path/filepath"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/streamctl/streamctl/internal/sparkerr"
	"github.com/streamctl/streamctl/internal/storage"
)

// isGlob reports whether a path is a pattern (Spark: SparkHadoopUtil.isGlobPath).
func isGlob(path string) bool { return strings.ContainsAny(path, globCharacters) }

const globCharacters = `{}[]*?\`

// A glob is a pattern of Hadoop's grammar: ? and * within a name, [abc] [a-z] [^a], \c, {a,b{c,d}}.
type glob struct{ patterns []string } // without braces

func compileGlob(pattern string) (*glob, error) {
	list, err := expandBraces(nil, pattern)
	if err != nil {
		return nil, err
	}
	for _, p := range list {
		if err := wellFormed(p); err != nil {
			return nil, err
		}
	}
	return &glob{list}, nil
}

// mostPatterns is how many patterns without braces a pattern may stand for: {a,b}{a,b}… doubles with every pair.
const mostPatterns = 10_000

// expandBraces appends the patterns without braces that a pattern stands for.
func expandBraces(list []string, p string) ([]string, error) {
	open := indexOutside(p, '{')
	if open < 0 {
		if len(list) == mostPatterns {
			return nil, sparkerr.Plain("a file pattern stands for more than %d patterns without braces", mostPatterns).
				WithHint("use * or a set such as [0-9] in place of some of the braces")
		}
		return append(list, p), nil
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
				return combine(list, p[:open], append(parts, p[start:i]), p[i+1:])
			}
		}
	}
	return nil, badPattern(p, "an opening { has no }")
}

func combine(list []string, head string, parts []string, tail string) (out []string, err error) {
	for _, part := range parts {
		if list, err = expandBraces(list, head+part+tail); err != nil {
			return nil, err
		}
	}
	return list, nil
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
	return slices.ContainsFunc(g.patterns, func(p string) bool { return matchName(p, name) })
}

// wellFormed finds mistakes in a pattern without braces.
func wellFormed(p string) error {
	for i := 0; i < len(p); i++ {
		switch p[i] {
		case '\\':
			if i++; i == len(p) {
				return badPattern(p, "it ends with a \\")
			}
		case '[':
			_, rest, _, ok := matchSet(p[i:], "")
			if !ok {
				return badPattern(p, "an opening [ has no ]")
			}
			i = len(p) - len(rest) - 1
		}
	}
	return nil
}

// matchName matches one name against a well-formed pattern without braces. After a mismatch only the last * takes another
// character, so that many of them take quadratic time at most.
func matchName(p, name string) bool {
	starP, starName, star := "", "", false
	for {
		switch {
		case p == "" && name == "":
			return true
		case strings.HasPrefix(p, "*"):
			p = p[1:]
			starP, starName, star = p, name, true
			continue
		case p != "":
			if rest, n := matchOne(p, name); n > 0 {
				p, name = rest, name[n:]
				continue
			}
		}
		if !star || starName == "" {
			return false
		}
		_, n := utf8.DecodeRuneInString(starName)
		starName = starName[n:]
		p, name = starP, starName
	}
}

// matchOne matches the first rune of name against what p begins with. n is its length, 0 when it does not match.
func matchOne(p, name string) (rest string, n int) {
	if p[0] == '[' {
		matches, rest, n, _ := matchSet(p, name)
		if !matches {
			return "", 0
		}
		return rest, n
	}
	want, size := utf8.DecodeRuneInString(p)
	wildcard := want == '?'
	if want == '\\' {
		p, wildcard = p[1:], false
		_, size = utf8.DecodeRuneInString(p)
	}
	_, n = utf8.DecodeRuneInString(name)
	if n == 0 || !wildcard && p[:size] != name[:n] {
		return "", 0
	}
	return p[size:], n
}

// matchSet matches the first rune of name against the set that p begins with; rest is the pattern behind the set. closed is false
// for a set without an end.
func matchSet(p, name string) (ok bool, rest string, n int, closed bool) {
	r, n := utf8.DecodeRuneInString(name)
	i := 1
	negate := i < len(p) && (p[i] == '^' || p[i] == '!')
	if negate {
		i++
	}
	for first := true; ; first = false {
		if i >= len(p) {
			return false, "", 0, false
		}
		if p[i] == ']' && !first {
			return n > 0 && ok != negate, p[i+1:], n, true
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

// A globWalk is what the expansion of a glob reports in addition to the paths. Both functions may be nil.
type globWalk struct {
	tree
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
		if _, err := w.Stat(path); err != nil {
			w.visit(dir)
			return nil, w.failed(path, err, wild)
		}
		return w.expand(path, names[1:], wild)
	}
	w.visit(dir)
	list, err := storage.ReadDir(w.FS, dir)
	if err != nil {
		return nil, w.failed(dir, err, wild)
	}
	var out []string
	for _, e := range list {
		if !matchName(names[0], e.Name) || len(names) > 1 && !w.isDir(dir, e) {
			continue
		}
		more, err := w.expand(filepath.Join(dir, e.Name), names[1:], true)
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
