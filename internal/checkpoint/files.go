package checkpoint

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"iter"
	"path/filepath"
	"strconv"

	"github.com/streamctl/streamctl/internal/atomicfile"
	"github.com/streamctl/streamctl/internal/fileuri"
)

// A SourceFile is a file that a source has taken.
type SourceFile struct {
	Path    string // absolute
	ModTime int64  // milliseconds
	BatchID int64  // the entry of the log, not the batch of the query
}

// SourceLog says which files a file source has taken, in which order.
type SourceLog struct{ log *compactLog }

// Close ends the use of the log by this run.
func (l *SourceLog) Close() { l.log.endRun() }

// Tidy prepares a part of the next compact file, when nothing waits for it.
func (l *SourceLog) Tidy() { l.log.goOn() }

// Latest is the newest entry, -1 when there is none.
func (l *SourceLog) Latest() int64 { return l.log.latest() }

// Add logs the files of a new entry; their BatchID is not looked at.
func (l *SourceLog) Add(id int64, files iter.Seq[SourceFile]) error {
	if l.log.inMemory() {
		return l.log.addText(id, nil)
	}
	b := []byte(version)
	for f := range files {
		b = appendJSON(append(b, "\n{\"path\":"...), fileuri.FromPath(f.Path))
		b = strconv.AppendInt(append(b, `,"timestamp":`...), f.ModTime, 10)
		b = strconv.AppendInt(append(b, `,"batchId":`...), id, 10)
		b = append(b, '}')
	}
	return l.log.addBatch(id, b)
}

// Each gives every file ever taken, oldest entry first. No entry is without files; one that has none lost them.
func (l *SourceLog) Each(yield func(SourceFile)) error {
	next := int64(0)
	lost := errors.New("entry without files")
	err := l.log.each(func(line []byte) error {
		f, ok := parseSourceFile(line)
		switch {
		case !ok:
			return malformed(l.log.dir, "the entry "+strconv.Quote(shorten(string(line)))+" is cut off")
		case f.BatchID > next:
			return lost
		}
		next = max(next, f.BatchID+1)
		yield(f)
		return nil
	})
	if latest := l.log.latest(); next <= latest && (err == nil || errors.Is(err, lost)) {
		return malformed(l.log.dir, fmt.Sprintf("the files of entry %d are missing, although the log goes on to %d", next, latest))
	}
	return err
}

// parseSourceFile reads an entry. The form that Spark and Add write is read quickly, since there may be a million of them.
func parseSourceFile(line []byte) (f SourceFile, ok bool) {
	if f, ok = quickSourceFile(line); ok {
		return f, true
	}
	var e struct {
		Path      string `json:"path"`
		Timestamp *int64 `json:"timestamp"`
		BatchID   *int64 `json:"batchId"`
	}
	if json.Unmarshal(line, &e) != nil || e.Path == "" || e.Timestamp == nil || e.BatchID == nil {
		return f, false
	}
	return SourceFile{fileuri.ToPath(e.Path), *e.Timestamp, *e.BatchID}, true
}

func quickSourceFile(line []byte) (f SourceFile, ok bool) {
	rest, ok := bytes.CutPrefix(line, []byte(`{"path":"`))
	end := bytes.IndexByte(rest, '"')
	if !ok || end <= 0 || bytes.IndexByte(rest[:end], '\\') >= 0 {
		return f, false
	}
	path := rest[:end]
	if rest, ok = bytes.CutPrefix(rest[end:], []byte(`","timestamp":`)); !ok {
		return f, false
	}
	if f.ModTime, rest, ok = leadingInt(rest); !ok {
		return f, false
	}
	if rest, ok = bytes.CutPrefix(rest, []byte(`,"batchId":`)); !ok {
		return f, false
	}
	if f.BatchID, rest, ok = leadingInt(rest); !ok || string(rest) != "}" {
		return f, false
	}
	f.Path = fileuri.ToPath(string(path))
	return f, true
}

// leadingInt reads a number of at most 18 digits.
func leadingInt(b []byte) (n int64, rest []byte, ok bool) {
	i := 0
	for ; i < len(b) && i < 18 && b[i] >= '0' && b[i] <= '9'; i++ {
		n = n*10 + int64(b[i]-'0')
	}
	return n, b[i:], i > 0
}

