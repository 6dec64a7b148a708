package sinks

import (
	"bytes"
	"fmt"
	"os"

	"github.com/streamctl/streamctl/internal/system"
)

// An appended file is a file to which standard output appends (>> FILE) and that already has content, usually from an earlier
// run.
type appended struct {
	in   *os.File // nil if it may not be read
	size int64
}

// appended returns the file that standard output appends to, or nil if it is not a file with existing content.
func (o *Output) appended() *appended {
	if o.file == nil {
		return nil
	}
	info, err := o.file.Stat()
	if err != nil || !info.Mode().IsRegular() || info.Size() == 0 {
		return nil
	}
	if !system.Appends(o.file) {
		return nil
	}
	in, _ := os.Open(fmt.Sprintf("/dev/fd/%d", o.file.Fd()))
	return &appended{in, info.Size()}
}

// Appends reports whether rows are appended to existing content of a file.
func (o *Output) Appends() bool {
	a := o.appended()
	a.close()
	return a != nil
}

// cutOff reports whether the file ends with an incomplete line, because a run that appended to it was killed.
func (a *appended) cutOff() bool {
	var last [1]byte
	return a.read(last[:], a.size-1) && last[0] != '\n'
}

// beginsWith reports whether the file begins with a text.
func (a *appended) beginsWith(text []byte) bool {
	begin := make([]byte, len(text))
	return a.read(begin, 0) && bytes.Equal(begin, text)
}

func (a *appended) read(p []byte, at int64) bool {
	if a.in == nil {
		return false
	}
	n, _ := a.in.ReadAt(p, at)
	return n == len(p)
}

func (a *appended) close() {
	if a != nil && a.in != nil {
		_ = a.in.Close()
	}
}
