// Package file is the file source: it lists a directory or a glob by Spark's rules, takes new files within the limits of a
// trigger, and plans their reading. (Spark: FileStreamSource.)
package file

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"slices"
	"time"

	"github.com/streamctl/streamctl/internal/checkpoint"
	"github.com/streamctl/streamctl/internal/codec"
	"github.com/streamctl/streamctl/internal/job"
	"github.com/streamctl/streamctl/internal/memory"
	"github.com/streamctl/streamctl/internal/sources"
	"github.com/streamctl/streamctl/internal/sparkerr"
	"github.com/streamctl/streamctl/internal/storage"
)

// A Source is a file source.
type Source struct {
	path    string
	opts    *options
	env     *sources.Env
	decoder *codec.Decoder
	log     *checkpoint.SourceLog
	lister  *lister
	left    leftOutLog
	watch   *watcher
	cleaner *cleaner // nil: files stay
	settle  *settler
	changes *changes
	omitted *omitted
	renames renames
	seen    *seenFiles

	adopted  bool                  // batches holds the entries of the log after the first offset
	position int64                 // newest entry of the log
	batches  map[int64][]candidate // entries of the log that are not committed
	unread   []candidate           // listed, in order, but beyond a limit
	frozen   bool                  // no more files are added to unread
	waiting  waiting               // what is beyond the limit of the newest batch
	known    map[string]candidate  // new files from notifications that are not in a batch yet
	plan     plan
	idle     idleReaders

	compared   time.Time     // when a listing last compared known files
	comparison time.Duration // how long that listing took
	warnedLost bool
	held       memory.Holding // of the known files
}

// New returns a source for an absolute path, which may be a glob, a directory or a file.
func New(path string, opts job.Options, decoder *codec.Decoder, env *sources.Env) (*Source, error) {
	o, err := parseOptions(opts, env.Conf)
	if err != nil {
		return nil, err
	}
	s := &Source{path: path, opts: o, env: env, decoder: decoder, position: -1, batches: map[int64][]candidate{}, known: map[string]candidate{}, seen: newSeenFiles(o)}
	if s.lister, err = newLister(tree{env.FS}, path, o, layoutOf(env)); err != nil {
		return nil, err
	}
	s.lister.written, s.left = env.Written, leftOutLog{log: env.Log}
	if what, write := s.lister.unmatched(); what != "" {
		env.Log.Warn(what, "path", path, "write", write)
		s.left.spoken = true
	}
	if s.cleaner, err = newCleaner(path, opts, env); err != nil {
		return nil, err
	}
	s.lister.count = s.hold
	s.lister.isNew = func(path string) bool { return !s.seen.has(path) }
	s.watch = newWatcher(env.FS, s.lister.direct, o.hiddenAnyway, env.Now)
	s.settle = &settler{fsys: tree{env.FS}, now: env.Now, waiting: map[string]time.Time{}}
	s.changes = newChanges(s.seen, env)
	s.omitted = newOmitted(s.seen, env)
	if s.log, err = env.Checkpoint.SourceLog(env.Index, 0); err != nil {
		return nil, err
	}
	return s, s.readLog()
}

// readLog reads the files of earlier runs from the log.
func (s *Source) readLog() error {
	s.position = s.log.Latest()
	if s.position < 0 {
		return nil
	}
	s.log.Check = s.lister.foreign
	s.renames.fsys, s.renames.log = s.env.FS, s.log
	if err := s.log.Each(func(f checkpoint.SourceFile) {
		s.seen.add(f.Path, f.ModTime)
		s.renames.times = append(s.renames.times, f.ModTime)
	}); err != nil {
		return err
	}
	s.seen.purge()
	files, err := s.log.Identities()
	s.changes.earlier(files)
	return err
}

// Describe names the source.
func (s *Source) Describe() string { return "FileStreamSource[file:" + s.path + "]" }

