package cli

import (
	"io"

	"github.com/streamctl/streamctl/internal/formats"
	"github.com/streamctl/streamctl/internal/job"
	"github.com/streamctl/streamctl/internal/sinks"
	"github.com/streamctl/streamctl/internal/sparkerr"
)

// A closedStream stands in for a standard output that was closed when the program started.
type closedStream struct{}

func (closedStream) Write([]byte) (int, error) { return 0, errClosedOutput }

var errClosedOutput = sparkerr.Plain("standard output is closed").WithHint("pipe it into a program, write it to a file (> FILE), or leave out >&-")

// inherited returns the standard output for a child process. If standard output is closed, the child's output,
// which is not rows, is discarded.
func (s *streams) inherited() io.Writer {
	if _, closed := s.Out.(closedStream); closed {
		return io.Discard
	}
	return s.data()
}

// checkDescriptors refuses a job whose standard input or output is closed or otherwise unusable.
func (a *app) checkDescriptors(j *job.Job, out *sinks.Output) error {
	for _, s := range j.Streams {
		if j.StandardInputs(s) > 0 && a.InClosed {
			return sparkerr.Plain("standard input is closed: there is nothing to read").WithHint("cat FILE | streamctl file - …; use < /dev/null for an empty input")
		}
		if f, ok := formats.Sinks.Find(s.Sink.Format); ok && s.Sink.Path == "-" {
			if err := checkRowOutput(&f.Format, out); err != nil {
				return err
			}
		}
	}
	if _, closed := a.Out.(closedStream); closed && printsRows(j) {
		return sparkerr.Plain("standard output is closed: the rows would be lost").
			WithHint("pipe it into a program or write it to a file (> FILE); to discard the rows, use --sink noop or > /dev/null")
	}
	return nil
}

// checkRowOutput refuses standard output that cannot take rows in a format.
func checkRowOutput(f *job.Format, out *sinks.Output) error {
	if f.Binary && out.Terminal {
		return sparkerr.Plain("%s is not text, and standard output is a terminal", f.Name).WithHint("write it to a file (> FILE) or pipe it into a program; -o table prints rows")
	}
	if f.NoAppend != "" && out.Appends() {
		return sparkerr.Plain("standard output is a file that has content already; %s", f.NoAppend).
			WithHint("write each run to a separate file, or use --sink parquet")
	}
	return nil
}
