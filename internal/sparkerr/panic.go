package sparkerr

import (
	"fmt"
	"runtime/debug"
)

// A Panic is the cause of an error that was created from a recovered panic.
type Panic struct {
	Value any
	Stack []byte // stack trace of the goroutine
}

func (p *Panic) Error() string { return fmt.Sprint(p.Value) }

// Caught calls work and converts a panic to an INTERNAL_ERROR whose cause is a *Panic. This confines a bug to
// the query it occurs in. A panic that only ends work early (halt.Panic) becomes its error. All goroutines of a query run in Caught.
func Caught(work func() error) (err error) {
	defer func() {
		if v := recover(); v != nil {
			if h, early := v.(interface{ Ends() error }); early {
				err = h.Ends()
				return
			}
			err = panicked(v)
		}
	}()
	return work()
}

// panicked returns the error for a recovered value. An error from Caught that was raised again in another
// goroutine is returned unchanged.
func panicked(v any) error {
	if e, ok := v.(*Error); ok {
		if _, again := e.Cause.(*Panic); again { //nolint:errorlint // created below, never wrapped
			return e
		}
	}
	p := &Panic{v, debug.Stack()}
	e := Internal("internal error, please report it: %s", p)
	e.Cause = p
	return e.WithHint("-vv writes to a file where in the program it happened; add that to the report")
}
