package expr

import (
	"context"
	"iter"
	"sync/atomic"
)

// A Stop tells running evaluations that their results are no longer wanted. A nil *Stop never stops.
type Stop struct {
	state atomic.Int32
	look  func() error // called in state asking
}

// The states of a Stop.
const (
	running int32 = iota
	stopped
	asking
)

// StopWhen returns a Stop that calls look at every check. Tests use it to count how often evaluations check.
func StopWhen(look func() error) *Stop {
	s := &Stop{look: look}
	s.state.Store(asking)
	return s
}

// StopWith returns a Stop that takes effect when ctx ends, and a function that stops watching ctx.
func StopWith(ctx context.Context) (*Stop, func() bool) {
	s := &Stop{}
	if ctx.Err() != nil {
		s.state.Store(stopped)
	}
	return s, context.AfterFunc(ctx, func() { s.state.Store(stopped) })
}

// Err returns context.Canceled once evaluation has to stop. It costs one atomic load.
func (s *Stop) Err() error {
	if s != nil && s.state.Load() != running {
		return s.answer()
	}
	return nil
}

func (s *Stop) answer() error {
	if s.look != nil {
		return s.look()
	}
	return context.Canceled
}

// Pace is the maximum number of steps that a loop may take between two checks of the Stop.
const Pace = 4096

// Steps counts the steps of loops whose length depends on data, so that they check a Stop periodically.
type Steps struct {
	Stop *Stop
	left int
}

// Take counts n steps. Once evaluation has to stop it panics with a Halt, so that loops deep in a computation need no error
// result.
func (s *Steps) Take(n int) {
	if s.left -= n; s.left <= 0 {
		s.look()
	}
}

// Chunk is the maximum number of bytes that a loop over a string may process between two checks of the Stop.
const Chunk = 1 << 16

// Chunks splits a string into pieces of Chunk bytes, rounded down to a multiple of unit, and checks the Stop between them.
// The last piece may be empty.
func (s *Steps) Chunks(text []byte, unit int) iter.Seq[[]byte] {
	return func(yield func(piece []byte) bool) {
		for size := Chunk / unit * unit; len(text) > size; text = text[size:] {
			if !yield(text[:size]) {
				return
			}
			s.look()
		}
		yield(text)
	}
}

func (s *Steps) look() {
	s.left = Pace
	if err := s.Stop.Err(); err != nil {
		panic(Halt{err})
	}
}

// A Halt is the panic value that ends an evaluation: package eval returns its error.
type Halt struct{ Err error }

// Halting calls work and returns its error, or that of a Halt.
func Halting(work func() error) (err error) {
	defer func() {
		switch p := recover().(type) {
		case nil:
		case Halt:
			err = p.Err
		default:
			panic(p)
		}
	}()
	return work()
}
