package engine

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"github.com/streamctl/streamctl/internal/job"
	"github.com/streamctl/streamctl/internal/sparkerr"
)

// abandonAfter is how long a query may take to end once it is cancelled. After that the run ends without it, and so does the process,
// which frees the locks.
const abandonAfter = 700 * time.Millisecond

// A commitGate lets a batch commit unless the run has given its query up.
type commitGate struct {
	mu            sync.Mutex
	closed, taken bool
}

// enter is called before the first step that makes a batch final. After it returns an error, nothing may be committed.
func (g *commitGate) enter() error {
	g.mu.Lock()
	defer g.mu.Unlock()
	if g.closed {
		return context.Canceled
	}
	g.taken = true
	return nil
}

// leave ends a commit, or the attempt.
func (g *commitGate) leave() {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.taken = false
}

// close prevents later commits; it reports whether one is in progress.
func (g *commitGate) close() (committing bool) {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.closed = true
	return g.taken
}

// abandon leaves a query that does not return to itself. Whatever the query still does, it cannot commit anything.
func (q *query) abandon() {
	committing := q.gate.close()
	defer q.ends(nil)
	a := q.activity.Load()
	switch {
	case a == nil || a.batch == nil:
		q.notify(&notice{text: "the query did not stop in time; no batch was running"})
	case committing:
		q.notify(&notice{text: fmt.Sprintf("batch %d did not stop in time while it was being committed", a.batch.context.ID),
			hint: "the next run looks whether it was, and runs it again if not"})
	default:
		q.uncommitted(a.batch, "did not stop in time and is left uncommitted")
	}
}

// canceled reports the batch that was running when the query's grace period ended.
func (q *query) canceled() {
	if a := q.activity.Load(); a != nil && a.batch != nil {
		q.uncommitted(a.batch, fmt.Sprintf("did not end within %v, was canceled and is not committed", stopGrace))
	}
}

// uncommitted reports what happened to a batch, and what becomes of it.
func (q *query) uncommitted(b *batch, what string) {
	n := &notice{text: fmt.Sprintf("batch %d %s", b.context.ID, what)}
	if q.stream.Sink.Checkpoint != "" {
		n.hint = "the next run runs it again"
	}
	q.notify(n)
}

// A planning is what became of the analysis of a job.
type planning struct {
	queries []*query
	err     error
}

// analyse is prepareAll, cut off (nil) at the job's timeout or the end of ctx. It has no grace period as batches have, since nothing is
// lost: nothing was read or written. Work that ignores its context is abandoned.
func (m *manager) analyse(ctx context.Context, j *job.Job) (*planning, Reason) {
	planCtx, cut := context.WithCancel(ctx)
	defer cut()
	ready := make(chan *planning, 1)
	go func() {
		p := &planning{}
		p.err = sparkerr.Caught(func() (err error) {
			p.queries, err = prepareAll(planCtx, j, m.env)
			return err
		})
		ready <- p
	}()
	var timeout, over <-chan time.Time
	if j.Timeout > 0 {
		t := time.NewTimer(j.Timeout)
		defer t.Stop()
		timeout = t.C
	}
	reason, done := Ended, ctx.Done()
	for {
		select {
		case p := <-ready:
			if errors.Is(p.err, context.Canceled) {
				if reason == Ended { // ctx has ended, which this loop has not seen yet
					reason = Interrupted
				}
				m.env.Notify("", "planning was cut off: no query was started", "")
				return nil, reason
			}
			return p, reason
		case <-timeout:
			cut()
			reason, over = TimedOut, time.After(abandonAfter)
		case <-done:
			reason, over, done, timeout = Interrupted, time.After(abandonAfter), nil, nil
		case <-over:
			m.env.Notify("", "planning did not stop in time: no query was started", "")
			return nil, reason
		}
	}
}
