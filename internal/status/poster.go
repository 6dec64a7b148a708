package status

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"sync"
	"time"

	"github.com/streamctl/streamctl/internal/engine"
	"github.com/streamctl/streamctl/internal/sparkerr"
)

const (
	mostQueued   = 256                    // events that wait to be posted
	postAttempts = 3                      // for each event
	postPause    = 500 * time.Millisecond // between the first two; each further one is twice as long
)

// A Poster sends the events of a run to a URL, in order. Events that it has no room for are dropped and counted: a query never waits.
type Poster struct {
	url    *url.URL
	job    string
	mask   func(string) string
	tell   func(text string)
	client *http.Client
	cancel context.CancelFunc
	done   chan struct{}
	pause  time.Duration

	mu       sync.Mutex
	queue    [][]byte
	wake     chan struct{} // has room for one
	closed   bool
	lost     int64 // events that were not posted
	reported bool  // the first failure
}

// CheckPostURL refuses what is not an address to post to.
func CheckPostURL(text string) error {
	u, err := url.Parse(text)
	if err != nil || u.Scheme != "http" && u.Scheme != "https" || u.Hostname() == "" {
		return sparkerr.Plain("notify is not the URL of a web server").WithHint("write http://HOST/PATH or https://HOST/PATH")
	}
	return nil
}

// NewPoster begins to post events to an address that CheckPostURL accepts. tell gets what the user should know, at most twice. The caller has to
// Close the poster.
func NewPoster(to, job string, mask func(string) string, tell func(text string)) (*Poster, error) {
	return newPoster(to, job, mask, tell, postPause)
}

func newPoster(to, job string, mask func(string) string, tell func(text string), pause time.Duration) (*Poster, error) {
	if err := CheckPostURL(to); err != nil {
		return nil, err
	}
	u, err := url.Parse(to)
	if err != nil {
		return nil, err
	}
	ctx, cancel := context.WithCancel(context.Background())
	p := &Poster{url: u, job: job, mask: mask, tell: tell, client: plainClient(), cancel: cancel, done: make(chan struct{}), wake: make(chan struct{}, 1), pause: pause}
	go func() {
		defer close(p.done)
		if err := sparkerr.Caught(func() error {
			p.work(ctx)
			return nil
		}); err != nil {
			p.tell("posting events has stopped: " + err.Error())
		}
	}()
	return p, nil
}

// A notice is the body of a request.
type notice struct {
	Event      string             `json:"event"` // progress or terminated
	Job        string             `json:"job"`
	Progress   *Progress          `json:"progress,omitempty"`
	Terminated *engine.Terminated `json:"terminated,omitempty"`
}

// Progress posts the event of a batch. Idle queries are not reported.
func (p *Poster) Progress(e *Progress) {
	if !e.Idle {
		p.send(&notice{Event: "progress", Job: p.job, Progress: e})
	}
}

// Terminated posts the end of a query.
func (p *Poster) Terminated(e *engine.Terminated) {
	p.send(&notice{Event: "terminated", Job: p.job, Terminated: e})
}

func (p *Poster) send(n *notice) {
	body, err := json.Marshal(n)
	if err != nil {
		body = []byte(`{"event":"error"}`)
	}
	if changed := maskStrings(body, p.mask); changed != nil {
		body = changed
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.closed {
		p.lost++
		return
	}
	if len(p.queue) == mostQueued { // the oldest one is worth least
		p.queue = p.queue[1:]
		p.lost++
	}
	p.queue = append(p.queue, body)
	select {
	case p.wake <- struct{}{}:
	default:
	}
}

// next takes an event from the queue; false if there is none.
func (p *Poster) next() ([]byte, bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if len(p.queue) == 0 {
		return nil, false
	}
	body := p.queue[0]
	p.queue = p.queue[1:]
	return body, true
}

// work posts events until the poster is closed and the queue is empty, or ctx ends.
func (p *Poster) work(ctx context.Context) {
	for {
		body, some := p.next()
		switch {
		case some:
			if err := p.post(ctx, body); err != nil {
				p.failed(err)
			}
			continue
		case p.isClosed():
			return
		}
		select {
		case <-p.wake:
		case <-ctx.Done():
			return
		}
	}
}

func (p *Poster) isClosed() bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.closed
}

// failed counts an event that was not posted, and reports the first one.
func (p *Poster) failed(err error) {
	p.mu.Lock()
	first := !p.reported
	p.reported = true
	p.lost++
	p.mu.Unlock()
	if first {
		p.tell(fmt.Sprintf("an event was not posted to %s: %s; the run goes on, and further ones are counted", p.url.Host, sparkerr.Reason(err)))
	}
}

// post sends an event, again if the server may take it later.
func (p *Poster) post(ctx context.Context, body []byte) (err error) {
	pause := p.pause
	for attempt := 1; ; attempt++ {
		again := false
		if again, err = p.once(ctx, body); err == nil || !again || attempt == postAttempts {
			return err
		}
		select {
		case <-time.After(pause):
		case <-ctx.Done():
			return err
		}
		pause *= 2
	}
}

// once sends an event once, and reports whether another attempt makes sense if it fails.
func (p *Poster) once(ctx context.Context, body []byte) (again bool, err error) {
	request, err := http.NewRequestWithContext(ctx, http.MethodPost, p.url.String(), bytes.NewReader(body))
	if err != nil {
		return false, err
	}
	request.Header.Set("Content-Type", "application/json")
	request.Header.Set("User-Agent", "streamctl")
	answer, err := p.client.Do(request)
	if err != nil {
		if failed, ok := err.(*url.Error); ok { //nolint:errorlint // it repeats the address, which may hold secrets
			err = failed.Err
		}
		return ctx.Err() == nil, err
	}
	defer answer.Body.Close()
	_, _ = io.Copy(io.Discard, io.LimitReader(answer.Body, 1<<16))
	switch code := answer.StatusCode; {
	case code >= 200 && code < 300:
		return false, nil
	case code == http.StatusTooManyRequests || code >= 500:
		return true, fmt.Errorf("the server answers %d", code)
	default:
		return false, fmt.Errorf("the server answers %d", code)
	}
}

// Close waits until all events are posted, at most for a time, and reports how many were not.
func (p *Poster) Close(patience time.Duration) {
	p.mu.Lock()
	p.closed = true
	p.mu.Unlock()
	select {
	case p.wake <- struct{}{}:
	default:
	}
	late := time.NewTimer(patience)
	defer late.Stop()
	select {
	case <-p.done:
	case <-late.C:
		p.cancel()
		<-p.done
	}
	p.cancel()
	p.client.CloseIdleConnections()
	p.mu.Lock()
	lost := p.lost + int64(len(p.queue))
	told := p.reported && lost == 1
	p.mu.Unlock()
	if lost > 0 && !told {
		p.tell(fmt.Sprintf("events that were not posted to %s: %d", p.url.Host, lost))
	}
}
