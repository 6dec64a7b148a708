package status

import (
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/streamctl/streamctl/internal/engine"
)

// told collects what a poster tells the user.
type told struct {
	mu    sync.Mutex
	texts []string
}

func (t *told) add(text string) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.texts = append(t.texts, text)
}

func (t *told) all() string {
	t.mu.Lock()
	defer t.mu.Unlock()
	return strings.Join(t.texts, "\n")
}

// receiver is a server that collects bodies; answer decides on each request, by its number.
func receiver(t *testing.T, answer func(n int64, w http.ResponseWriter, r *http.Request)) (url string, bodies func() []string) {
	t.Helper()
	var mu sync.Mutex
	var list []string
	var count atomic.Int64
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, err := io.ReadAll(r.Body)
		if err != nil || r.Method != http.MethodPost || r.Header.Get("Content-Type") != "application/json" {
			t.Errorf("%s %v, %v", r.Method, r.Header, err)
		}
		mu.Lock()
		list = append(list, string(body))
		mu.Unlock()
		answer(count.Add(1), w, r)
	}))
	t.Cleanup(s.Close)
	return s.URL + "/hook?key=s3cr3t", func() []string {
		mu.Lock()
		defer mu.Unlock()
		return append([]string(nil), list...)
	}
}

func testPoster(t *testing.T, url string, tell func(string)) *Poster {
	t.Helper()
	p, err := newPoster(url, "the job", func(s string) string { return strings.ReplaceAll(s, "s3cr3t", "***") }, tell, time.Millisecond)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

func TestEventsArePostedInOrder(t *testing.T) {
	url, bodies := receiver(t, func(int64, http.ResponseWriter, *http.Request) {})
	var said told
	p := testPoster(t, url, said.add)
	for i := range int64(5) {
		p.Progress(&Progress{BatchID: i, Sink: engine.SinkProgress{Description: "s3cr3t"}})
		p.Progress(&Progress{Idle: true})
	}
	end := &engine.Terminated{ID: "id"}
	end.Fail(errors.New("broken by s3cr3t"))
	p.Terminated(end)
	p.Close(20 * time.Second)
	got := bodies()
	if len(got) != 6 || said.all() != "" {
		t.Fatalf("%d: %q, %s", len(got), got, said.all())
	}
	for i, body := range got[:5] {
		var n notice
		if err := json.Unmarshal([]byte(body), &n); err != nil || n.Event != "progress" || n.Job != "the job" || n.Progress.BatchID != int64(i) || n.Progress.Sink.Description != "***" {
			t.Errorf("%v: %s", err, body)
		}
	}
	if want := `{"event":"terminated","job":"the job","terminated":{"id":"id","runId":"","name":null,"timestamp":"","exception":"broken by ***","errorClassOnException":null}}`; got[5] != want {
		t.Errorf("%s", got[5])
	}
}

func TestABusyServerIsAskedAgain(t *testing.T) {
	url, bodies := receiver(t, func(n int64, w http.ResponseWriter, _ *http.Request) {
		if n < postAttempts {
			w.WriteHeader(http.StatusServiceUnavailable)
		}
	})
	var said told
	p := testPoster(t, url, said.add)
	p.Progress(&Progress{})
	p.Close(20 * time.Second)
	if len(bodies()) != postAttempts || said.all() != "" {
		t.Errorf("%d requests, %s", len(bodies()), said.all())
	}
}

func TestAServerThatRefusesIsReportedOnce(t *testing.T) {
	url, bodies := receiver(t, func(_ int64, w http.ResponseWriter, r *http.Request) {
		http.Redirect(w, r, "/elsewhere", http.StatusFound)
	})
	var said told
	p := testPoster(t, url, said.add)
	for range 3 {
		p.Progress(&Progress{})
	}
	p.Close(20 * time.Second)
	text := said.all()
	if len(bodies()) != 3 || strings.Count(text, "\n") != 1 || !strings.Contains(text, "the server answers 302; the run goes on") || !strings.HasSuffix(text, ": 3") || strings.Contains(text, "s3cr3t") {
		t.Errorf("%d requests, %s", len(bodies()), text)
	}
}

// TestAStuckServerIsNotWaitedFor has a server that never answers.
func TestAStuckServerIsNotWaitedFor(t *testing.T) {
	release := make(chan struct{})
	url, _ := receiver(t, func(_ int64, _ http.ResponseWriter, r *http.Request) {
		select {
		case <-release:
		case <-r.Context().Done():
		}
	})
	defer close(release)
	var said told
	p := testPoster(t, url, said.add)
	start := time.Now()
	for i := range int64(3 * mostQueued) {
		p.Progress(&Progress{BatchID: i})
	}
	sent := time.Since(start)
	p.Close(50 * time.Millisecond)
	if all := time.Since(start); sent > time.Second || all > 4*time.Second {
		t.Errorf("sending took %v, all %v", sent, all)
	}
	if text := said.all(); !strings.Contains(text, "events that were not posted to 127.0.0.1:") {
		t.Error(text)
	}
	p.Progress(&Progress{}) // after the end
}

func TestPostURLs(t *testing.T) {
	for text, ok := range map[string]bool{"http://h/p": true, "https://user:pw@h": true, "h:80": false, "ftp://h": false, "http://": false, "": false, "http://\x7f": false} {
		err := CheckPostURL(text)
		if (err == nil) != ok || err != nil && strings.Contains(err.Error(), "pw") {
			t.Errorf("%q: %v", text, err)
		}
	}
}

func TestReportsAreFetched(t *testing.T) {
	const token = "0123456789abcdef"
	s := listen(t, "0", token, busyModel(t, nil))
	u, err := ParseURL(s.URL())
	if err != nil {
		t.Fatal(err)
	}
	if _, err := Fetch(t.Context(), u, ""); err == nil || !strings.Contains(err.Error(), "asks for a token") {
		t.Error(err)
	}
	r, err := Fetch(t.Context(), u, token)
	if err != nil || len(r.Queries) != 2 || r.Queries[0].Title() != hostile || len(r.Queries[0].Recent) != recentBatches {
		t.Fatalf("%v, %+v", err, r)
	}
	for body, want := range map[string]string{"{}": "is not a status page", "<html>": "is not a status page", strings.Repeat(" ", longestReport+1): "longer than"} {
		other := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, body) }))
		u, err := ParseURL(other.URL)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := Fetch(t.Context(), u, ""); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%v, want %s", err, want)
		}
		other.Close()
	}
	for text, want := range map[string]string{"4040": "http://127.0.0.1:4040", ":1": "http://127.0.0.1:1", "h:2": "http://h:2", "https://h/x": "https://h/x", "ftp://h": "", "": "", "http://": ""} {
		u, err := ParseURL(text)
		if got := ""; err == nil {
			if got = u.String(); got != want {
				t.Errorf("%q: %s, want %s", text, got, want)
			}
		} else if want != "" {
			t.Errorf("%q: %v", text, err)
		}
	}
}

