package sinks

import (
	"io"
	"sync"
)

// An Output is the process's standard output, shared by all streams: a Write is never mixed with another one.
type Output struct {
	Terminal bool // escape what could command a terminal

	mu  sync.Mutex
	w   io.Writer
	err error
}

// NewOutput makes an Output of a writer.
func NewOutput(w io.Writer, terminal bool) *Output { return &Output{w: w, Terminal: terminal} }

// Write writes all of p. After a failure it keeps giving the same error: a closed pipe ends every stream.
func (o *Output) Write(p []byte) (int, error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.err != nil {
		return 0, o.err
	}
	n, err := o.w.Write(p)
	o.err = err
	return n, err
}
