package file

import (
	"context"
	"maps"
	"os"
	"time"

	"github.com/streamctl/streamctl/internal/sources"
)

// settleTime is how long a file that looks unfinished must have been left alone before it is taken.
const settleTime = time.Second

// A settler holds back files that are still being written: those changed within the last second that are empty or do not
// end in a newline. A file that was moved into place with an older time, or that ends in a newline, is taken at once.
type settler struct {
	now     func() time.Time
	waiting map[string]time.Time // since when a file is held back
	due     time.Time            // when the first of them may have settled
	timer   *time.Timer
}

// ready reports whether c can be taken; if not, it is asked for again after the time due.
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
	if !due.After(now) || endsInNewline(c.path, c.size) {
		delete(s.waiting, c.path)
		return true
	}
	if len(s.waiting) == 0 || due.Before(s.due) || !s.due.After(now) {
		s.due = due
	}
	s.waiting[c.path] = first
	return false
}

// keep forgets the files that are held back but are not among those found: they were removed before they were finished.
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

// endsInNewline looks at the last byte of a file.
func endsInNewline(path string, size int64) bool {
	if size == 0 {
		return false
	}
	f, err := os.Open(path)
	if err != nil {
		return true // reading it will say why
	}
	defer f.Close()
	var b [1]byte
	n, _ := f.ReadAt(b[:], size-1)
	return n == 1 && b[0] == '\n'
}

// A growth watch knows how much was read of the files that were read last, and reports once when one of them grows.
type growth struct {
	read  map[string]int64 // bytes read of a file
	order []string         // oldest first
	grown map[string]int64 // unread bytes that were reported
	stats *sources.Stats
	warn  func(path string, unread int64)
}

const (
	// remembered is how many files are watched for growth.
	remembered = 10_000
	// checkedLast is how many of them, the newest, are looked at in the end.
	checkedLast = 1_000
)

func newGrowth(stats *sources.Stats, warn func(string, int64)) *growth {
	return &growth{read: map[string]int64{}, grown: map[string]int64{}, stats: stats, warn: warn}
}

func (g *growth) remember(path string, size int64) {
	if _, ok := g.read[path]; !ok {
		g.order = append(g.order, path)
	}
	g.read[path] = size
	if len(g.order) > remembered {
		delete(g.read, g.order[0])
		g.order = g.order[1:]
	}
}

// check looks at a file that was written to.
func (g *growth) check(path string) {
	size, ok := g.read[path]
	if !ok {
		return
	}
	info, err := os.Stat(path)
	if err != nil || info.Size() <= size {
		return
	}
	unread := info.Size() - size
	before, known := g.grown[path]
	g.grown[path] = unread
	g.stats.UnreadBytes.Add(unread - before)
	if !known {
		g.stats.GrownFiles.Add(1)
		g.warn(path, unread)
	}
}

// checkLast looks at the files that were read last, for the summary.
func (g *growth) checkLast() {
	for _, path := range g.order[max(0, len(g.order)-checkedLast):] {
		g.check(path)
	}
}

// pause waits a little, or until ctx ends.
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
