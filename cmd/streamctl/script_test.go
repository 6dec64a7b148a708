package main

import (
	"bytes"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/creack/pty"
	"github.com/rogpeppe/go-internal/testscript"

	"github.com/streamctl/streamctl/internal/cli"
	"github.com/streamctl/streamctl/test/freeport"
)

// patience limits every wait in a story. It only expires if the story is broken.
const patience = 60 * time.Second

func TestMain(m *testing.M) {
	testscript.Main(m, map[string]func(){"streamctl": func() { os.Exit(cli.Main(os.Args[1:])) }})
}

// TestStories runs the user stories in testdata/script with the commands defined below and testscript's own.
func TestStories(t *testing.T) {
	heedSignals()
	configs, err := filepath.Abs("../../configs")
	if err != nil {
		t.Fatal(err)
	}
	testscript.Run(t, testscript.Params{
		Dir:                 "testdata/script",
		RequireExplicitExec: true,
		RequireUniqueNames:  true,
		Setup: func(e *testscript.Env) error {
			e.Setenv("TZ", "UTC")
			e.Setenv("XDG_CONFIG_HOME", filepath.Join(e.WorkDir, ".config"))
			e.Setenv("CONFIGS", configs)
			if testing.CoverMode() != "" { // otherwise the runtime complains on standard error, which stories compare
				e.Setenv("GOCOVERDIR", t.TempDir())
			}
			e.Values[processes{}] = map[string]*process{}
			return nil
		},
		Condition: condition,
		Cmds: map[string]func(ts *testscript.TestScript, neg bool, args []string){
			"start": start, "starttty": startTTY, "expect": expect, "signal": sendSignal, "ended": ended, "put": put, "port": port, "listens": listens,
			"address": address, "receiver": receiver, "fetch": fetch, "await": await, "send": send, "exits": exits, "lines": lines, "same": same, "broker": broker, "produce": produce,
		},
	})
}

// heedSignals makes the programs in stories start with default signal actions, even if the tests' parent
// ignores signals, as nohup and background jobs do: a child inherits an ignored signal, but not a handled one.
func heedSignals() {
	for _, s := range []os.Signal{syscall.SIGHUP, syscall.SIGINT, syscall.SIGQUIT} {
		if signal.Ignored(s) {
			signal.Notify(make(chan os.Signal, 1), s)
		}
	}
}

// condition reports whether a tool is installed: [nc:openbsd]. With STREAMCTL_REQUIRE=nc, a missing tool is an
// error.
func condition(cond string) (bool, error) {
	kind, ok := strings.CutPrefix(cond, "nc:")
	if !ok {
		return false, fmt.Errorf("unknown condition %s", cond)
	}
	_, err := exec.LookPath(netcats[kind])
	if err != nil && strings.Contains(os.Getenv("STREAMCTL_REQUIRE"), "nc") {
		return false, fmt.Errorf("STREAMCTL_REQUIRE asks for %s, which is not installed", netcats[kind])
	}
	return err == nil, nil
}

// netcats maps implementations of netcat to the names under which distributions install them side by side.
var netcats = map[string]string{"openbsd": "nc.openbsd", "traditional": "nc.traditional", "ncat": "ncat"}

// processes is the key of the started processes in a script's values.
type processes struct{}

// A process is a program that runs in the background of a story.
type process struct {
	cmd  *exec.Cmd
	done chan struct{}
}

func running(ts *testscript.TestScript) map[string]*process {
	return ts.Value(processes{}).(map[string]*process)
}

// start NAME PROGRAM ARGS… runs a program in the background. Its output goes to NAME.out and NAME.err.
func start(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) < 2 {
		ts.Fatalf("usage: start NAME PROGRAM ARGS…")
	}
	out, err := os.Create(ts.MkAbs(args[0] + ".out"))
	ts.Check(err)
	stderr, err := os.Create(ts.MkAbs(args[0] + ".err"))
	ts.Check(err)
	cmd := command(ts, args[1:])
	cmd.Stdout, cmd.Stderr = out, stderr
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true} // to signal its children, too
	ts.Check(cmd.Start())
	ts.Check(out.Close())
	ts.Check(stderr.Close())
	track(ts, args[0], cmd, cmd.Wait)
}

// starttty is like start, on a terminal: both outputs go to NAME.out.
func startTTY(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) < 2 {
		ts.Fatalf("usage: starttty NAME PROGRAM ARGS…")
	}
	cmd := command(ts, args[1:])
	terminal, err := pty.Start(cmd)
	ts.Check(err)
	out, err := os.Create(ts.MkAbs(args[0] + ".out"))
	ts.Check(err)
	track(ts, args[0], cmd, func() error {
		var copied sync.WaitGroup
		copied.Go(func() {
			buf := make([]byte, 4096)
			for {
				n, err := terminal.Read(buf)
				_, _ = out.Write(bytes.ReplaceAll(buf[:n], []byte("\r\n"), []byte("\n")))
				if err != nil {
					return
				}
			}
		})
		err := cmd.Wait()
		copied.Wait()
		_ = terminal.Close()
		_ = out.Close()
		return err
	})
}

