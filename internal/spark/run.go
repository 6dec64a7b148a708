package spark

import (
	"bytes"
	"context"
	"embed"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"time"

	"github.com/streamctl/streamctl/internal/engine"
	"github.com/streamctl/streamctl/internal/sparkerr"
	"github.com/streamctl/streamctl/internal/system"
)

// The Python programs that run a job's program here: runner.py reports on its queries, verify.py on their rows.
//
//go:embed *.py
var scripts embed.FS

// signalAfter is how long the queries may take to stop before Spark gets a signal. killAfter is how long Spark
// may take after the signal before it is killed.
const (
	signalAfter = 10 * time.Second
	killAfter   = 20 * time.Second
)

// A Process is a run of spark-submit. Its fields must be set before Run.
type Process struct {
	Installation
	Submission
	Program    string        // the PySpark program
	Timeout    time.Duration // of the job; it is not an error when it expires
	Endless    bool          // the queries run until the timeout
	Out, Err   io.Writer     // rows; Spark's log and the program's messages, from two goroutines
	LogLevel   string        // of Spark's log: off, error, warn, info, debug
	Env        []string      // additional environment variables
	OnProgress func(*engine.Progress)

	mu      sync.Mutex
	group   int      // process group while it runs
	control *os.File // commands to runner.py
}

// Run submits the program and waits until it ends. When ctx ends, it stops the queries; if none has started, it
// sends the signal that stop returns. If that takes too long, it kills Spark.
func (p *Process) Run(ctx context.Context, stop func() syscall.Signal) (engine.Summary, error) {
	dir, err := os.MkdirTemp("", "streamctl-spark-")
	if err != nil {
		return engine.Summary{Reason: engine.Failed}, err
	}
	defer os.RemoveAll(dir)
	cmd, pipe, err := p.prepare(dir)
	if err != nil {
		return engine.Summary{Reason: engine.Failed}, err
	}
	defer p.control.Close()
	started := time.Now()
	events := &account{onProgress: p.OnProgress}
	heard := make(chan struct{})
	go func() {
		defer close(heard)
		events.listen(pipe, p.Err)
	}()
	err = p.wait(ctx, cmd, func() {
		if events.running() && !p.Cluster() {
			_, _ = io.WriteString(p.control, "stop\n")
		} else {
			p.signal(stop())
		}
	})
	_, _ = io.WriteString(pipe, endOfEvents+"\n") // after all messages
	<-heard
	_ = pipe.Close()
	s := events.summary()
	s.Wall = time.Since(started)
	return p.outcome(ctx, s, events, err)
}

// outcome determines how a run ended.
func (p *Process) outcome(ctx context.Context, s engine.Summary, events *account, err error) (engine.Summary, error) {
	var exit *exec.ExitError
	switch {
	case ctx.Err() != nil:
		s.Reason = engine.Interrupted
		return s, nil
	case events.failure != nil:
		s.Reason = engine.Failed
		return s, events.failure
	case errors.As(err, &exit):
		s.Reason = engine.Failed
		phase := engine.PhaseRun
		if events.queries == 0 {
			phase = engine.PhaseStart
		}
		return s, &engine.Error{Phase: phase, Err: sparkerr.Plain("spark-submit ended with exit code %d", exit.ExitCode()).
			WithHint("see its messages above; -v shows more")}
	case err != nil:
		s.Reason = engine.Failed
		return s, &engine.Error{Phase: engine.PhaseStart, Err: fmt.Errorf("start %s: %w", p.Submit, err)}
	case p.Timeout > 0 && (p.Endless || events.queries > 0 && time.Since(events.since) >= p.Timeout):
		s.Reason = engine.TimedOut
	}
	return s, nil
}

// prepare writes the program and Spark's configuration to dir, and creates the command and the pipe for its
// messages.
func (p *Process) prepare(dir string) (*exec.Cmd, *os.File, error) {
	program := []string{filepath.Join(dir, "job.py")}
	if err := os.WriteFile(program[0], []byte(p.Program), 0o600); err != nil {
		return nil, nil, err
	}
	pipe, err := system.NamedPipe(filepath.Join(dir, "events"))
	if err == nil {
		p.control, err = system.NamedPipe(filepath.Join(dir, "control"))
	}
	if err != nil {
		return nil, nil, err
	}
	if !p.Cluster() { // a driver on the cluster cannot use the pipe
		program = append([]string{filepath.Join(dir, "runner.py")}, program...)
	}
	cmd, err := p.command(dir, program)
	if err != nil {
		_ = pipe.Close()
		return nil, nil, err
	}
	cmd.Env = append(cmd.Env, "STREAMCTL_EVENTS="+pipe.Name(), "STREAMCTL_CONTROL="+p.control.Name())
	cmd.Stdout = p.Out
	return cmd, pipe, nil
}

