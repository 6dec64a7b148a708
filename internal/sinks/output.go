package sinks

import (
	"errors"
	"io"
	"io/fs"
	"os"
	"sync"
	"syscall"

	"github.com/streamctl/streamctl/internal/sparkerr"
	"github.com/streamctl/streamctl/internal/system"
)

// An Output is the process's standard output, shared by all streams. Writes are never interleaved.
type Output struct {
	Terminal bool // escape what could send commands to a terminal
	// Before and After, which may be nil, are called around each Write, so that other terminal output makes room.
	Before, After func()

	mu    sync.Mutex
	w     io.Writer
	file  *os.File // w, if it is an *os.File
	reads bool     // w is a pipe or socket, whose reader may go away
	err   error
}

// NewOutput returns an Output that writes to w.
func NewOutput(w io.Writer, terminal bool) *Output {
	o := &Output{w: w, Terminal: terminal}
	if f, ok := w.(*os.File); ok {
		o.file = f
		info, err := f.Stat()
		o.reads = err == nil && info.Mode()&(fs.ModeNamedPipe|fs.ModeSocket) != 0
	}
	return o
}

// Write writes all of p, which must end with a complete character. After a failure it always returns the same error: a closed
// pipe ends every stream.
func (o *Output) Write(p []byte) (int, error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.err != nil {
		return 0, o.err
	}
	if o.Before != nil {
		o.Before()
		defer o.After()
	}
	all := len(p)
	if o.Terminal {
		p = sparkerr.Visible(p)
	}
	n, err := o.w.Write(p)
	for o.file != nil && errors.Is(err, syscall.EAGAIN) { // another process has made the open file non-blocking
		if err = system.WaitWritable(o.file); err == nil {
			var m int
			m, err = o.w.Write(p[n:])
			n += m
		}
	}
	if o.err = err; err != nil {
		return min(n, all), err
	}
	return all, nil
}

// print writes p and checks whether the reader still exists.
func (o *Output) print(p []byte) error {
	if _, err := o.Write(p); err != nil {
		return err
	}
	return o.Check()
}

// Check returns the error of a reader that has gone away, even if all writes succeeded.
func (o *Output) Check() error {
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.err == nil && o.reads {
		o.err = system.CheckReader(o.file)
	}
	return o.err
}
