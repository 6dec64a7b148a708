package file

import (
	"errors"
	"io/fs"
	"path/filepath"
	"strings"
	"time"

	"github.com/streamctl/streamctl/internal/codec"
	"github.com/streamctl/streamctl/internal/job"
	"github.com/streamctl/streamctl/internal/sources"
	"github.com/streamctl/streamctl/internal/sparkerr"
	"github.com/streamctl/streamctl/internal/storage"
)

// minRemember is how long discretized streams remember files (spark.streaming.fileStream.minRememberDuration).
const minRemember = time.Minute

// clockTolerance is how far the clock of a file system may be behind that of the process, in milliseconds. A kernel stamps files with the
// time of its last tick, which a busy virtual machine may miss; FAT rounds to two seconds.
const clockTolerance = 2000

// An IntervalSource returns the files of each interval of a discretized stream: those whose modification time has been reached
// since the start, each path once. (Spark: FileInputDStream.) A file that was not there at the start counts as new even if its
// modification time is slightly before it.
type IntervalSource struct {
	*Source
	fsys     tree
	dir      *glob // nil: path is the directory
	start    int64 // milliseconds: older files are never read
	remember int64
	selected map[string]int64 // path → the interval that took it
	recent   map[string]bool  // paths that were there at the start, modified less than clockTolerance before
	present  map[string]bool  // paths of the last listing
}

// NewInterval makes the source of a directory or glob of directories.
func NewInterval(path string, opts job.Options, decoder *codec.Decoder, env *sources.Env, interval time.Duration) (*IntervalSource, error) {
	o, err := parseOptions(opts, env.Conf)
	if err != nil {
		return nil, err
	}
	s := &IntervalSource{
		fsys:   tree{env.FS},
		Source: &Source{path: path, opts: o, env: env, decoder: decoder, left: leftOutLog{log: env.Log}}, start: env.Now().UnixMilli(), selected: map[string]int64{},
		present:  map[string]bool{},
		remember: ((minRemember + interval - 1) / interval * interval).Milliseconds(),
	}
	if isGlob(path) {
		if s.dir, err = compileGlob(path); err != nil {
			return nil, err
		}
	}
	s.recent = map[string]bool{}
	// A directory that cannot be listed fails in the first interval.
	_ = s.each(func(path string) error {
		if st, err := s.fsys.Stat(path); err == nil && st.ModTime.UnixMilli() > s.start-clockTolerance {
			s.recent[path] = true
		}
		s.present[path] = true
		return nil
	})
	return s, nil
}

// Close does nothing: nothing is watched.
func (s *IntervalSource) Close() error { return nil }

// Batch returns the partitions of the interval that ends at t: file by file, in the order of the directory.
func (s *IntervalSource) Batch(t time.Time, scan *sources.Scan) ([]sources.Partition, error) {
	now := t.UnixMilli()
	for p, at := range s.selected {
		if at < now-s.remember {
			delete(s.selected, p)
		}
	}
	files, err := s.find(now)
	if err != nil {
		return nil, err
	}
	s.plan = plan{scan: scan, columns: &partitioning{}}
	for _, c := range files {
		if err := s.addFile(c, false); err != nil {
			return nil, err
		}
	}
	var parts []sources.Partition
	for i := range s.plan.files {
		if f := &s.plan.files[i]; f.Size > 0 && !scan.Empty {
			parts = s.pieces(parts, split{f, 0, f.Size}, i)
		}
	}
	s.env.Stats.Files.Add(int64(len(files)))
	return parts, nil
}

// find selects the new files of all directories.
func (s *IntervalSource) find(now int64) ([]candidate, error) {
	var (
		found []candidate
		old   leftOut
		err   error
	)
	listed := make(map[string]bool, len(s.present))
	err = s.each(func(path string) error {
		listed[path] = true
		found, err = s.entry(found, path, now, &old)
		return err
	})
	s.present = listed
	s.left.tell(s.path, &old, false)
	return found, err
}

// each calls do with the path of every entry of the directories, in the order of each directory.
func (s *IntervalSource) each(do func(path string) error) error {
	dirs := []string{s.path}
	if s.dir != nil {
		var err error
		if dirs, err = s.dir.expand(globWalk{}); err != nil {
			return unreadable(err)
		}
	}
	for _, d := range dirs {
		names, err := s.fsys.names(d)
		if err != nil {
			return gone(d, err)
		}
		for _, name := range names {
			if err := do(filepath.Join(d, name)); err != nil {
				return err
			}
		}
	}
	return nil
}

// entry takes a file, or a directory with its files, if it is the turn of its modification time. One that came too late for its
// modification time is counted in old.
func (s *IntervalSource) entry(found []candidate, path string, now int64, old *leftOut) ([]candidate, error) {
	name := filepath.Base(path)
	st, err := s.fsys.Stat(path)
	if err != nil || strings.HasPrefix(name, ".") {
		if errors.Is(err, fs.ErrPermission) {
			s.bar(barredFile, path)
		}
		return found, nil
	}
	if _, taken := s.selected[path]; taken {
		return found, nil
	}
	start, modified := s.start, st.ModTime.UnixMilli()
	if !s.recent[path] {
		start -= clockTolerance
	}
	switch oldest := max(start, now-s.remember); {
	case modified <= oldest && !s.present[path]:
		old.add(olderThanStart, "", path)
		return found, nil
	case modified <= oldest || modified > now:
		return found, nil
	}
	if s.barred(path, &st) {
		return found, nil
	}
	s.selected[path] = now
	if strings.HasPrefix(name, "_") {
		return nil, sparkerr.Plain("Input path does not exist: file:%s", path).
			WithHint("Hadoop takes names that begin with _ for hidden; give the file another name")
	}
	if st.IsDir() {
		return s.subdirectory(found, path)
	}
	if st.IsRegular() && (s.opts.nameFilter == nil || s.opts.nameFilter.match(name)) {
		found = append(found, candidate{path, st.Size, st.ModTime})
	}
	return found, nil
}

func (s *IntervalSource) subdirectory(found []candidate, dir string) ([]candidate, error) {
	names, err := s.fsys.names(dir)
	if errors.Is(err, fs.ErrNotExist) {
		return found, nil
	}
	if err != nil {
		return nil, unreadable(err)
	}
	for _, name := range names {
		path := filepath.Join(dir, name)
		if st, err := s.fsys.Stat(path); err == nil && st.IsRegular() && !hiddenFromHadoop(name) && !s.barred(path, &st) {
			found = append(found, candidate{path, st.Size, st.ModTime})
		}
	}
	return found, nil
}

// barred reports, and tells once, that a file or directory may not be read. It is looked at again as long as it counts as new.
func (s *IntervalSource) barred(path string, st *storage.Status) bool {
	switch {
	case s.fsys.readable(path, st):
		return false
	case st.IsDir():
		s.bar(barredDirectory, path)
	default:
		s.bar(barredFile, path)
	}
	return true
}

func (s *IntervalSource) bar(why reason, path string) {
	var left leftOut
	left.bar(why, path, fs.ErrPermission)
	s.left.tell(s.path, &left, false)
}
