package crashtest

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/streamctl/streamctl/internal/engine"
)

// ends runs a command until it ends, and returns the exit code and the output.
func ends(t *testing.T, cmd *exec.Cmd) (int, string) {
	t.Helper()
	text, err := cmd.CombinedOutput()
	var exit *exec.ExitError
	if err != nil && !errors.As(err, &exit) {
		t.Fatal(err)
	}
	return cmd.ProcessState.ExitCode(), string(text)
}

// refuses checks that a run fails and names the cause and a path.
func refuses(t *testing.T, cmd *exec.Cmd, cause, path string) {
	t.Helper()
	if code, text := ends(t, cmd); (code != 1 && code != 2) || !strings.Contains(text, cause) || !strings.Contains(text, path) {
		t.Errorf("exit code %d, want 1 or 2 with %q and %q:\n%s", code, cause, path, text)
	}
}

// input creates a directory with n files with one row each.
func input(t *testing.T, dir string, n int) {
	t.Helper()
	if err := os.MkdirAll(filepath.Join(dir, "in"), 0o755); err != nil {
		t.Fatal(err)
	}
	for i := range n {
		if err := dropText(filepath.Join(dir, "in"), fmt.Sprintf("%09d.csv", i), fmt.Sprintln(i)); err != nil {
			t.Fatal(err)
		}
	}
}

// tmpfs mounts a separate file system at dir. If that is not permitted, the test is skipped.
func tmpfs(t *testing.T, dir, options string) {
	t.Helper()
	if err := os.MkdirAll(dir, 0o755); err != nil {
		t.Fatal(err)
	}
	if err := syscall.Mount("tmpfs", dir, "tmpfs", 0, options); err != nil {
		t.Skipf("no file system can be mounted here: %v", err)
	}
	t.Cleanup(func() { _ = syscall.Unmount(dir, 0) })
}

func remount(t *testing.T, dir string, flags uintptr, options string) {
	t.Helper()
	if err := syscall.Mount("tmpfs", dir, "tmpfs", syscall.MS_REMOUNT|flags, options); err != nil {
		t.Fatal(err)
	}
}

// TestADiskThatIsFull fills a small disk, or one with few inodes, and lets the query continue after making
// room.
func TestADiskThatIsFull(t *testing.T) {
	for name, limit := range map[string]string{"no blocks": "size=100k", "no inodes": "nr_inodes=30"} {
		t.Run(name, func(t *testing.T) {
			dir := t.TempDir()
			input(t, dir, 40)
			for _, sub := range []string{"out", "checkpoint"} {
				tmpfs(t, filepath.Join(dir, sub), limit)
			}
			for range 2 {
				refuses(t, program(args(dir, true)...), "no space left on device", dir)
			}
			for _, sub := range []string{"out", "checkpoint"} {
				remount(t, filepath.Join(dir, sub), 0, "size=10m,nr_inodes=1000")
			}
			if code, text := ends(t, program(args(dir, true)...)); code != 0 {
				t.Fatalf("exit code %d: %s", code, text)
			}
			if lost, twice := compare(t, filepath.Join(dir, "out"), 40); lost > 0 || twice > 0 {
				t.Errorf("%d lost, %d duplicates", lost, twice)
			}
		})
	}
}

func TestADiskThatIsReadOnly(t *testing.T) {
	dir := t.TempDir()
	input(t, dir, 1)
	out := filepath.Join(dir, "out")
	tmpfs(t, out, "size=1m")
	remount(t, out, syscall.MS_RDONLY, "size=1m")
	refuses(t, program(args(dir, true)...), "read-only file system", out)
	remount(t, out, 0, "size=1m")
	if code, text := ends(t, program(args(dir, true)...)); code != 0 {
		t.Fatalf("exit code %d: %s", code, text)
	}
	if lost, twice := compare(t, out, 1); lost > 0 || twice > 0 {
		t.Errorf("%d lost, %d duplicates", lost, twice)
	}
}

