package file

import (
	"cmp"
	"context"
	"errors"
	"io/fs"
	"path/filepath"
	"slices"
	"sync/atomic"
	"time"

	"github.com/streamctl/streamctl/internal/codec"
	"github.com/streamctl/streamctl/internal/job"
	"github.com/streamctl/streamctl/internal/sources"
	"github.com/streamctl/streamctl/internal/sparkerr"
	"github.com/streamctl/streamctl/internal/storage"
)

// A Follower is a file source that reads on in files that grow. It recognises a file by device, inode and a mark of the bytes that were taken,
// so that a file that is renamed, copied and truncated, or compressed is read on where it was, and not again. Its offset holds the position in
// every file.
type Follower struct {
	path    string
	opts    *followOptions
	env     *sources.Env
	reading *Source // plans and reads pieces of files
	lister  *lister
	left    leftOutLog
	watch   *watcher
	scans   scans

	tracked  []*tracked // in the order in which they are read
	next     int64      // the ID of the next content
	latest   sources.Offset
	moving   bool // files were moved during the last look, which took no new ones for that reason
	looked   bool // the files were looked for since the start
	frozen   bool
	held     map[string]*suspect // files that may be copies in progress, by path
	siblings map[string]bool     // directories that were searched for renamed files in this look
	waiting  waiting             // what is behind the positions
	changed  atomic.Bool         // a file was not what was planned when it was read
	batch    []verified          // what the batch reads
	attempts atomic.Int64        // at the batch
	tries    int                 // to find the files of a batch that runs again
}

// NewFollower returns a source that follows the files of an absolute path, which may be a glob, a directory or a file.
func NewFollower(path string, given job.Options, decoder *codec.Decoder, env *sources.Env) (*Follower, error) {
	o, err := parseFollowOptions(given, env.Conf)
	if err != nil {
		return nil, err
	}
	if !decoder.LineEnds {
		return nil, notLines()
	}
	f := &Follower{
		path: path, opts: o, env: env, left: leftOutLog{log: env.Log}, held: map[string]*suspect{},
		tries:   int(copyTime / lookAgain),
		reading: &Source{path: path, opts: o.options, env: env, decoder: decoder},
	}
	f.scans = scans{f.open, env.FS.Stat, map[string]*scanned{}}
	if f.lister, err = newLister(tree{env.FS}, path, o.options, layoutOf(env)); err != nil {
		return nil, err
	}
	f.lister.written = env.Written
	everything := func(string) bool { return false } // a notification about any file makes a look necessary
	f.watch = newWatcher(env.FS, everything, o.hiddenAnyway, env.Now)
	f.watch.poll = true
	return f, f.started()
}

// Describe names the source.
func (f *Follower) Describe() string { return "FollowedFiles[file:" + f.path + "]" }

// Recover resumes at the positions of the last batch.
func (f *Follower) Recover(_ context.Context, logged sources.Logged) error {
	last, err := parsePositions(logged.Last)
	if err != nil {
		return err
	}
	if _, err := parsePositions(logged.Before); err != nil {
		return err
	}
	f.latest, f.next, f.tracked = logged.Last, last.Next, nil
	f.take(last)
	return nil
}

// take tracks the files of logged positions.
func (f *Follower) take(p *positions) {
	for _, pos := range p.Followed {
		t := &tracked{position: pos, size: pos.End}
		if t.Gone > 0 {
			t.tell(toldLost) // by the run that missed it
		}
		f.tracked = append(f.tracked, t)
	}
}

// LatestOffset takes whole lines that were added.
func (f *Follower) LatestOffset(ctx context.Context, from sources.Offset, all bool) (sources.Offset, error) {
	if !f.frozen {
		if err := f.look(ctx, true); err != nil {
			return "", err
		}
	}
	limit := f.opts.maxBytes
	if all {
		limit = 0
	}
	news := false
	for _, t := range f.tracked {
		n, err := f.advance(t, limit)
		if err != nil {
			return "", err
		}
		news = news || n > 0
		if limit > 0 {
			if limit -= n; limit <= 0 {
				break
			}
		}
	}
	f.tellLost(false)
	f.countWaiting()
	switch {
	case news:
		f.latest = f.positions().text()
	case f.latest == "":
		return from, nil
	}
	return f.latest, nil
}

// positions returns the current positions, in the order in which the files are read.
func (f *Follower) positions() *positions {
	p := &positions{Followed: []position{}, Next: f.next}
	f.forget()
	for _, t := range f.tracked {
		if t.End > 0 {
			p.Followed = append(p.Followed, t.position)
		}
	}
	return p
}

const (
	// rememberGone is how long the position in a content that is nowhere any more is kept, in case it comes back compressed.
	rememberGone = 24 * time.Hour
	mostGone     = 1000
)

// forget drops positions in contents that disappeared long ago, and all but the newest of them.
func (f *Follower) forget() {
	oldest := f.env.Now().Add(-rememberGone).UnixMilli()
	var gone []int64
	for _, t := range f.tracked {
		if t.Gone > 0 {
			gone = append(gone, t.Gone)
		}
	}
	if n := len(gone); n > mostGone {
		slices.Sort(gone)
		oldest = max(oldest, gone[n-mostGone])
	}
	f.tracked = slices.DeleteFunc(f.tracked, func(t *tracked) bool { return t.Gone > 0 && t.Gone < oldest })
}

// FreezeEnd fixes the ends of the files. It waits for copies that are being made.
func (f *Follower) FreezeEnd(ctx context.Context) error {
	for {
		if err := f.look(ctx, true); err != nil {
			return err
		}
		if !f.waitsForCopies() {
			f.frozen = true
			return nil
		}
		if err := pause(ctx, 50*time.Millisecond); err != nil {
			return err
		}
	}
}

// Wake starts to watch the directories.
func (f *Follower) Wake() <-chan struct{} {
	f.watch.start()
	return f.watch.wake
}

// Close tells of lines that were lost or have not ended, and closes the files.
func (f *Follower) Close() error {
	f.watch.close()
	f.tellLost(true)
	f.tellUnfinished()
	for _, t := range f.tracked {
		t.close()
	}
	return nil
}

// sort orders the files as they are read: those that were last written to first, so that a rotated file comes before the one that follows it.
// Clocks of file systems are coarse; among files of one time, those that were found first come first. The birth of a file says less: a copy is
// younger than what it was made of.
func (f *Follower) sort() {
	slices.SortStableFunc(f.tracked, func(a, b *tracked) int { return cmp.Or(a.modTime.Compare(b.modTime), cmp.Compare(a.ID, b.ID)) })
}

// notLines is the error for records that may span lines, or lines that end in another way.
func notLines() error {
	return sparkerr.OfOption(sparkerr.Plain("follow reads records that end where a line does, at a line feed").
		WithHint("remove multiLine, wholetext, lineSep and encodings of UTF-16 or UTF-32, or do not follow: whole files are read then"), followName)
}

// checkPath finds what is wrong with the path of a source. A file that is followed may be missing, as it is while it is rotated, if its directory
// is there.
func checkPath(fsys storage.FS, path string, follow bool) error {
	err := Check(fsys, path)
	if _, missing := fsys.Stat(path); !follow || isGlob(path) || !errors.Is(missing, fs.ErrNotExist) {
		return err
	}
	if st, e := fsys.Stat(filepath.Dir(path)); e == nil && st.IsDir() {
		return nil
	}
	return err
}
