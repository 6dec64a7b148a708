package engine

import (
	"bytes"
	"context"
	"errors"
	"io"
	"net"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"go.uber.org/goleak"

	"github.com/streamctl/streamctl/internal/job"
	"github.com/streamctl/streamctl/internal/sinks"
	"github.com/streamctl/streamctl/internal/sparkerr"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// output is standard output that a test can watch.
type output struct {
	mu  sync.Mutex
	buf bytes.Buffer
}

func (o *output) Write(p []byte) (int, error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.buf.Write(p)
}

func (o *output) String() string {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.buf.String()
}

// await waits until the output contains text.
func (o *output) await(t *testing.T, text string) {
	t.Helper()
	for start := time.Now(); !strings.Contains(o.String(), text); time.Sleep(time.Millisecond) {
		if time.Since(start) > time.Minute {
			t.Fatalf("no %q in the output:\n%s", text, o.String())
		}
	}
}

// fileJob is a job with one stream that reads dir and prints CSV lines.
func fileJob(dir string, kind job.TriggerKind) *job.Job {
	return &job.Job{Conf: map[string]string{"spark.sql.session.timeZone": "UTC"}, Streams: []*job.Stream{{
		Name:   "s",
		Source: job.Source{Format: "csv", Path: dir, Schema: job.Schema{Given: true, Text: "a STRING, b INT"}},
		Sink:   job.Sink{Format: "csv", Path: "-", Trigger: job.Trigger{Kind: kind}, Options: job.Options{{Name: "header", Value: "false"}}},
	}}}
}

func runJob(t *testing.T, j *job.Job) (string, Summary, error) {
	t.Helper()
	var out output
	s, err := Run(context.Background(), j, Env{Out: sinks.NewOutput(&out, false), Stdin: strings.NewReader("")})
	return out.String(), s, err
}

func drop(t *testing.T, dir, name, text string) {
	t.Helper()
	if err := os.MkdirAll(dir, 0o755); err != nil {
		t.Fatal(err)
	}
	tmp := filepath.Join(dir, "."+name)
	if err := os.WriteFile(tmp, []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
	old := time.Now().Add(-time.Hour)
	if err := os.Chtimes(tmp, old, old); err != nil {
		t.Fatal(err)
	}
	if err := os.Rename(tmp, filepath.Join(dir, name)); err != nil {
		t.Fatal(err)
	}
}

func TestAvailableNowReadsWhatIsThereAndEnds(t *testing.T) {
	dir := t.TempDir()
	drop(t, dir, "1.csv", "x,1\n")
	drop(t, dir, "2.csv", "yy,2")
	out, s, err := runJob(t, fileJob(dir, job.AvailableNow))
	if err != nil {
		t.Fatal(err)
	}
	if !strings.HasSuffix(out, "x,1\nyy,2\n") {
		t.Errorf("output %q", out)
	}
	total := s.Total()
	if s.Reason != Ended || total.RowsIn != 2 || total.RowsOut != 2 || total.Files != 2 || total.Batches != 1 {
		t.Errorf("summary %+v", s)
	}
}

func TestNothingThereIsNoBatch(t *testing.T) {
	for _, kind := range []job.TriggerKind{job.AvailableNow, job.Once} {
		_, s, err := runJob(t, fileJob(t.TempDir(), kind))
		if err != nil || s.Total().Batches != 0 {
			t.Errorf("trigger %d: %+v, %v", kind, s, err)
		}
	}
}

func TestLimitsHoldForAvailableNowButNotForOnce(t *testing.T) {
	for kind, batches := range map[job.TriggerKind]int64{job.AvailableNow: 3, job.Once: 1} {
		dir := t.TempDir()
		for _, name := range []string{"1.csv", "2.csv", "3.csv"} {
			drop(t, dir, name, name+",1\n")
		}
		j := fileJob(dir, kind)
		j.Streams[0].Source.Options = job.Options{{Name: "maxFilesPerTrigger", Value: "1"}}
		_, s, err := runJob(t, j)
		if err != nil || s.Total().Batches != batches || s.Total().RowsIn != 3 {
			t.Errorf("trigger %d: %+v, %v", kind, s, err)
		}
	}
}

func TestCheckpointGoesOnWhereTheLastRunStopped(t *testing.T) {
	dir, log := t.TempDir(), t.TempDir()
	j := fileJob(dir, job.AvailableNow)
	j.Streams[0].Sink.Checkpoint = log
	for i, want := range []string{"1.csv,1\n", "2.csv,1\n", "3.csv,1\n"} {
		name := want[:5]
		drop(t, dir, name, want)
		out, s, err := runJob(t, j)
		if err != nil || !strings.HasSuffix(out, want) || s.Total().RowsIn != 1 {
			t.Errorf("run %d: %q, %+v, %v", i, out, s, err)
		}
	}
	if out, s, err := runJob(t, j); err != nil || s.Total().Batches != 0 {
		t.Errorf("run without news: %q, %+v, %v", out, s, err)
	}
}

func TestTheDefaultTriggerWakesUpForFiles(t *testing.T) {
	dir := t.TempDir()
	var out output
	ctx, cancel := context.WithCancel(context.Background())
	ended := make(chan error, 1)
	go func() {
		_, err := Run(ctx, fileJob(dir, job.Default), Env{Out: sinks.NewOutput(&out, false)})
		ended <- err
	}()
	for _, name := range []string{"a", "b", "c"} {
		drop(t, dir, name+".csv", name+",1\n")
		out.await(t, name+",1\n")
	}
	cancel()
	if err := <-ended; err != nil {
		t.Error(err)
	}
}

func TestStandardInputEndsTheQuery(t *testing.T) {
	for _, kind := range []job.TriggerKind{job.Default, job.AvailableNow, job.Once} {
		in, feed := io.Pipe()
		var out output
		ended := make(chan error, 1)
		go func() {
			_, err := Run(context.Background(), fileJob("-", kind), Env{Out: sinks.NewOutput(&out, false), Stdin: in})
			ended <- err
		}()
		for _, text := range []string{"a,1\nb", ",2\nc,3"} {
			if _, err := io.WriteString(feed, text); err != nil {
				t.Fatal(err)
			}
		}
		out.await(t, "b,2\n")
		feed.Close()
		if err := <-ended; err != nil || !strings.HasSuffix(out.String(), "a,1\nb,2\nc,3\n") {
			t.Errorf("trigger %d: %q, %v", kind, out.String(), err)
		}
	}
}

func TestAFailureNamesTheRecord(t *testing.T) {
	dir := t.TempDir()
	drop(t, dir, "a.csv", "x,1\ny,2\nz,0\n")
	j := fileJob(dir, job.AvailableNow)
	j.Streams[0].Steps = []job.Step{job.WithColumn{Columns: []job.Named{{Name: "q", Text: job.Text{Text: "10 / b"}}}}}
	_, s, err := runJob(t, j)
	var e *sparkerr.Error
	if !errors.As(err, &e) || e.Condition != "DIVIDE_BY_ZERO" || PhaseOf(err) != PhaseRun || s.Reason != Failed {
		t.Fatalf("error %v, %+v", err, s)
	}
	if e.Row == nil || e.Row.Line != 3 || filepath.Base(e.Row.File) != "a.csv" || e.Row.Stream != "s" {
		t.Errorf("row %+v", e.Row)
	}
}

func TestStartAndRunErrors(t *testing.T) {
	dir := t.TempDir()
	drop(t, dir, "a.csv", "x,1\n")
	for name, test := range map[string]struct {
		change    func(*job.Stream)
		condition string
		phase     Phase
	}{
		"missing directory": {func(s *job.Stream) { s.Source.Path = filepath.Join(dir, "no") }, "PATH_NOT_FOUND", PhaseStart},
		"no schema":         {func(s *job.Stream) { s.Source.Schema = job.Schema{} }, "_LEGACY_ERROR_TEMP_2048", PhaseStart},
		"both limits": {func(s *job.Stream) {
			s.Source.Options = job.Options{{Name: "maxFilesPerTrigger", Value: "1"}, {Name: "maxBytesPerTrigger", Value: "1"}}
		}, "", PhaseStart},
		"folded constant": {func(s *job.Stream) {
			s.Steps = []job.Step{job.Filter{Condition: job.Text{Text: "1 / 0 > 1"}}}
		}, "DIVIDE_BY_ZERO", PhaseRun},
	} {
		t.Run(name, func(t *testing.T) {
			j := fileJob(dir, job.AvailableNow)
			test.change(j.Streams[0])
			_, _, err := runJob(t, j)
			var e *sparkerr.Error
			if !errors.As(err, &e) || e.Condition != test.condition || PhaseOf(err) != test.phase {
				t.Errorf("error %v in phase %d", err, PhaseOf(err))
			}
		})
	}
}

func TestFailuresStopTheOthersUnlessTold(t *testing.T) {
	good, bad := t.TempDir(), t.TempDir()
	drop(t, bad, "a.csv", "x,0\n")
	for _, keepGoing := range []bool{false, true} {
		j := fileJob(good, job.Default)
		failing := fileJob(bad, job.AvailableNow).Streams[0]
		failing.Name = "f"
		failing.Steps = []job.Step{job.WithColumn{Columns: []job.Named{{Name: "q", Text: job.Text{Text: "1 / b"}}}}}
		j.Streams = append(j.Streams, failing)
		j.Timeout = 300 * time.Millisecond
		start := time.Now()
		s, err := Run(context.Background(), j, Env{KeepGoing: keepGoing})
		if err == nil || s.Reason != Failed {
			t.Errorf("keepGoing %v: %+v, %v", keepGoing, s, err)
		}
		if waited := time.Since(start) >= j.Timeout; waited != keepGoing {
			t.Errorf("keepGoing %v: ended after %v", keepGoing, time.Since(start))
		}
	}
}

func TestTimeoutAndFirstEnd(t *testing.T) {
	j := fileJob(t.TempDir(), job.Default)
	j.Timeout = 20 * time.Millisecond
	if _, s, err := runJob(t, j); err != nil || s.Reason != TimedOut {
		t.Errorf("timeout: %+v, %v", s, err)
	}
	j = fileJob(t.TempDir(), job.Default)
	other := fileJob(t.TempDir(), job.AvailableNow).Streams[0]
	other.Name = "o"
	j.Streams = append(j.Streams, other)
	if s, err := Run(context.Background(), j, Env{UntilAny: true}); err != nil || s.Reason != FirstEnded {
		t.Errorf("until any: %+v, %v", s, err)
	}
}

func TestCheckPlansWithoutRunning(t *testing.T) {
	j := fileJob(t.TempDir(), job.Default)
	j.Streams[0].Steps = []job.Step{job.WithColumn{Columns: []job.Named{{Name: "c", Text: job.Text{Text: "b + 1"}}}}}
	plans, err := Check(j, Env{})
	if err != nil {
		t.Fatal(err)
	}
	if p := plans[0]; p.Name != "s" || len(p.Output.Fields) != 3 || len(p.Analysed) == 0 || len(p.Optimised) == 0 {
		t.Errorf("plan %+v", p)
	}
}

func TestLargeFilesKeepTheirOrder(t *testing.T) {
	dir := t.TempDir()
	var text strings.Builder
	for i := range 900_000 {
		text.WriteString("row,")
		text.WriteString(strconv.Itoa(i))
		text.WriteByte('\n')
	}
	drop(t, dir, "big.csv", text.String())
	var out output
	_, err := Run(context.Background(), fileJob(dir, job.AvailableNow), Env{Out: sinks.NewOutput(&out, false), Workers: 4})
	if err != nil {
		t.Fatal(err)
	}
	got := out.String()
	if i := strings.IndexByte(got, '\n'); !strings.HasPrefix(got, "row,") {
		got = got[i+1:]
	}
	if got != text.String() {
		t.Error("rows are lost or out of order")
	}
}

func TestAMalformedRecordNamesItsFile(t *testing.T) {
	dir := t.TempDir()
	drop(t, dir, "a b.csv", "x,1\ny,z\n")
	j := fileJob(dir, job.AvailableNow)
	j.Streams[0].Source.Options = job.Options{{Name: "mode", Value: "FAILFAST"}}
	_, _, err := runJob(t, j)
	var e *sparkerr.Error
	if !errors.As(err, &e) || e.Row == nil || filepath.Base(e.Row.File) != "a b.csv" {
		t.Errorf("error %v", err)
	}
}

func TestMalformedRecordsAreCounted(t *testing.T) {
	dir := t.TempDir()
	drop(t, dir, "a.csv", "x,1\ny,z\n")
	_, s, err := runJob(t, fileJob(dir, job.AvailableNow))
	if err != nil || s.Total().RowsMalformed != 1 || s.Total().RowsIn != 2 {
		t.Errorf("%+v, %v", s, err)
	}
}

func TestStoppingDoesNotWaitForAConnection(t *testing.T) {
	j := &job.Job{Timeout: 20 * time.Millisecond, Streams: []*job.Stream{{
		Name: "s", Sink: job.Sink{Format: "noop"},
		Source: job.Source{Format: "socket", Options: job.Options{{Name: "host", Value: "127.0.0.1"}, {Name: "port", Value: "1"}, {Name: "reconnect", Value: "true"}}},
	}}}
	start := time.Now()
	if s, err := Run(context.Background(), j, Env{}); err != nil || s.Reason != TimedOut || time.Since(start) > stopGrace {
		t.Errorf("ended after %v: %+v, %v", time.Since(start), s, err)
	}
}

func TestListeningEndsWithItsClientsWhenAvailableNow(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	addr := l.Addr().String()
	_ = l.Close()
	j := &job.Job{Streams: []*job.Stream{{
		Name: "s", Source: job.Source{Format: "socket", Options: job.Options{{Name: "listen", Value: addr}}},
		Sink: job.Sink{Format: "text", Path: "-", Trigger: job.Trigger{Kind: job.AvailableNow}},
	}}}
	var out output
	ended := make(chan error, 1)
	go func() {
		_, err := Run(context.Background(), j, Env{Out: sinks.NewOutput(&out, false)})
		ended <- err
	}()
	var c net.Conn
	for start := time.Now(); ; time.Sleep(time.Millisecond) {
		if c, err = net.Dial("tcp", addr); err == nil {
			break
		}
		if time.Since(start) > time.Minute {
			t.Fatal(err)
		}
	}
	_, _ = io.WriteString(c, "one\ntwo")
	_ = c.Close()
	if err := <-ended; err != nil || !strings.HasSuffix(out.String(), "one\ntwo\n") {
		t.Errorf("output %q, %v", out.String(), err)
	}
}

func TestProgressHasSparksNames(t *testing.T) {
	dir := t.TempDir()
	drop(t, dir, "a.csv", "x,1\n")
	var events []string
	_, err := Run(context.Background(), fileJob(dir, job.AvailableNow), Env{OnProgress: func(p *Progress) { events = append(events, p.JSON()) }})
	if err != nil || len(events) != 1 {
		t.Fatalf("%d events, %v", len(events), err)
	}
	for _, want := range []string{`{"id":"`, `"name":"s"`, `"batchId":0`, `"numInputRows":1,"inputRowsPerSecond":0.0,`, `"addBatch":`, `"walCommit":`,
		`"sources":[{"description":"FileStreamSource[file:` + dir + `]","startOffset":null,"endOffset":{"logOffset":0},"latestOffset":null,"numInputRows":1`, `"numOutputRows":1}}`} {
		if !strings.Contains(events[0], want) {
			t.Errorf("no %s in %s", want, events[0])
		}
	}
}
