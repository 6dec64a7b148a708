package spark

import (
	"bytes"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/streamctl/streamctl/internal/engine"
	"github.com/streamctl/streamctl/internal/formats"
	"github.com/streamctl/streamctl/internal/job"
	"github.com/streamctl/streamctl/internal/pyspark"
	"github.com/streamctl/streamctl/internal/replay"
	"github.com/streamctl/streamctl/internal/types"
)

// load reads and validates a job.
func load(t *testing.T, file string) *job.Job {
	t.Helper()
	j, err := job.Load(file)
	if err == nil {
		err = j.Validate(formats.Sources, formats.Sinks)
	}
	if err != nil {
		t.Fatal(err)
	}
	return j
}

func verification(t *testing.T, in Installation, j *job.Job, data string) *Verification {
	return &Verification{
		Job: j, Data: data, Program: pyspark.Program, Env: engine.Env{Workers: 1},
		Process: &Process{
			Installation: in, Err: &tLog{t}, LogLevel: "error",
			Submission: Submission{Master: "local[2]", Conf: map[string]string{
				"spark.ui.enabled": "false", "spark.sql.session.timeZone": "UTC", "spark.sql.shuffle.partitions": "1",
			}},
		},
	}
}

// tLog writes to the log of a test.
type tLog struct{ t *testing.T }

func (l *tLog) Write(p []byte) (int, error) {
	l.t.Log(strings.TrimRight(string(p), "\n"))
	return len(p), nil
}

// TestSparkAndTheEmbeddedEngineAgree compares the engines on the examples, on jobs of the corpus, and on
// broken translations, in one Spark application.
func TestSparkAndTheEmbeddedEngineAgree(t *testing.T) {
	in := realSpark(t)
	t.Setenv("TZ", "UTC")
	groups := []struct {
		name  string
		sides []*side
		check func(*testing.T, []*side)
	}{
		{"the examples give the same", examples(t, in), func(t *testing.T, sides []*side) { equal(t, sides, 5) }},
		{"jobs of the corpus give the same", corpusJobs(t, in), func(t *testing.T, sides []*side) { equal(t, sides, len(handful)) }},
		{"wrong translations are found", brokenJobs(t, in), different},
	}
	var all []*side
	for _, g := range groups {
		all = append(all, g.sides...)
	}
	v := verification(t, in, nil, "")
	v.Program = func(j *job.Job) (string, error) {
		text, err := pyspark.Program(j)
		if f, ok := flips[j.Name]; ok {
			broken := strings.ReplaceAll(text, f.right, f.wrong)
			if broken == text {
				t.Errorf("%q is not in\n%s", f.right, text)
			}
			text = broken
		}
		return text, err
	}
	if err := v.onSpark(t.Context(), t.TempDir(), all); err != nil {
		t.Fatal(err)
	}
	for _, g := range groups {
		t.Run(g.name, func(t *testing.T) { g.check(t, g.sides) })
	}
}

// full reports whether to run all jobs of the corpus.
func full() bool { return os.Getenv("STREAMCTL_SPARK_FULL") != "" }

// equal checks that no stream differs, and that there are at least atLeast streams.
func equal(t *testing.T, sides []*side, atLeast int) {
	equal, failed := 0, 0
	for _, s := range sides {
		r := compare(s)
		if !r.Equal || r.Rows == 0 && r.Batches == 0 && r.Condition == "" {
			t.Errorf("%s: %+v", s.name, r)
			continue
		}
		equal++
		if r.Condition != "" {
			failed++
		}
	}
	t.Logf("%d of %d streams are equal, %d of them by failing alike", equal, len(sides), failed)
	if equal < atLeast {
		t.Errorf("want %d at least", atLeast)
	}
}

// examples returns the streams of configs/ over the sample files.
func examples(t *testing.T, in Installation) []*side {
	t.Helper()
	var all []*side
	for file, data := range map[string]string{"file-stream": "people", "two-streams": "", "dstream": "people", "socket": "people"} {
		v := verification(t, in, load(t, "../../configs/"+file+".yaml"), "../../configs/data/"+data)
		if file == "two-streams" {
			v.Data = t.TempDir()
			for name, dir := range map[string]string{"upper": "subdir1", "lower": "subdir2"} {
				if err := os.CopyFS(filepath.Join(v.Data, name), os.DirFS("../../configs/data/"+dir)); err != nil {
					t.Fatal(err)
				}
			}
		}
		all = append(all, sidesOf(t, v, file)...)
	}
	return all
}

// sidesOf runs the streams of a verification on the embedded engine, and skips those it cannot run.
func sidesOf(t *testing.T, v *Verification, prefix string) []*side {
	t.Helper()
	var out []*side
	for i, s := range v.Job.Streams {
		one, err := v.newSide(i, s)
		if err == nil {
			err = v.embedded(t.Context(), one)
		}
		if err != nil {
			t.Logf("%s: left out: %v", prefix, err)
			continue
		}
		one.name = prefix + "/" + one.name
		out = append(out, one)
	}
	return out
}

