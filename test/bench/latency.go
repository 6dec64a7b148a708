package main

import (
	"bufio"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"syscall"
	"time"
)

// benchLatency measures the time from the rename of a file into the watched directory to its row on standard
// output.
func benchLatency(dir string) error {
	const files = 300
	in := filepath.Join(dir, "latency")
	if err := os.MkdirAll(in, 0o755); err != nil {
		return err
	}
	w, err := watch(0, *streamctl, "file", "--dir", in, "--schema", people, "-o", "json", "-q")
	if err != nil {
		return err
	}
	defer w.stop()
	took, err := w.latencies(dir, in, files, func(i int) string { return fmt.Sprintf("Ada,B,Low,%d,900-00-0001\n", i) })
	if err != nil {
		return err
	}
	fmt.Printf("| files | p50 | p99 |\n|---|---|---|\n| %d | %s | %s |\n", len(took), ms(quantile(took, 50)), ms(quantile(took, 99)))
	return nil
}

// A watched is an endless job.
type watched struct {
	cmd  *exec.Cmd
	rows chan time.Time // when lines appear on standard output
}

// watch starts an endless job and waits for its first lines.
func watch(first int, argv ...string) (*watched, error) {
	w := &watched{exec.Command(argv[0], argv[1:]...), make(chan time.Time, 1)}
	pipe, err := w.cmd.StdoutPipe()
	if err != nil {
		return nil, err
	}
	w.cmd.Stderr = os.Stderr
	if err := w.cmd.Start(); err != nil {
		return nil, err
	}
	go func() {
		for s := bufio.NewScanner(pipe); s.Scan(); {
			w.rows <- time.Now()
		}
		close(w.rows)
	}()
	for range first {
		if _, ok := <-w.rows; !ok {
			return nil, errEnded
		}
	}
	return w, nil
}

func (w *watched) stop() {
	_ = w.cmd.Process.Signal(syscall.SIGTERM)
	go func() {
		for range w.rows { // what it still writes
		}
	}()
	_ = w.cmd.Wait()
}

// latencies adds files to a directory. The first ones are for warming up.
func (w *watched) latencies(dir, in string, files int, text func(i int) string) (took []time.Duration, err error) {
	for i := range files {
		d, err := dropAndWait(dir, in, i, text(i), w.rows)
		if err != nil {
			return nil, err
		}
		if i >= files/10 {
			took = append(took, d)
		}
		time.Sleep(3 * time.Millisecond)
	}
	return took, nil
}

var errEnded = errors.New("the query ended")

// quantile returns the duration that a percentage of the durations do not exceed.
func quantile(d []time.Duration, percent int) time.Duration {
	d = slices.Sorted(slices.Values(d))
	return d[min(len(d)-1, len(d)*percent/100)]
}

// dropAndWait renames a file with one row into place and waits for the row.
func dropAndWait(dir, in string, i int, text string, rows <-chan time.Time) (time.Duration, error) {
	tmp := filepath.Join(dir, "drop.tmp")
	if err := os.WriteFile(tmp, []byte(text), 0o644); err != nil {
		return 0, err
	}
	begin := time.Now()
	if err := os.Rename(tmp, filepath.Join(in, fmt.Sprintf("f%05d.csv", i))); err != nil {
		return 0, err
	}
	select {
	case at, ok := <-rows:
		if !ok {
			return 0, errEnded
		}
		return at.Sub(begin), nil
	case <-time.After(10 * time.Second):
		return 0, fmt.Errorf("no row for file %d within 10 s", i)
	}
}
