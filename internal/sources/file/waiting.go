package file

import (
	"sync/atomic"

	"github.com/streamctl/streamctl/internal/sources"
)

// waiting counts the files that are known and in no batch yet. Any goroutine may read it.
type waiting struct{ files, bytes atomic.Int64 }

func (w *waiting) set(files int, bytes int64) {
	w.files.Store(int64(files))
	w.bytes.Store(bytes)
}

// beyond counts the rest of the files that a batch was cut off from. If known is true, these files are those that waited before: then their sizes
// are not added up again, as they may be many.
func (w *waiting) beyond(batch, rest []candidate, known bool) {
	if known && w.files.Load() == int64(len(batch)+len(rest)) {
		w.set(len(rest), w.bytes.Load()-sizes(batch))
	} else {
		w.set(len(rest), sizes(rest))
	}
}

func sizes(files []candidate) (sum int64) {
	for i := range files {
		sum += files[i].size
	}
	return sum
}

// Lag returns how many files the last look has found beyond the limit of a batch.
func (s *Source) Lag() sources.Lag {
	return sources.Lag{Files: s.waiting.files.Load(), Bytes: s.waiting.bytes.Load()}
}

// Lag returns how many bytes the last look has found behind the positions in files.
func (f *Follower) Lag() sources.Lag {
	return sources.Lag{Files: f.waiting.files.Load(), Bytes: f.waiting.bytes.Load()}
}

// countWaiting counts what LatestOffset has left to later batches.
func (f *Follower) countWaiting() {
	files, bytes := 0, int64(0)
	for _, t := range f.tracked {
		if n := t.unread(); t.Gone == 0 && n > 0 {
			files++
			bytes += n
		}
	}
	f.waiting.set(files, bytes)
}
