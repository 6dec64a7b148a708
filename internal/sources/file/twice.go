package file

import (
	"slices"
	"time"

	"github.com/streamctl/streamctl/internal/checkpoint"
	"github.com/streamctl/streamctl/internal/storage"
)

// renames finds new files that were read before under another name: log rotation renames a file and compresses it, both of which leave
// its time as it was. Files of earlier runs are known by their times, of which the log has all.
type renames struct {
	fsys  storage.FS
	log   *checkpoint.SourceLog
	times []int64 // of the files in the log at the start, in milliseconds
	order bool    // they are sorted
	last  time.Time
	took  time.Duration // to look a path up
}

// suspects returns the files that have the modification time of one that was read.
func (r *renames) suspects(files []candidate) map[int64][]string {
	if len(r.times) == 0 {
		return nil
	}
	if !r.order {
		slices.Sort(r.times)
		r.order = true
	}
	found := map[int64][]string{}
	for i := range files {
		millis := files[i].millis()
		if _, ok := slices.BinarySearch(r.times, millis); ok {
			found[millis] = append(found[millis], files[i].path)
		}
	}
	return found
}

// find hands over each new file that has the time of an earlier one whose name means nothing, or something else, now. Where many files
// have the same time, it does not take more than a small share of the run.
func (r *renames) find(files []candidate, now func() time.Time, do func(path, before string)) error {
	suspects, start := r.suspects(files), now()
	if len(suspects) == 0 || start.Sub(r.last) < relistShare*r.took {
		return nil
	}
	err := r.log.Each(func(f checkpoint.SourceFile) {
		paths := suspects[f.ModTime]
		if len(paths) == 0 || slices.Contains(paths, f.Path) {
			return
		}
		if st, err := r.fsys.Stat(f.Path); err == nil && millisOf(st.ModTime) == f.ModTime {
			if same, err := r.fsys.Stat(paths[0]); err != nil || same.ID != st.ID {
				return
			}
		}
		do(paths[0], f.Path)
		suspects[f.ModTime] = paths[1:]
	})
	r.last, r.took = start, now().Sub(start)
	return err
}

// readAgain tells of the new files that were read before.
func (s *Source) readAgain(files []candidate) error {
	for i := range files {
		if _, ok := s.seen.forgotten[s.seen.hash(files[i].path)]; ok {
			s.omitted.readAgain(files[i].path, " was read before, was forgotten as it was older than maxFileAge, and has a new time now")
		}
	}
	return s.renames.find(files, s.env.Now, func(path, before string) {
		s.omitted.readAgain(path, " has the time of "+before+", which was read and is not there any more as it was, or is the same file: it seems to be renamed, linked or compressed")
	})
}