// Recover prepares for going on after start.
func (s *Source) Recover(_ context.Context, logged sources.Logged) error {
	n, err := parseOffset(logged.Last)
	if err != nil {
		return err
	}
	if before, err := parseOffset(logged.Before); err != nil {
		return err
	} else if before > n {
		return logged.Backwards()
	}
	if n > s.position {
		return sparkerr.Plain("the checkpoint does not know the files of its last batch: %s ends at entry %d, but entry %d was read",
			s.env.Checkpoint.SourceDir(s.env.Index), s.position, n).
			WithHint("restore the directory from a copy, or start with a new checkpoint")
	}
	return s.adopt(logged.Start())
}

// adopt reads the entries of the log after the given offset; usually there are none. With a cleaner, it also reads the entry of the offset
// itself, whose files were processed but not put away.
func (s *Source) adopt(from sources.Offset) error {
	if s.adopted {
		return nil
	}
	s.adopted = true
	n, err := parseOffset(from)
	if err != nil {
		return err
	}
	if s.cleaner == nil {
		n++
	}
	if n > s.position {
		return nil
	}
	return s.log.Each(func(f checkpoint.SourceFile) {
		if f.BatchID >= n {
			s.batches[f.BatchID] = append(s.batches[f.BatchID], candidate{path: f.Path, size: sizeUnknown, modTime: time.UnixMilli(f.ModTime)})
		}
	})
}

// parseOffset reads {"logOffset":n}; -1 stands for the beginning.
func parseOffset(o sources.Offset) (int64, error) {
	if o == "" {
		return -1, nil
	}
	var v struct {
		LogOffset *int64 `json:"logOffset"`
	}
	if err := json.Unmarshal([]byte(o), &v); err != nil || v.LogOffset == nil || *v.LogOffset < 0 {
		return 0, sparkerr.Plain("the offset %s in the checkpoint is not one of a file source", o).
			WithHint("the checkpoint belongs to another source; start with a new one")
	}
	return *v.LogOffset, nil
}

func formatOffset(n int64) sources.Offset {
	if n < 0 {
		return ""
	}
	return sources.Offset(fmt.Sprintf(`{"logOffset":%d}`, n))
}

// LatestOffset takes new files and logs them.
func (s *Source) LatestOffset(ctx context.Context, from sources.Offset, all bool) (sources.Offset, error) {
	s.lister.steps.Stop = ctx
	if err := s.adopt(from); err != nil {
		return "", err
	}
	files, err := s.next()
	if err != nil {
		return "", err
	}
	if len(files) > 0 {
		if err := s.take(s.limit(files, all)); err != nil {
			return "", err
		}
	} else {
		s.waiting.set(0, 0)
	}
	if n, err := parseOffset(from); err != nil || n >= s.position {
		return from, err
	}
	return formatOffset(s.position), nil
}

// FreezeEnd lists once; nothing beyond is ever taken. Files that are being written are waited for.
func (s *Source) FreezeEnd(ctx context.Context) error {
	s.lister.steps.Stop = ctx
	for {
		files, err := s.next()
		if err != nil {
			return err
		}
		if len(s.settle.waiting) == 0 {
			s.unread, s.frozen = files, true
			return nil
		}
		s.watch.listAgain()
		if err := pause(ctx, 10*time.Millisecond); err != nil {
			return err
		}
	}
}

// next returns the files that can be taken, in order.
func (s *Source) next() ([]candidate, error) {
	if s.frozen || len(s.unread) > 0 {
		return s.unread, nil
	}
	var files []candidate
	if all, dirty := s.watch.take(); all {
		var err error
		if files, err = s.list(); err != nil {
			return nil, err
		}
	} else {
		s.look(dirty)
		for _, c := range s.known {
			files = append(files, c)
		}
	}
	files = slices.DeleteFunc(files, func(c candidate) bool { return !s.settle.ready(&c) })
	if s.watch.running() {
		s.settle.wakeLater(s.watch.signal)
	}
	slices.SortFunc(files, s.order)
	return files, nil
}

