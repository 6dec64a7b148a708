package crashtest

import (
	"context"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"github.com/streamctl/streamctl/internal/checkpoint"
	"github.com/streamctl/streamctl/internal/engine"
	"github.com/streamctl/streamctl/internal/job"
	"github.com/streamctl/streamctl/internal/storage"
)

// long reports whether to check times. Short versions of the tests run in parallel with others and only count
// rows.
func long() bool { return os.Getenv("SOAK") != "" }

// TestManyRuns starts the program repeatedly, like cron does, with one new file each time. RUNS is the number
// of runs. After each run, all logs agree.
func TestManyRuns(t *testing.T) {
	for _, k := range kinds {
		t.Run(string(k), func(t *testing.T) { manyRuns(t, k) })
	}
}

func manyRuns(t *testing.T, k kind) {
	dir := t.TempDir()
	k.prepare(t, dir)
	in := filepath.Join(dir, "in")
	if err := os.Mkdir(in, 0o755); err != nil {
		t.Fatal(err)
	}
	runs := count("RUNS", 15)
	var took []time.Duration
	for i := range runs {
		if err := k.drop(in, i, i+1); err != nil {
			t.Fatal(err)
		}
		start := time.Now()
		if text, err := program(args(dir, true)...).CombinedOutput(); err != nil {
			t.Fatalf("run %d: %v\n%s", i, err, text)
		}
		took = append(took, time.Since(start))
		k.agree(t, dir)
	}
	k.finish(t, in, runs)
	if text, err := program(args(dir, true)...).CombinedOutput(); err != nil {
		t.Fatalf("the last run: %v\n%s", err, text)
	}
	k.agree(t, dir)
	lost, twice := compare(t, filepath.Join(dir, "out"), runs)
	tenth := max(1, runs/10)
	first, last := median(took[:tenth]), median(took[runs-tenth:])
	size, files := usage(t, filepath.Join(dir, "checkpoint"))
	t.Logf("%d runs: %d lost, %d duplicates; first %v, last %v; checkpoint %d KB in %d files", runs, lost, twice, first, last, size>>10, files)
	if lost > 0 || twice > 0 {
		t.Error("not exactly once")
	}
	if long() && last > 2*first {
		t.Error("runs take longer and longer")
	}
}

// TestManyBatches runs many batches in one run. BATCHES is their number.
func TestManyBatches(t *testing.T) {
	dir := t.TempDir()
	in, out := filepath.Join(dir, "in"), filepath.Join(dir, "out")
	if err := os.Mkdir(in, 0o755); err != nil {
		t.Fatal(err)
	}
	batches := count("BATCHES", 40)
	for i := range batches {
		if err := dropText(in, fmt.Sprintf("%09d.csv", i), fmt.Sprintln(i)); err != nil {
			t.Fatal(err)
		}
	}
	j := &job.Job{Conf: map[string]string{"spark.sql.session.timeZone": "UTC"}, Streams: []*job.Stream{{
		Name: "soak",
		Source: job.Source{
			Format: "csv", Path: in, Schema: job.Schema{Given: true, Text: "a INT"},
			Options: job.Options{{Name: "maxFilesPerTrigger", Value: "1"}},
		},
		Sink: job.Sink{Format: "csv", Path: out, Checkpoint: filepath.Join(dir, "checkpoint"), Trigger: job.Trigger{Kind: job.AvailableNow}},
	}}}
	var took []time.Duration
	last := time.Now()
	_, err := engine.Run(context.Background(), j, engine.Env{OnProgress: func(*engine.Progress) {
		took = append(took, time.Since(last))
		last = time.Now()
	}})
	if err != nil {
		t.Fatal(err)
	}
	lost, twice := compare(t, out, batches)
	size, files := usage(t, filepath.Join(dir, "checkpoint"))
	p50, p99 := quantile(took, 50), quantile(took, 99)
	var compacting []time.Duration
	for i := 9; i < len(took); i += 10 {
		compacting = append(compacting, took[i])
	}
	t.Logf("%d batches: %d lost, %d duplicates; p50 %v, p99 %v, longest %v; those that compact: p50 %v; checkpoint %d KB in %d files",
		len(took), lost, twice, p50, p99, slices.Max(took), median(compacting), size>>10, files)
	if lost > 0 || twice > 0 || len(took) != batches {
		t.Error("not exactly once")
	}
	if long() && p99 > 3*p50 {
		t.Error("some batches stall")
	}
}

// TestALongSourceLogIsReadQuickly restarts a query that has read many files. FILES is their number. With SOAK,
// the files exist.
func TestALongSourceLogIsReadQuickly(t *testing.T) {
	n := count("FILES", 20_000)
	dir := t.TempDir()
	in, ckpt := filepath.Join(dir, "in"), filepath.Join(dir, "checkpoint")
	if err := os.Mkdir(in, 0o755); err != nil {
		t.Fatal(err)
	}
	c, err := checkpoint.Open(storage.OS, ckpt)
	if err != nil {
		t.Fatal(err)
	}
	log, err := c.SourceLog(0, 0)
	if err != nil {
		t.Fatal(err)
	}
	now := time.Now()
	const entries = 10
	for id := range int64(entries) {
		var files []checkpoint.SourceFile
		for i := int(id) * n / entries; i < int(id+1)*n/entries; i++ {
			name := filepath.Join(in, fmt.Sprintf("%09d.csv", i))
			files = append(files, checkpoint.SourceFile{Path: name, ModTime: now.UnixMilli()})
			if long() {
				if err := os.WriteFile(name, nil, 0o600); err != nil {
					t.Fatal(err)
				}
			}
		}
		if err := log.Add(id, slices.Values(files)); err != nil {
			t.Fatal(err)
		}
	}
	end := fmt.Sprintf(`{"logOffset":%d}`, entries-1)
	if err := c.Offsets.Add(0, &checkpoint.OffsetSeq{Offsets: []string{end}}); err != nil {
		t.Fatal(err)
	}
	if err := c.Commits.Add(0, 0); err != nil {
		t.Fatal(err)
	}
	start := time.Now()
	found := 0
	if err := log.Each(func(checkpoint.SourceFile) { found++ }); err != nil || found != n {
		t.Fatalf("%d files, %v", found, err)
	}
	read := time.Since(start)
	start = time.Now()
	if text, err := program("file", "--dir", in, "--schema", "a INT", "--sink", "noop", "--checkpoint", ckpt, "--available-now", "--quiet").CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, text)
	}
	restart := time.Since(start)
	t.Logf("%d files: the log is read in %v, a run with nothing new takes %v", n, read, restart)
	if long() && read > 2*time.Second {
		t.Error("recovery is slow")
	}
}

func median(d []time.Duration) time.Duration { return quantile(d, 50) }

func quantile(d []time.Duration, percent int) time.Duration {
	d = slices.Sorted(slices.Values(d))
	return d[min(len(d)-1, len(d)*percent/100)].Round(10 * time.Microsecond)
}

// usage returns the size of a directory and the number of its files.
func usage(t *testing.T, dir string) (size int64, files int) {
	t.Helper()
	err := filepath.WalkDir(dir, func(_ string, e fs.DirEntry, err error) error {
		if err != nil || e.IsDir() {
			return err
		}
		info, err := e.Info()
		size += info.Size()
		files++
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return size, files
}
