package crashtest

import (
	"context"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/streamctl/streamctl/internal/atomicfile"
	"github.com/streamctl/streamctl/internal/checkpoint"
	"github.com/streamctl/streamctl/internal/engine"
	"github.com/streamctl/streamctl/internal/job"
)

// A reading is a row of the input: a key, a time in seconds, and a value.
type reading struct {
	k    string
	t, v int64
}

// The windows of the job, and how late its rows may be, in seconds.
const (
	windowLength = 300
	lateness     = 900
)

// TestWindowsDoNotDependOnBatches aggregates random rows that are less late than the watermark allows. However the rows are split into files, the files
// into batches and the batches into runs, the windows that close are the same, and are those of a loop over the rows.
func TestWindowsDoNotDependOnBatches(t *testing.T) {
	for seed := range uint64(count("SPLITS", 12)) {
		random := rand.New(rand.NewPCG(seed, 1))
		rows := readings(random)
		want := closed(rows)
		for _, files := range []int{1, 3, 11} {
			for _, runs := range []bool{false, true} {
				got := aggregated(t, random, rows, files, runs)
				if !slices.Equal(got, want) {
					t.Errorf("seed %d, %d files, a run for each %t:\n%s\nwant\n%s", seed, files, runs, strings.Join(got, "\n"), strings.Join(want, "\n"))
				}
			}
		}
	}
}

// readings returns rows whose times move on, with less disorder than is allowed, and a last one that closes all windows but its own.
func readings(random *rand.Rand) (rows []reading) {
	at := int64(1_700_000_000)
	for range 50 + random.IntN(150) {
		at += random.Int64N(120)
		rows = append(rows, reading{string(rune('a' + random.IntN(4))), at - random.Int64N(lateness/2), random.Int64N(1000)})
	}
	return append(rows, reading{"z", at + 100*lateness, 0})
}

// closed returns the windows that end before the last row, less what rows may be late.
func closed(rows []reading) (lines []string) {
	type group struct{ n, sum, most int64 }
	groups := map[string]*group{}
	for _, r := range rows[:len(rows)-1] {
		key := fmt.Sprintf("%d,%s", r.t-r.t%windowLength, r.k)
		g := groups[key]
		if g == nil {
			g = &group{most: r.v}
			groups[key] = g
		}
		g.n, g.sum, g.most = g.n+1, g.sum+r.v, max(g.most, r.v)
	}
	for key, g := range groups {
		lines = append(lines, fmt.Sprintf("%s,%d,%d,%d", key, g.n, g.sum, g.most))
	}
	slices.Sort(lines)
	return lines
}

// aggregated runs the job over the rows, in files of about equal size and one or two files for each batch.
func aggregated(t *testing.T, random *rand.Rand, rows []reading, files int, runs bool) (lines []string) {
	t.Helper()
	in, d := t.TempDir(), newDisk()
	run := func() {
		if _, err := engine.Run(context.Background(), splitJob(in, 1+random.IntN(2)), engine.Env{FS: d, Workers: 1 + random.IntN(2)}); err != nil {
			t.Fatal(err)
		}
	}
	for k := range files {
		var text strings.Builder
		for _, r := range rows[len(rows)*k/files : len(rows)*(k+1)/files] {
			fmt.Fprintf(&text, "%d,%s,%d\n", r.t, r.k, r.v)
		}
		name := filepath.Join(in, fmt.Sprintf("%03d.csv", k))
		old := time.Now().Add(time.Duration(k-3600) * time.Second)
		if err := os.WriteFile(name, []byte(text.String()), 0o600); err != nil {
			t.Fatal(err)
		}
		if err := os.Chtimes(name, old, old); err != nil {
			t.Fatal(err)
		}
		if runs {
			run()
		}
	}
	run()
	written, err := checkpoint.ReadSinkLog(d, outDir)
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range written {
		text, err := atomicfile.Read(d, f.Path)
		if err != nil {
			t.Fatal(err)
		}
		lines = append(lines, strings.Fields(string(text))...)
	}
	slices.Sort(lines)
	return lines
}

func splitJob(in string, filesPerBatch int) *job.Job {
	text := func(list ...string) (out []job.Text) {
		for _, s := range list {
			out = append(out, job.Text{Text: s})
		}
		return out
	}
	return &job.Job{Conf: map[string]string{"spark.sql.session.timeZone": "UTC"}, Streams: []*job.Stream{{
		Name: "split",
		Source: job.Source{
			Format: "csv", Path: in, Schema: job.Schema{Given: true, Text: "t BIGINT, k STRING, v BIGINT"},
			Options: job.Options{{Name: "maxFilesPerTrigger", Value: fmt.Sprint(filesPerBatch)}},
		},
		Steps: []job.Step{
			job.WithColumn{Columns: []job.Named{{Name: "ts", Text: job.Text{Text: "timestamp_seconds(t)"}}}},
			job.WithWatermark{EventTime: job.Text{Text: "ts"}, Delay: job.Text{Text: fmt.Sprintf("%d seconds", lateness)}},
			job.GroupBy{Keys: text(fmt.Sprintf("window(ts, '%d seconds') AS w", windowLength), "k"), Aggregates: text("count(*) AS n", "sum(v) AS s", "max(v) AS m")},
			job.Select{Exprs: text("unix_seconds(w.start) AS t", "k", "n", "s", "m")},
		},
		Sink: job.Sink{Format: "csv", Path: outDir, Checkpoint: ckptDir, Trigger: job.Trigger{Kind: job.AvailableNow}},
	}}}
}
