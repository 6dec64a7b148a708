package engine

import (
	"time"
)

// An EventTime is what a batch has seen of the event time, and the watermark it ran with. Without data, it has the watermark only.
type EventTime struct {
	Avg       string `json:"avg,omitempty"`
	Max       string `json:"max,omitempty"`
	Min       string `json:"min,omitempty"`
	Watermark string `json:"watermark"`
}

// eventTimeOf returns the event times of a batch; nil for a query without a watermark. Of several watermarks, the first one
// that has seen rows counts. (Spark: ProgressReporter.extractExecutionStats.)
func (q *query) eventTimeOf(b *batch) *EventTime {
	if !q.plan.Marked {
		return nil
	}
	t := &EventTime{Watermark: isoMillis(b.context.Watermark)}
	for _, one := range b.context.Times {
		if seen := one.All(); seen.Count > 0 {
			t.Avg, t.Max, t.Min = isoMillis(floorMillis(int64(seen.Avg()))), isoMillis(floorMillis(seen.Max)), isoMillis(floorMillis(seen.Min))
			break
		}
	}
	return t
}

// openWindows returns how many groups by time windows are in the state; nil: no step has any.
func (q *query) openWindows() *int {
	if q.state == nil {
		return nil
	}
	if n, some := q.plan.OpenWindows(q.state); some {
		return &n
	}
	return nil
}

func isoMillis(ms int64) string { return time.UnixMilli(ms).UTC().Format("2006-01-02T15:04:05.000Z") }

// A StateProgress is what a batch did to the state of one operator. (Spark: StateOperatorProgress.)
type StateProgress struct {
	OperatorName              string         `json:"operatorName"`
	NumRowsTotal              int64          `json:"numRowsTotal"`
	NumRowsUpdated            int64          `json:"numRowsUpdated"`
	AllUpdatesTimeMs          int64          `json:"allUpdatesTimeMs"`
	NumRowsRemoved            int64          `json:"numRowsRemoved"`
	AllRemovalsTimeMs         int64          `json:"allRemovalsTimeMs"`
	CommitTimeMs              int64          `json:"commitTimeMs"`
	MemoryUsedBytes           int64          `json:"memoryUsedBytes"`
	NumRowsDroppedByWatermark int64          `json:"numRowsDroppedByWatermark"`
	NumShufflePartitions      int64          `json:"numShufflePartitions"`
	NumStateStoreInstances    int64          `json:"numStateStoreInstances"`
	CustomMetrics             map[string]int `json:"customMetrics"`
}

// stateProgress returns what a batch did to the state, before that is committed.
func (q *query) stateProgress(b *batch) []StateProgress {
	list := make([]StateProgress, len(q.plan.States))
	for i, op := range q.plan.States {
		p := &list[i]
		*p = StateProgress{
			OperatorName: op.Name, NumRowsDroppedByWatermark: b.context.Dropped[i].Load(), CustomMetrics: map[string]int{},
			NumShufflePartitions: int64(op.Partitions), NumStateStoreInstances: int64(op.Partitions * len(op.Stores)),
		}
		for _, layout := range op.Stores {
			for part := range op.Partitions {
				s := q.state.Store(i, layout.Name, part)
				total, updated, removed := s.Rows()
				p.NumRowsTotal += int64(total)
				p.NumRowsUpdated += int64(updated)
				p.NumRowsRemoved += int64(removed)
				p.MemoryUsedBytes += int64(s.Bytes())
			}
		}
	}
	return list
}
