package cli

import (
	"bytes"
	"encoding/json"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/santhosh-tekuri/jsonschema/v6"
	"go.yaml.in/yaml/v4"

	"github.com/streamctl/streamctl/internal/formats"
	"github.com/streamctl/streamctl/internal/job"
)

// jobSchema compiles what streamctl schema job prints.
func jobSchema(t *testing.T) *jsonschema.Schema {
	t.Helper()
	var out bytes.Buffer
	a := &app{streams: &streams{Out: &out, Err: os.Stderr}}
	if code := a.run(t.Context(), []string{"schema", "job"}); code != 0 {
		t.Fatalf("exit code %d", code)
	}
	doc, err := jsonschema.UnmarshalJSON(&out)
	if err != nil {
		t.Fatal(err)
	}
	c := jsonschema.NewCompiler()
	if err := c.AddResource("job.schema.json", doc); err != nil {
		t.Fatal(err)
	}
	s, err := c.Compile("job.schema.json")
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func schemaError(t *testing.T, s *jsonschema.Schema, text string) error {
	t.Helper()
	var v any
	if err := yaml.Unmarshal([]byte(text), &v); err != nil {
		t.Fatal(err)
	}
	return s.Validate(v)
}

// warned is a job with mode: whatever. Spark only warns and takes PERMISSIVE; an editor should show it.
const warned = "csv-mode-bad"

func TestTheJobSchemaAcceptsEveryJob(t *testing.T) {
	s := jobSchema(t)
	n := 0
	for _, pattern := range []string{"../../configs/*.yaml", "../../test/conformance/testdata/*/*/job.yaml"} {
		files, err := filepath.Glob(pattern)
		if err != nil {
			t.Fatal(err)
		}
		for _, file := range files {
			text, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			if !strings.Contains(string(text), "streams:") {
				continue // a schema
			}
			n++
			if wrong := schemaError(t, s, string(text)); wrong != nil && filepath.Base(filepath.Dir(file)) != warned && validates(t, file) {
				t.Errorf("%s: %v", file, wrong)
			}
		}
	}
	if n < 500 {
		t.Errorf("only %d jobs", n)
	}
}

// validates reports whether streamctl validate accepts a job.
func validates(t *testing.T, file string) bool {
	t.Helper()
	a := &app{streams: &streams{Out: io.Discard, Err: io.Discard}}
	return a.run(t.Context(), []string{"validate", file}) == 0
}

// wrongJobs are mistakes that an editor should show.
var wrongJobs = map[string]string{
	"unknown key":               `{stream: [], streams: [{source: {format: rate}}]}`,
	"unknown key in a stream":   `{streams: [{source: {format: rate}, transforms: []}]}`,
	"unknown key in a source":   `{streams: [{source: {format: rate, dir: in}}]}`,
	"unknown key in a sink":     `{streams: [{source: {format: rate}, sink: {mode: append}}]}`,
	"unknown step":              `{streams: [{source: {format: rate}, transform: [{filtr: a}]}]}`,
	"two steps in one":          `{streams: [{source: {format: rate}, transform: [{filter: a, drop: b}]}]}`,
	"unknown option":            `{streams: [{source: {format: csv, options: {headers: true}}}]}`,
	"option of another format":  `{streams: [{source: {format: json, options: {header: true}}}]}`,
	"option of the source":      `{streams: [{source: {format: rate}, sink: {format: console, options: {rowsPerSecond: 1}}}]}`,
	"boolean that is a number":  `{streams: [{source: {format: csv, options: {header: 1}}}]}`,
	"word not in the list":      `{streams: [{source: {format: csv, options: {mode: STRICT}}}]}`,
	"number that is a word":     `{streams: [{source: {format: csv, options: {maxColumns: many}}}]}`,
	"option that is a list":     `{streams: [{source: {format: csv, options: {sep: [","]}}}]}`,
	"unknown format":            `{streams: [{source: {format: cvs}}]}`,
	"no format":                 `{streams: [{source: {path: in}}]}`,
	"no source":                 `{streams: [{sink: {format: console}}]}`,
	"no streams":                `{name: a}`,
	"empty list of streams":     `{streams: []}`,
	"steps as a mapping":        `{streams: [{source: {format: rate}, transform: {filter: a}}]}`,
	"trigger as text":           `{streams: [{source: {format: rate}, sink: {trigger: once}}]}`,
	"watermark without a delay": `{streams: [{source: {format: rate}, transform: [{withWatermark: {eventTime: ts}}]}]}`,
	"unknown kind of join":      `{streams: [{source: {format: rate}, transform: [{join: {with: {format: csv, path: ., schema: "a INT"}, on: [a], how: lefty}}]}]}`,
	"unknown output mode":       `{streams: [{source: {format: rate}, sink: {outputMode: appended}}]}`,
	"column without a type":     `{streams: [{source: {format: csv, schema: [{name: a}]}}]}`,
	"format besides a stream":   `{sources: {a: {format: rate}}, streams: [{source: {stream: a, format: csv}}]}`,
	"mode":                      `{mode: streaming, streams: [{source: {format: rate}}]}`,
}

func TestTheJobSchemaShowsMistakes(t *testing.T) {
	s := jobSchema(t)
	for name, text := range wrongJobs {
		if schemaError(t, s, text) == nil {
			t.Errorf("%s: accepted %s", name, text)
		}
		file := filepath.Join(t.TempDir(), "job.yaml")
		if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		if validates(t, file) {
			t.Errorf("%s: validate accepts %s", name, text)
		}
	}
	for _, text := range []string{
		`{x-note: 1, streams: [{x-a: b, source: {format: CSV, schema: "a INT", options: {HEADER: true, header: TRUE}}}]}`,
		`{streams: [{source: {format: csv, schema: "a INT", options: {header: "${env:HEADER}", sep: ";", mode: failfast, maxColumns: "10"}}}]}`,
		`{streams: [{source: {format: org.example.Source, options: {anything: 1}}}]}`,
		`{sources: {a: {format: rate, transform: [{limit: 1}]}}, streams: [{source: {stream: a}, transform: [{union: {with: {stream: a}}}]}]}`,
		`{conf: {spark.sql.shuffle.partitions: 4, spark.other: x}, streams: [{source: {format: rate}}]}`,
	} {
		if err := schemaError(t, s, text); err != nil {
			t.Errorf("%s: %v", text, err)
		}
	}
}

// Every option of every format is in the schema with what help says about it.
func TestTheJobSchemaHasEveryOption(t *testing.T) {
	text, err := job.FileSchema(formats.Sources, formats.Sinks)
	if err != nil {
		t.Fatal(err)
	}
	var schema struct {
		Defs map[string]struct {
			Properties map[string]struct{ Description, Default string }
		} `json:"$defs"`
	}
	if err := json.Unmarshal(text, &schema); err != nil {
		t.Fatal(err)
	}
	for direction, table := range map[string]job.Formats{"source": formats.Sources, "sink": formats.Sinks} {
		for _, f := range table.All() {
			for _, o := range f.Options {
				got, ok := schema.Defs[direction+"-"+f.Name+"-options"].Properties[o.Name]
				if !f.Missing && (!ok || !strings.HasPrefix(got.Description, o.Doc) || got.Default != o.Default) {
					t.Errorf("%s %s: option %s is %+v", direction, f.Name, o.Name, got)
				}
			}
		}
	}
}
