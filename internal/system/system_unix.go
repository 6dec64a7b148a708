//go:build unix

package system

import (
	"errors"
	"os"
	"os/exec"
	"syscall"

	"golang.org/x/sys/unix"
)

// Current returns the limits of the process.
func Current() Limits {
	return Limits{Files: limit(unix.RLIMIT_NOFILE), AddressSpace: limit(unix.RLIMIT_AS)}
}

func limit(resource int) Limit {
	var r unix.Rlimit
	if unix.Getrlimit(resource, &r) != nil || r.Cur == unix.RLIM_INFINITY || int64(r.Cur) < 0 {
		return Limit{}
	}
	return Limit{int64(r.Cur), true}
}

// poll reports EPIPE if the reader of f has gone away, which poll(2) reports even if no event is requested. With wait, it waits for that
// or, with write, until f can be written.
func poll(f *os.File, write, wait bool) error {
	fds := []unix.PollFd{{Fd: int32(f.Fd())}}
	if write {
		fds[0].Events = unix.POLLOUT
	}
	timeout := 0
	if wait {
		timeout = -1
	}
	for {
		n, err := unix.Poll(fds, timeout)
		switch {
		case errors.Is(err, unix.EINTR), err == nil && n == 0 && wait:
			continue
		case err == nil && fds[0].Revents&(unix.POLLERR|unix.POLLHUP) != 0:
			return syscall.EPIPE
		}
		return err
	}
}

// Readable reports whether a descriptor has something to read; for a listening socket, whether a client waits to be accepted.
func Readable(fd uintptr) bool {
	n, _ := unix.Poll([]unix.PollFd{{Fd: int32(fd), Events: unix.POLLIN}}, 0)
	return n > 0
}

// Appends reports whether f was opened for appending (>> FILE).
func Appends(f *os.File) bool {
	flags, err := unix.FcntlInt(f.Fd(), unix.F_GETFL, 0)
	return err == nil && flags&unix.O_APPEND != 0
}

// ClosedAtStart reports whether a standard descriptor was closed when the program started (>&-). Go's runtime opens /dev/null for reading
// and writing in place of each closed one, so that no other file gets its number. Two intended uses of /dev/null look different: a daemon
// shares one open /dev/null between all three descriptors, and "> /dev/null" opens it for writing only.
func ClosedAtStart(fd int) bool {
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

// sameOpenFile reports whether two descriptors share one open file description. It sets a status flag through one and looks for it
// through the other.
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

// NamedPipe creates a pipe at path and opens both ends, so that it does not end when the first writer closes it.
func NamedPipe(path string) (*os.File, error) {
	if err := syscall.Mkfifo(path, 0o600); err != nil {
		return nil, err
	}
	return os.OpenFile(path, os.O_RDWR|syscall.O_NONBLOCK, 0)
}

// StartsGroup has a command run as a new process group, whose number is that of its process.
func StartsGroup(cmd *exec.Cmd) { cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true} }

// SignalGroup sends a signal to all processes of a group.
func SignalGroup(group int, s syscall.Signal) { _ = syscall.Kill(-group, s) }
