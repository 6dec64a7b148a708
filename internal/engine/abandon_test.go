package engine

import (
	"context"
	"io"
	"testing"
	"testing/synctest"
	"time"

	"github.com/streamctl/streamctl/internal/job"
	"github.com/streamctl/streamctl/internal/operator"
	"github.com/streamctl/streamctl/internal/sinks"
	"github.com/streamctl/streamctl/internal/sources"
	"github.com/streamctl/streamctl/internal/storage"
	"github.com/streamctl/streamctl/internal/vector"
)

// A deafPartition has no rows and ignores its context until it is released.
type deafPartition struct{ release chan struct{} }

func (deafPartition) Task() int   { return 0 }
func (deafPartition) Small() bool { return false }
func (p deafPartition) Open(context.Context) (vector.Reader, error) {
	<-p.release
	return noRows{}, nil
}

type noRows struct{}

func (noRows) Next(context.Context) (*vector.Batch, error) { return nil, io.EOF }
func (noRows) Close() error                                { return nil }

type deafSource struct {
	*fakeSource
	partition deafPartition
}

func (s deafSource) Plan(context.Context, sources.Offset, sources.Offset, *sources.Scan) ([]sources.Partition, error) {
	return []sources.Partition{s.partition}, nil
}
func (deafSource) Recheck(context.Context) ([]sources.Partition, error) { return nil, nil }

// A countingSink counts the batches that were made final.
type countingSink struct{ committed int }

func (*countingSink) Describe() string { return "counting" }
func (*countingSink) Close() error     { return nil }
func (s *countingSink) Begin(context.Context, int64) (sinks.BatchWriter, error) {
	return countedBatch{s}, nil
}

type countedBatch struct{ sink *countingSink }

func (countedBatch) Partition(int, int) (sinks.PartitionWriter, error) { return noWriter{}, nil }
func (b countedBatch) Commit(context.Context, int) error {
	b.sink.committed++
	return nil
}
func (countedBatch) Abort(context.Context) error { return nil }

type noWriter struct{}

func (noWriter) Write(context.Context, *vector.Batch) error { return nil }
func (noWriter) Close(context.Context) error                { return nil }

type noPipeline struct{}

func (noPipeline) Run(context.Context, operator.Partition, []operator.Feed, operator.Emit) error {
	return nil
}

// deafQuery has a batch whose worker ignores cancellation.
func deafQuery(t *testing.T, told *[]string) (*query, *countingSink, chan struct{}) {
	q, src, _ := fakeQuery(t, job.Trigger{}, 0)
	src.latest.Store(1)
	release, sink := make(chan struct{}), &countingSink{}
	q.inputs[0].source, q.sink = deafSource{src, deafPartition{release}}, sink
	q.stages = []*pipelines{{compile: func() (pipeline, error) { return noPipeline{}, nil }}}
	q.env.Notify = func(_, text, hint string) { *told = append(*told, text+"; "+hint) }
	return q, sink, release
}

func TestABatchThatDoesNotStopIsAbandonedAndNeverCommitted(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var told []string
		q, sink, release := deafQuery(t, &told)
		q.stream.Sink.Checkpoint = "c"
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		start := time.Now()
		m := &manager{env: q.env, started: start}
		s, ended, err := m.run(ctx, []runner{fakeRunner{q}})
		if err != nil || ended || s.Reason != Interrupted || time.Since(start) != time.Second+stopGrace+abandonAfter {
			t.Errorf("ended after %v: %+v, %v, %v", time.Since(start), s, ended, err)
		}
		if len(told) != 1 || told[0] != "batch 0 did not stop in time and is left uncommitted; the next run runs it again" {
			t.Errorf("told %q", told)
		}
		close(release)
		synctest.Wait()
		if sink.committed != 0 || q.log.Commits.Latest() == 0 {
			t.Errorf("the abandoned batch was committed")
		}
	})
}

func TestACommitThatIsGoingOnIsToldOfAsSuch(t *testing.T) {
	var told []string
	q, _, _ := deafQuery(t, &told)
	q.activity.Store(&activity{batch: &batch{}})
	if err := q.gate.enter(); err != nil {
		t.Fatal(err)
	}
	q.abandon()
	if len(told) != 1 || told[0] != "batch 0 did not stop in time while it was being committed; the next run looks whether it was, and runs it again if not" {
		t.Errorf("told %q", told)
	}
	q.gate.leave()
	if q.gate.enter() == nil {
		t.Error("a commit began after the query was abandoned")
	}
}

func TestPlanningIsCutOffWithoutAGracePeriod(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	var told []string
	j := fileJob(t.TempDir(), job.AvailableNow)
	j.Streams[0].Steps = []job.Step{job.Filter{Condition: job.Text{Text: "1 = 1"}}}
	m := &manager{env: &Env{FS: storage.OS, Notify: func(_, text, _ string) { told = append(told, text) }}}
	p, reason := m.analyse(ctx, j)
	if p != nil || reason != Interrupted || len(told) != 1 || told[0] != "planning was cut off: no query was started" {
		t.Errorf("%+v, %v, told %q", p, reason, told)
	}
}
