package file

import (
	"context"
	"errors"
	"fmt"
	"io"
	"time"

	"github.com/streamctl/streamctl/internal/sources"
	"github.com/streamctl/streamctl/internal/storage"
	"github.com/streamctl/streamctl/internal/vector"
)

// advance takes the whole lines that were added to a file, within a limit of bytes; 0 means that there is none. It returns the number of bytes
// taken.
func (f *Follower) advance(t *tracked, limit int64) (taken int64, err error) {
	if t.unread() == 0 || !t.readable() {
		return 0, nil
	}
	before, end, m := t.End, t.End, t.mark
	if t.packed() {
		if k := f.scans.known[t.Path]; k != nil && k.id == t.identity() {
			end = t.size
			m, err = f.scans.markAt(t.Path, k, end)
		}
	} else {
		err = f.with(t, func(file storage.Object) error {
			if end, err = f.taken(t, file, limit); err != nil || end == before {
				return err
			}
			if m, err = markOf(file, end); err != nil {
				return err
			}
			if now, err := markOf(file, before); err != nil || now != t.mark {
				return errMoved
			}
			return nil
		})
	}
	if err != nil || end == before { // the next look finds out what has happened to it
		return 0, nil //nolint:nilerr // it was moved or truncated at this moment
	}
	t.End, t.mark = end, m
	return end - before, nil
}

// taken returns how far a plain file is taken: to the end of a line, unless its last line has not ended for long.
func (f *Follower) taken(t *tracked, file storage.Object, limit int64) (int64, error) {
	to := t.size
	if limit > 0 {
		to = min(to, t.End+limit)
	}
	from := max(t.End, min(t.ended, to))
	end, err := lineEnd(file, from, to)
	if err == nil && end == from && to < t.size {
		if end, err = nextLineEnd(file, to, t.size); end == to {
			end = from
		}
	}
	if err != nil {
		return t.End, err
	}
	if end == from {
		end = t.End
	}
	if to == t.size || end == t.End {
		t.ended = t.size
	}
	if end < t.size && (to == t.size || end == t.End) && f.overdue(t) {
		f.tellCut(t, t.size-end)
		end = t.size
	}
	return end, nil
}

// overdue reports whether the last line of a file has not ended for so long that it is taken as it is.
func (f *Follower) overdue(t *tracked) bool {
	now := f.env.Now()
	return now.Sub(t.modTime) >= f.opts.lastLine || !t.here && now.Sub(t.since) >= copyTime
}

// startAtEnd makes the positions of the first look the ends of the files, if startingPosition asks for it. They are stored, so that a run that
// is cut off before its first batch does not move them.
func (f *Follower) startAtEnd() error {
	if !f.atEnd() {
		return nil
	}
	log, err := f.env.Checkpoint.Values(f.env.Index)
	if err != nil {
		return err
	}
	skipped := int64(0)
	for _, t := range f.tracked {
		if n, _ := f.advance(t, 0); n > 0 {
			skipped += n
		}
		t.Begin = t.End
	}
	f.env.Log.Info("what is in the files at the start is not read (startingPosition: latest)", "files", len(f.tracked), "bytes", skipped)
	return log.Set(string(f.positions().text()))
}

// atEnd reports whether the files that are there now are to be read from their ends.
func (f *Follower) atEnd() bool { return !f.looked && f.latest == "" && f.opts.latest }

// started resumes at the positions that startAtEnd has stored, if there are any.
func (f *Follower) started() error {
	if !f.opts.latest {
		return nil
	}
	log, err := f.env.Checkpoint.Values(f.env.Index)
	if err != nil {
		return err
	}
	text, ok, err := log.Get()
	if err != nil || !ok {
		return err
	}
	p, err := parsePositions(sources.Offset(text))
	if err != nil {
		return err
	}
	f.take(p)
	f.next, f.opts.latest = p.Next, false
	return nil
}

// A verified file is one of a batch, to be compared with its mark: a plain one when the batch was read, a compressed one while it is read.
type verified struct {
	path string
	file storage.Object // open; nil if it is not kept open
	id   storage.Identity
	end  int64
	mark mark
}

// mostAttempts bounds how often a batch is planned because files are moved or truncated while they are read.
const mostAttempts = 10

