package conformance

import (
	"bufio"
	"encoding/json"
	"flag"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"runtime"
	"sort"
	"strconv"
	"strings"
	"sync"
	"testing"
)

var updateOpen = flag.Bool("update-open", false, "rewrite testdata/open.txt from what fails now, keeping written reasons")

func TestMain(m *testing.M) {
	flag.Parse()
	code := m.Run()
	report.print()
	if *updateOpen {
		if err := report.writeOpen(); err != nil {
			fmt.Fprintln(os.Stderr, err)
			code = 1
		}
	}
	os.RemoveAll(buildDir)
	os.Exit(code)
}

var buildDir string // contains the command under test

// binary builds the command once and returns its path.
var binary = sync.OnceValues(func() (string, error) {
	dir, err := os.MkdirTemp("", "conformance-")
	if err != nil {
		return "", err
	}
	buildDir = dir
	path := filepath.Join(dir, "streamctl")
	if out, err := exec.Command("go", "build", "-o", path, "../../cmd/streamctl").CombinedOutput(); err != nil {
		return "", fmt.Errorf("build: %w\n%s", err, out)
	}
	return path, nil
})

// A recordedError is an error raised by Spark.
type recordedError struct {
	Condition string
	SQLState  string `json:"sqlState"`
	Message   string
	Phase     string
	Class     string
}

// named reports whether the condition has a public name. Other errors are compared by message.
func (e *recordedError) named() bool {
	return e.Condition != "" && !strings.HasPrefix(e.Condition, "_LEGACY")
}

// results collects the results by kind of case.
type results struct {
	mu     sync.Mutex
	open   map[string]string // case → reason, from testdata/open.txt
	passed map[string]int
	total  map[string]int
	failed map[string]string // case → difference
}

var report = loadReport()

func loadReport() *results {
	r := &results{open: map[string]string{}, passed: map[string]int{}, total: map[string]int{}, failed: map[string]string{}}
	f, err := os.Open("testdata/open.txt")
	if err != nil {
		return r
	}
	defer f.Close()
	for s := bufio.NewScanner(f); s.Scan(); {
		name, reason, _ := strings.Cut(s.Text(), "\t")
		if name != "" && !strings.HasPrefix(name, "#") {
			r.open[name] = reason
		}
	}
	return r
}

// verdict records the result of a case. It fails the test if the result contradicts the list of open cases.
func (r *results) verdict(t *testing.T, kind, name, difference string) {
	t.Helper()
	r.mu.Lock()
	defer r.mu.Unlock()
	id := kind + "/" + name
	r.total[kind]++
	_, listed := r.open[id]
	if difference == "" {
		r.passed[kind]++
		if listed && !*updateOpen {
			t.Errorf("%s passes: take it off testdata/open.txt", id)
		}
		return
	}
	r.failed[id] = difference
	if !listed && !*updateOpen {
		t.Errorf("%s: %s", id, difference)
	}
}

func (r *results) print() {
	kinds := make([]string, 0, len(r.total))
	for k := range r.total {
		kinds = append(kinds, k)
	}
	sort.Strings(kinds)
	for _, k := range kinds {
		fmt.Printf("conformance: %-28s %5d/%d\n", k, r.passed[k], r.total[k])
	}
}

// writeOpen writes the list of failing cases. It keeps existing reasons, and the lines of kinds that did not
// run.
func (r *results) writeOpen() error {
	lines := map[string]string{}
	for id, reason := range r.open {
		if kind, _, _ := cutLast(id); r.total[kind] == 0 {
			lines[id] = reason
		}
	}
	for id, difference := range r.failed {
		reason := r.open[id]
		if reason == "" {
			reason = oneLine(difference)
		}
		lines[id] = reason
	}
	ids := make([]string, 0, len(lines))
	for id := range lines {
		ids = append(ids, id)
	}
	sort.Strings(ids)
	var b strings.Builder
	b.WriteString("# Cases that do not pass yet: case, tab, reason. Sorted. Written by go test -update-open; reasons by hand.\n")
	for _, id := range ids {
		b.WriteString(id + "\t" + lines[id] + "\n")
	}
	return os.WriteFile("testdata/open.txt", []byte(b.String()), 0o644)
}

// cutLast splits "expressions/math/id" into kind and case.
func cutLast(id string) (kind, name string, ok bool) {
	i := strings.LastIndexByte(id, '/')
	if i < 0 {
		return "", id, false
	}
	return id[:i], id[i+1:], true
}

func oneLine(s string) string {
	s = strings.Join(strings.Fields(s), " ")
	if len(s) > 160 {
		s = strings.ToValidUTF8(s[:160], "") + "…"
	}
	return s
}

// readLines decodes a file of JSON lines.
func readLines[T any](t *testing.T, path string) []T {
	t.Helper()
	f, err := os.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	var out []T
	s := bufio.NewScanner(f)
	s.Buffer(nil, 16<<20)
	for s.Scan() {
		if len(s.Bytes()) == 0 {
			continue
		}
		var v T
		if err := json.Unmarshal(s.Bytes(), &v); err != nil {
			t.Fatalf("%s: %v", path, err)
		}
		out = append(out, v)
	}
	return out
}

var exponent = regexp.MustCompile(`-?[0-9]+\.[0-9]+E-?[0-9]+`)

// sameText compares text exactly, except for numbers in exponent form, which are equal if they parse to the
// same double: the recordings are from Java 17, which sometimes prints a digit too many.
func sameText(got, want string) bool {
	if got == want {
		return true
	}
	a, b := exponent.FindAllString(got, -1), exponent.FindAllString(want, -1)
	if len(a) == 0 || len(a) != len(b) {
		return false
	}
	for i := range a {
		x, _ := strconv.ParseFloat(a[i], 64)
		y, _ := strconv.ParseFloat(b[i], 64)
		if x != y && float32(x) != float32(y) {
			return false
		}
	}
	// column widths depend on the digits, so compare the rest without padding
	return squeeze(exponent.ReplaceAllString(got, "#")) == squeeze(exponent.ReplaceAllString(want, "#"))
}

var padding = regexp.MustCompile(` +|-{2,}`)

func squeeze(s string) string { return padding.ReplaceAllString(s, "") }

// parallel limits the number of concurrent processes.
var parallel = make(chan struct{}, 2*runtime.NumCPU())

func limited(f func()) {
	parallel <- struct{}{}
	defer func() { <-parallel }()
	f()
}
