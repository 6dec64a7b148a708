// Command bench measures the streamctl binary from the perspective of a shell user: startup, a small job, the
// latency from the rename of a file to its row on standard output, whole jobs compared with other tools, and
// single expressions and GROUP BY on columns in memory. It generates its data, checks that outputs agree before timing, and
// prints Markdown tables with versions and commands.
package main

import (
	"flag"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"syscall"
	"time"
)

var (
	streamctl = flag.String("streamctl", "bin/streamctl", "the binary to measure")
	peers     = flag.String("peers", "build/peers", "a Python environment with duckdb-cli, polars and chdb; missing tools are left out")
	sparkVenv = flag.String("spark", "build/spark-venv", "a Python environment with pyspark; left out when missing")
	rows      = flag.Int("rows", 10_000_000, "rows of the jobs, the expressions and GROUP BY")
	runs      = flag.Int("runs", 10, "runs of each command")
	only      = flag.String("only", "", "start, small, latency, planning, peers, directory, expressions, grouping, state or nexmark")
	match     = flag.String("match", "", "a regular expression: only jobs, expressions, groupings, parts of state and Nexmark queries whose names match")
	profile   = flag.String("profile", "", "write a CPU profile of the expressions, or of the last GROUP BY, to this file")
	ramdisk   = flag.String("dir", defaultDir(), "where data is made, best a RAM disk")
)

func main() {
	flag.Parse()
	bin, err := filepath.Abs(*streamctl)
	if err == nil {
		*streamctl = bin
		err = run()
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, "bench:", err)
		os.Exit(1)
	}
}

func defaultDir() string {
	if info, err := os.Stat("/dev/shm"); err == nil && info.IsDir() {
		return "/dev/shm"
	}
	return os.TempDir()
}

func run() error {
	dir, err := os.MkdirTemp(*ramdisk, "streamctl-bench-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir)
	fmt.Printf("machine: %d cores, %s/%s, %s; medians of %d runs\n", runtime.NumCPU(), runtime.GOOS, runtime.GOARCH, runtime.Version(), *runs)
	for _, part := range []struct {
		name string
		f    func(dir string) error
	}{{"start", benchStart}, {"small", benchSmall}, {"latency", benchLatency}, {"planning", benchPlanning}, {"peers", benchPipelines}, {"directory", benchDirectory}, {"expressions", benchExpressions}, {"grouping", benchGrouping}, {"state", benchState}, {"nexmark", benchNexmark}} {
		if *only != "" && *only != part.name {
			continue
		}
		fmt.Printf("\n## %s\n\n", part.name)
		if err := part.f(dir); err != nil {
			return fmt.Errorf("%s: %w", part.name, err)
		}
	}
	return nil
}

// A measure is the cost of one run of a command.
type measure struct {
	wall, cpu time.Duration
	rss       int64 // in bytes, the maximum
}

// timed runs a command once. Its standard output goes to the file out, or is discarded if out is "".
func timed(out string, argv ...string) (measure, error) {
	cmd := exec.Command(argv[0], argv[1:]...)
	if out != "" {
		f, err := os.Create(out)
		if err != nil {
			return measure{}, err
		}
		defer f.Close()
		cmd.Stdout = f
	}
	var stderr strings.Builder
	cmd.Stderr = &stderr
	begin := time.Now()
	if err := cmd.Run(); err != nil {
		return measure{}, fmt.Errorf("%s: %w\n%s", strings.Join(argv, " "), err, stderr.String())
	}
	m := measure{wall: time.Since(begin), cpu: cmd.ProcessState.UserTime() + cmd.ProcessState.SystemTime()}
	if u, ok := cmd.ProcessState.SysUsage().(*syscall.Rusage); ok {
		m.rss = u.Maxrss * 1024
	}
	return m, nil
}

// medians runs the commands alternately, n times each, so that noise affects all of them equally.
func medians(n int, out string, commands ...[]string) ([]measure, error) {
	all := make([][]measure, len(commands))
	for range n {
		for i, c := range commands {
			m, err := timed(out, c...)
			if err != nil {
				return nil, err
			}
			all[i] = append(all[i], m)
		}
	}
	result := make([]measure, len(commands))
	for i, ms := range all {
		result[i] = measure{
			wall: median(ms, func(m measure) time.Duration { return m.wall }),
			cpu:  median(ms, func(m measure) time.Duration { return m.cpu }),
		}
		for _, m := range ms {
			result[i].rss = max(result[i].rss, m.rss)
		}
	}
	return result, nil
}

func median(ms []measure, f func(measure) time.Duration) time.Duration {
	d := make([]time.Duration, len(ms))
	for i, m := range ms {
		d[i] = f(m)
	}
	slices.Sort(d)
	return d[len(d)/2]
}

// benchStart compares `streamctl version` with an empty Go program.
func benchStart(dir string) error {
	src := filepath.Join(dir, "empty.go")
	if err := os.WriteFile(src, []byte("package main\n\nfunc main() {}\n"), 0o644); err != nil {
		return err
	}
	empty := filepath.Join(dir, "empty")
	if out, err := exec.Command("go", "build", "-o", empty, src).CombinedOutput(); err != nil {
		return fmt.Errorf("%w: %s", err, out)
	}
	m, err := medians(5**runs, "", []string{empty}, []string{*streamctl, "version"})
	if err != nil {
		return err
	}
	fmt.Printf("| command | wall | ratio | RSS |\n|---|---|---|---|\n")
	fmt.Printf("| empty Go program | %s | 1.0 | %s |\n", ms(m[0].wall), mb(m[0].rss))
	fmt.Printf("| streamctl version | %s | %.1f | %s |\n", ms(m[1].wall), float64(m[1].wall)/float64(m[0].wall), mb(m[1].rss))
	return nil
}

const people = "fname STRING, mname STRING, lname STRING, age INT, ssn STRING"

// benchSmall times a job on a file with two rows, from exec to exit.
func benchSmall(dir string) error {
	in := filepath.Join(dir, "small")
	if err := os.MkdirAll(in, 0o755); err != nil {
		return err
	}
	if err := os.WriteFile(filepath.Join(in, "a.csv"), []byte("Ada,B,Low,36,900-00-0001\nBo,,Ek,7,900-00-0002\n"), 0o644); err != nil {
		return err
	}
	m, err := medians(5**runs, "", []string{*streamctl, "file", "--dir", in, "--schema", people,
		"--with-column", "result=concat(fname,'-',age)", "--available-now", "-q"})
	if err != nil {
		return err
	}
	fmt.Printf("| job | wall | RSS |\n|---|---|---|\n| two CSV rows to the console | %s | %s |\n", ms(m[0].wall), mb(m[0].rss))
	return nil
}

func ms(d time.Duration) string  { return fmt.Sprintf("%.2f ms", float64(d)/1e6) }
func sec(d time.Duration) string { return fmt.Sprintf("%.2f s", d.Seconds()) }
func mb(n int64) string          { return fmt.Sprintf("%.0f MB", float64(n)/1e6) }