// flips are replacements that break the translation of file-stream.yaml, each with the kind of difference
// expected.
var flips = map[string]struct{ right, wrong, what string }{
	"another literal": {"'-'", "'+'", "row"},
	"another name":    {`"result"`, `"outcome"`, "schema"},
	"another type":    {"age INT", "age BIGINT", "schema"},
	"rows are lost":   {`.withColumn(`, `.filter("age > 40").withColumn(`, "row"},
	"rows come twice": {`.withColumn("result"`, `.selectExpr("*", "explode(array(1, 1)) AS twice").drop("twice").withColumn("result"`, "row"},
	"a limit":         {`.withColumn(`, `.limit(1).withColumn(`, "row"},
	"a failure":       {"concat(fname, '-', age)", "raise_error(fname)", "error"},
}

// brokenJobs returns the streams of file-stream.yaml, once for each flip.
func brokenJobs(t *testing.T, in Installation) []*side {
	t.Helper()
	var all []*side
	for name := range flips {
		j := load(t, "../../configs/file-stream.yaml")
		j.Name = name
		all = append(all, sidesOf(t, verification(t, in, j, "../../configs/data/people"), name)...)
	}
	return all
}

func different(t *testing.T, sides []*side) {
	if len(sides) != len(flips) {
		t.Errorf("%d streams for %d flips", len(sides), len(flips))
	}
	for _, s := range sides {
		r := compare(s)
		if r.Equal || !slices.ContainsFunc(r.Differences, func(d Difference) bool { return d.What == flips[s.replay.Job("").Name].what }) {
			t.Errorf("%s is not found: %+v", s.replay.Job("").Name, r)
		}
	}
}

// handful lists the corpus jobs for a short run. With STREAMCTL_SPARK_FULL=1, all comparable jobs run.
var handful = []string{
	"csv-decimal", "csv-nanvalue", "csv-failfast", "error-cast-runtime", "error-string-plus", "files-max-1", "json-malformed-permissive",
	"opt-map-value-only", "sink-json-nested", "star-struct", "trigger-once-maxfiles", "tz-newyork-dst",
}

// corpusJobs returns the streams of the corpus that the embedded engine passes.
func corpusJobs(t *testing.T, in Installation) []*side {
	t.Helper()
	const corpus = "../../test/conformance/testdata/streams"
	open, err := os.ReadFile("../../test/conformance/testdata/open.txt") // cases that the embedded engine is known to fail
	if err != nil {
		t.Fatal(err)
	}
	cases, err := os.ReadDir(corpus)
	if err != nil {
		t.Fatal(err)
	}
	var all []*side
	for _, c := range cases {
		if !full() && !slices.Contains(handful, c.Name()) || bytes.Contains(open, []byte("\nstreams/"+c.Name()+"\t")) {
			continue
		}
		if v := corpusCase(t, in, filepath.Join(corpus, c.Name())); v != nil {
			all = append(all, sidesOf(t, v, c.Name())...)
		}
	}
	return all
}

// corpusCase prepares a case: its job in a separate directory, and its batches as the input for verify. It
// returns nil if the case does not compare rows of files: a refused job, or a source without files.
func corpusCase(t *testing.T, in Installation, dir string) *Verification {
	t.Helper()
	base, data := t.TempDir(), t.TempDir()
	if static := filepath.Join(dir, "static"); exists(static) {
		if err := os.CopyFS(base, os.DirFS(static)); err != nil {
			t.Fatal(err)
		}
	}
	text, err := os.ReadFile(filepath.Join(dir, "job.yaml"))
	if err != nil {
		t.Fatal(err)
	}
	file := filepath.Join(base, "job.yaml")
	if err := os.WriteFile(file, text, 0o644); err != nil {
		t.Fatal(err)
	}
	j, err := job.Load(file)
	if err != nil || j.Validate(formats.Sources, formats.Sinks) != nil {
		return nil
	}
	for _, s := range j.Streams {
		if s.Source.Path == "" || !corpusInput(t, dir, data, s, len(j.Streams) > 1) {
			return nil
		}
	}
	return verification(t, in, j, data)
}

// corpusInput copies the files that a case drops for a stream.
func corpusInput(t *testing.T, dir, data string, s *job.Stream, several bool) bool {
	root := strings.TrimSuffix(strings.TrimSuffix(s.Source.Path, replay.GlobPart(s.Source.Path)), "/")
	if several {
		data = filepath.Join(data, s.Name)
	}
	batches := filepath.Join(dir, "batches")
	found := false
	err := filepath.WalkDir(batches, func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		rel, _ := filepath.Rel(batches, path)
		step, name, _ := strings.Cut(filepath.ToSlash(rel), "/")
		if err := os.MkdirAll(filepath.Join(data, step), 0o755); err != nil {
			return err
		}
		below, ok := strings.CutPrefix(name, root+"/")
		if !ok {
			return nil
		}
		found = true
		content, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		to := filepath.Join(data, step, below)
		if err := os.MkdirAll(filepath.Dir(to), 0o755); err != nil {
			return err
		}
		return os.WriteFile(to, content, 0o644)
	})
	if err != nil && !os.IsNotExist(err) {
		t.Fatal(err)
	}
	return found
}

