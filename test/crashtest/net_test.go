package crashtest

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"math/rand/v2"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"
)

// A toxic forwards what a server sends on one connection, with faults.
type toxic func(to *net.TCPConn, from io.Reader) error

// slowly forwards small pieces with pauses, so that lines and characters are split.
func slowly(to *net.TCPConn, from io.Reader) error {
	random := rand.New(rand.NewPCG(1, 2))
	buf := make([]byte, 37)
	for {
		n, err := from.Read(buf[:1+random.IntN(len(buf))])
		if _, err := to.Write(buf[:n]); err != nil {
			return err
		}
		if err != nil {
			return err
		}
		if random.IntN(20) == 0 {
			time.Sleep(time.Duration(random.Int64N(int64(3 * time.Millisecond))))
		}
	}
}

// dropsAfter forwards n bytes and then resets the connection.
func dropsAfter(n int64) toxic {
	return func(to *net.TCPConn, from io.Reader) error {
		_, err := io.CopyN(to, from, n)
		time.Sleep(50 * time.Millisecond) // let the data arrive: a reset would overtake it
		_ = to.SetLinger(0)
		return err
	}
}

// serve sends each text on a separate connection through a toxic proxy. It returns the address to connect to.
func serve(t *testing.T, texts []string, toxics ...toxic) (host, port string) {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	var connections sync.WaitGroup
	connections.Go(func() {
		for i, text := range texts {
			conn, err := l.Accept()
			if err != nil {
				return
			}
			_ = toxics[i](conn.(*net.TCPConn), strings.NewReader(text))
			_ = conn.Close()
		}
	})
	t.Cleanup(func() {
		_ = l.Close()
		connections.Wait()
	})
	host, port, _ = net.SplitHostPort(l.Addr().String())
	return host, port
}

func numbered(prefix string, n int) string {
	var b strings.Builder
	for i := range n {
		fmt.Fprintf(&b, "%s%dé\n", prefix, i)
	}
	return b.String()
}

// TestABadNetworkLosesNoLine reads lines that arrive late and in pieces.
func TestABadNetworkLosesNoLine(t *testing.T) {
	text := numbered("line ", 2000)
	host, port := serve(t, []string{text}, slowly)
	out, err := program("socket", "--host", host, "--port", port, "--available-now", "-o", "text", "-q").Output()
	if err != nil {
		t.Fatal(err)
	}
	if string(out) != text {
		t.Errorf("%d bytes came out, want %d", len(out), len(text))
	}
}

// TestABrokenConnectionIsMadeAgain resets a connection in the middle of a line. All complete lines must be
// there, and the next connection continues. Without --reconnect, the query fails after these lines.
func TestABrokenConnectionIsMadeAgain(t *testing.T) {
	first, second := numbered("a", 300), numbered("b", 300)
	cut := int64(len(first) - 5)
	whole := first[:strings.LastIndexByte(first[:cut], '\n')+1]

	host, port := serve(t, []string{first, second}, dropsAfter(cut), slowly)
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	cmd := program("socket", "--host", host, "--port", port, "--reconnect", "-o", "text", "-q")
	pipe, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	stop := context.AfterFunc(ctx, func() { _ = cmd.Process.Kill() })
	defer stop()
	var got strings.Builder
	for s := bufio.NewScanner(pipe); s.Scan(); {
		got.WriteString(s.Text() + "\n")
		if s.Text() == "b299é" {
			_ = cmd.Process.Signal(os.Interrupt)
		}
	}
	_ = cmd.Wait()
	rest, found := strings.CutPrefix(got.String(), whole)
	if !found || !strings.HasSuffix(rest, second) || strings.Count(rest, "\n") > 301 {
		t.Errorf("between the lines of both connections stands %q", strings.TrimSuffix(rest, second))
	}

	host, port = serve(t, []string{first}, dropsAfter(cut))
	cmd = program("socket", "--host", host, "--port", port, "-o", "text", "-q")
	var stderr strings.Builder
	cmd.Stderr = &stderr
	out, _ := cmd.Output()
	if code := cmd.ProcessState.ExitCode(); code != 1 || !strings.Contains(stderr.String(), "was lost") || !strings.HasPrefix(string(out), whole) {
		t.Errorf("exit code %d, %d bytes of %d, %s", code, len(out), len(whole), &stderr)
	}
}

// TestASlowReaderHoldsTheProgramBack reads 100 MB from standard output, slowly at first. The program must wait
// without growing.
func TestASlowReaderHoldsTheProgramBack(t *testing.T) {
	dir := t.TempDir()
	in := filepath.Join(dir, "in.csv")
	line := strings.Repeat("x", 99) + "\n"
	const rows = 1_000_000
	if err := os.WriteFile(in, []byte(strings.Repeat(line, rows)), 0o600); err != nil {
		t.Fatal(err)
	}
	cmd := program("file", in, "--schema", "a STRING", "--available-now", "-o", "text", "-q")
	pipe, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	got := int64(0)
	for range 40 {
		n, err := io.CopyN(io.Discard, pipe, 10_000)
		if got += n; err != nil {
			t.Fatal(err)
		}
		time.Sleep(20 * time.Millisecond)
	}
	// The limit leaves room for the race detector, whose own memory is about that of the program.
	if peak := peakMemory(cmd.Process.Pid); peak > 180<<20 {
		t.Errorf("%d MB while the reader was slow", peak>>20)
	} else if peak == 0 {
		t.Log("this system does not tell how much memory a process has")
	}
	n, err := io.Copy(io.Discard, pipe)
	if got += n; err != nil || got != rows*int64(len(line)) {
		t.Errorf("%d bytes, want %d; %v", got, rows*len(line), err)
	}
	if err := cmd.Wait(); err != nil {
		t.Error(err)
	}
}

