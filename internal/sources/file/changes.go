package file

import (
	"fmt"
	"time"

	"github.com/streamctl/streamctl/internal/checkpoint"
	"github.com/streamctl/streamctl/internal/codec"
	"github.com/streamctl/streamctl/internal/sources"
	"github.com/streamctl/streamctl/internal/storage"
)

const (
	// remembered is how many of the files that were read last are known with size and identity.
	remembered = 10_000
	// checkedLast is how many of them, the newest, are looked at in the end.
	checkedLast = 1_000
)

// changes finds files that are not any more what was read. Of the last files of this run it knows size, time and identity, of others the
// time that the log has.
type changes struct {
	fsys  storage.FS
	seen  *seenFiles
	read  map[string]storage.Status   // how a file was when it was read
	order []string                    // oldest first
	names map[storage.Identity]string // of the files in read
	last  map[string]storage.Status   // how a changed one was when it was last looked at
	found map[string]int64            // changed files, and the unread bytes that were counted
	news  omission                    // how many of them there are, and what the user knows of
	stats *sources.Stats
	lose  func(*codec.Loss)
}

func newChanges(seen *seenFiles, env *sources.Env) *changes {
	return &changes{fsys: env.FS, seen: seen, read: map[string]storage.Status{}, names: map[storage.Identity]string{}, last: map[string]storage.Status{}, found: map[string]int64{}, stats: env.Stats, lose: env.Lost}
}

// remember keeps how a file was when it was read.
func (c *changes) remember(path string, as storage.Status) {
	if _, ok := c.read[path]; !ok {
		c.order = append(c.order, path)
	}
	c.read[path] = as
	c.names[as.ID] = path
	if len(c.order) > remembered {
		oldest := c.order[0]
		if id := c.read[oldest].ID; c.names[id] == oldest {
			delete(c.names, id)
		}
		delete(c.read, oldest)
		delete(c.last, oldest)
		c.order = c.order[1:]
	}
}

// earlier takes over what earlier runs have noted of the files that they read last.
func (c *changes) earlier(files []checkpoint.Identity) {
	for _, f := range files {
		c.seen.setReadAt(f.Path, f.ModTime) // the log has the time from before
		if c.seen.has(f.Path) {
			c.remember(f.Path, storage.Status{Size: f.Size, ModTime: time.UnixMilli(f.ModTime), ID: storage.Identity{Device: f.Device, Inode: f.Inode, Born: f.Born}})
		}
	}
}

// otherName is the name under which a file, which is now in some state, was read before; "" if it was not. Where the system does not
// know when a file was made, a new one can have the identity of one that is gone, but not its time as well.
func (c *changes) otherName(path string, now *storage.Status) string {
	before, ok := c.names[now.ID]
	if !ok || before == path || now.ID == (storage.Identity{}) {
		return ""
	}
	if was := c.read[before]; now.ID.Born != 0 || sameTime(was.ModTime, now.ModTime) {
		return before
	}
	if was, ok := c.last[before]; ok && sameTime(was.ModTime, now.ModTime) {
		return before
	}
	return ""
}

// differs says what became of a file since it was read; "" when it is as it was, or was never read. unread is how many bytes were added.
func (c *changes) differs(path string, now *storage.Status) (what string, unread int64) {
	was, ok := c.read[path]
	if ok {
		return changed(&was, now)
	}
	millis, ok := c.seen.readAt(path)
	if !ok || millis == millisOf(now.ModTime) {
		return "", 0
	}
	const fine = "2006-01-02 15:04:05.000"
	return fmt.Sprintf("was changed or replaced after it was read (its time was %s, now it is %s)", time.UnixMilli(millis).Format(fine), now.ModTime.Format(fine)), 0
}

// changed says what became of a file that was in the state was.
func changed(was, now *storage.Status) (what string, unread int64) {
	switch {
	case was.ID != now.ID && was.ID != storage.Identity{}:
		return "was replaced by another file after it was read", now.Size
	case now.Size < was.Size:
		return fmt.Sprintf("was truncated from %d to %d bytes after it was read", was.Size, now.Size), 0
	case now.Size > was.Size:
		return fmt.Sprintf("grew by %d bytes after it was read", now.Size-was.Size), now.Size - was.Size
	case !sameTime(was.ModTime, now.ModTime):
		return "was written to after it was read, without a change of its size", 0
	}
	return "", 0
}

func timeText(t time.Time) string { return t.Format("2006-01-02 15:04:05") }

// check looks at a file that was written to.
func (c *changes) check(path string) {
	if now, err := c.fsys.Stat(path); err == nil && now.IsRegular() {
		c.compare(path, now)
	}
}

// compare counts a file that was read if it is not as it was then.
func (c *changes) compare(path string, now storage.Status) {
	what, unread := c.differs(path, &now)
	if what == "" {
		return
	}
	if was, ok := c.read[path]; ok && was.ID == now.ID {
		c.last[path] = now
	}
	before, known := c.found[path]
	c.found[path] = unread
	c.stats.UnreadBytes.Add(unread - before)
	if known {
		return
	}
	c.stats.ChangedFiles.Add(1)
	c.news.add(path + " " + what)
}

// tell tells of the changed files of which the user does not know: at once of the first ones, of more of them in the end.
func (c *changes) tell(end bool) {
	n, first := len(c.found), c.news.texts()
	if !c.news.due(end) {
		return
	}
	text := first + "; its new contents are not read"
	if n > 1 {
		text = fmt.Sprintf("%d files are not as they were read, and their new contents are not read; first: %s", n, first)
	}
	c.lose(&codec.Loss{
		Key: fmt.Sprint("changed files ", end), Text: text,
		Hint: "Spark reads each name once: write new data into a file with a new name; to have all of a changed file read (again), copy it to a new name",
	})
}

// checkLast looks at the files that were read last, for the summary.
func (c *changes) checkLast() {
	for _, path := range c.order[max(0, len(c.order)-checkedLast):] {
		c.check(path)
	}
	c.tell(true)
}
