package cli

import (
	"errors"
	"os"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/streamctl/streamctl/internal/checkpoint"
	"github.com/streamctl/streamctl/internal/engine"
	"github.com/streamctl/streamctl/internal/job"
	"github.com/streamctl/streamctl/internal/sparkerr"
	"github.com/streamctl/streamctl/internal/status"
)

func TestExitCodesTellWhatHappened(t *testing.T) {
	for _, c := range []struct {
		err  error
		want int
	}{
		{nil, 0}, {errors.New("x"), 1}, {refused(errors.New("x")), 2}, {refused(nil), 0},
		{&exitError{failure(sparkerr.New("CONCURRENT_QUERY")), errQuiet}, 75}, {&exitError{failure(errors.New("x")), errQuiet}, 1},
		{&exitError{signalError{syscall.SIGTERM}.code(), errQuiet}, 143}, {&exitError{signalError{syscall.SIGHUP}.code(), errQuiet}, 129},
		{&exitError{signalError{os.Interrupt}.code(), errQuiet}, 130},
	} {
		if got := exitCode(c.err); got != c.want {
			t.Errorf("%v exits with %d, want %d", c.err, got, c.want)
		}
	}
}

func TestTheStatusLineIsClearedBeforeOtherOutput(t *testing.T) {
	file, err := os.Create(t.TempDir() + "/terminal")
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	s := &screen{file: file}
	s.status("one")
	s.status("two")
	if _, err := s.Write([]byte("message\n")); err != nil {
		t.Fatal(err)
	}
	s.status("three")
	s.leave()
	s.after()
	s.status()
	text, err := os.ReadFile(file.Name())
	want := "one" + clearLine + "two" + clearLine + "message\n" + "three" + clearLine
	if got := string(text); err != nil || !strings.HasPrefix(got, want) {
		t.Errorf("%q, %v, want %q", got, err, want)
	}
}

func TestTheReportOfACheckpointNamesWhatRunsNext(t *testing.T) {
	r := &checkpoint.Report{Dir: "cp", ID: "id", Next: 4, Again: true, Temporary: 2, Problems: []string{"offsets/3 is empty"}}
	r.Offsets = checkpoint.LogReport{First: 0, Last: 4, Batches: 5}
	r.Commits = checkpoint.LogReport{Last: -1}
	r.Newest = &checkpoint.BatchReport{ID: 4, Time: time.Unix(0, 0).UTC(), Offsets: []string{"a", "b"}}
	text := checkpointText(r, nil)
	for _, want := range []string{
		"offsets      batches 0 to 4 (5 kept)\n", "commits      none\n", "newest       batch 4 of 1970-01-01T00:00:00Z, up to a, b\n",
		"next         batch 4 runs again: it was started but not finished\n", "unfinished   2 files of a run that was killed", "problem      offsets/3 is empty\n",
	} {
		if !strings.Contains(text, want) {
			t.Errorf("got\n%s\nwithout %q", text, want)
		}
	}
	r.Again = false
	if text := checkpointText(r, nil); !strings.Contains(text, "next         batch 4\n") {
		t.Errorf("got\n%s", text)
	}
}

func emptyModel() *status.Model {
	return status.NewModel(&job.Job{}, status.Options{Monitor: &engine.Monitor{}})
}

func TestProgressCountsOnlyBatchesWithWork(t *testing.T) {
	for mode, want := range map[string]int{"json": 2, "plain": 2, "none": 0} {
		a, _, errText := testApp()
		p := &progress{a: a, mode: mode, monitor: &engine.Monitor{}, model: emptyModel(), followers: &followers{}}
		for _, e := range []*engine.Progress{{NumInputRows: 3}, {Idle: true, NumInputRows: 9}, {NumInputRows: 4}} {
			p.report(e)
		}
		if got := p.line(90 * time.Second); got != "2 batches, 7 rows | 1m30s" {
			t.Errorf("the status line is %q", got)
		}
		if got := strings.Count(errText.String(), "\n"); got != want {
			t.Errorf("%s prints %d lines, want %d: %q", mode, got, want, errText)
		}
	}
	p := &progress{monitor: &engine.Monitor{}, timeout: time.Minute, model: emptyModel(), followers: &followers{}}
	if got := p.line(20 * time.Second); got != "0 batches, 0 rows | 40s left" {
		t.Errorf("the status line is %q", got)
	}
}
