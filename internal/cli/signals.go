package cli

import (
	"context"
	"errors"
	"log/slog"
	"os"
	"os/signal"
	"runtime"
	"syscall"

	"github.com/streamctl/streamctl/internal/sparkerr"
)

// A signalError records which signal stopped the program.
type signalError struct{ signal os.Signal }

func (e signalError) Error() string { return "stopped by " + e.signal.String() }

// code returns the exit code for the signal.
func (e signalError) code() int {
	switch e.signal {
	case syscall.SIGTERM:
		return exitTERM
	case syscall.SIGHUP:
		return exitHUP
	}
	return exitINT
}

// stopOnSignal returns a context that is canceled by the first SIGINT, SIGTERM or SIGHUP, so that streams stop
// gracefully. SIGHUP is not handled if it is ignored (nohup). A second signal ends the program at once. The
// returned function stops the signal handling.
func (a *app) stopOnSignal(parent context.Context) (context.Context, func()) {
	ctx, cancel := context.WithCancelCause(parent)
	signals := make(chan os.Signal, 2)
	signal.Notify(signals, syscall.SIGINT, syscall.SIGTERM)
	if !signal.Ignored(syscall.SIGHUP) {
		signal.Notify(signals, syscall.SIGHUP)
	}
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

// quitOnSignal ends the program at once on SIGQUIT (Ctrl-\), without the stack traces that Go's runtime would
// print. At log level debug, they go to a file.
func (a *app) quitOnSignal() {
	signals := make(chan os.Signal, 1)
	signal.Notify(signals, syscall.SIGQUIT)
	go func() {
		<-signals
		if a.screen != nil {
			a.screen.leave()
		}
		if a.settings.v != nil && a.logLevel() <= slog.LevelDebug {
			stacks := make([]byte, 1<<20)
			a.sayStack("the stacks at SIGQUIT are", &sparkerr.Panic{Value: "SIGQUIT", Stack: stacks[:runtime.Stack(stacks, true)]})
		}
		os.Exit(exitQUIT) //nolint:forbidigo // SIGQUIT means now
	}()
}

// signalOf returns the signal that canceled ctx.
func signalOf(ctx context.Context) (signalError, bool) {
	var s signalError
	ok := errors.As(context.Cause(ctx), &s)
	return s, ok
}
