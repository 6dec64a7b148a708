package job

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/spf13/pflag"
)

// build parses a command line as a command does.
func build(t *testing.T, command Command, args ...string) (*Job, error) {
	t.Helper()
	fs := pflag.NewFlagSet("test", pflag.ContinueOnError)
	f := NewFlags(fs, command, testSources, testSinks, extension)
	if err := fs.Parse(args); err != nil {
		t.Fatal(err)
	}
	return f.Build(fs.Args())
}

func TestFlagsMakeTheJobOfTheTutorial(t *testing.T) {
	j, err := build(t, FileCommand, "--dir", "in", "--schema", "fname STRING, age INT", "--with-column", "result=concat(fname,'-',age)",
		"--truncate=false", "--num-rows", "3", "--timeout", "60s", "--option", "header=true", "--conf", "spark.sql.session.timeZone=UTC")
	if err != nil {
		t.Fatal(err)
	}
	if err := j.Validate(testSources, testSinks); err != nil {
		t.Fatal(err)
	}
	s := j.Streams[0]
	if s.Source.Format != "csv" || s.Source.Path != "in" || j.Timeout != time.Minute || s.Sink.Format != "console" {
		t.Errorf("%+v", s)
	}
	it := s.Steps[0].(WithColumn).Columns[0]
	if it.Name != "result" || it.Text.Text != "concat(fname,'-',age)" || it.Place.Flag != "--with-column" || it.Place.Col != 8 || !it.Place.Exact {
		t.Errorf("%+v %+v", it, it.Place)
	}
	for name, want := range map[string]string{"truncate": "false", "numrows": "3"} {
		if v, _ := s.Sink.Options.Get(name); v != want {
			t.Errorf("%s = %q", name, v)
		}
	}
}

func TestTransformFlagsKeepTheOrderTypedAcrossKinds(t *testing.T) {
	j, err := build(t, FileCommand, "--dir", "in", "--schema", "a STRING", "--where", "a > 1", "--with-column", "`x=y`=a == 'b, c'", "--select", "a, concat(a, ',') AS `b,c`",
		"--rename", "a=b", "--drop", "x,`y`", "--filter", "b IS NOT NULL", "--sql", "SELECT * FROM stream")
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, st := range j.Streams[0].Steps {
		got = append(got, st.String())
	}
	want := []string{
		"filter a > 1", "withColumn x=y = a == 'b, c'", "select a, concat(a, ',') AS `b,c`", "withColumnRenamed a = b",
		"drop x, y", "filter b IS NOT NULL", "sql SELECT * FROM stream",
	}
	if strings.Join(got, "\n") != strings.Join(want, "\n") {
		t.Errorf("%s", strings.Join(got, "\n"))
	}
}

func TestFlagsOverrideTheJobFile(t *testing.T) {
	dir := t.TempDir()
	file := filepath.Join(dir, "job.yaml")
	if err := os.WriteFile(file, []byte(`
timeout: 5s
conf: {spark.sql.session.timeZone: UTC}
streams:
  - name: a
    source: {format: csv, path: in, schema: "a STRING", options: {header: true}}
    transform: [{filter: a > 1}]
    sink: {format: console, options: {numRows: 5}, trigger: {once: true}}
`), 0o600); err != nil {
		t.Fatal(err)
	}
	j, err := build(t, FileCommand, "--job", file, "--where", "a < 9", "--option", "header=false", "--num-rows", "7", "--timeout", "1s",
		"--conf", "spark.sql.session.timeZone=Asia/Tokyo", "--available-now", "--schema", "b INT")
	if err != nil {
		t.Fatal(err)
	}
	s := j.Streams[0]
	header, _ := s.Source.Options.Get("header")
	rows, _ := s.Sink.Options.Get("numRows")
	if header != "false" || rows != "7" || j.Timeout != time.Second || len(s.Steps) != 2 || s.Steps[1].(Filter).Condition.Text != "a < 9" ||
		j.Conf["spark.sql.session.timeZone"] != "Asia/Tokyo" || s.Sink.Trigger.Kind != AvailableNow || s.Source.Schema.Text != "b INT" {
		t.Errorf("%+v %+v", j, s)
	}
	if j.Resolve(s.Source.Path) != filepath.Join(dir, "in") {
		t.Errorf("path %s", j.Resolve(s.Source.Path))
	}
	j, err = build(t, FileCommand, "--job", file, "-o", "json")
	if err != nil {
		t.Fatal(err)
	}
	if k := j.Streams[0].Sink; k.Format != "json" || k.Path != "-" || len(k.Options) != 0 || k.Trigger.Kind != Once {
		t.Errorf("%+v", k)
	}
}

