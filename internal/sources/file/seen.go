package file

import (
	"hash/maphash"
	"math"
	"path/filepath"
)

// seenFiles knows the files that were taken. Those much older than the newest one are forgotten, and never taken again
// because of their age. (Spark: FileStreamSource.SeenFilesMap.)
type seenFiles struct {
	maxAge     int64 // milliseconds
	nameOnly   bool
	seeds      [2]maphash.Seed
	times      map[fileKey]int64
	paths      map[fileKey]int64 // by path; times itself unless only names count
	newest     int64
	newestPath string
	purged     int64             // files older than this are too old
	oldest     int64             // no remembered file is older
	forgotten  map[fileKey]int64 // by path: files that were taken, and are too old now
}

// A fileKey is 128 bits of hash of a path, a third of the memory that a million paths take. Two paths have the same one
// less often than memory fails.
type fileKey [2]uint64

func newSeenFiles(o *options) *seenFiles {
	s := &seenFiles{maxAge: o.maxAge, nameOnly: o.nameOnly, seeds: [2]maphash.Seed{maphash.MakeSeed(), maphash.MakeSeed()},
		times: map[fileKey]int64{}, newest: math.MinInt64, purged: math.MinInt64, oldest: math.MaxInt64, forgotten: map[fileKey]int64{}}
	s.paths = s.times
	if o.nameOnly {
		s.paths = map[fileKey]int64{}
	}
	return s
}

func (s *seenFiles) hash(path string) fileKey {
	return fileKey{maphash.String(s.seeds[0], path), maphash.String(s.seeds[1], path)}
}

// name is what makes a file the same as another one.
func (s *seenFiles) name(path string) string {
	if s.nameOnly {
		return filepath.Base(path)
	}
	return path
}

func (s *seenFiles) add(path string, modTime int64) {
	s.times[s.hash(s.name(path))] = modTime
	if s.nameOnly {
		s.paths[s.hash(path)] = modTime
	}
	if modTime > s.newest {
		s.newest, s.newestPath = modTime, path
	}
	s.oldest = min(s.oldest, modTime)
}

// has reports whether a file was taken, or one that counts as the same.
func (s *seenFiles) has(path string) bool {
	_, ok := s.times[s.hash(s.name(path))]
	return ok
}

// readAt is the time that a file had when it was read, in milliseconds. ok is false for a file of which that is not known.
func (s *seenFiles) readAt(path string) (millis int64, ok bool) {
	key := s.hash(path)
	if millis, ok = s.paths[key]; !ok {
		millis, ok = s.forgotten[key]
	}
	return millis, ok
}

// setReadAt corrects the time of a file that was written to between taking and reading.
func (s *seenFiles) setReadAt(path string, millis int64) {
	key := s.hash(path)
	if _, ok := s.paths[key]; ok {
		s.paths[key] = millis
	}
}

func (s *seenFiles) tooOld(modTime int64) bool { return modTime < s.purged }

// purge moves the limit of age up to the newest file seen and forgets what is beyond it.
func (s *seenFiles) purge() {
	if s.newest == math.MinInt64 || s.maxAge == math.MaxInt64 {
		return
	}
	s.purged = s.newest - s.maxAge
	if s.oldest >= s.purged {
		return
	}
	s.oldest = math.MaxInt64
	for k, t := range s.paths {
		if t < s.purged {
			s.forgotten[k] = t
			delete(s.paths, k)
		}
	}
	for k, t := range s.times {
		if t < s.purged {
			delete(s.times, k)
		} else {
			s.oldest = min(s.oldest, t)
		}
	}
}

// keepForgotten drops what is known of forgotten files that are not there any more.
func (s *seenFiles) keepForgotten(there []candidate) {
	if len(s.forgotten) == 0 {
		return
	}
	kept := map[fileKey]int64{}
	for i := range there {
		key := s.hash(there[i].path)
		if t, ok := s.forgotten[key]; ok {
			kept[key] = t
		}
	}
	s.forgotten = kept
}
