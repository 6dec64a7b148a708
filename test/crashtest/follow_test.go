package crashtest

import (
	"bufio"
	"bytes"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/streamctl/streamctl/internal/checkpoint"
	"github.com/streamctl/streamctl/internal/storage"
)

// A rotated log is a file app.log with numbered lines, which is rotated while it is written to and followed.
type rotatedLog struct {
	dir  string
	mu   sync.Mutex // held while a line is written, and by rotations that cannot bear it
	file *os.File
	last int // the number of the last line
}

func (l *rotatedLog) path() string { return filepath.Join(l.dir, "app.log") }

func (l *rotatedLog) open() error {
	f, err := os.OpenFile(l.path(), os.O_CREATE|os.O_WRONLY|os.O_APPEND, 0o644)
	if err == nil && l.file != nil {
		err = l.file.Close()
	}
	l.file = f
	return err
}

// write appends a line, now and then in two pieces.
func (l *rotatedLog) write() error {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.last++
	line := fmt.Sprintf("%d %s\n", l.last, strings.Repeat("x", l.last%50))
	cut := 0
	if l.last%7 == 0 {
		cut = len(line) / 2
	}
	if _, err := l.file.WriteString(line[:cut]); err != nil {
		return err
	}
	_, err := l.file.WriteString(line[cut:])
	return err
}

// keepWriting writes until stop is closed.
func (l *rotatedLog) keepWriting(t *testing.T, stop <-chan struct{}) {
	for {
		select {
		case <-stop:
			return
		default:
		}
		if err := l.write(); err != nil {
			t.Error(err)
			return
		}
		time.Sleep(100 * time.Microsecond)
	}
}

// rotations are ways to rotate a log; i is the number of the rotation.
var rotations = map[string]func(l *rotatedLog, i int) error{
	// The writer goes on with the renamed file until it opens the new one.
	"rename": func(l *rotatedLog, i int) error {
		if err := os.Rename(l.path(), fmt.Sprintf("%s-%04d", l.path(), i)); err != nil {
			return err
		}
		time.Sleep(2 * time.Millisecond)
		l.mu.Lock()
		defer l.mu.Unlock()
		return l.open()
	},
	// Lines that are written between the copy and its end would be lost, whoever reads the files.
	"copytruncate and gzip": func(l *rotatedLog, i int) error {
		target := fmt.Sprintf("%s-%04d", l.path(), i)
		if err := l.copyTruncate(target); err != nil {
			return err
		}
		return exec.Command("gzip", target).Run()
	},
}

func (l *rotatedLog) copyTruncate(target string) error {
	l.mu.Lock()
	defer l.mu.Unlock()
	data, err := os.ReadFile(l.path())
	if err != nil {
		return err
	}
	f, err := os.Create(target)
	if err != nil {
		return err
	}
	for len(data) > 0 {
		n := min(len(data), 4096)
		if _, err := f.Write(data[:n]); err != nil {
			return err
		}
		data = data[n:]
	}
	time.Sleep(time.Millisecond)
	if err := f.Close(); err != nil {
		return err
	}
	return os.Truncate(l.path(), 0)
}

// TestRotatedWhileKilled rotates a log while it is followed by a program that is killed at random: no line is lost, and none is in the output
// twice. ROTATIONS is the number of rotations of each kind.
func TestRotatedWhileKilled(t *testing.T) {
	for name, rotate := range rotations {
		t.Run(name, func(t *testing.T) { rotatedWhileKilled(t, rotate) })
	}
	for _, config := range []string{"create\nnocompress", "copytruncate\ncompress", "create\ncompress\ndelaycompress"} {
		t.Run("logrotate "+strings.ReplaceAll(config, "\n", " "), func(t *testing.T) {
			if _, err := exec.LookPath("logrotate"); err != nil {
				if strings.Contains(os.Getenv("STREAMCTL_REQUIRE"), "logrotate") {
					t.Fatal(err)
				}
				t.Skip("logrotate is not installed: apt-get install logrotate")
			}
			rotatedWhileKilled(t, logrotate(t, config))
		})
	}
}