// Plan returns the partitions of (from, to]: of each file the bytes between the two positions. Files that were moved since then are found by
// their content.
func (f *Follower) Plan(ctx context.Context, from, to sources.Offset, scan *sources.Scan) ([]sources.Partition, error) {
	start, err := parsePositions(from)
	if err != nil {
		return nil, err
	}
	end, err := parsePositions(to)
	if err != nil {
		return nil, err
	}
	if f.changed.Swap(false) || !f.looked && len(f.batch) == 0 {
		if err := f.lookFor(ctx, start, end); err != nil {
			return nil, err
		}
	}
	f.batch = f.batch[:0]
	r := f.reading
	r.plan = plan{to: to, scan: scan}
	paths := make([]candidate, 0, len(end.Followed))
	for i := range end.Followed {
		paths = append(paths, candidate{path: end.Followed[i].Path})
	}
	if r.plan.columns, err = r.newPartitioning(scan, paths); err != nil {
		return nil, err
	}
	r.plan.files = make([]planned, 0, len(end.Followed)) // pieces refer to its elements
	for i := range end.Followed {
		p := &end.Followed[i]
		begin := p.Begin
		if b := start.find(p.ID); b != nil {
			begin = b.End
		}
		if err := f.planFile(p, begin); err != nil {
			return nil, err
		}
	}
	r.measure()
	return f.partitions(), nil
}

// lookFor looks until the files of a batch are found. While files are rotated, a look may see a file under neither its old nor its new name.
func (f *Follower) lookFor(ctx context.Context, start, end *positions) error {
	for tries := f.tries; ; tries-- {
		if err := f.look(ctx, false); err != nil {
			return err
		}
		if tries == 0 || !f.misses(start, end) {
			return nil
		}
		if err := pause(ctx, lookAgain); err != nil {
			return err
		}
	}
}

const lookAgain = 50 * time.Millisecond

// misses reports whether a file of the batch has not been found.
func (f *Follower) misses(start, end *positions) bool {
	for i := range end.Followed {
		p := &end.Followed[i]
		t := f.find(p.ID)
		if b := start.find(p.ID); (b == nil || b.End < p.End) && p.End > p.Begin && (t == nil || !t.readable()) {
			return true
		}
	}
	return false
}

// readable reports whether there is a file to read the content from.
func (t *tracked) readable() bool { return t.here || t.file != nil }

// planFile plans the bytes of a content between begin and its position.
func (f *Follower) planFile(p *position, begin int64) error {
	if p.End <= begin {
		return nil
	}
	t := f.find(p.ID)
	if t == nil || !t.readable() {
		f.lose(p.Path, p.ID, p.End-begin, "they were to be read again, but the file is not there any more, under any name")
		return nil
	}
	end := p.End
	if t.size < end { // a copy that was made before the last lines were written
		f.lose(p.Path, p.ID, end-max(begin, t.size), "the file was truncated while they were read, and its copy does not have them")
		if end = t.size; end <= begin {
			return nil
		}
	}
	r := f.reading
	dir, err := r.plan.columns.of(t.Path)
	if err != nil || !dir.read {
		return err
	}
	v := verified{path: t.Path, file: t.file, id: t.identity(), end: p.End, mark: p.mark}
	size := end
	var limited func(io.ReadCloser) *excerpt
	switch {
	case t.packed():
		size = t.verified.size
		limited = func(r io.ReadCloser) *excerpt {
			return &excerpt{ReadCloser: r, f: f, of: &v, left: end, check: end == p.End}
		}
	case end == p.End:
		f.batch = append(f.batch, v)
	}
	r.plan.files = append(r.plan.files, planned{
		File: vector.File{Path: t.Path, Size: size, ModTime: t.modTime}, taken: millisOf(t.modTime), dir: dir, read: &f.env.Stats.BatchRead,
		start: begin, end: end, whole: t.packed(), excerpt: limited,
		content: func() (storage.Object, error) { return f.content(&v) },
	})
	return nil
}

func (f *Follower) find(id int64) *tracked {
	for _, t := range f.tracked {
		if t.ID == id {
			return t
		}
	}
	return nil
}

// content opens a file of the batch for a worker.
func (f *Follower) content(v *verified) (storage.Object, error) {
	if v.file != nil {
		return keptOpen{v.file}, nil
	}
	file, err := f.open(v.path, v.id)
	if err != nil {
		f.changed.Store(true)
		return nil, errors.Join(sources.ErrChanged, err)
	}
	return file, nil
}

