package engine

import (
	"context"
	"errors"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/streamctl/streamctl/internal/atomicfile"
	"github.com/streamctl/streamctl/internal/checkpoint"
	"github.com/streamctl/streamctl/internal/job"
	"github.com/streamctl/streamctl/internal/sinks"
)

// ranBatches runs a job to its end and gives the batches that ran with their input rows.
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

var errCrash = errors.New("crash")

// A crashingFS dies at operation number at: that one and all later ones fail.
type crashingFS struct {
	atomicfile.FS
	at, n atomic.Int64
}

func (c *crashingFS) dead() bool { return c.n.Add(1) >= c.at.Load() }

func (c *crashingFS) Create(name string) (atomicfile.File, error) {
	if c.dead() {
		return nil, errCrash
	}
	f, err := c.FS.Create(name)
	return &crashingFile{f, c}, err
}

func (c *crashingFS) Rename(from, to string) error {
	if c.dead() {
		return errCrash
	}
	return c.FS.Rename(from, to)
}

func (c *crashingFS) MkdirAll(name string) error {
	if c.dead() {
		return errCrash
	}
	return c.FS.MkdirAll(name)
}

func (c *crashingFS) Remove(name string) error {
	if c.dead() {
		return errCrash
	}
	return c.FS.Remove(name)
}

func (c *crashingFS) SyncDir(string) error {
	if c.dead() {
		return errCrash
	}
	return nil
}

type crashingFile struct {
	atomicfile.File
	fs *crashingFS
}

// Write gets half of the bytes out when the crash comes.
func (f *crashingFile) Write(p []byte) (int, error) {
	if f.fs.dead() {
		n, _ := f.File.Write(p[:len(p)/2])
		return n, errCrash
	}
	return f.File.Write(p)
}

func (f *crashingFile) Sync() error {
	if f.fs.dead() {
		return errCrash
	}
	return nil
}

// TestExactlyOnceFromFilesToFiles lets a run die at each operation on its checkpoint in turn; the run after that must leave
// every row in the output once.
func TestExactlyOnceFromFilesToFiles(t *testing.T) {
	in := t.TempDir()
	for _, name := range []string{"1", "2"} {
		drop(t, in, name+".csv", name+",1\n")
	}
	copyJob := func(t *testing.T) *job.Job {
		dir := t.TempDir()
		j := fileJob(in, job.AvailableNow)
		j.Streams[0].Source.Options = job.Options{{Name: "maxFilesPerTrigger", Value: "1"}}
		j.Streams[0].Sink = job.Sink{Format: "csv", Path: filepath.Join(dir, "out"), Checkpoint: filepath.Join(dir, "log"), Trigger: job.Trigger{Kind: job.AvailableNow}}
		return j
	}
	whole := &crashingFS{FS: atomicfile.OS}
	whole.at.Store(math.MaxInt64)
	if _, err := Run(context.Background(), copyJob(t), Env{FS: whole}); err != nil {
		t.Fatal(err)
	}
	for at := int64(1); at <= whole.n.Load(); at++ {
		t.Run(strconv.FormatInt(at, 10), func(t *testing.T) {
			t.Parallel()
			j := copyJob(t)
			crashing := &crashingFS{FS: atomicfile.OS}
			crashing.at.Store(at)
			_, _ = Run(context.Background(), j, Env{FS: crashing})
			if _, err := Run(context.Background(), j, Env{FS: noSync{atomicfile.OS}}); err != nil {
				t.Fatal(err)
			}
			if got := committedRows(t, j.Streams[0].Sink.Path); !slices.Equal(got, []string{"1,1", "2,1"}) {
				t.Errorf("the output is %q", got)
			}
		})
	}
}

// noSync saves the time that real durability takes.
type noSync struct{ atomicfile.FS }

func (noSync) SyncDir(string) error { return nil }

// committedRows reads what a file sink has committed.
func committedRows(t *testing.T, dir string) []string {
	t.Helper()
	files, err := checkpoint.ReadSinkLog(atomicfile.OS, dir)
	if err != nil {
		t.Fatal(err)
	}
	var rows []string
	for _, f := range files {
		text, err := os.ReadFile(f.Path)
		if err != nil {
			t.Fatal(err)
		}
		rows = append(rows, strings.Fields(string(text))...)
	}
	slices.Sort(rows)
	return rows
}

func TestASocketCannotGoOn(t *testing.T) {
	log := t.TempDir()
	c, err := checkpoint.Open(atomicfile.OS, log)
	if err != nil {
		t.Fatal(err)
	}
	if err := c.Offsets.Add(0, &checkpoint.Batch{Offsets: []string{"5"}}); err != nil {
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
