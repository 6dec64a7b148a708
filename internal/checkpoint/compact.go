package checkpoint

import (
	"path/filepath"
	"slices"
	"strconv"
	"time"

	"github.com/streamctl/streamctl/internal/storage"
)

const (
	// compactInterval is the number of entries after which a compact file is written, which also holds all
	// earlier entries (spark.sql.streaming.fileSource.log.compactInterval).
	compactInterval = 10
	// readersDelay is how long superseded files of a sink's log are kept, because a reader may have listed
	// them. (Spark's …log.cleanupDelay is 10 minutes, during which a fast query can fill the disk.)
	readersDelay = 10 * time.Second
)

func compactName(id int64) string { return strconv.FormatInt(id, 10) + ".compact" }

// A compactLog is a batchLog in which every interval-th file holds all lines since the beginning.
type compactLog struct {
	*batchLog
	interval     int64
	cleanupDelay time.Duration
	draft        *draft // of the next compact file, after this run has written one
}

func openCompactLog(fsys storage.FS, dir string, interval int64) (*compactLog, error) {
	l, err := openLog(fsys, dir)
	if err != nil {
		return nil, err
	}
	if interval <= 0 {
		interval = compactInterval
	}
	c := &compactLog{batchLog: l, interval: interval}
	switch n := len(l.compact); {
	case n > 1:
		c.interval = l.compact[n-1] - l.compact[n-2]
	case n == 1:
		c.interval = deriveInterval(interval, l.compact[0])
	}
	return c, nil
}

// deriveInterval returns the interval for a log with one compact file, by Spark's rule: one that fits this
// file.
func deriveInterval(want, compactID int64) int64 {
	n := compactID + 1
	if n <= want || want >= n/2 {
		return n
	}
	for n%want != 0 {
		want++
	}
	return want
}

func (l *compactLog) isCompact(id int64) bool { return (id+1)%l.interval == 0 }

// addBatch writes entry id. If a compact file is due, it also includes the lines of all earlier entries.
func (l *compactLog) addBatch(id int64, text []byte) error {
	if l.inMemory() || !l.isCompact(id) {
		return l.addText(id, text)
	}
	if err := l.claim(compactName(id)); err != nil {
		return err
	}
	if err := l.writeCompact(id, text[len(version):]); err != nil {
		return err
	}
	l.compact = append(l.compact, id)
	l.cleanUp(id)
	l.draft, _ = l.newDraft(id + l.interval)
	return nil
}

// writeCompact writes compact file id. It completes the draft if there is one, and starts over if that fails.
func (l *compactLog) writeCompact(id int64, lines []byte) error {
	if d := l.draft; d != nil && d.id == id && l.complete(d, lines) == nil {
		return nil
	}
	d, err := l.newDraft(id)
	if err != nil {
		return err
	}
	return l.complete(d, lines)
}

// endRun discards the draft.
func (l *compactLog) endRun() {
	if l.draft != nil {
		l.drop(l.draft)
	}
}

// each calls yield for each line of all entries. The line is valid during the call.
func (l *compactLog) each(yield func(name string, line []byte) error) error {
	if l.inMemory() {
		return errForgotten
	}
	if n := len(l.compact); n > 0 {
		if err := l.eachLine(compactName(l.compact[n-1]), yield); err != nil {
			return err
		}
	}
	return l.sinceCompact(func(name string) error { return l.eachLine(name, yield) })
}

// sinceCompact calls yield for the name of each file since the last compact one.
func (l *compactLog) sinceCompact(yield func(name string) error) error {
	next := int64(0)
	if n := len(l.compact); n > 0 {
		next = l.compact[n-1] + 1
	}
	for ; next <= l.latest(); next++ {
		name := strconv.FormatInt(next, 10)
		if !l.has(next) {
			return malformed(filepath.Join(l.dir, name), "it is missing, although later ones exist")
		}
		if err := yield(name); err != nil {
			return err
		}
	}
	return nil
}

// cleanUp removes files that compact files have superseded, except those of the last batches and those that are
// too young. It ignores errors: a later call tries again.
func (l *compactLog) cleanUp(id int64) {
	i, found := slices.BinarySearch(l.compact, id-Retain)
	if !found {
		i--
	}
	if i < 0 {
		return
	}
	first := l.compact[i]
	remove := func(ids []int64, name func(int64) string) []int64 {
		for len(ids) > 0 && ids[0] < first {
			info, err := l.fs.Stat(filepath.Join(l.dir, name(ids[0])))
			if err != nil || time.Since(info.ModTime) < l.cleanupDelay || l.remove(name(ids[0])) != nil {
				break
			}
			ids = ids[1:]
		}
		return ids
	}
	l.ids = remove(l.ids, func(id int64) string { return strconv.FormatInt(id, 10) })
	l.compact = remove(l.compact, compactName)
}
