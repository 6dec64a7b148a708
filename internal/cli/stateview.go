package cli

import (
	"fmt"
	"strings"
	"time"

	"github.com/streamctl/streamctl/internal/engine"
)

// A stateView sums up what the progress events of stateful queries say about their state.
type stateView struct {
	streams map[string]*streamState // by name
}

// streamState is the state of one stream after its last batch.
type streamState struct {
	watermark   time.Time // zero: none, or not moved yet
	rows, bytes int64
	late        int64 // rows dropped as late, over all batches
}

// add takes in an event. Events of stateless queries change nothing.
func (v *stateView) add(e *engine.Progress) {
	if len(e.StateOperators) == 0 && e.EventTime == nil {
		return
	}
	name := ""
	if e.Name != nil {
		name = *e.Name
	}
	if v.streams == nil {
		v.streams = map[string]*streamState{}
	}
	s := v.streams[name]
	if s == nil {
		s = &streamState{}
		v.streams[name] = s
	}
	s.rows, s.bytes = 0, 0
	for _, op := range e.StateOperators {
		s.rows += op.NumRowsTotal
		s.bytes += op.MemoryUsedBytes
		s.late += op.NumRowsDroppedByWatermark
	}
	if e.EventTime != nil {
		if t, err := time.Parse(time.RFC3339, e.EventTime.Watermark); err == nil && t.UnixMilli() != 0 {
			s.watermark = t
		}
	}
}

// total returns the sum over all streams, with the earliest watermark. ok is false if no stream is stateful.
func (v *stateView) total() (sum streamState, ok bool) {
	for _, s := range v.streams {
		sum.rows += s.rows
		sum.bytes += s.bytes
		sum.late += s.late
		if !s.watermark.IsZero() && (sum.watermark.IsZero() || s.watermark.Before(sum.watermark)) {
			sum.watermark = s.watermark
		}
	}
	return sum, len(v.streams) > 0
}

// text formats the view for the status line and the summary: "12 state rows (3.1 kB), 2 late rows dropped, watermark 2024-01-01T00:05:00Z".
func (v *stateView) text() string {
	sum, ok := v.total()
	if !ok {
		return ""
	}
	parts := []string{fmt.Sprintf("%s (%s)", count(sum.rows, "state row", "state rows"), bytesText(sum.bytes))}
	if sum.late > 0 {
		parts = append(parts, count(sum.late, "late row", "late rows")+" dropped")
	}
	if !sum.watermark.IsZero() {
		parts = append(parts, "watermark "+sum.watermark.UTC().Format(time.RFC3339Nano))
	}
	return strings.Join(parts, ", ")
}
