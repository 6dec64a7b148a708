package job

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/streamctl/streamctl/internal/sparkerr"
)

// testSources and testSinks replace the tables of formats.
var (
	testSources = Registry[*Format]{
		{
			Name: "csv", Files: true, Intervals: true, SourceRules: SourceRules{NeedsSchema: needed},
			Options: []OptionSpec{{Name: "header"}, {Name: "maxFilesPerTrigger"}, {Name: "inferSchema", Effect: NoEffect}},
		},
		{Name: "json", Files: true, Intervals: true, SourceRules: SourceRules{NeedsSchema: needed}},
		{Name: "text", Files: true, Intervals: true}, {Name: "kafka", Missing: true, OnSpark: &Remark{Text: "Kafka is not part of Spark's download"}},
		{
			Name: "socket", Intervals: true, SourceRules: SourceRules{NoSchema: &Remark{Text: "no schema"}},
			Options: []OptionSpec{{Name: "host"}, {Name: "port"}, {Name: "listen", NotInSpark: &Remark{Text: "Spark cannot listen"}}, {Name: "includeTimestamp"}},
		},
	}
	testSinks = Registry[*Format]{
		{Name: "console", Intervals: true, Options: []OptionSpec{{Name: "numRows"}, {Name: "truncate"}}},
		{Name: "csv", Files: true, SinkRules: SinkRules{Stdout: true}, Options: []OptionSpec{{Name: "header"}, {Name: "compression", Effect: Refused}}},
		{Name: "json", Files: true, SinkRules: SinkRules{Stdout: true}}, {Name: "tsv", SinkRules: SinkRules{Stdout: true}}, {Name: "noop", Intervals: true},
	}
)

func needed(Options) bool { return true }

func mistakes(t *testing.T, err error) []string {
	t.Helper()
	var es Errors
	if !errors.As(err, &es) {
		t.Fatalf("want a list of mistakes, got %v", err)
	}
	var out []string
	for _, e := range es {
		text := e.Sentence()
		if e.Place != nil && e.Place.Line > 0 {
			text += positionOf(e.Place)
		}
		out = append(out, text)
	}
	return out
}

func positionOf(p *sparkerr.Place) string {
	return fmt.Sprintf(" @%d:%d", p.Line, p.Col)
}

func TestEveryPartOfAJobFileIsRead(t *testing.T) {
	j, err := Parse([]byte(`
name: two
mode: structured
timeout: 10 seconds
conf: {spark.sql.session.timeZone: UTC}
x-note: [anything]
streams:
  - name: upper
    source:
      format: csv
      path: data/subdir1
      schema: "fname STRING, age INT"
      options: {maxFilesPerTrigger: 1, header: True}
    transform:
      - withColumn: {fname: upper(fname), two: "1 + 1"}
      - withColumnRenamed: {age: years}
      - where: years > 18
      - select: [fname, "concat(fname, '-', years) AS result"]
      - drop: fname
      - limit: 5
      - groupBy: {keys: [a], agg: ["count(*) AS n"]}
      - withWatermark: {eventTime: ts, delayThreshold: 10 minutes}
      - dropDuplicates: true
      - join: {with: {format: csv, path: dim, schema: "k STRING"}, on: [k], how: inner}
    sink:
      format: console
      outputMode: append
      trigger: {processingTime: 5 seconds}
      options: {truncate: false, numRows: 3}
      checkpointLocation: ckpt/upper
`), "dir/job.yaml")
	if err != nil {
		t.Fatal(err)
	}
	s := j.Streams[0]
	if j.Name != "two" || j.Timeout != 10*time.Second || j.Conf["spark.sql.session.timeZone"] != "UTC" || j.BaseDir != "dir" || s.Name != "upper" {
		t.Errorf("%+v", j)
	}
	if v, _ := s.Source.Options.Get("HEADER"); v != "true" || !s.Source.Schema.Given || j.Resolve(s.Source.Path) != "dir/data/subdir1" {
		t.Errorf("%+v", s.Source)
	}
	methods := "withColumn withColumnRenamed filter select drop limit groupBy withWatermark dropDuplicates join"
	for i, method := range strings.Fields(methods) {
		if got := s.Steps[i].Method(); got != method {
			t.Errorf("step %d is %s", i, got)
		}
	}
	columns := s.Steps[0].(WithColumn).Columns
	if it := columns[1]; it.Name != "two" || it.Text.Text != "1 + 1" || !it.Place.Exact || it.Place.LineText[it.Place.Col-1:][:5] != "1 + 1" {
		t.Errorf("%+v %+v", it, it.Place)
	}
	if p := columns[0].Place; p.Path != "streams[upper].transform[0].withColumn.fname" {
		t.Errorf("path %s", p.Path)
	}
	if s.Sink.Trigger.Kind != ProcessingTime || s.Sink.Trigger.Interval != 5*time.Second || s.Sink.Checkpoint != "ckpt/upper" {
		t.Errorf("%+v", s.Sink)
	}
}

