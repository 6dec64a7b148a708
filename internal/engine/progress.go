package engine

import (
	"encoding/json"
	"fmt"
	"math"
	"strconv"
	"time"

	"github.com/streamctl/streamctl/internal/checkpoint"
	"github.com/streamctl/streamctl/internal/sources"
	"github.com/streamctl/streamctl/internal/sparkerr"
)

// A Progress is what one batch did, or that there was nothing to do, under Spark's names. (Spark: StreamingQueryProgress.)
type Progress struct {
	ID                     string           `json:"id"`
	RunID                  string           `json:"runId"`
	Name                   *string          `json:"name"`
	Timestamp              string           `json:"timestamp"`
	BatchID                int64            `json:"batchId"`
	BatchDuration          int64            `json:"batchDuration"`
	NumInputRows           int64            `json:"numInputRows"`
	InputRowsPerSecond     Rate             `json:"inputRowsPerSecond"`
	ProcessedRowsPerSecond Rate             `json:"processedRowsPerSecond"`
	DurationMs             map[string]int64 `json:"durationMs"`
	EventTime              *EventTime       `json:"eventTime,omitempty"`
	StateOperators         []StateProgress  `json:"stateOperators"`
	Sources                []SourceProgress `json:"sources"`
	Sink                   SinkProgress     `json:"sink"`
	// HeldBack says which inputs keep the watermark back, and once that lasts, what they hold back. Spark has nothing like it.
	HeldBack *checkpoint.HeldBack `json:"heldBack,omitempty"`
	// OpenWindows is how many groups by time windows are in the state; nil: no step has any. Spark has nothing like it.
	OpenWindows *int `json:"openWindows,omitempty"`

	Idle bool `json:"-"` // no batch ran
}

// A SourceProgress is the progress of one source.
type SourceProgress struct {
	Description            string          `json:"description"`
	StartOffset            json.RawMessage `json:"startOffset"`
	EndOffset              json.RawMessage `json:"endOffset"`
	LatestOffset           json.RawMessage `json:"latestOffset"`
	NumInputRows           int64           `json:"numInputRows"`
	InputRowsPerSecond     Rate            `json:"inputRowsPerSecond"`
	ProcessedRowsPerSecond Rate            `json:"processedRowsPerSecond"`
	// Metrics has the input that waits for a later batch, by the names that other sources of Spark use for it.
	Metrics map[string]string `json:"metrics,omitempty"`
}

// A SinkProgress is the progress of the sink.
type SinkProgress struct {
	Description   string `json:"description"`
	NumOutputRows int64  `json:"numOutputRows"`
}

// A Terminated tells that a query has ended, with the names of Spark's event, and the name. (Spark: StreamingQueryListener.QueryTerminatedEvent.)
type Terminated struct {
	ID        string  `json:"id"`
	RunID     string  `json:"runId"`
	Name      *string `json:"name"`
	Timestamp string  `json:"timestamp"`
	Exception *string `json:"exception"`             // the message; nil: it has not failed
	Condition *string `json:"errorClassOnException"` // nil: there is none

	Err        error  `json:"-"`
	Checkpoint string `json:"-"` // the directory; "" if it has none
}

// JSON returns the event on one line.
func (t *Terminated) JSON() string { return oneLine(t) }

func (q *query) terminated(err error) *Terminated {
	t := &Terminated{ID: q.runID, RunID: q.runID, Timestamp: isoMillis(q.env.Now().UnixMilli())}
	if f := q.facts.Load(); f != nil {
		t.ID = f.id
	}
	if q.stream.Name != "" {
		t.Name = &q.stream.Name
	}
	if dir := q.stream.Sink.Checkpoint; dir != "" {
		t.Checkpoint = dir
		if path, err := q.job.Absolute(dir); err == nil {
			t.Checkpoint = path
		}
	}
	t.Fail(err)
	return t
}

// Fail adds the error that ended the query; nil changes nothing.
func (t *Terminated) Fail(err error) {
	if err == nil {
		return
	}
	text := err.Error()
	t.Err, t.Exception = err, &text
	if e := sparkerr.Root(err); e != nil && e.Condition != "" {
		t.Condition = &e.Condition
	}
}

// A Rate is rows per second; it prints as Java does, with a fraction.
type Rate float64

// MarshalJSON writes 8.0.
func (r Rate) MarshalJSON() ([]byte, error) {
	b := strconv.AppendFloat(nil, float64(r), 'f', -1, 64)
	if float64(r) == math.Trunc(float64(r)) {
		b = append(b, ".0"...)
	}
	return b, nil
}

// JSON returns the event on one line.
func (p *Progress) JSON() string { return oneLine(p) }

