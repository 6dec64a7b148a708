package main

import (
	"bufio"
	"bytes"
	"flag"
	"fmt"
	"io"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/streamctl/streamctl/test/freeport"
	"github.com/streamctl/streamctl/test/pages"
)

// The code blocks of a page are run from top to bottom, as a reader with two terminals would, who is in another time zone
// and has another number of cores:
//
//	sh      a command line or more, for the first terminal; for the second one, if its first line is pages.Elsewhere. It must succeed.
//	output  what the first terminal shows since the last such block, or since the command before it began. "…" stands for any text in a line, or for
//	        any lines if it is alone in one.
//	typed   what the reader types into the program that runs in the second terminal
//
// The first terminal is not waited for while the second one is used. A program that still runs when its terminal is used again gets Ctrl-C. All blocks
// of a page share a directory, which is empty at first, or has configs/ if a block names it: such a page is for readers of the repository. Blocks that
// name a master, or verify, are run where Spark is (make spark-test-full). Blocks in other languages, such as text and yaml, are not run.
const pagePort = "9999" // another one in the test, since pages run side by side

var updatePages = flag.Bool("update-pages", false, "write the output of commands into the pages, where it differs")

func TestThePagesWorkFromTopToBottom(t *testing.T) { eachPage(t, "") }

// eachPage runs all pages, or those with blocks for Spark on a cluster with this URL.
func eachPage(t *testing.T, cluster string) {
	t.Helper()
	if runtime.GOOS != "linux" {
		t.Skip("/proc tells which programs run and listen")
	}
	heedSignals()
	files, err := pages.Files("../..")
	if err != nil {
		t.Fatal(err)
	}
	ran := 0
	for _, file := range files {
		blocks, err := pages.Read(file)
		if err != nil {
			t.Fatal(err)
		}
		if !slices.ContainsFunc(blocks, func(b pages.Block) bool { return b.Language == "sh" && (cluster == "" || needsSpark(b)) }) {
			continue
		}
		ran++
		t.Run(filepath.Base(file), func(t *testing.T) {
			if cluster == "" {
				t.Parallel()
			}
			runPage(t, file, blocks, cluster)
		})
	}
	if ran == 0 {
		t.Error("no page was run")
	}
}

func needsSpark(b pages.Block) bool {
	return b.Language == "sh" && (strings.Contains(b.Text, " --master ") || strings.Contains(b.Text, "streamctl verify "))
}

// varying finds what differs from run to run and from machine to machine in a text of streamctl, with what is left of it.
var varying = []struct {
	find *regexp.Regexp
	left string
}{
	{regexp.MustCompile(`(?m)^(streamctl: (?:done|failed|stopped|timeout reached).*, )[0-9.]+m?s$`), "${1}…"},
	{regexp.MustCompile(`(state rows? )\([0-9.]+ [A-Za-z]+\)`), "${1}(…)"},
	{regexp.MustCompile(`(, version \d+, )\d+ partitions?`), "${1}…"},
	{regexp.MustCompile(`(query id     )[0-9a-f-]{36}`), "${1}…"},
	{regexp.MustCompile(`(newest       batch \d+ of )[0-9TZ:-]+,`), "${1}…,"},
}

// withoutVarying returns an output as a page shows it.
func withoutVarying(text string) string {
	for _, v := range varying {
		text = v.find.ReplaceAllString(text, v.left)
	}
	return text
}