// A SinkFile is a file that a file sink has written.
type SinkFile struct {
	Path    string // absolute
	Size    int64
	ModTime int64 // milliseconds
}

// SinkLog is the truth about a file sink's output: files that no batch lists do not count.
type SinkLog struct{ log *compactLog }

// SinkLogDir is the name of the directory, below that of the sink, which holds the log.
const SinkLogDir = "_spark_metadata"

// blockSize is what Hadoop says of files on a local disk.
const blockSize = 32 << 20

// OpenSinkLog opens the log of the sink that writes to dir.
func OpenSinkLog(fsys atomicfile.FS, dir string) (*SinkLog, error) {
	l, err := openCompactLog(fsys, filepath.Join(dir, SinkLogDir), 0)
	if err != nil {
		return nil, err
	}
	l.cleanupDelay = readersDelay
	return &SinkLog{l}, nil
}

// Close ends the use of the log by this run.
func (l *SinkLog) Close() { l.log.endRun() }

// Tidy prepares a part of the next compact file, when nothing waits for it.
func (l *SinkLog) Tidy() { l.log.goOn() }

// Latest is the newest batch, -1 when there is none.
func (l *SinkLog) Latest() int64 { return l.log.latest() }

// Has reports whether the sink has a batch already (Spark: its id is not above the newest logged).
func (l *SinkLog) Has(batchID int64) bool { return batchID <= l.log.latest() }

// Add makes a batch final: its files count from now on, all of them or none.
func (l *SinkLog) Add(batchID int64, files []SinkFile) error {
	b := []byte(version)
	for _, f := range files {
		b = appendJSON(append(b, "\n{\"path\":"...), fileuri.FromPath(f.Path))
		b = strconv.AppendInt(append(b, `,"size":`...), f.Size, 10)
		b = strconv.AppendInt(append(b, `,"isDir":false,"modificationTime":`...), f.ModTime, 10)
		b = strconv.AppendInt(append(b, `,"blockReplication":1,"blockSize":`...), blockSize, 10)
		b = append(b, `,"action":"add"}`...)
	}
	return l.log.addBatch(batchID, b)
}

// ReadSinkLog gives the files that count in the output directory of a file sink, oldest batch first. It changes nothing, so
// that the sink may be writing meanwhile.
func ReadSinkLog(fsys atomicfile.FS, dir string) ([]SinkFile, error) {
	dir = filepath.Join(dir, SinkLogDir)
	list, err := fsys.ReadDir(dir)
	if err != nil {
		return nil, err
	}
	l := &SinkLog{&compactLog{batchLog: &batchLog{fs: fsys, dir: dir}}}
	l.log.listed(list)
	return l.Files()
}

// Files gives all files that count, oldest batch first.
func (l *SinkLog) Files() ([]SinkFile, error) {
	var files []SinkFile
	err := l.log.each(func(line []byte) error {
		var f struct {
			Path             string `json:"path"`
			Size             int64  `json:"size"`
			ModificationTime int64  `json:"modificationTime"`
			Action           string `json:"action"`
		}
		if err := json.Unmarshal(line, &f); err != nil || f.Path == "" {
			return malformed(l.log.dir, "the entry "+strconv.Quote(shorten(string(line)))+" is cut off")
		}
		if f.Action == "add" {
			files = append(files, SinkFile{fileuri.ToPath(f.Path), f.Size, f.ModificationTime})
		}
		return nil
	})
	return files, err
}

// appendJSON appends s as a JSON string the way Spark's writer does: only quotes, backslashes and controls are escaped.
func appendJSON(dst []byte, s string) []byte {
	dst = append(dst, '"')
	for i := range len(s) {
		switch c := s[i]; {
		case c == '"' || c == '\\':
			dst = append(dst, '\\', c)
		case c < 0x20:
			dst = append(dst, '\\', 'u', '0', '0', "0123456789abcdef"[c>>4], "0123456789abcdef"[c&15])
		default:
			dst = append(dst, c)
		}
	}
	return append(dst, '"')
}
