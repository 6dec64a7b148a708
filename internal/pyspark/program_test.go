package pyspark

import (
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/streamctl/streamctl/internal/formats"
	"github.com/streamctl/streamctl/internal/job"
)

var update = flag.Bool("update", false, "rewrite the expected programs")

// TestPrograms compares the programs for the jobs in testdata with the expected programs.
func TestPrograms(t *testing.T) {
	t.Setenv("STREAMCTL_TEST_SEP", "secret")
	files, err := filepath.Glob("testdata/*.yaml")
	if err != nil || len(files) == 0 {
		t.Fatal(files, err)
	}
	for _, file := range files {
		t.Run(filepath.Base(file), func(t *testing.T) {
			j, err := job.Load(file)
			if err == nil {
				err = j.ValidateForSpark(formats.Sources, formats.Sinks)
			}
			if err != nil {
				t.Fatal(err)
			}
			got, err := Program(j)
			if err != nil {
				t.Fatal(err)
			}
			here, err := filepath.Abs("testdata")
			if err != nil {
				t.Fatal(err)
			}
			got = strings.ReplaceAll(got, here, "/jobs")
			want := strings.TrimSuffix(file, ".yaml") + ".py"
			if *update {
				if err := os.WriteFile(want, []byte(got), 0o644); err != nil {
					t.Fatal(err)
				}
			}
			text, err := os.ReadFile(want)
			if err != nil || string(text) != got {
				t.Errorf("%v; the program is\n%s", err, got)
			}
			if strings.Contains(got, "secret") {
				t.Error("a secret stands in the program")
			}
		})
	}
}

func TestWhatSparkDoesNotHaveIsRefused(t *testing.T) {
	for _, text := range []string{
		"streams: [{source: {format: rate}, sink: {format: json, path: \"-\"}}]",
		"streams: [{source: {format: socket, options: {listen: \":1\"}}}]",
	} {
		file := filepath.Join(t.TempDir(), "job.yaml")
		if err := os.WriteFile(file, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
		j, err := job.Load(file)
		if err != nil {
			t.Fatal(err)
		}
		if program, err := Program(j); err == nil {
			t.Errorf("%s became\n%s", text, program)
		}
	}
}

func TestStringsAreQuotedForPython(t *testing.T) {
	for text, want := range map[string]string{
		`plain 'x'`: `"plain 'x'"`, `a"b\c`: `"a\"b\\c"`, "a\n\t\x01é": `"a\n\t\x01é"`, "{x}": `"{x}"`,
	} {
		if got := quote(text); got != want {
			t.Errorf("%q: %s, want %s", text, got, want)
		}
	}
}
