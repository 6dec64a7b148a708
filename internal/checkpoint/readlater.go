package checkpoint

import (
	"encoding/json"
	"errors"
	"io/fs"
	"path/filepath"
	"slices"
	"strings"

	"github.com/streamctl/streamctl/internal/atomicfile"
)

// readLaterName is a file beside the log; Spark takes only names that are numbers.
const readLaterName = ".read-later"

// mostReadLater is how many of these files are kept.
const mostReadLater = 10_000

// A laterFile was written to after it was taken and before it was read: the log has its earlier time, in Spark's format.
type laterFile struct {
	Path    string `json:"path"`
	ModTime int64  `json:"timestamp"` // milliseconds, of what was read
}

// ReadLater notes the time that a file had when it was read, unlike when it was taken. Without the note, which is written as well as
// possible, a later run tells the user that the file has changed.
func (l *SourceLog) ReadLater(path string, modTime int64) {
	if l.log.inMemory() {
		return
	}
	l.later = slices.DeleteFunc(l.later, func(f laterFile) bool { return f.Path == path })
	l.later = append(l.later, laterFile{path, modTime})
	l.later = l.later[max(0, len(l.later)-mostReadLater):]
	var b strings.Builder
	for i := range l.later {
		line, _ := json.Marshal(&l.later[i])
		b.Write(line)
		b.WriteByte('\n')
	}
	_ = atomicfile.Write(l.log.fs, filepath.Join(l.log.dir, readLaterName), []byte(b.String()), false)
}

// EachReadLater gives what was noted. A line that is damaged, by the end of the machine's power, is not.
func (l *SourceLog) EachReadLater(yield func(path string, modTime int64)) error {
	data, err := atomicfile.Read(l.log.fs, filepath.Join(l.log.dir, readLaterName))
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	for line := range strings.Lines(string(data)) {
		var f laterFile
		if json.Unmarshal([]byte(line), &f) == nil {
			l.later = append(l.later, f)
			yield(f.Path, f.ModTime)
		}
	}
	return err
}
