package cli

import (
	"bytes"
	"context"
	"flag"
	"fmt"
	"math/bits"
	"math/rand/v2"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"syscall"
	"testing"
	"time"
	"unicode/utf8"
)

// Budgets for checking a job file, per byte times log2 of all bytes, and for the output.
const (
	checkBase  = time.Second
	checkPace  = 4 * time.Microsecond
	checkBytes = 3000
	checkFloor = 256 << 20
	mostErrors = 256 << 10
)

// slowdown is the factor by which the race detector slows a program down.
var slowdown = time.Duration(1)

// FuzzBounded validates and explains a job file of a given shape and size, after random changes.
func FuzzBounded(f *testing.F) {
	size, every := 2000, 1
	if fuzzing := flag.Lookup("test.fuzz"); fuzzing != nil && fuzzing.Value.String() != "" {
		size, every = 100, 4 // all seeds run before the first new input
	}
	for k := range hostileFiles {
		if k%every == 0 {
			f.Add(uint16(k), uint16(size), uint64(0))
			f.Add(uint16(k), uint16(50), uint64(k)+1)
		}
	}
	dir := f.TempDir()
	f.Fuzz(func(t *testing.T, shape, size uint16, seed uint64) {
		h := hostileFiles[int(shape)%len(hostileFiles)]
		files := h.files(int(size) % 6000)
		t.Logf("%s, n = %d, seed %d", h.name, int(size)%6000, seed)
		files["job.yaml"] = changed(files["job.yaml"], seed)
		bytes := 0
		for name, text := range files {
			bytes += len(text)
			if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
				t.Fatal(err)
			}
		}
		for _, command := range []string{"validate", "explain"} {
			checkCommand(t, bytes, command, filepath.Join(dir, "job.yaml"))
		}
	})
}

// changed replaces some bytes at random. Seed 0 leaves the text unchanged.
func changed(text string, seed uint64) string {
	if seed == 0 || text == "" {
		return text
	}
	r, b := rand.New(rand.NewPCG(seed, 0)), []byte(text)
	for range 1 + r.IntN(4) {
		at := r.IntN(len(b))
		switch r.IntN(4) {
		case 0:
			b[at] = byte(r.IntN(256))
		case 1:
			b = append(b[:at:at], b[min(at+1+r.IntN(20), len(b)-1):]...)
		case 2:
			b = append(b[:at:at], append([]byte("\x1b]0;x\a\u202e"), b[at:]...)...)
		default:
			end := min(at+r.IntN(40), len(b))
			b = append(b[:end:end], b[at:]...)
		}
	}
	return string(b)
}

// checkCommand runs a command and compares its cost and output with the budgets.
func checkCommand(t *testing.T, size int, args ...string) {
	t.Helper()
	var out, errs bytes.Buffer
	a := &app{streams: &streams{In: strings.NewReader(""), Out: &out, Err: &redactor{w: &errs}}}
	spent, allocated := processTime(), totalAlloc()
	code := a.run(context.Background(), args)
	spent, allocated = processTime()-spent, totalAlloc()-allocated
	units := (size + 64) * bits.Len(uint(size+64))
	if most := (checkBase + time.Duration(units)*checkPace) * slowdown; spent > most {
		t.Errorf("%s of %d bytes takes %v, more than %v", args[0], size, spent, most)
	}
	if most := uint64(checkFloor + units*checkBytes); allocated > most {
		t.Errorf("%s of %d bytes allocates %d, more than %d", args[0], size, allocated, most)
	}
	if code != exitOK && code != exitRefused && code != exitFailed || strings.Contains(errs.String(), "internal error") {
		t.Errorf("%s ends with %d: %.2000s", args[0], code, &errs)
	}
	if errs.Len() > mostErrors {
		t.Errorf("%s of %d bytes prints %d bytes of messages: %.300s", args[0], size, errs.Len(), &errs)
	}
	for i, r := range errs.String() {
		if r < ' ' && r != '\n' && r != '\t' || r == 0x7f || r >= 0x80 && r < 0xa0 || r == '\u202e' || r == utf8.RuneError && !strings.HasPrefix(errs.String()[i:], "\uFFFD") {
			t.Errorf("%s prints %q: %.300q", args[0], r, errs.String()[max(0, i-100):])
			break
		}
	}
}

func totalAlloc() uint64 {
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return m.TotalAlloc
}

func processTime() time.Duration {
	var r syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &r); err != nil {
		return 0
	}
	return time.Duration(r.Utime.Nano() + r.Stime.Nano())
}

// A hostileFile is a kind of job file, with the files it refers to, that grows with n.
type hostileFile struct {
	name  string
	files func(n int) map[string]string
}

// stream returns a job with one stream, made of parts for its source, steps and sink.
func stream(source, steps, sink string) string {
	return "streams:\n- source: {format: csv, path: in, " + source + "}\n  transform: [" + steps + "]\n  sink: {format: noop" + sink + "}\n"
}

