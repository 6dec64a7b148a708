package sinks

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"path/filepath"
	"slices"
	"sync"
	"time"

	"github.com/streamctl/streamctl/internal/atomicfile"
	"github.com/streamctl/streamctl/internal/checkpoint"
	"github.com/streamctl/streamctl/internal/codec"
	"github.com/streamctl/streamctl/internal/job"
	"github.com/streamctl/streamctl/internal/storage"
	"github.com/streamctl/streamctl/internal/types"
)

// A fileSink writes each task of a batch as a part file and lists the batch's files in _spark_metadata; readers use only
// listed files. Part files appear by rename when the batch is committed. A manifest written before the renames lists the
// files that a crashed attempt may have put in place, so that the next attempt can remove them.
type fileSink struct {
	encoding *codec.Encoding
	layout   *layout
	dir      string
	owner    checkpoint.Owner
	fsys     storage.FS
	log      *checkpoint.SinkLog
}

func newFile(c *codec.Codec, s *job.Stream, schema *types.Schema, env Env) (Sink, error) {
	l, err := newLayout(s, schema, env)
	if err != nil {
		return nil, err
	}
	e, err := encodingOf(c.File, s, l.data, env)
	if err != nil {
		return nil, err
	}
	dir, err := filepath.Abs(env.Job.Resolve(s.Sink.Path))
	if err != nil {
		return nil, err
	}
	return &fileSink{encoding: e, layout: l, dir: dir, fsys: env.FS}, nil
}

// Describe returns the sink's name in Spark's progress.
func (s *fileSink) Describe() string { return "FileSink[" + s.dir + "]" }

// Owner sets the query whose batches the sink writes. It must be called before the first batch.
func (s *fileSink) Owner(o checkpoint.Owner) { s.owner = o }

// Close closes the log.
func (s *fileSink) Close() error {
	if s.log != nil {
		s.log.Close()
	}
	return nil
}

// Tidy continues writing the next compact file of the log.
func (s *fileSink) Tidy() {
	if s.log != nil {
		s.log.Tidy()
	}
}

// Begin opens the log at the first batch and removes what crashed attempts have left.
func (s *fileSink) Begin(_ context.Context, batchID int64) (BatchWriter, error) {
	if s.log == nil {
		if err := s.open(); err != nil {
			return nil, fmt.Errorf("file sink %s: %w", s.dir, err)
		}
	}
	if s.log.Has(batchID) {
		return nil, ErrHave
	}
	return &fileBatch{sink: s, id: batchID, uuid: s.attemptID(), dirs: newDirectories(s.layout)}, nil
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
	if s.owner.Query != "" {
		if err := log.SetOwner(s.owner); err != nil {
			return err
		}
	}
	return s.cleanUp()
}

// A fileBatch holds the part files of one batch.
type fileBatch struct {
	sink *fileSink
	id   int64
	uuid string
	dirs *directories

	mu      sync.Mutex
	parts   []*part
	decided bool // the log contains the batch or may contain it: its files remain
}

// A part is the output of one Spark task: one file, or several if rows are partitioned into directories or the number of
// records per file is limited. The partitions of a task are adjacent.
type part struct {
	*ordered
	batch   *fileBatch
	task    int
	files   []*partFile // in the order in which they were started
	split   *splitter   // nil: all rows go into one file
	started int         // number of partitions started

	mu     sync.Mutex
	ended  int  // number of partitions closed
	sealed bool // no partition will be added
	synced bool
}

// Partition returns the writer of partition i, which belongs to the given Spark task.
func (b *fileBatch) Partition(_, task int) (PartitionWriter, error) {
	e, err := b.sink.encoding.Encoder()
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
	w := &orderedPartition{ordered: p.ordered, i: p.started - 1, encoder: e, buf: p.buffer(), closed: p.closedOne}
	if p.split != nil {
		return newSplitPartition(w, b), nil
	}
	return w, nil
}

func (b *fileBatch) newPart(task int) *part {
	p := &part{batch: b, task: task}
	if b.sink.layout.splits() {
		p.split = &splitter{part: p, streams: map[uint32]*splitStream{}}
		p.ordered = newOrdered(p.split.write)
	} else {
		p.ordered = newOrdered(p.write)
	}
	return p
}