// peakMemory returns the peak memory of a running process in bytes, or 0 if unknown.
func peakMemory(pid int) (peak int64) {
	text, _ := os.ReadFile(fmt.Sprintf("/proc/%d/status", pid))
	_, rest, _ := strings.Cut(string(text), "VmHWM:")
	_, _ = fmt.Sscan(rest, &peak)
	return peak << 10
}

// TestADirectoryThatIsReplaced replaces the input directory during a run. The run must report that it is gone,
// or continue. After another run, each row is there once.
func TestADirectoryThatIsReplaced(t *testing.T) {
	dir := t.TempDir()
	input(t, dir, 3)
	in := filepath.Join(dir, "in")
	cmd := program(args(dir, false)...)
	var stderr strings.Builder
	cmd.Stderr = &stderr
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	waitForFiles(t, filepath.Join(dir, "out", "part-*.csv"), 1)
	if err := os.RemoveAll(in); err != nil {
		t.Fatal(err)
	}
	if err := os.Mkdir(in, 0o755); err != nil {
		t.Fatal(err)
	}
	for i := 3; i < 6; i++ {
		if err := dropText(in, fmt.Sprintf("%09d.csv", i), fmt.Sprintln(i)); err != nil {
			t.Fatal(err)
		}
	}
	time.Sleep(1500 * time.Millisecond) // longer than the interval of the periodic check
	_ = cmd.Process.Signal(os.Interrupt)
	_ = cmd.Wait()
	if code := cmd.ProcessState.ExitCode(); code != 130 && (code != 1 || !strings.Contains(stderr.String(), in)) {
		t.Errorf("exit code %d: %s", code, &stderr)
	}
	if code, text := ends(t, program(args(dir, true)...)); code != 0 {
		t.Fatalf("exit code %d: %s", code, text)
	}
	if lost, twice := compare(t, filepath.Join(dir, "out"), 6); lost > 0 || twice > 0 {
		t.Errorf("%d lost, %d duplicates", lost, twice)
	}
}

// waitForFiles waits until n files match a pattern.
func waitForFiles(t *testing.T, pattern string, n int) {
	t.Helper()
	for start := time.Now(); time.Since(start) < 10*time.Second; time.Sleep(5 * time.Millisecond) {
		if found, _ := filepath.Glob(pattern); len(found) >= n {
			return
		}
	}
	t.Fatalf("there are not %d files %s", n, pattern)
}

// TestAConnectionThatDiesSilently takes down the link to the server, without closing the connection.
// Keep-alive probes detect this, and --reconnect reconnects when the link is back. It takes a minute: SOAK=1.
func TestAConnectionThatDiesSilently(t *testing.T) {
	if os.Getenv("SOAK") == "" {
		t.Skip("SOAK=1 runs it")
	}
	sh := func(script string) error { return exec.Command("sh", "-ec", script).Run() }
	const space, here, there = "streamctl-crashtest", "198.51.100.1", "198.51.100.2" // addresses reserved for documentation
	if err := sh(`ip netns add ` + space + `
		ip link add sctl0 type veth peer name sctl1 netns ` + space + `
		ip address add ` + here + `/24 dev sctl0; ip link set sctl0 up
		ip -n ` + space + ` address add ` + there + `/24 dev sctl1; ip -n ` + space + ` link set sctl1 up`); err != nil {
		_ = sh("ip netns delete " + space)
		t.Skipf("no network of its own can be made here: %v", err)
	}
	defer func() { _ = sh("ip netns delete " + space) }()
	server := exec.Command("ip", "netns", "exec", space, "ncat", "-lk", there, "19999")
	lines, err := server.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := server.Start(); err != nil {
		t.Fatal(err)
	}
	defer func() { _ = server.Process.Kill(); _ = server.Wait() }()
	cmd := program("socket", "--host", there, "--port", "19999", "--reconnect", "-o", "text")
	var stderr strings.Builder
	cmd.Stderr = &stderr
	pipe, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	defer func() { _ = cmd.Process.Kill(); _ = cmd.Wait() }()
	rows := bufio.NewScanner(pipe)
	_, _ = io.WriteString(lines, "before\n")
	if !rows.Scan() || rows.Text() != "before" {
		t.Fatalf("%q: %s", rows.Text(), &stderr)
	}
	if err := sh("ip link set sctl0 down"); err != nil {
		t.Fatal(err)
	}
	time.Sleep(40 * time.Second)
	if err := sh("ip link set sctl0 up"); err != nil {
		t.Fatal(err)
	}
	time.Sleep(10 * time.Second)
	_, _ = io.WriteString(lines, "after\n")
	stop := time.AfterFunc(20*time.Second, func() { _ = cmd.Process.Kill() })
	defer stop.Stop()
	if !rows.Scan() || rows.Text() != "after" {
		t.Errorf("%q after the link came back: %s", rows.Text(), &stderr)
	}
}
