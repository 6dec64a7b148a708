package crashtest

import (
	"context"
	"math/rand/v2"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/streamctl/streamctl/internal/checkpoint"
	"github.com/streamctl/streamctl/internal/cli"
	"github.com/streamctl/streamctl/internal/storage"
)

// asProgram makes this test binary act as streamctl.
const asProgram = "CRASHTEST_AS_PROGRAM"

func TestMain(m *testing.M) {
	if os.Getenv(asProgram) != "" {
		os.Exit(cli.Main(os.Args[1:]))
	}
	os.Exit(m.Run())
}

// program returns a command that runs the binary in STREAMCTL, or this one.
func program(args ...string) *exec.Cmd {
	name := os.Getenv("STREAMCTL")
	if name == "" {
		name = os.Args[0]
	}
	cmd := exec.Command(name, args...)
	cmd.Env = append(os.Environ(), asProgram+"=1", "XDG_CONFIG_HOME=/nonexistent")
	return cmd
}

// count returns a number from the environment, for the long versions of tests.
func count(name string, def int) int {
	if n, err := strconv.Atoi(os.Getenv(name)); err == nil {
		return n
	}
	return def
}

// TestStoppedAtRandom stops the program at random times while files arrive, with SIGKILL and with signals that
// it handles. KILLS is the number of times.
func TestStoppedAtRandom(t *testing.T) {
	for _, k := range kinds {
		t.Run(string(k), func(t *testing.T) { stoppedAtRandom(t, k) })
	}
}

func stoppedAtRandom(t *testing.T, k kind) {
	dir := t.TempDir()
	k.prepare(t, dir)
	in, out := filepath.Join(dir, "in"), filepath.Join(dir, "out")
	ctx, stop := context.WithCancel(context.Background())
	defer stop()
	var writer sync.WaitGroup
	written := 0
	writer.Go(func() { written = k.keepDropping(ctx, t, in) })
	random := rand.New(rand.NewPCG(1, uint64(time.Now().UnixNano())))
	kills := count("KILLS", 15)
	signals := []syscall.Signal{syscall.SIGKILL, syscall.SIGKILL, syscall.SIGTERM, syscall.SIGINT}
	if signal.Ignored(syscall.SIGINT) { // ignored in background jobs of a shell, and in their children
		signals = signals[:3]
	}
	open := 0
	for i := range kills {
		stopAtRandom(t, dir, random, signals[i%len(signals)], i%3 == 0)
		if c, err := checkpoint.Open(storage.OS, filepath.Join(dir, "checkpoint")); err == nil && c.Offsets.Latest() > c.Commits.Latest() {
			open++
		}
	}
	stop()
	writer.Wait()
	k.finish(t, in, written)
	if text, err := program(args(dir, true)...).CombinedOutput(); err != nil {
		t.Fatalf("the last run: %v\n%s", err, text)
	}
	k.agree(t, dir)
	lost, twice := compare(t, out, written)
	t.Logf("%d signals, half of them or more SIGKILL, %d within a batch, %d rows: %d lost, %d duplicates", kills, open, written, lost, twice)
	if lost > 0 || twice > 0 {
		t.Error("not exactly once")
	}
}

// stopAtRandom starts the program and sends it a signal after a random time.
func stopAtRandom(t *testing.T, dir string, random *rand.Rand, sig syscall.Signal, availableNow bool) {
	t.Helper()
	cmd := program(args(dir, availableNow)...)
	var stderr strings.Builder
	cmd.Stderr = &stderr
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	time.Sleep(time.Duration(random.Int64N(int64(150 * time.Millisecond))))
	_ = cmd.Process.Signal(sig)
	watchdog := time.AfterFunc(30*time.Second, func() { _ = cmd.Process.Signal(syscall.SIGABRT) })
	_ = cmd.Wait()
	watchdog.Stop()
	status := cmd.ProcessState.Sys().(syscall.WaitStatus)
	switch code := status.ExitStatus(); {
	case status.Signaled() && status.Signal() == sig: // the program had not installed its handler yet
	case code == 128+int(sig), code == 0 && availableNow:
	default:
		t.Fatalf("after signal %d: exit code %d\n%s", sig, code, &stderr)
	}
}

// args returns the arguments of a run in dir, with or without --available-now.
func args(dir string, availableNow bool) []string {
	a := []string{"file", "--dir", filepath.Join(dir, "in"), "--schema", "a INT", "--sink", "csv", "--path", filepath.Join(dir, "out"),
		"--checkpoint", filepath.Join(dir, "checkpoint"), "--option", "maxFilesPerTrigger=4", "--quiet"}
	if availableNow {
		a = append(a, "--available-now")
	}
	if steps := filepath.Join(dir, "job.yaml"); exists(steps) {
		a = append(a, "--job", steps)
	}
	return a
}

func exists(path string) bool {
	_, err := os.Stat(path)
	return err == nil
}

// dropText renames a file into place.
func dropText(dir, name, text string) error {
	tmp := filepath.Join(dir, "."+name)
	if err := os.WriteFile(tmp, []byte(text), 0o600); err != nil {
		return err
	}
	return os.Rename(tmp, filepath.Join(dir, name))
}

// compare reads an output directory, both through its list and without it. It returns the number of rows below
// n that are missing and the number of duplicates.
func compare(t *testing.T, out string, n int) (lost, twice int) {
	t.Helper()
	files, err := checkpoint.ReadSinkLog(storage.OS, out)
	if err != nil {
		t.Fatal(err)
	}
	var listed []string
	for _, f := range files {
		listed = append(listed, f.Path)
	}
	found, err := filepath.Glob(filepath.Join(out, "*"))
	if err != nil {
		t.Fatal(err)
	}
	const others = 2 // _spark_metadata and the lock file
	if len(found) != len(listed)+others {
		t.Errorf("%d files are listed, but there are %d", len(listed), len(found)-others)
	}
	times := make([]int, n)
	for _, f := range listed {
		text, err := os.ReadFile(f)
		if err != nil {
			t.Fatal(err)
		}
		for _, row := range strings.Fields(string(text)) {
			if i, err := strconv.Atoi(row); err != nil || i < 0 || i >= n {
				t.Errorf("%s has the row %q", f, row)
			} else {
				times[i]++
			}
		}
	}
	for _, n := range times {
		lost += max(0, 1-n)
		twice += max(0, n-1)
	}
	return lost, twice
}