const people = "schema: 'a INT, s STRING'"

func jobFile(name string, text func(n int) string) hostileFile {
	return hostileFile{name, func(n int) map[string]string { return map[string]string{"job.yaml": text(n)} }}
}

func withSchema(name string, text func(n int) string) hostileFile {
	return hostileFile{name, func(n int) map[string]string {
		return map[string]string{"job.yaml": stream("schema: {file: s.yaml}", "", ""), "s.yaml": text(n)}
	}}
}

func many(n int, separator, text string) string {
	list := make([]string, n)
	for i := range list {
		list[i] = strings.ReplaceAll(text, "#", fmt.Sprint(i))
	}
	return strings.Join(list, separator)
}

// laughs returns an alias bomb with n levels.
func laughs(n int, text string) string {
	return "x-0: &a0 [1, 2]\n" + many(n, "", "x-b#: &b# [*a0, *a0]\n") + "x-1: &a1 [*a0, *a0, *a0, *a0, *a0, *a0, *a0, *a0, *a0]\n" + levels(min(n, 100)) + text
}

func levels(n int) string {
	var b strings.Builder
	for i := 2; i < n+2; i++ {
		fmt.Fprintf(&b, "x-%d: &a%d [*a%d, *a%d, *a%d, *a%d, *a%d, *a%d, *a%d, *a%d, *a%d]\n", i, i, i-1, i-1, i-1, i-1, i-1, i-1, i-1, i-1, i-1)
	}
	return b.String()
}

