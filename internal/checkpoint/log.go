package checkpoint

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"

	"github.com/streamctl/streamctl/internal/atomicfile"
	"github.com/streamctl/streamctl/internal/sparkerr"
	"github.com/streamctl/streamctl/internal/storage"
)

// version is the first line of every log file.
const version = "v1"

// A batchLog is a directory with one file per batch id. A file consists of the version and the lines, without a
// final newline. In memory, the log only knows its newest id.
type batchLog struct {
	fs      storage.FS // nil if in memory
	dir     string
	ids     []int64         // ascending, of the files <id>
	compact []int64         // ascending, of the files <id>.compact
	stale   map[string]bool // names with a checksum file but no file; Hadoop would apply the checksum to a new file
	summed  map[string]bool // names with a file and a checksum file
}

// openLog lists a log and creates its directory if it is missing. Without a file system, the log is in memory.
func openLog(fsys storage.FS, dir string) (*batchLog, error) {
	l := &batchLog{fs: fsys, dir: dir}
	if l.inMemory() {
		return l, nil
	}
	list, err := storage.ReadDir(fsys, dir)
	if errors.Is(err, fs.ErrNotExist) {
		return l, atomicfile.MkdirAll(fsys, dir, true)
	}
	if err != nil {
		return nil, err
	}
	if err := removeTemporary(fsys, dir, list, isLogFile); err != nil {
		return nil, err
	}
	l.listed(list)
	return l, nil
}

func (l *batchLog) inMemory() bool { return l.fs == nil }

// isLogFile reports whether streamctl writes files of this name to the directory of a log.
func isLogFile(name string) bool {
	_, ok := atomicfile.ID(strings.TrimSuffix(name, ".compact"))
	return ok || name == ownerName || strings.HasSuffix(name, PendingSuffix)
}

// PendingSuffix is the suffix of a file sink's manifests.
const PendingSuffix = ".pending"

// listed records the names in the directory.
func (l *batchLog) listed(list []storage.Entry) {
	for _, e := range list {
		l.name(e.Name)
	}
	slices.Sort(l.ids)
	slices.Sort(l.compact)
	for _, id := range l.ids {
		l.exists(strconv.FormatInt(id, 10))
	}
	for _, id := range l.compact {
		l.exists(compactName(id))
	}
}

// exists records that the file for a checksum file exists.
func (l *batchLog) exists(name string) {
	if !l.stale[name] {
		return
	}
	delete(l.stale, name)
	if l.summed == nil {
		l.summed = map[string]bool{}
	}
	l.summed[name] = true
}

// name records one name in the directory.
func (l *batchLog) name(name string) {
	base, isCompact := strings.CutSuffix(name, ".compact")
	if id, ok := atomicfile.ID(base); ok {
		if isCompact {
			l.compact = append(l.compact, id)
		} else {
			l.ids = append(l.ids, id)
		}
		return
	}
	if sum, ok := strings.CutSuffix(name, ".crc"); ok && strings.HasPrefix(sum, ".") {
		if l.stale == nil {
			l.stale = map[string]bool{}
		}
		l.stale[sum[1:]] = true
	}
}

// latest returns the newest id, or -1 if the log is empty.
func (l *batchLog) latest() int64 {
	newest := int64(-1)
	if n := len(l.ids); n > 0 {
		newest = l.ids[n-1]
	}
	if n := len(l.compact); n > 0 {
		newest = max(newest, l.compact[n-1])
	}
	return newest
}

func (l *batchLog) has(id int64) bool {
	_, ok := slices.BinarySearch(l.ids, id)
	return ok
}

// add writes entry id, which must be new.
func (l *batchLog) add(id int64, lines []string) error {
	return l.addText(id, joinLines(lines))
}

// joinLines returns the text of a log file: the version, then each line preceded by a line break.
func joinLines(lines []string) []byte {
	b := []byte(version)
	for _, line := range lines {
		b = append(append(b, '\n'), line...)
	}
	return b
}

// addText is like add, for lines that are already joined.
func (l *batchLog) addText(id int64, text []byte) error {
	if l.inMemory() {
		l.ids = append(l.ids[:0], id)
		return nil
	}
	if err := l.write(strconv.FormatInt(id, 10), text); err != nil {
		return err
	}
	i, _ := slices.BinarySearch(l.ids, id)
	l.ids = slices.Insert(l.ids, i, id)
	return nil
}

// write creates a log file.
func (l *batchLog) write(name string, text []byte) error {
	if err := l.claim(name); err != nil {
		return err
	}
	return atomicfile.Write(l.fs, filepath.Join(l.dir, name), text, true)
}

// claim checks that a log file can be created. If it exists, another run on the same directory has written it.
func (l *batchLog) claim(name string) error {
	path := filepath.Join(l.dir, name)
	if _, err := l.fs.Stat(path); err == nil {
		return sparkerr.New("CONCURRENT_STREAM_LOG_UPDATE", "batchId", name).
			WithHint("another run uses %s; give each run its own checkpoint", l.dir)
	}
	if l.stale[name] {
		if err := l.fs.Remove(filepath.Join(l.dir, "."+name+".crc")); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return err
		}
		delete(l.stale, name)
	}
	return nil
}

