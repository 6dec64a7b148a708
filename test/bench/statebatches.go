package main

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strconv"
	"time"

	"github.com/streamctl/streamctl/internal/engine"
	"github.com/streamctl/streamctl/internal/job"
	"github.com/streamctl/streamctl/internal/storage"
)

// writeLines writes n lines.
func writeLines(path string, n int, line func(b []byte, i int) []byte) error {
	f, err := os.Create(path)
	if err != nil {
		return err
	}
	defer f.Close()
	w := bufio.NewWriterSize(f, 1<<20)
	var b []byte
	for i := range n {
		b = append(line(b[:0], i), '\n')
		if _, err := w.Write(b); err != nil {
			return err
		}
	}
	return w.Flush()
}

// A touching is a query that counts and adds up by a BIGINT: its first file has all groups, and each of the others has rows of some.
type touching struct{ in, ckpt string }

// newTouching writes the files, oldest first.
func newTouching(in, ckpt string, groups, files, rows int) (*touching, error) {
	if err := os.MkdirAll(in, 0o755); err != nil {
		return nil, err
	}
	random := rand.New(rand.NewPCG(9, 9))
	old := time.Now().Add(-24 * time.Hour)
	for i := range files + 1 {
		name := filepath.Join(in, fmt.Sprintf("%06d.csv", i))
		n, key := rows, func(int) int { return random.IntN(groups) }
		if i == 0 {
			n, key = groups, func(k int) int { return k }
		}
		if err := writeLines(name, n, func(b []byte, k int) []byte {
			return strconv.AppendInt(append(strconv.AppendInt(b, int64(key(k)), 10), ','), int64(random.IntN(1000)), 10)
		}); err != nil {
			return nil, err
		}
		if err := os.Chtimes(name, old, old.Add(time.Duration(i)*time.Second)); err != nil {
			return nil, err
		}
	}
	return &touching{in, ckpt}, nil
}

// A batchCost is what the batches took, but for the first one.
type batchCost struct{ batch, commit []time.Duration }

// run runs the batches in this process, one for each file. The time of a batch is that from the end of the one before.
func (q *touching) run(fs storage.FS) (c batchCost, err error) {
	if err := os.RemoveAll(q.ckpt); err != nil {
		return c, err
	}
	text := func(list ...string) (out []job.Text) {
		for _, s := range list {
			out = append(out, job.Text{Text: s})
		}
		return out
	}
	j := &job.Job{Streams: []*job.Stream{{
		Name: "touched",
		Source: job.Source{Format: "csv", Path: q.in, Schema: job.Schema{Given: true, Text: "k BIGINT, v BIGINT"},
			Options: job.Options{{Name: "maxFilesPerTrigger", Value: "1"}}},
		Steps: []job.Step{job.GroupBy{Keys: text("k"), Aggregates: text("count(*) AS n", "sum(v) AS s")}},
		Sink:  job.Sink{Format: "noop", OutputMode: "update", Checkpoint: q.ckpt, Trigger: job.Trigger{Kind: job.AvailableNow}},
	}}}
	var last time.Time
	_, err = engine.Run(context.Background(), j, engine.Env{FS: fs, Say: func(string, string) {}, Notify: func(string, string, string) {}, OnProgress: func(p *engine.Progress) {
		if now := time.Now(); p.BatchID > 0 {
			c.batch = append(c.batch, now.Sub(last))
			c.commit = append(c.commit, time.Duration(p.StateOperators[0].CommitTimeMs)*time.Millisecond)
		}
		last = time.Now()
	}})
	return c, err
}

// unsynced is a file system that syncs nothing.
type unsynced struct{ storage.FS }

func (u unsynced) Create(name string) (storage.File, error) {
	f, err := u.FS.Create(name)
	return unsyncedFile{f}, err
}

func (u unsynced) Append(name string) (storage.File, error) {
	f, err := u.FS.Append(name)
	return unsyncedFile{f}, err
}

func (unsynced) SyncDir(string) error { return nil }

type unsyncedFile struct{ storage.File }

func (unsyncedFile) Sync() error { return nil }

