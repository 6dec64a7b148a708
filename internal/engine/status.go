package engine

import (
	"cmp"
	"path/filepath"
	"strings"
	"sync"
	"time"

	"github.com/streamctl/streamctl/internal/sources"
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

// waits notes that the query has nothing to do until one of the sources, or the clock, has something new.
func (q *query) waits(list ...sources.Source) {
	texts := make([]func() string, len(list))
	for i, source := range list {
		texts[i] = func() string { return "waiting for " + q.inputs[i].reads() }
		if waiting := waitingOf(source); waiting != nil {
			texts[i] = waiting
		}
	}
	q.activity.Store(&activity{waiting: func() string {
		said := make([]string, len(texts))
		for i, text := range texts {
			said[i] = text()
		}
		return strings.Join(said, "; ")
	}})
}

// reads names what a source that has no words for it reads.
func (in *input) reads() string {
	path := in.spec.Path
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
	texts := make([]string, len(q.inputs))
	for i, in := range q.inputs {
		texts[i] = in.begins()
	}
	text := strings.Join(texts, "; ")
	q.activity.Store(&activity{waiting: func() string { return text }})
}

// begins is what happens before the source is open.
func (in *input) begins() string {
	if in.spec.Path != "" {
		return "looking for " + in.reads()
	}
	if in.format.Opening == nil {
		return "starting"
	}
	return cmp.Or(in.format.Opening(in.spec), "starting")
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
		s.Batch, s.Took, s.Rows = a.batch.context.ID, q.env.Now().Sub(a.batch.start), a.batch.rowsIn()
		for _, in := range q.inputs {
			total := in.stats.BatchBytes.Load()
			s.Total += total
			s.Read += min(in.stats.BatchRead.Load(), total)
		}
	}
	return s
}
