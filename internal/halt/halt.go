// Package halt ends work in progress whose result is not wanted any more: loops whose length data decides count their steps and look now and
// then at what tells them to stop. It lies below all packages that have such loops.
package halt

import (
	"context"
	"iter"
	"sync/atomic"
)

// A Stopper tells, by an error, that work has to stop: a *Flag or a context.Context. Err is called by one goroutine of many.
type Stopper interface{ Err() error }

// A Flag is a Stopper whose Err costs one load. A nil *Flag never stops.
type Flag struct {
	state atomic.Int32
	look  func() error // answers in state asking
}

// The states of a Flag.
const (
	running int32 = iota
	stopped
	asking
)

// When returns a Flag that calls look whenever it is polled. Tests use it to count how often loops poll.
func When(look func() error) *Flag {
	f := &Flag{look: look}
	f.state.Store(asking)
	return f
}

// With returns a Flag that takes effect when ctx ends, and a function that stops watching ctx.
func With(ctx context.Context) (*Flag, func() bool) {
	f := &Flag{}
	if ctx.Err() != nil {
		f.state.Store(stopped)
	}
	return f, context.AfterFunc(ctx, func() { f.state.Store(stopped) })
}

// Err is context.Canceled once work has to stop.
func (f *Flag) Err() error {
	if f != nil && f.state.Load() != running {
		return f.answer()
	}
	return nil
}

func (f *Flag) answer() error {
	if f.look != nil {
		return f.look()
	}
	return context.Canceled
}

// Pace is how many steps a loop may take between two looks.
const Pace = 4096

// Steps counts the steps of loops whose length data decides, so that they look at a Stopper now and then.
type Steps struct {
	Stop Stopper // nil: never stops
	left int
}

// Take counts n steps. Once work has to stop it panics with a Panic, so that loops deep in a computation need no error result.
func (s *Steps) Take(n int) {
	if s.left -= n; s.left <= 0 {
		s.Look()
	}
}

// Look polls the Stopper immediately.
func (s *Steps) Look() {
	s.left = Pace
	if s.Stop == nil {
		return
	}
	if err := s.Stop.Err(); err != nil {
		panic(Panic{err})
	}
}

// Chunk is how many bytes a loop over a text may take between two looks.
const Chunk = 1 << 16

// Chunks cuts a text into pieces of Chunk bytes or some less, a multiple of unit, and looks at the Stopper between them. The last
// piece may be empty.
func (s *Steps) Chunks(text []byte, unit int) iter.Seq[[]byte] {
	return func(yield func(piece []byte) bool) {
		for size := Chunk / unit * unit; len(text) > size; text = text[size:] {
			if !yield(text[:size]) {
				return
			}
			s.Look()
		}
		yield(text)
	}
}

// A Panic is the value of a panic that ends work with an error, which Catch returns.
type Panic struct{ Err error }

// Ends is the error that the panic ends work with; sparkerr.Caught asks for it.
func (p Panic) Ends() error { return p.Err }

// Catch returns the error of work, which a Panic may end.
func Catch(work func() error) (err error) {
	defer func() {
		switch p := recover().(type) {
		case nil:
		case Panic:
			err = p.Err
		default:
			panic(p)
		}
	}()
	return work()
}
