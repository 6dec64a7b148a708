package engine

import (
	"context"
	"errors"
	"sync"
	"time"

	"github.com/streamctl/streamctl/internal/sparkerr"
)

// A runner is a query, or the discretized streams of a job, which share their intervals.
type runner interface {
	// run works until its end, until stop is closed and the batch at hand is done, or until ctx ends.
	run(ctx context.Context, stop <-chan struct{}) error
	summaries() []StreamSummary
}

// A manager runs several queries in one process. (Spark: StreamingQueryManager.)
type manager struct {
	env     *Env
	started time.Time
	timeout time.Duration
}

// run waits for the queries, and for what makes them stop.
func (m *manager) run(ctx context.Context, runners []runner) (Summary, error) {
	work, cancel := context.WithCancel(context.WithoutCancel(ctx))
	defer cancel()
	stop := make(chan struct{})
	results := make(chan error, len(runners))
	var running sync.WaitGroup
	for _, r := range runners {
		running.Go(func() { results <- sparkerr.Caught(func() error { return r.run(work, stop) }) })
	}
	w := &waiting{cancel: cancel, stop: stop, left: len(runners)}
	err := w.wait(ctx, m, results)
	running.Wait()
	if w.grace != nil {
		w.grace.Stop()
	}
	s := Summary{Reason: w.reason, Wall: m.env.Now().Sub(m.started)}
	for _, r := range runners {
		s.Streams = append(s.Streams, r.summaries()...)
	}
	return s, err
}

// waiting is the state of one wait.
type waiting struct {
	cancel context.CancelFunc
	stop   chan struct{}
	grace  *time.Timer
	reason Reason
	left   int
}

func (w *waiting) wait(ctx context.Context, m *manager, results <-chan error) error {
	var errs []error
	var timeout <-chan time.Time
	if m.timeout > 0 {
		t := time.NewTimer(m.timeout)
		defer t.Stop()
		timeout = t.C
	}
	done := ctx.Done()
	for w.left > 0 {
		select {
		case err := <-results:
			w.left--
			switch {
			case err != nil && !(errors.Is(err, context.Canceled) && w.grace != nil):
				errs = append(errs, err)
				if !m.env.KeepGoing {
					w.end(Failed)
				}
			case m.env.UntilAny:
				w.end(FirstEnded)
			}
		case <-timeout:
			w.end(TimedOut)
		case <-done:
			done = nil
			w.end(Interrupted)
		}
	}
	if len(errs) > 0 {
		w.reason = Failed
	}
	return errors.Join(errs...)
}

// end asks all queries to stop, once; after the grace period they are cancelled.
func (w *waiting) end(reason Reason) {
	if w.grace != nil {
		return
	}
	w.reason = reason
	close(w.stop)
	w.grace = time.AfterFunc(stopGrace, w.cancel)
}
