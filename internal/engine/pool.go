package engine

import (
	"context"
	"sync"

	"github.com/streamctl/streamctl/internal/sparkerr"
)

// A pool bounds how many partitions are worked on at the same time in the process, whatever query they belong to.
type pool struct{ tokens chan struct{} }

func newPool(workers int) *pool { return &pool{make(chan struct{}, workers)} }

// A taskFunc prepares partition i and returns the function that processes it. It is called for i = 0, 1, … in this order.
type taskFunc func(i int) (work func(ctx context.Context) error, err error)

// run works on n partitions. They start in ascending order. When one fails, those after it are cancelled and those before
// it end as usual, so that the error is the one that a single worker would have met first.
func (p *pool) run(ctx context.Context, n int, inline bool, start taskFunc) error {
	b := &batchRun{pool: p, n: n, start: start, failedAt: n, cancels: map[int]context.CancelFunc{}}
	workers := min(cap(p.tokens), n)
	if inline || workers <= 1 {
		b.work(ctx)
		return b.err
	}
	var wg sync.WaitGroup
	for range workers - 1 {
		wg.Go(func() { b.work(ctx) })
	}
	b.work(ctx)
	wg.Wait()
	return b.err
}

// A batchRun is the work on the partitions of one batch.
type batchRun struct {
	pool  *pool
	n     int
	start taskFunc

	mu       sync.Mutex
	next     int
	failedAt int
	err      error
	cancels  map[int]context.CancelFunc
}

// work processes partitions until none are left.
func (b *batchRun) work(ctx context.Context) {
	for {
		// The token comes first: a partition that was taken is worked on at once, so none waits for one that does not run.
		select {
		case b.pool.tokens <- struct{}{}:
		case <-ctx.Done():
			b.fail(b.n-1, ctx.Err())
			return
		}
		more := b.one(ctx)
		<-b.pool.tokens
		if !more {
			return
		}
	}
}

// one works on the next partition; false when there is none.
func (b *batchRun) one(ctx context.Context) bool {
	i, work, ctx := b.take(ctx)
	if work == nil {
		return false
	}
	err := sparkerr.Caught(func() error { return work(ctx) })
	b.mu.Lock()
	b.cancels[i]()
	delete(b.cancels, i)
	b.mu.Unlock()
	if err != nil {
		b.fail(i, err)
		return false
	}
	return true
}

// take prepares the next partition; there is no work when none is left, or it cannot start.
func (b *batchRun) take(ctx context.Context) (int, func(context.Context) error, context.Context) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.next >= b.n || b.err != nil {
		return 0, nil, ctx
	}
	i := b.next
	b.next++
	var work func(context.Context) error
	err := sparkerr.Caught(func() (err error) {
		work, err = b.start(i)
		return err
	})
	if err != nil {
		b.failLocked(i, err)
		return i, nil, ctx
	}
	ctx, b.cancels[i] = context.WithCancel(ctx)
	return i, work, ctx
}

func (b *batchRun) fail(i int, err error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.failLocked(i, err)
}

// failLocked keeps the error of the lowest partition and cancels the work on higher ones.
func (b *batchRun) failLocked(i int, err error) {
	if i >= b.failedAt {
		return
	}
	b.failedAt, b.err = i, err
	for j, cancel := range b.cancels {
		if j > i {
			cancel()
		}
	}
}
