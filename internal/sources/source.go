// Package sources defines what a source of a stream is. A source lists what there is (offsets), plans the partitions of a
// micro-batch, and wakes the engine when something may be new; the formats are in its subpackages.
package sources

import (
	"context"
	"errors"
	"io"
	"log/slog"
	"sync/atomic"
	"time"

	"github.com/streamctl/streamctl/internal/checkpoint"
	"github.com/streamctl/streamctl/internal/codec"
	"github.com/streamctl/streamctl/internal/sparkerr"
	"github.com/streamctl/streamctl/internal/storage"
	"github.com/streamctl/streamctl/internal/types"
	"github.com/streamctl/streamctl/internal/vector"
)

// An Offset is a position in a source as JSON text, in Spark's own form ({"logOffset":3}, 4). "" is before everything.
type Offset string

// A Source replays a stream: the same (from, to] yields the same rows, unless Recover refuses to go on. The engine calls all methods
// from one goroutine, but partitions are opened and read by workers. What not all sources do is in interfaces that a source may also
// implement: see faces.go.
type Source interface {
	// Describe names the source as Spark's progress does: "FileStreamSource[file:/d]".
	Describe() string
	// Recover prepares to resume from a checkpoint. It returns an error if the source cannot be read again, or if the offsets move
	// backwards: going on would read rows again.
	Recover(ctx context.Context, logged Logged) error
	// LatestOffset takes what is new after from, within the source's own limits (maxFilesPerTrigger …; ignored when all is
	// true, as trigger once does), and returns the offset after it; from itself when there is nothing.
	LatestOffset(ctx context.Context, from Offset, all bool) (Offset, error)
	// Plan returns the partitions of (from, to] in output order; scan is fixed from the first batch on. After Recheck has returned
	// ErrChanged, the same range is planned again.
	Plan(ctx context.Context, from, to Offset, scan *Scan) ([]Partition, error)
}

// Logged is what the offset log holds about a source when its query resumes.
type Logged struct {
	Before, Last Offset // where the last two batches end; Before is "" if there is one batch only
	Again        bool   // the last batch is not committed and runs again
}

// Start returns the offset from which reading resumes.
func (l Logged) Start() Offset {
	if l.Again {
		return l.Before
	}
	return l.Last
}

// Backwards returns the error for a checkpoint whose last batch ends before the one before it.
func (l Logged) Backwards() error {
	return sparkerr.Plain("the checkpoint is damaged: its last batch ends at %s, the one before at %s", l.Last, l.Before).
		WithHint("restore the directory offsets from a copy; to process everything again, start with a new checkpoint")
}

// ErrChanged says that the input of a batch changed while it was read.
var ErrChanged = errors.New("the input changed while it was read")

// A Partition is the part of a micro-batch's input that one worker reads, in order. Spark divides the input into tasks, which are as large
// or larger: streamctl splits large files further, so that a task may have several partitions. What users see of the numbering is
// Spark's: spark_partition_id() returns the task, and file sinks write one part per task.
type Partition interface {
	// Open starts reading. Each batch has the columns of Scan.Fields.
	Open(ctx context.Context) (vector.Reader, error)
	// Task is the number of Spark's task that the partition belongs to. The partitions of a task are adjacent and in order.
	Task() int
	// Small reports that reading takes less time than handing the work to another goroutine is worth.
	Small() bool
}

// A Locator is a partition's reader that finds the line number of a record by its offset, as long as the record is in its buffer. It returns 0
// if it cannot.
type Locator interface{ LineAt(offset int64) int64 }

// A Scan is what planning has decided about reading a source: fixed for the life of the query.
type Scan struct {
	codec.Scan // without Filters
	// NewFilters makes the conjuncts pushed into the reader; their columns are positions in Fields. Predicates own memory:
	// each partition's reader needs its own. nil: none.
	NewFilters func() ([]vector.Predicate, error)
	// NewFileFilters makes the conditions on partition columns alone, over the same positions: files for which they are not
	// true are not read. nil: none.
	NewFileFilters func() ([]vector.Predicate, error)
	Empty          bool // the plan has no rows: no file is opened
}

// ForReader returns the scan for one reader.
func (s *Scan) ForReader() (*codec.Scan, error) {
	c := s.Scan
	if s.NewFilters == nil {
		return &c, nil
	}
	var err error
	c.Filters, err = s.NewFilters()
	return &c, err
}

// An Env is what a source needs of its surroundings.
type Env struct {
	Log        *slog.Logger
	FS         storage.FS // that files are read from
	Now        func() time.Time
	Stdin      io.Reader
	BaseDir    string // what relative paths are relative to
	Checkpoint *checkpoint.Checkpoint
	Index      int // number of the source in its query
	Conf       map[string]string
	MaxLine    int           // longest record in bytes; 0: the default
	Schema     *types.Schema // of the rows
	Partitions int           // how many columns at the end of Schema come from the names of directories
	Inferred   bool          // the schema that the user gave names none of these columns
	Written    []string      // absolute paths, without links, of what the query writes and must not read
	Stats      *Stats
	Say        func(text string) // tells people what they wait for; never nil in a run
	OnLoss     func(*codec.Loss) // reports input that is not read; nil: it is not reported
}

// Lost tells of input that is not read.
func (e *Env) Lost(l *codec.Loss) {
	if e.OnLoss != nil {
		e.OnLoss(l)
	}
}

// DataSchema is what the data itself holds: Schema without the columns that come from the names of directories.
func (e *Env) DataSchema() *types.Schema {
	return &types.Schema{Fields: e.Schema.Fields[:len(e.Schema.Fields)-e.Partitions]}
}

// Stats counts what a query's sources did, apart from rows. It is safe for concurrent use.
type Stats struct {
	Files atomic.Int64 // files taken
	LeftOut
	BatchBytes atomic.Int64 // bytes of the files of the newest batch; 0: unknown
	BatchRead  atomic.Int64 // bytes of them that were read; some are read twice
}

// LeftOut counts what a file source did not read, or read twice, or did not put away.
type LeftOut struct {
	ChangedFiles atomic.Int64 // files that were not as they were read
	UnreadBytes  atomic.Int64 // bytes in them that no batch has read, as far as that is known
	OldFiles     atomic.Int64 // files beyond maxFileAge
	SameNames    atomic.Int64 // files with the name of another one (fileNameOnly)
	TwiceFiles   atomic.Int64 // files that were read before, under another name or long ago
	KeptFiles    atomic.Int64 // files that cleanSource left where they are
}
