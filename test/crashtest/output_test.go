package crashtest

import (
	"context"
	"errors"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/streamctl/streamctl/internal/checkpoint"
	"github.com/streamctl/streamctl/internal/engine"
	"github.com/streamctl/streamctl/internal/job"
	"github.com/streamctl/streamctl/internal/storage"
)

// TestAQueryThatStartsTouchesNoFileOfARunningOne starts a query while another one has renamed its part files
// into place but not yet listed them.
func TestAQueryThatStartsTouchesNoFileOfARunningOne(t *testing.T) {
	dir := t.TempDir()
	a, b, out := filepath.Join(dir, "a"), filepath.Join(dir, "b"), filepath.Join(dir, "out")
	input(t, a, 3)
	input(t, b, 3)
	between := func() error {
		if err := runTo(b, out, storage.OS); err == nil || !strings.Contains(err.Error(), "Another query writes to the output") {
			t.Errorf("the query that starts: %v", err)
		}
		return nil
	}
	if err := runTo(a, out, &interrupted{storage.OS, between}); err != nil {
		t.Fatal(err)
	}
	if lost, twice := compare(t, out, 3); lost > 0 || twice > 0 {
		t.Errorf("%d lost, %d duplicates", lost, twice)
	}
}

// TestAFailingQueryTouchesNoFileOfADeadOne makes a query fail on an output where another query died after
// renaming its part files into place. When that query continues, it removes its own leftovers.
func TestAFailingQueryTouchesNoFileOfADeadOne(t *testing.T) {
	dir := t.TempDir()
	a, b, out := filepath.Join(dir, "a"), filepath.Join(dir, "b"), filepath.Join(dir, "out")
	input(t, a, 3)
	input(t, b, 0)
	if err := dropText(filepath.Join(b, "in"), "1.csv", "not a number\n"); err != nil {
		t.Fatal(err)
	}
	if err := runTo(a, out, &interrupted{storage.OS, func() error { return errDead }}); !errors.Is(err, errDead) {
		t.Fatal(err)
	}
	placed, _ := filepath.Glob(filepath.Join(out, "part-*"))
	if err := runTo(b, out, storage.OS); err == nil || !strings.Contains(err.Error(), "MALFORMED_RECORD") {
		t.Fatalf("the failing query: %v", err)
	}
	if left, _ := filepath.Glob(filepath.Join(out, "part-*")); len(placed) == 0 || !slices.Equal(left, placed) {
		t.Errorf("the failing query has left %v of %v", left, placed)
	}
	if err := runTo(a, out, storage.OS); err != nil {
		t.Fatal(err)
	}
	if lost, twice := compare(t, out, 3); lost > 0 || twice > 0 {
		t.Errorf("%d lost, %d duplicates", lost, twice)
	}
}

// runTo reads the numbers in dir in one batch and writes them to an output.
func runTo(dir, out string, fsys storage.FS) error {
	_, err := engine.Run(context.Background(), jobTo(dir, out), engine.Env{FS: fsys})
	return err
}

func jobTo(dir, out string) *job.Job {
	return &job.Job{Conf: map[string]string{"spark.sql.session.timeZone": "UTC"}, Streams: []*job.Stream{{
		Name: "s",
		Source: job.Source{
			Format: "csv", Path: filepath.Join(dir, "in"), Schema: job.Schema{Given: true, Text: "a INT"},
			Options: job.Options{{Name: "mode", Value: "FAILFAST"}},
		},
		Sink: job.Sink{Format: "csv", Path: out, Checkpoint: filepath.Join(dir, "checkpoint"), Trigger: job.Trigger{Kind: job.AvailableNow}},
	}}}
}

// interrupted calls between before the first entry of a file sink's log is written. An error prevents the
// entry.
type interrupted struct {
	storage.FS
	between func() error
}

func (i *interrupted) Rename(from, to string) error {
	if filepath.Base(filepath.Dir(to)) == checkpoint.SinkLogDir && filepath.Base(to) == "0" {
		if err := i.between(); err != nil {
			return err
		}
	}
	return i.FS.Rename(from, to)
}

// TestTwoRunsOnOneOutput starts two queries at once that write to one directory. One of them wins. The other
// one is refused, also when repeated, and its rows remain to be read.
func TestTwoRunsOnOneOutput(t *testing.T) {
	for range count("RUNS", 6) {
		dir := t.TempDir()
		a, b := filepath.Join(dir, "a"), filepath.Join(dir, "b")
		input(t, a, 5)
		input(t, b, 5)
		out := filepath.Join(dir, "out")
		first, second := program(argsTo(a, out)...), program(argsTo(b, out)...)
		var said strings.Builder
		second.Stderr = &said
		if err := second.Start(); err != nil {
			t.Fatal(err)
		}
		codeA, textA := ends(t, first)
		_ = second.Wait()
		codeB := second.ProcessState.ExitCode()
		loser := b
		if codeA != 0 {
			loser = a
		}
		if (codeA == 0) == (codeB == 0) || codeA+codeB != 75 && codeA+codeB != 2 {
			t.Fatalf("exit codes %d and %d:\n%s\n%s", codeA, codeB, textA, &said)
		}
		for range 2 {
			if code, text := ends(t, program(argsTo(loser, out)...)); code != 2 || !strings.Contains(text, "of another query") {
				t.Fatalf("repeated: exit code %d\n%s", code, text)
			}
		}
		if lost, twice := compare(t, out, 5); lost > 0 || twice > 0 {
			t.Errorf("%d lost, %d duplicates", lost, twice)
		}
		if code, text := ends(t, program(args(loser, true)...)); code != 0 {
			t.Fatalf("on an output of its own: exit code %d\n%s", code, text)
		}
		if lost, twice := compare(t, filepath.Join(loser, "out"), 5); lost > 0 || twice > 0 {
			t.Errorf("the refused query: %d lost, %d duplicates", lost, twice)
		}
	}
}

// argsTo is like args, with another output.
func argsTo(dir, out string) []string {
	a := args(dir, true)
	for i := range a {
		if a[i] == "--path" {
			a[i+1] = out
		}
	}
	return a
}
