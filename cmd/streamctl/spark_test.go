package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"sort"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/streamctl/streamctl/test/freeport"
)

// sparkPatience limits the waits for Spark, which starts slowly on a busy machine.
const sparkPatience = 3 * time.Minute

// sparkHome returns the Spark in STREAMCTL_SPARK. Without it, the test is skipped.
func sparkHome(t *testing.T) string {
	t.Helper()
	home := os.Getenv("STREAMCTL_SPARK")
	if home == "" {
		t.Skip("STREAMCTL_SPARK names no Spark: make spark-test runs this")
	}
	t.Setenv("TZ", "UTC")
	t.Setenv("XDG_CONFIG_HOME", t.TempDir())
	t.Setenv("STREAMCTL_SPARK_HOME", home)
	return home
}

// onSpark returns the flags for a run on Spark.
func onSpark(master string) []string {
	return []string{"--master", master, "--conf", "spark.ui.enabled=false", "--conf", "spark.sql.shuffle.partitions=1"}
}

// run runs streamctl and checks its exit code.
func run(t *testing.T, code int, args ...string) (stdout, stderr string) {
	t.Helper()
	cmd := exec.Command("streamctl", args...)
	var out, errText bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &errText
	_ = cmd.Run()
	if got := cmd.ProcessState.ExitCode(); got != code {
		t.Fatalf("%q: exit code %d, want %d\n%s\n%s", args, got, code, &out, &errText)
	}
	return out.String(), errText.String()
}

// runSame runs a job on both engines and compares the output, for several streams as a set of lines.
func runSame(t *testing.T, flags []string, args ...string) {
	t.Helper()
	here, _ := run(t, 0, args...)
	there, summary := run(t, 0, append(slices.Clone(args), flags...)...)
	if slices.Contains(args, "multi") {
		here, there = sortedLines(here), sortedLines(there)
	}
	if here != there || here == "" {
		t.Errorf("%q: on Spark\n%s\nhere\n%s", args, there, here)
	}
	if !strings.HasPrefix(summary, "streamctl: done: ") || strings.Count(summary, "\n") != 1 {
		t.Errorf("%q: standard error is %q", args, summary)
	}
}

func sortedLines(text string) string {
	lines := strings.Split(text, "\n")
	sort.Strings(lines)
	return strings.Join(lines, "\n")
}

func TestTheTutorialRunsOnSpark(t *testing.T) {
	sparkHome(t)
	tutorial(t, onSpark("local[2]"))
}

// tutorial runs the three programs of the tutorial.
func tutorial(t *testing.T, flags []string) {
	runSame(t, flags, "file", "--job", "../../configs/file-stream.yaml", "--available-now")
	runSame(t, flags, "multi", "../../configs/two-streams.yaml", "--available-now", "--timeout", "5m")
	networkStream(t, flags)
}

// networkStream serves lines to the program that reads a socket. The line without a comma makes it fail.
func networkStream(t *testing.T, flags []string) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	port := strconv.Itoa(l.Addr().(*net.TCPAddr).Port)
	dir := t.TempDir()
	args := []string{"socket", "--host", "127.0.0.1", "--port", port, "--with-column", "value=split(value,',')[1]", "--progress", "json"}
	p := startSpark(t, filepath.Join(dir, "out"), append(args, flags...)...)
	served := make(chan net.Conn, 1)
	go func() {
		for { // Spark first connects once to check whether the server exists
			c, err := l.Accept()
			if err != nil {
				return
			}
			served <- c
		}
	}()
	c := <-served
	p.await(t, "out", "Batch: 0")
	for last := c; ; { // the newest connection is the one that reads
		select {
		case last = <-served:
			continue
		case <-time.After(time.Second):
			c = last
		}
		break
	}
	write := func(line string) {
		if _, err := io.WriteString(c, line+"\n"); err != nil {
			t.Fatal(err)
		}
	}
	write("a,b")
	p.await(t, "out", "|    b|")
	write("no comma")
	if code := p.wait(t); code != 1 {
		t.Errorf("exit code %d", code)
	}
	errText := p.text("err")
	for _, want := range []string{`{"id":"`, `"numInputRows":1`, "[INVALID_ARRAY_INDEX]", "SQLSTATE: 22003", "hint: "} {
		if !strings.Contains(errText, want) {
			t.Errorf("%q is not in %s", want, errText)
		}
	}
}

