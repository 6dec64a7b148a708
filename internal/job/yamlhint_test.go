package job

import (
	"errors"
	"strings"
	"testing"

	"github.com/streamctl/streamctl/internal/sparkerr"
)

const beforeSteps = "streams:\n  - source: {format: csv, path: in, schema: \"a STRING, b INT\"}\n    transform:\n"

// oneMistake parses a job file and returns its only mistake.
func oneMistake(t *testing.T, text string) *sparkerr.Error {
	t.Helper()
	_, err := Parse([]byte(text), "job.yaml")
	var list Errors
	if !errors.As(err, &list) || len(list) != 1 {
		t.Fatalf("%q: want one mistake, got %v", text, err)
	}
	return list[0]
}

func TestAValueThatACommaCutsIsShownInQuotes(t *testing.T) {
	for text, hint := range map[string]string{
		beforeSteps + "      - withColumn: {r: concat(a, '-', b)}\n":              `r: "concat(a, '-', b)"`,
		beforeSteps + "      - withColumn: {r: substr(a, 1, 2), s: upper(a)}\n":   `r: "substr(a, 1, 2)"`,
		beforeSteps + "      - withColumn: {s: a, r: concat(a, \"x\", b)}\n":      `r: 'concat(a, "x", b)'`,
		beforeSteps + "      - select: [concat(a, b), a]\n":                       `"concat(a, b)"`,
		beforeSteps + "      - select: [a, substr(concat(a, b), 1, 2)]\n":         `"substr(concat(a, b), 1, 2)"`,
		"streams:\n  - source: {format: csv, path: in, schema: a INT, b INT}\n":   `schema: "a INT, b INT"`,
		"streams:\n  - source: {format: csv, path: in, schema: a DECIMAL(9,2)}\n": `schema: "a DECIMAL(9,2)"`,
	} {
		e := oneMistake(t, text)
		if e.Hint != hint || !strings.Contains(e.Text, "a comma ends") || e.Place.Line < 2 || e.Place.Col < 2 {
			t.Errorf("%q: %v at %+v, hint %q", text, e, e.Place, e.Hint)
		}
	}
}

func TestCompleteValuesInBracesAreAccepted(t *testing.T) {
	text := beforeSteps + "      - withColumn: {r: \"concat(a, '-', b)\", s: upper(a), t: 'x, y'}\n      - select: [r, \"f(a, b)\", s]\n"
	if _, err := Parse([]byte(text), "job.yaml"); err != nil {
		t.Error(err)
	}
}