// newFile starts file number n in the directory dir below that of the sink.
func (p *part) newFile(dir string, n int) (*partFile, error) {
	s := p.batch.sink
	separator := "-"
	if dir != "" {
		separator = "."
	}
	base := fmt.Sprintf("part-%05d-%s%sc%03d%s", p.task, p.batch.uuid, separator, n, s.encoding.Suffix)
	e, err := s.encoding.Encoder()
	if err != nil {
		return nil, err
	}
	f := &partFile{fsys: s.fsys, codec: s.encoding.Compression, name: filepath.Join(s.dir, dir, base), tmp: atomicfile.TempName(filepath.Join(s.dir, base))}
	p.files = append(p.files, f)
	if s.encoding.Joiner != nil {
		if f.joiner, err = s.encoding.Joiner(); err != nil {
			return f, err
		}
	}
	return f, f.write(e.Header(nil))
}

// write appends to the only file; the first bytes create it.
func (p *part) write(text []byte) error {
	if len(p.files) == 0 {
		if _, err := p.newFile("", 0); err != nil {
			return err
		}
	}
	return p.files[0].write(text)
}

// closedOne records that one partition has finished.
func (p *part) closedOne() error {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.ended++
	return p.finish()
}

// seal records that no partition will be added.
func (p *part) seal() error {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.sealed = true
	return p.finish()
}

// finish makes the files durable once they are complete.
func (p *part) finish() error {
	if !p.sealed || p.ended < p.started || p.synced {
		return nil
	}
	p.synced = true
	var err error
	if p.split != nil {
		err = p.split.flush()
	}
	for _, f := range p.files {
		err = errors.Join(err, f.finish())
	}
	p.memory.Release()
	return err
}

// Commit puts the part files in place and lists them. As in Spark, the first task always has a file, even an empty one,
// unless rows are partitioned into directories.
func (b *fileBatch) Commit(_ context.Context, _ int) error {
	b.mu.Lock()
	defer b.mu.Unlock()
	if len(b.parts) == 0 {
		b.parts = append(b.parts, b.newPart(0))
	}
	var files []*partFile
	for i, p := range b.parts {
		if err := p.seal(); err != nil {
			return err
		}
		if i == 0 && p.task == 0 && len(p.files) == 0 && !b.sink.layout.partitioned() {
			f, err := p.newFile("", 0)
			if err = errors.Join(err, f.finish()); err != nil {
				return err
			}
		}
		files = append(files, p.files...)
	}
	if err := b.publish(files); err != nil {
		return fmt.Errorf("file sink %s, batch %d: %w", b.sink.dir, b.id, err)
	}
	return nil
}

// publish renames the files of a batch and logs them. If logging fails, it is unknown whether the log contains the batch; the
// next start finds out, and removes the files of the manifest if it does not.
func (b *fileBatch) publish(parts []*partFile) error {
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
	_ = s.fsys.Remove(s.manifest(b.id)) // a manifest that remains is removed at the next start
	return nil
}

// place renames part files to their final names.
func (s *fileSink) place(parts []*partFile) ([]checkpoint.SinkFile, error) {
	var files []checkpoint.SinkFile
	dirs := map[string]bool{s.dir: true}
	for _, p := range parts {
		dir := filepath.Dir(p.name)
		if !dirs[dir] {
			if err := atomicfile.MkdirAll(s.fsys, dir, true); err != nil {
				return nil, err
			}
			dirs[dir] = true
		}
		if err := s.fsys.Rename(p.tmp, p.name); err != nil {
			return nil, err
		}
		p.tmp = p.name
		files = append(files, checkpoint.SinkFile{Path: p.name, Size: p.size, ModTime: s.modTime(p.name)})
	}
	for _, dir := range slices.Sorted(maps.Keys(dirs)) {
		if err := s.fsys.SyncDir(dir); err != nil {
			return nil, err
		}
	}
	return files, nil
}

func (s *fileSink) modTime(name string) int64 {
	if info, err := s.fsys.Stat(name); err == nil {
		return info.ModTime.UnixMilli()
	}
	return time.Now().UnixMilli()
}

// Abort removes the files of the batch.
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
	p.ordered.writing.Lock()
	defer p.ordered.writing.Unlock()
	p.mu.Lock()
	defer p.mu.Unlock()
	p.synced = true
	for _, f := range p.files {
		f.remove()
	}
}