// TestNoPermission runs as a user without permission to write the output or the checkpoint, or to read the
// input. An unreadable file is skipped, and read once it is readable.
func TestNoPermission(t *testing.T) {
	for _, forbidden := range []string{"out", "checkpoint", "in/000000000.csv", "in"} {
		dir := t.TempDir()
		input(t, dir, 1)
		for _, sub := range []string{"out", "checkpoint"} {
			if err := os.Mkdir(filepath.Join(dir, sub), 0o777); err != nil {
				t.Fatal(err)
			}
		}
		path := filepath.Join(dir, forbidden)
		err := filepath.WalkDir(filepath.Dir(dir), func(p string, _ os.DirEntry, err error) error {
			return errors.Join(err, os.Chmod(p, 0o777))
		})
		if err != nil {
			t.Fatal(err)
		}
		if err := os.Chmod(path, 0o000); err != nil {
			t.Fatal(err)
		}
		cmd := program(args(dir, true)...)
		if os.Geteuid() == 0 {
			cmd.Path = reachable(t, dir, cmd.Path)
			cmd.SysProcAttr = &syscall.SysProcAttr{Credential: &syscall.Credential{Uid: 65534, Gid: 65534}}
		}
		isFile := strings.HasSuffix(forbidden, ".csv")
		if !isFile {
			refuses(t, cmd, "permission denied", path)
		} else if code, text := ends(t, cmd); code != 0 || !strings.Contains(text, "may not be read") || !strings.Contains(text, path) {
			t.Errorf("exit code %d, want 0 and a warning with %q:\n%s", code, path, text)
		}
		if err := os.Chmod(path, 0o755); err != nil {
			t.Fatal(err)
		}
		if !isFile {
			continue
		}
		if code, text := ends(t, program(args(dir, true)...)); code != 0 {
			t.Fatalf("exit code %d: %s", code, text)
		}
		if lost, twice := compare(t, filepath.Join(dir, "out"), 1); lost > 0 || twice > 0 {
			t.Errorf("%d lost, %d duplicates", lost, twice)
		}
	}
}

// reachable links a program to a place where any user can run it.
func reachable(t *testing.T, dir, name string) string {
	t.Helper()
	text, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	to := filepath.Join(dir, "program")
	if err := os.WriteFile(to, text, 0o755); err != nil { //nolint:gosec // it is a program
		t.Fatal(err)
	}
	return to
}

// TestTooFewFileDescriptors lowers the limit until nothing works: each run succeeds or reports why it cannot.
func TestTooFewFileDescriptors(t *testing.T) {
	dir := t.TempDir()
	input(t, dir, 8)
	refused := 0
	for limit := 7; limit <= 16; limit++ {
		a := program(args(dir, true)...)
		cmd := exec.Command("sh", append([]string{"-c", fmt.Sprintf(`ulimit -n %d; exec "$0" "$@"`, limit), a.Path}, a.Args[1:]...)...)
		cmd.Env = a.Env
		code, text := ends(t, cmd)
		switch {
		case code > 0 && strings.Contains(text, "too many open files"):
			refused++
		case strings.Contains(text, "runtime: eventfd failed"): // not even Go's runtime can start
		case code != 0:
			t.Errorf("limit %d: exit code %d: %s", limit, code, text)
		}
	}
	if code, text := ends(t, program(args(dir, true)...)); code != 0 {
		t.Fatalf("exit code %d: %s", code, text)
	}
	if lost, twice := compare(t, filepath.Join(dir, "out"), 8); lost > 0 || twice > 0 {
		t.Errorf("%d lost, %d duplicates", lost, twice)
	}
	t.Logf("%d runs had too few", refused)
}

