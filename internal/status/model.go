package status

import (
	"fmt"
	"slices"
	"sync"
	"time"

	"github.com/streamctl/streamctl/internal/engine"
	"github.com/streamctl/streamctl/internal/job"
)

const (
	// recentBatches is how many batches of a query are kept (Spark: spark.sql.streaming.numRecentProgressUpdates).
	recentBatches = 100
	// mostWarnings is how many different warnings are kept, of each query and of the process.
	mostWarnings = 20
	// longestText is the maximum number of characters of a text in a report.
	longestText = 2000
)

// A Model gathers the events of a run. Its methods may be called from any goroutine; those that take events never wait for those that report.
type Model struct {
	monitor *engine.Monitor
	now     func() time.Time
	started time.Time
	job     *job.Job
	version string
	mask    func(string) string // nil: there is nothing to mask
	process func() []Setting
	keep    bool // recent batches

	mu       sync.Mutex
	queries  []*known
	warnings noted
}

// known is what the model remembers of a query.
type known struct {
	name      string
	stream    *job.Stream // nil: not one of the job
	recent    []*Progress // a ring
	next      int         // where the next one goes
	last      *Progress
	totals    Totals
	timings   timings
	warnings  noted
	exception *string
}

// Options describe a process to its Model.
type Options struct {
	Version  string
	Monitor  *engine.Monitor  // that watches the run
	Settings func() []Setting // returns those of the process; nil: there are none
	// Mask takes the secrets out of a text. It is called for every text of a report.
	Mask func(string) string
	// Recent keeps the events of recent batches, and warnings.
	Recent bool
	Now    func() time.Time // nil: time.Now
}

// NewModel returns the model of a run of j that begins now.
func NewModel(j *job.Job, o Options) *Model {
	m := &Model{monitor: o.Monitor, now: o.Now, job: j, version: o.Version, mask: o.Mask, process: o.Settings, keep: o.Recent}
	if m.now == nil {
		m.now = time.Now
	}
	m.started = m.now()
	for _, s := range j.Streams {
		m.queries = append(m.queries, &known{name: s.Name, stream: s})
	}
	return m
}

// query returns what is remembered of a query.
func (m *Model) query(name string) *known {
	for _, q := range m.queries {
		if q.name == name {
			return q
		}
	}
	q := &known{name: name}
	m.queries = append(m.queries, q)
	return q
}