// keptOpen is an open file that is not closed with its reader.
type keptOpen struct{ storage.Object }

func (keptOpen) Close() error { return nil }

// partitions cuts the files of the batch into pieces, in the order in which they are read.
func (f *Follower) partitions() []sources.Partition {
	r := f.reading
	most := r.setting("spark.sql.files.maxPartitionBytes", 128<<20)
	var parts []sources.Partition
	task, size := 0, int64(0)
	for i := range r.plan.files {
		file := &r.plan.files[i]
		length := file.end - file.start
		if size > 0 && size+length > most {
			task, size = task+1, 0
		}
		size += length
		step := int64(pieceBytes)
		if file.whole || r.decoder.InOrder || !r.decoder.Splittable {
			step = length
		}
		for at := file.start; at < file.end; at += step {
			n := min(step, file.end-at)
			parts = r.appendPiece(parts, piece{file, at, n}, n, task)
		}
	}
	r.plan.tasks = task + 1
	return parts
}

// Recheck compares the files that were read with their marks. A file that was truncated meanwhile is read again from its copy.
func (f *Follower) Recheck(ctx context.Context) ([]sources.Partition, error) {
	for i := range f.batch {
		if f.unchanged(&f.batch[i]) {
			continue
		}
		if f.attempts.Add(1) > mostAttempts {
			f.lose(f.batch[i].path, 0, 0, "the file keeps changing while it is read")
			break
		}
		f.changed.Store(true)
		if err := pause(ctx, 10*time.Millisecond); err != nil {
			return nil, err
		}
		return nil, sources.ErrChanged
	}
	f.attempts.Store(0)
	return nil, nil
}

func (f *Follower) unchanged(v *verified) bool {
	file := v.file
	if file == nil {
		var err error
		if file, err = f.open(v.path, v.id); err != nil {
			return false
		}
		defer file.Close()
	}
	m, err := markOf(file, v.end)
	return err == nil && m == v.mark
}

// lose tells of lines that are not read.
func (f *Follower) lose(path string, id, bytes int64, why string) {
	f.env.Stats.UnreadBytes.Add(bytes)
	f.tell(fmt.Sprintf("follow lost %d %s", id, why), fmt.Sprintf("%s: %s are lost: %s", path, counted(bytes), why),
		"let logrotate keep files for longer than this command may be down or behind, and let path name the rotated ones, too: 'app.log*'")
}

func counted(bytes int64) string {
	if bytes == 1 {
		return "1 byte"
	}
	return fmt.Sprintf("%d bytes", bytes)
}

// An excerpt is the uncompressed content of a compressed file up to the end of what was taken. If the file does not have it any more, because it
// was written to or replaced since it was scanned, the batch is planned anew.
type excerpt struct {
	io.ReadCloser
	f     *Follower
	of    *verified
	left  int64
	read  marker
	check bool // all that was marked is read
}

func (e *excerpt) Read(p []byte) (int, error) {
	if e.left == 0 {
		return 0, io.EOF
	}
	n, err := e.ReadCloser.Read(p[:min(int64(len(p)), e.left)])
	e.left -= int64(n)
	_, _ = e.read.Write(p[:n])
	switch {
	case e.left == 0 && (!e.check || e.read.mark() == e.of.mark):
		return n, nil
	case e.left == 0:
		return n, e.changed(errOther)
	case err != nil:
		return n, e.changed(err)
	}
	return n, nil
}

// errOther says that a compressed file does not have what it had when it was scanned.
var errOther = errors.New("it does not have the content that it had when the batch was planned")

// changed returns the error that has the batch planned anew; err itself if that was done often enough. An end of the file comes too early here.
func (e *excerpt) changed(err error) error {
	e.f.changed.Store(true)
	if errors.Is(err, io.EOF) {
		err = io.ErrUnexpectedEOF
	}
	if e.f.attempts.Add(1) > mostAttempts {
		return err
	}
	return errors.Join(sources.ErrChanged, err)
}

// Seek goes forward from the beginning.
func (e *excerpt) Seek(offset int64, _ int) (int64, error) {
	return io.CopyN(io.Discard, e, offset)
}
