package spark

import (
	"bufio"
	"encoding/json"
	"io"
	"slices"
	"strings"
	"sync/atomic"
	"time"

	"github.com/streamctl/streamctl/internal/engine"
	"github.com/streamctl/streamctl/internal/sparkerr"
)

// An account collects what a running program reports about its queries.
type account struct {
	onProgress func(*engine.Progress)
	started    atomic.Bool // a query has started; read by other goroutines
	queries    int         // number of queries started
	since      time.Time   // when the first query started
	streams    []engine.StreamSummary
	uncounted  bool  // a sink did not report how many rows it wrote
	failure    error // why the program ended
}

// running reports whether a query has started.
func (a *account) running() bool { return a.started.Load() }

// An event is a message from runner.py.
type event struct {
	Event    string           `json:"event"`
	Name     string           `json:"name"`
	Progress *engine.Progress `json:"progress"`
	Failure
}

// A Failure is an error as Spark describes it.
type Failure struct {
	Condition string `json:"condition"`
	SQLState  string `json:"sqlState"`
	Message   string `json:"message"`
	Fragment  string `json:"fragment"` // the SQL text at fault
	Phase     string `json:"phase"`
}

// eventMark begins a line that is a message. Other lines are what the program wrote to standard error.
const eventMark = "\x1e"

// endOfEvents is the last line in the pipe.
const endOfEvents = eventMark + "end"

// listen handles the output of the program until the last line.
func (a *account) listen(pipe io.Reader, other io.Writer) {
	r := bufio.NewReader(pipe)
	for {
		line, err := r.ReadString('\n')
		if err != nil || strings.HasSuffix(line, endOfEvents+"\n") {
			return
		}
		var e event
		if text, ok := strings.CutPrefix(line, eventMark); ok && json.Unmarshal([]byte(text), &e) == nil {
			a.take(&e)
		} else {
			_, _ = io.WriteString(other, line)
		}
	}
}

func (a *account) take(e *event) {
	switch e.Event {
	case "started":
		a.started.Store(true)
		if a.queries++; a.queries == 1 {
			a.since = time.Now()
		}
	case "progress":
		a.count(e.Progress)
		if a.onProgress != nil {
			a.onProgress(e.Progress)
		}
	case "failed":
		a.failure = e.Error()
	}
}

// count adds a batch to the summary of its stream.
func (a *account) count(p *engine.Progress) {
	if _, ran := p.DurationMs["addBatch"]; !ran {
		p.Idle = true
		return
	}
	name := ""
	if p.Name != nil {
		name = *p.Name
	}
	i := slices.IndexFunc(a.streams, func(s engine.StreamSummary) bool { return s.Name == name })
	if i < 0 {
		i = len(a.streams)
		a.streams = append(a.streams, engine.StreamSummary{Name: name})
	}
	a.streams[i].Batches++
	a.streams[i].RowsIn += p.NumInputRows
	a.streams[i].RowsOut += p.Sink.NumOutputRows
	a.uncounted = a.uncounted || p.Sink.NumOutputRows < 0
}

// summary returns what the queries did. If a sink does not count rows, as Spark's file sink, RowsOut is
// negative.
func (a *account) summary() engine.Summary {
	s := engine.Summary{Streams: slices.Clone(a.streams)}
	for i := range s.Streams {
		if a.uncounted {
			s.Streams[i].RowsOut = -1
		}
	}
	return s
}

// Error returns the failure in the form of the embedded engine's errors.
func (f *Failure) Error() *engine.Error {
	phase := engine.PhaseStart
	if f.Phase == "run" {
		phase = engine.PhaseRun
	}
	e := &sparkerr.Error{Condition: f.Condition, Text: f.sentence()}
	if f.Fragment != "" {
		e.Fragment = &sparkerr.Fragment{Text: f.Fragment, End: len(f.Fragment)}
	}
	return &engine.Error{Phase: phase, Err: e}
}

// sentence returns the message without its condition, its SQLSTATE, and Spark's quotations from the program.
func (f *Failure) sentence() string {
	text := strings.TrimPrefix(f.Message, "["+f.Condition+"] ")
	if i := strings.Index(text, " SQLSTATE: "); i >= 0 {
		text = text[:i]
	}
	text, _, _ = strings.Cut(text, "\n\tat ")
	if text = strings.TrimSpace(text); text == "" {
		return "Spark gave no reason"
	}
	return text
}
