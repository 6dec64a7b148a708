package cli

import (
	"context"
	"errors"
	"os"
	"os/signal"
	"syscall"
)

// A signalError says which signal stopped the program.
type signalError struct{ signal os.Signal }

func (e signalError) Error() string { return "stopped by " + e.signal.String() }

// code is the exit code after a signal.
func (e signalError) code() int {
	if e.signal == syscall.SIGTERM {
		return exitTERM
	}
	return exitINT
}

// stopOnSignal gives a context that the first SIGINT or SIGTERM ends: streams then stop gracefully. The second one ends the
// program at once. The returned function ends the watch.
func (a *app) stopOnSignal(parent context.Context) (context.Context, func()) {
	ctx, cancel := context.WithCancelCause(parent)
	signals := make(chan os.Signal, 2)
	signal.Notify(signals, syscall.SIGINT, syscall.SIGTERM)
	done := make(chan struct{})
	go func() {
		for n := 0; ; n++ {
			select {
			case s := <-signals:
				if n > 0 {
					if kill := a.atOnce.Load(); kill != nil {
						(*kill)()
					}
					if a.screen != nil {
						a.screen.leave()
					}
					os.Exit(signalError{s}.code()) //nolint:forbidigo // a second signal means now
				}
				if !a.settings.quiet {
					a.say("stopping; a second signal exits at once")
				}
				cancel(signalError{s})
			case <-done:
				return
			}
		}
	}()
	return ctx, func() {
		signal.Stop(signals)
		close(done)
		cancel(nil)
	}
}

// signalOf gives the signal that ended a context.
func signalOf(ctx context.Context) (signalError, bool) {
	var s signalError
	ok := errors.As(context.Cause(ctx), &s)
	return s, ok
}
