package engine

import (
	"bytes"
	"encoding/json"
	"errors"
	"io/fs"
	"path/filepath"
	"sync"
	"sync/atomic"
	"time"
	"unicode/utf8"

	"github.com/streamctl/streamctl/internal/codec"
	"github.com/streamctl/streamctl/internal/job"
	"github.com/streamctl/streamctl/internal/operator"
	"github.com/streamctl/streamctl/internal/sinks"
	"github.com/streamctl/streamctl/internal/sparkerr"
	"github.com/streamctl/streamctl/internal/storage"
	"github.com/streamctl/streamctl/internal/types"
	"github.com/streamctl/streamctl/internal/vector"
)

const (
	// rejectFlush is the number of buffered bytes after which the rejects list is written.
	rejectFlush = 64 << 10
	// longestReject is the maximum number of bytes of a record that the list contains.
	longestReject = 16 << 10
)

// earlyAfter is the time from a batch's first malformed record to the report about it, if the batch still runs. Tests shorten it.
var earlyAfter = 3 * time.Second

// mostListed is the maximum number of bytes that one run lists for a stream. Tests lower it.
var mostListed int64 = 1 << 30

// A rejects list counts the malformed records of a source, writes them to a file if the job names one, reports them to the user,
// and fails the query if there are too many. Records are written before their batch is committed, so a batch that runs again
// after a crash lists them again under the same batch number.
type rejects struct {
	fsys       storage.FS
	out        *sinks.Output
	stream     string
	path       string // "": records are only counted; "-": they go to out
	limit      int64  // -1: unlimited
	source     *job.Source
	diagnosis  diagnosis
	schema     *types.Schema // of the source
	partitions int           // number of columns at the end of the schema that come from directory names
	root       string        // the directory of the source; reported file names are relative to it

	some atomic.Bool // count is not 0

	mu      sync.Mutex
	file    storage.File
	buf     bytes.Buffer
	written int64 // bytes listed by this run
	batch   int64
	tally
	excess  *badRecord       // the first record above the limit
	perFile map[string]int64 // number of malformed records in each file being read
	err     error
	open    bool // a batch has begun but not ended

	encoders map[*operator.LateStep]codec.Encoder // of late rows

	tell       func(*notice)
	early      *time.Timer // reports while the batch is still being read; nil: no report is pending
	begun      tally       // tally at the start of the attempt
	begunBytes int64       // size of the file at the start of the attempt
	told       int64       // count when the user was last notified
}

// A tally summarizes the malformed records found so far.
type tally struct {
	count    int64
	dropped  int64 // those that yield no row
	unlisted int64 // those left out of the list because it is too long
	lateLeft int64 // late rows left out for that reason
	first    *badRecord
	samples  [2]sampled // of malformed records, and of late rows
	mostly   []string   // files whose records are mostly malformed, up to filesNamed
	more     int        // number of further such files
}

// A rejectPlace says where a record of the rejects file comes from.
type rejectPlace struct {
	Stream string `json:"stream,omitempty"`
	Batch  int64  `json:"batch"`
	File   string `json:"file,omitempty"`
	Line   int64  `json:"line,omitempty"`
	Offset *int64 `json:"offset,omitempty"`
}

// A reject is the line of the rejects file for a malformed record, encoded as JSON.
type reject struct {
	rejectPlace
	Column string `json:"column,omitempty"`
	Reason string `json:"reason"`
	Record string `json:"record"`
	Length int    `json:"recordBytes,omitempty"` // full length, if Record is truncated
}

func newRejects(env *Env, j *job.Job, stream string, s *job.Source, d codec.Diagnosis) (*rejects, error) {
	r := &rejects{fsys: env.FS, out: env.Out, stream: stream, source: s, diagnosis: diagnosis{d}, limit: -1}
	if n, ok := s.Options.Count(job.MaxBadRows); ok {
		r.limit = n
	}
	var err error
	if s.Path != "" && s.Path != "-" {
		if r.root, err = j.Absolute(s.Path); err != nil {
			return nil, err
		}
	}
	path, ok := s.Options.Get(job.RejectsPath)
	if !ok {
		return r, nil
	}
	if path == job.Standard {
		r.path = path
		return r, nil
	}
	r.path, err = j.Absolute(path)
	return r, err
}

// listed reports whether records are written to a file.
func (r *rejects) listed() bool { return r.path != "" }

// printed reports whether the list is standard output.
func (r *rejects) printed() bool { return r.path == job.Standard }

// where names the list in messages.
func (r *rejects) where() string {
	if r.printed() {
		return "standard output"
	}
	return r.path
}

// onOutput is standard output as the file of a list. What was written cannot be taken back, so records of an attempt that failed come again.
type onOutput struct{ *sinks.Output }

func (onOutput) Truncate(int64) error { return nil }
func (onOutput) Sync() error          { return nil }
func (onOutput) Close() error         { return nil }

// openList opens the rejects file for appending, and creates it if necessary. It does nothing if the file is open.
func (r *rejects) openList() error {
	if !r.listed() || r.file != nil {
		return nil
	}
	if r.printed() {
		r.file = onOutput{r.out}
		return nil
	}
	if err := r.fsys.MkdirAll(filepath.Dir(r.path)); err != nil {
		return r.failed(err)
	}
	f, err := r.fsys.Append(r.path)
	if errors.Is(err, fs.ErrNotExist) {
		if f, err = r.fsys.Create(r.path); err == nil {
			err = f.Close()
		}
		if err == nil {
			f, err = r.fsys.Append(r.path) // so that writes continue at the end after Truncate
		}
	}
	if err != nil {
		return r.failed(err)
	}
	r.file = f
	return nil
}

