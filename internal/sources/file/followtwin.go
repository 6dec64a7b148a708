package file

import (
	"bytes"
	"errors"
	"io"
	"io/fs"
)

// Twins are the plain files of a look by their first lines, so that a new file is only compared with those that begin alike.
type twins struct {
	f       *Follower
	byStart map[string][]*sighting
	moved   bool // a file is not where it was found a moment ago
}

func (f *Follower) newTwins(found []*sighting) *twins {
	t := &twins{f: f, byStart: map[string][]*sighting{}}
	if !anyNew(found) {
		return t
	}
	for _, s := range found {
		if !s.packed() && s.status.Size > 0 {
			start, err := t.start(s)
			if err == nil {
				t.byStart[start] = append(t.byStart[start], s)
			}
			t.moved = t.moved || moved(err)
		}
	}
	return t
}

func anyNew(found []*sighting) bool {
	for _, s := range found {
		if !s.taken && s.listed && s.status.Size > 0 {
			return true
		}
	}
	return false
}

const startBytes = 256

// moved reports whether an error says that a file was moved, removed or truncated.
func moved(err error) bool {
	return errors.Is(err, errMoved) || errors.Is(err, fs.ErrNotExist) || errors.Is(err, io.EOF)
}

// start is the first line of a file, or its first bytes.
func (t *twins) start(s *sighting) (string, error) {
	file, err := t.f.open(s.path, s.status.ID)
	if err != nil {
		return "", err
	}
	defer file.Close()
	b := make([]byte, min(s.status.Size, startBytes))
	err = readFull(file, b, 0)
	return startOf(b), err
}

func startOf(b []byte) string {
	b = b[:min(len(b), startBytes)]
	if i := bytes.IndexByte(b, '\n'); i >= 0 {
		b = b[:i]
	}
	return string(b)
}

// suspect returns why a new file is not read yet; nil if it is. A compressed file must be complete, and not be one of a file that is still
// there. A plain file that is a copy of another one is held until the other one is truncated or some time has passed.
func (f *Follower) suspect(s *sighting, twins *twins) *suspect {
	now := f.env.Now()
	before := f.held[s.path]
	h := &suspect{stamp: stampOf(&s.status), since: now}
	if before != nil && before.stamp == h.stamp {
		h.since = before.since
	}
	if s.packed() {
		k, err := f.scans.of(s.path, &s.status)
		if err != nil {
			return h
		}
		if k.damaged != nil {
			h.incomplete = true
			f.tellDamaged(s, h, k.damaged)
			return h
		}
		if twins.find(s, startOf(k.all.head), k.all.size, k.all.mark(), false) != nil {
			return h
		}
		return nil
	}
	if before != nil && before.stamp == h.stamp && before.ends && now.Sub(h.since) >= copyTime {
		return nil
	}
	m, start, err := f.marked(s)
	if err != nil {
		return h
	}
	of := twins.find(s, start, s.status.Size, m, true)
	if of == nil {
		return nil
	}
	h.ends = true
	for _, t := range f.tracked {
		if t.here && t.identity() == of.status.ID {
			h.of = t.ID
		}
	}
	return h
}

// marked returns the mark of a whole plain file, and its first line.
func (f *Follower) marked(s *sighting) (m mark, start string, err error) {
	file, err := f.open(s.path, s.status.ID)
	if err != nil {
		return mark{}, "", err
	}
	defer file.Close()
	b := make([]byte, min(s.status.Size, startBytes))
	if err := readFull(file, b, 0); err != nil {
		return mark{}, "", err
	}
	m, err = markOf(file, s.status.Size)
	return m, startOf(b), err
}

// find returns another plain file that begins with n bytes of the given mark, or that was moved or truncated at this moment and may have begun
// so. Of two new files that are equal, the younger one is the copy.
func (t *twins) find(s *sighting, start string, n int64, m mark, plain bool) *sighting {
	for _, o := range t.byStart[start] {
		if o == s || o.status.Size < n || plain && !o.taken && o.status.Size == n && !younger(s, o) {
			continue
		}
		if same, err := t.begins(o, n, m); err != nil || same {
			return o
		}
	}
	return nil
}

func (t *twins) begins(s *sighting, n int64, m mark) (bool, error) {
	file, err := t.f.open(s.path, s.status.ID)
	if err != nil {
		return false, err
	}
	defer file.Close()
	of, err := markOf(file, n)
	return of == m, err
}

// intact reports whether the tracked files have the contents that new ones were compared with. Otherwise a new one may be the copy of one that
// was truncated at this moment.
func (t *twins) intact(found []*sighting) bool {
	for _, s := range found {
		if s.by == nil || s.packed() || s.by.End == 0 {
			continue
		}
		if same, err := t.begins(s, s.by.End, s.by.mark); err != nil || !same {
			return false
		}
	}
	return true
}

func younger(s, o *sighting) bool {
	if a, b := s.status.ID.Born, o.status.ID.Born; a != b {
		return a > b
	}
	return s.path > o.path
}

// waitsForCopies reports whether the look has left out files that may be read shortly.
func (f *Follower) waitsForCopies() bool {
	if f.moving {
		return true
	}
	for _, h := range f.held {
		if h.ends || h.incomplete && f.env.Now().Sub(h.since) < copyTime {
			return true
		}
	}
	return false
}
