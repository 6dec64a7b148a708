package main

import (
	"syscall"
	"time"
	"unsafe"
)

// cpuTime returns the CPU time of all threads of a process, in nanoseconds. (See clock_getcpuclockid(3).)
func cpuTime(pid int) (time.Duration, error) {
	const scheduled = 2 // CPUCLOCK_SCHED
	var at syscall.Timespec
	if _, _, errno := syscall.Syscall(syscall.SYS_CLOCK_GETTIME, uintptr(int32(^pid<<3|scheduled)), uintptr(unsafe.Pointer(&at)), 0); errno != 0 {
		return 0, errno
	}
	return time.Duration(at.Nano()), nil
}

// cpuTimed returns the CPU time that a process uses while f runs.
func cpuTimed(pid int, f func() error) (time.Duration, error) {
	begin, err := cpuTime(pid)
	if err != nil {
		return 0, err
	}
	if err := f(); err != nil {
		return 0, err
	}
	end, err := cpuTime(pid)
	return end - begin, err
}
