package engine

import (
	"context"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"github.com/streamctl/streamctl/internal/job"
	"github.com/streamctl/streamctl/internal/sinks"
)

// TestATriggerWithAnIntervalListsWhenSomethingHasChanged counts how often a directory is read while nothing happens.
func TestATriggerWithAnIntervalListsWhenSomethingHasChanged(t *testing.T) {
	dir := t.TempDir()
	drop(t, dir, "a.csv", "a,1\n")
	j := fileJob(dir, job.ProcessingTime)
	j.Streams[0].Sink.Trigger.Interval = 10 * time.Millisecond
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	var out output
	ended := make(chan error, 1)
	go func() {
		_, err := Run(ctx, j, Env{Out: sinks.NewOutput(&out, false)})
		ended <- err
	}()
	out.await(t, "a,1")
	time.Sleep(2500 * time.Millisecond) // a directory that has just changed is listed once more
	fd, err := unix.InotifyInit1(unix.IN_NONBLOCK | unix.IN_CLOEXEC)
	if err != nil {
		t.Fatal(err)
	}
	defer unix.Close(fd)
	if _, err := unix.InotifyAddWatch(fd, dir, unix.IN_OPEN|unix.IN_ACCESS); err != nil {
		t.Fatal(err)
	}
	time.Sleep(500 * time.Millisecond) // 50 ticks
	buf := make([]byte, 64<<10)
	n, _ := unix.Read(fd, buf)
	if read := max(n, 0) / unix.SizeofInotifyEvent; read > 10 {
		t.Errorf("read %d times in 50 ticks", read)
	}
	drop(t, dir, "b.csv", "b,2\n")
	out.await(t, "b,2")
	cancel()
	if err := <-ended; err != nil {
		t.Error(err)
	}
}
