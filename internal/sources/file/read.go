package file

import (
	"context"
	"errors"
	"io"
	"io/fs"
	"os"

	"github.com/streamctl/streamctl/internal/codec"
	"github.com/streamctl/streamctl/internal/codec/compress"
	"github.com/streamctl/streamctl/internal/sources"
	"github.com/streamctl/streamctl/internal/sparkerr"
	"github.com/streamctl/streamctl/internal/vector"
)

// A partition is a piece of a file.
type partition struct {
	src           *Source
	scan          *sources.Scan
	columns       *partitioning
	file          *planned
	start, length int64 // length -1: to the end
	bytes         int64
	task          int
}

// Task is Spark's task.
func (p *partition) Task() int { return p.task }

// Small reports a piece that is not worth a goroutine.
func (p *partition) Small() bool { return p.bytes <= smallBytes }

// Open makes the reader of the piece.
func (p *partition) Open(context.Context) (vector.Reader, error) {
	scan, err := p.scan.ForReader()
	if err != nil {
		return nil, err
	}
	p.columns.forFiles(scan, p.file.dir)
	lines := &lineCounter{part: p}
	if report := scan.OnMalformed; report != nil && scan.Details {
		scan.OnMalformed = func(m *codec.Malformed) {
			lines.locate(m)
			report(m)
		}
	}
	r, err := p.src.decoder.NewReader(scan, codec.Input{File: p.file.file, Open: p.open, Start: p.start, Length: p.length})
	if err != nil {
		return nil, p.src.readError(p.file.path, err)
	}
	r = &reader{r, p.src, p.file.path, lines}
	if len(p.file.dir.values) > 0 {
		r = &partitionReader{Reader: r, values: p.file.dir.values}
	}
	return r, nil
}

// open gives the bytes of the file as far as it was planned: what is added meanwhile is for Recheck.
func (p *partition) open() (io.ReadCloser, error) {
	f, err := os.Open(p.file.path)
	if err != nil {
		return nil, err
	}
	section := &section{io.NewSectionReader(f, 0, p.file.size), f}
	r, err := compress.ByPath(p.file.path).NewReader(section)
	if err != nil {
		_ = f.Close()
		return nil, err
	}
	return r, nil
}

// A section is a file up to the size that was planned.
type section struct {
	*io.SectionReader
	io.Closer
}

// A reader names the file in errors.
type reader struct {
	vector.Reader
	src   *Source
	path  string
	lines *lineCounter
}

// Close ends the reading of the file.
func (r *reader) Close() error {
	r.lines.close()
	return r.Reader.Close()
}

// Next gives the next batch.
func (r *reader) Next(ctx context.Context) (*vector.Batch, error) {
	b, err := r.Reader.Next(ctx)
	if err != nil && !errors.Is(err, io.EOF) && ctx.Err() == nil {
		return nil, r.src.readError(r.path, err)
	}
	return b, err
}

// readError is the error of a file that cannot be read; io.EOF when the options say to go on without it. Errors of records
// stay as they are.
func (s *Source) readError(path string, err error) error {
	uri := codec.FileURI(path)
	if errors.Is(err, fs.ErrNotExist) {
		if s.opts.ignoreMissing {
			return io.EOF
		}
		return &sparkerr.Error{Condition: "FAILED_READ_FILE.FILE_NOT_EXIST", Params: map[string]string{"path": uri}, Cause: err}
	}
	const failed = "FAILED_READ_FILE.NO_HINT"
	root := sparkerr.Root(err)
	if root != nil && root.Condition != "" && root.Condition != failed {
		return err
	}
	if root != nil && root.Cause != nil {
		err = root.Cause
	}
	if s.opts.ignoreCorrupt {
		s.env.Log.Warn("the rest of a damaged file is left out", "file", path, "error", err)
		return io.EOF
	}
	e := &sparkerr.Error{Condition: failed, Params: map[string]string{"path": uri}, Cause: err}
	e.Text = "The file " + uri + " cannot be read: " + cause(err) + "."
	return e
}

// cause is the innermost text of an error, without the path again.
func cause(err error) string {
	var p *fs.PathError
	if errors.As(err, &p) {
		return p.Err.Error()
	}
	return err.Error()
}
