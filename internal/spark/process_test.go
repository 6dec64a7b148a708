package spark

import (
	"bytes"
	"context"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/streamctl/streamctl/internal/engine"
)

// standIn returns an installation whose spark-submit is a shell script.
func standIn(t *testing.T, script string) Installation {
	t.Helper()
	path := filepath.Join(t.TempDir(), "spark-submit")
	// A child that a parallel test forks while this file is open for writing keeps it open: the system then
	// refuses to run it (ETXTBSY).
	syscall.ForkLock.RLock()
	defer syscall.ForkLock.RUnlock()
	if err := os.WriteFile(path, []byte("#!/bin/sh\n"+script), 0o755); err != nil {
		t.Fatal(err)
	}
	return Installation{Submit: path}
}

func term() syscall.Signal { return syscall.SIGTERM }

// tell returns a shell command that sends a message like runner.py does.
func tell(json string) string { return `printf '\036%s\n' '` + json + "' > \"$STREAMCTL_EVENTS\"\n" }

func TestTheRunEndsWithSpark(t *testing.T) {
	started := tell(`{"event":"started","name":"a"}`)
	batch := tell(`{"event":"progress","progress":{"name":"a","batchId":0,"numInputRows":3,"durationMs":{"addBatch":1},"sink":{"numOutputRows":2}}}`)
	file := tell(`{"event":"progress","progress":{"name":null,"batchId":0,"numInputRows":1,"durationMs":{"addBatch":1},"sink":{"numOutputRows":-1}}}`)
	idle := tell(`{"event":"progress","progress":{"name":"a","batchId":1,"numInputRows":0,"durationMs":{"latestOffset":1},"sink":{"numOutputRows":0}}}`)
	for _, c := range []struct {
		name, script string
		timeout      time.Duration
		reason       engine.Reason
		batches, out int64
		phase        engine.Phase
		err          string
	}{
		{"drained", started + batch + idle, 0, engine.Ended, 1, 2, 0, ""},
		{"a sink that does not count", started + batch + file, 0, engine.Ended, 2, -2, 0, ""},
		{"timeout", started + "sleep 0.1\n", 50 * time.Millisecond, engine.TimedOut, 0, 0, 0, ""},
		{"refused", tell(`{"event":"failed","condition":"PARSE_SYNTAX_ERROR","message":"[PARSE_SYNTAX_ERROR] Syntax error. SQLSTATE: 42601\n== SQL","phase":"start"}`) + "exit 1\n",
			0, engine.Failed, 0, 0, engine.PhaseStart, "[PARSE_SYNTAX_ERROR] Syntax error. SQLSTATE: 42601"},
		{"failed", started + tell(`{"event":"failed","condition":null,"message":"java.io.IOException: gone\n\tat x","phase":"run"}`) + "exit 1\n",
			0, engine.Failed, 0, 0, engine.PhaseRun, "java.io.IOException: gone"},
		{"no word", "exit 7\n", 0, engine.Failed, 0, 0, engine.PhaseStart, "spark-submit ended with exit code 7"},
		{"no word, later", started + "exit 7\n", 0, engine.Failed, 0, 0, engine.PhaseRun, "spark-submit ended with exit code 7"},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			p := &Process{Installation: standIn(t, c.script), Timeout: c.timeout, Out: &bytes.Buffer{}, Err: &bytes.Buffer{}, LogLevel: "error"}
			s, err := p.Run(t.Context(), term)
			if total := s.Total(); s.Reason != c.reason || total.Batches != c.batches || total.RowsOut != c.out {
				t.Errorf("reason %v, %+v", s.Reason, total)
			}
			if (err == nil) != (c.err == "") || err != nil && (err.Error() != c.err || engine.PhaseOf(err) != c.phase) {
				t.Errorf("%v in phase %v", err, engine.PhaseOf(err))
			}
		})
	}
}

// messages collects what a process writes from several goroutines.
type messages struct {
	mu  sync.Mutex
	buf bytes.Buffer
}

func (m *messages) Write(p []byte) (int, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.buf.Write(p)
}

func (m *messages) String() string {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.buf.String()
}

func TestRowsAndMessagesAreKeptApart(t *testing.T) {
	var out bytes.Buffer
	var errText messages
	p := &Process{
		Installation: standIn(t, "echo row\necho log >&2\necho 'WARNING: Using incubator modules: jdk' >&2\necho python > \"$STREAMCTL_EVENTS\"\n"),
		Out:          &out, Err: &errText, LogLevel: "error",
	}
	if _, err := p.Run(t.Context(), term); err != nil {
		t.Fatal(err)
	}
	if out.String() != "row\n" {
		t.Errorf("out %q", &out)
	}
	for _, want := range []string{"log\n", "python\n"} {
		if !strings.Contains(errText.String(), want) {
			t.Errorf("%q is not in %q", want, &errText)
		}
	}
	if strings.Contains(errText.String(), "incubator") {
		t.Errorf("err %q", &errText)
	}
}

