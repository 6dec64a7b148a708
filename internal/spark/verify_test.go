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
	"github.com/streamctl/streamctl/internal/job"
	"github.com/streamctl/streamctl/internal/pyspark"
	"github.com/streamctl/streamctl/internal/sinks"
	"github.com/streamctl/streamctl/internal/sources"
	"github.com/streamctl/streamctl/internal/types"
)

// program is the translation that verify compares.
func program(j *job.Job) (string, error) { return pyspark.Program(j, pyspark.Options{}) }

// load reads and checks a job.
func load(t *testing.T, file string) *job.Job {
	t.Helper()
	j, err := job.Load(file)
	if err == nil {
		err = j.Validate(sources.Formats, sinks.Formats)
	}
	if err != nil {
		t.Fatal(err)
	}
	return j
}

func verification(t *testing.T, in Installation, j *job.Job, data string) *Verification {
	return &Verification{
		Job: j, Data: data, Program: program, Env: engine.Env{Workers: 1},
		Process: &Process{
			Installation: in, Err: &tLog{t}, LogLevel: "error",
			Submission: Submission{Master: "local[2]", Conf: map[string]string{
				"spark.ui.enabled": "false", "spark.sql.session.timeZone": "UTC", "spark.sql.shuffle.partitions": "1",
			}},
		},
	}
}

// tLog writes to a test's log.
type tLog struct{ t *testing.T }

func (l *tLog) Write(p []byte) (int, error) {
	l.t.Log(strings.TrimRight(string(p), "\n"))
	return len(p), nil
}

