package file

import (
	"cmp"
	"context"
	"errors"
	"io/fs"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/streamctl/streamctl/internal/codec/compress"
	"github.com/streamctl/streamctl/internal/storage"
)

// A sighting is a file that a look found.
type sighting struct {
	path   string
	status storage.Status
	taken  bool // it is the file of a tracked content, or was moved at this moment
	by     *tracked
	listed bool // the path of the source names it; others are files to which a tracked one was renamed
}

func (s *sighting) packed() bool { return compress.ByPath(s.path) != compress.None }

// A suspect is a file that has the content of another one, and may be a copy that is being made of it.
type suspect struct {
	stamp      stamp
	since      time.Time // not changed since then
	of         int64     // ID of the tracked content of which it is a copy
	ends       bool      // it is held for a limited time
	incomplete bool      // a compressed file that ends early
}

// copyTime is how long a file that looks like a copy of another one must remain unchanged, with the other one intact, to be taken for a file
// in its own right. logrotate truncates the original at once.
const copyTime = 5 * time.Second

// look finds the files that are there, and which of them are tracked. With grow, it also takes notice of what is new.
func (f *Follower) look(ctx context.Context, grow bool) error {
	f.lister.steps.Stop = ctx
	f.watch.take()
	found, err := f.sightings()
	if err != nil {
		return err
	}
	f.siblings, f.moving = map[string]bool{}, false
	f.claim(found, grow)
	found = f.inherit(found, grow)
	f.settleMissing(grow)
	if grow {
		f.begin(found)
	}
	if grow && !f.moving {
		if err := f.startAtEnd(); err != nil {
			return err
		}
		f.looked = true
	}
	f.scans.keep(found)
	f.sort()
	f.keepOpen()
	return nil
}

// sightings lists the files that the path names, each once, in the order of their names.
func (f *Follower) sightings() ([]*sighting, error) {
	began := f.env.Now()
	found, err := f.lister.list()
	if err != nil && !f.awaited(err) {
		return nil, err
	}
	if err != nil && !f.looked {
		f.env.Log.Warn("the file to follow is not there so far", "path", f.path)
	}
	f.watch.hasListed(f.lister.dirs, began)
	f.left.tell(f.path, &f.lister.left, len(found) == 0)
	f.watch.bar(f.lister.left.barred)
	slices.SortFunc(found, func(a, b candidate) int { return cmp.Compare(a.path, b.path) })
	var list []*sighting
	seen := map[storage.Identity]bool{}
	for i := range found {
		st, err := f.env.FS.Stat(found[i].path)
		if err != nil || !st.IsRegular() || seen[st.ID] && st.ID != (storage.Identity{}) {
			continue
		}
		seen[st.ID] = true
		list = append(list, &sighting{path: found[i].path, status: st, listed: true})
	}
	return list, nil
}

// awaited reports whether an error says no more than that the one file to follow is not there, which is so for a moment whenever it is
// rotated.
func (f *Follower) awaited(err error) bool {
	if !errors.Is(err, fs.ErrNotExist) || f.lister.pattern != nil {
		return false
	}
	f.lister.looked(filepath.Dir(f.path))
	st, err := f.env.FS.Stat(filepath.Dir(f.path))
	return err == nil && st.IsDir()
}

// claim finds the tracked contents that are where they were, or in a file that was renamed. A content whose file was truncated or overwritten
// is looked for among the other files later.
func (f *Follower) claim(found []*sighting, grow bool) {
	byID := map[storage.Identity]*sighting{}
	for _, s := range found {
		byID[s.status.ID] = s
	}
	for _, t := range f.tracked {
		t.here = false
		s := byID[t.identity()]
		if s == nil || s.taken {
			continue
		}
		switch same, err := f.same(t, s); {
		case err != nil: // it was moved at this moment, and is found by the next look
			s.taken = true
			t.here = true
			f.lookSoon()
		case same:
			f.occupy(t, s, grow)
		default:
			t.replaced = true
			t.close()
		}
	}
}

