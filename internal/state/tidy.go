package state

import (
	"context"
	"sync"
	"time"

	"github.com/streamctl/streamctl/internal/sparkerr"
)

// Defaults of Spark's settings.
const (
	minDeltas = 10  // spark.sql.streaming.stateStore.minDeltasForSnapshot
	retain    = 100 // spark.sql.streaming.minBatchesToRetain
)

// snapshotInterval is the time after which a snapshot is due although the deltas since the last one are few bytes. (Spark:
// spark.sql.streaming.stateStore.maintenanceInterval.)
const snapshotInterval = time.Minute

// largeDeltas is the number of bytes of deltas that are not left for the next start to read.
const largeDeltas = 4 << 20

// A tidier does the work of Tidy in the background.
type tidier struct {
	mu      sync.Mutex
	running bool
	cancel  context.CancelFunc
	done    sync.WaitGroup
	err     error     // of finished work; not reported yet
	rest    time.Time // no work before
}

// Tidy writes snapshots and removes old files where they are due, in the background. It must be called after the batch was logged as committed, so that its
// version is final. It returns at once; the error is that of work begun by an earlier call, which is tried again later and does not affect the
// state.
func (s *State) Tidy(ctx context.Context) error {
	t := &s.tidier
	t.mu.Lock()
	defer t.mu.Unlock()
	err := t.err
	t.err = nil
	if s.dir == "" || s.version < 1 || t.running || time.Now().Before(t.rest) {
		return err
	}
	due := s.due()
	if len(due) == 0 {
		return err
	}
	ctx, t.cancel = context.WithCancel(context.WithoutCancel(ctx))
	t.running = true
	version := s.version
	t.done.Go(func() { s.work(ctx, due, version) })
	return err
}

// due returns the stores for which there is something to do.
func (s *State) due() []*Store {
	var due []*Store
	s.each(func(store *Store) {
		if f := store.folder; f.snapshotDue(s.version, &s.options) || f.oldest(s.version, s.options.Retain) > 0 {
			due = append(due, store)
		}
	})
	return due
}

// work tidies stores up to a version, and then rests for a while in proportion to the time that took: a stream that outpaces its snapshots leaves many
// deltas for the next start to read, but it must have most of the machine.
func (s *State) work(ctx context.Context, due []*Store, version int64) {
	start := time.Now()
	err := sparkerr.Caught(func() error {
		for _, store := range due {
			if err := store.folder.tidy(ctx, version, &s.options); err != nil {
				return err
			}
		}
		return nil
	})
	t := &s.tidier
	t.mu.Lock()
	defer t.mu.Unlock()
	t.running, t.rest = false, time.Now().Add(time.Since(start)/4)
	t.cancel()
	if err != nil && ctx.Err() == nil {
		t.err, t.rest = err, time.Now().Add(snapshotInterval)
	}
}

// Wait waits for the work that Tidy has begun.
func (s *State) Wait() { s.tidier.done.Wait() }

// stopTidying ends the work that Tidy has begun.
func (s *State) stopTidying() {
	s.tidier.mu.Lock()
	if s.tidier.cancel != nil {
		s.tidier.cancel()
	}
	s.tidier.mu.Unlock()
	s.Wait()
}

func (f *folder) tidy(ctx context.Context, version int64, o *Options) error {
	if f.snapshotDue(version, o) {
		if err := f.snapshot(ctx, version); err != nil {
			return err
		}
	}
	return f.removeOld(version, o.Retain)
}

// snapshotDue reports whether a snapshot of version is due. There must be some deltas since the last one, and that must be a while ago, or the deltas must
// have half as many bytes and be large or many. So a start reads little more than the state, and writing snapshots takes little more than writing
// the deltas.
func (f *folder) snapshotDue(version int64, o *Options) bool {
	f.mu.Lock()
	defer f.mu.Unlock()
	deltas := version - newest(f.snapshots, version)
	if deltas < int64(o.MinDeltas) {
		return false
	}
	return time.Since(f.snapped) >= snapshotInterval || 2*f.since >= f.whole && (f.since >= largeDeltas || deltas >= int64(o.Retain))
}

// oldest returns the version before which files can be removed, or 0 if there are none: a version that is retained is read from a snapshot.
func (f *folder) oldest(version int64, retain int) int64 {
	f.mu.Lock()
	defer f.mu.Unlock()
	base := newest(f.snapshots, version-int64(retain))
	if base > 0 && (len(f.deltas) > 0 && f.deltas[0] < base || f.snapshots[0] < base) {
		return base
	}
	return 0
}

// removeOld removes the files that no retained version needs.
func (f *folder) removeOld(version int64, retain int) error {
	base := f.oldest(version, retain)
	for _, name := range f.before(base) {
		for _, file := range []string{sumName(name), name} {
			if err := f.remove(file); err != nil {
				return err
			}
		}
	}
	return nil
}

// before returns the names of all files of versions below base.
func (f *folder) before(base int64) []string {
	f.mu.Lock()
	defer f.mu.Unlock()
	var names []string
	for _, v := range f.deltas {
		if v < base {
			names = append(names, deltaName(v))
		}
	}
	for _, v := range f.snapshots {
		if v < base {
			names = append(names, snapshotName(v))
		}
	}
	return names
}