// runPage runs the blocks of a page, those for Spark on a cluster, or not at all if there is none.
func runPage(t *testing.T, file string, blocks []pages.Block, cluster string) {
	port, err := freeport.Get()
	if err != nil {
		t.Fatal(err)
	}
	replace := strings.NewReplacer("spark://master:7077", cluster, pagePort, port)
	dir := t.TempDir()
	if uses(blocks, `\bnc `) {
		if _, err := exec.LookPath("nc"); err != nil {
			if strings.Contains(os.Getenv("STREAMCTL_REQUIRE"), "nc") {
				t.Fatal(err)
			}
			t.Skip(err)
		}
	}
	if uses(blocks, ` configs/`) {
		if err := os.CopyFS(filepath.Join(dir, "configs"), os.DirFS("../../configs")); err != nil {
			t.Fatal(err)
		}
	}
	limit := patience
	if cluster != "" {
		limit = 4 * sparkPatience // verify starts Spark several times
	}
	first, second := newTerminal(t, dir, limit), newTerminal(t, dir, limit)
	written := map[int]string{} // output by the line of its block
	defer func() { update(t, file, blocks, written) }()
	for i, b := range blocks {
		where := fmt.Sprintf("%s:%d", file, b.Line)
		text := replace.Replace(b.Text)
		switch {
		case needsSpark(b) && cluster == "":
		case b.Language == "sh" && strings.HasPrefix(text, pages.Elsewhere):
			if first.busy() {
				first.awaitProgram()
				if strings.Contains(first.text, port) {
					awaitListener(t, where, port)
				}
			}
			second.run(where, text, serves(text))
			if serves(text) {
				awaitListener(t, where, port)
			} else {
				second.await()
			}
		case b.Language == "sh":
			runsOn := usesSecond(blocks[i+1:])
			if first.run(where, text, runsOn); !runsOn {
				first.await()
			}
		case b.Language == "typed":
			second.typed(text)
		case b.Language == "output":
			if needsSpark(blocks[i-1]) && cluster == "" {
				continue
			}
			if got := first.shows(text); got != "" && *updatePages {
				written[b.Line] = withoutVarying(strings.NewReplacer(port, pagePort, dir, "…").Replace(got))
			} else if got != "" {
				t.Errorf("%s: the terminal shows\n%s", where, got)
			}
		}
	}
	first.stop()
	second.stop()
}

// uses reports whether a command matches a pattern.
func uses(blocks []pages.Block, pattern string) bool {
	find := regexp.MustCompile(pattern)
	return slices.ContainsFunc(blocks, func(b pages.Block) bool { return b.Language == "sh" && find.MatchString(b.Text) })
}

// serves reports whether a block for the second terminal starts a server, for programs in the first one.
func serves(text string) bool { return strings.Contains(text, "nc -l") }

// usesSecond reports whether the second terminal is used before the first one is used again.
func usesSecond(blocks []pages.Block) bool {
	for _, b := range blocks {
		switch b.Language {
		case "sh":
			return strings.HasPrefix(b.Text, pages.Elsewhere) && !serves(b.Text)
		case "typed":
			return true
		}
	}
	return false
}

// update replaces the output blocks of a page.
func update(t *testing.T, file string, blocks []pages.Block, written map[int]string) {
	if len(written) == 0 {
		return
	}
	page, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	lines := strings.Split(string(page), "\n")
	for _, b := range slices.Backward(blocks) {
		if text, found := written[b.Line]; found {
			lines = slices.Replace(lines, b.Line-1, b.Line-1+strings.Count(b.Text, "\n"), strings.Split(text, "\n")...)
		}
	}
	if err := os.WriteFile(file, []byte(strings.Join(lines, "\n")), 0o644); err != nil {
		t.Fatal(err)
	}
}

// A terminal is a shell that runs blocks.
type terminal struct {
	t           *testing.T
	cmd         *exec.Cmd
	commands    io.Writer
	input       io.Writer // of the programs
	output      string    // file with all that they printed
	shown       int       // bytes of it that were compared
	statuses    chan string
	where, text string // the block that runs
	count       int
	patience    time.Duration
}