func exists(path string) bool {
	_, err := os.Stat(path)
	return err == nil
}

func TestDifferencesOfResults(t *testing.T) {
	schema := func(ddl string) *types.Schema {
		s, err := types.ParseDDL(ddl)
		if err != nil {
			t.Fatal(err)
		}
		return s
	}
	ordered := &job.Stream{Steps: []job.Step{job.OrderBy{}}}
	a, b := replay.Row{"1", "41"}, replay.Row{"2", nil}
	for _, c := range []struct {
		name        string
		stream      *job.Stream
		here, there result
		want        []Difference
	}{
		{name: "order does not count", here: result{Result: replay.Result{Batches: map[int64][]replay.Row{0: {a, b}}}}, there: result{Result: replay.Result{Batches: map[int64][]replay.Row{0: {b, a}}}}},
		{name: "order counts where the job sorts", stream: ordered, here: result{Result: replay.Result{Batches: map[int64][]replay.Row{0: {a, b}}}}, there: result{Result: replay.Result{Batches: map[int64][]replay.Row{0: {b, a}}}},
			want: []Difference{{What: "row", Embedded: `1 | "A"`, Spark: "2 | NULL"}, {What: "row", Embedded: "2 | NULL", Spark: `1 | "A"`}}},
		{name: "how often counts", here: result{Result: replay.Result{Batches: map[int64][]replay.Row{0: {a, a}}}}, there: result{Result: replay.Result{Batches: map[int64][]replay.Row{0: {a}}}},
			want: []Difference{{What: "row", Embedded: `1 | "A"`}}},
		{name: "NULL is not the empty text", here: result{Result: replay.Result{Batches: map[int64][]replay.Row{0: {b}}}}, there: result{Result: replay.Result{Batches: map[int64][]replay.Row{0: {{"2", ""}}}}},
			want: []Difference{{What: "row", Embedded: "2 | NULL", Spark: `2 | ""`}}},
		{name: "a batch less", here: result{Result: replay.Result{Batches: map[int64][]replay.Row{0: {a}, 1: {}}}}, there: result{Result: replay.Result{Batches: map[int64][]replay.Row{0: {a}}}},
			want: []Difference{{What: "batch", Embedded: "0 rows"}}},
		{name: "types", here: result{Result: replay.Result{Schema: schema("a INT, b STRING")}}, there: result{Result: replay.Result{Schema: schema("a BIGINT, b STRING")}},
			want: []Difference{{What: "schema", Embedded: "a int, b string", Spark: "a bigint, b string"}}},
		{name: "one fails", here: result{}, there: result{failure: &Failure{Condition: "DIVIDE_BY_ZERO", Message: "[DIVIDE_BY_ZERO] x"}},
			want: []Difference{{What: "error", Spark: "[DIVIDE_BY_ZERO] x. SQLSTATE: 22012"}}},
		{name: "both fail without a name", here: result{failure: &Failure{Condition: "STREAM_FAILED"}}, there: result{failure: &Failure{Message: "java.io.EOFException"}}},
	} {
		t.Run(c.name, func(t *testing.T) {
			if c.stream == nil {
				c.stream = &job.Stream{}
			}
			if c.here.Schema == nil {
				c.here.Schema = schema("a INT, b STRING")
			}
			r := compare(&side{replay: &replay.Replay{Stream: c.stream}, here: c.here, there: c.there})
			for i := range r.Differences {
				r.Differences[i].Batch = nil
			}
			if !slices.Equal(r.Differences, c.want) {
				t.Errorf("%+v, want %+v", r.Differences, c.want)
			}
		})
	}
}

func TestSparksValuesAreConvertedToTrees(t *testing.T) {
	typ, err := types.ParseType("struct<a: array<double>, m: map<string, float>, b: binary>")
	if err != nil {
		t.Fatal(err)
	}
	got, goErr := fromSpark(typ, map[string]any{
		"0": []any{"2.0E-3", nil, "NaN"}, "1": []any{map[string]any{"0": "41", "1": "0.1"}, map[string]any{"0": "", "1": nil}}, "2": "00FF",
	})
	if goErr != nil {
		t.Fatal(goErr)
	}
	if text := replay.Shown(typ, got); text != `{[0.002, NULL, NaN], {"A" -> 0.10000000149011612, "" -> NULL}, 00FF}` {
		t.Error(text)
	}
}
