package sinks

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"
)

func TestPartitionsAreWrittenInOrderWhateverTheirSpeed(t *testing.T) {
	var out bytes.Buffer
	o := newOrdered(func(p []byte) error { _, err := out.Write(p); return err })
	const partitions, pieces = 20, 30
	var want bytes.Buffer
	var workers sync.WaitGroup
	next := make(chan int)
	for range 4 {
		workers.Go(func() {
			ctx := context.Background()
			for i := range next {
				var buf []byte
				for k := range pieces {
					buf = fmt.Appendf(buf, "%d.%d %s\n", i, k, strings.Repeat("x", 1000*(partitions-i)))
					var err error
					if buf, err = o.release(ctx, i, buf); err != nil {
						t.Error(err)
					}
				}
				if err := o.close(ctx, i, buf); err != nil {
					t.Error(err)
				}
			}
		})
	}
	for i := range partitions {
		for k := range pieces {
			fmt.Fprintf(&want, "%d.%d %s\n", i, k, strings.Repeat("x", 1000*(partitions-i)))
		}
		next <- i
	}
	close(next)
	workers.Wait()
	if !bytes.Equal(out.Bytes(), want.Bytes()) {
		t.Error("the output is not in order")
	}
}

func TestPartitionThatBuffersTooMuchWaits(t *testing.T) {
	o := newOrdered(func([]byte) error { return nil })
	ctx, cancel := context.WithCancel(context.Background())
	waiting := make(chan error)
	go func() {
		_, err := o.release(ctx, 1, make([]byte, aheadBytes))
		waiting <- err
	}()
	cancel()
	if err := <-waiting; !errors.Is(err, context.Canceled) {
		t.Errorf("got %v", err)
	}
	go func() {
		_, err := o.release(context.Background(), 1, make([]byte, aheadBytes))
		waiting <- err
	}()
	o.stop(errAborted)
	if err := <-waiting; !errors.Is(err, errAborted) {
		t.Errorf("got %v", err)
	}
}

func TestWriteErrorReachesEveryPartition(t *testing.T) {
	broken := errors.New("broken")
	o := newOrdered(func([]byte) error { return broken })
	ctx := context.Background()
	if err := o.close(ctx, 1, []byte("b")); err != nil {
		t.Errorf("not due yet: %v", err)
	}
	if err := o.close(ctx, 0, []byte("a")); !errors.Is(err, broken) {
		t.Errorf("due: %v", err)
	}
	if err := o.close(ctx, 2, []byte("c")); !errors.Is(err, broken) {
		t.Errorf("after: %v", err)
	}
}
