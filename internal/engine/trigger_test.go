package engine

import (
	"context"
	"fmt"
	"slices"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/streamctl/streamctl/internal/checkpoint"
	"github.com/streamctl/streamctl/internal/job"
	"github.com/streamctl/streamctl/internal/sinks"
	"github.com/streamctl/streamctl/internal/sources"
	"github.com/streamctl/streamctl/internal/storage"
	"github.com/streamctl/streamctl/internal/transform"
)

// A fakeSource has as many offsets as a test says.
type fakeSource struct {
	sources.Source
	latest atomic.Int64
	wake   chan struct{}
	done   chan struct{}
}

func (f *fakeSource) Describe() string { return "fake" }

func (f *fakeSource) LatestOffset(_ context.Context, from sources.Offset, _ bool) (sources.Offset, error) {
	if f.latest.Load() == 0 {
		return from, nil
	}
	return sources.Offset(fmt.Sprint(f.latest.Load())), nil
}

func (f *fakeSource) Plan(context.Context, sources.Offset, sources.Offset, *sources.Scan) ([]sources.Partition, error) {
	return nil, nil
}
func (f *fakeSource) Commit(context.Context, sources.Offset) error { return nil }
func (f *fakeSource) FreezeEnd(context.Context) error              { return nil }
func (f *fakeSource) Wake() <-chan struct{}                        { return f.wake }
func (f *fakeSource) Done() <-chan struct{}                        { return f.done }

// A slowSink takes a while to commit and notes when batches began.
type slowSink struct {
	takes atomic.Int64
	start time.Time
	began []string
}

func (s *slowSink) Describe() string { return "slow" }
func (s *slowSink) Close() error     { return nil }
func (s *slowSink) Begin(context.Context, int64) (sinks.BatchWriter, error) {
	s.began = append(s.began, time.Since(s.start).String())
	return slowBatch{s}, nil
}

type slowBatch struct{ sink *slowSink }

func (slowBatch) Partition(int, int) (sinks.PartitionWriter, error) { return nil, nil }
func (b slowBatch) Commit(ctx context.Context, _ int) error {
	select {
	case <-time.After(time.Duration(b.sink.takes.Load())):
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}
func (slowBatch) Abort(context.Context) error { return nil }

// fakeQuery is a query without a plan.
func fakeQuery(t *testing.T, trigger job.Trigger, takes time.Duration) (*query, *fakeSource, *slowSink) {
	t.Helper()
	env := Env{}.withDefaults()
	src := &fakeSource{wake: make(chan struct{}, 1)}
	sink := &slowSink{start: time.Now()}
	sink.takes.Store(int64(takes))
	q := &query{
		inputs: []*input{{source: src, rejects: &rejects{fsys: storage.OS, limit: -1}, spec: &job.Source{}}},
		job:    &job.Job{}, stream: &job.Stream{Sink: job.Sink{Trigger: trigger}}, env: &env, pool: newPool(1), sink: sink, log: checkpoint.InMemory(),
		plan: &transform.Plan{Stages: []*transform.Stage{{Inputs: []int{0}}}},
	}
	q.inputs[0].opened.Store(&q.inputs[0].source)
	q.leaves = []*leaf{{input: q.inputs[0], plan: &transform.Input{}}}
	q.times.lastProgress = time.Now()
	return q, src, sink
}

func TestProcessingTimeRunsOnTheGrid(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		time.Sleep(1500 * time.Millisecond) // the fake clock starts at a whole second
		q, src, sink := fakeQuery(t, job.Trigger{Kind: job.ProcessingTime, Interval: 3 * time.Second}, 100*time.Millisecond)
		src.latest.Store(1)
		stop := make(chan struct{})
		ended := make(chan error)
		go func() { ended <- q.loop(t.Context(), stop) }()
		steps := []struct {
			at    time.Duration // since the start, at 1.5 s
			takes time.Duration
		}{{2 * time.Second, 100 * time.Millisecond}, {6500 * time.Millisecond, 7 * time.Second}, {8 * time.Second, 0}}
		at := time.Duration(0)
		for i, s := range steps {
			time.Sleep(s.at - at)
			at = s.at
			synctest.Wait()
			src.latest.Store(int64(i + 2))
			sink.takes.Store(int64(s.takes))
		}
		time.Sleep(20 * time.Second)
		close(stop)
		if err := <-ended; err != nil {
			t.Fatal(err)
		}
		// At once, then at 4.5 s, then at 7.5 s for 7 s. 14.5 s is behind the grid's 10.5 s: a look at once.
		want := []string{"0s", "4.5s", "7.5s", "14.5s"}
		if !slices.Equal(sink.began, want) {
			t.Errorf("batches at %v, want %v", sink.began, want)
		}
	})
}

func TestDefaultTriggerRunsOnWakeUps(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		q, src, sink := fakeQuery(t, job.Trigger{}, 0)
		idle := 0
		q.env.OnProgress = func(p *Progress) {
			if p.Idle {
				idle++
			}
		}
		stop := make(chan struct{})
		ended := make(chan error)
		go func() { ended <- q.loop(t.Context(), stop) }()
		time.Sleep(25 * time.Second)
		synctest.Wait()
		src.latest.Store(1)
		src.wake <- struct{}{}
		synctest.Wait()
		close(stop)
		if err := <-ended; err != nil {
			t.Fatal(err)
		}
		if !slices.Equal(sink.began, []string{"25s"}) || idle != 2 {
			t.Errorf("batches at %v, %d idle events", sink.began, idle)
		}
	})
}

func TestOnceRunsOneBatch(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		q, src, sink := fakeQuery(t, job.Trigger{Kind: job.Once}, 0)
		src.latest.Store(1)
		if err := q.loop(t.Context(), nil); err != nil || len(sink.began) != 1 {
			t.Errorf("batches at %v, %v", sink.began, err)
		}
	})
}

func TestStopWaitsForTheBatchAndThenCancelsIt(t *testing.T) {
	for takes, want := range map[time.Duration]time.Duration{4 * time.Second: 4 * time.Second, time.Minute: time.Second + stopGrace} {
		synctest.Test(t, func(t *testing.T) {
			q, src, _ := fakeQuery(t, job.Trigger{}, takes)
			src.latest.Store(1)
			ctx, cancel := context.WithTimeout(t.Context(), time.Second)
			defer cancel()
			start := time.Now()
			m := &manager{env: q.env, started: start}
			s, ended, err := m.run(ctx, []runner{fakeRunner{q}})
			if err != nil || !ended || s.Reason != Interrupted || time.Since(start) != want {
				t.Errorf("a batch of %v: ended after %v, %+v, %v", takes, time.Since(start), s, err)
			}
			if committed := q.log.Commits.Latest() == 0; committed != (takes < stopGrace) {
				t.Errorf("a batch of %v: committed %v", takes, committed)
			}
		})
	}
}

// A fakeRunner runs only the loop of a query.
type fakeRunner struct{ q *query }

func (f fakeRunner) run(ctx context.Context, stop <-chan struct{}) error { return f.q.loop(ctx, stop) }
func (f fakeRunner) summaries() []StreamSummary                          { return f.q.summaries() }
func (f fakeRunner) abandon()                                            { f.q.abandon() }

func TestIntervalsAreMultiplesOfTheirLength(t *testing.T) {
	for ms, want := range map[int64]int64{0: 3000, 1: 3000, 2999: 3000, 3000: 6000} {
		if got := nextMultiple(time.UnixMilli(ms), 3*time.Second).UnixMilli(); got != want {
			t.Errorf("after %d ms: %d, want %d", ms, got, want)
		}
	}
}