// command returns the command that submits a program in dir, together with our scripts.
func (p *Process) command(dir string, program []string) (*exec.Cmd, error) {
	if err := os.CopyFS(dir, scripts); err != nil {
		return nil, err
	}
	if err := os.WriteFile(filepath.Join(dir, "log4j2.properties"), logging(p.LogLevel), 0o600); err != nil {
		return nil, err
	}
	cmd := exec.Command(p.Submit, p.Args(program...)...)
	cmd.Env, cmd.Stderr = p.environment(dir), &withoutNotices{w: p.Err}
	system.StartsGroup(cmd)
	return cmd, nil
}

// environment returns the environment of the process, extended so that Spark prints UTF-8, logs as requested,
// and uses the right Python.
func (p *Process) environment(dir string) []string {
	env := append(os.Environ(), p.Env...)
	options := "-Dfile.encoding=UTF-8 -Dsun.stdout.encoding=UTF-8 -Dstdout.encoding=UTF-8"
	if given := os.Getenv("SPARK_SUBMIT_OPTS"); !strings.Contains(given, "log4j2.configurationFile") {
		options += fmt.Sprintf(" -Dlog4j2.configurationFile=\"file:%s\" %s", filepath.Join(dir, "log4j2.properties"), given)
	} else {
		options += " " + given
	}
	env = append(env, "SPARK_SUBMIT_OPTS="+strings.TrimSpace(options))
	if p.Python != "" {
		env = append(env, "PYSPARK_PYTHON="+p.Python)
	}
	if os.Getenv("LC_ALL")+os.Getenv("LC_CTYPE")+os.Getenv("LANG") == "" {
		env = append(env, "LC_CTYPE=C.UTF-8") // otherwise Java cannot open files with non-ASCII names
	}
	if os.Getenv("PYTHONWARNINGS") == "" {
		env = append(env, "PYTHONWARNINGS=ignore")
	}
	return env
}

// logging returns Spark's logging configuration. Below level info it omits query failures, which streamctl
// reports.
func logging(level string) []byte {
	text := `rootLogger.level = ` + level + `
rootLogger.appenderRef.stderr.ref = stderr
appender.stderr.type = Console
appender.stderr.name = stderr
appender.stderr.target = SYSTEM_ERR
appender.stderr.layout.type = PatternLayout
appender.stderr.layout.pattern = spark: %p %c{1}: %m%n%ex{short}
`
	if level == "error" || level == "warn" {
		for i, name := range []string{
			"sql.execution.streaming", "executor.Executor", "scheduler.TaskSetManager", "sql.execution.datasources", "streaming.scheduler.JobScheduler", "util.Utils",
		} {
			text += fmt.Sprintf("logger.l%d.name = org.apache.spark.%s\nlogger.l%d.level = off\n", i, name, i)
		}
	}
	return []byte(text)
}

// wait runs the command until it ends. When ctx ends, it calls stop, later sends a signal, and finally kills
// the process.
func (p *Process) wait(ctx context.Context, cmd *exec.Cmd, stop func()) error {
	p.mu.Lock()
	err := cmd.Start()
	if err == nil {
		p.group = cmd.Process.Pid
	}
	p.mu.Unlock()
	if err != nil {
		return err
	}
	ended := make(chan error, 1)
	go func() { ended <- cmd.Wait() }()
	done := ctx.Done()
	var patience <-chan time.Time
	next := syscall.SIGTERM
	for {
		select {
		case err := <-ended:
			p.signal(syscall.SIGKILL) // processes that spark-submit may have left
			p.mu.Lock()
			p.group = 0
			p.mu.Unlock()
			return err
		case <-done:
			done = nil
			stop()
			patience = time.After(signalAfter)
		case <-patience:
			p.signal(next)
			next, patience = syscall.SIGKILL, time.After(killAfter)
		}
	}
}

// Kill kills Spark at once if it is running.
func (p *Process) Kill() { p.signal(syscall.SIGKILL) }

func (p *Process) signal(s syscall.Signal) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.group > 0 {
		system.SignalGroup(p.group, s)
	}
}

// withoutNotices passes lines on, except for the notices that every JVM started by Spark prints.
type withoutNotices struct {
	w    io.Writer
	line []byte // an incomplete line
}

func (n *withoutNotices) Write(p []byte) (int, error) {
	for _, part := range bytes.SplitAfter(p, []byte("\n")) {
		n.line = append(n.line, part...)
		if !bytes.HasSuffix(n.line, []byte("\n")) {
			continue
		}
		if !bytes.HasPrefix(n.line, []byte("WARNING: Using incubator modules:")) {
			if _, err := n.w.Write(n.line); err != nil {
				return 0, err
			}
		}
		n.line = n.line[:0]
	}
	return len(p), nil
}