func TestTheExamplesGiveTheSameOnBothEngines(t *testing.T) {
	in := realSpark(t)
	t.Setenv("TZ", "UTC")
	var all []*side
	v := &Verification{}
	for file, data := range map[string]string{"file-stream": "people", "two-streams": "", "dstream": "people", "socket": "people"} {
		v = verification(t, in, load(t, "../../configs/"+file+".yaml"), "../../configs/data/"+data)
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
	if err := v.onSpark(t.Context(), t.TempDir(), all); err != nil {
		t.Fatal(err)
	}
	for _, s := range all {
		if r := compare(s); !r.Equal || r.Rows == 0 && r.Condition == "" {
			t.Errorf("%+v", r)
		}
	}
}

// sidesOf runs a verification's streams on the embedded engine.
func sidesOf(t *testing.T, v *Verification, prefix string) []*side {
	t.Helper()
	var out []*side
	for i, s := range v.Job.Streams {
		one, err := v.newSide(t.TempDir(), i, s)
		if err == nil {
			err = v.embedded(t.Context(), one)
		}
		if err != nil {
			t.Errorf("%s: %v", prefix, err)
			continue
		}
		one.name = prefix + "/" + one.name
		out = append(out, one)
	}
	return out
}

func TestAWrongTranslationIsFound(t *testing.T) {
	in := realSpark(t)
	v := verification(t, in, load(t, "../../configs/file-stream.yaml"), "../../configs/data/people")
	v.Program = func(j *job.Job) (string, error) {
		text, err := program(j)
		return strings.ReplaceAll(text, "'-'", "'+'"), err
	}
	r, err := v.Run(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if r.Equal || len(r.Streams) != 1 || len(r.Streams[0].Differences) == 0 {
		t.Fatalf("%+v", r)
	}
	if d := r.Streams[0].Differences[0]; d.What != "row" || !strings.Contains(d.Embedded, "-") || !strings.Contains(d.Spark, "+") {
		t.Errorf("%+v", d)
	}
}

// handful are the corpus jobs of a short run; STREAMCTL_SPARK_FULL=1 takes all that can be compared.
var handful = []string{
	"csv-decimal", "csv-nanvalue", "csv-failfast", "error-cast-runtime", "error-string-plus", "files-max-1", "json-malformed-permissive",
	"opt-map-value-only", "sink-json-nested", "star-struct", "trigger-once-maxfiles",
}

func TestCorpusJobsGiveTheSameOnBothEngines(t *testing.T) {
	in := realSpark(t)
	t.Setenv("TZ", "UTC")
	const corpus = "../conformance/testdata/streams"
	open, err := os.ReadFile("../conformance/testdata/open.txt") // cases that the embedded engine is known to fail
	if err != nil {
		t.Fatal(err)
	}
	cases, err := os.ReadDir(corpus)
	if err != nil {
		t.Fatal(err)
	}
	full := os.Getenv("STREAMCTL_SPARK_FULL") != ""
	var v *Verification
	var all []*side
	for _, c := range cases {
		if !full && !slices.Contains(handful, c.Name()) || bytes.Contains(open, []byte("\nstreams/"+c.Name()+"\t")) {
			continue
		}
		one := corpusCase(t, in, filepath.Join(corpus, c.Name()))
		if one == nil {
			continue
		}
		v = one
		all = append(all, corpusSides(t, v, c.Name())...)
	}
	if err := v.onSpark(t.Context(), t.TempDir(), all); err != nil {
		t.Fatal(err)
	}
	equal, failed := 0, 0
	for _, s := range all {
		r := compare(s)
		if !r.Equal {
			t.Errorf("%s: %+v", s.name, r.Differences)
			continue
		}
		equal++
		if r.Condition != "" {
			failed++
		}
	}
	t.Logf("%d of %d streams are equal, %d of them by failing alike", equal, len(all), failed)
}

// corpusSides is sidesOf for a case; what the embedded engine lacks is left out.
func corpusSides(t *testing.T, v *Verification, name string) []*side {
	var out []*side
	for i, s := range v.Job.Streams {
		one, err := v.newSide(t.TempDir(), i, s)
		if err == nil {
			err = v.embedded(t.Context(), one)
		}
		if err != nil {
			t.Logf("%s: left out: %v", name, err)
			continue
		}
		one.name = name + "/" + one.name
		out = append(out, one)
	}
	return out
}

// corpusCase prepares a case: its job in a directory of its own, its batches as the input of verify. Nil when the case is not
// about rows of files: a job that is refused, a source without files, settings that would hold for the cases after it.
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
	if err != nil || bytes.Contains(text, []byte("\nconf:")) || j.Validate(sources.Formats, sinks.Formats) != nil {
		return nil
	}
	for _, s := range j.Streams {
		if s.Source.Path == "" || !corpusInput(t, dir, data, s, len(j.Streams) > 1) {
			return nil
		}
	}
	return verification(t, in, j, data)
}

// corpusInput copies what a case drops for a stream.
func corpusInput(t *testing.T, dir, data string, s *job.Stream, several bool) bool {
	root := strings.TrimSuffix(strings.TrimSuffix(s.Source.Path, globPart(s.Source.Path)), "/")
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
	ordered := &job.Stream{Steps: []job.Step{{Kind: job.OrderBy}}}
	a, b := row{"1", "41"}, row{"2", nil}
	for _, c := range []struct {
		name        string
		stream      *job.Stream
		here, there result
		want        []Difference
	}{
		{name: "order does not count", here: result{batches: map[int64][]row{0: {a, b}}}, there: result{batches: map[int64][]row{0: {b, a}}}},
		{name: "order counts where the job sorts", stream: ordered, here: result{batches: map[int64][]row{0: {a, b}}}, there: result{batches: map[int64][]row{0: {b, a}}},
			want: []Difference{{What: "row", Embedded: `1 | "A"`, Spark: "2 | NULL"}, {What: "row", Embedded: "2 | NULL", Spark: `1 | "A"`}}},
		{name: "how often counts", here: result{batches: map[int64][]row{0: {a, a}}}, there: result{batches: map[int64][]row{0: {a}}},
			want: []Difference{{What: "row", Embedded: `1 | "A"`}}},
		{name: "NULL is not the empty text", here: result{batches: map[int64][]row{0: {b}}}, there: result{batches: map[int64][]row{0: {{"2", ""}}}},
			want: []Difference{{What: "row", Embedded: "2 | NULL", Spark: `2 | ""`}}},
		{name: "a batch less", here: result{batches: map[int64][]row{0: {a}, 1: {}}}, there: result{batches: map[int64][]row{0: {a}}},
			want: []Difference{{What: "batch", Embedded: "0 rows"}}},
		{name: "types", here: result{schema: schema("a INT, b STRING")}, there: result{schema: schema("a BIGINT, b STRING")},
			want: []Difference{{What: "schema", Embedded: "a int, b string", Spark: "a bigint, b string"}}},
		{name: "one fails", here: result{}, there: result{failure: &Failure{Condition: "DIVIDE_BY_ZERO", Message: "[DIVIDE_BY_ZERO] x"}},
			want: []Difference{{What: "error", Spark: "[DIVIDE_BY_ZERO] x SQLSTATE: 22012"}}},
		{name: "both fail without a name", here: result{failure: &Failure{Condition: "STREAM_FAILED"}}, there: result{failure: &Failure{Message: "java.io.EOFException"}}},
	} {
		t.Run(c.name, func(t *testing.T) {
			if c.stream == nil {
				c.stream = &job.Stream{}
			}
			if c.here.schema == nil {
				c.here.schema = schema("a INT, b STRING")
			}
			r := compare(&side{stream: c.stream, here: c.here, there: c.there})
			for i := range r.Differences {
				r.Differences[i].Batch = nil
			}
			if !slices.Equal(r.Differences, c.want) {
				t.Errorf("%+v, want %+v", r.Differences, c.want)
			}
		})
	}
}

func TestSparksValuesBecomeTrees(t *testing.T) {
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
	if text := shown(typ, got); text != `{[0.002, NULL, NaN], {"A" -> 0.10000000149011612, "" -> NULL}, 00FF}` {
		t.Error(text)
	}
}