var hostileFiles = []hostileFile{
	jobFile("parentheses", func(n int) string {
		return stream(people, "filter: '"+strings.Repeat("(", n)+"a"+strings.Repeat(")", n)+" > 1'", "")
	}),
	jobFile("streams", func(n int) string {
		return "streams:\n" + many(n/4+1, "\n", "- {name: s#, source: {format: csv, path: in#, "+people+"}, sink: {format: noop}}") + "\n"
	}),
	jobFile("streams of one name and output", func(n int) string {
		return "streams:\n" + many(n/4+1, "\n", "- {name: s, source: {format: csv, path: in, "+people+"}, sink: {format: csv, path: out, checkpointLocation: c}}") + "\n"
	}),
	jobFile("unknown options", func(n int) string { return stream(people+", options: {"+many(n, ", ", "o#: x")+"}", "", "") }),
	jobFile("options with wrong values", func(n int) string {
		return stream(people+", options: {maxFilesPerTrigger: "+strings.Repeat("9", n+1)+", dateFormat: '"+strings.Repeat("y", n)+"'}", "", "")
	}),
	jobFile("unknown keys", func(n int) string { return many(n, "\n", "k#: x") + "\n" + stream(people, "", "") }),
	jobFile("keys that stand twice", func(n int) string { return many(n, "\n", "name: x") + "\n" + stream(people, "", "") }),
	jobFile("settings", func(n int) string {
		return "conf: {" + many(n, ", ", "spark.sql.x#: y") + "}\n" + stream(people, "", "")
	}),
	jobFile("columns", func(n int) string { return stream("schema: '"+many(n+1, ", ", "c# INT")+"'", "", "") }),
	jobFile("equal columns", func(n int) string { return stream("schema: '"+many(n+1, ", ", "c INT")+"'", "", "") }),
	jobFile("a deep type", func(n int) string {
		return stream("schema: 'a "+strings.Repeat("ARRAY<", n)+"INT"+strings.Repeat(">", n)+"'", "", "")
	}),
	jobFile("a wide type", func(n int) string { return stream("schema: 'a STRUCT<"+many(n+1, ", ", "f#: INT")+">'", "", "") }),
	jobFile("wrong columns in steps", func(n int) string { return stream(people, many(n/4+1, ", ", "filter: 'y# > 1'"), "") }),
	jobFile("many columns in one step", func(n int) string {
		return stream(people, "withColumn: {"+many(n/8+1, ", ", "x#: a + #")+"}", "")
	}),
	jobFile("a list of lists", func(n int) string { return strings.Repeat("[", n) + strings.Repeat("]", n) }),
	jobFile("a mapping of mappings", func(n int) string { return strings.Repeat("{a: ", n) + "1" + strings.Repeat("}", n) }),
	jobFile("lists by indent", func(n int) string { return strings.Repeat("- ", n) + "x\n" }),
	jobFile("keys of keys", func(n int) string { return strings.Repeat("? ", n) + "x\n" }),
	jobFile("laughs", func(n int) string { return laughs(n/10, stream(people, "filter: *a9", "")) }),
	jobFile("laughs in streams", func(n int) string { return laughs(n/10, "streams: *a7\n") }),
	jobFile("merged laughs", func(n int) string {
		var b strings.Builder
		b.WriteString("x-0: &m0 {k: 1}\n")
		for i := 1; i <= n/10+1; i++ {
			fmt.Fprintf(&b, "x-%d: &m%d {<<: [*m%d, *m%d, *m%d], k%d: 1}\n", i, i, i-1, i-1, i-1, i)
		}
		return b.String() + fmt.Sprintf("<<: *m%d\n", n/10+1) + stream(people+fmt.Sprintf(", options: {<<: *m%d}", n/10+1), "", "")
	}),
	jobFile("an alias of itself", func(int) string { return "streams: &s\n- *s\nconf: &c {<<: *c, a: *c}\n" }),
	jobFile("a long name", func(n int) string { return "name: " + strings.Repeat("x", 100*n+1) + "\n" + stream(people, "", "") }),
	jobFile("a long key", func(n int) string { return strings.Repeat("x", 100*n+1) + ": 1\n" + stream(people, "", "") }),
	jobFile("a long wrong value", func(n int) string { return "timeout: " + strings.Repeat("9", 100*n+1) + "\n" + stream(people, "", "") }),
	jobFile("a long line that is not YAML", func(n int) string { return "a: b: " + strings.Repeat("c: ", 20*n) }),
	jobFile("documents", func(n int) string { return strings.Repeat("---\na: 1\n", n) }),
	jobFile("stars in a path", func(n int) string {
		return "streams:\n- source: {format: csv, path: '" + strings.Repeat("*a", n+1) + "', " + people + "}\n  sink: {format: noop}\n"
	}),
	jobFile("braces in a path", func(n int) string {
		return "streams:\n- source: {format: csv, path: '" + strings.Repeat("{a,b}", n+1) + "', " + people + "}\n  sink: {format: noop}\n"
	}),
	jobFile("braces in braces", func(n int) string {
		return "streams:\n- source: {format: csv, path: '" + strings.Repeat("{a,", n+1) + "b" + strings.Repeat("}", n+1) + "', " + people + "}\n  sink: {format: noop}\n"
	}),
	jobFile("stars in a filter of names", func(n int) string {
		return stream(people+", options: {pathGlobFilter: '"+strings.Repeat("*a", n+1)+"b', ignoredPathSegmentRegex: '"+strings.Repeat("(a*)*", n+1)+"'}", "", "")
	}),
	jobFile("references", func(n int) string {
		return stream(people+", options: {dateFormat: '"+strings.Repeat("${env:HOME}", n)+"'}", "", "")
	}),
	jobFile("references that are not there", func(n int) string {
		return stream(people+", options: {dateFormat: '"+strings.Repeat("${env:NOT_THERE}${x", n)+"'}", "", "")
	}),
	jobFile("partition columns", func(n int) string {
		return stream(people, "", "") + "- source: {format: csv, path: in, " + people + "}\n  sink: {format: csv, path: out, checkpointLocation: c, partitionBy: [" + many(n+1, ", ", "p#") + "]}\n"
	}),
	jobFile("escapes in names", func(n int) string {
		return "name: \"\\e]0;x\\a\"\nstreams:\n- name: \"" + strings.Repeat(`\e[31m\x9b`, n) + "\"\n  source: {format: \"\\e[2J\", path: \"\\e\"}\n  sink: {format: \"\\u202e\"}\n"
	}),
	jobFile("escapes in expressions", func(n int) string {
		return stream(people, "filter: \"a > '"+strings.Repeat(`\e[2J`, n)+"' AND \\e\"", "")
	}),
	jobFile("watermarks, limits and durations", func(n int) string {
		return "timeout: " + strings.Repeat("1h", n+1) + "\n" + stream(people, "withWatermark: {eventTime: a, delayThreshold: '"+strings.Repeat("1 day ", n+1)+"'}, limit: "+strings.Repeat("9", n+1), ", trigger: {processingTime: '"+strings.Repeat("9", n+1)+" days'}")
	}),
	withSchema("columns in a file", func(n int) string { return many(n+1, "\n", "- {name: c#, type: INT, comment: x}") }),
	withSchema("wrong columns in a file", func(n int) string { return many(n+1, "\n", "- {nam: c#, typ: INT}") }),
	withSchema("laughs in a schema", func(n int) string { return laughs(n/10, "fields: *a9\n") }),
	withSchema("a deep schema", func(n int) string { return strings.Repeat("[", n) + strings.Repeat("]", n) }),
	withSchema("a deep type in a file", func(n int) string {
		return "a: " + strings.Repeat("STRUCT<a: ", n) + "INT" + strings.Repeat(">", n) + "\n"
	}),
	withSchema("a schema as JSON", func(n int) string {
		return `{"type":"struct","fields":[` + many(n+1, ",", `{"name":"c#","type":"integer","nullable":true,"metadata":{}}`) + "]}"
	}),
	withSchema("a deep schema as JSON", func(n int) string {
		return `{"type":"struct","fields":[{"name":"a","nullable":true,"metadata":{},"type":` + strings.Repeat(`{"type":"array","containsNull":true,"elementType":`, n) + `"integer"` + strings.Repeat("}", n) + "}]}"
	}),
}
