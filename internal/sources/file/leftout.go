package file

import (
	"fmt"
	"log/slog"
	"path/filepath"
	"strings"

	"github.com/streamctl/streamctl/internal/sparkerr"
)

// A reason says why a name that a listing met is not read; 0 is none.
type reason uint8

const (
	hiddenName       reason = iota + 1
	filteredName            // by pathGlobFilter
	subdirectory            // of a source that does not read subdirectories
	noFile                  // a pipe, a socket, a device
	danglingLink            // a link to nowhere
	notPartition            // a directory k=v that is not a partition
	besidePartitions        // a file of a source with partition columns that lies in no partition directory
	otherPartitions         // a file in partition directories of other columns
	unlogged                // a file in the output of a file sink, which its log does not list
	ownOutput               // a link to what the query writes
	barredDirectory         // may not be read
	barredFile              // may not be read
	olderThanStart          // of a discretized stream: moved in with an old modification time
	reasons
)

// quiet are the reasons that are only told with -v, unless there is nothing else; %d is how many names there are.
var quiet = map[reason][2]string{
	hiddenName:   {"a hidden name (by default those that begin with . or _)", "%d hidden names (by default those that begin with . or _)"},
	filteredName: {"a file that pathGlobFilter leaves out", "%d files that pathGlobFilter leaves out"},
	subdirectory: {"a sub directory (recursiveFileLookup=true reads it)", "%d sub directories (recursiveFileLookup=true reads them)"},
	noFile:       {"a pipe, socket or device", "%d pipes, sockets or devices"},
	danglingLink: {"a link to nowhere", "%d links to nowhere"},
}

// warnings are the messages about the other reasons, each of which is logged once.
var warnings = map[reason]string{
	notPartition: "sub directories k=v are left out: files lie beside them, they came after the start, or they do not form one layout of partitions; " +
		"name their columns in the schema to read them as partitions",
	besidePartitions: "files that lie beside partition directories are left out; put them into one",
	otherPartitions:  "partition directories of other columns than those at the start are left out",
	unlogged:         "files are left out because _spark_metadata, the log of a file sink, does not list them; put them into another directory",
	ownOutput:        "a link to what the query itself writes, or to a directory around it, is not followed",
	barredDirectory:  "a directory that may not be read is left out",
	barredFile:       "files that may not be read are left out until they may; pathGlobFilter or another directory leaves them out without this warning",
	olderThanStart: "files that were modified before the start or more than a minute before they came are never read, as in Spark; " +
		"write them anew or touch them before they are moved in",
}

// leftOut counts, by reason, what a listing left out.
type leftOut struct {
	names [reasons]struct {
		count int
		first string
	}
	err    error           // of the first directory that cannot be read
	barred map[string]bool // paths of what may not be read, and may be later
}

// add counts a name in a directory; without a directory it is a path.
func (l *leftOut) add(why reason, dir, name string) {
	n := &l.names[why]
	if n.count++; n.count == 1 {
		n.first = filepath.Join(dir, name)
	}
}

// bar counts what cannot be read.
func (l *leftOut) bar(why reason, path string, err error) {
	l.add(why, "", path)
	if l.barred == nil {
		l.barred = map[string]bool{}
	}
	l.barred[path] = true
	if why == barredDirectory && l.err == nil {
		l.err = err
	}
}

// text lists the quiet reasons: "2 sub directories (…), first: a".
func (l *leftOut) text() string {
	var parts []string
	for why := range reasons {
		switch n := l.names[why]; {
		case n.count == 0 || quiet[why][0] == "":
		case n.count == 1:
			parts = append(parts, fmt.Sprintf("%s: %s", quiet[why][0], filepath.Base(n.first)))
		default:
			parts = append(parts, fmt.Sprintf(quiet[why][1]+", such as %s", n.count, filepath.Base(n.first)))
		}
	}
	return strings.Join(parts, "; ")
}

// A leftOutLog tells once of each reason why something is left out.
type leftOutLog struct {
	log    *slog.Logger
	told   [reasons]bool
	spoken bool // of the quiet ones
}

// tell tells of a listing of path; nothing says that it found no file at all, taken before or not.
func (t *leftOutLog) tell(path string, l *leftOut, nothing bool) {
	for why := range reasons {
		n := l.names[why]
		if warnings[why] == "" || n.count == 0 || t.told[why] {
			continue
		}
		t.told[why] = true
		args := []any{"path", n.first, "count", n.count}
		if why == barredDirectory {
			args = append(args, "error", sparkerr.Reason(l.err))
		}
		t.log.Warn(warnings[why], args...)
	}
	t.tellQuiet(path, l.text(), nothing)
}

func (t *leftOutLog) tellQuiet(path, text string, nothing bool) {
	switch {
	case t.spoken:
	case nothing && text != "":
		t.log.Warn("nothing to read so far; left out: "+text, "path", path)
	case nothing && isGlob(path):
		t.log.Warn("no files match the pattern so far", "path", path)
	case text != "":
		t.log.Info("left out: "+text, "path", path)
	default:
		return
	}
	t.spoken = true
}
