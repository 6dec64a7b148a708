package engine

import (
	"context"
	"slices"
	"time"

	"github.com/streamctl/streamctl/internal/job"
	"github.com/streamctl/streamctl/internal/sources"
)

// idleInterval is how often an idle query reports that it is idle (spark.sql.streaming.noDataProgressEventInterval).
const idleInterval = 10 * time.Second

// loop runs batches according to the trigger, until the query's end or stop.
func (q *query) loop(ctx context.Context, stop <-chan struct{}) error {
	t := q.stream.Sink.Trigger
	switch {
	case t.Kind == job.ProcessingTime && t.Interval > 0:
		return q.onGrid(ctx, stop, t.Interval)
	case t.Kind == job.Once:
		return q.once(ctx, stop)
	case t.Kind == job.AvailableNow:
		return q.availableNow(ctx, stop)
	}
	return q.onNews(ctx, stop)
}

// onNews runs a batch whenever there is new data.
func (q *query) onNews(ctx context.Context, stop <-chan struct{}) error {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	wake, end := q.wake(ctx), q.done(ctx)
	for !closed(stop) {
		done := closed(end)
		ran, err := q.step(ctx, false)
		if err != nil {
			return err
		}
		if ran {
			continue
		}
		if done {
			return nil
		}
		q.waitingForData()
		if err := q.await(ctx, stop, wake, end, time.Time{}); err != nil {
			return err
		}
	}
	return nil
}

// onGrid looks at once and then at the multiples of the interval since the epoch. A batch that takes longer than that is
// followed by a look at once; looks missed are not made up. (Spark: ProcessingTimeExecutor.)
func (q *query) onGrid(ctx context.Context, stop <-chan struct{}, interval time.Duration) error {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	q.wake(ctx) // from now on the sources know what has changed, and need not look at everything
	end := q.done(ctx)
	for !closed(stop) {
		start := q.env.Now()
		next := nextMultiple(start, interval)
		done := closed(end)
		ran, err := q.step(ctx, false)
		if err != nil {
			return err
		}
		if !ran && done {
			return nil
		}
		if !ran {
			q.waitingForData()
		}
		if took := q.env.Now().Sub(start); took > interval {
			q.env.Log.Warn("Current batch is falling behind", "stream", q.stream.Name, "interval", interval, "took", took)
		}
		if err := q.await(ctx, stop, nil, nil, next); err != nil {
			return err
		}
	}
	return nil
}

// nextMultiple is the first multiple of the interval since the epoch after t, to the millisecond.
func nextMultiple(t time.Time, interval time.Duration) time.Time {
	d := max(interval.Milliseconds(), 1)
	return time.UnixMilli(t.UnixMilli()/d*d + d)
}

// once runs one batch with everything there is. What has no "everything there is" is read to its end.
func (q *query) once(ctx context.Context, stop <-chan struct{}) error {
	if q.again != nil {
		_, err := q.step(ctx, true)
		return err
	}
	if frozen, err := q.freeze(ctx, stop); !frozen {
		return err
	}
	if q.gathers() {
		return q.gather(ctx, stop)
	}
	if q.receives() {
		return q.onNews(ctx, stop)
	}
	_, err := q.step(ctx, true)
	return err
}

// freeze fixes the end of the input; false when that failed, or the query is to stop instead.
func (q *query) freeze(ctx context.Context, stop <-chan struct{}) (bool, error) {
	listing, cancel := until(ctx, stop)
	defer cancel()
	for _, in := range q.inputs {
		err := freeze(listing, in.source)
		if closed(stop) {
			return false, nil
		}
		if err != nil {
			return false, err
		}
	}
	return true, nil
}

// receives reports whether some source has no end that can be fixed now, and is read until it is done.
func (q *query) receives() bool {
	return slices.ContainsFunc(q.inputs, func(in *input) bool { return doneOf(in.source) != nil })
}

// availableNow runs batches, within the source's limits, until there is nothing more of what was there at the start.
func (q *query) availableNow(ctx context.Context, stop <-chan struct{}) error {
	if frozen, err := q.freeze(ctx, stop); !frozen {
		return err
	}
	if q.gathers() {
		return q.gather(ctx, stop)
	}
	if q.receives() {
		return q.onNews(ctx, stop)
	}
	for !closed(stop) {
		ran, err := q.step(ctx, false)
		if err != nil || !ran {
			return err
		}
	}
	return nil
}

// waitingForData says that everything there is was taken in.
func (q *query) waitingForData() {
	list := make([]sources.Source, len(q.inputs))
	for i, in := range q.inputs {
		list[i] = in.source
	}
	q.waits(list...)
	q.env.Log.Debug("waiting for data", "stream", q.stream.Name, "nextBatch", q.next)
}

// await blocks until news, the end of the input, the time until (zero: never), or stop. Meanwhile it reports idleness.
func (q *query) await(ctx context.Context, stop, wake, done <-chan struct{}, until time.Time) error {
	var due <-chan time.Time
	if !until.IsZero() {
		t := time.NewTimer(until.Sub(q.env.Now()))
		defer t.Stop()
		due = t.C
	}
	idle := time.NewTimer(idleInterval - q.env.Now().Sub(q.times.lastProgress))
	defer idle.Stop()
	for {
		select {
		case <-wake:
			return nil
		case <-done:
			return nil
		case <-due:
			return nil
		case <-stop:
			return nil
		case <-ctx.Done():
			return ctx.Err()
		case <-idle.C:
			q.reportIdle()
			idle.Reset(idleInterval)
		}
	}
}

// closed reports whether a channel is closed; a nil one never is.
func closed(c <-chan struct{}) bool {
	select {
	case <-c:
		return true
	default:
		return false
	}
}