// benchTouched measures batches that touch some of many groups, with and without syncing their files.
func benchTouched(dir string) error {
	onDisk, err := os.MkdirTemp(*disk, "bench-state-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(onDisk)
	q, err := newTouching(filepath.Join(dir, "in"), "", *groups, *batches, *touched)
	if err != nil {
		return err
	}
	fmt.Printf("\n### Batches of %d rows, each of another of %d groups\n\n| checkpoint | batches | p50 | p90 | p99 | longest | commit of the state, p50 |\n|---|---|---|---|---|---|---|\n", *touched, *groups)
	for _, c := range []struct {
		name, dir string
		fs        storage.FS
	}{{"on a RAM disk, not synced", dir, unsynced{storage.OS}}, {"on a disk, not synced", onDisk, unsynced{storage.OS}}, {"on a disk", onDisk, storage.OS}} {
		q.ckpt = filepath.Join(c.dir, "checkpoint")
		cost, err := q.run(c.fs)
		if err != nil {
			return err
		}
		fmt.Printf("| %s | %d | %s | %s | %s | %s | %d ms |\n", c.name, len(cost.batch), ms(quantile(cost.batch, 50)), ms(quantile(cost.batch, 90)), ms(quantile(cost.batch, 99)),
			ms(quantile(cost.batch, 100)), quantile(cost.commit, 50).Milliseconds())
	}
	return nil
}

// benchArrival measures the time from the rename of a file with one row to the updated group on standard output.
func benchArrival(dir string) error {
	onDisk, err := os.MkdirTemp(*disk, "bench-state-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(onDisk)
	n := *groups / 10
	fmt.Printf("\n### From a file to its updated group, %d groups, durable state\n\n| checkpoint | files | p50 | p99 |\n|---|---|---|---|\n", n)
	for _, at := range []string{dir, onDisk} {
		in := filepath.Join(at, "in")
		q, err := newTouching(in, filepath.Join(at, "checkpoint"), n, 0, 0)
		if err != nil {
			return err
		}
		w, err := watch(n, *streamctl, "file", q.in, "--schema", "k BIGINT, v BIGINT", "--group-by", "k", "--agg", "count(*) AS n, sum(v) AS s", "--output-mode", "update",
			"--checkpoint", q.ckpt, "-o", "json", "-q", "--log-level", "error")
		if err != nil {
			return err
		}
		took, err := w.latencies(at, in, 300, func(i int) string { return fmt.Sprintf("%d,1\n", i*7919%n) })
		w.stop()
		if err != nil {
			return err
		}
		name := "on a RAM disk"
		if at == onDisk {
			name = "on a disk"
		}
		fmt.Printf("| %s | %d | %s | %s |\n", name, len(took), ms(quantile(took, 50)), ms(quantile(took, 99)))
	}
	return nil
}

// benchKeys measures a state with many keys: memory, a restart, and the batches that touch some.
func benchKeys(dir string) error {
	q, err := newTouching(filepath.Join(dir, "in"), filepath.Join(dir, "checkpoint"), *keys, *batches, *touched)
	if err != nil {
		return err
	}
	progress := filepath.Join(dir, "progress")
	run := `exec "$1" file "$2" --schema "k BIGINT, v BIGINT" --option maxFilesPerTrigger=1 --group-by k --agg "count(*) AS n, sum(v) AS s" --output-mode update --sink noop --checkpoint "$3" --available-now -q --progress json 2> "$4"`
	command := []string{"sh", "-c", run, "sh", *streamctl, q.in, q.ckpt, progress}
	first, err := timed("", command...)
	if err != nil {
		return err
	}
	took, last, err := readProgress(progress)
	if err != nil {
		return err
	}
	if len(took) != *batches+1 || len(last.StateOperators) != 1 || last.StateOperators[0].NumRowsTotal != int64(*keys) {
		return fmt.Errorf("%d batches, state %+v", len(took), last.StateOperators)
	}
	state := last.StateOperators[0].MemoryUsedBytes
	if err := writeLines(filepath.Join(q.in, "restart.csv"), 1, func(b []byte, _ int) []byte { return append(b, "1,1"...) }); err != nil {
		return err
	}
	restart, err := timed("", command...)
	if err != nil {
		return err
	}
	const data = 3 * 8 // key, count, sum
	fmt.Printf("\n### %d groups by a BIGINT, count and sum, durable state on a RAM disk\n\n| what | measured |\n|---|---|\n", *keys)
	fmt.Printf("| memory of the state, per key | %.1f bytes, %.1f of them above the data |\n", float64(state)/float64(*keys), float64(state)/float64(*keys)-data)
	fmt.Printf("| largest memory of the process (RSS), per key | %s, %.1f bytes |\n", mb(first.rss), float64(first.rss)/float64(*keys))
	fmt.Printf("| the batch with all keys | %s |\n", sec(took[0]))
	fmt.Printf("| a restart with one new row: wall, CPU | %s, %s |\n", sec(restart.wall), sec(restart.cpu))
	took = took[1:]
	fmt.Printf("| %d batches of %d rows, across snapshots: p50, p99, longest | %s, %s, %s; p99 / p50 %.1f |\n", len(took), *touched, ms(quantile(took, 50)), ms(quantile(took, 99)), ms(quantile(took, 100)),
		float64(quantile(took, 99))/float64(quantile(took, 50)))
	return nil
}

// readProgress returns the times of the batches in a file of progress events, and the last event.
func readProgress(path string) (took []time.Duration, last engine.Progress, err error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, last, err
	}
	defer f.Close()
	in := bufio.NewScanner(f)
	in.Buffer(nil, 1<<20)
	for in.Scan() {
		var p struct {
			DurationMs     map[string]int64
			StateOperators []engine.StateProgress
		}
		if json.Unmarshal(in.Bytes(), &p) != nil || len(p.StateOperators) == 0 {
			continue // a warning
		}
		took = append(took, time.Duration(p.DurationMs["triggerExecution"])*time.Millisecond)
		last.StateOperators = p.StateOperators
	}
	return took, last, in.Err()
}