func oneLine(event any) string {
	b, err := json.Marshal(event)
	if err != nil {
		return err.Error()
	}
	return string(b)
}

// String returns the event in a readable form.
func (p *Progress) String() string {
	name := ""
	if p.Name != nil && *p.Name != "" {
		name = *p.Name + ": "
	}
	if p.Idle {
		return fmt.Sprintf("%swaiting for batch %d", name, p.BatchID)
	}
	return fmt.Sprintf("%sbatch %d: %d rows in, %d rows out, %d ms", name, p.BatchID, p.NumInputRows, p.Sink.NumOutputRows, p.BatchDuration)
}

// batchTimes measures the parts of a batch.
type batchTimes struct {
	start, previous time.Time // of this look and of the one of the batch before
	parts           map[string]int64
	lastProgress    time.Time
}

func (t *batchTimes) begin(now time.Time) {
	t.start = now
	if t.parts == nil {
		t.parts = map[string]int64{}
	}
	clear(t.parts)
}

// measure runs one part of a batch and adds its milliseconds up.
func (t *batchTimes) measure(part string, now func() time.Time, f func() error) error {
	start := now()
	err := f()
	t.parts[part] += now().Sub(start).Milliseconds()
	return err
}

// id is that of the query, which its checkpoint keeps. A discretized stream has none but that of the run.
func (q *query) id() string {
	if q.log == nil {
		return q.runID
	}
	return q.log.ID
}

// report emits the progress of a batch.
func (q *query) report(b *batch) {
	now := q.env.Now()
	took := now.Sub(b.start)
	p := q.newProgress(b.context.ID, b.start)
	p.BatchDuration = took.Milliseconds()
	p.NumInputRows = b.rowsIn()
	p.ProcessedRowsPerSecond = perSecond(p.NumInputRows, took)
	if !q.times.previous.IsZero() {
		p.InputRowsPerSecond = perSecond(p.NumInputRows, b.start.Sub(q.times.previous))
	}
	for part, ms := range q.times.parts {
		p.DurationMs[part] = ms
	}
	p.DurationMs["triggerExecution"] = p.BatchDuration
	p.Sink.NumOutputRows = b.rowsOut.Load()
	p.EventTime = q.eventTimeOf(b)
	p.StateOperators = append(p.StateOperators, b.states...)
	p.OpenWindows = q.openWindows()
	for i, in := range q.inputs {
		r := &b.ranges[i]
		s := SourceProgress{
			Description: (*in.opened.Load()).Describe(), StartOffset: offsetJSON(r.from), EndOffset: offsetJSON(r.to), LatestOffset: offsetJSON(""),
			NumInputRows: r.rows.Load(), ProcessedRowsPerSecond: perSecond(r.rows.Load(), took), Metrics: in.metrics(),
		}
		if !q.times.previous.IsZero() {
			s.InputRowsPerSecond = perSecond(s.NumInputRows, b.start.Sub(q.times.previous))
		}
		p.Sources = append(p.Sources, s)
	}
	q.times.previous, q.times.lastProgress = b.start, now
	q.env.OnProgress(p)
}

// reportIdle emits that there is nothing to do.
func (q *query) reportIdle() {
	q.watchHeld()
	now := q.env.Now()
	p := q.newProgress(q.next, now)
	p.Idle = true
	p.DurationMs["latestOffset"] = q.times.parts["latestOffset"]
	p.DurationMs["triggerExecution"] = q.times.parts["latestOffset"]
	for _, in := range q.inputs {
		offset := offsetJSON(in.committed)
		p.Sources = append(p.Sources, SourceProgress{
			Description: in.source.Describe(), StartOffset: offset, EndOffset: offset, LatestOffset: offsetJSON(""), Metrics: in.metrics(),
		})
	}
	q.times.lastProgress = now
	q.env.OnProgress(p)
}

func (q *query) newProgress(id int64, start time.Time) *Progress {
	p := &Progress{
		ID: q.id(), RunID: q.runID, BatchID: id, Timestamp: isoMillis(start.UnixMilli()),
		DurationMs: map[string]int64{}, StateOperators: []StateProgress{}, Sink: SinkProgress{Description: q.sink.Describe()},
	}
	if q.stream.Name != "" {
		p.Name = &q.stream.Name
	}
	if p.HeldBack = q.held.Load(); p.HeldBack == nil && q.plan != nil {
		p.HeldBack = q.heldBack()
	}
	return p
}

func offsetJSON(o sources.Offset) json.RawMessage {
	if o == "" {
		return json.RawMessage("null")
	}
	return json.RawMessage(o)
}

func perSecond(rows int64, d time.Duration) Rate {
	if d <= 0 {
		return 0
	}
	return Rate(float64(rows) / d.Seconds())
}
