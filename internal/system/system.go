// Package system wraps the system calls that package os lacks: limits of the process, the state of inherited descriptors, pipes and process
// groups. On systems without such a call, its functions return that nothing is known or wrong.
package system

import "os"

// A Limit is a resource limit of the process. ok is false if there is none, or if the system does not report it.
type Limit struct {
	Value int64
	OK    bool
}

// Limits are those that ulimit sets.
type Limits struct {
	Files        Limit // ulimit -n: open files
	AddressSpace Limit // ulimit -v: in bytes
}

// WaitWritable waits until f, to which a write failed with EAGAIN because another process has made it non-blocking, can be written. It
// returns EPIPE if its reader has gone away.
func WaitWritable(f *os.File) error { return poll(f, true, true) }

// WaitHangup waits until the reader of the pipe or socket f goes away, and returns EPIPE, or another error if the system cannot wait for
// that.
func WaitHangup(f *os.File) error { return poll(f, false, true) }

// CheckReader returns EPIPE if the reader of the pipe or socket f has gone away.
func CheckReader(f *os.File) error { return poll(f, false, false) }
