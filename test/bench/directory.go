package main

import (
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"time"
)

var processed = flag.Int("processed", 1_000_000, "files that the directory holds already")

// benchDirectory measures a directory with many processed files: the time of a restart, the latency of a new
// file, and the idle cost.
func benchDirectory(dir string) error {
	in, ckpt := filepath.Join(dir, "processed"), filepath.Join(dir, "processed.checkpoint")
	if err := makeProcessed(in, *processed); err != nil {
		return err
	}
	job := []string{*streamctl, "file", in, "--schema", "a STRING, b INT", "--checkpoint", ckpt, "-o", "json", "-q"}
	first, err := timed("", append(job, "--available-now")...)
	if err != nil {
		return err
	}
	restart, err := medians(*runs, "", append(job, "--available-now"))
	if err != nil {
		return err
	}
	fmt.Printf("| %d files | wall | CPU | RSS |\n|---|---|---|---|\n", *processed)
	fmt.Printf("| the run that reads them | %s | %s | %s |\n", sec(first.wall), sec(first.cpu), mb(first.rss))
	fmt.Printf("| a restart with nothing new | %s | %s | %s |\n\n", sec(restart[0].wall), sec(restart[0].cpu), mb(restart[0].rss))
	return benchWatching(dir, in, job)
}

func makeProcessed(dir string, n int) error {
	if err := os.Mkdir(dir, 0o755); err != nil {
		return err
	}
	old := time.Now().Add(-24 * time.Hour)
	for i := range n {
		name := filepath.Join(dir, fmt.Sprintf("f%07d.csv", i))
		if err := os.WriteFile(name, []byte("a,1\n"), 0o644); err != nil {
			return err
		}
		if err := os.Chtimes(name, old, old); err != nil {
			return err
		}
	}
	return nil
}

// benchWatching adds files to the directory of an endless job, then leaves it idle.
func benchWatching(dir, in string, job []string) error {
	const files, pause, idle = 100, 200 * time.Millisecond, 20 * time.Second
	w, err := watch(0, job...)
	if err != nil {
		return err
	}
	defer w.stop()
	time.Sleep(5 * time.Second) // it lists the directory
	var took []time.Duration
	for i := range files {
		d, err := dropAndWait(dir, in, i, "Ada,1\n", w.rows)
		if err != nil {
			return err
		}
		took = append(took, d)
		time.Sleep(pause)
	}
	slices.Sort(took)
	time.Sleep(5 * time.Second) // finish the work that the files caused
	before, err := cpuTime(w.cmd.Process.Pid)
	if err != nil {
		return err
	}
	time.Sleep(idle)
	after, err := cpuTime(w.cmd.Process.Pid)
	if err != nil {
		return err
	}
	fmt.Printf("| watching | p50 | p90 | idle CPU | RSS, the highest |\n|---|---|---|---|---|\n| %d new files, one each %s | %s | %s | %.2f %% | %s |\n", files, pause,
		ms(took[files/2]), ms(took[files*9/10]), 100*(after-before).Seconds()/idle.Seconds(), mb(peakRSS(w.cmd.Process.Pid)))
	return nil
}

// peakRSS returns the peak memory of a process in bytes, or 0 if unknown.
func peakRSS(pid int) int64 {
	text, _ := os.ReadFile(fmt.Sprintf("/proc/%d/status", pid))
	_, rest, _ := strings.Cut(string(text), "VmHWM:")
	fields := strings.Fields(rest)
	if len(fields) == 0 {
		return 0
	}
	kb, _ := strconv.ParseInt(fields[0], 10, 64)
	return kb * 1024
}