func TestYAMLMistakesAreExplained(t *testing.T) {
	for _, c := range []struct{ text, want, hint string }{
		{"", "the job file is empty", "streams: at the top level"},
		{"# only a comment\n", "the job file is empty", "streams: at the top level"},
		{"---\n", "the job file is empty", "streams: at the top level"},
		{"name: a\n---\nname: b\n", "more than one document", "keep only one"},
		{"streams:\n\t- source: {}\n", "indented with a tab", "spaces"},
		{beforeSteps + "      - filter: `a` = 'x'\n", "a value cannot begin with `", "filter: \"`a` = 'x'\""},
		{beforeSteps + "      - filter: \"a > 1\n", "this quote is not closed", "close it"},
		{beforeSteps + "      - filter: a: b\n", "a colon is not allowed here", "quote a string"},
		{beforeSteps + "      - filter: *x\n", "* refers to an anchor that does not exist", "quote a string"},
		{beforeSteps + "      - filter: 'a' = b\n", "text after the closing quote", "quote the whole value"},
		{beforeSteps + "      - {filter: a in ('x', 'y')}\n", "within { } and [ ]", "quote the whole value"},
		{beforeSteps + "      - filter a > 1\n", "a step must be a mapping", "- filter: a > 1"},
		{beforeSteps + "      - filter:a > 1\n", "a step must be a mapping", "- filter: a > 1"},
		{"[streams]\nname = \"x\"\n", "not a job file", "TOML"},
		{"import pyspark\n", "not a job file", "Python"},
		{"SELECT * FROM t\n", "not a job file", "SQL"},
		{"\xff\xfes\x00t\x00", "not UTF-8", "iconv -f UTF-16"},
		{"name: caf\xe9\n", "not UTF-8", "iconv -f ISO-8859-1"},
		{"streams: x\n", "streams must be a list", `begin each stream with "- "`},
		{"source: {format: csv}\nstreams: [{source: {format: text, path: in}}]\n", `unknown key "source"`, "belongs to a stream"},
		{"streams: [{source: {format: text, path: in}, trigger: {once: true}}]\n", `unknown key "trigger"`, "belongs to sink:"},
		{"streams: [{source: {format: text, path: in}, sink: console}]\n", "sink must be a mapping", "sink: {format: console}"},
		{"streams: [{source: {format: csv, path: in, schema: a INT, options: {sep: ,}}}]\n", "option sep has no value", `sep: ","`},
		{"streams: [{source: {format: csv, path: in, schema: a INT, options: {sep: x, SEP: y}}}]\n", "set twice", "remove one of them"},
		{"timeout: 10\nstreams: [{source: {format: text, path: in}}]\n", `"10" is not a duration`, "10s"},
	} {
		if e := oneMistake(t, c.text); !strings.Contains(e.Error(), c.want) || !strings.Contains(e.Hint, c.hint) {
			t.Errorf("%q: %v; hint %q", c.text, e, e.Hint)
		}
	}
}

func TestAJobFileThatIsADirectoryOrMissingIsNamed(t *testing.T) {
	dir := t.TempDir()
	if _, err := Load(dir); err == nil || !strings.Contains(err.Error(), dir+" is a directory") {
		t.Error(err)
	}
	if _, err := Load(dir + "/nope.yaml"); err == nil || !strings.HasSuffix(err.Error(), "nope.yaml cannot be read: no such file or directory") {
		t.Error(err)
	}
}

func TestMistakesInStatefulStepsGetTheRightForm(t *testing.T) {
	for step, want := range map[string]string{
		"groupBy: [k]":                   "hint: groupBy: {keys: [k], agg: [count(*) AS n]}",
		"groupBy: k":                     "hint: groupBy: {keys: [k], agg: [count(*) AS n]}",
		"groupBy: {key: [k]}":            "hint: did you mean keys?",
		"dropDuplicates: k":              "dropDuplicates must be true, for all columns, or a list of columns, not \"k\"\nhint: dropDuplicates: [k]",
		"withWatermark: ts":              "hint: withWatermark: {eventTime: ts, delayThreshold: 10 minutes}",
		"withWatermark: {eventTime: ts}": "needs eventTime and delayThreshold",
		"distinct: [k]":                  "distinct compares whole rows and does not name columns\nhint: distinct: true, or dropDuplicates with a list of columns",
		"distinct: false":                "distinct must be true, not \"false\"",
		"agg: [count(*)]":                "hint: agg belongs to groupBy: {keys: [k], agg: [count(*) AS n]}",
		"having: n > 1":                  "hint: having belongs to groupBy: {keys: [k]}, as a filter after it: - filter: count > 1",
		"limit: ten":                     "limit must be a number of rows, not \"ten\"",
		"withWatermark: {eventTime: ts, delay: 1 day}": "unknown key \"delay\" in withWatermark",
	} {
		j, err := Parse([]byte("streams:\n  - source: {format: csv, path: in, schema: \"k STRING\"}\n    transform:\n      - "+step+"\n"), "job.yaml")
		if err == nil {
			err = j.Validate(testSources, testSinks)
		}
		list, _ := err.(Errors)
		var texts []string
		for _, e := range list {
			texts = append(texts, e.Text+"\nhint: "+e.Hint)
		}
		if got := strings.Join(texts, "\n"); !strings.Contains(got, want) {
			t.Errorf("%s\n%s\nwant %s", step, got, want)
		}
	}
}
