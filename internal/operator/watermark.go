package operator

import (
	"errors"
	"sync"

	"github.com/streamctl/streamctl/internal/sql/expr"
	"github.com/streamctl/streamctl/internal/sql/kernel"
	"github.com/streamctl/streamctl/internal/vector"
)

// EventTimes summarizes the event times that a batch has seen, in microseconds since the epoch. NULL counts as the
// epoch. (Spark: EventTimeStats, which reads the word of a NULL.)
type EventTimes struct {
	Count    int64
	Min, Max int64
	sum      float64
}

// Avg returns the mean.
func (t *EventTimes) Avg() float64 { return t.sum / float64(t.Count) }

// Add adds the times of another summary.
func (t *EventTimes) Add(o *EventTimes) {
	if o.Count == 0 {
		return
	}
	if t.Count == 0 {
		*t = *o
		return
	}
	t.Min, t.Max = min(t.Min, o.Min), max(t.Max, o.Max)
	t.Count, t.sum = t.Count+o.Count, t.sum+o.sum
}

// Times collects what the tasks of a batch see of the event times of one watermark.
type Times struct {
	mu   sync.Mutex
	all  EventTimes
	null int64
}

// Nulls returns how many of the event times are NULL.
func (t *Times) Nulls() int64 {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.null
}

// All returns the event times of the tasks that have ended.
func (t *Times) All() EventTimes {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.all
}

// eventTime passes rows on and notes their event times.
type eventTime struct {
	number int // of the watermark in the plan
	column int
	batch  *BatchContext
	seen   EventTimes
	null   int64
}

// NewEventTime returns an operator that notes the times in a column for the watermark with a number. (Spark: EventTimeWatermarkExec.)
func NewEventTime(number, column int) Operator { return &eventTime{number: number, column: column} }

func (e *eventTime) Begin(p *Partition) { e.batch, e.seen, e.null = p.Batch, EventTimes{}, 0 }

// Process notes the times of the rows that the operators above read: a limit may have had enough before the last one.
func (e *eventTime) Process(_ *expr.Context, _ int, b *vector.Batch, out Emit) error {
	err := out(b)
	rows := b.Rows()
	if enough := (*Enough)(nil); errors.As(err, &enough) {
		rows -= enough.unread(b)
	} else if err != nil {
		return err
	}
	v := b.Cols[e.column]
	for k := range rows {
		t := int64(0)
		if i := kernel.Row(b.Sel, k); !v.IsNull(i) {
			t = v.I64[v.At(i)]
		} else {
			e.null++
		}
		e.seen.Add(&EventTimes{1, t, t, float64(t)})
	}
	return err
}

func (e *eventTime) Finish(*expr.Context, Emit) error {
	t := e.batch.Times[e.number]
	t.mu.Lock()
	defer t.mu.Unlock()
	t.all.Add(&e.seen)
	t.null += e.null
	return nil
}