// Progress takes the event of a batch. Idle queries change nothing.
func (m *Model) Progress(p *Progress) {
	if p.Idle {
		return
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	name := ""
	if p.Name != nil {
		name = *p.Name
	}
	q := m.query(name)
	q.last = p
	q.count(p, m.now())
	if !m.keep {
		return
	}
	if len(q.recent) < recentBatches {
		q.recent = append(q.recent, p)
		return
	}
	q.recent[q.next] = p
	q.next = (q.next + 1) % recentBatches
}

// count adds a batch to the totals.
func (q *known) count(p *Progress, now time.Time) {
	t := &q.totals
	t.Batches++
	t.InputRows += p.NumInputRows
	if p.Sink.NumOutputRows < 0 || t.OutputRows < 0 {
		t.OutputRows = -1
	} else {
		t.OutputRows += p.Sink.NumOutputRows
	}
	t.LastProgress = &now
	q.timings.add(p)
	if len(p.StateOperators) == 0 && p.EventTime == nil {
		return
	}
	t.Stateful = true
	t.StateRows, t.StateBytes = 0, 0
	for i := range p.StateOperators {
		op := &p.StateOperators[i]
		t.StateRows += op.NumRowsTotal
		t.StateBytes += op.MemoryUsedBytes
		t.Late += op.NumRowsDroppedByWatermark
	}
	if p.EventTime != nil {
		if w, err := time.Parse(time.RFC3339, p.EventTime.Watermark); err == nil && w.UnixMilli() != 0 {
			t.Watermark = &w
		}
	}
}

// Terminated takes the event of a query that has ended.
func (m *Model) Terminated(e *engine.Terminated) {
	m.mu.Lock()
	defer m.mu.Unlock()
	name := ""
	if e.Name != nil {
		name = *e.Name
	}
	m.query(name).exception = e.Exception
}

// Warn notes a warning about a stream, or about the process if no stream has the name.
func (m *Model) Warn(stream, text, hint string) {
	m.mu.Lock()
	defer m.mu.Unlock()
	to := &m.warnings
	for _, q := range m.queries {
		if q.name == stream {
			q.totals.Warnings++
			to = &q.warnings
		}
	}
	to.add(Warning{Time: m.now(), Text: text, Hint: hint, Count: 1})
}

// noted are the newest different warnings, the oldest first.
type noted struct{ list []Warning }

func (n *noted) add(w Warning) {
	w.Text, w.Hint = bounded(w.Text), bounded(w.Hint)
	if i := slices.IndexFunc(n.list, func(x Warning) bool { return x.Text == w.Text }); i >= 0 {
		w.Count += n.list[i].Count
		n.list = slices.Delete(n.list, i, i+1)
	}
	if len(n.list) == mostWarnings {
		n.list = slices.Delete(n.list, 0, 1)
	}
	n.list = append(n.list, w)
}

// Sum returns the totals of all queries, with the earliest watermark.
func (m *Model) Sum() Totals {
	m.mu.Lock()
	defer m.mu.Unlock()
	sum := Totals{}
	for _, q := range m.queries {
		t := &q.totals
		sum.Batches += t.Batches
		sum.InputRows += t.InputRows
		sum.Late += t.Late
		sum.StateRows += t.StateRows
		sum.StateBytes += t.StateBytes
		sum.Stateful = sum.Stateful || t.Stateful
		if t.Watermark != nil && (sum.Watermark == nil || t.Watermark.Before(*sum.Watermark)) {
			sum.Watermark = t.Watermark
		}
	}
	return sum
}

// Report returns what is known now.
func (m *Model) Report() *Report {
	current := m.monitor.Streams()
	now := m.now()
	r := &Report{Version: m.version, Job: m.job.Title(), StartTime: m.started.UTC(), Time: now.UTC(), Queries: []*Query{}, Settings: []Setting{}}
	if m.process != nil {
		r.Settings = m.process()
	}
	if m.job.Timeout > 0 {
		end := m.started.Add(m.job.Timeout).UTC()
		r.EndTime = &end
	}
	m.mu.Lock() // for which events wait: only copies are made
	r.Warnings = append([]Warning{}, m.warnings.list...)
	streams := make([]*job.Stream, len(m.queries))
	for i, k := range m.queries {
		r.Queries = append(r.Queries, k.report())
		streams[i] = k.stream
	}
	m.mu.Unlock()
	for i, q := range r.Queries {
		for at := range current {
			if current[at].Stream == q.stream() {
				q.add(&current[at])
			}
		}
		if streams[i] != nil {
			q.Settings = settingsOf(m.job, streams[i], q.Settings)
		}
	}
	return r.masked(m.mask)
}

// report returns a copy of what is remembered, as of a query that has not started.
func (k *known) report() *Query {
	q := &Query{
		State: engine.Starting, Exception: k.exception, Totals: k.totals, Last: k.last, Lag: []Lag{},
		Status: Activity{Message: "starting"}, Warnings: slices.Clone(k.warnings.list), timings: k.timings.clone(),
	}
	if k.name != "" {
		q.Name = &k.name
	}
	q.Recent = append(slices.Clone(k.recent[k.next:]), k.recent[:k.next]...)
	return q
}

// add adds what a query is doing.
func (q *Query) add(s *engine.Status) {
	q.ID, q.RunID, q.State, q.Plan, q.Samples = s.ID, s.RunID, s.State, s.Plan, s.Samples
	q.Totals.Malformed, q.Totals.Dropped = s.Malformed, s.Dropped
	q.Status = Activity{Message: s.Waiting, Started: s.Started, IsTriggerActive: s.State == engine.Running, IsDataAvailable: s.State == engine.Running}
	if s.Err != nil && q.Exception == nil {
		text := s.Err.Error()
		q.Exception = &text
	}
	if s.State == engine.Running {
		q.Status.Message = fmt.Sprintf("Processing batch %d", s.Batch)
		q.Batch = &Batch{ID: s.Batch, Duration: s.Took.Milliseconds(), Rows: s.Rows, Bytes: s.Read, BytesLeft: max(s.Total-s.Read, 0)}
	}
	for _, in := range s.Inputs {
		q.Lag = append(q.Lag, newLag(in.Name, in.Lag))
	}
	for name, value := range s.Conf {
		q.Settings = append(q.Settings, Setting{name, value, "conf"})
	}
}

// bounded limits the length of a text.
func bounded(text string) string {
	if len(text) <= longestText {
		return text
	}
	r := []rune(text)
	return string(r[:min(len(r), longestText)]) + "…"
}

// countOf formats "1 of 2 queries has failed".
func countOf(n, all int, what string) string {
	if all == 1 {
		return "the query has " + what
	}
	verb := "have"
	if n == 1 {
		verb = "has"
	}
	return fmt.Sprintf("%d of %d queries %s %s", n, all, verb, what)
}
