package conformance

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"sort"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"go.yaml.in/yaml/v4"
)

// patience limits every wait for the command. It only expires if a case is broken.
const patience = 20 * time.Second

// TestStreams runs every stream case with the command: one process per stream and, for one-shot triggers, per
// step.
func TestStreams(t *testing.T) {
	if _, err := binary(); err != nil {
		t.Fatal(err)
	}
	cases, err := os.ReadDir("testdata/streams")
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range cases {
		t.Run(c.Name(), func(t *testing.T) {
			t.Parallel()
			limited(func() {
				difference := runStreamCase(t, filepath.Join("testdata/streams", c.Name()))
				report.verdict(t, "streams", c.Name(), difference)
			})
		})
	}
}

// A streamJob is the part of a job file that the test needs.
type streamJob struct {
	Sources    map[string]struct{ Path string }
	Streams    []jobStream
	MissingDir bool `yaml:"x-missing-dir"`
}

type jobStream struct {
	Name   string
	Source struct {
		Format, Path string
	}
	Sink struct {
		Format  string
		Path    string
		Trigger map[string]any

		CheckpointLocation string `yaml:"checkpointLocation"`
	}
}

// runStreamCase returns the difference from the recording, or "".
func runStreamCase(t *testing.T, dir string) string {
	text, err := os.ReadFile(filepath.Join(dir, "job.yaml"))
	if err != nil {
		t.Fatal(err)
	}
	var j streamJob
	if err := yaml.Unmarshal(text, &j); err != nil {
		t.Fatal(err)
	}
	for _, s := range j.Streams {
		tag := ""
		if len(j.Streams) > 1 {
			tag = "." + s.Name
		}
		r := newStreamRun(dir, t.TempDir(), &j, s)
		if err := r.run(text); err != nil {
			return err.Error()
		}
		if d := r.compare(tag, s.Sink.Format, s.Sink.Path); d != "" {
			return strings.TrimPrefix(tag+": ", ": ") + d
		}
	}
	return ""
}

// A streamRun runs one stream of a case with the command, in a separate directory.
type streamRun struct {
	dir, base, stream        string
	paths                    []string // of the sources
	socket, oneShot, missing bool
	from, to                 int // the first step to run, and the one after the last; 0: all

	stdout   bytes.Buffer
	stderr   bytes.Buffer
	failures []loggedError
	progress []batchProgress
	exit     int
}

// batchProgress is the part of a progress event that is compared.
type batchProgress struct {
	BatchID      int64 `json:"batchId"`
	NumInputRows int64 `json:"numInputRows"`
	DurationMs   map[string]any
	StateRows    []int64 `json:"stateRowsTotal"`
}

func newStreamRun(dir, base string, j *streamJob, s jobStream) *streamRun {
	paths := []string{s.Source.Path}
	for _, source := range j.Sources {
		paths = append(paths, source.Path)
	}
	return &streamRun{
		dir: dir, base: base, stream: s.Name, paths: paths, socket: s.Source.Format == "socket",
		oneShot: s.Sink.Trigger["once"] == true || s.Sink.Trigger["availableNow"] == true, missing: j.MissingDir,
	}
}

// prepare creates what must exist before the first step.
func (r *streamRun) prepare() error {
	if static := filepath.Join(r.dir, "static"); exists(static) {
		if err := os.CopyFS(r.base, os.DirFS(static)); err != nil && !errors.Is(err, fs.ErrExist) { // streams may share it
			return err
		}
	}
	for _, path := range r.paths {
		if path == "" || strings.ContainsAny(path, "*?[{") || r.missing {
			continue
		}
		if err := os.MkdirAll(filepath.Join(r.base, path), 0o755); err != nil {
			return err
		}
	}
	return nil
}

func (r *streamRun) run(job []byte) error {
	if err := r.prepare(); err != nil {
		return err
	}
	if r.socket {
		return r.runSocket(job)
	}
	if err := os.WriteFile(filepath.Join(r.base, "job.yaml"), job, 0o644); err != nil {
		return err
	}
	steps := countSteps(filepath.Join(r.dir, "batches"))
	if r.to > 0 {
		steps = r.to
	}
	if r.oneShot {
		for n := r.from; n < max(steps, 1); n++ {
			if err := dropFiles(r.dir, r.base, n); err != nil {
				return err
			}
			p, err := r.start()
			if err != nil {
				return err
			}
			if err := p.wait(); err != nil {
				return err
			}
			if r.exit != 0 {
				break
			}
		}
		return nil
	}
	if err := dropFiles(r.dir, r.base, 0); err != nil {
		return err
	}
	p, err := r.start()
	if err != nil {
		return err
	}
	idle := p.awaitIdle()
	for n := 1; idle && n < steps; n++ {
		p.forgetIdle()
		if err := dropFiles(r.dir, r.base, n); err != nil {
			return err
		}
		idle = p.awaitIdle()
	}
	return p.stop()
}

