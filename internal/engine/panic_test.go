package engine

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/streamctl/streamctl/internal/job"
	"github.com/streamctl/streamctl/internal/sinks"
	"github.com/streamctl/streamctl/internal/sparkerr"
	"github.com/streamctl/streamctl/internal/storage"
	"github.com/streamctl/streamctl/internal/types"
	"github.com/streamctl/streamctl/internal/vector"
)

// A brokenSink panics in the given step of batch 1 and later ones.
type brokenSink struct {
	sinks.Sink
	step  string
	batch int64
}

func (s *brokenSink) fail(step string) {
	if step == s.step && s.batch > 0 {
		var none []int
		_ = none[len(step)]
	}
}

func (s *brokenSink) Begin(ctx context.Context, id int64) (sinks.BatchWriter, error) {
	s.batch = id
	s.fail("begin")
	b, err := s.Sink.Begin(ctx, id)
	return &brokenBatch{b, s}, err
}

type brokenBatch struct {
	sinks.BatchWriter
	sink *brokenSink
}

func (b *brokenBatch) Partition(i, task int) (sinks.PartitionWriter, error) {
	b.sink.fail("task")
	w, err := b.BatchWriter.Partition(i, task)
	return &brokenWriter{w, b.sink}, err
}

func (b *brokenBatch) Commit(ctx context.Context, n int) error {
	b.sink.fail("commit")
	return b.BatchWriter.Commit(ctx, n)
}

type brokenWriter struct {
	sinks.PartitionWriter
	sink *brokenSink
}

func (w *brokenWriter) Write(ctx context.Context, b *vector.Batch) error {
	w.sink.fail("write")
	return w.PartitionWriter.Write(ctx, b)
}

func (w *brokenWriter) Close(ctx context.Context) error {
	w.sink.fail("close")
	return w.PartitionWriter.Close(ctx)
}

// breaking makes the sink of the stream "s" panic in a step.
func breaking(step string) NewSink {
	return func(s *job.Stream, schema *types.Schema, env sinks.Env) (sinks.Sink, error) {
		if step == "plan" && s.Name == "s" {
			panic("planning is broken")
		}
		sink, err := newSink(s, schema, env)
		if s.Name == "s" {
			sink = &brokenSink{Sink: sink, step: step}
		}
		return sink, err
	}
}

func wantInternal(t *testing.T, err error, text string) {
	t.Helper()
	var e *sparkerr.Error
	var p *sparkerr.Panic
	if !errors.As(err, &e) || e.Condition != "INTERNAL_ERROR" || !strings.Contains(e.Text, "please report it: "+text) {
		t.Fatalf("error %v", err)
	}
	if !errors.As(err, &p) || !strings.Contains(string(p.Stack), "panic_test.go") {
		t.Errorf("the stack does not show where it happened:\n%+v", p)
	}
}

// TestAPanicIsAnErrorAndItsBatchRunsAgain breaks each step of the second batch, and goes on from the checkpoint with the bug fixed.
func TestAPanicIsAnErrorAndItsBatchRunsAgain(t *testing.T) {
	for _, step := range []string{"begin", "task", "write", "close", "commit"} {
		for _, rows := range []int{1, 20} { // files: one worker and several
			dir := t.TempDir()
			in, out := filepath.Join(dir, "in"), filepath.Join(dir, "out")
			j := fileJob(in, job.AvailableNow)
			j.Streams[0].Sink = job.Sink{Format: "csv", Path: out, Checkpoint: filepath.Join(dir, "cp"), Trigger: job.Trigger{Kind: job.AvailableNow}}
			drop(t, in, "a.csv", "a,1\n")
			if _, err := Run(t.Context(), j, Env{}); err != nil {
				t.Fatal(err)
			}
			for i := range rows {
				drop(t, in, "b"+strings.Repeat("x", i)+".csv", "b,2\n")
			}
			_, err := Run(t.Context(), j, Env{NewSink: breaking(step)})
			wantInternal(t, err, "runtime error: index out of range")
			if _, err := os.Stat(filepath.Join(dir, "cp", "commits", "1")); !errors.Is(err, os.ErrNotExist) {
				t.Errorf("%s: the batch is committed: %v", step, err)
			}
			s, err := Run(t.Context(), j, Env{})
			if err != nil || s.Total().RowsIn != int64(rows) {
				t.Errorf("%s, afterwards: %+v, %v", step, s.Total(), err)
			}
		}
	}
}

// TestAPanicLeavesTheOtherStreamsAlone has one of two streams break: the other one is stopped, or goes on.
func TestAPanicLeavesTheOtherStreamsAlone(t *testing.T) {
	for _, keepGoing := range []bool{false, true} {
		dir := t.TempDir()
		drop(t, dir, "a.csv", "a,1\n")
		drop(t, dir, "b.csv", "b,2\n")
		j := fileJob(dir, job.AvailableNow)
		j.Streams[0].Source.Options = job.Options{{Name: "maxFilesPerTrigger", Value: "1"}}
		other := *j.Streams[0]
		other.Name = "other"
		j.Streams = append(j.Streams, &other)
		var out output
		s, err := Run(t.Context(), j, Env{Out: sinks.NewOutput(&out, false), NewSink: breaking("write"), KeepGoing: keepGoing})
		wantInternal(t, err, "runtime error")
		if keepGoing && s.Streams[1].RowsOut != 2 {
			t.Errorf("the other stream: %+v", s.Streams[1])
		}
	}
}

// TestAPanicWhilePlanningIsAnError breaks the analysis of one stream.
func TestAPanicWhilePlanningIsAnError(t *testing.T) {
	j := fileJob(t.TempDir(), job.AvailableNow)
	_, err := Check(j, Env{NewSink: breaking("plan")})
	wantInternal(t, err, "planning is broken")
}

type brokenReader struct{}

func (brokenReader) Read([]byte) (int, error) { panic("reading is broken") }

// TestAPanicOfASourceIsAnError breaks the goroutine that reads standard input.
func TestAPanicOfASourceIsAnError(t *testing.T) {
	j := fileJob("-", job.AvailableNow)
	_, err := Run(t.Context(), j, Env{Stdin: brokenReader{}})
	wantInternal(t, err, "reading is broken")
}

// A brokenFS panics when the checkpoint is opened.
type brokenFS struct{ storage.FS }

func (brokenFS) MkdirAll(string) error { panic("the disk is broken") }

// TestAPanicOfTheCheckpointIsAnError breaks what runs before the first batch.
func TestAPanicOfTheCheckpointIsAnError(t *testing.T) {
	dir := t.TempDir()
	j := fileJob(dir, job.AvailableNow)
	j.Streams[0].Sink.Checkpoint = filepath.Join(dir, ".cp")
	_, err := Run(t.Context(), j, Env{FS: brokenFS{storage.OS}})
	wantInternal(t, err, "the disk is broken")
}
