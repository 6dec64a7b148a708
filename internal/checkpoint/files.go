package checkpoint

import (
	"encoding/json"
	"path/filepath"
	"strconv"

	"github.com/streamctl/streamctl/internal/atomicfile"
	"github.com/streamctl/streamctl/internal/fileuri"
)

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
	err := l.log.each(func(_ string, line []byte) error {
		var f struct {
			Path             string `json:"path"`
			Size             int64  `json:"size"`
			ModificationTime int64  `json:"modificationTime"`
			Action           string `json:"action"`
		}
		if err := json.Unmarshal(line, &f); err != nil || f.Path == "" {
			return badLine("the entry " + strconv.Quote(shorten(string(line))) + " is cut off")
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