// runSocket serves the lines of the case to the command, batch by batch.
func (r *streamRun) runSocket(job []byte) error {
	srv, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return err
	}
	defer srv.Close()
	port := srv.Addr().(*net.TCPAddr).Port
	if err := os.WriteFile(filepath.Join(r.base, "job.yaml"), atPort(job, port), 0o644); err != nil {
		return err
	}
	lines, err := os.ReadFile(filepath.Join(r.dir, "lines.txt"))
	if err != nil {
		return err
	}
	p, err := r.start()
	if err != nil {
		return err
	}
	accepted := make(chan net.Conn, 1)
	go func() {
		if c, err := srv.Accept(); err == nil {
			accepted <- c
		}
	}()
	var conn net.Conn
	select {
	case conn = <-accepted:
		defer conn.Close()
	case <-p.ended:
		return p.wait()
	case <-time.After(patience):
		_ = p.stop()
		return fmt.Errorf("the command did not connect")
	}
	idle := p.awaitIdle()
	for _, part := range bytes.Split(lines, []byte("----\n")) {
		if !idle {
			break
		}
		p.forgetIdle()
		if _, err := conn.Write(part); err != nil {
			break
		}
		idle = p.awaitIdle()
	}
	return p.stop()
}

// A process is a running command. Its standard error is read as it is written.
type process struct {
	r     *streamRun
	cmd   *exec.Cmd
	idle  chan struct{}
	ended chan struct{}
	err   error
}

func (r *streamRun) start() (*process, error) {
	path, err := binary()
	if err != nil {
		return nil, err
	}
	cmd := exec.Command(path, "multi", "job.yaml", "--only", r.stream, "--progress", "json", "--log-format", "json", "--log-level", "debug", "--workers", "1")
	cmd.Dir = r.base
	cmd.Env = append(os.Environ(), "TZ=UTC", "NO_COLOR=1", "XDG_CONFIG_HOME="+r.base+"/.xdg")
	cmd.Stdout = &r.stdout
	pipe, err := cmd.StderrPipe()
	if err != nil {
		return nil, err
	}
	if err := cmd.Start(); err != nil {
		return nil, err
	}
	p := &process{r: r, cmd: cmd, idle: make(chan struct{}, 1), ended: make(chan struct{})}
	go p.follow(pipe)
	return p, nil
}

// follow reads standard error: progress events, the log line that says that the query is waiting for data, and
// errors.
func (p *process) follow(pipe io.Reader) {
	defer close(p.ended)
	s := bufio.NewScanner(pipe)
	s.Buffer(nil, 16<<20)
	for s.Scan() {
		line := s.Bytes()
		var b batchProgress
		var log struct {
			loggedError
			Level string
		}
		switch {
		case bytes.HasPrefix(line, []byte(`{"id":`)) && json.Unmarshal(line, &b) == nil:
			if _, ran := b.DurationMs["addBatch"]; ran {
				p.r.progress = append(p.r.progress, b)
			}
		case bytes.HasPrefix(line, []byte("{")) && json.Unmarshal(line, &log) == nil && log.Msg != "":
			if log.Level == "ERROR" {
				p.r.failures = append(p.r.failures, log.loggedError)
			}
			if log.Msg == "waiting for data" {
				select {
				case p.idle <- struct{}{}:
				default:
				}
			}
		}
		if log.Level != "DEBUG" && log.Level != "INFO" && b.DurationMs == nil {
			p.r.stderr.Write(line)
			p.r.stderr.WriteByte('\n')
		}
	}
	p.err = p.cmd.Wait()
	p.r.exit = p.cmd.ProcessState.ExitCode()
}

// awaitIdle waits until the query has been idle for a moment: a directory listing that was in progress when
// files were added may have missed them. It returns false if the command has ended.
func (p *process) awaitIdle() bool {
	wait := patience
	for {
		select {
		case <-p.idle:
			wait = 80 * time.Millisecond
		case <-p.ended:
			return false
		case <-time.After(wait):
			return wait < patience
		}
	}
}

// forgetIdle discards an earlier report of idleness.
func (p *process) forgetIdle() {
	select {
	case <-p.idle:
	default:
	}
}

// stop stops the command with SIGTERM and waits for it.
func (p *process) stop() error {
	_ = p.cmd.Process.Signal(syscall.SIGTERM)
	return p.wait()
}

