package file

import (
	"cmp"
	"context"
	"errors"
	"io"
	"io/fs"
	"slices"
	"sync/atomic"
	"time"

	"github.com/streamctl/streamctl/internal/checkpoint"
	"github.com/streamctl/streamctl/internal/codec"
	"github.com/streamctl/streamctl/internal/codec/compress"
	"github.com/streamctl/streamctl/internal/job"
	"github.com/streamctl/streamctl/internal/sources"
	"github.com/streamctl/streamctl/internal/storage"
	"github.com/streamctl/streamctl/internal/vector"
)

const (
	// pieceBytes is how much of a large file one worker reads at a time.
	pieceBytes = 2 << 20
	// smallBytes is what one goroutine reads faster than it can hand it over.
	smallBytes = 256 << 10
	// smallFiles is how many files one worker reads in a row.
	smallFiles = 256
	// sizeUnknown marks files known from the log only.
	sizeUnknown = -1
	// maxRereads bounds how often a batch is read again because its files change; then it is taken as it is.
	maxRereads = 10
)

// A plan is the batch being read.
type plan struct {
	to      sources.Offset
	scan    *sources.Scan
	columns *partitioning
	files   []planned
	tasks   int
	rereads int
}

// A planned file is one of the batch.
type planned struct {
	vector.File
	taken int64 // time of the file when it was taken, in milliseconds
	whole bool  // read as one piece from beginning to end
	dir   *directory
	lines atomic.Pointer[lineIndex] // nil until it is asked for
	read  *atomic.Int64             // counts bytes that were read

	// Of a followed file:
	start, end int64                          // the bytes taken, of the uncompressed content
	content    func() (storage.Object, error) // opens it, wherever it is
	excerpt    func(io.ReadCloser) *excerpt   // limits the uncompressed content of a compressed one
}

// open opens the file, limited to the size that was planned.
func (f *planned) open(fsys storage.FS, length int64) (io.ReadCloser, error) {
	open := f.content
	if open == nil {
		open = func() (storage.Object, error) { return fsys.Open(f.Path) }
	}
	file, err := open()
	if err != nil {
		return nil, err
	}
	section := &section{SectionReader: io.NewSectionReader(file, 0, f.Size), Closer: file, read: f.read}
	section.left.Store(length)
	if length < 0 {
		section.left.Store(f.Size)
	}
	r, err := compress.ByPath(f.Path).NewReader(section)
	if err != nil {
		err = errors.Join(err, file.Close())
	}
	switch {
	case err == nil && f.excerpt == nil:
		return r, nil
	case err == nil:
		return f.excerpt(r), nil
	case f.excerpt == nil:
		return nil, err
	}
	return nil, f.excerpt(nil).changed(err)
}

// lineIndex is made when the first malformed record asks for it: few files need one.
func (f *planned) lineIndex(sep []byte) *lineIndex {
	f.lines.CompareAndSwap(nil, &lineIndex{Lines: codec.Lines{Sep: sep}})
	return f.lines.Load()
}

// Plan returns the partitions of (from, to].
func (s *Source) Plan(ctx context.Context, from, to sources.Offset, scan *sources.Scan) ([]sources.Partition, error) {
	again := s.plan.to == to && s.plan.rereads > 0
	if !again {
		s.plan.rereads = 0
	}
	first, err := parseOffset(from)
	if err != nil {
		return nil, err
	}
	last, err := parseOffset(to)
	if err != nil {
		return nil, err
	}
	s.plan = plan{to: to, scan: scan, rereads: s.plan.rereads}
	files := s.batches[first+1]
	for id := first + 2; id <= last; id++ {
		files = slices.Concat(files, s.batches[id])
	}
	if s.plan.columns, err = s.newPartitioning(scan, files); err != nil {
		return nil, err
	}
	s.plan.files = make([]planned, 0, len(files))
	for _, c := range files {
		if err := s.addFile(c, again); err != nil {
			return nil, err
		}
	}
	s.measure()
	return s.partitions(), nil
}

// measure notes how much there is to read, for those who watch.
func (s *Source) measure() {
	total := int64(0)
	for i := range s.plan.files {
		total += s.plan.files[i].Size
	}
	s.env.Stats.BatchRead.Store(0)
	s.env.Stats.BatchBytes.Store(total)
}

// addFile takes a file into the plan, as it is now when its size is not known or has changed. One that has vanished since it
// was logged has no rows (Spark lists the files again).
func (s *Source) addFile(c candidate, again bool) error {
	dir, err := s.plan.columns.of(c.path)
	if err != nil || !dir.read {
		return err
	}
	taken := c.millis()
	if c.size == sizeUnknown || again {
		st, err := s.env.FS.Stat(c.path)
		if errors.Is(err, fs.ErrNotExist) {
			s.env.Log.Warn("a file of the batch is not there any more; it has no rows", "file", c.path)
			return nil
		}
		if err != nil {
			return s.readError(c.path, err)
		}
		c.size, c.modTime = st.Size, st.ModTime
	}
	s.plan.files = append(s.plan.files, planned{
		File:  vector.File{Path: c.path, Size: c.size, ModTime: c.modTime},
		taken: taken,
		whole: !s.decoder.Splittable || compress.ByPath(c.path) != compress.None,
		dir:   dir,
		read:  &s.env.Stats.BatchRead,
	})
	return nil
}

// A split is a piece of a file as Spark cuts it.
type split struct {
	file          *planned
	start, length int64
}

