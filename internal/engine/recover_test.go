package engine

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"github.com/streamctl/streamctl/internal/checkpoint"
	"github.com/streamctl/streamctl/internal/job"
	"github.com/streamctl/streamctl/internal/sinks"
	"github.com/streamctl/streamctl/internal/storage"
)

// ranBatches runs a job to its end and returns the batches that ran with their input rows.
func ranBatches(t *testing.T, j *job.Job) (string, error) {
	t.Helper()
	var ran []string
	_, err := Run(context.Background(), j, Env{OnProgress: func(p *Progress) {
		ran = append(ran, strconv.FormatInt(p.BatchID, 10)+":"+strconv.FormatInt(p.NumInputRows, 10))
	}})
	return strings.Join(ran, " "), err
}

// TestRecovery is the table of recovery rules. Two batches of one row each have run; then a third file comes.
func TestRecovery(t *testing.T) {
	for name, test := range map[string]struct {
		remove  []string // from the checkpoint, before the restart
		added   bool     // a new file is there
		want    string
		failure string
	}{
		"all committed, nothing new":  {nil, false, "", ""},
		"all committed, a new file":   {nil, true, "2:1", ""},
		"last batch not committed":    {[]string{"commits/1"}, false, "1:1", ""},
		"and a new file":              {[]string{"commits/1"}, true, "1:1 2:1", ""},
		"nothing committed":           {[]string{"commits/0", "commits/1"}, false, "1:1", ""},
		"only the source log":         {[]string{"commits/0", "commits/1", "offsets/0", "offsets/1"}, false, "0:2", ""},
		"the batch before is missing": {[]string{"offsets/0"}, false, "", "batch 0 doesn't exist"},
		"offsets are missing":         {[]string{"offsets/0", "offsets/1"}, false, "", "batch 1 doesn't exist"},
	} {
		t.Run(name, func(t *testing.T) {
			dir, log := t.TempDir(), t.TempDir()
			j := fileJob(dir, job.AvailableNow)
			j.Streams[0].Sink = job.Sink{Format: "noop", Checkpoint: log, Trigger: job.Trigger{Kind: job.AvailableNow}}
			for i, name := range []string{"1.csv", "2.csv"} {
				drop(t, dir, name, "x,1\n")
				if got, err := ranBatches(t, j); err != nil || got != strconv.Itoa(i)+":1" {
					t.Fatalf("ran %q, %v", got, err)
				}
			}
			for _, f := range test.remove {
				if err := os.Remove(filepath.Join(log, f)); err != nil {
					t.Fatal(err)
				}
			}
			if test.added {
				drop(t, dir, "3.csv", "x,1\n")
			}
			got, err := ranBatches(t, j)
			if test.failure != "" {
				if err == nil || !strings.Contains(err.Error(), test.failure) {
					t.Errorf("error %v, want %q", err, test.failure)
				}
				return
			}
			if err != nil || got != test.want {
				t.Errorf("ran %q, want %q (%v)", got, test.want, err)
			}
		})
	}
}

// TestOffsetsThatMoveBackwards checks that a query refuses a checkpoint whose newest batch ends before the one before it, whether the
// newest batch is committed or runs again: it would read rows twice.
func TestOffsetsThatMoveBackwards(t *testing.T) {
	for _, test := range []struct {
		format       string
		options      job.Options
		before, last string
	}{
		{"csv", nil, `{"logOffset":1}`, `{"logOffset":0}`},
		{"rate", nil, "7", "6"},
		{"rate-micro-batch", job.Options{{Name: "rowsPerBatch", Value: "10"}}, `{"offset":20,"timestamp":2000}`, `{"offset":10,"timestamp":1000}`},
	} {
		for _, committed := range []bool{true, false} {
			t.Run(fmt.Sprint(test.format, committed), func(t *testing.T) {
				dir, log := t.TempDir(), t.TempDir()
				j := fileJob(dir, job.AvailableNow)
				j.Streams[0].Sink = job.Sink{Format: "noop", Checkpoint: log, Trigger: job.Trigger{Kind: job.AvailableNow}}
				if test.format != "csv" {
					j.Streams[0].Source = job.Source{Format: test.format, Options: test.options}
				}
				for _, name := range []string{"1.csv", "2.csv"} {
					drop(t, dir, name, "x,1\n")
					if _, err := ranBatches(t, j); err != nil {
						t.Fatal(err)
					}
				}
				files := map[string]string{
					"offsets/0": "v1\n{\"batchWatermarkMs\":0,\"batchTimestampMs\":1,\"conf\":{}}\n" + test.before,
					"offsets/1": "v1\n{\"batchWatermarkMs\":0,\"batchTimestampMs\":1,\"conf\":{}}\n" + test.last,
				}
				if committed {
					files["commits/1"] = "v1\n{\"nextBatchWatermarkMs\":0}"
				} else if err := os.RemoveAll(filepath.Join(log, "commits", "1")); err != nil {
					t.Fatal(err)
				}
				for name, text := range files {
					if err := os.WriteFile(filepath.Join(log, name), []byte(text), 0o644); err != nil {
						t.Fatal(err)
					}
				}
				if got, err := ranBatches(t, j); err == nil || !strings.Contains(err.Error(), "its last batch ends at "+test.last) {
					t.Errorf("ran %q, error %v", got, err)
				}
			})
		}
	}
}

func TestARepeatedBatchKeepsItsFiles(t *testing.T) {
	dir, log := t.TempDir(), t.TempDir()
	j := fileJob(dir, job.AvailableNow)
	j.Streams[0].Sink.Checkpoint = log
	drop(t, dir, "1.csv", "x,1\n")
	first, _, err := runJob(t, j)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.Remove(filepath.Join(log, "commits", "0")); err != nil {
		t.Fatal(err)
	}
	drop(t, dir, "2.csv", "y,1\n")
	second, _, err := runJob(t, j)
	if err != nil || second != first+"y,1\n" {
		t.Errorf("first %q, second %q, %v", first, second, err)
	}
}

func TestAVanishedFileOfARepeatedBatchHasNoRows(t *testing.T) {
	dir, log := t.TempDir(), t.TempDir()
	j := fileJob(dir, job.AvailableNow)
	j.Streams[0].Sink.Checkpoint = log
	drop(t, dir, "1.csv", "x,1\n")
	if _, err := ranBatches(t, j); err != nil {
		t.Fatal(err)
	}
	for _, f := range []string{filepath.Join(log, "commits", "0"), filepath.Join(dir, "1.csv")} {
		if err := os.Remove(f); err != nil {
			t.Fatal(err)
		}
	}
	if got, err := ranBatches(t, j); err != nil || got != "0:0" {
		t.Errorf("ran %q, %v", got, err)
	}
}

func TestASocketCannotGoOn(t *testing.T) {
	log := t.TempDir()
	c, err := checkpoint.Open(storage.OS, log)
	if err != nil {
		t.Fatal(err)
	}
	if err := c.Offsets.Add(0, &checkpoint.OffsetSeq{Offsets: []string{"5"}}); err != nil {
		t.Fatal(err)
	}
	j := &job.Job{Streams: []*job.Stream{{
		Name: "s", Source: job.Source{Format: "socket", Options: job.Options{{Name: "listen", Value: ":0"}}},
		Sink: job.Sink{Format: "noop", Checkpoint: log},
	}}}
	_, err = Run(context.Background(), j, Env{Out: sinks.NewOutput(&output{}, false)})
	if err == nil || !strings.Contains(err.Error(), "cannot go on from a checkpoint") {
		t.Errorf("error %v", err)
	}
}
