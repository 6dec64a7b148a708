package expr

import (
	"context"
	"sync/atomic"
)

// A Stop tells evaluations in progress that their results are not wanted any more. A nil *Stop never stops.
type Stop struct{ stopped atomic.Bool }

// StopWith returns a Stop that takes effect when ctx ends, and a function that ends the watch.
func StopWith(ctx context.Context) (*Stop, func() bool) {
	s := &Stop{}
	if ctx.Err() != nil {
		s.stopped.Store(true)
	}
	return s, context.AfterFunc(ctx, func() { s.stopped.Store(true) })
}

// Err is context.Canceled once evaluation has to stop. It costs one load.
func (s *Stop) Err() error {
	if s != nil && s.stopped.Load() {
		return context.Canceled
	}
	return nil
}

// Pace is how many steps a loop may take between two looks at the Stop.
const Pace = 4096

// Steps counts the steps of loops whose length data decides, so that they look at a Stop now and then.
type Steps struct {
	Stop *Stop
	left int
}

// Take counts n steps. Once evaluation has to stop it panics with a Halt, so that loops deep in a computation need no error of their
// own.
func (s *Steps) Take(n int) {
	if s.left -= n; s.left <= 0 {
		s.look()
	}
}

func (s *Steps) look() {
	s.left = Pace
	if err := s.Stop.Err(); err != nil {
		panic(Halt{err})
	}
}

// A Halt is the value of a panic that ends an evaluation: package eval returns its error.
type Halt struct{ Err error }
