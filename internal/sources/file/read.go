package file

import (
	"context"
	"errors"
	"io"
	"io/fs"
	"sync"
	"sync/atomic"

	"github.com/streamctl/streamctl/internal/codec"
	"github.com/streamctl/streamctl/internal/memory"
	"github.com/streamctl/streamctl/internal/sources"
	"github.com/streamctl/streamctl/internal/sparkerr"
	"github.com/streamctl/streamctl/internal/storage"
	"github.com/streamctl/streamctl/internal/vector"
)

// A partition is one or several pieces of files that one worker reads one after the other.
type partition struct {
	src     *Source
	scan    *sources.Scan
	columns *partitioning
	pieces  []piece
	bytes   int64
	task    int
}

// A piece is a part of a file, or all of it.
type piece struct {
	file          *planned
	start, length int64 // length -1: to the end
}

// Task is Spark's task.
func (p *partition) Task() int { return p.task }

// Small reports a partition that is not worth a goroutine.
func (p *partition) Small() bool { return p.bytes <= smallBytes }

// Open makes the reader of the pieces, or takes one that has done its work.
func (p *partition) Open(context.Context) (vector.Reader, error) {
	r := p.src.idle.take(p.scan)
	if r == nil {
		scan, err := p.scan.ForReader()
		if err != nil {
			return nil, err
		}
		r = newReader(p, scan)
	}
	r.pieces = p.pieces
	return r, nil
}

// open returns the bytes of the file as far as it was planned. Bytes added since then are left to Recheck.
func (p *piece) open(fsys storage.FS) (io.ReadCloser, error) { return p.file.open(fsys, p.length) }

// A section is a file up to the size that was planned.
type section struct {
	*io.SectionReader
	io.Closer
	read *atomic.Int64 // counts the bytes of the piece that were read
	left atomic.Int64  // bytes of the piece; a reader may look beyond its end
}

func (s *section) Read(p []byte) (int, error) {
	n, err := s.SectionReader.Read(p)
	s.count(int64(n))
	return n, err
}

func (s *section) ReadAt(p []byte, at int64) (int, error) {
	n, err := s.SectionReader.ReadAt(p, at)
	s.count(int64(n))
	return n, err
}

func (s *section) count(n int64) {
	if left := s.left.Add(-n); left < 0 {
		n = max(n+left, 0)
	}
	s.read.Add(n)
}

// A reader reads pieces, and is used again for those of other partitions.
type reader struct {
	src    *Source
	from   *sources.Scan
	scan   *codec.Scan
	pieces []piece // to be read; if in is not nil, the first is the current one
	in     vector.Reader
	last   codec.Restarter // a reader of the format that has come to its end
	lines  lineCounter
	cols   []*vector.Vector
	out    vector.Batch
}

func newReader(p *partition, scan *codec.Scan) *reader {
	r := &reader{src: p.src, from: p.scan, scan: scan, lines: lineCounter{fsys: p.src.env.FS, sep: p.src.decoder.Separator}}
	p.columns.forFiles(scan)
	if report := scan.OnMalformed; report != nil {
		lineAt := r.lines.lineAt
		scan.OnMalformed = func(m *codec.Malformed) {
			m.LineAt = lineAt
			report(m)
		}
	}
	return r
}

// LineAt returns the line number of an offset of the current file.
func (r *reader) LineAt(offset int64) int64 {
	if len(r.pieces) == 0 {
		return 0
	}
	return r.lines.lineAt(offset)
}

// Next returns the next batch.
func (r *reader) Next(ctx context.Context) (*vector.Batch, error) {
	for len(r.pieces) > 0 {
		file := r.pieces[0].file
		b, err := r.read(ctx)
		if err == nil {
			return r.withPartitions(b, file.dir), nil
		}
		if !errors.Is(err, io.EOF) {
			if ctx.Err() != nil {
				return nil, err
			}
			if err = r.src.readError(file.Path, err); !errors.Is(err, io.EOF) {
				return nil, err
			}
		}
		if err := r.end(); err != nil {
			return nil, err
		}
		r.pieces = r.pieces[1:]
	}
	return nil, io.EOF
}

// read returns the next batch of the current piece.
func (r *reader) read(ctx context.Context) (*vector.Batch, error) {
	if r.in == nil {
		if err := r.begin(&r.pieces[0]); err != nil {
			return nil, err
		}
	}
	return r.in.Next(ctx)
}

// begin opens a piece.
func (r *reader) begin(p *piece) (err error) {
	open := func() (io.ReadCloser, error) { return p.open(r.src.env.FS) }
	in := codec.Input{File: &p.file.File, Open: open, Start: p.start, Length: p.length, AtRecord: p.start > 0 && p.start == p.file.start}
	r.lines.piece = p
	if r.last != nil {
		r.last.Restart(in)
		r.in = r.last
		return nil
	}
	r.in, err = r.src.decoder.NewReader(r.scan, in)
	return err
}

// end closes the current piece.
func (r *reader) end() error {
	r.lines.close()
	if r.in == nil {
		return nil
	}
	err := r.in.Close()
	r.last, _ = r.in.(codec.Restarter)
	r.in = nil
	return err
}

// Close ends the reading and makes the reader available to others.
func (r *reader) Close() error {
	if r.pieces == nil {
		return nil
	}
	err := r.end()
	r.pieces = nil
	r.src.idle.put(r)
	return err
}

// withPartitions adds the partition columns, which are the same for all rows of a file.
func (r *reader) withPartitions(b *vector.Batch, dir *directory) *vector.Batch {
	if len(dir.values) == 0 {
		return b
	}
	r.cols = append(append(r.cols[:0], b.Cols...), dir.values...)
	r.out = *b
	r.out.Cols = r.cols
	return &r.out
}

// idleReaders are those that have come to their end.
type idleReaders struct {
	mu   sync.Mutex
	list []*reader
}

// take returns a reader that was made for the scan, or nil.
func (i *idleReaders) take(scan *sources.Scan) *reader {
	i.mu.Lock()
	defer i.mu.Unlock()
	n := len(i.list)
	if n == 0 || i.list[n-1].from != scan {
		return nil
	}
	r := i.list[n-1]
	i.list = i.list[:n-1]
	return r
}

func (i *idleReaders) put(r *reader) {
	i.mu.Lock()
	defer i.mu.Unlock()
	i.list = append(i.list, r)
}

// readError is the error of a file that cannot be read; io.EOF when the options say to go on without it. Errors of records
// stay as they are.
func (s *Source) readError(path string, err error) error {
	if errors.Is(err, sources.ErrChanged) {
		return err
	}
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
	if _, limited := errors.AsType[*memory.Exceeded](err); s.opts.ignoreCorrupt && !limited {
		s.env.Log.Warn("the rest of a damaged file is left out", "file", path, "error", err)
		return io.EOF
	}
	e := codec.ReadFailed(&vector.File{Path: path}, err)
	if errors.Is(err, fs.ErrPermission) {
		e.Hint = "allow it, and run the same command again; the options pathGlobFilter and ignoreCorruptFiles go on without the file"
	}
	return e
}
