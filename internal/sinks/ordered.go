package sinks

import (
	"bytes"
	"context"
	"sync"

	"github.com/streamctl/streamctl/internal/memory"
	"github.com/streamctl/streamctl/internal/sparkerr"
)

const (
	flushBytes  = 256 << 10 // amount that a partition writes at a time
	aheadBytes  = 24 << 20  // limit of what a partition may buffer until it is due
	behindBytes = 32 << 20  // limit of what all partitions that are not due may buffer together
	spareBytes  = 4 << 20   // largest buffer that is reused
)

// An ordered writer writes concurrently encoded partitions one after another. The bytes of the partition that is due are
// written directly; other partitions buffer their bytes up to a limit and then wait. Buffers are recycled: a partition passes
// one on and gets another.
type ordered struct {
	write func(p []byte) error

	writing sync.Mutex // held while the partition that is due writes; locked before mu

	mu       sync.Mutex
	turn     *sync.Cond
	due      int              // partition that is written now
	backlogs map[int]*backlog // buffered bytes of partitions that are not due
	held     int              // total number of buffered bytes
	free     [][]byte         // buffers for reuse
	err      error

	memory memory.Holding // buffered bytes, and the buffers of the tasks
}

// A backlog holds the buffered bytes of one partition.
type backlog struct {
	buffers [][]byte
	bytes   int
	closed  bool
}

func newOrdered(write func(p []byte) error) *ordered {
	o := &ordered{write: write, backlogs: map[int]*backlog{}}
	o.turn = sync.NewCond(&o.mu)
	return o
}

// stop ends all waiting; writers return err.
func (o *ordered) stop(err error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.fail(err)
	o.memory.Release()
}

// count records that a buffer of counted bytes now has n.
func (o *ordered) count(counted *int, n int) error {
	if n == *counted || !memory.Limited() {
		return nil
	}
	o.mu.Lock()
	defer o.mu.Unlock()
	if err := o.hold(n - *counted); err != nil {
		return tooLarge("rows that wait to be written", err)
	}
	*counted = n
	return nil
}

// hold reserves n more bytes, or releases some if n is negative.
func (o *ordered) hold(n int) error { return o.memory.Hold(max(int(o.memory.Bytes())+n, 0)) }

// tooLarge returns the error for data that exceeds the memory limit.
func tooLarge(what string, err error) *sparkerr.Error {
	e := sparkerr.Plain("%s: %s", what, err).WithHint("%s", memory.Remedy())
	e.Cause = err
	return e
}

func (o *ordered) fail(err error) {
	if o.err == nil {
		o.err = err
	}
	o.turn.Broadcast()
}

// buffer returns an empty buffer.
func (o *ordered) buffer() []byte {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.takeFree()
}

func (o *ordered) takeFree() []byte {
	n := len(o.free)
	if n == 0 {
		return nil
	}
	b := o.free[n-1]
	o.free = o.free[:n-1]
	return b[:0]
}

// release passes on buf, the next bytes of partition i, and returns an empty buffer. A partition that has reached its
// buffering limit waits until it is due.
func (o *ordered) release(ctx context.Context, i int, buf []byte) ([]byte, error) {
	o.mu.Lock()
	if i != o.due && o.mayKeep(i, len(buf), memory.Share(aheadBytes, 8)) {
		defer o.mu.Unlock()
		o.keep(i, buf)
		return o.takeFree(), o.err
	}
	err := o.await(ctx, i)
	o.mu.Unlock()
	if err != nil {
		return buf, err
	}
	err = o.out(i, buf)
	if cap(buf) > memory.Share(spareBytes, 32) {
		buf = nil
	}
	return buf[:0], err
}

// close passes on the last bytes of partition i. Bytes that are not due are buffered up to the limit.
func (o *ordered) close(ctx context.Context, i int, buf []byte) error {
	o.mu.Lock()
	if i != o.due && o.mayKeep(i, len(buf), memory.Share(behindBytes, 6)) {
		defer o.mu.Unlock()
		if len(buf) < cap(buf)/4 { // small partitions do not keep large buffers
			o.free = append(o.free, buf)
			buf = bytes.Clone(buf)
		}
		o.keep(i, buf).closed = true
		return o.err
	}
	err := o.await(ctx, i)
	o.mu.Unlock()
	for done := true; done && err == nil; done = o.next() {
		err = o.out(o.due, buf)
		o.recycle(buf)
		buf = nil
	}
	return err
}

// mayKeep reports whether partition i may buffer n more bytes, within the given total limit, and reserves them.
func (o *ordered) mayKeep(i, n, limit int) bool {
	own := 0
	if k := o.backlogs[i]; k != nil {
		own = k.bytes
	}
	return own+n < limit && o.held+n <= memory.Share(behindBytes, 6) && o.hold(n) == nil
}

func (o *ordered) keep(i int, buf []byte) *backlog {
	k := o.backlogs[i]
	if k == nil {
		k = &backlog{}
		o.backlogs[i] = k
	}
	if len(buf) > 0 {
		k.buffers = append(k.buffers, buf)
		k.bytes += len(buf)
		o.held += len(buf)
	}
	return k
}

// next makes the next partition due and reports whether it has already closed.
func (o *ordered) next() (closed bool) {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.due++
	o.turn.Broadcast()
	k := o.backlogs[o.due]
	return k != nil && k.closed
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

// out writes the buffered bytes of the due partition, then buf. Other partitions can continue meanwhile.
func (o *ordered) out(i int, buf []byte) error {
	o.writing.Lock()
	defer o.writing.Unlock()
	o.mu.Lock()
	err, k := o.err, o.backlogs[i]
	if k != nil {
		delete(o.backlogs, i)
		o.held -= k.bytes
		_ = o.hold(-k.bytes)
	}
	o.mu.Unlock()
	if k != nil {
		for _, b := range k.buffers {
			if err == nil {
				err = o.write(b)
			}
			o.recycle(b)
		}
	}
	if err == nil && len(buf) > 0 {
		err = o.write(buf)
	}
	if err != nil {
		o.stop(err)
	}
	return err
}

func (o *ordered) recycle(buf []byte) {
	if n := cap(buf); n == 0 || n > memory.Share(spareBytes, 32) {
		return
	}
	o.mu.Lock()
	defer o.mu.Unlock()
	o.free = append(o.free, buf)
}
