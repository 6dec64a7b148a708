package engine

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"os"
	"path/filepath"
	"sync"

	"github.com/streamctl/streamctl/internal/codec"
	"github.com/streamctl/streamctl/internal/job"
	"github.com/streamctl/streamctl/internal/sparkerr"
)

// rejectFlush is how much of the list of rejects is written at a time.
const rejectFlush = 64 << 10

// A rejects list counts the malformed records of a query, writes them to a file if that is asked for, and fails the query when
// there are too many. Records are in the file before their batch is committed; a batch that runs again after a crash lists them
// again, under the same number.
type rejects struct {
	stream string
	path   string // "": they are only counted
	limit  int64  // -1: none

	mu    sync.Mutex
	file  *os.File
	buf   bytes.Buffer
	batch int64
	count int64
	err   error

	begun      int64 // count when the attempt began
	begunBytes int64 // and the length of the file
}

// A reject is a line of the file.
type reject struct {
	Stream string `json:"stream,omitempty"`
	Batch  int64  `json:"batch"`
	File   string `json:"file,omitempty"`
	Line   int64  `json:"line,omitempty"`
	Offset *int64 `json:"offset,omitempty"`
	Column string `json:"column,omitempty"`
	Reason string `json:"reason"`
	Record string `json:"record"`
}

func newRejects(j *job.Job, s *job.Stream) (*rejects, error) {
	r := &rejects{stream: s.Name, limit: -1}
	if n, ok := s.Sink.Options.Count(job.MaxBadRows); ok {
		r.limit = n
	}
	path, ok := s.Sink.Options.Get(job.RejectsPath)
	if !ok {
		return r, nil
	}
	var err error
	r.path, err = absolute(j, path)
	return r, err
}

// listed reports whether records go into a file.
func (r *rejects) listed() bool { return r.path != "" }

// begin starts an attempt at a batch.
func (r *rejects) begin(batch int64) error {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.batch, r.begun = batch, r.count
	if !r.listed() {
		return nil
	}
	if r.file == nil {
		if err := os.MkdirAll(filepath.Dir(r.path), 0o755); err != nil {
			return r.failed(err)
		}
		f, err := os.OpenFile(r.path, os.O_WRONLY|os.O_CREATE|os.O_APPEND, 0o644)
		if err != nil {
			return r.failed(err)
		}
		r.file = f
	}
	r.begunBytes, _ = r.file.Seek(0, io.SeekEnd) // a pipe has no length, and is not cut below
	return nil
}

func (r *rejects) failed(err error) error {
	e := sparkerr.Plain("the rejects file %s cannot be written: %s", r.path, err)
	e.Cause = err
	return e
}

// forget drops what an attempt that is made again has listed.
func (r *rejects) forget() {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.count, r.err = r.begun, nil
	r.buf.Reset()
	if r.file != nil {
		_ = r.file.Truncate(r.begunBytes)
	}
}

// add takes in a malformed record. Workers call it.
func (r *rejects) add(m *codec.Malformed) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.count++
	if r.file == nil || r.err != nil {
		return
	}
	line := reject{Stream: r.stream, Batch: r.batch, Line: m.Line, Column: m.Column, Reason: m.Reason, Record: string(m.Record)}
	if m.File != nil {
		line.File = m.File.Path
	}
	if m.Offset >= 0 {
		line.Offset = &m.Offset
	}
	e := json.NewEncoder(&r.buf)
	e.SetEscapeHTML(false)
	if r.err = e.Encode(&line); r.buf.Len() >= rejectFlush {
		r.flush()
	}
}

func (r *rejects) flush() {
	if r.buf.Len() > 0 && r.err == nil {
		if _, err := r.file.Write(r.buf.Bytes()); err != nil {
			r.err = r.failed(err)
		}
	}
	r.buf.Reset()
}

// check writes what is pending and says whether the query may go on.
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
	e := sparkerr.Plain("there are more malformed records than the %d allowed by %s", r.limit, job.MaxBadRows)
	e.Hint = "--rejects FILE lists them"
	if r.listed() {
		e.Hint = "they are listed in " + r.path
	}
	return e
}

// exceeded reports that there are too many already.
func (r *rejects) exceeded() bool {
	if r.limit < 0 {
		return false
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.count > r.limit
}

// total is how many there were.
func (r *rejects) total() int64 {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.count
}

func (r *rejects) close() error {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.file == nil {
		return nil
	}
	r.flush()
	err := errors.Join(r.err, r.file.Close())
	r.file = nil
	return err
}