func TestAllMistakesAreReportedAtOnceByPosition(t *testing.T) {
	_, err := Parse([]byte(`nmae: x
timeout: soon
streams:
  - name: a
    source: {format: csv, pathh: in}
    transform:
      - fliter: a > 1
      - withColumn: a
    sink: {trigger: {processingTime: 5 seconds, once: true}, optoins: {}}
`), "job.yaml")
	got := strings.Join(mistakes(t, err), "\n")
	want := strings.Join([]string{
		`unknown key "nmae" in the job file @1:1`,
		`"soon" is not a duration @2:10`,
		`unknown key "pathh" in source @5:27`,
		`unknown key "fliter" in a step @7:9`,
		`withColumn must be a mapping (key: value), not the string "a" @8:21`,
		`a stream has one trigger, not 2 @9:21`,
		`unknown key "optoins" in sink @9:62`,
	}, "\n")
	if got != want {
		t.Errorf("got:\n%s\nwant:\n%s", got, want)
	}
	var es Errors
	errors.As(err, &es)
	if es[0].Hint != "did you mean name?" || es[3].Hint != "did you mean filter?" {
		t.Errorf("hints %q %q", es[0].Hint, es[3].Hint)
	}
}

func TestHostileFilesEndInAnError(t *testing.T) {
	bomb := "a: &a [x, x, x, x, x, x, x, x, x, x]\n"
	for c := 'b'; c < 'i'; c++ {
		prev := string(c - 1)
		bomb += string(c) + ": &" + string(c) + " [*" + strings.TrimSuffix(strings.Repeat(prev+", *", 10), ", *") + "]\n"
	}
	for name, text := range map[string]string{
		"empty":           "",
		"comment only":    "# nothing\n",
		"list":            "- a\n",
		"text":            "hello\n",
		"two documents":   "name: a\n---\nname: b\n",
		"alias bomb":      bomb + "streams: *h\n",
		"many aliases":    "x-t: &t [" + strings.Repeat("{drop: [a]}, ", 900) + "]\nx-s: &s {source: {format: text, path: a}, transform: *t}\nstreams: [" + strings.TrimSuffix(strings.Repeat("*s, ", 900), ", ") + "]\n",
		"self reference":  "streams: &a [*a]\n",
		"deep nesting":    "streams: " + strings.Repeat("[", 20000) + strings.Repeat("]", 20000) + "\n",
		"tab":             "streams:\n\t- name: a\n",
		"not UTF-8":       "name: \xff\n",
		"huge number":     "streams: [{source: {format: text, path: a}, transform: [{limit: 99999999999999999999999}]}]\n",
		"no streams":      "name: a\n",
		"duplicate key":   "name: a\nname: b\nstreams: [{source: {format: text, path: a}}]\n",
		"key of two":      "streams: [{source: {format: text, path: a}, transform: [{drop: a, select: b}]}]\n",
		"negative wait":   "timeout: -5s\nstreams: [{source: {format: text, path: a}}]\n",
		"endless wait":    "timeout: 999999999999 days\nstreams: [{source: {format: text, path: a}}]\n",
		"missing schema":  "streams: [{source: {format: csv, path: a, schema: nosuch.yaml}}]\n",
		"bad schema type": "streams: [{source: {format: csv, path: a, schema: [{name: a, type: NOSUCH}]}}]\n",
		"undefined name":  "streams: [{source: {format: text, path: a, options: {x: \"${env:STREAMCTL_TEST_UNDEFINED}\"}}}]\n",
	} {
		t.Run(name, func(t *testing.T) {
			j, err := Parse([]byte(text), "job.yaml")
			if err == nil {
				err = j.Validate(testSources, testSinks)
			}
			if err == nil {
				t.Errorf("accepted: %+v", j)
			}
		})
	}
}

