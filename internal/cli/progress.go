package cli

import (
	"fmt"
	"os"
	"sync"
	"time"

	"github.com/streamctl/streamctl/internal/engine"
	"github.com/streamctl/streamctl/internal/sinks"
	"github.com/streamctl/streamctl/internal/sparkerr"
)

const (
	// liveAfter is how long a run goes on before the live line appears.
	liveAfter = time.Second
	// liveEvery is how often it is written again.
	liveEvery = time.Second / 2
)

// A progress reporter shows the events of the queries on standard error.
type progress struct {
	a       *app
	mode    string // none, plain, json, live
	monitor *engine.Monitor
	started time.Time
	timeout time.Duration
	stop    chan struct{}
	stopped sync.WaitGroup

	mu      sync.Mutex
	batches int64
	rows    int64
}

// newProgress makes the reporter of a run, which may end after a timeout. rows is where its rows go, nil when another process
// writes them: on a terminal that cannot be kept apart from a live line.
func newProgress(a *app, timeout time.Duration, rows *sinks.Output) *progress {
	p := &progress{a: a, mode: a.settings.text("progress"), monitor: &engine.Monitor{}, started: time.Now(), timeout: timeout, stop: make(chan struct{})}
	if p.mode == "auto" {
		p.mode = "none"
		if a.screen != nil && !a.settings.quiet && os.Getenv("TERM") != "dumb" && (rows != nil || !a.OutTerminal) {
			p.mode = "live"
		}
	}
	if p.mode == "live" {
		if rows != nil && a.OutTerminal {
			rows.Before, rows.After = a.screen.before, a.screen.after
		}
		p.stopped.Go(func() {
			if err := sparkerr.Caught(p.live); err != nil {
				a.logger().Warn("the line of progress has ended", "reason", err)
			}
		})
	}
	return p
}

// attach has the reporter watch a run of the embedded engine.
func (p *progress) attach(env *engine.Env) {
	env.OnProgress, env.Monitor = p.report, p.monitor
	if p.a.screen != nil && !p.a.settings.quiet {
		env.Say = p.say
	}
}

// say prints a message that stays.
func (p *progress) say(stream, text string) {
	if stream != "" {
		text = stream + ": " + text
	}
	fmt.Fprintf(p.a.Err, "streamctl: %s\n", text)
}

// report takes an event; streams call it concurrently.
func (p *progress) report(e *engine.Progress) {
	if e.Idle {
		return
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	p.batches++
	p.rows += e.NumInputRows
	switch p.mode {
	case "json":
		_, _ = p.a.Err.Write([]byte(e.JSON() + "\n"))
	case "plain":
		_, _ = p.a.Err.Write([]byte(e.String() + "\n"))
	}
}

// live rewrites the line at the bottom of the terminal until the end.
func (p *progress) live() error {
	tick := time.NewTimer(liveAfter)
	defer tick.Stop()
	for {
		select {
		case <-p.stop:
			return nil
		case <-tick.C:
			p.a.status(p.line(time.Since(p.started)))
			tick.Reset(liveEvery)
		}
	}
}

// end takes the live line away for good.
func (p *progress) end() {
	close(p.stop)
	p.stopped.Wait()
	if p.mode == "live" {
		p.a.status("")
	}
}
