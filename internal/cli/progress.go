package cli

import (
	"fmt"
	"sync"
	"time"

	"github.com/streamctl/streamctl/internal/engine"
)

// liveAfter is how long a run goes on before the live line appears.
const liveAfter = time.Second

// A progress reporter shows the events of the queries on standard error.
type progress struct {
	a    *app
	mode string // none, plain, json, live

	mu      sync.Mutex
	started time.Time
	shown   bool // a live line is on the screen
	batches int64
	rows    int64
}

func newProgress(a *app) *progress {
	p := &progress{a: a, mode: a.settings.text("progress"), started: time.Now()}
	if p.mode == "auto" {
		p.mode = "none"
		if a.ErrTerminal && !a.OutTerminal && !a.settings.quiet {
			p.mode = "live"
		}
	}
	return p
}

// report takes an event; streams call it concurrently.
func (p *progress) report(e *engine.Progress) {
	p.mu.Lock()
	defer p.mu.Unlock()
	switch p.mode {
	case "json":
		if !e.Idle {
			_, _ = p.a.Err.Write([]byte(e.JSON() + "\n"))
		}
	case "plain":
		if !e.Idle {
			_, _ = p.a.Err.Write([]byte(e.String() + "\n"))
		}
	case "live":
		p.live(e)
	}
}

// live rewrites one line of the terminal.
func (p *progress) live(e *engine.Progress) {
	if !e.Idle {
		p.batches++
		p.rows += e.NumInputRows
	}
	if d := time.Since(p.started); d >= liveAfter {
		p.shown = true
		fmt.Fprintf(p.a.Err, "\r\x1b[K%s, %s, %s", count(p.batches, "batch", "batches"), count(p.rows, "row", "rows"), d.Round(time.Second))
	}
}

// clear takes the live line away.
func (p *progress) clear() {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.shown {
		fmt.Fprint(p.a.Err, "\r\x1b[K")
		p.shown = false
	}
}
