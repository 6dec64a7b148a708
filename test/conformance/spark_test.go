package conformance

import (
	"bytes"
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"testing"

	"go.yaml.in/yaml/v4"

	"github.com/streamctl/streamctl/internal/spark"
	"github.com/streamctl/streamctl/test/freeport"
)

// onSpark lists the stream cases of a short run, one of each kind. With STREAMCTL_SPARK_FULL=1, all cases run.
var onSpark = []string{
	"agg-update", "console-intervals", "csv-failfast", "dedup-watermark", "error-cast-runtime", "error-unknown-sink", "files-glob", "files-max-1", "join-static-inner",
	"mission-file-numrows", "mission-socket-split-short", "opt-csv-corrupt-only", "opt-fold-empty-file", "session-window-complete", "sink-csv-max1", "sink-json-partitionby",
	"star-struct", "trigger-available-now-maxfiles", "trigger-once-maxfiles", "two-streams-one-fails", "tz-to-csv", "watermark-eventtime-key-append",
}

// TestExportedProgramsOnSpark exports the stream cases as PySpark programs and runs them in one Spark
// application. Their output, files and errors must match the recordings. testdata/spark.txt lists exceptions
// with their reasons.
func TestExportedProgramsOnSpark(t *testing.T) {
	home := os.Getenv("STREAMCTL_SPARK")
	if home == "" {
		t.Skip("STREAMCTL_SPARK names no Spark: make spark-test runs this")
	}
	names := onSpark
	if os.Getenv("STREAMCTL_SPARK_FULL") != "" {
		names = caseNames(t)
	}
	var cases []*sparkCase
	for _, name := range names {
		c, err := newSparkCase(t, filepath.Join("testdata/streams", name))
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		cases = append(cases, c)
	}
	drive(t, home, cases)
	exceptions, passed := readExceptions(t), 0
	for _, c := range cases {
		difference := c.compare()
		_, listed := exceptions[c.Name]
		if difference == "" {
			passed++
		}
		switch {
		case difference != "" && !listed:
			t.Errorf("%s: %s", c.Name, difference)
		case difference == "" && listed:
			t.Errorf("%s gives what was recorded: take it off testdata/spark.txt", c.Name)
		}
	}
	t.Logf("%d of %d cases give on Spark what was recorded", passed, len(cases))
}

func caseNames(t *testing.T) []string {
	t.Helper()
	entries, err := os.ReadDir("testdata/streams")
	if err != nil {
		t.Fatal(err)
	}
	var names []string
	for _, e := range entries {
		names = append(names, e.Name())
	}
	return names
}

// readExceptions returns the cases in testdata/spark.txt with their reasons.
func readExceptions(t *testing.T) map[string]string {
	t.Helper()
	text, err := os.ReadFile("testdata/spark.txt")
	if err != nil {
		t.Fatal(err)
	}
	out := map[string]string{}
	for line := range strings.Lines(string(text)) {
		name, reason, ok := strings.Cut(strings.TrimSpace(line), "\t")
		if strings.HasPrefix(line, "#") {
			continue
		}
		if !ok || reason == "" || !exists(filepath.Join("testdata/streams", name)) {
			t.Errorf("testdata/spark.txt: %q names no case and reason", line)
		}
		out[name] = reason
	}
	return out
}

// A sparkCase is a case to run on Spark. The exported fields are the input of drive.py.
type sparkCase struct {
	Name    string   `json:"name"`
	Base    string   `json:"base"`
	Program string   `json:"program"`
	Batches string   `json:"batches"`
	From    int      `json:"from"`
	Steps   int      `json:"steps"`
	Streams []string `json:"streams"`
	OneShot bool     `json:"oneShot"`
	Port    int      `json:"port"`
	Lines   string   `json:"lines"`

	runs  []*streamRun
	sinks [][2]string // format and path
}

// newSparkCase prepares the directory of a case and exports its job. If export refuses the job, there is no
// program.
func newSparkCase(t *testing.T, dir string) (*sparkCase, error) {
	dir, err := filepath.Abs(dir)
	if err != nil {
		return nil, err
	}
	text, err := os.ReadFile(filepath.Join(dir, "job.yaml"))
	if err != nil {
		return nil, err
	}
	var j streamJob
	if err := yaml.Unmarshal(text, &j); err != nil {
		return nil, err
	}
	c := &sparkCase{Name: filepath.Base(dir), Base: t.TempDir(), Batches: filepath.Join(dir, "batches")}
	c.Steps = countSteps(c.Batches)
	for _, s := range j.Streams {
		r := newStreamRun(dir, c.Base, &j, s)
		if err := r.prepare(); err != nil {
			return nil, err
		}
		if r.socket {
			if c.Port, err = freePort(); err != nil {
				return nil, err
			}
			text, c.Lines = atPort(text, c.Port), filepath.Join(dir, "lines.txt")
		}
		c.OneShot = c.OneShot || r.oneShot
		c.Streams = append(c.Streams, s.Name)
		c.runs = append(c.runs, r)
		c.sinks = append(c.sinks, [2]string{s.Sink.Format, s.Sink.Path})
	}
	return c, c.export(text)
}