func (p *process) wait() error {
	select {
	case <-p.ended:
		return nil
	case <-time.After(patience):
		_ = p.cmd.Process.Kill()
		<-p.ended
		return fmt.Errorf("the command did not end")
	}
}

// compare returns the first difference between the run and the recording.
func (r *streamRun) compare(tag, sink, sinkPath string) string {
	if d := r.compareError(tag); d != "" {
		return d
	}
	if want, err := os.ReadFile(filepath.Join(r.dir, "expected"+tag+".out")); err == nil {
		if d := r.compareConsole(string(want)); d != "" {
			return d
		}
	}
	if sinkPath != "" && sink != "console" {
		if d := r.compareFiles(filepath.Join(r.dir, "expected"+tag), filepath.Join(r.base, sinkPath)); d != "" {
			return d
		}
	}
	return r.compareProgress(tag)
}

// A loggedError is the log line that reports how the command failed.
type loggedError struct{ Msg, Condition, SQLState, Path string }

// compareError compares the errors by condition, SQLSTATE and phase, or by message if the condition has no
// name.
func (r *streamRun) compareError(tag string) string {
	text, err := os.ReadFile(filepath.Join(r.dir, "expected"+tag+".error.json"))
	if err != nil {
		if r.exit != 0 && r.exit != 143 {
			return fmt.Sprintf("failed with exit code %d: %s", r.exit, r.stderr.String())
		}
		return ""
	}
	var want recordedError
	if err := json.Unmarshal(text, &want); err != nil {
		return err.Error()
	}
	wantExit := 1
	if want.Phase == "start" || r.exit == 2 && r.refusable(tag, r.failures) {
		wantExit = 2
	}
	if wantExit == 2 && want.Condition == "STREAM_FAILED" {
		want.Condition = "" // the job was refused, so no query has failed
	}
	if len(r.failures) == 0 {
		return fmt.Sprintf("no error, want %s (%s)", want.Condition, want.Message)
	}
	if got := r.failures[0]; want.named() && (got.Condition != want.Condition || got.SQLState != want.SQLState) {
		return fmt.Sprintf("error [%s] SQLSTATE %s, want [%s] %s: %s", got.Condition, got.SQLState, want.Condition, want.SQLState, r.stderr.String())
	}
	if r.exit != wantExit {
		return fmt.Sprintf("exit code %d, want %d (phase %s): %s", r.exit, wantExit, want.Phase, r.stderr.String())
	}
	return ""
}

// refusable reports whether the error is about an option of a source or sink, or about the state of another query, and Spark had not printed
// anything before it. Spark looks at these only in the first batch, while streamctl refuses them earlier.
func (r *streamRun) refusable(tag string, found []loggedError) bool {
	if len(found) == 0 || !strings.HasPrefix(found[0].Condition, "STATE_STORE_") && !strings.HasPrefix(found[0].Condition, "STREAMING_STATEFUL_OPERATOR_") &&
		!strings.Contains(found[0].Path, ".source") && !strings.Contains(found[0].Path, ".sink") {
		return false
	}
	printed, err := os.ReadFile(filepath.Join(r.dir, "expected"+tag+".out"))
	return err != nil || len(printed) == 0
}

// compareConsole compares the printed tables. If Spark does not guarantee the order of rows, it compares the
// lines of each batch as a set.
func (r *streamRun) compareConsole(want string) string {
	got := r.stdout.String()
	if !r.ordered() {
		got, want = sortRows(got), sortRows(want)
	}
	if !sameText(got, want) {
		return fmt.Sprintf("output:\n%s\nwant:\n%s\nstderr: %s", got, want, r.stderr.String())
	}
	return ""
}

// sortRows sorts the table rows of each printed batch.
func sortRows(s string) string {
	lines := strings.Split(s, "\n")
	for i := 0; i < len(lines); {
		j := i
		for j < len(lines) && strings.HasPrefix(lines[j], "|") {
			j++
		}
		sort.Strings(lines[i:j])
		i = max(j, i+1)
	}
	return strings.Join(lines, "\n")
}

// ordered reports whether Spark guarantees the order of rows.
func (r *streamRun) ordered() bool {
	var meta struct {
		RowOrder string `json:"rowOrder"`
	}
	if text, err := os.ReadFile(filepath.Join(r.dir, "meta.json")); err == nil {
		_ = json.Unmarshal(text, &meta)
	}
	return meta.RowOrder != "unspecified"
}

// inAnyOrder sorts the lines of a file if Spark does not guarantee their order.
func (r *streamRun) inAnyOrder(text string) string {
	if r.ordered() {
		return text
	}
	lines := strings.SplitAfter(text, "\n")
	sort.Strings(lines)
	return strings.Join(lines, "")
}