// order compares by time, newest first if latestFirst is set. Ties are in the order of names; Spark leaves them to the directory.
func (s *Source) order(a, b candidate) int {
	byTime := cmp.Compare(a.millis(), b.millis())
	if s.opts.latestFirst {
		byTime = -byTime
	}
	return cmp.Or(byTime, cmp.Compare(a.path, b.path))
}

// slowListing is when Spark warns.
const slowListing = 2 * time.Second

// list looks at everything and gives the files that are new.
func (s *Source) list() ([]candidate, error) {
	start := s.env.Now()
	s.lister.compare = s.comparing(start)
	found, err := s.lister.list()
	if err != nil {
		return nil, err
	}
	if took := s.env.Now().Sub(start); took > slowListing {
		s.env.Log.Warn("listing the input takes long", "files", len(found), "ms", took.Milliseconds())
	}
	s.watch.hasListed(s.lister.dirs, start)
	s.tellLeftOut(len(found) == 0 && !s.lister.known)
	clear(s.known)
	s.seen.keepForgotten(found)
	found = slices.DeleteFunc(found, func(c candidate) bool { return s.tooOld(&c) })
	if err := s.hold(len(found)); err != nil {
		return nil, err
	}
	s.settle.keep(found)
	s.changes.tell(false)
	s.omitted.tell(false)
	if s.lister.compare != nil {
		s.compared, s.comparison = start, s.env.Now().Sub(start)
	}
	return found, nil
}

// comparing is what a listing that begins now does with known files. It looks at them in the first one and, as that is a large part of
// its time, not in every later one: notifications tell of changes, too, and so does the next run.
func (s *Source) comparing(now time.Time) func(string, storage.Status) {
	if !s.compared.IsZero() && now.Sub(s.compared) < max(netInterval, relistShare*s.comparison) {
		return nil
	}
	return s.compareKnown
}

// compareKnown compares a file that is not new with what was read.
func (s *Source) compareKnown(path string, now storage.Status) {
	if _, read := s.seen.readAt(path); read {
		s.changes.compare(path, now)
	} else {
		s.omitted.sameName(path)
	}
}

// notNew looks at a file that is not new and was written to.
func (s *Source) notNew(path string) {
	if now, err := s.env.FS.Stat(path); err == nil && now.IsRegular() {
		s.compareKnown(path, now)
	}
}

// tooOld reports whether maxFileAge excludes a file. A file that was read before it became too old is only compared.
func (s *Source) tooOld(c *candidate) bool {
	if !s.seen.tooOld(c.millis()) {
		return false
	}
	if _, read := s.seen.readAt(c.path); read {
		s.changes.check(c.path)
	} else {
		s.omitted.tooOld(c)
	}
	return true
}

// look checks the files that notifications named, and those that are held back.
func (s *Source) look(paths []string) {
	for p := range s.settle.waiting {
		paths = append(paths, p)
	}
	for _, p := range paths {
		if s.seen.has(p) {
			s.notNew(p)
			continue
		}
		delete(s.known, p)
		st, err := s.env.FS.Stat(p)
		if err != nil || !st.IsRegular() || !s.lister.takes(p) {
			delete(s.settle.waiting, p)
			if err == nil && st.IsDir() {
				s.watch.changed() // a listing decides whether it matters
			}
			continue
		}
		if c := (candidate{p, st.Size, st.ModTime}); !s.tooOld(&c) {
			s.known[p] = c
		}
	}
	s.tellLeftOut(false)
	s.changes.tell(false)
	s.omitted.tell(false)
}

// tellLeftOut reports what was left out, and has the watcher check when it becomes readable.
func (s *Source) tellLeftOut(nothing bool) {
	s.left.tell(s.path, &s.lister.left, nothing)
	s.watch.bar(s.lister.left.barred)
}

