package main

import (
	"bufio"
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
	cmd := exec.Command(*streamctl, "file", "--dir", in, "--schema", people, "-o", "json", "-q")
	pipe, err := cmd.StdoutPipe()
	if err != nil {
		return err
	}
	cmd.Stderr = os.Stderr
	if err := cmd.Start(); err != nil {
		return err
	}
	rows := make(chan time.Time, 1)
	go func() {
		for s := bufio.NewScanner(pipe); s.Scan(); {
			rows <- time.Now()
		}
		close(rows)
	}()
	var took []time.Duration
	for i := range files {
		d, err := dropAndWait(dir, in, i, rows)
		if err != nil {
			_ = cmd.Process.Kill()
			_ = cmd.Wait()
			return err
		}
		if i >= files/10 { // the first files are warm-up
			took = append(took, d)
		}
		time.Sleep(3 * time.Millisecond)
	}
	_ = cmd.Process.Signal(syscall.SIGTERM)
	_ = cmd.Wait()
	slices.Sort(took)
	fmt.Printf("| files | p50 | p99 |\n|---|---|---|\n| %d | %s | %s |\n", len(took), ms(took[len(took)/2]), ms(took[len(took)*99/100]))
	return nil
}

// dropAndWait renames a file with one row into place and waits for the row.
func dropAndWait(dir, in string, i int, rows <-chan time.Time) (time.Duration, error) {
	tmp := filepath.Join(dir, "drop.tmp")
	if err := os.WriteFile(tmp, fmt.Appendf(nil, "Ada,B,Low,%d,900-00-0001\n", i), 0o644); err != nil {
		return 0, err
	}
	begin := time.Now()
	if err := os.Rename(tmp, filepath.Join(in, fmt.Sprintf("f%05d.csv", i))); err != nil {
		return 0, err
	}
	select {
	case at, ok := <-rows:
		if !ok {
			return 0, fmt.Errorf("the query ended")
		}
		return at.Sub(begin), nil
	case <-time.After(10 * time.Second):
		return 0, fmt.Errorf("no row for file %d within 10 s", i)
	}
}
