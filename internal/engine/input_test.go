package engine

import (
	"context"
	"fmt"
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"github.com/streamctl/streamctl/internal/checkpoint"
	"github.com/streamctl/streamctl/internal/job"
	"github.com/streamctl/streamctl/internal/sources"
	"github.com/streamctl/streamctl/internal/storage"
	"github.com/streamctl/streamctl/internal/transform"
)

// twoInputs is a query without a plan that reads two sources.
func twoInputs(t *testing.T, trigger job.Trigger) (*query, *fakeSource, *fakeSource, *slowSink) {
	t.Helper()
	q, a, sink := fakeQuery(t, trigger, 0)
	b := &fakeSource{wake: make(chan struct{}, 1)}
	q.inputs = append(q.inputs, &input{source: b, rejects: &rejects{fsys: storage.OS, limit: -1}, spec: &job.Source{}})
	q.inputs[1].opened.Store(&q.inputs[1].source)
	q.plan.Stages[0].Inputs = []int{0, 1}
	q.leaves = append(q.leaves, &leaf{input: q.inputs[1], number: 1, plan: &transform.Input{Source: 1}})
	var err error
	if q.log, err = checkpoint.Open(storage.OS, t.TempDir()); err != nil {
		t.Fatal(err)
	}
	return q, a, b, sink
}

func TestEachInputHasItsOffsetAndItsWakeUp(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		q, a, b, sink := twoInputs(t, job.Trigger{})
		q.conf = map[string]string{}
		var seen []*Progress
		q.env.OnProgress = func(p *Progress) {
			if !p.Idle {
				seen = append(seen, p)
			}
		}
		stop, ended := make(chan struct{}), make(chan error)
		go func() { ended <- q.loop(t.Context(), stop) }()
		for _, s := range []*fakeSource{a, b} {
			time.Sleep(time.Second)
			s.latest.Store(7)
			s.wake <- struct{}{}
			synctest.Wait()
		}
		close(stop)
		if err := <-ended; err != nil {
			t.Fatal(err)
		}
		if want := []string{"1s", "2s"}; !slices.Equal(sink.began, want) {
			t.Errorf("batches at %v, want %v", sink.began, want)
		}
		for id, want := range [][]string{{"7", ""}, {"7", "7"}} {
			logged, err := q.log.Offsets.Get(int64(id))
			if err != nil || !slices.Equal(logged.Offsets, want) {
				t.Errorf("batch %d covers %+v, %v; want %v", id, logged, err, want)
			}
			if got := seen[id].Sources; len(got) != 2 || string(got[0].EndOffset) != "7" || string(got[1].EndOffset) != string(offsetJSON(sources.Offset(want[1]))) {
				t.Errorf("progress of batch %d: %+v", id, got)
			}
		}
	})
}

func TestAQueryIsDoneWhenAllInputsAre(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		q, a, b, _ := twoInputs(t, job.Trigger{Kind: job.AvailableNow})
		a.done, b.done = make(chan struct{}), make(chan struct{})
		ended := make(chan error, 1)
		go func() { ended <- q.loop(t.Context(), nil) }()
		close(a.done)
		synctest.Wait()
		if len(ended) != 0 {
			t.Fatal("the query ended with its first input")
		}
		close(b.done)
		if err := <-ended; err != nil {
			t.Fatal(err)
		}
	})
}

func TestARestartNeedsTheSameNumberOfInputs(t *testing.T) {
	q, _, _, _ := twoInputs(t, job.Trigger{})
	for id, offsets := range [][]string{{"1"}, {"1", "2", "3"}} {
		if err := q.log.Offsets.Add(int64(id), &checkpoint.OffsetSeq{Offsets: offsets}); err != nil {
			t.Fatal(err)
		}
		want := fmt.Sprintf("assertion failed: There are [%d] sources in the checkpoint offsets and now there are [2] sources requested by the query. Cannot continue.", len(offsets))
		if err := q.recover(context.Background()); err == nil || err.Error() != want {
			t.Errorf("%d sources: error %v", len(offsets), err)
		}
	}
}

// A numbered partition belongs to one of Spark's tasks.
type numbered struct {
	sources.Partition
	task int
}

func (n numbered) Task() int { return n.task }

func TestTasksOfSeveralInputsFollowEachOther(t *testing.T) {
	q, b := &query{leaves: make([]*leaf, 2)}, &batch{}
	var got []int
	for input, tasks := range [][]int{{0, 0, 1}, {0, 1}, {}} {
		parts := make([]sources.Partition, len(tasks))
		for i, task := range tasks {
			parts[i] = numbered{task: task}
		}
		for _, p := range q.numbered(b, input%2, parts) {
			got = append(got, p.task)
		}
	}
	// a file of the first input has grown meanwhile
	got = append(got, q.numbered(b, 0, []sources.Partition{numbered{task: 2}})[0].task)
	if want := []int{0, 0, 1, 2, 3, 4}; !slices.Equal(got, want) {
		t.Errorf("tasks %v, want %v", got, want)
	}
}