// limit cuts the files of one batch off and keeps the rest as Spark does: unless the newest come first the order is settled,
// so the rest is taken next without another listing; a small rest is forgotten and listed again.
func (s *Source) limit(files []candidate, all bool) []candidate {
	n := len(files)
	if !all {
		n = s.withinLimit(files)
	}
	batch, rest := files[:n], files[n:]
	s.waiting.beyond(batch, rest, len(s.unread) > 0)
	s.unread = nil
	switch {
	case s.frozen:
		s.unread = rest
	case len(rest) == 0:
	case s.opts.latestFirst || s.isSmall(rest):
		s.watch.listAgain()
	default:
		s.unread = rest
		if len(rest) > s.opts.maxCached {
			s.unread = rest[:s.opts.maxCached]
			s.watch.listAgain()
		}
	}
	return batch
}

func (s *Source) withinLimit(files []candidate) int {
	if s.opts.maxFiles > 0 {
		return int(min(s.opts.maxFiles, int64(len(files))))
	}
	if s.opts.maxBytes == 0 {
		return len(files)
	}
	sum := files[0].size
	n := 1
	for n < len(files) && sum+files[n].size <= s.opts.maxBytes {
		sum += files[n].size
		n++
	}
	return n
}

func (s *Source) isSmall(rest []candidate) bool {
	if s.opts.maxFiles > 0 {
		return float64(len(rest)) < float64(s.opts.maxFiles)*s.opts.discardRatio
	}
	return float64(sizes(rest)) < float64(s.opts.maxBytes)*s.opts.discardRatio
}

// take logs the files of a new entry.
func (s *Source) take(files []candidate) error {
	if err := s.readAgain(files); err != nil {
		return err
	}
	for i := range files {
		s.seen.add(files[i].path, files[i].millis())
		delete(s.known, files[i].path)
	}
	s.seen.purge()
	entry := func(yield func(checkpoint.SourceFile) bool) {
		for i := range files {
			if !yield(checkpoint.SourceFile{Path: files[i].path, ModTime: files[i].millis()}) {
				return
			}
		}
	}
	if err := s.log.Add(s.position+1, entry); err != nil {
		return err
	}
	s.position++
	s.batches[s.position] = files
	s.env.Stats.Files.Add(int64(len(files)))
	return s.hold(0)
}

// Commit forgets the files up to an offset, and puts them away if that is asked for.
func (s *Source) Commit(_ context.Context, to sources.Offset) error {
	n, err := parseOffset(to)
	if err != nil {
		return err
	}
	for id, files := range s.batches {
		if id > n {
			continue
		}
		if s.cleaner != nil {
			s.cleaner.clean(files, s.state)
		}
		delete(s.batches, id)
	}
	return s.hold(0)
}

// state says how a file differs from what was read of it, or that it is not there any more.
func (s *Source) state(c *candidate) (what string, gone bool) {
	now, err := s.env.FS.Stat(c.path)
	if err != nil {
		return "", errors.Is(err, fs.ErrNotExist)
	}
	if !now.IsRegular() {
		return "is not a regular file any more", false
	}
	if _, ok := s.seen.readAt(c.path); !ok && c.millis() != millisOf(now.ModTime) {
		return "was changed or replaced after it was read", false
	}
	what, _ = s.changes.differs(c.path, &now)
	return what, false
}

// Tidy goes on with the next compact file of the log.
func (s *Source) Tidy() { s.log.Tidy() }

// Wake starts to watch the directories.
func (s *Source) Wake() <-chan struct{} {
	s.watch.start()
	return s.watch.wake
}

// Close ends the watching and counts what was added to files after they were read.
func (s *Source) Close() error {
	s.settle.stop()
	s.watch.close()
	s.changes.checkLast()
	s.omitted.tell(true)
	s.held.Release()
	if s.log != nil {
		s.log.Close()
	}
	return nil
}
