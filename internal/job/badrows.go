package job

import (
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
)

// Options that streamctl adds to sources that read records: csv, json, text and socket.
const (
	RejectsPath  = "rejectsPath"  // file that lists malformed and late records
	MaxBadRows   = "maxBadRows"   // more malformed records than this fail the query
	MaxLineBytes = "maxLineBytes" // maximum length of a record
)

// aboutBadRows reports whether name is an option about malformed records. They are options of the source.
func aboutBadRows(name string) bool {
	return slices.ContainsFunc([]string{RejectsPath, MaxBadRows}, func(s string) bool { return equalFold(s, name) })
}

// Standard is the path of standard input or output.
const Standard = "-"

// prints reports whether the rows of the stream go to standard output.
func (s *Stream) prints() bool {
	return s.Sink.Path == Standard || s.Sink.Format == "" || equalFold(s.Sink.Format, DefaultSink)
}

// rejects checks the path of the list of malformed records.
func (v *validator) rejects(s *Source) {
	path, ok := s.Options.Get(RejectsPath)
	if !ok {
		return
	}
	at := s.place(RejectsPath)
	switch local, err := localPath(path); {
	case path == Standard:
		if slices.ContainsFunc(v.job.Streams, (*Stream).prints) {
			v.errs.addf(at, "%s must be a file, not standard output, which is for rows", RejectsPath).Hint = "--rejects rejects.jsonl, or rejectsPath: rejects.jsonl; with a sink of files, - is possible"
		}
	case strings.TrimSpace(path) == "":
		v.errs.addf(at, "%s is empty", RejectsPath).Hint = "--rejects rejects.jsonl, or rejectsPath: rejects.jsonl"
	case err != nil:
		v.local(at, path)
	case strings.HasSuffix(local, "/"), isDirectory(v.job.Resolve(path)):
		v.errs.addf(at, "%s must be a file, but %s is a directory", RejectsPath, path).Hint = "name a file in that directory"
	}
}

// sameRejects refuses streams, or sources of one, that write their malformed records to the same file.
func (v *validator) sameRejects() {
	seen := map[string]bool{}
	for _, s := range v.job.Streams {
		for _, in := range v.job.inputsOf(s) {
			path, ok := in.Options.Get(RejectsPath)
			if !ok || path == Standard {
				continue
			}
			path = realPath(v.job.Resolve(path))
			if seen[path] {
				v.errs.addf(in.place(RejectsPath), "two streams have the same %s %s", RejectsPath, path).Hint = "give each stream a separate file"
			}
			seen[path] = true
		}
	}
}

// realPath resolves the links in a path, as far as the path exists.
func realPath(path string) string {
	if real, err := filepath.EvalSymlinks(path); err == nil {
		path = real
	} else if dir, err := filepath.EvalSymlinks(filepath.Dir(path)); err == nil {
		path = filepath.Join(dir, filepath.Base(path))
	}
	if abs, err := filepath.Abs(path); err == nil {
		return abs
	}
	return filepath.Clean(path)
}

func isDirectory(path string) bool {
	info, err := os.Stat(path)
	return err == nil && info.IsDir()
}

// Count returns the value of a numeric option that Validate has checked. ok is false if the option is not set.
func (o Options) Count(name string) (n int64, ok bool) {
	text, ok := o.Get(name)
	if !ok {
		return 0, false
	}
	n, err := strconv.ParseInt(strings.TrimSpace(text), 10, 64)
	return n, err == nil
}

// count checks an option that must be a number >= least.
func (v *validator) count(opts Options, name string, least int64) {
	for _, o := range opts {
		if !equalFold(o.Name, name) {
			continue
		}
		if n, ok := (Options{o}).Count(name); !ok || n < least {
			v.errs.addf(o.Place, "%s must be a number of at least %d, not %q", name, least, o.Value)
		}
	}
}