// same reports whether a file that has the identity of a tracked content still begins with what was taken.
func (f *Follower) same(t *tracked, s *sighting) (bool, error) {
	now := stampOf(&s.status)
	if t.verified == now && !t.replaced {
		return true, nil
	}
	n, marked := t.End, t.mark
	if n == 0 {
		n, marked = t.firstSize, t.first
	}
	if s.packed() {
		return f.begins(s, n, marked)
	}
	if s.status.Size < n {
		return false, nil
	}
	file := t.file
	if file == nil {
		var err error
		if file, err = f.open(s.path, s.status.ID); err != nil {
			return false, err
		}
		defer file.Close()
	}
	m, err := markOf(file, n)
	return err == nil && m == marked, nil // after an error it is shorter by now
}

// occupy records that a file has a tracked content.
func (f *Follower) occupy(t *tracked, s *sighting, grow bool) {
	if t.identity() != s.status.ID || t.packed() != s.packed() {
		t.close()
	}
	s.taken, s.by = true, t
	t.Path, t.Gone = s.path, 0
	t.setIdentity(s.status.ID)
	t.here, t.seen, t.replaced, t.since = true, true, false, time.Time{}
	t.modTime, t.verified = s.status.ModTime, stampOf(&s.status)
	delete(t.told, toldLost)
	switch {
	case !grow:
	case !s.packed():
		t.size = s.status.Size
	default:
		if k, err := f.scans.of(s.path, &s.status); err == nil && k.damaged == nil {
			t.size = k.all.size
		}
	}
}

// begins reports whether a file begins with n bytes of the given mark.
func (f *Follower) begins(s *sighting, n int64, m mark) (bool, error) {
	if s.packed() {
		k, err := f.scans.of(s.path, &s.status)
		if err != nil {
			return false, err
		}
		if k.damaged != nil || k.all.size < n || headOf(k.all.head[:min(int64(len(k.all.head)), n)]) != m.Head {
			return false, nil
		}
		of, err := f.scans.markAt(s.path, k, n)
		return of == m, err
	}
	if s.status.Size < n {
		return false, nil
	}
	file, err := f.open(s.path, s.status.ID)
	if err != nil {
		return false, err
	}
	defer file.Close()
	of, err := markOf(file, n)
	return of == m, err
}

// shorten moves the position in a content back to the end of its file, a copy that lacks the last lines taken.
func (f *Follower) shorten(t *tracked, s *sighting) {
	if s.packed() || s.status.Size >= t.End {
		return
	}
	if m, _, err := f.marked(s); err == nil {
		t.End, t.mark = s.status.Size, m
		t.size = t.End
	}
}

// inherit finds the files to which contents have moved that are not where they were: renamed out of the path, copied, or compressed. It
// returns the files found, those in the same directories included. A file that is moved while it is compared may have the content: then no
// file is taken for a new one by this look.
func (f *Follower) inherit(found []*sighting, grow bool) []*sighting {
	missing := slices.DeleteFunc(slices.Clone(f.tracked), func(t *tracked) bool { return t.here })
	slices.SortFunc(missing, func(a, b *tracked) int { return cmp.Compare(b.End, a.End) })
	for _, t := range missing {
		if t.Gone == 0 || f.env.Now().UnixMilli()-t.Gone < copyTime.Milliseconds() {
			found = f.withSiblings(found, filepath.Dir(t.Path))
		}
		for _, s := range found {
			if s.taken {
				continue
			}
			is, err := f.heir(t, s)
			f.moving = f.moving || moved(err)
			if is {
				f.occupy(t, s, grow)
				f.shorten(t, s)
				break
			}
		}
	}
	return found
}

// heir reports whether a file has the content of a tracked one that is not where it was.
func (f *Follower) heir(t *tracked, s *sighting) (bool, error) {
	if !t.replaced && s.status.ID == t.identity() {
		return f.same(t, s)
	}
	if !s.listed && !rotatedName(filepath.Base(t.Path), filepath.Base(s.path)) {
		return false, nil
	}
	if t.End == 0 {
		if t.firstSize == 0 {
			return false, nil
		}
		return f.begins(s, t.firstSize, t.first)
	}
	if is, err := f.begins(s, t.End, t.mark); is || err != nil {
		return is, err
	}
	if !t.replaced || s.packed() || s.status.Size == 0 || s.status.Size >= t.End {
		return false, nil
	}
	return f.shorterCopy(t, s)
}

