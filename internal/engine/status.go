package engine

import (
	"cmp"
	"maps"
	"path/filepath"
	"strings"
	"sync"
	"time"

	"github.com/streamctl/streamctl/internal/sources"
)

// A Phase of the life of a query.
const (
	Starting = "starting" // it opens its sources and looks where the last run ended
	Running  = "running"  // a batch runs
	Waiting  = "waiting"
	Over     = "ended"
	Broken   = "failed"
)

// A Status describes what a stream is currently doing.
type Status struct {
	Stream  string
	ID      string // "" until its checkpoint is open
	RunID   string
	State   string        // one of the constants above
	Started bool          // it has completed its start
	Err     error         // why it failed
	Waiting string        // what the stream waits for, as text for the user; "" while a batch runs
	Batch   int64         // the running batch
	Took    time.Duration // since the batch started
	Rows    int64         // rows the batch has read so far
	Read    int64         // bytes the batch has read from its files so far
	Total   int64         // total bytes of the batch's files; 0 if unknown

	Malformed, Dropped int64 // records: all, and those that yield no row
	Samples            []Sample
	Inputs             []InputStatus
	Plan               []string          // that runs, as explain prints it; nil until the first batch, or if Env.Plans is not set
	Conf               map[string]string // the settings that apply; nil until the start is complete
}

// An InputStatus describes a stream that a query reads.
type InputStatus struct {
	Name string
	Lag  *sources.Lag // nil: it is not known
}

// facts are what is fixed while a query runs, as far as it is known.
type facts struct {
	id      string
	started bool
	conf    map[string]string
	plan    []string
}

// publish adds to the facts. It is called by the goroutine of the query.
func (q *query) publish(add func(*facts)) {
	f := facts{}
	if known := q.facts.Load(); known != nil {
		f = *known
	}
	add(&f)
	q.facts.Store(&f)
}

// starts records that the start is complete.
func (q *query) starts() {
	q.publish(func(f *facts) { f.id, f.started, f.conf = q.id(), true, maps.Clone(q.analysed.Conf) })
}

// An outcome is how a query ended.
type outcome struct{ err error }

// ends records the end of the query, and why it failed. Only the first call counts.
func (q *query) ends(err error) {
	q.ending.Do(func() {
		q.outcome.Store(&outcome{err})
		q.env.OnTerminated(q.terminated(err))
	})
}

// A Monitor provides the status of a run in progress. The zero value is ready to use, for one run.
type Monitor struct {
	mu      sync.Mutex
	queries []*query
}

// Streams returns the status of each stream.
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

// waits records that the query is idle until a source has new data or its trigger fires.
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

// reads describes the input of a source that does not describe it itself.
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

// begins records that the query is opening its sources.
func (q *query) begins() {
	texts := make([]string, len(q.inputs))
	for i, in := range q.inputs {
		texts[i] = in.begins()
	}
	text := strings.Join(texts, "; ")
	q.activity.Store(&activity{waiting: func() string { return text }})
}

// begins describes the opening of the source.
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
	s := Status{Stream: q.stream.Name, RunID: q.runID, State: Starting}
	q.addFacts(&s)
	for _, in := range q.everyInput() {
		in.rejects.addTo(&s, q.nameOf(in))
	}
	for _, in := range q.inputs {
		s.Inputs = append(s.Inputs, InputStatus{q.nameOf(in), in.lag()})
	}
	a := q.activity.Load()
	switch end := q.outcome.Load(); {
	case end != nil && end.err != nil:
		s.State, s.Err, s.Waiting = Broken, end.err, "failed"
	case end != nil:
		s.State, s.Waiting = Over, "ended"
	case a == nil:
		s.Waiting = "starting"
	case a.batch == nil:
		if s.Started {
			s.State = Waiting
		}
		s.Waiting = a.waiting()
		if h := q.held.Load(); h != nil {
			s.Waiting += "; " + h.Text()
		}
	default:
		s.State = Running
		s.Batch, s.Took, s.Rows = a.batch.context.ID, q.env.Now().Sub(a.batch.start), a.batch.rowsIn()
		for _, in := range q.inputs {
			total := in.stats.BatchBytes.Load()
			s.Total += total
			s.Read += min(in.stats.BatchRead.Load(), total)
		}
	}
	return s
}

func (q *query) addFacts(s *Status) {
	if f := q.facts.Load(); f != nil {
		s.ID, s.Started, s.Plan, s.Conf = f.id, f.started, f.plan, f.conf
	}
}