func newTerminal(t *testing.T, dir string, patience time.Duration) *terminal {
	t.Helper()
	home := t.TempDir()
	term := &terminal{t: t, patience: patience, output: filepath.Join(home, "terminal"), statuses: make(chan string, 1)}
	out, err := os.OpenFile(term.output, os.O_CREATE|os.O_WRONLY|os.O_APPEND, 0o644)
	if err != nil {
		t.Fatal(err)
	}
	statuses, status, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	input, typed, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	term.cmd = exec.Command("sh")
	term.cmd.Dir, term.cmd.Stdout, term.cmd.Stderr, term.cmd.ExtraFiles = dir, out, out, []*os.File{status, input}
	path := os.Getenv("PATH")
	if program := os.Getenv("STREAMCTL"); program != "" { // an installed one instead of this one
		path = filepath.Dir(program) + string(os.PathListSeparator) + path
	}
	term.cmd.Env = append(os.Environ(), "PATH="+path, "TZ=Asia/Kolkata", "STREAMCTL_WORKERS=3", "LC_ALL=C.UTF-8", "XDG_CONFIG_HOME="+home, "TMPDIR="+t.TempDir(), "HOME="+home)
	term.cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	if term.commands, err = term.cmd.StdinPipe(); err != nil {
		t.Fatal(err)
	}
	term.input = typed
	if err := term.cmd.Start(); err != nil {
		t.Fatal(err)
	}
	for _, f := range []*os.File{out, status, input} {
		_ = f.Close()
	}
	go func() {
		for lines := bufio.NewScanner(statuses); lines.Scan(); {
			term.statuses <- lines.Text()
		}
		close(term.statuses)
	}()
	t.Cleanup(func() {
		_ = syscall.Kill(-term.cmd.Process.Pid, syscall.SIGKILL)
		_ = term.cmd.Wait()
		_ = typed.Close()
		_ = statuses.Close()
	})
	// the shell survives a Ctrl-C that ends what runs in it
	fmt.Fprintln(term.commands, "trap : INT")
	return term
}

// run starts a block, after what ran before it has ended. One that runs on may be stopped.
func (term *terminal) run(where, text string, runsOn bool) {
	term.t.Helper()
	term.stop()
	term.where, term.text = where, text
	term.shown = len(term.all())
	term.count++
	block := fmt.Sprintf("%s.%d", term.output, term.count)
	if err := os.WriteFile(block, []byte(text), 0o644); err != nil {
		term.t.Fatal(err)
	}
	strict := "set -e" // a command that fails ends the shell
	if runsOn {
		strict = "set +e"
	}
	fmt.Fprintf(term.commands, "%s; . '%s' <&4 3>&-; echo $? >&3\n", strict, block)
}

func (term *terminal) busy() bool { return term.where != "" }

// awaitProgram waits until streamctl runs in the terminal, after the commands before it.
func (term *terminal) awaitProgram() {
	term.t.Helper()
	running := regexp.MustCompile(fmt.Sprintf(`^\d+ \(streamctl\) \S+ \d+ %d `, term.cmd.Process.Pid))
	for end := time.Now().Add(term.patience); time.Now().Before(end); time.Sleep(10 * time.Millisecond) {
		stats, _ := filepath.Glob("/proc/[0-9]*/stat")
		for _, stat := range stats {
			if text, _ := os.ReadFile(stat); running.Match(text) {
				return
			}
		}
	}
	term.t.Fatalf("%s: streamctl does not run:\n%s", term.where, term.text)
}

// await waits for the end of the block, which must be a success.
func (term *terminal) await() { term.ends("0") }

// stop ends a block that runs, with Ctrl-C.
func (term *terminal) stop() {
	term.t.Helper()
	if term.busy() {
		_ = syscall.Kill(-term.cmd.Process.Pid, syscall.SIGINT)
		term.ends("0", "130")
	}
}

// ends waits for the end of the block, with one of these exit codes.
func (term *terminal) ends(codes ...string) {
	term.t.Helper()
	said := func() string { return term.text + "\n" + string(term.all()[term.shown:]) }
	select {
	case status, alive := <-term.statuses:
		if !alive {
			term.t.Fatalf("%s: a command failed:\n%s", term.where, said())
		}
		if !slices.Contains(codes, status) {
			term.t.Errorf("%s: exit code %s:\n%s", term.where, status, said())
		}
	case <-time.After(term.patience):
		term.t.Fatalf("%s: does not end:\n%s", term.where, said())
	}
	term.where = ""
}

func (term *terminal) typed(text string) { _, _ = io.WriteString(term.input, text) }

