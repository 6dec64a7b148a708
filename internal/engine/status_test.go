package engine

import (
	"context"
	"errors"
	"fmt"
	"os"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/streamctl/streamctl/internal/job"
	"github.com/streamctl/streamctl/internal/sinks"
	"github.com/streamctl/streamctl/internal/sources"
	"github.com/streamctl/streamctl/internal/sparkerr"
)

// watched runs a job with a monitor and returns what that says after each batch, and at the end.
func watched(t *testing.T, j *job.Job, env Env) (after []Status, end []Status, terminated []*Terminated, err error) {
	t.Helper()
	var mu sync.Mutex
	env.Monitor, env.Plans = &Monitor{}, true
	progress := env.OnProgress
	env.OnProgress = func(p *Progress) {
		mu.Lock()
		defer mu.Unlock()
		if progress != nil {
			progress(p)
		}
		after = append(after, env.Monitor.Streams()...)
	}
	env.OnTerminated = func(e *Terminated) {
		mu.Lock()
		defer mu.Unlock()
		terminated = append(terminated, e)
	}
	_, err = Run(t.Context(), j, env)
	return after, env.Monitor.Streams(), terminated, err
}

// steps parses the steps of a job file.
func steps(t *testing.T, text string) []job.Step {
	t.Helper()
	j, err := job.Parse([]byte("streams:\n  - name: s\n    source: {format: rate}\n    transform:\n"+indented(text)+"\n    sink: {format: noop}\n"), "job.yaml")
	if err != nil {
		t.Fatal(err)
	}
	return j.Streams[0].Steps
}

func indented(text string) string { return "      " + strings.ReplaceAll(text, "\n", "\n      ") }

func TestTheMonitorKnowsPlanSettingsAndLag(t *testing.T) {
	dir := t.TempDir()
	for i := range 5 {
		drop(t, dir, fmt.Sprintf("%d.csv", i), "x,1\n")
	}
	j := fileJob(dir, job.AvailableNow)
	j.Streams[0].Source.Options = job.Options{{Name: "maxFilesPerTrigger", Value: "2"}}
	var metrics []string
	after, end, terminated, err := watched(t, j, Env{OnProgress: func(p *Progress) {
		metrics = append(metrics, p.Sources[0].Metrics["numFilesOutstanding"]+" "+p.Sources[0].Metrics["numBytesOutstanding"])
	}})
	if err != nil || len(after) != 3 || len(end) != 1 {
		t.Fatalf("%v, %+v, %+v", err, after, end)
	}
	for i, want := range []sources.Lag{{Files: 3, Bytes: 12}, {Files: 1, Bytes: 4}, {}} {
		s := after[i]
		if s.State != Running || !s.Started || s.ID == "" || s.RunID == "" || s.Inputs[0].Name != dir || *s.Inputs[0].Lag != want {
			t.Errorf("after batch %d: %+v, lag %+v", i, s, s.Inputs[0].Lag)
		}
		if s.Conf["spark.sql.session.timeZone"] != "UTC" || !slices.ContainsFunc(s.Plan, func(l string) bool { return strings.HasPrefix(l, "StreamingRelation csv") }) {
			t.Errorf("after batch %d: plan %q, settings %q", i, s.Plan, s.Conf)
		}
	}
	if want := []string{"3 12", "1 4", "0 0"}; !slices.Equal(metrics, want) {
		t.Errorf("the events say %q, want %q", metrics, want)
	}
	if end[0].State != Over || end[0].Err != nil {
		t.Errorf("at the end: %+v", end[0])
	}
	if len(terminated) != 1 || terminated[0].ID != end[0].ID || *terminated[0].Name != "s" || terminated[0].Exception != nil {
		t.Errorf("terminated: %+v", terminated)
	}
}

func TestTheMonitorKnowsWhyAQueryFailed(t *testing.T) {
	dir := t.TempDir()
	drop(t, dir, "1.csv", "x,0\n")
	j := fileJob(dir, job.AvailableNow)
	j.Streams[0].Steps = steps(t, `- withColumn: {q: 1 / b}`)
	j.Streams[0].Sink.Checkpoint = t.TempDir() + "/ckpt"
	_, end, terminated, err := watched(t, j, Env{})
	if err == nil || end[0].State != Broken || !errors.Is(err, end[0].Err) {
		t.Fatalf("%v, %+v", err, end)
	}
	e := terminated[0]
	if *e.Condition != "DIVIDE_BY_ZERO" || !strings.Contains(*e.Exception, "Division by zero") || e.Checkpoint != j.Streams[0].Sink.Checkpoint {
		t.Errorf("%+v", e)
	}
	if want := `"errorClassOnException":"DIVIDE_BY_ZERO"}`; !strings.HasSuffix(e.JSON(), want) {
		t.Errorf("%s does not end with %s", e.JSON(), want)
	}
}