// shorterCopy reports whether a file is a copy that was made of a content before its last lines were written and taken.
func (f *Follower) shorterCopy(t *tracked, s *sighting) (bool, error) {
	if h := f.held[s.path]; h != nil && h.of == t.ID && h.stamp == stampOf(&s.status) {
		return true, nil
	}
	file, err := f.open(s.path, s.status.ID)
	if err != nil {
		return false, err
	}
	defer file.Close()
	head := make([]byte, min(s.status.Size, headBlock*headBlocks))
	if err := readFull(file, head, 0); err != nil {
		return false, err
	}
	return t.beginsLike(head), nil
}

// rotatedName reports whether a file that the path does not name has a name that programs which rotate files form of another one:
// app.log.1, app.log-20260101.gz, app-20260101.log.
func rotatedName(name, rotated string) bool {
	ext := filepath.Ext(name)
	stem := strings.TrimSuffix(name, ext)
	return strings.HasPrefix(rotated, name) || stem != "" && strings.HasPrefix(rotated, stem) && strings.Contains(rotated[len(stem):], ext)
}

// withSiblings adds the files of a directory that the path of the source does not name, once in a look.
func (f *Follower) withSiblings(found []*sighting, dir string) []*sighting {
	if f.siblings[dir] {
		return found
	}
	f.siblings[dir] = true
	known := map[storage.Identity]bool{}
	for _, s := range found {
		known[s.status.ID] = true
	}
	names, err := f.lister.names(dir)
	if err != nil {
		return found
	}
	for _, name := range names {
		path := filepath.Join(dir, name)
		if st, err := f.env.FS.Stat(path); err == nil && st.IsRegular() && !known[st.ID] {
			found = append(found, &sighting{path: path, status: st})
		}
	}
	return found
}

// settleMissing decides what becomes of contents that no file has. As long as their file is open, it is read on.
func (f *Follower) settleMissing(grow bool) {
	now := f.env.Now()
	f.tracked = slices.DeleteFunc(f.tracked, func(t *tracked) bool {
		if t.here {
			return false
		}
		if t.since.IsZero() {
			t.since = now
		}
		if t.file != nil {
			if grow {
				t.size = endOf(t.file, max(t.size, t.End))
			}
			if t.unread() == 0 && now.Sub(t.since) > copyTime {
				t.close()
			}
		}
		if t.file == nil && t.Gone == 0 {
			t.Gone = now.UnixMilli()
		}
		return t.End == 0 && t.unread() == 0 && t.file == nil
	})
}

// lookSoon has the next look follow at once.
func (f *Follower) lookSoon() {
	f.watch.listAgain()
	f.watch.signal()
}

// begin tracks the files that have not been read, unless they may be copies in progress.
func (f *Follower) begin(found []*sighting) {
	twins := f.newTwins(found)
	held := map[string]*suspect{}
	var fresh []*sighting
	for _, s := range found {
		if s.taken || !s.listed || s.status.Size == 0 {
			continue
		}
		if h := f.suspect(s, twins); h != nil && !(h.ends && f.atEnd()) {
			held[s.path] = h
			continue
		}
		fresh = append(fresh, s)
	}
	f.moving = len(fresh) > 0 && (f.moving || twins.moved || !twins.intact(found))
	if f.moving { // the file that was moved may have had the content of a new one
		f.lookSoon()
		return
	}
	slices.SortStableFunc(fresh, func(a, b *sighting) int {
		return cmp.Or(a.status.ModTime.Compare(b.status.ModTime), cmp.Compare(a.status.ID.Born, b.status.ID.Born))
	})
	for _, s := range fresh {
		f.start(s)
	}
	f.held = held
}

// start tracks a new file.
func (f *Follower) start(s *sighting) {
	f.next++
	t := &tracked{position: position{ID: f.next, mark: mark{Tail: tailOf(nil)}}}
	f.tracked = append(f.tracked, t)
	f.occupy(t, s, true)
	if !s.packed() {
		t.firstSize = t.size
		t.first, _, _ = f.marked(s)
	}
	f.env.Stats.Files.Add(1)
}

// mostOpen is the number of files that are kept open between batches.
const mostOpen = 128

// keepOpen opens the files that were written to last, so that they can be read to their ends when they are removed, and closes others.
func (f *Follower) keepOpen() {
	open := 0
	for _, t := range slices.Backward(f.tracked) {
		switch {
		case !t.here && t.file != nil:
			open++
		case !t.here || t.packed():
		case open >= mostOpen:
			t.close()
		default:
			if open++; t.file == nil {
				t.file, _ = f.open(t.Path, t.identity())
			}
		}
	}
}