func command(ts *testscript.TestScript, args []string) *exec.Cmd {
	program := args[0]
	for _, dir := range filepath.SplitList(ts.Getenv("PATH")) {
		if info, err := os.Stat(filepath.Join(dir, program)); err == nil && !info.IsDir() {
			program = filepath.Join(dir, program)
			break
		}
	}
	cmd := exec.Command(program, args[1:]...)
	cmd.Dir = ts.MkAbs(".")
	for _, name := range []string{"PATH", "HOME", "TMPDIR", "TZ", "XDG_CONFIG_HOME", "NO_COLOR", "CLICOLOR_FORCE", "TERM", "GOCOVERDIR", "GORACE"} {
		if v := ts.Getenv(name); v != "" {
			cmd.Env = append(cmd.Env, name+"="+v)
		}
	}
	return cmd
}

func track(ts *testscript.TestScript, name string, cmd *exec.Cmd, wait func() error) {
	p := &process{cmd: cmd, done: make(chan struct{})}
	running(ts)[name] = p
	go func() {
		defer close(p.done)
		_ = wait()
	}()
	ts.Defer(func() {
		_ = syscall.Kill(-cmd.Process.Pid, syscall.SIGKILL)
		<-p.done
	})
}

// expect FILE REGEX [COUNT] waits until a file has COUNT matches, or one.
func expect(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) < 2 {
		ts.Fatalf("usage: expect FILE REGEX [COUNT]")
	}
	re, err := regexp.Compile("(?m)" + args[1])
	ts.Check(err)
	count := 1
	if len(args) > 2 {
		count, err = strconv.Atoi(args[2])
		ts.Check(err)
	}
	var text []byte
	for end := time.Now().Add(patience); time.Now().Before(end); time.Sleep(5 * time.Millisecond) {
		text, _ = os.ReadFile(ts.MkAbs(args[0]))
		if len(re.FindAll(text, -1)) >= count {
			return
		}
	}
	errText, _ := os.ReadFile(ts.MkAbs(strings.TrimSuffix(args[0], ".out") + ".err"))
	ts.Fatalf("%s never had %d × %q; it has:\n%s\n%s", args[0], count, args[1], text, errText)
}

// signal NAME INT|TERM|KILL|HUP|QUIT sends a signal.
func sendSignal(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 2 {
		ts.Fatalf("usage: signal NAME INT|TERM|KILL|HUP|QUIT")
	}
	s := map[string]syscall.Signal{"INT": syscall.SIGINT, "TERM": syscall.SIGTERM, "KILL": syscall.SIGKILL, "HUP": syscall.SIGHUP, "QUIT": syscall.SIGQUIT}[args[1]]
	ts.Check(running(ts)[args[0]].cmd.Process.Signal(s))
}

// ended NAME CODE waits for a program to end with an exit code.
func ended(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 2 {
		ts.Fatalf("usage: ended NAME CODE")
	}
	p := running(ts)[args[0]]
	select {
	case <-p.done:
	case <-time.After(patience):
		ts.Fatalf("%s did not end", args[0])
	}
	if code := p.cmd.ProcessState.ExitCode(); strconv.Itoa(code) != args[1] {
		out, _ := os.ReadFile(ts.MkAbs(args[0] + ".out"))
		errText, _ := os.ReadFile(ts.MkAbs(args[0] + ".err"))
		ts.Fatalf("%s ended with %d, want %s:\n%s\n%s", args[0], code, args[1], out, errText)
	}
}

// exits CODE PROGRAM ARGS… runs a program that must exit with CODE. Its output goes to run.out and run.err.
func exits(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) < 2 {
		ts.Fatalf("usage: exits CODE PROGRAM ARGS…")
	}
	cmd := command(ts, args[1:])
	var out, errText bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &errText
	_ = cmd.Run()
	ts.Check(os.WriteFile(ts.MkAbs("run.out"), out.Bytes(), 0o600))
	ts.Check(os.WriteFile(ts.MkAbs("run.err"), errText.Bytes(), 0o600))
	if code := cmd.ProcessState.ExitCode(); strconv.Itoa(code) != args[0] {
		ts.Fatalf("exit code %d, want %s:\n%s\n%s", code, args[0], &out, &errText)
	}
}

// put FILE DESTINATION copies a file and renames the copy into place, as producers of streams do.
func put(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 2 {
		ts.Fatalf("usage: put FILE DESTINATION")
	}
	dst := ts.MkAbs(args[1])
	ts.Check(os.MkdirAll(filepath.Dir(dst), 0o755))
	tmp := ts.MkAbs(".put-" + filepath.Base(dst))
	ts.Check(os.WriteFile(tmp, []byte(ts.ReadFile(args[0])), 0o600))
	ts.Check(os.Rename(tmp, dst))
}

