//go:build unix

package system

import (
	"errors"
	"os"
	"path/filepath"
	"syscall"
	"testing"
	"time"
)

func pipe(t *testing.T) (r, w *os.File) {
	t.Helper()
	r, w, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _, _ = r.Close(), w.Close() })
	return r, w
}

func TestAReaderThatGoesAwayIsNoticed(t *testing.T) {
	r, w := pipe(t)
	if err := CheckReader(w); err != nil {
		t.Errorf("error %v while there is a reader", err)
	}
	hungUp := make(chan error, 1)
	go func() { hungUp <- WaitHangup(w) }()
	select {
	case err := <-hungUp:
		t.Errorf("the wait ended with %v while there is a reader", err)
	case <-time.After(20 * time.Millisecond): // long enough for a wait that does not wait
	}
	if err := r.Close(); err != nil {
		t.Fatal(err)
	}
	if err := <-hungUp; !errors.Is(err, syscall.EPIPE) {
		t.Errorf("the wait ended with %v", err)
	}
	for name, check := range map[string]func(*os.File) error{"CheckReader": CheckReader, "WaitWritable": WaitWritable} {
		if err := check(w); !errors.Is(err, syscall.EPIPE) {
			t.Errorf("%s: error %v", name, err)
		}
	}
}

func TestAnEmptyPipeIsWritableAndNotReadable(t *testing.T) {
	r, w := pipe(t)
	if err := WaitWritable(w); err != nil {
		t.Error(err)
	}
	if Readable(r.Fd()) {
		t.Error("an empty pipe is readable")
	}
	if _, err := w.WriteString("x"); err != nil {
		t.Fatal(err)
	}
	if !Readable(r.Fd()) {
		t.Error("a pipe with a byte is not readable")
	}
}

func TestAppends(t *testing.T) {
	name := filepath.Join(t.TempDir(), "out")
	for flag, want := range map[int]bool{os.O_APPEND: true, 0: false} {
		f, err := os.OpenFile(name, os.O_WRONLY|os.O_CREATE|flag, 0o644)
		if err != nil {
			t.Fatal(err)
		}
		if got := Appends(f); got != want {
			t.Errorf("flag %d: %v", flag, got)
		}
		if err := f.Close(); err != nil {
			t.Error(err)
		}
	}
}

func TestDescriptorsOfTheTestAreNotClosed(t *testing.T) {
	r, _ := pipe(t)
	if ClosedAtStart(int(r.Fd())) {
		t.Error("a pipe counts as closed")
	}
}

func TestANamedPipeOutlivesItsWriters(t *testing.T) {
	name := filepath.Join(t.TempDir(), "pipe")
	p, err := NamedPipe(name)
	if err != nil {
		t.Fatal(err)
	}
	defer p.Close()
	for range 2 {
		if err := os.WriteFile(name, []byte("x"), 0); err != nil {
			t.Fatal(err)
		}
	}
	if n, err := p.Read(make([]byte, 4)); n != 2 || err != nil {
		t.Errorf("read %d bytes, %v", n, err)
	}
}

func TestLimits(t *testing.T) {
	if files := Current().Files; files.OK && files.Value < 3 {
		t.Errorf("a process with three open files may have %d", files.Value)
	}
}
