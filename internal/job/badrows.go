package job

import (
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
)

// Options of sources that read records: csv, json, text and socket. They are not Spark's.
const (
	RejectsPath  = "rejectsPath"  // file that lists malformed records
	MaxBadRows   = "maxBadRows"   // more of them fail the query
	MaxLineBytes = "maxLineBytes" // longest record

	MaxConnections = "maxConnections" // clients of a listening socket
)

// aboutBadRows reports an option about malformed records, which belongs to the source.
func aboutBadRows(name string) bool {
	return slices.ContainsFunc([]string{RejectsPath, MaxBadRows}, func(s string) bool { return equalFold(s, name) })
}

// rejects checks the file that lists malformed records.
func (v *validator) rejects(s *Source) {
	path, ok := s.Options.Get(RejectsPath)
	if !ok {
		return
	}
	at := s.place(RejectsPath)
	switch local, err := localPath(path); {
	case path == "-":
		v.errs.addf(at, "%s is a file, not standard output, where rows are printed", RejectsPath).Hint = "--rejects rejects.jsonl, or rejectsPath: rejects.jsonl"
	case strings.TrimSpace(path) == "":
		v.errs.addf(at, "%s is empty", RejectsPath).Hint = "--rejects rejects.jsonl, or rejectsPath: rejects.jsonl"
	case err != nil && !v.spark:
		v.errs.add(at, err)
	case strings.HasSuffix(local, "/"), isDirectory(v.job.Resolve(path)):
		v.errs.addf(at, "%s is a file, but %s is a directory", RejectsPath, path).Hint = "name a file in it"
	}
}

// sameRejects refuses two streams that list into one file.
func (v *validator) sameRejects() {
	seen := map[string]bool{}
	for _, s := range v.job.Streams {
		path, ok := s.Source.Options.Get(RejectsPath)
		if !ok {
			continue
		}
		path = realPath(v.job.Resolve(path))
		if seen[path] {
			v.errs.addf(s.Source.place(RejectsPath), "two streams have the same %s %s", RejectsPath, path).Hint = "give each stream a file of its own"
		}
		seen[path] = true
	}
}

// realPath is a path without links, as far as it exists.
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

// Count gives an option that is a number; ok is false when it is not given. Validate has checked it.
func (o Options) Count(name string) (n int64, ok bool) {
	text, ok := o.Get(name)
	if !ok {
		return 0, false
	}
	n, err := strconv.ParseInt(strings.TrimSpace(text), 10, 64)
	return n, err == nil
}

// count checks an option that is a number of at least least.
func (v *validator) count(opts Options, name string, least int64) {
	for _, o := range opts {
		if !equalFold(o.Name, name) {
			continue
		}
		if n, ok := (Options{o}).Count(name); !ok || n < least {
			v.errs.addf(o.Place, "%s is a number of at least %d, not %q", name, least, o.Value)
		}
	}
}
