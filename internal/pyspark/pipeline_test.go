package pyspark

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/streamctl/streamctl/internal/formats"
	"github.com/streamctl/streamctl/internal/job"
)

// TestPipelines compares a project with the files in testdata/pipeline.
func TestPipelines(t *testing.T) {
	t.Setenv("STREAMCTL_TEST_SEP", "secret")
	j, err := job.Load("testdata/pipeline/job.yaml")
	if err == nil {
		err = j.ValidateForSpark(formats.Sources, formats.Sinks)
	}
	if err != nil {
		t.Fatal(err)
	}
	files, notes, err := Pipeline(j, "testdata/pipeline/project")
	if err != nil {
		t.Fatal(err)
	}
	if len(files) != 3 || len(notes) != 2 || !strings.Contains(notes[0], "ckpt") || !strings.Contains(notes[1], "timeout") {
		t.Errorf("%d files, notes %q", len(files), notes)
	}
	here, err := filepath.Abs("testdata/pipeline")
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range files {
		got := strings.ReplaceAll(f.Text, here, "/jobs")
		path := filepath.Join("testdata/pipeline", f.Path)
		if *update {
			if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
				t.Fatal(err)
			}
			if err := os.WriteFile(path, []byte(got), 0o644); err != nil {
				t.Fatal(err)
			}
		}
		if want, err := os.ReadFile(path); err != nil || string(want) != got {
			t.Errorf("%v; %s is\n%s", err, f.Path, got)
		}
	}
}

func TestPipelinesRefuseUnsupportedFeatures(t *testing.T) {
	const file = "streams: [{name: a, source: {format: csv, path: in, schema: a INT}, "
	for text, line := range map[string]string{
		"streams: [{name: a, source: {format: rate}}]":                                             "the source rate",
		file + "sink: {outputMode: update}}]":                                                      "output mode update",
		file + "sink: {trigger: {processingTime: 5 seconds}}}]":                                    "trigger",
		file + "sink: {trigger: {once: true}}}]":                                                   "trigger",
		file + "transform: [{sql: SELECT a FROM stream}]}]":                                        "the step sql",
		file + "sink: {format: json, path: out, checkpointLocation: c, partitionBy: [a]}}]":        "partitionBy",
		"mode: dstream\nbatchInterval: 1s\nstreams: [{name: a, source: {format: text, path: in}}]": "dstream",
	} {
		name := filepath.Join(t.TempDir(), "job.yaml")
		if err := os.WriteFile(name, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
		j, err := job.Load(name)
		if err != nil {
			t.Fatal(err)
		}
		_, _, err = Pipeline(j, t.TempDir())
		if err == nil || !strings.Contains(err.Error(), line) {
			t.Errorf("%s: %v", text, err)
		}
		if list, ok := err.(job.Errors); ok && list[0].Place == nil {
			t.Errorf("%s: no place", text)
		}
	}
}
