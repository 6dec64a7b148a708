package sinks

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"sync"
	"time"

	"github.com/streamctl/streamctl/internal/atomicfile"
	"github.com/streamctl/streamctl/internal/checkpoint"
	"github.com/streamctl/streamctl/internal/job"
	"github.com/streamctl/streamctl/internal/types"
)

// A fileSink writes each task of a batch as a part file and lists the batch's files in _spark_metadata: only listed files
// count. Part files appear by rename when the batch is committed; a manifest written before the renames says which files an
// attempt that died had begun to put in place, so that the next one can take them away.
type fileSink struct {
	format *format
	dir    string
	fsys   atomicfile.FS
	log    *checkpoint.SinkLog
}

func newFile(s *job.Stream, schema *types.Schema, env Env) (Sink, error) {
	f, err := newFormat(s, schema, env)
	if err != nil {
		return nil, err
	}
	dir, err := filepath.Abs(env.Job.Resolve(s.Sink.Path))
	if err != nil {
		return nil, err
	}
	return &fileSink{format: f, dir: dir, fsys: env.FS}, nil
}

// Describe names the sink as Spark's progress does.
func (s *fileSink) Describe() string { return "FileSink[" + s.dir + "]" }

// Close has nothing to do.
func (s *fileSink) Close() error { return nil }

// Begin opens the log at the first batch and takes away what dead attempts have left.
func (s *fileSink) Begin(_ context.Context, batchID int64) (Batch, error) {
	if err := s.format.check(); err != nil {
		return nil, err
	}
	if s.log == nil {
		if err := s.open(); err != nil {
			return nil, fmt.Errorf("file sink %s: %w", s.dir, err)
		}
	}
	if s.log.Has(batchID) {
		return nil, ErrHave
	}
	return &fileBatch{sink: s, id: batchID, uuid: checkpoint.NewID()}, nil
}

func (s *fileSink) open() error {
	if err := atomicfile.MkdirAll(s.fsys, s.dir, true); err != nil {
		return err
	}
	log, err := checkpoint.OpenSinkLog(s.fsys, s.dir)
	if err != nil {
		return err
	}
	s.log = log
	return s.cleanUp()
}

// A fileBatch is the part files of one batch.
type fileBatch struct {
	sink *fileSink
	id   int64
	uuid string

	mu      sync.Mutex
	parts   []*part
	decided bool // the log has the batch or may have it: its files stay
}

// A part is the file of one of Spark's tasks; its partitions are adjacent.
type part struct {
	*ordered
	sink      *fileSink
	task      int
	name, tmp string
	file      atomicfile.File
	size      int64
	started   int // partitions begun

	mu     sync.Mutex
	ended  int  // partitions closed
	sealed bool // no partition will be added
	synced bool
}

// Task gives the writer of partition i, which belongs to Spark's task.
func (b *fileBatch) Task(_, task int) (TaskWriter, error) {
	e, err := b.sink.format.encoder()
	if err != nil {
		return nil, err
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	if n := len(b.parts); n == 0 || b.parts[n-1].task != task {
		if n > 0 {
			if err := b.parts[n-1].seal(); err != nil {
				return nil, err
			}
		}
		b.parts = append(b.parts, b.newPart(task))
	}
	p := b.parts[len(b.parts)-1]
	p.started++
	return &orderedTask{ordered: p.ordered, i: p.started - 1, encoder: e, closed: p.closedOne}, nil
}

func (b *fileBatch) newPart(task int) *part {
	name := filepath.Join(b.sink.dir, fmt.Sprintf("part-%05d-%s-c000%s", task, b.uuid, b.sink.format.suffix))
	p := &part{sink: b.sink, task: task, name: name, tmp: atomicfile.TempName(name)}
	p.ordered = newOrdered(p.write)
	return p
}

// write appends to the part file; the first bytes make it, header first.
func (p *part) write(text []byte) error {
	if p.file == nil {
		if err := p.create(); err != nil {
			return err
		}
	}
	n, err := p.file.Write(text)
	p.size += int64(n)
	return err
}

func (p *part) create() error {
	e, err := p.sink.format.encoder()
	if err != nil {
		return err
	}
	if p.file, err = p.sink.fsys.Create(p.tmp); err != nil {
		return err
	}
	n, err := p.file.Write(e.Header(nil))
	p.size = int64(n)
	return err
}

// closedOne hears that one of the partitions has closed.
func (p *part) closedOne() error {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.ended++
	return p.finish()
}

// seal says that no partition will be added.
func (p *part) seal() error {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.sealed = true
	return p.finish()
}

// finish makes the file durable once everything is in it.
func (p *part) finish() error {
	if !p.sealed || p.ended < p.started || p.synced || p.file == nil {
		return nil
	}
	p.synced = true
	return errors.Join(p.file.Sync(), p.file.Close())
}

// Commit puts the part files in place and lists them. The first task always has a file, if need be an empty one, as in
// Spark.
func (b *fileBatch) Commit(_ context.Context, _ int) error {
	b.mu.Lock()
	defer b.mu.Unlock()
	if len(b.parts) == 0 {
		b.parts = append(b.parts, b.newPart(0))
	}
	if first := b.parts[0]; first.task == 0 && first.file == nil {
		if err := first.create(); err != nil {
			return err
		}
	}
	var files []*part
	for _, p := range b.parts {
		if err := p.seal(); err != nil {
			return err
		}
		if p.file != nil {
			files = append(files, p)
		}
	}
	if err := b.publish(files); err != nil {
		return fmt.Errorf("file sink %s, batch %d: %w", b.sink.dir, b.id, err)
	}
	return nil
}

// publish renames the files of a batch and logs them. When logging fails nobody knows whether the batch is in the log; the
// next start looks, and takes the files of the manifest away if it is not.
func (b *fileBatch) publish(parts []*part) error {
	s := b.sink
	if err := s.announce(b.id, parts); err != nil {
		return err
	}
	files, err := s.place(parts)
	if err != nil {
		return err
	}
	b.decided = true
	if err := s.log.Add(b.id, files); err != nil {
		return err
	}
	_ = s.fsys.Remove(s.manifest(b.id)) // a manifest that stays behind is removed at the next start
	return nil
}

// place gives part files their final names.
func (s *fileSink) place(parts []*part) ([]checkpoint.SinkFile, error) {
	var files []checkpoint.SinkFile
	for _, p := range parts {
		if err := s.fsys.Rename(p.tmp, p.name); err != nil {
			return nil, err
		}
		p.tmp = p.name
		files = append(files, checkpoint.SinkFile{Path: p.name, Size: p.size, ModTime: s.modTime(p.name)})
	}
	return files, s.fsys.SyncDir(s.dir)
}

func (s *fileSink) modTime(name string) int64 {
	if info, err := s.fsys.Stat(name); err == nil {
		return info.ModTime().UnixMilli()
	}
	return time.Now().UnixMilli()
}

// Abort takes away the files of the batch.
func (b *fileBatch) Abort(context.Context) error {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.decided {
		return nil
	}
	for _, p := range b.parts {
		p.abort()
	}
	return nil
}

func (p *part) abort() {
	p.stop(errAborted)
	p.ordered.mu.Lock()
	defer p.ordered.mu.Unlock()
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.file == nil {
		return
	}
	if !p.synced {
		_ = p.file.Close()
	}
	p.synced = true
	_ = p.sink.fsys.Remove(p.tmp)
}
