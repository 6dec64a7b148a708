package engine

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"testing"
	"time"
)

func TestPartitionsStartInOrderAndEachOnce(t *testing.T) {
	for _, workers := range []int{1, 2, 8} {
		var mu sync.Mutex
		var started, done []int
		err := newPool(workers).run(context.Background(), 50, false, func(i int) (func(context.Context) error, error) {
			started = append(started, i)
			return func(context.Context) error {
				mu.Lock()
				defer mu.Unlock()
				done = append(done, i)
				return nil
			}, nil
		})
		if err != nil || !slices.IsSorted(started) || len(started) != 50 || len(done) != 50 {
			t.Errorf("%d workers: started %v, done %v, %v", workers, started, done, err)
		}
	}
}

// TestTheLowestPartitionsErrorWins has a later partition fail first: the error must be that of the earlier one all the same.
func TestTheLowestPartitionsErrorWins(t *testing.T) {
	waiting, failed, cancelled := make(chan struct{}), make(chan struct{}), make(chan struct{})
	err := newPool(4).run(context.Background(), 10, false, func(i int) (func(context.Context) error, error) {
		return func(ctx context.Context) error {
			switch i {
			case 1:
				<-failed
				time.Sleep(10 * time.Millisecond)
				if ctx.Err() != nil {
					return errors.New("cancelled by a later partition")
				}
				return errors.New("error 1")
			case 2:
				<-waiting
				close(failed)
				return errors.New("error 2")
			case 3:
				close(waiting)
				<-ctx.Done()
				close(cancelled)
				return ctx.Err()
			}
			return nil
		}, nil
	})
	if fmt.Sprint(err) != "error 1" {
		t.Errorf("error %v", err)
	}
	<-cancelled
}

func TestAPartitionThatCannotStartFailsTheBatch(t *testing.T) {
	ran := 0
	err := newPool(1).run(context.Background(), 3, true, func(i int) (func(context.Context) error, error) {
		if i == 1 {
			return nil, errors.New("no room")
		}
		return func(context.Context) error { ran++; return nil }, nil
	})
	if fmt.Sprint(err) != "no room" || ran != 1 {
		t.Errorf("error %v after %d partitions", err, ran)
	}
}

func TestACancelledBatchEnds(t *testing.T) {
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	p := newPool(1)
	p.tokens <- struct{}{} // another query is at work
	err := p.run(ctx, 2, true, func(int) (func(context.Context) error, error) { return nil, errors.New("started") })
	if !errors.Is(err, context.Canceled) {
		t.Errorf("error %v", err)
	}
}