// A sparkRun is streamctl in the background, writing to files.
type sparkRun struct {
	cmd  *exec.Cmd
	base string
	done chan struct{}
}

func startSpark(t *testing.T, base string, args ...string) *sparkRun {
	t.Helper()
	p := &sparkRun{cmd: exec.Command("streamctl", args...), base: base, done: make(chan struct{})}
	for name, to := range map[string]*io.Writer{"out": &p.cmd.Stdout, "err": &p.cmd.Stderr} {
		f, err := os.Create(base + "." + name)
		if err != nil {
			t.Fatal(err)
		}
		defer f.Close()
		*to = f
	}
	if err := p.cmd.Start(); err != nil {
		t.Fatal(err)
	}
	go func() {
		defer close(p.done)
		_ = p.cmd.Wait()
	}()
	t.Cleanup(func() {
		_ = p.cmd.Process.Signal(syscall.SIGTERM)
		<-p.done
	})
	return p
}

func (p *sparkRun) text(name string) string {
	text, _ := os.ReadFile(p.base + "." + name)
	return string(text)
}

// await waits for a text in an output.
func (p *sparkRun) await(t *testing.T, name, want string) {
	t.Helper()
	for end := time.Now().Add(sparkPatience); !strings.Contains(p.text(name), want); time.Sleep(50 * time.Millisecond) {
		select {
		case <-p.done:
			t.Fatalf("ended without %q:\n%s\n%s", want, p.text("out"), p.text("err"))
		default:
		}
		if time.Now().After(end) {
			t.Fatalf("no %q:\n%s\n%s", want, p.text("out"), p.text("err"))
		}
	}
}

func (p *sparkRun) wait(t *testing.T) int {
	t.Helper()
	select {
	case <-p.done:
	case <-time.After(sparkPatience):
		t.Fatalf("did not end:\n%s\n%s", p.text("out"), p.text("err"))
	}
	return p.cmd.ProcessState.ExitCode()
}

func TestRunsOnSparkEndAsOnTheEmbeddedEngine(t *testing.T) {
	sparkHome(t)
	dir := t.TempDir()
	people(t, dir, 1)
	flags := append(onSpark("local[1]"), "--dir", filepath.Join(dir, "in"), "--schema", "id INT, name STRING")
	p := startSpark(t, filepath.Join(dir, "term"), append([]string{"file", "--progress", "plain"}, flags...)...)
	p.await(t, "err", "batch 0: 2 rows in")
	if err := p.cmd.Process.Signal(syscall.SIGTERM); err != nil {
		t.Fatal(err)
	}
	if code := p.wait(t); code != 143 || !strings.Contains(p.text("err"), "streamctl: stopped: 1 batch, 2 rows in, 2 rows out") {
		t.Errorf("after SIGTERM: %d\n%s", code, p.text("err"))
	}
	_, errText := run(t, 0, append([]string{"file", "--timeout", "3s"}, flags...)...)
	if !strings.Contains(errText, "streamctl: timeout reached: ") {
		t.Errorf("at the timeout: %s", errText)
	}
}

// people adds file number n, with two rows.
func people(t *testing.T, dir string, n int) {
	t.Helper()
	if err := os.MkdirAll(filepath.Join(dir, "in"), 0o755); err != nil {
		t.Fatal(err)
	}
	tmp := filepath.Join(dir, fmt.Sprint(".", n))
	if err := os.WriteFile(tmp, fmt.Appendf(nil, "%d,Ann\n%d,Bob\n", 2*n, 2*n+1), 0o644); err != nil {
		t.Fatal(err)
	}
	if err := os.Rename(tmp, filepath.Join(dir, "in", fmt.Sprintf("%03d.csv", n))); err != nil {
		t.Fatal(err)
	}
}

// written returns the rows that a file sink has committed according to _spark_metadata, in order.
func written(t *testing.T, dir string) string {
	t.Helper()
	var lines []string
	logs, _ := filepath.Glob(filepath.Join(dir, "out", "_spark_metadata", "[0-9]*"))
	seen := map[string]bool{}
	for _, log := range logs {
		text, err := os.ReadFile(log)
		if err != nil {
			t.Fatal(err)
		}
		for _, line := range strings.Split(string(text), "\n")[1:] {
			var f struct{ Path string }
			if json.Unmarshal([]byte(line), &f) != nil || seen[f.Path] {
				continue
			}
			seen[f.Path] = true
			part, err := os.ReadFile(strings.TrimPrefix(strings.TrimPrefix(f.Path, "file:"), "//"))
			if err != nil {
				t.Fatal(err)
			}
			lines = append(lines, strings.Fields(string(part))...)
		}
	}
	sort.Slice(lines, func(i, j int) bool { return number(lines[i]) < number(lines[j]) })
	return strings.Join(lines, " ")
}

