package sparkerr

import (
	"fmt"
	"runtime/debug"
)

// A Panic is the cause of the error that a bug in the program became.
type Panic struct {
	Value any
	Stack []byte // of the goroutine, as the runtime prints it
}

func (p *Panic) Error() string { return fmt.Sprint(p.Value) }

// Caught is the error of work. A panic in it, of whatever layer below, becomes an INTERNAL_ERROR with a *Panic as its cause: a bug
// fails the query it happens in and leaves the others alone. Every goroutine of a query runs in it.
func Caught(work func() error) (err error) {
	defer func() {
		if v := recover(); v != nil {
			err = panicked(v)
		}
	}()
	return work()
}

// panicked is the error of a recovered value. An error that Caught made, raised again in another goroutine, stays as it is.
func panicked(v any) error {
	if e, ok := v.(*Error); ok {
		if _, again := e.Cause.(*Panic); again { //nolint:errorlint // made here, never wrapped
			return e
		}
	}
	p := &Panic{v, debug.Stack()}
	e := Internal("internal error, please report it: %s", p)
	e.Cause = p
	return e.WithHint("-vv writes to a file where in the program it happened; add that to the report")
}
