package cli

import (
	"context"
	"errors"
	"os"
	"syscall"

	"github.com/streamctl/streamctl/internal/formats"
	"github.com/streamctl/streamctl/internal/job"
	"github.com/streamctl/streamctl/internal/system"
)

// stopOnHangup returns a context that is canceled when the reader of standard output closes its end, even if
// nothing is being written. It ends an endless stream piped into head -1.
func (a *app) stopOnHangup(parent context.Context, j *job.Job) context.Context {
	out, ok := a.Out.(*os.File)
	if !ok || !printsRows(j) {
		return parent
	}
	info, err := out.Stat()
	if err != nil || info.Mode()&(os.ModeNamedPipe|os.ModeSocket) == 0 {
		return parent
	}
	ctx, cancel := context.WithCancelCause(parent)
	go func() {
		if err := system.WaitHangup(out); errors.Is(err, syscall.EPIPE) {
			cancel(err)
		}
	}()
	return ctx
}

// printsRows reports whether a stream of the job writes to standard output.
func printsRows(j *job.Job) bool {
	for _, s := range j.Streams {
		if f, ok := formats.Sinks.Find(s.Sink.Format); ok && f.Prints || s.Sink.Path == "-" {
			return true
		}
	}
	return false
}