// begin starts an attempt at a batch and saves the state that forget restores.
func (r *rejects) begin(batch int64) error {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.batch, r.begun, r.open = batch, r.tally, true
	r.perFile = map[string]int64{}
	if !r.listed() {
		return nil
	}
	if err := r.openList(); err != nil || r.printed() {
		return err
	}
	st, err := r.fsys.Stat(r.path)
	if err != nil {
		return r.failed(err)
	}
	r.begunBytes = st.Size // 0 for a pipe, which cannot be truncated
	return nil
}

func (r *rejects) failed(err error) error {
	e := sparkerr.Plain("the rejects file %s cannot be written: %s", r.where(), sparkerr.Reason(err))
	e.Cause = err
	return e
}

// forget discards the records of a failed attempt before the batch is retried.
func (r *rejects) forget() {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.tally, r.err = r.begun, nil
	r.stopTimer()
	r.buf.Reset()
	if r.file != nil {
		_ = r.file.Truncate(r.begunBytes)
	}
}

// add counts and lists a malformed record. Workers call it concurrently.
func (r *rejects) add(m *codec.Malformed) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.some.Store(true)
	r.count++
	if r.told == 0 && r.early == nil && r.tell != nil {
		r.early = time.AfterFunc(earlyAfter, r.tellEarly)
	}
	if m.Dropped {
		r.dropped++
	}
	if m.File != nil {
		r.perFile[m.File.Path]++
	}
	if r.told == 0 && r.first.after(m) {
		r.first = newBadRecord(m)
	}
	r.samples[0].add(r.batch, func() Sample {
		m.FindLine()
		return r.sample(Sample{Line: m.Line, Column: m.Column, Reason: m.Reason}, m.File, m.Record)
	})
	if r.count == r.limit+1 {
		r.excess = newBadRecord(m)
	}
	if r.file != nil && r.err == nil {
		r.list(m)
	}
}

func (r *rejects) list(m *codec.Malformed) {
	if r.written >= mostListed {
		r.unlisted++
		return
	}
	m.FindLine()
	line := reject{rejectPlace: r.at(m.File, m.Line, m.Offset), Column: m.Column, Reason: m.Reason, Record: string(cutText(m.Record, longestReject))}
	if len(m.Record) > longestReject {
		line.Length = len(m.Record)
	}
	r.write(&line)
}

// at returns the place of a record of the current batch. line is 0 and offset is -1 if they are unknown.
func (r *rejects) at(file *vector.File, line, offset int64) rejectPlace {
	p := rejectPlace{Stream: r.stream, Batch: r.batch, Line: line}
	if file != nil {
		p.File = file.Path
	}
	if offset >= 0 {
		p.Offset = &offset
	}
	return p
}

// write adds a line to the file.
func (r *rejects) write(line any) {
	before := r.buf.Len()
	e := json.NewEncoder(&r.buf)
	e.SetEscapeHTML(false)
	r.err = e.Encode(line)
	r.written += int64(r.buf.Len() - before)
	if r.buf.Len() >= rejectFlush {
		r.flush()
	}
}

// cutText returns up to n bytes of text, without splitting the last character.
func cutText(text []byte, n int) []byte {
	if len(text) <= n {
		return text
	}
	for i := n; i > n-utf8.UTFMax; i-- {
		if utf8.RuneStart(text[i]) {
			return text[:i]
		}
	}
	return text[:n]
}

func (r *rejects) flush() {
	if r.buf.Len() > 0 && r.err == nil {
		if _, err := r.file.Write(r.buf.Bytes()); err != nil {
			r.err = r.failed(err)
		}
	}
	r.buf.Reset()
}

// check flushes the list. It returns an error if writing failed or if there are too many malformed records.
func (r *rejects) check() error {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.flush()
	if r.err != nil {
		return r.err
	}
	if r.limit < 0 || r.count <= r.limit {
		return nil
	}
	return r.tooMany()
}

// tooMany returns the error for a query that exceeds its limit of malformed records.
func (r *rejects) tooMany() error {
	r.open, r.told = false, r.count // the error reports the records
	e := sparkerr.Plain("there are more malformed records than the %d allowed by %s", r.limit, job.MaxBadRows)
	e.Hint = "--rejects FILE lists them"
	if r.listed() {
		e.Hint = "they are listed in " + r.where()
	}
	if x := r.excess; x != nil {
		e.Row = &sparkerr.Row{Batch: r.batch, File: x.file, Line: x.line, Column: x.column, Value: x.shown()}
		if cause := r.cause(x); cause != "" {
			e.Hint = cause + "; " + e.Hint
		}
	}
	return e
}

// exceeded reports whether the count of malformed records is above the limit.
func (r *rejects) exceeded() bool {
	if r.limit < 0 {
		return false
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.count > r.limit
}

// total returns the number of malformed records, and how many of those were dropped.
func (r *rejects) total() (count, dropped int64) {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.count, r.dropped
}

func (r *rejects) close() error {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.stopTimer()
	if r.file == nil {
		return nil
	}
	r.flush()
	err := errors.Join(r.err, r.file.Close())
	r.file = nil
	return err
}
