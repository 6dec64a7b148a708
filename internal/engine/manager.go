package engine

import (
	"context"
	"errors"
	"time"

	"github.com/streamctl/streamctl/internal/sparkerr"
)

// A runner is a query, or the discretized streams of a job, which share their intervals.
type runner interface {
	// run runs to the end of the input, until stop is closed and the current batch is done, or until ctx ends.
	run(ctx context.Context, stop <-chan struct{}) error
	summaries() []StreamSummary
	// abandon makes sure that a runner which does not return commits nothing more, and tells the user.
	abandon()
}

// A manager runs several queries in one process. (Spark: StreamingQueryManager.)
type manager struct {
	env     *Env
	started time.Time
	timeout time.Duration
}

// A result is how a runner ended.
type result struct {
	runner runner
	err    error
}

// run waits for the queries, and for what makes them stop; ended is false when some had to be abandoned.
func (m *manager) run(ctx context.Context, runners []runner) (s Summary, ended bool, err error) {
	work, cancel := context.WithCancel(context.WithoutCancel(ctx))
	defer cancel()
	stop := make(chan struct{})
	results := make(chan result, len(runners))
	w := &waiting{cancel: cancel, stop: stop, patience: stopGrace, left: map[runner]bool{}}
	if m.env.NoGrace {
		w.patience = 0
	}
	for _, r := range runners {
		w.left[r] = true
		go func() { results <- result{r, sparkerr.Caught(func() error { return r.run(work, stop) })} }()
	}
	err = w.wait(ctx, m, results)
	if w.grace != nil {
		w.grace.Stop()
	}
	s = Summary{Reason: w.reason, Wall: m.env.Now().Sub(m.started)}
	for _, r := range runners {
		if w.left[r] {
			r.abandon()
		}
		s.Streams = append(s.Streams, r.summaries()...)
	}
	return s, len(w.left) == 0, err
}

// waiting is the state of one wait.
type waiting struct {
	cancel    context.CancelFunc
	stop      chan struct{}
	patience  time.Duration // before a batch is cancelled
	grace     *time.Timer
	over      <-chan time.Time // when to go on without those that are left
	reason    Reason
	left      map[runner]bool
	abandoned bool
}

func (w *waiting) wait(ctx context.Context, m *manager, results <-chan result) error {
	var errs []error
	var timeout <-chan time.Time
	if m.timeout > 0 {
		t := time.NewTimer(m.timeout)
		defer t.Stop()
		timeout = t.C
	}
	done := ctx.Done()
	for len(w.left) > 0 && !w.abandoned {
		select {
		case r := <-results:
			delete(w.left, r.runner)
			switch {
			case r.err != nil && !(errors.Is(r.err, context.Canceled) && w.grace != nil):
				errs = append(errs, r.err)
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
		case <-w.over:
			w.abandoned = true
		}
	}
	if len(errs) > 0 {
		w.reason = Failed
	}
	return errors.Join(errs...)
}

// end asks all queries to stop, once; after the grace period they are cancelled, and abandoned soon after.
func (w *waiting) end(reason Reason) {
	if w.grace != nil {
		return
	}
	w.reason = reason
	close(w.stop)
	w.grace = time.AfterFunc(w.patience, w.cancel)
	w.over = time.After(w.patience + abandonAfter)
}
