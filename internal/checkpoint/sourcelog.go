package checkpoint

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"iter"
	"strconv"
	"strings"

	"github.com/streamctl/streamctl/internal/atomicfile"
	"github.com/streamctl/streamctl/internal/fileuri"
)

// A SourceFile is a file that a source has taken.
type SourceFile struct {
	Path    string // absolute
	ModTime int64  // milliseconds
	BatchID int64  // the entry of the log, not the batch of the query
}

// SourceLog says which files a file source has taken, in which order.
type SourceLog struct {
	Check func(path string) string // says what is wrong with the path of an entry, "" if nothing is; nil: not checked

	log        *compactLog
	identities int // lines of the file of identities
}

// Close ends the use of the log by this run.
func (l *SourceLog) Close() { l.log.endRun() }

// Tidy prepares a part of the next compact file, when nothing waits for it.
func (l *SourceLog) Tidy() { l.log.goOn() }

// Latest is the newest entry, -1 when there is none.
func (l *SourceLog) Latest() int64 { return l.log.latest() }

// Add logs the files of a new entry; their BatchID is not looked at.
func (l *SourceLog) Add(id int64, files iter.Seq[SourceFile]) error {
	if l.log.inMemory() {
		return l.log.addText(id, nil)
	}
	b := []byte(version)
	for f := range files {
		b = appendJSON(append(b, "\n{\"path\":"...), fileuri.FromPath(f.Path))
		b = strconv.AppendInt(append(b, `,"timestamp":`...), f.ModTime, 10)
		b = strconv.AppendInt(append(b, `,"batchId":`...), id, 10)
		b = append(b, '}')
	}
	return l.log.addBatch(id, b)
}

// Each gives every file ever taken, oldest entry first. No entry is without files; one that has none lost them.
func (l *SourceLog) Each(yield func(SourceFile)) error {
	next := int64(0)
	lost := errors.New("entry without files")
	err := l.log.each(func(name string, line []byte) error {
		f, ok := parseSourceFile(line)
		switch {
		case !ok:
			return badLine("the entry " + strconv.Quote(shorten(string(line))) + " is cut off or damaged")
		case f.BatchID > next:
			return lost
		}
		if what := l.wrong(&f, name, next); what != "" {
			return badLine(what)
		}
		next = f.BatchID + 1
		yield(f)
		return nil
	})
	if latest := l.log.latest(); next <= latest && (err == nil || errors.Is(err, lost)) {
		return malformed(l.log.dir, fmt.Sprintf("the files of entry %d are missing, although the log goes on to %d", next, latest))
	}
	return err
}

// wrong says what no entry of the file called name can hold when the next new entry has the number next; "" when all is well.
func (l *SourceLog) wrong(f *SourceFile, name string, next int64) string {
	last, compact := strings.CutSuffix(name, ".compact")
	id, _ := atomicfile.ID(last)
	switch {
	case !strings.HasPrefix(f.Path, "/"):
		return "the path " + strconv.Quote(f.Path) + " is not the absolute path of a local file"
	case strings.IndexByte(f.Path, 0) >= 0:
		return "the path " + strconv.Quote(f.Path) + " holds a NUL"
	case f.ModTime < 0:
		return fmt.Sprintf("the time %d of %s is negative", f.ModTime, f.Path)
	case f.BatchID < next-1 || f.BatchID < 0:
		return fmt.Sprintf("the entry %d of %s follows entry %d", f.BatchID, f.Path, next-1)
	case f.BatchID > id || !compact && f.BatchID != id:
		return fmt.Sprintf("%s is of entry %d, which the file %s does not hold", f.Path, f.BatchID, name)
	case l.Check != nil:
		return l.Check(f.Path)
	}
	return ""
}

// parseSourceFile reads an entry. The form that Spark and Add write is read quickly, since there may be a million of them.
func parseSourceFile(line []byte) (f SourceFile, ok bool) {
	if f, ok = quickSourceFile(line); ok {
		return f, true
	}
	var e struct {
		Path      string `json:"path"`
		Timestamp *int64 `json:"timestamp"`
		BatchID   *int64 `json:"batchId"`
	}
	if json.Unmarshal(line, &e) != nil || e.Path == "" || e.Timestamp == nil || e.BatchID == nil || !fileuri.WellFormed(e.Path) {
		return f, false
	}
	return SourceFile{fileuri.ToPath(e.Path), *e.Timestamp, *e.BatchID}, true
}

func quickSourceFile(line []byte) (f SourceFile, ok bool) {
	rest, ok := bytes.CutPrefix(line, []byte(`{"path":"`))
	end := bytes.IndexByte(rest, '"')
	if !ok || end <= 0 || bytes.IndexByte(rest[:end], '\\') >= 0 || bytes.IndexByte(rest[:end], '%') >= 0 && !fileuri.WellFormed(string(rest[:end])) {
		return f, false
	}
	path := rest[:end]
	if rest, ok = bytes.CutPrefix(rest[end:], []byte(`","timestamp":`)); !ok {
		return f, false
	}
	if f.ModTime, rest, ok = leadingInt(rest); !ok {
		return f, false
	}
	if rest, ok = bytes.CutPrefix(rest, []byte(`,"batchId":`)); !ok {
		return f, false
	}
	if f.BatchID, rest, ok = leadingInt(rest); !ok || string(rest) != "}" {
		return f, false
	}
	f.Path = fileuri.ToPath(string(path))
	return f, true
}

// leadingInt reads a number of at most 18 digits.
func leadingInt(b []byte) (n int64, rest []byte, ok bool) {
	i := 0
	for ; i < len(b) && i < 18 && b[i] >= '0' && b[i] <= '9'; i++ {
		n = n*10 + int64(b[i]-'0')
	}
	return n, b[i:], i > 0
}