func TestSignalsReachSparksProcesses(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	mark := filepath.Join(t.TempDir(), "mark")
	p := &Process{
		Installation: standIn(t, "sh -c 'trap \"echo stopped > "+mark+"; exit 143\" TERM; : > "+mark+".ready; while :; do sleep 0.05; done' &\n"+
			"trap 'wait; exit 143' TERM\nwhile ! [ -e "+mark+".ready ]; do sleep 0.01; done\n"+
			tell(`{"event":"progress","progress":{"durationMs":{"addBatch":1}}}`)+"wait\n"),
		Out: &bytes.Buffer{}, Err: &bytes.Buffer{}, LogLevel: "error", OnProgress: func(*engine.Progress) { cancel() },
	}
	s, err := p.Run(ctx, term)
	if err != nil || s.Reason != engine.Interrupted {
		t.Fatalf("%v, %v", s.Reason, err)
	}
	if text, err := os.ReadFile(mark); err != nil || string(text) != "stopped\n" {
		t.Errorf("%q, %v", text, err)
	}
}

func TestTheCommandLineOfSparkSubmit(t *testing.T) {
	s := Submission{
		Master: "yarn", DeployMode: "cluster", Name: "n", Conf: map[string]string{"spark.b": "2", "spark.a": "1 x"},
		Flags: []Flag{{"num-executors", "3"}, {"verbose", ""}},
	}
	want := []string{
		"--master", "yarn", "--deploy-mode", "cluster", "--name", "n", "--num-executors", "3", "--verbose", "--conf", "spark.a=1 x", "--conf", "spark.b=2", "job.py",
	}
	if got := s.Args("job.py"); !slices.Equal(got, want) {
		t.Errorf("%q", got)
	}
}

func TestMastersAndDeployModes(t *testing.T) {
	for _, master := range []string{"local", "local[*]", "local[4]", "local[2,3]", "local[*, 3]", "spark://h:7077", "spark://a:1,b:2", "yarn", "k8s://https://h:6443"} {
		if err := (&Submission{Master: master, DeployMode: "client"}).Check(); err != nil {
			t.Errorf("%s: %v", master, err)
		}
	}
	for _, s := range []Submission{
		{Master: "locl"}, {Master: "local[]"}, {Master: "local[0]"}, {Master: "mesos://h:1"}, {Master: "spark://"}, {Master: "yarn", DeployMode: "remote"},
		{Master: "local[2]", DeployMode: "cluster"}, {Master: "spark://h:1", DeployMode: "cluster"},
	} {
		if s.Check() == nil {
			t.Errorf("%+v is taken", s)
		}
	}
}

func TestSparkIsFound(t *testing.T) {
	home := t.TempDir()
	environment := filepath.Join(home, "venv")
	for _, name := range []string{"dist/bin/spark-submit", "venv/bin/spark-submit", "venv/bin/python3"} {
		if err := os.MkdirAll(filepath.Dir(filepath.Join(home, name)), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(home, name), nil, 0o755); err != nil {
			t.Fatal(err)
		}
	}
	for _, dir := range []string{"dist/jars", "venv/lib/python3.11/site-packages/pyspark/jars"} {
		if err := os.MkdirAll(filepath.Join(home, dir), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(home, dir, "spark-core_2.13-4.2.1.jar"), nil, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	dist := filepath.Join(home, "dist")
	t.Setenv("JAVA_HOME", home)
	t.Setenv("PYSPARK_PYTHON", "")
	for _, c := range []struct {
		name, flag, environment, path string
		want                          Installation
	}{
		{"flag", dist, environment, "", Installation{filepath.Join(dist, "bin/spark-submit"), "", "4.2.1"}},
		{"SPARK_HOME", "", dist, filepath.Join(environment, "bin"), Installation{filepath.Join(dist, "bin/spark-submit"), "", "4.2.1"}},
		{"PATH", "", "", filepath.Join(environment, "bin"), Installation{filepath.Join(environment, "bin/spark-submit"), filepath.Join(environment, "bin/python3"), "4.2.1"}},
	} {
		t.Setenv("SPARK_HOME", c.environment)
		t.Setenv("PATH", c.path)
		if got, err := Find(t.Context(), c.flag); err != nil || got != c.want {
			t.Errorf("%s: %+v, %v", c.name, got, err)
		}
	}
	t.Setenv("PATH", "")
	if _, err := Find(t.Context(), ""); err == nil || !strings.Contains(err.Error(), "not found") {
		t.Errorf("found nowhere: %v", err)
	}
	if _, err := Find(t.Context(), home); err == nil {
		t.Error("a directory without spark-submit is taken")
	}
}
