// Package checkpoint stores the progress of a query: the offsets that each batch covers (offset log, written
// before the batch runs), the completed batches (commit log), and the files read and written. All logs have
// Spark's format, byte for byte, so that a query can move to Spark and back.
package checkpoint

import (
	"crypto/rand"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"path/filepath"
	"strconv"

	"github.com/streamctl/streamctl/internal/atomicfile"
	"github.com/streamctl/streamctl/internal/sparkerr"
	"github.com/streamctl/streamctl/internal/storage"
)

// Retain is the number of batches that the offset and commit logs keep
// (spark.sql.streaming.minBatchesToRetain).
const Retain = 100

// A Checkpoint is the directory of one query, or its in-memory substitute. It must be used by one goroutine.
type Checkpoint struct {
	ID      string // of the query; the same across restarts
	Dir     string // empty if in memory
	Offsets *OffsetLog
	Commits *CommitLog

	fs storage.FS // nil if in memory
}

// Open opens the checkpoint in dir, or creates one. Everything written to it survives a power failure.
func Open(fsys storage.FS, dir string) (*Checkpoint, error) {
	c := &Checkpoint{Dir: dir, fs: fsys}
	if err := c.open(); err != nil {
		return nil, err
	}
	return c, nil
}

// InMemory returns a checkpoint for a run without a checkpoint directory. It writes nothing to disk. Its logs
// only know the number of their newest entry, which is all that the run needs, so that they do not grow.
func InMemory() *Checkpoint {
	return &Checkpoint{ID: NewID(), Offsets: &OffsetLog{&batchLog{}}, Commits: &CommitLog{&batchLog{}}}
}

func (c *Checkpoint) open() error {
	if err := atomicfile.MkdirAll(c.fs, c.Dir, true); err != nil {
		return fmt.Errorf("checkpoint %s: %w", c.Dir, err)
	}
	list, err := storage.ReadDir(c.fs, c.Dir)
	if err == nil {
		err = removeTemporary(c.fs, c.Dir, list, func(base string) bool { return base == "metadata" || base == RecordName })
	}
	if err != nil {
		return fmt.Errorf("checkpoint %s: %w", c.Dir, err)
	}
	offsets, err := openLog(c.fs, filepath.Join(c.Dir, "offsets"))
	if err != nil {
		return err
	}
	commits, err := openLog(c.fs, filepath.Join(c.Dir, "commits"))
	if err != nil {
		return err
	}
	c.Offsets, c.Commits = &OffsetLog{offsets}, &CommitLog{commits}
	return c.metadata()
}

// removeTemporary removes temporary files left by a run that was killed while writing a file of the checkpoint.
func removeTemporary(fsys storage.FS, dir string, list []storage.Entry, ours func(base string) bool) error {
	for _, e := range list {
		if base, ok := atomicfile.TempBase(e.Name); !ok || !ours(base) || !e.Type.IsRegular() {
			continue
		}
		if err := fsys.Remove(filepath.Join(dir, e.Name)); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return err
		}
	}
	return nil
}

// metadata reads the query's id, or creates one in an empty directory.
func (c *Checkpoint) metadata() error {
	id, err := c.readID()
	if errors.Is(err, fs.ErrNotExist) {
		if c.Offsets.Latest() >= 0 || c.Commits.Latest() >= 0 {
			return missingMetadata(c.Dir)
		}
		c.ID = NewID()
		return atomicfile.Write(c.fs, filepath.Join(c.Dir, "metadata"), []byte(`{"id":"`+c.ID+`"}`), true)
	}
	c.ID = id
	return err
}

// missingMetadata returns the error for a checkpoint with logs but no query id.
func missingMetadata(dir string) error {
	return sparkerr.New("STREAMING_CHECKPOINT_MISSING_METADATA_FILE", "checkpointLocation", dir).
		WithHint("restore the file from a copy; to process everything again, start with a new checkpoint")
}

// readID reads the query's id.
func (c *Checkpoint) readID() (string, error) {
	path := filepath.Join(c.Dir, "metadata")
	data, err := atomicfile.Read(c.fs, path)
	if err != nil {
		return "", err
	}
	var m struct {
		ID string `json:"id"`
	}
	if err := json.Unmarshal(data, &m); err != nil || m.ID == "" {
		return "", malformed(path, "it is not {\"id\":…}")
	}
	return m.ID, nil
}

// SourceDir returns the directory of source i.
func (c *Checkpoint) SourceDir(i int) string {
	return filepath.Join(c.Dir, "sources", strconv.Itoa(i))
}

// SourceLog opens the log of files read by source i. interval is the number of entries between compactions; 0
// means Spark's default.
func (c *Checkpoint) SourceLog(i int, interval int64) (*SourceLog, error) {
	l, err := openCompactLog(c.fs, c.SourceDir(i), interval)
	return &SourceLog{log: l}, err
}

// Values opens the log in which source i stores a single value (rate: its start time).
func (c *Checkpoint) Values(i int) (*ValueLog, error) {
	l, err := openLog(c.fs, c.SourceDir(i))
	return &ValueLog{log: l}, err
}

// PinnedValue is Values for a source of Kafka, whose file begins with a zero byte. (Spark: KafkaSourceInitialOffsetWriter, since SPARK-19517.)
func (c *Checkpoint) PinnedValue(i int) (*ValueLog, error) {
	l, err := openLog(c.fs, c.SourceDir(i))
	return &ValueLog{log: l, lead: "\x00"}, err
}

// Purge removes the batches that no restart needs once batch id is logged.
func (c *Checkpoint) Purge(id int64) error {
	if err := c.Offsets.log.purge(id - Retain); err != nil {
		return err
	}
	return c.Commits.log.purge(id - Retain)
}

// NewID returns a random UUID.
func NewID() string {
	var b [16]byte
	_, _ = rand.Read(b[:])                      // never fails
	b[6], b[8] = b[6]&0x0f|0x40, b[8]&0x3f|0x80 // version 4 and variant (RFC 9562)
	return fmt.Sprintf("%x-%x-%x-%x-%x", b[:4], b[4:6], b[6:8], b[8:10], b[10:])
}
