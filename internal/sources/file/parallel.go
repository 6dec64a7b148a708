package file

import (
	"runtime"
	"sync"
	"sync/atomic"

	"github.com/streamctl/streamctl/internal/sparkerr"
)

// inParallel calls f for 0 … n-1, from several goroutines when there are many. It panics when f does.
func inParallel(n int, f func(i int)) {
	const step = 256
	var next atomic.Int64
	work := func() error {
		for {
			to := int(next.Add(step))
			for i := to - step; i < min(to, n); i++ {
				f(i)
			}
			if to >= n {
				return nil
			}
		}
	}
	var others sync.WaitGroup
	var broken atomic.Pointer[error]
	for range min(runtime.GOMAXPROCS(0), n/step) - 1 {
		others.Go(func() {
			if err := sparkerr.Caught(work); err != nil {
				broken.Store(&err)
			}
		})
	}
	err := sparkerr.Caught(work)
	others.Wait()
	if other := broken.Load(); err == nil && other != nil {
		err = *other
	}
	if err != nil {
		panic(err)
	}
}
