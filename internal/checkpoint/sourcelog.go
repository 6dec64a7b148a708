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

// A SourceFile is a file that a source has read.
type SourceFile struct {
	Path    string // absolute
	ModTime int64  // in milliseconds
	BatchID int64  // the entry in the log, not the batch of the query
}

// A SourceLog records which files a file source has read, in order.
type SourceLog struct {
	Check func(path string) string // returns what is wrong with the path of an entry, or ""; nil disables the check

	log        *compactLog
	identities int // number of lines in the file of identities
}

// Close ends the use of the log by this run.
func (l *SourceLog) Close() { l.log.endRun() }

// Tidy prepares part of the next compact file, while no batch is waiting.
func (l *SourceLog) Tidy() { l.log.goOn() }

// Latest returns the newest entry, or -1.
func (l *SourceLog) Latest() int64 { return l.log.latest() }

// Add logs the files of a new entry. It ignores their BatchID.
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

// Each calls yield for every file in the log, oldest entry first. An entry without files is an error: it has
// lost them.
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

// wrong returns what is wrong with an entry of the file name, or "". next is the number expected for the next
// new entry.
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

// parseSourceFile parses an entry. It has a fast path for the form that Spark and Add write, since there may be
// a million entries.
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

// leadingInt parses a number of up to 18 digits at the start of b.
func leadingInt(b []byte) (n int64, rest []byte, ok bool) {
	i := 0
	for ; i < len(b) && i < 18 && b[i] >= '0' && b[i] <= '9'; i++ {
		n = n*10 + int64(b[i]-'0')
	}
	return n, b[i:], i > 0
}
