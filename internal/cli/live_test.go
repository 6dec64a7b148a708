package cli

import (
	"errors"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/olekukonko/tablewriter/pkg/twwidth"

	"github.com/streamctl/streamctl/internal/engine"
	"github.com/streamctl/streamctl/internal/job"
	"github.com/streamctl/streamctl/internal/status"
)

// liveReport is a report of three queries, one of which is called hostile things.
func liveReport() *status.Report {
	now := time.Date(2024, 1, 1, 0, 1, 0, 0, time.UTC)
	wide, hostile, plain := strings.Repeat("漢字", 20), "a\x1b[2J\r\n\u202eb", "orders"
	failed, mark, end := "[DIVIDE_BY_ZERO] broken\x1b[31m", now.Add(-time.Hour), now.Add(90*time.Second)
	return &status.Report{Job: "job\x1b[1m.yaml", StartTime: now.Add(-time.Minute), Time: now, EndTime: &end, Queries: []*status.Query{
		{Name: &wide, State: engine.Waiting, Lag: []status.Lag{{Known: true}}, Totals: status.Totals{InputRows: 7}},
		{Name: &hostile, State: engine.Broken, Exception: &failed, Totals: status.Totals{OutputRows: -1}},
		{
			Name: &plain, State: engine.Running, Batch: &status.Batch{ID: 12, Rows: 20_000, Duration: 1500, BytesLeft: 4_000_000},
			Totals: status.Totals{InputRows: 1000, OutputRows: 10, Stateful: true, StateRows: 3, Watermark: &mark, Malformed: 2},
		},
	}}
}

func TestTheLiveViewFitsAndIsHarmless(t *testing.T) {
	for _, width := range []int{1, 20, 40, 80, 200} {
		lines := liveView(liveReport(), width)
		if len(lines) != 6 {
			t.Fatalf("%d lines", len(lines))
		}
		for _, line := range lines {
			if strings.ContainsAny(line, "\x1b\r\n\u202e") || twwidth.Width(line) > width {
				t.Errorf("width %d: %q has %d columns", width, line, twwidth.Width(line))
			}
		}
	}
	got := strings.Join(liveView(liveReport(), 200), "\n")
	want := `streamctl job\x1b[1m.yaml, up 1m0s, 1m30s left
stream                         state    rows/s  waiting  batch      took  bad rows     watermark             state rows  rows in  rows out
漢字漢字漢字漢字漢字漢字漢字…  waiting       0     none                                                                        7         0
a\x1b[2J  \u202eb              failed        0                                                                                 0
orders                         running    2000   4.0 MB     12  1500 ms…  2 malformed  2023-12-31T23:01:00Z           3     1000        10
a\x1b[2J  \u202eb: [DIVIDE_BY_ZERO] broken\x1b[31m`
	if got != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
	if narrow := liveView(liveReport(), 50); !strings.HasSuffix(narrow[1], "rows/s") {
		t.Errorf("%q", narrow[1])
	}
}

func TestStatusLinesAreClearedTogether(t *testing.T) {
	file, err := os.Create(t.TempDir() + "/terminal")
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	s := &screen{file: file}
	s.status("one", "two", "three")
	if _, err := s.Write([]byte("message\n")); err != nil {
		t.Fatal(err)
	}
	s.status()
	text, err := os.ReadFile(file.Name())
	if want := "one\r\ntwo\r\nthree\r\x1b[2A\x1b[Jmessage\n"; err != nil || string(text) != want {
		t.Errorf("%q, %v", text, err)
	}
}

func TestAFrameIsAsHighAsTheTerminal(t *testing.T) {
	file, err := os.Create(t.TempDir() + "/no-terminal") // whose size is taken for 80 × 24
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	r := liveReport()
	for range 30 {
		r.Queries = append(r.Queries, r.Queries[2])
	}
	text := string(frame(r, file))
	if n := strings.Count(text, "\r\n"); n != 23 || !strings.HasPrefix(text, toTop) || !strings.Contains(text, "… 15 lines more") || !strings.HasSuffix(text, clearBelow) {
		t.Errorf("%d line ends in %q", n, text)
	}
}

func TestKeysThatQuit(t *testing.T) {
	for _, keys := range []string{"q", "xyzQ", "\x03", "ab\x04", ""} {
		in := strings.NewReader(keys + "more")
		if keys == "" {
			in = strings.NewReader("")
		}
		awaitQuit(in)
		if keys != "" && in.Len() != len("more") {
			t.Errorf("%q: %d left", keys, in.Len())
		}
	}
}

func TestTheCommandOfAFailureKnowsIt(t *testing.T) {
	t.Setenv("STREAMCTL_ON_FAILURE", "again")
	t.Setenv("STREAMCTL_STATUS_TOKEN", "a secret that is long")
	a, _, errText := testApp()
	a.rootCommand()
	name := "q"
	e := &engine.Terminated{ID: "id", RunID: "run", Name: &name, Checkpoint: "/ckpt"}
	e.Fail(errors.New("line 1\nline\x002 " + strings.Repeat("x", 2*longestVariable)))
	f := &followers{a: a, job: &job.Job{File: "job.yaml"}, limit: commandTime}
	f.command = `echo "$STREAMCTL_JOB $STREAMCTL_QUERY $STREAMCTL_QUERY_ID $STREAMCTL_RUN_ID $STREAMCTL_CHECKPOINT<$STREAMCTL_ON_FAILURE$STREAMCTL_STATUS_TOKEN>"; echo "${#STREAMCTL_MESSAGE}"; echo "$STREAMCTL_MESSAGE" | head -c 22`
	f.terminated(e)
	f.close()
	if want := "job.yaml q id run /ckpt<>\n8194\nline 1\nline\\u00002 xxx"; !strings.HasPrefix(errText.String(), want) {
		t.Errorf("%q", errText)
	}
}

func TestCommandsThatFailOrHangAreReported(t *testing.T) {
	for command, want := range map[string]string{
		"exit 3": "the command of --on-failure has failed: exit status 3", "sleep 60": "did not end within 100ms and was killed", "sleep 60 & echo started": "started\n", "true": "",
	} {
		a, _, errText := testApp()
		a.rootCommand()
		f := &followers{a: a, job: &job.Job{}, command: command, limit: commandTime}
		if command == "sleep 60" {
			f.limit = 100 * time.Millisecond
		}
		e := &engine.Terminated{}
		e.Fail(errors.New("broken"))
		start := time.Now()
		f.terminated(e)
		f.terminated(&engine.Terminated{}) // which has not failed
		f.close()
		if got := errText.String(); !strings.Contains(got, want) || want == "" && got != "" || strings.Count(got, "warning") > 1 || time.Since(start) > 20*time.Second {
			t.Errorf("%s: %q after %v", command, got, time.Since(start))
		}
	}
}