// partitions orders the files as Spark with one core does: cut into splits, the longest first, packed into tasks.
// (Spark: FilePartition.getFilePartitions, FileSourceScanExec.)
func (s *Source) partitions() []sources.Partition {
	openCost := s.setting("spark.sql.files.openCostInBytes", 4<<20)
	maxSplit := s.setting("spark.sql.files.maxPartitionBytes", 128<<20)
	total := int64(0)
	for i := range s.plan.files {
		total += s.plan.files[i].Size + openCost
	}
	maxSplit = max(1, min(maxSplit, max(openCost, total)))
	splits := make([]split, 0, len(s.plan.files))
	for i := range s.plan.files {
		f := &s.plan.files[i]
		step := maxSplit
		if f.whole {
			step = f.Size
		}
		for at := int64(0); at < f.Size; at += step {
			splits = append(splits, split{f, at, min(step, f.Size-at)})
		}
	}
	slices.SortStableFunc(splits, func(a, b split) int { return cmp.Compare(b.length, a.length) })
	var parts []sources.Partition
	task, size := 0, int64(0)
	for _, sp := range splits {
		if size > 0 && size+sp.length > maxSplit {
			task++
			size = 0
		}
		size += sp.length + openCost
		parts = s.pieces(parts, sp, task)
	}
	s.plan.tasks = task + 1
	return parts
}

// setting is a size among Spark's settings.
func (s *Source) setting(name string, def int64) int64 {
	if n, ok := job.ParseBytes(s.env.Conf[name]); ok && n > 0 {
		return n
	}
	return def
}

// pieces cuts a split for several workers, or adds it to the partition before when both are small.
func (s *Source) pieces(parts []sources.Partition, sp split, task int) []sources.Partition {
	if s.decoder.InOrder && !sp.file.whole {
		return s.appendPiece(parts, piece(sp), sp.length, task)
	}
	if sp.file.whole {
		return s.appendPiece(parts, piece{file: sp.file, length: -1}, sp.length, task)
	}
	for at := int64(0); at < sp.length; at += pieceBytes {
		n := min(pieceBytes, sp.length-at)
		if rest := sp.length - at - n; rest < pieceBytes/2 {
			n += rest
		}
		parts = s.appendPiece(parts, piece{sp.file, sp.start + at, n}, n, task)
		if n > pieceBytes {
			break
		}
	}
	return parts
}

// appendPiece adds a piece of n bytes to the last partition, or a new one.
func (s *Source) appendPiece(parts []sources.Partition, p piece, n int64, task int) []sources.Partition {
	if len(parts) > 0 {
		last := parts[len(parts)-1].(*partition)
		if last.task == task && last.bytes+n <= smallBytes && len(last.pieces) < smallFiles {
			last.pieces = append(last.pieces, p)
			last.bytes += n
			return parts
		}
	}
	return append(parts, &partition{src: s, scan: s.plan.scan, columns: s.plan.columns, pieces: []piece{p}, bytes: n, task: task})
}

// Recheck looks whether the files are still as they were planned.
func (s *Source) Recheck(ctx context.Context) ([]sources.Partition, error) {
	files := s.plan.files
	now := make([]storage.Status, len(files))
	inParallel(len(files), func(i int) { now[i], _ = s.env.FS.Stat(files[i].Path) })
	var more []sources.Partition
	for i := range files {
		f := &files[i]
		if !now[i].IsRegular() || now[i].Size == f.Size && sameTime(f.ModTime, now[i].ModTime) {
			continue
		}
		if p := s.tail(f, now[i]); p != nil {
			more = append(more, p)
			continue
		}
		if s.plan.rereads++; s.plan.rereads <= maxRereads {
			if err := pause(ctx, 10*time.Millisecond); err != nil {
				return nil, err
			}
			return nil, sources.ErrChanged
		}
		s.env.Log.Warn("a file keeps changing while it is read; the batch has what the last try read", "file", f.Path)
	}
	if more != nil {
		return more, nil
	}
	return nil, s.wereRead(files, now)
}

// wereRead remembers how the files of the batch were when they were read; the log knows how they were when they were taken.
func (s *Source) wereRead(files []planned, now []storage.Status) error {
	list := make([]checkpoint.Identity, len(files))
	for i := range files {
		f, id := &files[i], now[i].ID
		if before := s.changes.otherName(f.Path, &now[i]); before != "" {
			s.omitted.readAgain(f.Path, " is the same file as "+before+", which was read before")
		}
		s.changes.remember(f.Path, storage.Status{Size: f.Size, ModTime: f.ModTime, ID: id})
		millis := millisOf(f.ModTime)
		if millis != f.taken {
			s.seen.setReadAt(f.Path, millis)
		}
		list[i] = checkpoint.Identity{Path: f.Path, Device: id.Device, Inode: id.Inode, Born: id.Born, Size: f.Size, ModTime: millis}
	}
	return s.log.Identify(list)
}

// sameTime compares modification times; those from logs have milliseconds only.
func sameTime(planned, now time.Time) bool {
	if planned.Nanosecond()%int(time.Millisecond) == 0 {
		now = now.Truncate(time.Millisecond)
	}
	return planned.Equal(now)
}

// tail is the partition for what was added to a file that had ended with a whole line; nil when the file must be read again
// from the beginning.
func (s *Source) tail(f *planned, now storage.Status) sources.Partition {
	if f.whole || now.Size <= f.Size || !s.decoder.LineEnds || !(tree{s.env.FS}).endsInNewline(f.Path, f.Size) {
		return nil
	}
	// A partition that does not begin at 0 owns the records behind the first line end from its start on.
	start := f.Size - 1
	f.Size, f.ModTime = now.Size, now.ModTime
	n := f.Size - start
	p := s.appendPiece(nil, piece{f, start, n}, n, s.plan.tasks)
	s.plan.tasks++
	return p[0]
}
