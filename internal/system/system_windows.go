package system

import (
	"errors"
	"os"
	"os/exec"
	"syscall"
)

// Current returns no limits.
func Current() Limits { return Limits{} }

var errNoWait = errors.New("this system cannot wait for the reader of a pipe")

func poll(_ *os.File, _, wait bool) error {
	if wait {
		return errNoWait
	}
	return nil
}

// Readable is false: nothing is known.
func Readable(uintptr) bool { return false }

// Appends is false: nothing is known.
func Appends(*os.File) bool { return false }

// ClosedAtStart is false: nothing is known.
func ClosedAtStart(int) bool { return false }

// NamedPipe fails: Windows has no pipes in directories.
func NamedPipe(path string) (*os.File, error) {
	return nil, &os.PathError{Op: "mkfifo", Path: path, Err: errors.ErrUnsupported}
}

// StartsGroup does nothing.
func StartsGroup(*exec.Cmd) {}

// SignalGroup kills one process: Windows has neither signals nor process groups.
func SignalGroup(group int, _ syscall.Signal) {
	if p, err := os.FindProcess(group); err == nil {
		_ = p.Kill()
	}
}
