package sinks

import (
	"bytes"
	"errors"
	"io"
	"os"
	"syscall"
	"testing"
)

// blockingPipe returns a pipe like those that programs get as standard output.
func blockingPipe(t *testing.T) (reader, writer *os.File) {
	t.Helper()
	var fds [2]int
	if err := syscall.Pipe(fds[:]); err != nil {
		t.Fatal(err)
	}
	reader, writer = os.NewFile(uintptr(fds[0]), "reader"), os.NewFile(uintptr(fds[1]), "writer")
	t.Cleanup(func() { _, _ = reader.Close(), writer.Close() })
	return reader, writer
}

func TestWriteWaitsForANonBlockingOutput(t *testing.T) {
	reader, writer := blockingPipe(t)
	out := NewOutput(writer, false)
	if err := syscall.SetNonblock(int(writer.Fd()), true); err != nil {
		t.Fatal(err)
	}
	want := bytes.Repeat([]byte("0123456789\n"), 50_000) // more than a pipe can buffer
	written := make(chan error, 1)
	go func() {
		_, err := out.Write(want)
		written <- errors.Join(err, writer.Close())
	}()
	got, err := io.ReadAll(reader)
	if err := errors.Join(err, <-written); err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(got, want) {
		t.Errorf("%d bytes came, want %d", len(got), len(want))
	}
}

func TestClosedReaderIsDetectedWithoutAWrite(t *testing.T) {
	reader, writer := blockingPipe(t)
	out := NewOutput(writer, false)
	if err := out.print([]byte("x")); err != nil {
		t.Fatal(err)
	}
	if err := reader.Close(); err != nil {
		t.Fatal(err)
	}
	if err := out.Check(); !errors.Is(err, syscall.EPIPE) {
		t.Errorf("error %v, want EPIPE", err)
	}
	if _, err := out.Write([]byte("x")); !errors.Is(err, syscall.EPIPE) {
		t.Errorf("a later write has the error %v, want EPIPE", err)
	}
}
