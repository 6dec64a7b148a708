package file

import (
	"maps"
	"path/filepath"
	"sync"
	"sync/atomic"
	"time"

	"github.com/fsnotify/fsnotify"

	"github.com/streamctl/streamctl/internal/sparkerr"
	"github.com/streamctl/streamctl/internal/storage"
)

const (
	// netInterval is how often directories are looked at whatever the notifications say: those get lost, and network file
	// systems send none.
	netInterval = time.Second
	// racy: a directory that changed so shortly before it was listed can change again without a new modification time.
	racy = 2 * time.Second
	// relistInterval is how often a directory that changed is listed although notifications told of the change: others, made on
	// another machine, may have gone unnoticed. Listing takes a small share of the time.
	relistInterval = time.Minute
	relistShare    = 100
)

// A watcher says which files may be new since the last look. Its goroutine runs between start and close.
type watcher struct {
	fsys   storage.FS
	wake   chan struct{}
	direct func(path string) bool
	hidden func(name string) bool
	now    func() time.Time
	poll   bool // wake at each interval, since files that grow change no directory

	mu      sync.Mutex
	all     bool                 // everything has to be listed
	dirty   map[string]struct{}  // files that were made or written
	dirs    map[string]time.Time // modification times of directories before they were listed
	barred  map[string]bool      // paths that may not be read
	told    map[string]time.Time // when notifications last told of a change in a directory
	listed  time.Time
	took    time.Duration     // to list everything
	notify  *fsnotify.Watcher // nil when the system gives no notifications: then only the net is there
	watched map[string]bool
	stop    chan struct{}
	done    sync.WaitGroup
	broken  atomic.Pointer[error] // the panic that ended the watch
}

func newWatcher(fsys storage.FS, direct, hidden func(string) bool, now func() time.Time) *watcher {
	return &watcher{fsys: fsys, wake: make(chan struct{}, 1), direct: direct, hidden: hidden, now: now, all: true, dirty: map[string]struct{}{}, watched: map[string]bool{},
		told: map[string]time.Time{}}
}

// start begins to watch the directories of the last listing. What happened since then is not known, so the next look, which
// must follow, lists everything again.
func (w *watcher) start() {
	if w.stop != nil {
		return
	}
	w.stop = make(chan struct{})
	w.notify, _ = fsnotify.NewBufferedWatcher(1024)
	w.mu.Lock()
	w.all = true
	w.watchDirs()
	w.mu.Unlock()
	w.done.Go(func() {
		if err := sparkerr.Caught(w.run); err != nil {
			w.broken.Store(&err)
			w.signal()
		}
	})
}

func (w *watcher) running() bool { return w.stop != nil }

func (w *watcher) close() {
	if w.stop == nil {
		return
	}
	close(w.stop)
	if w.notify != nil {
		_ = w.notify.Close()
	}
	w.done.Wait()
}

// signal wakes the engine; a wake-up that was not taken yet is enough.
func (w *watcher) signal() {
	select {
	case w.wake <- struct{}{}:
	default:
	}
}

// take returns what has changed: everything, or the files named. A panic of the watcher's goroutine is raised again here, in the query.
func (w *watcher) take() (all bool, dirty []string) {
	if err := w.broken.Load(); err != nil {
		panic(*err)
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.all || w.stop == nil {
		w.all = false
		clear(w.dirty)
		return true, nil
	}
	for p := range w.dirty {
		dirty = append(dirty, p)
	}
	clear(w.dirty)
	return false, dirty
}

// listAgain makes the next look a full one.
func (w *watcher) listAgain() {
	w.mu.Lock()
	w.all = true
	w.mu.Unlock()
}

// hasListed tells which directories a full look went through, with their times before it, and when it began.
func (w *watcher) hasListed(dirs map[string]time.Time, began time.Time) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.dirs, w.listed = dirs, w.now()
	w.took = w.listed.Sub(began)
	if w.stop != nil {
		w.watchDirs()
	}
}

// bar tells which paths may not be read: a change of their mode changes no directory.
func (w *watcher) bar(paths map[string]bool) {
	w.mu.Lock()
	w.barred = maps.Clone(paths)
	w.mu.Unlock()
}

// watchDirs asks for notifications of all directories.
func (w *watcher) watchDirs() {
	if w.notify == nil {
		return
	}
	for d := range w.dirs {
		if !w.watched[d] {
			w.watched[d] = w.notify.Add(d) == nil
		}
	}
}

func (w *watcher) run() error {
	tick := time.NewTicker(netInterval)
	defer tick.Stop()
	var events chan fsnotify.Event
	var errs chan error
	if w.notify != nil {
		events, errs = w.notify.Events, w.notify.Errors
	}
	for {
		select {
		case <-w.stop:
			return nil
		case ev, ok := <-events:
			if ok {
				w.event(ev)
			} else {
				events = nil
			}
		case _, ok := <-errs: // notifications were lost
			if ok {
				w.changed()
			} else {
				errs = nil
			}
		case <-tick.C:
			w.checkDirs()
		}
	}
}

// changed has everything listed.
func (w *watcher) changed() {
	w.listAgain()
	w.signal()
}

func (w *watcher) event(ev fsnotify.Event) {
	w.mu.Lock()
	w.told[filepath.Dir(ev.Name)] = w.now()
	w.mu.Unlock()
	switch {
	case ev.Has(fsnotify.Create) || ev.Has(fsnotify.Write):
		if w.hidden(filepath.Base(ev.Name)) {
			return
		}
		direct := w.direct(ev.Name)
		w.mu.Lock()
		if direct {
			w.dirty[ev.Name] = struct{}{}
		} else {
			w.all = true
		}
		w.mu.Unlock()
		w.signal()
	case ev.Has(fsnotify.Remove) || ev.Has(fsnotify.Rename):
		w.mu.Lock()
		isDir := w.watched[ev.Name]
		delete(w.watched, ev.Name)
		w.mu.Unlock()
		if isDir {
			w.changed()
		}
	}
}

// checkDirs is the safety net: a directory that changed since it was listed is listed again, and so is one that changed so
// shortly before that more could have followed unseen, once that cannot happen any more. When a notification has told of the
// last change of a directory, it was told of all of them, unless some were made on another machine: that can wait.
func (w *watcher) checkDirs() {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.poll {
		w.all = true
		w.signal()
		return
	}
	for path := range w.barred {
		if w.fsys.Readable(path) {
			w.all = true
			w.signal()
			return
		}
	}
	now := w.now()
	patient := now.Sub(w.listed) < max(relistInterval, relistShare*w.took)
	for d, t := range w.dirs {
		st, err := w.fsys.Stat(d)
		told := err == nil && patient && !w.told[d].Before(st.ModTime)
		if err != nil || !st.ModTime.Equal(t) && !told || w.listed.Sub(t) < racy && now.Sub(t) >= racy {
			w.all = true
			w.signal()
			return
		}
	}
}
