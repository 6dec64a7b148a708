package cli

import (
	"fmt"
	"os"
	"sync"
	"time"

	"github.com/streamctl/streamctl/internal/engine"
	"github.com/streamctl/streamctl/internal/job"
	"github.com/streamctl/streamctl/internal/sinks"
	"github.com/streamctl/streamctl/internal/sparkerr"
	"github.com/streamctl/streamctl/internal/status"
)

const (
	// liveAfter is the delay before the status line appears.
	liveAfter = time.Second
	// liveEvery is its refresh interval.
	liveEvery = time.Second / 2
)

// A progress reporter shows the progress events of the queries on standard error.
type progress struct {
	a       *app
	mode    string // none, plain, json, live, or line: the status line
	monitor *engine.Monitor
	started time.Time
	timeout time.Duration
	stop    chan struct{}
	stopped sync.WaitGroup
	ended   sync.Once

	model     *status.Model
	followers *followers
	mu        sync.Mutex // of the lines
}

// newProgress returns the reporter for a run of a job. rows is the output of the rows. It is nil if another
// process writes them; on a terminal there is no status line then, since it would mix with the rows.
func newProgress(a *app, j *job.Job, rows *sinks.Output) (*progress, error) {
	p := &progress{a: a, mode: a.settings.text("progress"), monitor: &engine.Monitor{}, started: time.Now(), timeout: j.Timeout, stop: make(chan struct{})}
	p.model = status.NewModel(j, status.Options{
		Version: buildVersion, Monitor: p.monitor, Settings: a.settings.shown, Mask: a.mask, Recent: a.settings.text("status") != "" || p.mode == "live",
	})
	var err error
	if p.followers, err = newFollowers(a, j); err != nil {
		return nil, err
	}
	if p.mode == "auto" {
		p.mode = "none"
		if a.screen != nil && !a.settings.quiet && os.Getenv("TERM") != "dumb" && (rows != nil || !a.OutTerminal) {
			p.mode = "line"
		}
	}
	if p.mode == "live" && (a.screen == nil || os.Getenv("TERM") == "dumb" || rows == nil && a.OutTerminal) {
		p.mode = "plain"
	}
	if p.onScreen() {
		if rows != nil && a.OutTerminal {
			rows.Before, rows.After = a.screen.before, a.screen.after
		}
		p.stopped.Go(func() {
			if err := sparkerr.Caught(p.live); err != nil {
				a.logger().Warn("the status line has stopped", "reason", err)
			}
		})
	}
	return p, nil
}

// onScreen reports whether status lines are shown.
func (p *progress) onScreen() bool { return p.mode == "live" || p.mode == "line" }

// attach connects the reporter to a run of the embedded engine.
func (p *progress) attach(env *engine.Env) {
	env.OnProgress, env.OnTerminated, env.Monitor = p.report, p.terminated, p.monitor
	if p.a.screen != nil && !p.a.settings.quiet {
		env.Say = p.say
	}
}

// terminated handles the end of a query.
func (p *progress) terminated(e *engine.Terminated) {
	p.model.Terminated(e)
	p.followers.terminated(e)
}

// say prints a message that stays on the screen.
func (p *progress) say(stream, text string) {
	if stream != "" {
		text = stream + ": " + text
	}
	fmt.Fprintf(p.a.Err, "streamctl: %s\n", text)
}

// report handles an event. Streams call it concurrently.
func (p *progress) report(e *engine.Progress) {
	if e.Idle {
		return
	}
	p.model.Progress(e)
	p.followers.progress(e)
	p.mu.Lock()
	defer p.mu.Unlock()
	switch p.mode {
	case "json":
		_, _ = p.a.Err.Write([]byte(e.JSON() + "\n"))
	case "plain":
		_, _ = p.a.Err.Write([]byte(e.String() + "\n"))
	}
}

// live refreshes the status lines until the end of the run.
func (p *progress) live() error {
	tick := time.NewTimer(liveAfter)
	defer tick.Stop()
	for {
		select {
		case <-p.stop:
			return nil
		case <-tick.C:
			if p.mode == "live" {
				p.a.status(liveView(p.model.Report(), p.a.screen.width())...)
			} else {
				p.a.status(p.line(time.Since(p.started)))
			}
			tick.Reset(liveEvery)
		}
	}
}

// end removes the status lines, and waits until others know of the end. Only the first call counts.
func (p *progress) end() {
	p.ended.Do(func() {
		close(p.stop)
		p.stopped.Wait()
		if p.onScreen() {
			p.a.status()
		}
		p.followers.close()
	})
}