func TestSamplesAreThoseOfTheNewestBatchThatHasSome(t *testing.T) {
	dir := t.TempDir()
	drop(t, dir, "1.csv", strings.Repeat("x,bad\n", 20))
	drop(t, dir, "2.csv", "y,"+strings.Repeat("z", 2*longestSample)+"\n")
	drop(t, dir, "3.csv", "x,1\n")
	j := fileJob(dir, job.AvailableNow)
	j.Streams[0].Source.Options = job.Options{{Name: "maxFilesPerTrigger", Value: "1"}}
	after, _, _, err := watched(t, j, Env{Workers: 1})
	if err != nil || len(after) != 3 {
		t.Fatalf("%v, %+v", err, after)
	}
	if s := after[0].Samples; len(s) != mostSamples || s[4].Line != 5 || s[0].Column != "b" || s[0].Record != "x,bad" || s[0].File != dir+"/1.csv" || s[0].Late {
		t.Errorf("samples of batch 0: %+v", s)
	}
	for i := 1; i < 3; i++ {
		s := after[i].Samples
		if len(s) != 1 || s[0].Batch != 1 || len(s[0].Record) != longestSample+len("…") || after[i].Malformed != 21 || after[i].Dropped != 0 {
			t.Errorf("samples after batch %d: %+v, %d malformed", i, s, after[i].Malformed)
		}
	}
}

func TestSamplesOfLateRowsAreThoseOfTheList(t *testing.T) {
	dir := t.TempDir()
	drop(t, dir, "1.csv", "2024-01-01 01:00:00,1\n")
	drop(t, dir, "2.csv", "2024-01-01 01:00:00,1\n") // the watermark of the batch before decides what is late
	drop(t, dir, "3.csv", "2024-01-01 00:00:00,2\n")
	j := fileJob(dir, job.AvailableNow)
	j.Streams[0].Source.Schema.Text = "a TIMESTAMP, b INT"
	j.Streams[0].Source.Options = job.Options{{Name: "maxFilesPerTrigger", Value: "1"}, {Name: job.RejectsPath, Value: t.TempDir() + "/bad"}}
	j.Streams[0].Steps = steps(t, "- withWatermark: {eventTime: a, delayThreshold: 1 minute}\n- groupBy: {keys: [\"window(a, '1 minute')\"], agg: [count(*) AS n]}\n- select: [n]")
	var open []int
	_, end, _, err := watched(t, j, Env{OnProgress: func(p *Progress) { open = append(open, *p.OpenWindows) }})
	if err != nil {
		t.Fatal(err)
	}
	if s := end[0].Samples; len(s) != 1 || !s[0].Late || s[0].Batch != 2 || !strings.Contains(s[0].Record, `"2024-01-01T00:01:00`) || s[0].Line != 1 {
		t.Errorf("%+v", s)
	}
	if len(open) == 0 || open[0] != 1 {
		t.Errorf("open windows after each batch: %d", open)
	}
}

func TestDiscretizedStreamsReportProgress(t *testing.T) {
	dir := t.TempDir()
	j := &job.Job{Mode: job.DStream, BatchInterval: 50 * time.Millisecond, Streams: []*job.Stream{{
		Name: "s", Source: job.Source{Format: "text", Path: dir}, Sink: job.Sink{Format: "console"},
	}}}
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	monitor := &Monitor{}
	var rows int64
	var while Status
	_, err := Run(ctx, j, Env{Out: sinks.NewOutput(&output{}, false), Monitor: monitor, OnProgress: func(p *Progress) {
		if p.BatchID%50 != 0 || p.ID == "" || p.DurationMs["triggerExecution"] != p.BatchDuration {
			t.Errorf("%+v", p)
		}
		if rows += p.NumInputRows; rows == 0 {
			if err := os.WriteFile(dir+"/a.txt", []byte("x\ny\n"), 0o644); err != nil {
				t.Error(err)
			}
			return
		}
		while = monitor.Streams()[0]
		cancel()
	}})
	if err != nil || rows != 2 || !while.Started || while.State != Running {
		t.Errorf("%v, %d rows, %+v", err, rows, while)
	}
	if end := monitor.Streams()[0]; end.State != Over {
		t.Errorf("at the end: %+v", end)
	}
}

func TestTheOutcomeIsTheFirstOne(t *testing.T) {
	n := 0
	q := &query{stream: &job.Stream{}, env: &Env{Now: time.Now, OnTerminated: func(*Terminated) { n++ }}}
	q.ends(sparkerr.Plain("broken"))
	q.ends(nil)
	if n != 1 || q.outcome.Load().err == nil {
		t.Errorf("%d events, outcome %v", n, q.outcome.Load().err)
	}
}