func TestMistakesInFlagsAreRefused(t *testing.T) {
	for _, c := range []struct {
		args []string
		want string
	}{
		{[]string{"--with-column", "x"}, "--with-column takes NAME=EXPR"},
		{[]string{"--option", "header"}, "--option takes NAME=VALUE"},
		{[]string{"--timeout", "soon"}, `"soon" is not a duration`},
		{[]string{"--timeout", "0s"}, "must be greater than zero"},
		{[]string{"--trigger", "5 parsecs"}, "INVALID_INTERVAL_FORMAT"},
		{[]string{"--once", "--available-now"}, "are mutually exclusive"},
		{[]string{"--sink", "csv", "-o", "json"}, "are mutually exclusive"},
		{[]string{"--format", "cvs"}, "DATA_SOURCE_NOT_FOUND"},
		{[]string{"--sink", "consol"}, "DATA_SOURCE_NOT_FOUND"},
		{[]string{"--option", "heder=true"}, `no option "heder"`},
		{[]string{"--sink", "csv", "--path", "out"}, "_LEGACY_ERROR_TEMP_1298"},
		{[]string{"--sink", "csv", "--checkpoint", "c"}, "'path' is not specified."},
		{[]string{"--conf", "spark.sql.ansi.enabled=false"}, "ANSI mode only"},
		{[]string{"--conf", "spark.sql.caseSensitive=true"}, "refused"},
		{[]string{"--conf", "spark.nosuch=1"}, "not known"},
		{[]string{"--output-mode", "upsert"}, "STREAMING_OUTPUT_MODE.INVALID"},
		{[]string{"--format", "kafka"}, "not in the embedded engine yet"},
		{[]string{"--dstream"}, "needs a batch interval"},
		{[]string{"--dstream", "--batch-interval", "1s", "--checkpoint", "c"}, "no checkpoint"},
		{[]string{"--schema", "nosuch.yaml"}, "the schema file nosuch.yaml cannot be read: no such file or directory"},
		{[]string{"--schema", "a STRNG"}, "UNSUPPORTED_DATATYPE"},
		{[]string{"one", "two"}, "both --dir and the path"},
		{[]string{"--batch-interval", "1s"}, "belongs to the mode dstream"},
	} {
		j, err := build(t, FileCommand, append([]string{"--dir", "in", "--schema", "a STRING"}, c.args...)...)
		if err == nil {
			err = j.Validate(testSources, testSinks)
		}
		if err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%v: %v, want %s", c.args, err, c.want)
		}
	}
}

func TestSettingsAreReadFromPropertiesFiles(t *testing.T) {
	file := filepath.Join(t.TempDir(), "spark.conf")
	text := "# comment\n! too\nspark.app.name  my app \nspark.sql.session.timeZone=Asia/\\\n  Tokyo\nspark.executor.memory: 2g\n\n"
	if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	j, err := build(t, FileCommand, "--dir", "in", "--schema", "a STRING", "--properties-file", file, "--conf", "spark.app.name=other")
	if err == nil {
		err = j.Validate(testSources, testSinks)
	}
	if err != nil {
		t.Fatal(err)
	}
	if j.Conf["spark.app.name"] != "other" || j.Conf["spark.sql.session.timeZone"] != "Asia/Tokyo" || j.Conf["spark.executor.memory"] != "2g" {
		t.Errorf("%v", j.Conf)
	}
}
