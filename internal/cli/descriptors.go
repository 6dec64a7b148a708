package cli

import (
	"io"
	"os"

	"golang.org/x/sys/unix"

	"github.com/streamctl/streamctl/internal/formats"
	"github.com/streamctl/streamctl/internal/job"
	"github.com/streamctl/streamctl/internal/sinks"
	"github.com/streamctl/streamctl/internal/sparkerr"
)

// closedAtStart reports whether a standard descriptor was closed when the program started (>&-). Go's runtime
// opens /dev/null for reading and writing in place of each closed one, so that no other file gets its number.
// Two intended uses of /dev/null look different: a daemon shares one open /dev/null between all three
// descriptors, and "> /dev/null" opens it for writing only.
func closedAtStart(fd int) bool {
	if !readWriteNull(fd) {
		return false
	}
	for other := range 3 {
		if other != fd && readWriteNull(other) && sameOpenFile(fd, other) {
			return false
		}
	}
	return true
}

func readWriteNull(fd int) bool {
	var this, null unix.Stat_t
	if unix.Fstat(fd, &this) != nil || unix.Stat(os.DevNull, &null) != nil || this.Mode&unix.S_IFMT != unix.S_IFCHR || this.Rdev != null.Rdev {
		return false
	}
	flags, err := unix.FcntlInt(uintptr(fd), unix.F_GETFL, 0)
	return err == nil && flags&unix.O_ACCMODE == unix.O_RDWR
}

// sameOpenFile reports whether two descriptors share one open file description. It sets a status flag through
// one and looks for it through the other.
func sameOpenFile(a, b int) bool {
	before, err := unix.FcntlInt(uintptr(a), unix.F_GETFL, 0)
	if err != nil {
		return false
	}
	other, _ := unix.FcntlInt(uintptr(b), unix.F_GETFL, 0)
	if _, err := unix.FcntlInt(uintptr(a), unix.F_SETFL, before^unix.O_APPEND); err != nil {
		return false
	}
	now, _ := unix.FcntlInt(uintptr(b), unix.F_GETFL, 0)
	_, _ = unix.FcntlInt(uintptr(a), unix.F_SETFL, before)
	return now != other
}

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
		if s.Source.Path == "-" && a.InClosed {
			return sparkerr.Plain("standard input is closed: there is nothing to read").WithHint("cat FILE | streamctl file - …; use < /dev/null for an empty input")
		}
		if f, ok := formats.Sinks.Find(s.Sink.Format); ok && f.NoAppend != "" && out.Appends() {
			return sparkerr.Plain("standard output is a file that has content already; %s", f.NoAppend).
				WithHint("write each run to a separate file, or use --sink parquet")
		}
	}
	if _, closed := a.Out.(closedStream); closed && printsRows(j) {
		return sparkerr.Plain("standard output is closed: the rows would be lost").
			WithHint("pipe it into a program or write it to a file (> FILE); to discard the rows, use --sink noop or > /dev/null")
	}
	return nil
}
