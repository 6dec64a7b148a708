package file

import (
	"context"
	"maps"
	"time"
)

// settleTime is how long a file that looks unfinished must remain unchanged before it is read.
const settleTime = time.Second

// A settler holds back files that are still being written: those that changed within the last second and are empty or do not end in a
// newline. A file that was moved into place with an older time, or that ends in a newline, is read at once.
type settler struct {
	fsys    tree
	now     func() time.Time
	waiting map[string]time.Time // since when a file is held back
	due     time.Time            // when the first of them may have settled
	timer   *time.Timer
}

// ready reports whether c can be read. If not, the settler asks again at the time due.
func (s *settler) ready(c *candidate) bool {
	now := s.now()
	first, ok := s.waiting[c.path]
	if !ok {
		first = now
	}
	since := c.modTime
	if since.After(now) { // a time in the future: count from when we first saw the file
		since = first
	}
	due := since.Add(settleTime)
	if !due.After(now) || s.fsys.endsInNewline(c.path, c.size) {
		delete(s.waiting, c.path)
		return true
	}
	if len(s.waiting) == 0 || due.Before(s.due) || !s.due.After(now) {
		s.due = due
	}
	s.waiting[c.path] = first
	return false
}

// keep forgets held-back files that were not found again: they were removed before they were complete.
func (s *settler) keep(found []candidate) {
	if len(s.waiting) == 0 {
		return
	}
	there := map[string]bool{}
	for i := range found {
		there[found[i].path] = true
	}
	maps.DeleteFunc(s.waiting, func(path string, _ time.Time) bool { return !there[path] })
}

// wakeLater calls wake when the files that are held back may have settled.
func (s *settler) wakeLater(wake func()) {
	if len(s.waiting) == 0 {
		return
	}
	wait := s.due.Sub(s.now())
	if s.timer == nil {
		s.timer = time.AfterFunc(wait, wake)
		return
	}
	s.timer.Reset(wait)
}

func (s *settler) stop() {
	if s.timer != nil {
		s.timer.Stop()
	}
}

// endsInNewline reports whether the last byte of a file is a newline.
func (t tree) endsInNewline(path string, size int64) bool {
	if size == 0 {
		return false
	}
	f, err := t.Open(path)
	if err != nil {
		return true // reading it will return the error
	}
	defer f.Close()
	var b [1]byte
	n, _ := f.ReadAt(b[:], size-1)
	return n == 1 && b[0] == '\n'
}

// pause waits for d, or until ctx ends.
func pause(ctx context.Context, d time.Duration) error {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-t.C:
		return nil
	}
}
