// Package status gathers what a running process knows about its queries and shows it to people and programs: as a page, as JSON, as metrics, and on a
// terminal. All of them are made from one Report. Nothing here makes a query wait.
package status

import (
	"time"

	"github.com/streamctl/streamctl/internal/checkpoint"
	"github.com/streamctl/streamctl/internal/engine"
	"github.com/streamctl/streamctl/internal/sources"
)

// A Report is what is known of a process at one moment, with its secrets masked.
type Report struct {
	Version   string     `json:"version"`
	Job       string     `json:"job"`
	StartTime time.Time  `json:"startTime"`
	Time      time.Time  `json:"time"`             // when the report was made
	EndTime   *time.Time `json:"stopAt,omitempty"` // when the timeout ends the run
	Queries   []*Query   `json:"queries"`
	Warnings  []Warning  `json:"warnings"` // that belong to no query
	Settings  []Setting  `json:"settings"` // of the process
}

// A Query is what is known of one query, with the names of Spark's StreamingQuery where it has them.
type Query struct {
	ID        string  `json:"id"`
	RunID     string  `json:"runId"`
	Name      *string `json:"name"`
	State     string  `json:"state"`     // starting, running, waiting, ended or failed
	Exception *string `json:"exception"` // why it failed; nil: it has not failed

	Status Activity  `json:"status"`
	Batch  *Batch    `json:"currentBatch"` // nil: none runs
	Totals Totals    `json:"totals"`
	Lag    []Lag     `json:"lag"`
	Last   *Progress `json:"lastProgress"` // of the newest batch that ended; nil: there is none

	Recent   []*Progress     `json:"recentProgress,omitempty"` // the oldest first
	Samples  []engine.Sample `json:"samples,omitempty"`        // of malformed records and late rows
	Warnings []Warning       `json:"warnings,omitempty"`
	Plan     []string        `json:"plan,omitempty"` // as explain prints it
	Settings []Setting       `json:"settings,omitempty"`

	timings timings // for metrics
}

// A Progress is the event of a batch.
type Progress = engine.Progress

// Activity says what a query is doing. (Spark: StreamingQueryStatus.)
type Activity struct {
	Message         string `json:"message"`
	IsDataAvailable bool   `json:"isDataAvailable"`
	IsTriggerActive bool   `json:"isTriggerActive"`
	Started         bool   `json:"isStarted"` // the start is complete
}

// A Batch is one that runs.
type Batch struct {
	ID        int64 `json:"batchId"`
	Duration  int64 `json:"batchDuration"` // milliseconds so far
	Rows      int64 `json:"numInputRows"`  // read so far
	Bytes     int64 `json:"numInputBytes"` // read so far
	BytesLeft int64 `json:"numBytesOutstanding"`
}

// Totals sum up the batches of this run.
type Totals struct {
	Batches      int64      `json:"numBatches"`
	InputRows    int64      `json:"numInputRows"`
	OutputRows   int64      `json:"numOutputRows"` // -1: the sink does not count them
	Malformed    int64      `json:"numMalformedRows"`
	Dropped      int64      `json:"numMalformedRowsDropped"` // those of them that yield no row
	Late         int64      `json:"numRowsDroppedByWatermark"`
	StateRows    int64      `json:"numStateRows"` // now
	StateBytes   int64      `json:"stateBytes"`   // now
	Stateful     bool       `json:"stateful"`
	Watermark    *time.Time `json:"watermark"` // nil: none, or it has not moved yet
	Warnings     int64      `json:"numWarnings"`
	LastProgress *time.Time `json:"lastBatchTime"`
}

// A Lag is the input of a source that no batch has taken yet.
type Lag struct {
	Source string `json:"source"`
	Known  bool   `json:"known"`
	Files  int64  `json:"numFilesOutstanding"`
	Bytes  int64  `json:"numBytesOutstanding"`
	Rows   int64  `json:"numRowsOutstanding"`
}

func newLag(source string, l *sources.Lag) Lag {
	if l == nil {
		return Lag{Source: source}
	}
	return Lag{Source: source, Known: true, Files: l.Files, Bytes: l.Bytes, Rows: l.Rows}
}

// A Warning is a message that the user got.
type Warning struct {
	Time  time.Time `json:"time"` // of the last one
	Text  string    `json:"text"`
	Hint  string    `json:"hint,omitempty"`
	Count int64     `json:"count"` // how often it came
}

// A Setting is one that applies.
type Setting struct {
	Name   string `json:"name"`
	Value  string `json:"value"`
	Origin string `json:"origin"` // where it comes from
}

// Summary returns a query without what may be long, for lists.
func (q *Query) Summary() *Query {
	s := *q
	s.Recent, s.Samples, s.Warnings, s.Plan, s.Settings = nil, nil, nil, nil, nil
	return &s
}

// Title is what people call the query.
func (q *Query) Title() string {
	if q.Name != nil && *q.Name != "" {
		return *q.Name
	}
	return "query"
}

// stream is the name of the query in the job, which may be "".
func (q *Query) stream() string {
	if q.Name == nil {
		return ""
	}
	return *q.Name
}

// Is reports whether the query is called by a name, or has this id or id of a run.
func (q *Query) Is(name string) bool {
	return name != "" && (q.Name != nil && *q.Name == name || q.ID == name || q.RunID == name)
}

// HeldBack is what the watermark of the last batch holds back; nil: nothing.
func (q *Query) HeldBack() *checkpoint.HeldBack {
	if q.Last == nil || q.Last.HeldBack == nil || !q.Last.HeldBack.Any() {
		return nil
	}
	return q.Last.HeldBack
}

// Query returns the query with a name, id or id of a run; nil if there is none.
func (r *Report) Query(name string) *Query {
	for _, q := range r.Queries {
		if q.Is(name) {
			return q
		}
	}
	return nil
}

// Ready reports whether all queries have completed their start and none has failed, with the reason if not.
func (r *Report) Ready() (bool, string) {
	starting, failed := 0, 0
	for _, q := range r.Queries {
		switch {
		case q.State == engine.Broken:
			failed++
		case !q.Status.Started && q.State != engine.Over:
			starting++
		}
	}
	switch {
	case failed > 0:
		return false, countOf(failed, len(r.Queries), "failed")
	case starting > 0:
		return false, countOf(starting, len(r.Queries), "not started yet")
	}
	return true, "ready"
}
