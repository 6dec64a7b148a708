package checkpoint

import (
	"encoding/json"
	"errors"
	"io/fs"
	"path/filepath"

	"github.com/streamctl/streamctl/internal/atomicfile"
	"github.com/streamctl/streamctl/internal/storage"
)

// ownerName is the file in _spark_metadata that names the query whose batches are listed there. The dot hides
// it from Spark, which attributes the batches to whatever query runs.
const ownerName = ".owner.json"

// An Owner is the query that writes to an output directory.
type Owner struct {
	Query      string `json:"query"`      // id from the metadata of its checkpoint
	Checkpoint string `json:"checkpoint"` // its checkpoint directory
}

// An OutputState describes how far the output of a file sink has got.
type OutputState struct {
	Latest int64  // newest batch listed, or -1
	Owner  *Owner // nil if unknown, because Spark or an earlier version wrote the log
}

// ReadOutput reads the state of an output directory without changing it. A missing directory is a new output. A
// gap in the list of batches is an error: readers would ignore the files of the missing batches, and Spark
// refuses to compact the list.
func ReadOutput(fsys storage.FS, dir string) (*OutputState, error) {
	log, err := listLog(fsys, filepath.Join(dir, SinkLogDir))
	if err != nil {
		return nil, err
	}
	entries := &compactLog{batchLog: log}
	if err := entries.sinceCompact(func(string) error { return nil }); err != nil {
		return nil, err
	}
	s := &OutputState{Latest: log.latest()}
	s.Owner, err = readOwner(fsys, dir)
	return s, err
}

func readOwner(fsys storage.FS, dir string) (*Owner, error) {
	path := filepath.Join(dir, SinkLogDir, ownerName)
	text, err := atomicfile.Read(fsys, path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	var o Owner
	if json.Unmarshal(text, &o) != nil || o.Query == "" {
		return nil, malformed(path, "it does not say which query the output belongs to")
	}
	return &o, nil
}

// SetOwner records whose batches the log holds. It is called before the first batch is listed.
func (l *SinkLog) SetOwner(o Owner) error {
	out := filepath.Dir(l.log.dir)
	if old, err := readOwner(l.log.fs, out); err == nil && old != nil && *old == o {
		return nil
	}
	text, err := json.Marshal(o)
	if err != nil {
		return err
	}
	return atomicfile.Write(l.log.fs, filepath.Join(l.log.dir, ownerName), text, true)
}