// compareFiles compares the part files committed by each batch.
func (r *streamRun) compareFiles(want, root string) string {
	expected, err := os.ReadDir(want)
	if err != nil {
		return ""
	}
	for _, b := range expected {
		n, ok := strings.CutPrefix(b.Name(), "batch-")
		if !ok {
			continue
		}
		id, _ := strconv.Atoi(n)
		got, err := committedParts(root, id)
		if err != nil {
			return err.Error()
		}
		recorded := map[string]string{}
		_ = filepath.WalkDir(filepath.Join(want, b.Name()), func(p string, d fs.DirEntry, err error) error {
			if err == nil && !d.IsDir() {
				rel, _ := filepath.Rel(filepath.Join(want, b.Name()), p)
				text, _ := os.ReadFile(p)
				recorded[rel] = r.inAnyOrder(string(text))
			}
			return err
		})
		for name, text := range got {
			got[name] = r.inAnyOrder(text)
		}
		if fmt.Sprint(got) != fmt.Sprint(recorded) {
			return fmt.Sprintf("batch %d wrote %q, want %q", id, got, recorded)
		}
	}
	return ""
}

// committedParts reads the files that _spark_metadata lists for a batch, and gives them stable names.
func committedParts(root string, id int) (map[string]string, error) {
	log, err := os.ReadFile(filepath.Join(root, "_spark_metadata", strconv.Itoa(id)))
	if err != nil {
		return nil, err
	}
	parts := map[string]string{}
	count := map[string]int{}
	for _, line := range strings.Split(string(log), "\n")[1:] {
		var f struct{ Path string }
		if json.Unmarshal([]byte(line), &f) != nil {
			continue
		}
		path, err := url.PathUnescape(strings.TrimPrefix(f.Path, "file://"))
		if err != nil {
			return nil, err
		}
		text, err := os.ReadFile(path)
		if err != nil {
			return nil, err
		}
		abs, _ := filepath.EvalSymlinks(root)
		rel, err := filepath.Rel(abs, path)
		if err != nil {
			return nil, err
		}
		dir, name := filepath.Split(rel)
		_, ext, _ := strings.Cut(name, ".")
		parts[filepath.Join(dir, fmt.Sprintf("part-%d.%s", count[dir], ext))] = string(text)
		count[dir]++
	}
	return parts, nil
}

// compareProgress compares which batches ran and how many rows they read.
func (r *streamRun) compareProgress(tag string) string {
	text, err := os.ReadFile(filepath.Join(r.dir, "expected"+tag+".progress.json"))
	if err != nil {
		return ""
	}
	var want []batchProgress
	if err := json.Unmarshal(text, &want); err != nil {
		return err.Error()
	}
	if len(want) != len(r.progress) {
		return fmt.Sprintf("%d batches ran, want %d", len(r.progress), len(want))
	}
	for i, w := range want {
		if g := r.progress[i]; g.BatchID != w.BatchID || g.NumInputRows != w.NumInputRows {
			return fmt.Sprintf("batch %d read %d rows, want batch %d with %d", g.BatchID, g.NumInputRows, w.BatchID, w.NumInputRows)
		}
	}
	return ""
}

// dropFiles renames the files of a step into place, in path order and with the recorded times.
func dropFiles(dir, base string, step int) error {
	root := filepath.Join(dir, "batches", fmt.Sprintf("%02d", step))
	var names []string
	_ = filepath.WalkDir(root, func(p string, d fs.DirEntry, err error) error {
		if err == nil && !d.IsDir() && d.Name() != ".keep" {
			rel, _ := filepath.Rel(root, p)
			names = append(names, rel)
		}
		return err
	})
	sort.Strings(names)
	for k, name := range names {
		text, err := os.ReadFile(filepath.Join(root, name))
		if err != nil {
			return err
		}
		dst := filepath.Join(base, name)
		if err := os.MkdirAll(filepath.Dir(dst), 0o755); err != nil {
			return err
		}
		tmp := filepath.Join(base, fmt.Sprintf(".dropping-%d-%d", step, k))
		if err := os.WriteFile(tmp, text, 0o644); err != nil {
			return err
		}
		at := time.Unix(1704067200+int64(60*step+k), 0)
		if err := os.Chtimes(tmp, at, at); err != nil {
			return err
		}
		if err := os.Rename(tmp, dst); err != nil {
			return err
		}
	}
	return nil
}

func countSteps(dir string) int {
	entries, _ := os.ReadDir(dir)
	return len(entries)
}

func exists(path string) bool {
	_, err := os.Stat(path)
	return err == nil
}