func TestAliasesAndMergeKeysWork(t *testing.T) {
	j, err := Parse([]byte(`x-base: &base {format: csv, schema: "a STRING", path: in}
streams:
  - {name: a, source: {<<: *base, path: other}}
  - {name: b, source: *base}
`), "job.yaml")
	if err != nil {
		t.Fatal(err)
	}
	if j.Streams[0].Source.Path != "other" || j.Streams[1].Source.Path != "in" || j.Streams[0].Source.Schema.Text != "a STRING" {
		t.Errorf("%+v %+v", j.Streams[0].Source, j.Streams[1].Source)
	}
}

func TestReferencesAreExpandedAndKeptSecret(t *testing.T) {
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, "pw"), []byte("hunter22\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	t.Setenv("STREAMCTL_TEST_USER", "alice")
	j, err := Parse([]byte(`streams: [{source: {format: text, path: a, options: {x: "${env:STREAMCTL_TEST_USER}:${file:pw}@$HOME${x}"}}}]`), filepath.Join(dir, "job.yaml"))
	if err != nil {
		t.Fatal(err)
	}
	if v, _ := j.Streams[0].Source.Options.Get("x"); v != "alice:hunter22@$HOME${x}" {
		t.Errorf("value %q", v)
	}
	if strings.Join(j.Secrets, ",") != "alice,hunter22" {
		t.Errorf("secrets %q", j.Secrets)
	}
}

func TestEveryJobOfTheCorpusIsValid(t *testing.T) {
	const root = "../../test/conformance/testdata/streams"
	cases, err := os.ReadDir(root)
	if err != nil {
		t.Fatal(err)
	}
	refusedHere := map[string]string{
		"bad-output-mode": "STREAMING_OUTPUT_MODE.INVALID", "complete-without-agg-error": "STREAMING_OUTPUT_MODE.UNSUPPORTED_OPERATION",
		"error-schema-garbage": "PARSE_SYNTAX_ERROR", "error-schema-syntax": "UNSUPPORTED_DATATYPE",
		"error-trigger-text": "INVALID_INTERVAL_FORMAT.UNRECOGNIZED_NUMBER", "error-unknown-format": "DATA_SOURCE_NOT_FOUND",
		"error-unknown-sink": "DATA_SOURCE_NOT_FOUND", "json-no-schema": "_LEGACY_ERROR_TEMP_2048",
		"sink-csv-no-checkpoint-error": "_LEGACY_ERROR_TEMP_1298", "tz-bad-zone-error": "INVALID_CONF_VALUE.TIME_ZONE",
		"watermark-bad-delay-error":     "INVALID_INTERVAL_FORMAT.UNRECOGNIZED_NUMBER",
		"st-bad-csv-agg-complete-error": "STREAMING_OUTPUT_MODE.UNSUPPORTED_DATASOURCE", "st-bad-watermark-dedup-complete-error": "STREAMING_OUTPUT_MODE.UNSUPPORTED_OPERATION",
		"st-ss-complete-fullouter-error": "STREAMING_OUTPUT_MODE.UNSUPPORTED_OPERATION", "st-ss-complete-leftanti-error": "STREAMING_OUTPUT_MODE.UNSUPPORTED_OPERATION",
		"st-ss-complete-leftouter-error": "STREAMING_OUTPUT_MODE.UNSUPPORTED_OPERATION",
		"st-dedup-key-complete-error":    "STREAMING_OUTPUT_MODE.UNSUPPORTED_OPERATION", "st-order-complete-no-agg-error": "STREAMING_OUTPUT_MODE.UNSUPPORTED_OPERATION",
	}
	for _, c := range cases {
		t.Run(c.Name(), func(t *testing.T) {
			job := filepath.Join(root, c.Name(), "job.yaml")
			text, err := os.ReadFile(job)
			if err != nil {
				t.Fatal(err)
			}
			j, err := Parse(text, filepath.Join(root, c.Name(), "static", "job.yaml"))
			if err == nil {
				err = j.Validate(anyOption(testSources), anyOption(testSinks))
			}
			want, refused := refusedHere[c.Name()]
			var es Errors
			switch {
			case !refused && err != nil:
				t.Error(err)
			case refused && !errors.As(err, &es):
				t.Errorf("accepted, or %v", err)
			case refused && es[0].Condition != want:
				t.Errorf("condition %q, want %q", es[0].Condition, want)
			}
		})
	}
}

