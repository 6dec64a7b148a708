package checkpoint

import (
	"encoding/json"
	"errors"
	"io/fs"
	"path/filepath"

	"github.com/streamctl/streamctl/internal/atomicfile"
)

// ownerName is the file in _spark_metadata that says which query the batches listed there belong to. The dot hides it from
// Spark, which takes the batches of any query for those of the one that runs.
const ownerName = ".owner.json"

// An Owner is the query that writes to an output directory.
type Owner struct {
	Query      string `json:"query"`      // id, from the metadata of its checkpoint
	Checkpoint string `json:"checkpoint"` // where that was
}

// An OutputState is how far a file sink's output has come, read without changing anything.
type OutputState struct {
	Latest int64  // newest batch that is listed, -1: none
	Owner  *Owner // nil: not known, because Spark or an earlier version wrote it
}

// ReadOutput looks at an output directory before anything is written to it. What does not exist is a new one. A list with a gap
// is an error: the files of the batches that it lacks count for no reader, and Spark refuses to compact it.
func ReadOutput(fsys atomicfile.FS, dir string) (*OutputState, error) {
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

func readOwner(fsys atomicfile.FS, dir string) (*Owner, error) {
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

// SetOwner says whose batches the log holds, before the first of them is listed.
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
