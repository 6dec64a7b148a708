package cli

import (
	"errors"
	"fmt"
	"syscall"

	"github.com/streamctl/streamctl/internal/sparkerr"
)

// Exit codes. `streamctl help exit-codes` describes them.
const (
	exitOK      = 0
	exitFailed  = 1   // a query failed
	exitRefused = 2   // nothing was started
	exitHeld    = 75  // another run holds the checkpoint
	exitHUP     = 129 // SIGHUP
	exitINT     = 130 // SIGINT
	exitQUIT    = 131 // SIGQUIT
	exitTERM    = 143 // SIGTERM
)

// An exitError pairs an error with an exit code.
type exitError struct {
	code int
	err  error
}

func (e *exitError) Error() string { return e.err.Error() }
func (e *exitError) Unwrap() error { return e.err }

// refused marks an error that was found before anything started.
func refused(err error) error {
	if err == nil {
		return nil
	}
	return &exitError{exitRefused, err}
}

// exitCode maps an error to an exit code. A reader that closes the pipe (| head) is not a failure. A panic
// always is.
func exitCode(err error) int {
	var coded *exitError
	var bug *sparkerr.Panic
	switch {
	case errors.As(err, &bug):
		return exitFailed
	case err == nil, errors.Is(err, syscall.EPIPE):
		return exitOK
	case errors.As(err, &coded):
		return coded.code
	}
	return exitFailed
}

// flatten expands joined errors into a list without duplicates.
func flatten(err error) []error {
	var out []error
	seen := map[string]bool{}
	var walk func(err error)
	walk = func(err error) {
		var coded *exitError
		if errors.As(err, &coded) && coded == err { //nolint:errorlint // remove the wrapper only, not what it wraps
			walk(coded.err)
			return
		}
		if list, ok := err.(interface{ Unwrap() []error }); ok {
			for _, e := range list.Unwrap() {
				walk(e)
			}
			return
		}
		if errors.Is(err, errQuiet) {
			return
		}
		if key := err.Error() + placeOf(err); !seen[key] {
			seen[key] = true
			out = append(out, err)
		}
	}
	if err != nil {
		walk(err)
	}
	return out
}

func placeOf(err error) string {
	var e *sparkerr.Error
	if !errors.As(err, &e) || e.Place == nil {
		return ""
	}
	return fmt.Sprintf("%s:%d:%d:%s", e.Place.File, e.Place.Line, e.Place.Col, e.Place.LineText)
}
