package file

import (
	"hash/maphash"
	"math"
	"path/filepath"
)

// seenFiles knows the files that were taken. Those much older than the newest one are forgotten, and never taken again
// because of their age. (Spark: FileStreamSource.SeenFilesMap.)
type seenFiles struct {
	maxAge   int64 // milliseconds
	nameOnly bool
	seeds    [2]maphash.Seed
	times    map[fileKey]int64
	newest   int64
	purged   int64 // files older than this are too old
	oldest   int64 // no remembered file is older
}

// A fileKey stands for a path: 128 bits of hash, a third of the memory that a million paths take. Two paths have the same one
// less often than memory fails.
type fileKey [2]uint64

func newSeenFiles(o *options) *seenFiles {
	return &seenFiles{maxAge: o.maxAge, nameOnly: o.nameOnly, seeds: [2]maphash.Seed{maphash.MakeSeed(), maphash.MakeSeed()},
		times: map[fileKey]int64{}, newest: math.MinInt64, purged: math.MinInt64, oldest: math.MaxInt64}
}

func (s *seenFiles) key(path string) fileKey {
	if s.nameOnly {
		path = filepath.Base(path)
	}
	return fileKey{maphash.String(s.seeds[0], path), maphash.String(s.seeds[1], path)}
}

func (s *seenFiles) add(path string, modTime int64) {
	s.times[s.key(path)] = modTime
	s.newest = max(s.newest, modTime)
	s.oldest = min(s.oldest, modTime)
}

// has reports whether a file was taken.
func (s *seenFiles) has(path string) bool {
	_, ok := s.times[s.key(path)]
	return ok
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
	for k, t := range s.times {
		if t < s.purged {
			delete(s.times, k)
		} else {
			s.oldest = min(s.oldest, t)
		}
	}
}