// anyOption returns a table with the options used in the corpus.
func anyOption(fs Registry[*Format]) Registry[*Format] {
	names := strings.Fields(`numRows truncate escape header dateFormat emptyValue encoding enforceSchema ignoreLeadingWhiteSpace
		ignoreTrailingWhiteSpace latestFirst locale maxBytesPerTrigger maxCharsPerColumn maxFilesPerTrigger mode nanValue negativeInf
		pathGlobFilter positiveInf recursiveFileLookup sep timestampFormat unescapedQuoteHandling multiLine host port lineSep wholetext`)
	var out Registry[*Format]
	for _, f := range append(slices.Clone(fs), &Format{Name: "text", Files: true}) {
		c := *f
		c.Options = nil
		for _, n := range names {
			c.Options = append(c.Options, OptionSpec{Name: n})
		}
		out = append(out, &c)
	}
	return out
}

func FuzzParse(f *testing.F) {
	files, _ := filepath.Glob("../../test/conformance/testdata/streams/*/job.yaml")
	for i, file := range files {
		if text, err := os.ReadFile(file); err == nil && i%10 == 0 {
			f.Add(text)
		}
	}
	f.Add([]byte("streams: [{source: {format: csv, path: &p x, schema: [{name: a, type: INT}]}, transform: [{select: 'a, b'}], sink: {<<: *p}}]"))
	f.Fuzz(func(t *testing.T, text []byte) {
		j, err := Parse(text, "job.yaml")
		if err == nil {
			err = j.Validate(testSources, testSinks)
		}
		var es Errors
		if err != nil && !errors.As(err, &es) {
			t.Errorf("%T %v", err, err)
		}
	})
}

func BenchmarkParse(b *testing.B) {
	text := []byte(`name: views
streams:
  - name: by-minute
    source: {format: csv, path: in, schema: "ts TIMESTAMP, page STRING, status INT, bytes BIGINT", options: {header: true}}
    transform:
      - withColumn: {kb: bytes / 1024, class: status div 100}
      - filter: status < 500
      - withWatermark: {eventTime: ts, delayThreshold: 10 minutes}
      - groupBy: {keys: ["window(ts, '1 minute') AS w", class], agg: ["count(*) AS n", "sum(kb) AS kb"]}
      - select: [w.start AS start, class, n, kb]
    sink: {format: parquet, path: out, outputMode: append, trigger: {processingTime: 5 seconds}, checkpointLocation: ckpt}
`)
	b.ReportAllocs()
	for b.Loop() {
		if _, err := Parse(text, "job.yaml"); err != nil {
			b.Fatal(err)
		}
	}
}