// logrotate returns a rotation by the real logrotate.
func logrotate(t *testing.T, config string) func(*rotatedLog, int) error {
	return func(l *rotatedLog, i int) error {
		conf, state := filepath.Join(l.dir, "..", "logrotate.conf"), filepath.Join(l.dir, "..", "logrotate.state")
		if i == 0 {
			text := fmt.Sprintf("%s {\nsize 1\nrotate 2000\nsu root root\n%s\n}\n", l.path(), config)
			if os.Getuid() != 0 {
				text = strings.Replace(text, "su root root\n", "", 1)
			}
			if err := os.WriteFile(conf, []byte(text), 0o644); err != nil {
				return err
			}
		}
		run := func() error {
			out, err := exec.Command("logrotate", "-f", "-s", state, conf).CombinedOutput()
			if err != nil {
				t.Logf("%s", out)
			}
			return err
		}
		if strings.HasPrefix(config, "copytruncate") {
			l.mu.Lock()
			defer l.mu.Unlock()
			return run()
		}
		if err := run(); err != nil {
			return err
		}
		l.mu.Lock()
		defer l.mu.Unlock()
		return l.open()
	}
}

func rotatedWhileKilled(t *testing.T, rotate func(*rotatedLog, int) error) {
	t.Parallel()
	dir := t.TempDir()
	l := &rotatedLog{dir: filepath.Join(dir, "logs")}
	if err := os.Mkdir(l.dir, 0o755); err != nil {
		t.Fatal(err)
	}
	if err := l.open(); err != nil {
		t.Fatal(err)
	}
	stop := make(chan struct{})
	var writer, killer sync.WaitGroup
	writer.Go(func() { l.keepWriting(t, stop) })
	killer.Go(func() { followAndKill(t, dir, stop) })
	for i := range count("ROTATIONS", 12) {
		time.Sleep(time.Duration(rand.IntN(30)) * time.Millisecond)
		if err := rotate(l, i); err != nil {
			t.Error(err)
			break
		}
	}
	close(stop)
	writer.Wait()
	killer.Wait()
	out, err := follower(dir, "--available-now").CombinedOutput()
	if err != nil || bytes.Contains(out, []byte("warning")) {
		t.Errorf("the last run: %v\n%s", err, out)
	}
	eachOnce(t, filepath.Join(dir, "out"), l.last)
}

// follower returns a run that follows the logs.
func follower(dir string, more ...string) *exec.Cmd {
	return program(append([]string{"file", filepath.Join(dir, "logs", "app.log*"), "--follow", "--option", "maxBytesPerTrigger=20000",
		"--sink", "text", "--path", filepath.Join(dir, "out"), "--checkpoint", filepath.Join(dir, "checkpoint")}, more...)...)
}

// followAndKill runs the program and kills it, again and again.
func followAndKill(t *testing.T, dir string, stop <-chan struct{}) {
	for {
		cmd := follower(dir)
		var stderr bytes.Buffer
		cmd.Stderr = &stderr
		if err := cmd.Start(); err != nil {
			t.Error(err)
			return
		}
		over := false
		select {
		case <-stop:
			over = true
		case <-time.After(time.Duration(50+rand.IntN(500)) * time.Millisecond):
		}
		_ = cmd.Process.Kill()
		_ = cmd.Wait()
		if cmd.ProcessState.Exited() || bytes.Contains(stderr.Bytes(), []byte("are lost")) {
			t.Errorf("%v: %s", cmd.ProcessState, &stderr)
			return
		}
		if over {
			return
		}
	}
}

// eachOnce checks that the committed output has the lines 1 to last, each once.
func eachOnce(t *testing.T, out string, last int) {
	t.Helper()
	files, err := checkpoint.ReadSinkLog(storage.OS, out)
	if err != nil {
		t.Fatal(err)
	}
	times := make([]int, last+1)
	for _, f := range files {
		data, err := os.ReadFile(f.Path)
		if err != nil {
			t.Fatal(err)
		}
		for lines := bufio.NewScanner(bytes.NewReader(data)); lines.Scan(); {
			number, rest, _ := strings.Cut(lines.Text(), " ")
			n, err := strconv.Atoi(number)
			if err != nil || n < 1 || n > last || len(rest) != n%50 {
				t.Fatalf("the line %q was never written", lines.Text())
			}
			times[n]++
		}
	}
	lost, twice := 0, 0
	for _, n := range times[1:] {
		switch {
		case n == 0:
			lost++
		case n > 1:
			twice++
		}
	}
	if lost+twice > 0 {
		t.Errorf("of %d lines, %d were lost and %d came more than once", last, lost, twice)
	}
	t.Logf("%d lines in %d files", last, len(files))
}
