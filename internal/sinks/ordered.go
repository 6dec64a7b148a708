package sinks

import (
	"context"
	"sync"
)

const (
	flushBytes  = 256 << 10 // what a partition writes at a time
	aheadBytes  = 4 << 20   // what a partition may hold back until it is due
	behindBytes = 32 << 20  // what all closed partitions that are not due may hold back together
)

// An ordered writer lets partitions that are encoded side by side come out one after the other. The partition that is due
// streams through; others hold their bytes back, within bounds, and then wait.
type ordered struct {
	write func(p []byte) error

	mu     sync.Mutex
	turn   *sync.Cond
	due    int            // partition whose bytes come out now
	closed map[int][]byte // partitions closed before they were due
	held   int            // bytes in closed
	err    error
}

func newOrdered(write func(p []byte) error) *ordered {
	o := &ordered{write: write, closed: map[int][]byte{}}
	o.turn = sync.NewCond(&o.mu)
	return o
}

// stop ends all waiting; writers get err.
func (o *ordered) stop(err error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.err == nil {
		o.err = err
	}
	o.turn.Broadcast()
}

// release writes buf, the next bytes of partition i, if it is due, and gives back what remains to be kept. A partition that
// may not hold more waits until it is due.
func (o *ordered) release(ctx context.Context, i int, buf []byte) ([]byte, error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	if i != o.due && len(buf) < aheadBytes {
		return buf, o.err
	}
	if err := o.await(ctx, i); err != nil {
		return buf, err
	}
	return buf[:0], o.out(buf)
}

// close takes the last bytes of partition i. Bytes that are not due are kept, until there are too many.
func (o *ordered) close(ctx context.Context, i int, buf []byte) error {
	o.mu.Lock()
	defer o.mu.Unlock()
	if i != o.due && o.held+len(buf) <= behindBytes {
		o.closed[i] = buf
		o.held += len(buf)
		return o.err
	}
	if err := o.await(ctx, i); err != nil {
		return err
	}
	if err := o.out(buf); err != nil {
		return err
	}
	o.due++
	for {
		next, ok := o.closed[o.due]
		if !ok {
			break
		}
		delete(o.closed, o.due)
		o.held -= len(next)
		if err := o.out(next); err != nil {
			return err
		}
		o.due++
	}
	o.turn.Broadcast()
	return nil
}

// await blocks until partition i is due.
func (o *ordered) await(ctx context.Context, i int) error {
	if i == o.due || o.err != nil {
		return o.err
	}
	stop := context.AfterFunc(ctx, func() {
		o.mu.Lock()
		defer o.mu.Unlock()
		o.turn.Broadcast()
	})
	defer stop()
	for i != o.due && o.err == nil && ctx.Err() == nil {
		o.turn.Wait()
	}
	if o.err != nil {
		return o.err
	}
	return ctx.Err()
}

// out writes while the lock is held: only the due partition gets here, so nobody waits for it in vain.
func (o *ordered) out(buf []byte) error {
	if len(buf) > 0 && o.err == nil {
		o.err = o.write(buf)
		if o.err != nil {
			o.turn.Broadcast()
		}
	}
	return o.err
}
