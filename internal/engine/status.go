package engine

import (
	"path/filepath"
	"strings"
	"sync"
	"time"
)

// A Status is what a stream is doing at the moment.
type Status struct {
	Stream  string
	Waiting string        // what it waits for, as a sentence; "": a batch runs
	Batch   int64         // the running one
	Took    time.Duration // so far
	Rows    int64         // read by it so far
	Read    int64         // bytes of its files read so far
	Total   int64         // bytes of its files; 0: unknown
}

// A Monitor lets others look at a run while it lasts. The zero value is ready for one run.
type Monitor struct {
	mu      sync.Mutex
	queries []*query
}

// Streams says what each stream is doing.
func (m *Monitor) Streams() []Status {
	m.mu.Lock()
	defer m.mu.Unlock()
	var all []Status
	for _, q := range m.queries {
		all = append(all, q.status())
	}
	return all
}

func (m *Monitor) watch(queries []*query) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.queries = queries
}

// An activity is what a query is doing: running a batch, or waiting.
type activity struct {
	batch   *batch
	waiting func() string
}

// A waiter is a source that says what it waits for. It is asked from any goroutine.
type waiter interface{ Waiting() string }

// waits notes that the query has nothing to do until the source, or the clock, has something new.
func (q *query) waits(source any) {
	if w, ok := source.(waiter); ok {
		q.activity.Store(&activity{waiting: w.Waiting})
		return
	}
	q.activity.Store(&activity{waiting: func() string { return "waiting for " + q.input() }})
}

// input names what a source without words of its own reads.
func (q *query) input() string {
	path := q.stream.Source.Path
	switch {
	case path == "":
		return "data"
	case strings.ContainsAny(path, "*?[{"):
		return "files that match " + path
	}
	return "files in " + filepath.Clean(path) + "/"
}

// begins is what the query does before its source is open.
func (q *query) begins() {
	text := "looking for " + q.input()
	if q.stream.Source.Path == "" {
		text = "starting"
	}
	if host, ok := q.stream.Source.Options.Get("host"); ok {
		port, _ := q.stream.Source.Options.Get("port")
		text = "connecting to " + host + ":" + port
	}
	q.activity.Store(&activity{waiting: func() string { return text }})
}

func (q *query) status() Status {
	s := Status{Stream: q.stream.Name}
	a := q.activity.Load()
	switch {
	case a == nil:
		s.Waiting = "starting"
	case a.batch == nil:
		s.Waiting = a.waiting()
	default:
		stats := &q.counters.sources
		s.Batch, s.Took, s.Rows = a.batch.context.ID, q.env.Now().Sub(a.batch.start), a.batch.rowsIn.Load()
		s.Total = stats.BatchBytes.Load()
		s.Read = min(stats.BatchRead.Load(), s.Total)
	}
	return s
}
