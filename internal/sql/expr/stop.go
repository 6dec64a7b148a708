package expr

import (
	"context"
	"iter"
	"sync/atomic"
)

// A Stop tells evaluations in progress that their results are not wanted any more. A nil *Stop never stops.
type Stop struct {
	state atomic.Int32
	look  func() error // answers in state asking
}

// The states of a Stop.
const (
	running int32 = iota
	stopped
	asking
)

// StopWhen returns a Stop that asks look at every look at it. Tests count so how often evaluations look.
func StopWhen(look func() error) *Stop {
	s := &Stop{look: look}
	s.state.Store(asking)
	return s
}

// StopWith returns a Stop that takes effect when ctx ends, and a function that ends the watch.
func StopWith(ctx context.Context) (*Stop, func() bool) {
	s := &Stop{}
	if ctx.Err() != nil {
		s.state.Store(stopped)
	}
	return s, context.AfterFunc(ctx, func() { s.state.Store(stopped) })
}

// Err is context.Canceled once evaluation has to stop. It costs one load.
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

// Chunk is how many bytes a loop over a text may take between two looks at the Stop.
const Chunk = 1 << 16

// Chunks cuts a text into pieces of Chunk bytes or some less, a multiple of unit, and looks at the Stop between them. The last
// piece may be empty.
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

// A Halt is the value of a panic that ends an evaluation: package eval returns its error.
type Halt struct{ Err error }

// Halting returns the error of work, which a Halt may end.
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