// port NAME sets the variable NAME to a free port, for servers that cannot choose one themselves.
func port(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 1 {
		ts.Fatalf("usage: port NAME")
	}
	n, err := freeport.Get()
	ts.Check(err)
	ts.Setenv(args[0], n)
}

// listens FILE NAME waits until FILE says that a program listens on a port, and sets the variable NAME to it.
func listens(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 2 {
		ts.Fatalf("usage: listens FILE NAME")
	}
	const address = `listening on 127\.0\.0\.1:(\d+)`
	expect(ts, false, []string{args[0], address})
	ts.Setenv(args[1], regexp.MustCompile(address).FindStringSubmatch(ts.ReadFile(args[0]))[1])
}

// address FILE NAME sets the variable NAME to the address of the status page that FILE tells, and PORT to its port.
func address(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 2 {
		ts.Fatalf("usage: address FILE NAME")
	}
	m := regexp.MustCompile(`status: (http://127\.0\.0\.1:(\d+)/)`).FindStringSubmatch(ts.ReadFile(args[0]))
	if m == nil {
		ts.Fatalf("%s has no address", args[0])
	}
	ts.Setenv(args[1], m[1])
	ts.Setenv("PORT", m[2])
}

// receiver FILE NAME starts a web server that appends what is posted to FILE, a line each, and sets the variable NAME to its address.
func receiver(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 2 {
		ts.Fatalf("usage: receiver FILE NAME")
	}
	file, err := os.Create(ts.MkAbs(args[0]))
	ts.Check(err)
	s := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		_, _ = file.Write(append(body, '\n'))
	}))
	ts.Defer(func() {
		s.Close()
		_ = file.Close()
	})
	ts.Setenv(args[1], s.URL+"/")
}

// fetch CODE PATH gets a path of the status page at $URL. The answer goes to run.out.
func fetch(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 2 {
		ts.Fatalf("usage: fetch CODE PATH")
	}
	code, body := pageAt(ts, args[1])
	ts.Check(os.WriteFile(ts.MkAbs("run.out"), body, 0o600))
	if strconv.Itoa(code) != args[0] {
		ts.Fatalf("%s: %d, want %s:\n%s", args[1], code, args[0], body)
	}
}

// await REGEX PATH waits until a path of the status page at $URL has a match.
func await(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 2 {
		ts.Fatalf("usage: await REGEX PATH")
	}
	re, err := regexp.Compile(args[0])
	ts.Check(err)
	var body []byte
	for end := time.Now().Add(patience); time.Now().Before(end); time.Sleep(10 * time.Millisecond) {
		if _, body = pageAt(ts, args[1]); re.Match(body) {
			return
		}
	}
	ts.Fatalf("%s never had %q; it has:\n%s", args[1], args[0], body)
}

func pageAt(ts *testscript.TestScript, path string) (code int, body []byte) {
	client := http.Client{Timeout: patience, Transport: &http.Transport{DisableKeepAlives: true}}
	answer, err := client.Get(ts.Getenv("URL") + strings.TrimPrefix(path, "/"))
	ts.Check(err)
	defer answer.Body.Close()
	body, err = io.ReadAll(answer.Body)
	ts.Check(err)
	return answer.StatusCode, body
}

// send PORT TEXT… waits for a local port to open, connects to it, sends each text as a line, and disconnects.
func send(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) < 2 {
		ts.Fatalf("usage: send PORT TEXT…")
	}
	for end := time.Now().Add(patience); ; time.Sleep(10 * time.Millisecond) {
		c, err := net.Dial("tcp", "127.0.0.1:"+args[0])
		if err != nil && time.Now().Before(end) {
			continue
		}
		ts.Check(err)
		_, err = c.Write([]byte(strings.Join(args[1:], "\n") + "\n"))
		ts.Check(err)
		ts.Check(c.Close())
		return
	}
}

// lines FILE N checks that a file has N lines.
func lines(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 2 {
		ts.Fatalf("usage: lines FILE N")
	}
	if n := strings.Count(ts.ReadFile(args[0]), "\n"); strconv.Itoa(n) != args[1] {
		ts.Fatalf("%s has %d lines, want %s:\n%s", args[0], n, args[1], ts.ReadFile(args[0]))
	}
}

// same FILE WANT compares texts byte for byte. A final line "<END>" in WANT is ignored, so that WANT can end
// with blank lines.
func same(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 2 {
		ts.Fatalf("usage: same FILE WANT")
	}
	got, want := ts.ReadFile(args[0]), strings.TrimSuffix(ts.ReadFile(args[1]), "<END>\n")
	if got != want {
		ts.Fatalf("%s is\n%s<END>\nwant\n%s<END>", args[0], got, want)
	}
}