func TestTextsOfAQuery(t *testing.T) {
	now := time.Date(2024, 1, 1, 0, 0, 20, 0, time.UTC)
	q := &Query{
		Recent: []*Progress{{Timestamp: "2024-01-01T00:00:09.000Z", NumInputRows: 1000}, {Timestamp: "2024-01-01T00:00:11.000Z", NumInputRows: 50}},
		Lag:    []Lag{{Known: true, Files: 2, Bytes: 1500}, {}, {Known: true, Rows: 3}}, Totals: Totals{Malformed: 2, Late: 1},
	}
	if got := q.RowsPerSecond(now); got != 5 {
		t.Errorf("%v rows/s", got)
	}
	q.Batch = &Batch{ID: 3, Rows: 950, Duration: 20_000, BytesLeft: 500}
	if got := q.RowsPerSecond(now); got != 100 {
		t.Errorf("%v rows/s with a batch that runs", got)
	}
	if got := q.LagText(); got != "2 files, 2.0 kB, 3 rows" {
		t.Error(got)
	}
	number, took := q.BatchText()
	if number != "3" || took != "20s…" || q.BadText() != "2 malformed, 1 late" {
		t.Error(number, took, q.BadText())
	}
	if got := (&Query{Lag: []Lag{{Known: true}}}).LagText() + (&Query{}).LagText(); got != "none" {
		t.Error(got)
	}
}