// read returns the lines after the version.
func (l *batchLog) read(name string) ([]string, error) { return l.readAfter(name, "") }

// readAfter is read for a file that begins with a text before the version.
func (l *batchLog) readAfter(name, lead string) ([]string, error) {
	body, err := l.readBody(name, lead)
	if err != nil || len(body) == 0 {
		return nil, err
	}
	return strings.Split(string(body[1:]), "\n"), nil
}

// readBody returns everything after the version, before which there is a text: each line, preceded by its line break.
func (l *batchLog) readBody(name, lead string) ([]byte, error) {
	if l.inMemory() {
		return nil, errForgotten
	}
	path := filepath.Join(l.dir, name)
	f, err := l.open(name)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	data, err := io.ReadAll(f)
	if err != nil {
		return nil, err
	}
	data = bytes.TrimPrefix(data, []byte(lead))
	first := bytes.IndexByte(data, '\n')
	if first < 0 {
		first = len(data)
	}
	return data[first:], checkVersion(string(data[:first]), path)
}

// A badLine describes what is wrong with a line of a log file.
type badLine string

// Error returns the description.
func (b badLine) Error() string { return string(b) }

// eachLine calls yield for each line after the version. The line is valid during the call. If yield returns a
// badLine, eachLine adds its place.
func (l *batchLog) eachLine(name string, yield func(name string, line []byte) error) error {
	path := filepath.Join(l.dir, name)
	f, err := l.open(name)
	if err != nil {
		return err
	}
	defer f.Close()
	in := newLineReader(f)
	defer in.release()
	line, err := in.next()
	if err == nil || errors.Is(err, io.EOF) {
		if err := checkVersion(string(line), path); err != nil {
			return err
		}
	}
	for number := 2; err == nil; number++ {
		if line, err = in.next(); len(line) > 0 && (err == nil || errors.Is(err, io.EOF)) {
			if bad := yield(name, line); bad != nil {
				return placed(bad, path, number)
			}
		}
	}
	if errors.Is(err, io.EOF) {
		return nil
	}
	return err
}

// placed adds the place to a badLine.
func placed(err error, path string, number int) error {
	var bad badLine
	if errors.As(err, &bad) {
		return malformed(path, fmt.Sprintf("line %d: %s", number, bad))
	}
	return err
}

// A lineReader reads lines of any length.
type lineReader struct {
	in   *bufio.Reader
	long []byte
}

// lineBuffers are those of line readers. Most files of a log are short, and a start reads many.
var lineBuffers = sync.Pool{New: func() any { return bufio.NewReaderSize(nil, 64<<10) }}

func newLineReader(r io.Reader) lineReader {
	in := lineBuffers.Get().(*bufio.Reader) //nolint:errcheck // see New
	in.Reset(r)
	return lineReader{in: in}
}

// release returns the buffer. Lines are invalid after it.
func (r *lineReader) release() {
	r.in.Reset(nil)
	lineBuffers.Put(r.in)
}

// next returns the next line without its line break. It returns io.EOF together with the last line.
func (r *lineReader) next() ([]byte, error) {
	line, err := r.in.ReadSlice('\n')
	if errors.Is(err, bufio.ErrBufferFull) {
		r.long = append(r.long[:0], line...)
		for errors.Is(err, bufio.ErrBufferFull) {
			line, err = r.in.ReadSlice('\n')
			r.long = append(r.long, line...)
		}
		line = r.long
	}
	return bytes.TrimSuffix(line, []byte{'\n'}), err
}

// checkVersion checks the first line of a log file.
func checkVersion(line, path string) error {
	if line == version {
		return nil
	}
	if n, err := strconv.Atoi(strings.TrimPrefix(line, "v")); err == nil && strings.HasPrefix(line, "v") && n > 1 {
		return sparkerr.Plain("UnsupportedLogVersion: %s has log version %s; the highest supported version is %s", path, line, version).
			WithHint("it was written by a newer version; use that version, or start with a new checkpoint")
	}
	return malformed(path, "its first line is "+strconv.Quote(shorten(line))+", not "+version)
}

// errForgotten is returned for entries of an in-memory log.
var errForgotten = sparkerr.Internal("a checkpoint in memory keeps no entries")

// malformed returns the error for a damaged log file.
func malformed(path, what string) error {
	return sparkerr.Plain("the log file %s is damaged: %s", path, what).
		WithHint("restore the file from a copy; to process everything again, start with a new checkpoint")
}

func shorten(s string) string {
	if len(s) > 40 {
		return s[:40] + "…"
	}
	return s
}

// purge removes the files of ids below limit.
func (l *batchLog) purge(limit int64) error {
	for len(l.ids) > 0 && l.ids[0] < limit {
		if err := l.remove(strconv.FormatInt(l.ids[0], 10)); err != nil {
			return err
		}
		l.ids = l.ids[1:]
	}
	return nil
}

// remove deletes a log file and Hadoop's checksum file for it, if there is one.
func (l *batchLog) remove(name string) error {
	for _, n := range []string{name, "." + name + ".crc"} {
		if err := l.fs.Remove(filepath.Join(l.dir, n)); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return err
		}
	}
	return nil
}