// TestTooLittleAddressSpace sets ulimit -v, beyond which Go's runtime would abort the process: the query fails with an error first.
func TestTooLittleAddressSpace(t *testing.T) {
	limited := func(args ...string) *exec.Cmd {
		a := program(args...)
		cmd := exec.Command("sh", append([]string{"-c", `ulimit -v 1500000; exec "$0" "$@"`, a.Path}, a.Args[1:]...)...)
		cmd.Env = a.Env
		return cmd
	}
	if limited("version").Run() != nil {
		t.Skip("the program cannot start with so little address space, as with the race detector")
	}
	in := filepath.Join(t.TempDir(), "in.json")
	if err := os.WriteFile(in, []byte(`{"a":"`+strings.Repeat("x", 200<<20)+`"}`), 0o600); err != nil {
		t.Fatal(err)
	}
	var code int
	var text string
	for range 10 { // what the runtime reserves at its start varies; it may abort the program before its first line
		code, text = ends(t, limited("file", in, "--format", "json", "--schema", "a STRING", "--available-now", "-o", "json"))
		if !strings.Contains(text, "fatal error: out of memory") || strings.Contains(text, "main.main()") {
			break
		}
	}
	refused := code == 2 && strings.Contains(text, "ulimit -v leaves")
	failed := code == 1 && strings.Contains(text, "the memory limit leaves") && strings.Contains(text, "hint: raise ulimit -v")
	if !refused && !failed {
		t.Errorf("exit code %d: %.5000s", code, text)
	}
}

// TestAClockThatGoesBackwards sets the clock back within a run and between runs.
func TestAClockThatGoesBackwards(t *testing.T) {
	w := &world{scenario: scenario{name: "clock", formats: []string{"csv"}}, in: t.TempDir(), start: newDisk()}
	w.drop(t, 3)
	now := time.Now()
	backwards := func() time.Time {
		now = now.Add(-time.Second)
		return now
	}
	for _, pattern := range []string{firstFiles, allFiles} {
		ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
		_, err := engine.Run(ctx, w.job(pattern), engine.Env{FS: w.start, Workers: 1, Now: backwards})
		cancel()
		if err != nil {
			t.Fatal(err)
		}
	}
	w.verify(t, w.start, "backwards")
}

// TestMemoryIsBounded runs with a system-enforced limit of 64 MB on many kinds of input: many rows, one long
// malformed line, highly compressed data, and a deep tree of small files.
func TestMemoryIsBounded(t *testing.T) {
	group := "/sys/fs/cgroup/memory/streamctl-crashtest"
	if err := os.Mkdir(group, 0o755); err != nil {
		t.Skipf("no control group for memory can be made here: %v", err)
	}
	defer func() { _ = os.Remove(group) }()
	if err := os.WriteFile(filepath.Join(group, "memory.limit_in_bytes"), []byte("64M"), 0o644); err != nil {
		t.Fatal(err)
	}
	for name, text := range map[string]string{
		"rows":      strings.Repeat("Ada,36\n", 12_000_000),
		"one line":  strings.Repeat("x", 80<<20) + "\nAda,36\n",
		"no line":   strings.Repeat("\n", 80<<20),
		"wide rows": strings.Repeat(strings.Repeat("word ", 20_000)+",36\n", 800),
	} {
		in := filepath.Join(t.TempDir(), "in.csv")
		if err := os.WriteFile(in, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		a := program("file", in, "--schema", "name STRING, age INT", "--max-line-bytes", "1000000", "--select", "upper(name) AS u, age + 1 AS a",
			"--available-now", "-o", "csv", "-q")
		cmd := exec.Command("sh", append([]string{"-c", `echo $$ > ` + group + `/cgroup.procs; exec "$0" "$@"`, a.Path}, a.Args[1:]...)...)
		cmd.Env = a.Env
		var stderr strings.Builder
		cmd.Stderr = &stderr
		if err := cmd.Run(); err != nil {
			t.Errorf("%s: %v %s", name, err, &stderr)
		}
		_ = os.Remove(in)
	}
}