func number(line string) int {
	text, _, _ := strings.Cut(line, ",")
	n, _ := strconv.Atoi(text)
	return n
}

// fileToFile returns the flags of a query from files to files with a checkpoint.
func fileToFile(dir string) []string {
	return []string{
		"file", "--dir", filepath.Join(dir, "in"), "--schema", "id INT, name STRING", "--with-column", "name=upper(name)",
		"--sink", "csv", "--path", filepath.Join(dir, "out"), "--checkpoint", filepath.Join(dir, "ckpt"),
	}
}

func TestAQueryMovesToSparkAndBack(t *testing.T) {
	sparkHome(t)
	dir := t.TempDir()
	here := append(fileToFile(dir), "--available-now")
	there := append(slices.Clone(here), onSpark("local[1]")...)
	want := ""
	for n, args := range [][]string{here, there, here} {
		people(t, dir, n)
		run(t, 0, args...)
		want = strings.TrimSpace(fmt.Sprintf("%s %d,ANN %d,BOB", want, 2*n, 2*n+1))
		if got := written(t, dir); got != want {
			t.Fatalf("after run %d: %s, want %s", n, got, want)
		}
	}
}

func TestVerifyExitsWithOneIfSparkDiffers(t *testing.T) {
	sparkHome(t)
	dir := t.TempDir()
	for name, text := range map[string]string{
		"job.yaml": "streams: [{name: s, source: {format: text, path: in}, transform: [{select: [cast(value AS int) AS n]}]}]", "data/00": "1\nx\n",
	} {
		if err := os.MkdirAll(filepath.Join(dir, "data"), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	// without ANSI mode, Spark returns other results
	out, _ := run(t, 1, "verify", filepath.Join(dir, "job.yaml"), "--data", filepath.Join(dir, "data"), "--master", "local[1]",
		"--conf", "spark.ui.enabled=false", "--conf", "spark.sql.ansi.enabled=false")
	for _, want := range []string{"s: different\n", "[CAST_INVALID_INPUT]", "batch 0", "2 rows"} {
		if !strings.Contains(out, want) {
			t.Errorf("%q is not in %s", want, out)
		}
	}
}

func TestTheTutorialRunsOnASparkCluster(t *testing.T) {
	if os.Getenv("STREAMCTL_SPARK_FULL") == "" {
		t.Skip("a cluster takes minutes: make spark-test-full runs this")
	}
	home := sparkHome(t)
	url := cluster(t, home)
	flags := append(onSpark(url), "--executor-memory", "512m", "--total-executor-cores", "2")
	if options := os.Getenv("SPARK_SUBMIT_OPTS"); options != "" {
		flags = append(flags, "--conf", "spark.executor.extraJavaOptions="+options)
	}
	tutorial(t, flags)
	killedDriver(t, flags)
	eachPage(t, url)
}

// killedDriver kills streamctl and the driver in the middle of a stream and restarts them with the same
// checkpoint.
func killedDriver(t *testing.T, flags []string) {
	dir := t.TempDir()
	people(t, dir, 0)
	args := append(append(fileToFile(dir), "--option", "maxFilesPerTrigger=1"), flags...)
	p := startSpark(t, filepath.Join(dir, "first"), append(args, "--progress", "plain")...)
	p.await(t, "err", "batch 0:")
	for n := range 10 {
		people(t, dir, n+1)
	}
	p.await(t, "err", "batch 3:")
	// a second signal kills: streamctl exits at once and kills the driver
	for range 2 {
		_ = p.cmd.Process.Signal(syscall.SIGINT)
		time.Sleep(5 * time.Millisecond)
	}
	if code := p.wait(t); code != 130 {
		t.Errorf("exit code %d\n%s", code, p.text("err"))
	}
	run(t, 0, append(args, "--available-now")...)
	var want []string
	for n := range 22 {
		want = append(want, fmt.Sprintf("%d,%s", n, []string{"ANN", "BOB"}[n%2]))
	}
	if got := written(t, dir); got != strings.Join(want, " ") {
		t.Errorf("rows %s", got)
	}
}

// TestSparkRunsAnExportedPipeline needs the Python packages of Spark Connect, in the environment
// STREAMCTL_PIPELINES.
func TestSparkRunsAnExportedPipeline(t *testing.T) {
	home, python := sparkHome(t), os.Getenv("STREAMCTL_PIPELINES")
	if python == "" {
		t.Skip("STREAMCTL_PIPELINES names no Python environment with Spark Connect: make spark-test-full runs this")
	}
	dir := t.TempDir()
	people(t, dir, 0)
	const text = `streams: [{name: people, source: {format: csv, path: in, schema: "id INT, name STRING"},
  transform: [{withColumn: {name: upper(name)}}, {filter: id < 9}], sink: {format: csv, path: out, checkpointLocation: ckpt}}]`
	if err := os.WriteFile(filepath.Join(dir, "job.yaml"), []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
	project := filepath.Join(dir, "project")
	run(t, 0, "export", filepath.Join(dir, "job.yaml"), "--format", "pipelines", "--output", project)
	pipelines := func(command string) {
		cmd := exec.Command(filepath.Join(home, "bin", "spark-pipelines"), command, "--conf", "spark.ui.enabled=false")
		cmd.Dir = project
		cmd.Env = append(os.Environ(), "PYSPARK_PYTHON="+filepath.Join(python, "bin", "python3"), "SPARK_LOCAL_IP=127.0.0.1")
		if out, err := cmd.CombinedOutput(); err != nil || !strings.Contains(string(out), "Run is COMPLETED") {
			t.Fatalf("%s: %v\n%s", command, err, out)
		}
	}
	pipelines("dry-run")
	if got := written(t, dir); got != "" {
		t.Errorf("a dry run wrote %s", got)
	}
	pipelines("run")
	people(t, dir, 1)
	pipelines("run")
	if got := written(t, dir); got != "0,ANN 1,BOB 2,ANN 3,BOB" {
		t.Errorf("rows %s", got)
	}
}

// cluster starts a standalone cluster with one master and one worker and returns its URL.
func cluster(t *testing.T, home string) string {
	t.Helper()
	port, ui := freePort(t), freePort(t)
	url := "spark://127.0.0.1:" + port
	daemon := func(args ...string) {
		cmd := exec.Command(filepath.Join(home, "bin", "spark-class"), args...)
		cmd.Env = append(os.Environ(), "SPARK_DAEMON_MEMORY=256m", "SPARK_LOCAL_IP=127.0.0.1", "SPARK_WORKER_DIR="+t.TempDir(), "SPARK_LOG_DIR="+t.TempDir(),
			"SPARK_DAEMON_JAVA_OPTS="+os.Getenv("SPARK_SUBMIT_OPTS"))
		if python := filepath.Join(home, "bin", "python3"); fileExists(python) {
			cmd.Env = append(cmd.Env, "PYSPARK_PYTHON="+python) // used by scripts of a Python environment to find Spark
		}
		cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
		if err := cmd.Start(); err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() {
			_ = syscall.Kill(-cmd.Process.Pid, syscall.SIGTERM)
			_ = cmd.Wait()
		})
	}
	t.Setenv("SPARK_LOCAL_IP", "127.0.0.1")
	daemon("org.apache.spark.deploy.master.Master", "--host", "127.0.0.1", "--port", port, "--webui-port", ui)
	daemon("org.apache.spark.deploy.worker.Worker", "--host", "127.0.0.1", "--port", freePort(t), "--webui-port", freePort(t), "-c", "2", "-m", "1g", url)
	for end := time.Now().Add(sparkPatience); time.Now().Before(end); time.Sleep(200 * time.Millisecond) {
		resp, err := http.Get("http://127.0.0.1:" + ui + "/json/")
		if err != nil {
			continue
		}
		var state struct {
			AliveWorkers int `json:"aliveworkers"`
		}
		err = json.NewDecoder(resp.Body).Decode(&state)
		_ = resp.Body.Close()
		if err == nil && state.AliveWorkers == 1 {
			return url
		}
	}
	t.Fatal("the cluster has no worker")
	return ""
}

func fileExists(path string) bool {
	_, err := os.Stat(path)
	return err == nil
}

func freePort(t *testing.T) string {
	t.Helper()
	port, err := freeport.Get()
	if err != nil {
		t.Fatal(err)
	}
	return port
}
