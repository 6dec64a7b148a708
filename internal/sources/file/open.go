package file

import (
	"errors"
	"io"
	"io/fs"
	"runtime"
	"sync"
	"sync/atomic"
	"time"

	"golang.org/x/sys/unix"

	"github.com/streamctl/streamctl/internal/sparkerr"
)

// An osFile is an open regular file. Reading it is fewer system calls than with os.File, which asks for each file whether it can
// be waited for: of 20,000 small files that is felt.
type osFile struct {
	fd   int
	path string
}

func openFile(path string) (*osFile, error) {
	for {
		fd, err := unix.Open(path, unix.O_RDONLY|unix.O_CLOEXEC, 0)
		if err == nil {
			return &osFile{fd, path}, nil
		}
		if !errors.Is(err, unix.EINTR) {
			return nil, &fs.PathError{Op: "open", Path: path, Err: err}
		}
	}
}

// ReadAt fills p from an offset on, or ends with io.EOF.
func (f *osFile) ReadAt(p []byte, offset int64) (n int, err error) {
	for n < len(p) {
		m, err := unix.Pread(f.fd, p[n:], offset+int64(n))
		switch {
		case errors.Is(err, unix.EINTR):
		case err != nil:
			return n, &fs.PathError{Op: "read", Path: f.path, Err: err}
		case m == 0:
			return n, io.EOF
		default:
			n += m
		}
	}
	return n, nil
}

// Close ends the use of the file; twice is an error.
func (f *osFile) Close() error {
	fd := f.fd
	f.fd = -1
	if err := unix.Close(fd); err != nil {
		return &fs.PathError{Op: "close", Path: f.path, Err: err}
	}
	return nil
}

// A status is what is known of a file without opening it.
type status struct {
	regular bool
	open    bool // the mode lets everyone read it, so that no system call is needed to find out
	size    int64
	modTime time.Time
	id      identity
}

// An identity distinguishes a file from every other one on the machine: forever if the system knows when the file was created, else as
// long as it exists, since inodes are reused. The zero value means that it is unknown.
type identity struct {
	device, inode uint64
	born          int64 // nanoseconds, 0: not known
}

// readable reports whether the file at path, whose status it is, may be read.
func (s *status) readable(path string) bool { return s.open || mayRead(path) }

// mayRead asks the system whether the process may read a file, or list a directory.
func mayRead(path string) bool {
	return unix.Faccessat(unix.AT_FDCWD, path, unix.R_OK, unix.AT_EACCESS) == nil
}

// stat looks at a file through links.
func stat(path string) (status, error) { return statAt(unix.AT_FDCWD, path) }

// statAt is stat for a name in an open directory, which the system need not find again.
func statAt(dir int, name string) (status, error) {
	for {
		st, err := statName(dir, name)
		if err == nil {
			return st, nil
		}
		if !errors.Is(err, unix.EINTR) {
			return status{}, &fs.PathError{Op: "stat", Path: name, Err: err}
		}
	}
}

// inParallel calls f for 0 … n-1, from several goroutines when there are many. It panics when f does.
func inParallel(n int, f func(i int)) {
	const step = 256
	var next atomic.Int64
	work := func() error {
		for {
			to := int(next.Add(step))
			for i := to - step; i < min(to, n); i++ {
				f(i)
			}
			if to >= n {
				return nil
			}
		}
	}
	var others sync.WaitGroup
	var broken atomic.Pointer[error]
	for range min(runtime.GOMAXPROCS(0), n/step) - 1 {
		others.Go(func() {
			if err := sparkerr.Caught(work); err != nil {
				broken.Store(&err)
			}
		})
	}
	err := sparkerr.Caught(work)
	others.Wait()
	if other := broken.Load(); err == nil && other != nil {
		err = *other
	}
	if err != nil {
		panic(err)
	}
}
