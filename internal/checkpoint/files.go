package checkpoint

import (
	"encoding/json"
	"path/filepath"
	"strconv"

	"github.com/streamctl/streamctl/internal/fileuri"
	"github.com/streamctl/streamctl/internal/storage"
)

// A SinkFile is a file written by a file sink.
type SinkFile struct {
	Path    string // absolute
	Size    int64
	ModTime int64 // milliseconds
}

// A SinkLog defines the output of a file sink: a file counts only if a batch in the log lists it.
type SinkLog struct{ log *compactLog }

// SinkLogDir is the directory of the log within the directory of the sink.
const SinkLogDir = "_spark_metadata"

// blockSize is the block size that Hadoop reports for local files.
const blockSize = 32 << 20

// OpenSinkLog opens the log of the sink that writes to dir.
func OpenSinkLog(fsys storage.FS, dir string) (*SinkLog, error) {
	l, err := openCompactLog(fsys, filepath.Join(dir, SinkLogDir), 0)
	if err != nil {
		return nil, err
	}
	l.cleanupDelay = readersDelay
	return &SinkLog{l}, nil
}

// Close ends the use of the log by this run.
func (l *SinkLog) Close() { l.log.endRun() }

// Tidy prepares part of the next compact file, while no batch is waiting.
func (l *SinkLog) Tidy() { l.log.goOn() }

// Latest returns the newest batch, or -1.
func (l *SinkLog) Latest() int64 { return l.log.latest() }

// Has reports whether the sink already has a batch. As in Spark, that is any id up to the newest one logged.
func (l *SinkLog) Has(batchID int64) bool { return batchID <= l.log.latest() }

// Add commits a batch. From now on its files count.
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

// ReadSinkLog returns the committed files in the output directory of a file sink, oldest batch first. It
// changes nothing and may run while the sink is writing.
func ReadSinkLog(fsys storage.FS, dir string) ([]SinkFile, error) {
	dir = filepath.Join(dir, SinkLogDir)
	list, err := storage.ReadDir(fsys, dir)
	if err != nil {
		return nil, err
	}
	l := &SinkLog{&compactLog{batchLog: &batchLog{fs: fsys, dir: dir}}}
	l.log.listed(list)
	return l.Files()
}

// Files returns all committed files, oldest batch first.
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

// appendJSON appends s as a JSON string, escaping only quotes, backslashes and control characters, as Spark's
// writer does.
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