func freePort() (int, error) {
	port, err := freeport.Get()
	if err != nil {
		return 0, err
	}
	return strconv.Atoi(port)
}

// export writes the program of the job. An error of export counts as a failure of the first stream before its
// start.
func (c *sparkCase) export(job []byte) error {
	path, err := binary()
	if err != nil {
		return err
	}
	if err := os.WriteFile(filepath.Join(c.Base, "job.yaml"), job, 0o644); err != nil {
		return err
	}
	program := filepath.Join(c.Base, ".program.py")
	cmd := exec.Command(path, "export", "job.yaml", "--output", program, "--log-format", "json")
	cmd.Dir = c.Base
	cmd.Env = append(os.Environ(), "TZ=UTC", "NO_COLOR=1", "XDG_CONFIG_HOME="+c.Base+"/.xdg")
	cmd.Stderr = &c.runs[0].stderr
	if err := cmd.Run(); err != nil {
		c.runs[0].exit = cmd.ProcessState.ExitCode()
		for line := range bytes.Lines(c.runs[0].stderr.Bytes()) {
			var log struct {
				loggedError
				Level string
			}
			if json.Unmarshal(line, &log) == nil && log.Level == "ERROR" {
				c.runs[0].failures = append(c.runs[0].failures, log.loggedError)
			}
		}
		return nil
	}
	c.Program = program
	return nil
}

// A sparkResult is the output of drive.py for a case.
type sparkResult struct {
	Case    string
	Seconds float64
	Streams []struct {
		Out      []byte
		Progress []batchProgress
		Failure  *recordedError
	}
}

// drive runs the programs of the cases in one Spark application and stores the results in their runs.
func drive(t *testing.T, home string, cases []*sparkCase) {
	t.Helper()
	in, err := spark.Find(t.Context(), home)
	if err != nil {
		t.Fatal(err)
	}
	program, err := os.ReadFile("testdata/drive.py")
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	printed, err := os.Create(filepath.Join(dir, "printed"))
	if err != nil {
		t.Fatal(err)
	}
	defer printed.Close()
	withProgram := slices.DeleteFunc(slices.Clone(cases), func(c *sparkCase) bool { return c.Program == "" })
	results := filepath.Join(dir, "results")
	plan, err := json.Marshal(map[string]any{"printed": printed.Name(), "results": results, "cases": withProgram})
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(dir, "plan"), plan, 0o644); err != nil {
		t.Fatal(err)
	}
	var log bytes.Buffer
	p := &spark.Process{
		Installation: in, Program: string(program), Out: printed, Err: &log, LogLevel: "off",
		Env: []string{"CORPUS_PLAN=" + filepath.Join(dir, "plan"), "TZ=UTC"},
		Submission: spark.Submission{Master: "local[1]", Conf: map[string]string{
			"spark.ui.enabled": "false", "spark.sql.shuffle.partitions": "1", "spark.sql.session.timeZone": "UTC",
			"spark.sql.streaming.pollingDelay": "10ms", "spark.sql.warehouse.dir": filepath.Join(dir, "warehouse"),
		}},
	}
	if _, err := p.Run(t.Context(), func() syscall.Signal { return syscall.SIGTERM }); err != nil {
		t.Fatalf("%v\n%s", err, &log)
	}
	for i, r := range readLines[sparkResult](t, results) {
		withProgram[i].take(t, &r)
	}
}

// take stores a result as if the command had produced it, for the comparison.
func (c *sparkCase) take(t *testing.T, r *sparkResult) {
	t.Helper()
	if r.Case != c.Name || len(r.Streams) != len(c.runs) {
		t.Fatalf("results of %s for %s", r.Case, c.Name)
	}
	t.Logf("%s: %.1f s", c.Name, r.Seconds)
	for i, s := range r.Streams {
		run := c.runs[i]
		run.stdout.Write(s.Out)
		run.progress = s.Progress
		if s.Failure == nil {
			continue
		}
		run.exit = 1
		if s.Failure.Phase == "start" {
			run.exit = 2
		}
		failure := loggedError{Msg: s.Failure.Message}
		if s.Failure.named() {
			failure.Condition, failure.SQLState = s.Failure.Condition, s.Failure.SQLState
		}
		run.failures = append(run.failures, failure)
		run.stderr.WriteString(s.Failure.Message + "\n")
	}
}

// compare returns the first difference between the run on Spark and the recording.
func (c *sparkCase) compare() string {
	for i, r := range c.runs {
		tag := ""
		if len(c.runs) > 1 {
			tag = "." + r.stream
		}
		if d := r.compare(tag, c.sinks[i][0], c.sinks[i][1]); d != "" {
			return strings.TrimPrefix(tag+": ", ": ") + d
		}
	}
	return ""
}

// atPort replaces host and port in the job of a socket case with a local port.
func atPort(job []byte, port int) []byte {
	job = regexp.MustCompile(`port: \d+`).ReplaceAll(job, []byte("port: "+strconv.Itoa(port)))
	return regexp.MustCompile(`host: \S+`).ReplaceAll(job, []byte("host: 127.0.0.1"))
}