func (term *terminal) all() []byte {
	term.t.Helper()
	text, err := os.ReadFile(term.output)
	if err != nil {
		term.t.Fatal(err)
	}
	return text
}

// shows waits until the terminal shows a text. It returns what it shows instead.
func (term *terminal) shows(want string) (got string) {
	term.t.Helper()
	pattern := outputPattern(want)
	for end := time.Now().Add(term.patience); ; time.Sleep(10 * time.Millisecond) {
		ended := !term.busy()
		text := term.all()
		if got = plain(text[term.shown:]); got != "" && pattern.MatchString(got) {
			term.shown = len(text)
			return ""
		}
		select {
		case status := <-term.statuses:
			term.statuses <- status
			ended = true
		default:
		}
		if ended || *updatePages && time.Now().After(end.Add(3*time.Second-term.patience)) || time.Now().After(end) {
			term.shown = len(text)
			return got
		}
	}
}

// plain removes blanks at the ends of lines, and empty lines at the beginning and the end.
func plain(text []byte) string {
	var lines []string
	for line := range bytes.Lines(text) {
		lines = append(lines, strings.TrimRight(string(line), " \r\n"))
	}
	return strings.Trim(strings.Join(lines, "\n"), "\n")
}

// outputPattern returns the pattern of an output block.
func outputPattern(text string) *regexp.Regexp {
	lines := strings.Split(plain([]byte(text)), "\n")
	for i, line := range lines {
		if line == "…" {
			lines[i] = `(?s:.*)`
			continue
		}
		lines[i] = strings.ReplaceAll(regexp.QuoteMeta(line), "…", ".*")
	}
	return regexp.MustCompile("^" + strings.Join(lines, "\n") + "$")
}

// awaitListener waits until a program listens on a port, without connecting to it.
func awaitListener(t *testing.T, where, port string) {
	t.Helper()
	number, err := strconv.Atoi(port)
	if err != nil {
		t.Fatal(err)
	}
	local := fmt.Sprintf(":%04X ", number)
	for end := time.Now().Add(patience); time.Now().Before(end); time.Sleep(10 * time.Millisecond) {
		for _, table := range []string{"/proc/net/tcp", "/proc/net/tcp6"} {
			text, _ := os.ReadFile(table)
			for line := range strings.Lines(string(text)) {
				const listen = "0A"
				if fields := strings.Fields(line); len(fields) > 3 && strings.HasSuffix(fields[1]+" ", local) && fields[3] == listen {
					return
				}
			}
		}
	}
	t.Fatalf("%s: no program listens on port %s", where, port)
}

// TestTheReferenceIsUpToDate compares docs/reference with what the program generates.
func TestTheReferenceIsUpToDate(t *testing.T) {
	dir := t.TempDir()
	run(t, 0, "reference", dir)
	read := func(dir string) map[string]string {
		pages := map[string]string{}
		files, err := filepath.Glob(filepath.Join(dir, "*"))
		if err != nil {
			t.Fatal(err)
		}
		for _, file := range files {
			text, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			pages[filepath.Base(file)] = string(text)
		}
		return pages
	}
	if got, want := read("../../docs/reference"), read(dir); !maps.Equal(got, want) || len(want) < 10 {
		t.Errorf("docs/reference, with %d pages, is out of date: make docs", len(got))
	}
}

func TestOutputIsComparedButForEllipses(t *testing.T) {
	for _, c := range []struct {
		want, got string
		same      bool
	}{
		{"a\n", "a", true},
		{"a\n", "b", false},
		{"done: 1 row, …\n", "done: 1 row, 3ms", true},
		{"done: 1 row, …\n", "done: 2 rows, 3ms", false},
		{"a\n…\nz\n", "a\nb\nc\nz", true},
		{"a\n…\nz\n", "a\nz\ny", false},
		{"(a)\n", "a", false},
	} {
		if got := outputPattern(c.want).MatchString(plain([]byte(c.got))); got != c.same {
			t.Errorf("%q, %q: %v", c.want, c.got, got)
		}
	}
}
