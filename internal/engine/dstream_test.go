package engine

import (
	"context"
	"fmt"
	"io"
	"log/slog"
	"net"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/streamctl/streamctl/internal/job"
	"github.com/streamctl/streamctl/internal/sinks"
)

// startDStream runs a discretized stream of text lines to the console. It returns what the console and the log say.
func startDStream(t *testing.T, source job.Source) (out, log *output) {
	t.Helper()
	out, log = new(output), new(output)
	j := &job.Job{Mode: job.DStream, BatchInterval: 100 * time.Millisecond, Streams: []*job.Stream{{Name: "s", Source: source, Sink: job.Sink{Format: "console"}}}}
	ctx, cancel := context.WithCancel(context.Background())
	ended := make(chan error, 1)
	go func() {
		_, err := Run(ctx, j, Env{Out: sinks.NewOutput(out, false), Log: slog.New(slog.NewTextHandler(log, nil))})
		ended <- err
	}()
	t.Cleanup(func() {
		cancel()
		if err := <-ended; err != nil {
			t.Error(err)
		}
	})
	out.await(t, "Time: ")
	return out, log
}

var frame = regexp.MustCompile(`(?s)-{43}\nTime: (\d+) ms\n-{43}\n(.*?)\n?$`)

// elements returns what the non-empty batches printed, and checks that every interval has a batch.
func elements(t *testing.T, text string) []string {
	t.Helper()
	var out []string
	last := int64(0)
	for _, f := range strings.SplitAfter(text, "\n\n") {
		m := frame.FindStringSubmatch(f)
		if m == nil {
			continue
		}
		var ms int64
		_, _ = fmt.Sscan(m[1], &ms)
		if ms%100 != 0 || last != 0 && ms != last+100 {
			t.Errorf("batch at %d after %d", ms, last)
		}
		last = ms
		if body := strings.TrimSuffix(m[2], "\n"); body != "" {
			out = append(out, body)
		}
	}
	return out
}

func TestDStreamFiles(t *testing.T) {
	dir := t.TempDir()
	drop(t, dir, "old", "before the start\n")
	out, log := startDStream(t, job.Source{Format: "text", Path: dir})
	move := func(name, text string, age time.Duration) {
		tmp := filepath.Join(t.TempDir(), "f")
		if err := os.WriteFile(tmp, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
		at := time.Now().Add(-age)
		if err := os.Chtimes(tmp, at, at); err != nil {
			t.Fatal(err)
		}
		if err := os.MkdirAll(filepath.Dir(filepath.Join(dir, name)), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.Rename(tmp, filepath.Join(dir, name)); err != nil {
			t.Fatal(err)
		}
	}
	move("late", "an hour late\n", time.Hour)
	move("lag", "stamped by a clock behind ours\n", time.Second)
	out.await(t, "a clock behind")
	move(".hidden", "hidden\n", 0)
	move("new", "a,1\r\nmid\rlast", 0)
	out.await(t, "last")
	move("new", "over a known name\n", 0)
	move("sub/x", "below\n", 0)
	out.await(t, "below")
	move("soon", "ahead\n", -250*time.Millisecond)
	out.await(t, "ahead")
	if got := strings.Join(elements(t, out.String()), "|"); got != "stamped by a clock behind ours|a,1\nmid\nlast|below|ahead" {
		t.Errorf("batches %q", got)
	}
	if said := log.String(); strings.Count(said, "never read") != 1 || !strings.Contains(said, filepath.Join(dir, "late")) {
		t.Errorf("said of the late file: %q", said)
	}
}

func TestDStreamSocketHoldsTheLastPieceBack(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	host, port, _ := net.SplitHostPort(l.Addr().String())
	out, _ := startDStream(t, job.Source{Format: "socket", Options: job.Options{{Name: "host", Value: host}, {Name: "port", Value: port}}})
	c, err := l.Accept()
	if err != nil {
		t.Fatal(err)
	}
	_, _ = io.WriteString(c, "one\r\ntwo\npiece")
	out.await(t, "two")
	time.Sleep(250 * time.Millisecond)
	if strings.Contains(out.String(), "piece") {
		t.Error("the piece came before its end")
	}
	_ = c.Close()
	out.await(t, "piece")
}
