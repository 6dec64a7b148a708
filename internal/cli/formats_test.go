package cli

import (
	"context"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// command runs streamctl and returns its exit code, its output and its messages.
func command(t *testing.T, args ...string) (code int, out, messages string) {
	t.Helper()
	t.Setenv("XDG_CONFIG_HOME", t.TempDir())
	var o, m strings.Builder
	a := &app{streams: &streams{In: strings.NewReader(""), Out: &o, Err: &m}}
	code = a.run(context.Background(), args)
	return code, o.String(), m.String()
}

// countingJob writes a job with the formats of formatsource_test.go and formatsink_test.go.
func countingJob(t *testing.T, source, sink string) string {
	t.Helper()
	file := filepath.Join(t.TempDir(), "job.yaml")
	text := "streams:\n  - source: {format: counter" + source + "}\n    transform:\n      - filter: n % 2 = 0\n      - select: [\"concat('row ', n) AS r\"]\n" +
		"    sink: {format: collect" + sink + ", trigger: {availableNow: true}}\n"
	if err := os.WriteFile(file, []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
	return file
}

func TestASourceAndASinkOfOneFileEachRun(t *testing.T) {
	collected.rows = nil
	code, _, messages := command(t, "multi", countingJob(t, ", options: {count: 7, order: down}", ", options: {letters: upper}"))
	if want := []string{"ROW 6", "ROW 4", "ROW 2", "ROW 0"}; code != exitOK || !slices.Equal(collected.rows, want) {
		t.Errorf("exit code %d, rows %q\n%s", code, collected.rows, messages)
	}
	collected.rows = nil
	code, _, messages = command(t, "file", "--format", "counter", "--option", "count=3", "--sink", "collect", "--once")
	if want := []string{"0", "1", "2"}; code != exitOK || !slices.Equal(collected.rows, want) {
		t.Errorf("flags: exit code %d, rows %q\n%s", code, collected.rows, messages)
	}
}

func TestASourceAndASinkOfOneFileEachAreValidated(t *testing.T) {
	for _, c := range []struct{ source, sink, want string }{
		{"", "", "no mistakes"},
		{", options: {order: upp}", "", "order takes one of up, down; did you mean up?"},
		{", options: {order: sideways}", "", "Invalid value 'sideways' for option 'order'"},
		{", options: {count: 1001}", "", "count takes a number from 1 to 1000"},
		{", options: {cuont: 1}", "", `the counter source has no option "cuont"`},
		{", path: in", "", "the counter source does not take a path"},
		{"", ", options: {letters: small}", "letters takes one of upper, lower"},
		{"", ", options: {letter: upper}", "did you mean letters?"},
		{"", ", path: \"-\"", "collect does not write rows to standard output"},
		{"", ", path: out", "the collect sink does not take a path"},
	} {
		code, out, messages := command(t, "validate", countingJob(t, c.source, c.sink))
		if refused := c.want != "no mistakes"; refused != (code == exitRefused) || !strings.Contains(out+messages, c.want) {
			t.Errorf("%s%s: exit code %d\n%s%s", c.source, c.sink, code, out, messages)
		}
	}
}

func TestASourceAndASinkOfOneFileEachAreCompletedAndExplained(t *testing.T) {
	file := countingJob(t, ", options: {order: down}", "")
	for _, c := range []struct {
		args []string
		want []string
	}{
		{[]string{"__complete", "file", "--format", ""}, []string{"csv\n", "counter\n"}},
		{[]string{"__complete", "file", "--format", "counter", "--option", ""}, []string{"count=\n", "order=\n"}},
		{[]string{"__complete", "file", "--format", "counter", "--option", "order="}, []string{"order=up\n", "order=down\n"}},
		{[]string{"__complete", "file", "--sink", ""}, []string{"console\n", "collect\n"}},
		{[]string{"__complete", "file", "--sink", "collect", "--sink-option", "letters="}, []string{"letters=upper\n", "letters=lower\n"}},
		{[]string{"help", "counter"}, []string{"counter: numbers from 0 on", "takes one of up, down; default: up"}},
		{[]string{"help", "letters"}, []string{"letters of the collect sink: how to write letters"}},
		{[]string{"help", "job-file"}, []string{" counter\n", " collect;"}},
		{[]string{"file", "--help-all"}, []string{"or collect"}},
		{[]string{"file", "--order", "up"}, []string{"--option order=VALUE"}},
		{[]string{"explain", file}, []string{"StreamingRelation counter [n]", "Filter ((n % "}},
		{[]string{"validate", "--portable", file}, []string{"Spark has no source counter", "write the numbers to files"}},
		{[]string{"export", file}, []string{"Spark has no source counter"}},
		{[]string{"file", "--format", "conuter"}, []string{"did you mean counter?"}},
	} {
		_, out, messages := command(t, c.args...)
		for _, want := range c.want {
			if !strings.Contains(out+messages, want) {
				t.Errorf("%q: no %q in\n%s%s", c.args, want, out, messages)
			}
		}
	}
}

func TestACodecOfOneFileReadsAndWrites(t *testing.T) {
	in, out := t.TempDir(), t.TempDir()
	name := filepath.Join(in, "a.num")
	if err := os.WriteFile(name, []byte("1f\n2\n30\n"), 0o644); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		args []string
		code int
		want string
	}{
		{[]string{"file", in, "--format", "digits", "--option", "base=16", "--where", "n > 2", "-o", "digits", "--once", "-q"}, exitOK, "31\n48\n"},
		{[]string{"file", in, "--format", "digits", "--option", "base=16", "--sink", "digits", "--sink-option", "base=16", "--path", out, "--checkpoint", filepath.Join(t.TempDir(), "c"), "--once", "-q"}, exitOK, ""},
		{[]string{"file", in, "--format", "digits", "--option", "base=8"}, exitRefused, "base takes one of 10, 16"},
		{[]string{"file", in, "--format", "digits", "--sink", "digits", "--path", out, "--checkpoint", "c", "--sink-option", "base=8"}, exitRefused, "base takes one of 10, 16"},
		{[]string{"schema", "infer", name, "-o", "ddl"}, exitOK, "n BIGINT\n"},
		{[]string{"__complete", "file", "--format", "digits", "--option", "base="}, exitOK, "base=10\nbase=16\n"},
		{[]string{"__complete", "file", "-o", ""}, exitOK, "digits\n"},
		{[]string{"help", "digits"}, exitOK, "takes one of 10, 16; default: 10"},
	} {
		if code, text, messages := command(t, c.args...); code != c.code || !strings.Contains(text+messages, c.want) {
			t.Errorf("%q: exit code %d\n%s%s", c.args, code, text, messages)
		}
	}
	parts, _ := filepath.Glob(filepath.Join(out, "part-*.num"))
	if len(parts) != 1 {
		t.Fatalf("files %q", parts)
	}
	if text, err := os.ReadFile(parts[0]); string(text) != "1f\n2\n30\n" {
		t.Errorf("%q, %v", text, err)
	}
}
