package file

import (
	"errors"
	"path/filepath"
	"slices"
	"strings"

	"github.com/streamctl/streamctl/internal/sparkerr"
)

// literal is what to write for a path that is the very name of a file or directory, but has characters of patterns; "" when there
// is nothing of that name. Hadoop's patterns are quoted in the same way.
func (t tree) literal(path string) string {
	if _, err := t.Lstat(path); err != nil {
		return ""
	}
	var b strings.Builder
	for i := range len(path) {
		if strings.IndexByte(globCharacters, path[i]) >= 0 {
			b.WriteByte('\\')
		}
		b.WriteByte(path[i])
	}
	return b.String()
}

// unmatched tells of a pattern that does not match the file or directory whose very name it is: what is wrong, and the path to write
// instead. Both are empty when all is well.
func (l *lister) unmatched() (what, write string) {
	if l.pattern == nil {
		return "", ""
	}
	quoted := l.literal(l.path)
	if quoted == "" {
		return "", ""
	}
	paths, err := l.pattern.expand(globWalk{tree: l.tree, barred: func(string, error) {}})
	if err != nil || slices.Contains(paths, filepath.Clean(l.path)) {
		return "", ""
	}
	matches := "nothing"
	if len(paths) > 0 {
		matches = "other names, such as " + filepath.Base(paths[0])
	}
	return "the path is read as a pattern, which matches " + matches + "; a backslash before each of " + globCharacters +
		" names the file or directory of that very name", quoted
}

// withLiteral adds to the error of a pattern, which may be nil, how the file or directory of that very name is read.
func (t tree) withLiteral(path string, err error) error {
	var e *sparkerr.Error
	if quoted := t.literal(path); quoted != "" && errors.As(err, &e) {
		return e.WithHint("to read the file or directory of that very name, write '%s'", quoted)
	}
	return err
}
