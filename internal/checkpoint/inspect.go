package checkpoint

import (
	"errors"
	"fmt"
	"io/fs"
	"path/filepath"
	"strconv"
	"time"

	"github.com/streamctl/streamctl/internal/atomicfile"
	"github.com/streamctl/streamctl/internal/sparkerr"
	"github.com/streamctl/streamctl/internal/storage"
)

// A Report describes a checkpoint.
type Report struct {
	Dir       string         `json:"dir"`
	ID        string         `json:"id"`
	HeldBy    string         `json:"heldBy,omitempty"` // the run that is using it
	Query     *Record        `json:"query,omitempty"`  // the query it belongs to; nil if only Spark has used it
	Offsets   LogReport      `json:"offsets"`
	Commits   LogReport      `json:"commits"`
	Next      int64          `json:"nextBatch"`
	Again     bool           `json:"runsAgain"` // the next batch was started before
	Newest    *BatchReport   `json:"newestBatch,omitempty"`
	Watermark int64          `json:"nextWatermarkMs"`    // of the next batch, in milliseconds; 0 if there is none
	HeldBack  *HeldBack      `json:"heldBack,omitempty"` // nil: no input held the watermark back when the last run ended
	Sources   []SourceReport `json:"sources"`
	Problems  []string       `json:"problems"`
	Temporary int            `json:"unfinishedFiles"` // left by a killed run; the next run removes them
}

// A LogReport describes the batches in a log.
type LogReport struct {
	Batches int   `json:"batches"`
	First   int64 `json:"first"`
	Last    int64 `json:"last"` // -1 if there is none
}

// A BatchReport is the newest entry of the offset log.
type BatchReport struct {
	ID        int64     `json:"id"`
	Time      time.Time `json:"time"`
	Watermark int64     `json:"watermarkMs"`
	Offsets   []string  `json:"offsets"`
}

// A SourceReport describes the log of a file source.
type SourceReport struct {
	Source  int    `json:"source"`
	Entries int64  `json:"entries"`
	Files   int    `json:"files"`
	Newest  string `json:"newestFile,omitempty"`
}

// Inspect reads a checkpoint without changing it; a run may be using it. Damage is reported in Problems.
func Inspect(fsys storage.FS, dir string) (*Report, error) {
	list, err := storage.ReadDir(fsys, dir)
	if err != nil {
		return nil, err
	}
	r := &Report{Dir: dir, Sources: []SourceReport{}, Problems: []string{}}
	i := &inspection{fsys, r}
	i.names(list)
	lock := filepath.Join(dir, lockName)
	if held, err := storage.Locked(lock); err == nil && held {
		r.HeldBy = heldBy(fsys, lock)
	}
	c := &Checkpoint{Dir: dir, fs: fsys, Offsets: &OffsetLog{i.log("offsets")}, Commits: &CommitLog{i.log("commits")}}
	r.Offsets, r.Commits = report(c.Offsets.log), report(c.Commits.log)
	if _, err := fsys.Stat(filepath.Join(dir, "metadata")); errors.Is(err, fs.ErrNotExist) {
		i.problem(fmt.Errorf("there is no file metadata: %s is no checkpoint, or it is damaged", dir))
	} else {
		i.problem(c.metadata())
	}
	r.ID = c.ID
	r.Query, err = readRecord(fsys, dir)
	i.problem(err)
	i.batches(c)
	r.HeldBack = readHeldBack(fsys, dir, r.Commits.Last)
	i.sources()
	return r, nil
}

// An inspection is a call of Inspect in progress.
type inspection struct {
	fs storage.FS
	*Report
}

func (i *inspection) problem(err error) {
	if err != nil {
		i.Problems = append(i.Problems, sparkerr.ReasonWithPath(err))
	}
}

func (i *inspection) names(list []storage.Entry) {
	for _, e := range list {
		if atomicfile.IsTemp(e.Name) {
			i.Temporary++
		}
	}
}

// log lists a log. A missing directory is an empty log.
func (i *inspection) log(elem ...string) *batchLog {
	l := &batchLog{fs: i.fs, dir: filepath.Join(append([]string{i.Dir}, elem...)...)}
	list, err := storage.ReadDir(i.fs, l.dir)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		i.problem(err)
	}
	i.names(list)
	l.listed(list)
	return l
}

func report(l *batchLog) LogReport {
	r := LogReport{Batches: len(l.ids), First: -1, Last: l.latest()}
	if len(l.ids) > 0 {
		r.First = l.ids[0]
	}
	return r
}

// batches reads what the next start needs from the offset and commit logs.
func (i *inspection) batches(c *Checkpoint) {
	newest, done := c.Offsets.Latest(), c.Commits.Latest()
	i.Next, i.Again = newest, newest > done
	if !i.Again {
		i.Next++
	}
	i.Next = max(i.Next, 0)
	if done > newest {
		i.problem(fmt.Errorf("batch %d doesn't exist: it is in commits but not in offsets", done))
	}
	if done >= 0 {
		var err error
		i.Watermark, err = c.Commits.Get(done)
		i.problem(err)
	}
	for id := max(newest-1, 0); id <= newest; id++ {
		b, err := c.Offsets.Get(id)
		i.problem(err)
		if err == nil && id == newest {
			i.Watermark = max(i.Watermark, b.Watermark)
			i.Newest = &BatchReport{ID: id, Time: time.UnixMilli(b.Timestamp).UTC(), Watermark: b.Watermark, Offsets: b.Offsets}
		}
	}
}

// sources reads the logs of the file sources.
func (i *inspection) sources() {
	dirs, err := storage.ReadDir(i.fs, filepath.Join(i.Dir, "sources"))
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		i.problem(err)
	}
	for _, d := range dirs {
		n, err := strconv.Atoi(d.Name)
		if err != nil {
			continue
		}
		l := &SourceLog{log: &compactLog{batchLog: i.log("sources", d.Name)}}
		s := SourceReport{Source: n, Entries: l.Latest() + 1}
		err = l.Each(func(f SourceFile) {
			s.Files++
			s.Newest = f.Path
		})
		if err != nil && l.single() {
			continue // the value log of another kind of source
		}
		i.problem(err)
		i.Sources = append(i.Sources, s)
	}
}

// single reports whether the log has a single entry that is not a list of files: {"path":….
func (l *SourceLog) single() bool {
	if l.Latest() != 0 {
		return false
	}
	lines, err := l.log.read("0")
	return err == nil && len(lines) == 1 && (lines[0] == "" || lines[0][0] != '{')
}
