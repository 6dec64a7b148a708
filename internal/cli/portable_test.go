package cli

import (
	"bytes"
	"os"
	"path/filepath"
	"testing"
)

// TestSparkRefusesNoPortableJob compares validate --portable with the recorded runs of Spark:
// Spark refused none of the jobs that pass.
func TestSparkRefusesNoPortableJob(t *testing.T) {
	t.Setenv("TZ", "UTC")
	t.Setenv("XDG_CONFIG_HOME", t.TempDir())
	const corpus = "../../test/conformance/testdata/streams"
	cases, err := os.ReadDir(corpus)
	if err != nil {
		t.Fatal(err)
	}
	passed := 0
	for _, c := range cases {
		base := t.TempDir()
		if static := filepath.Join(corpus, c.Name(), "static"); pathExists(static) {
			if err := os.CopyFS(base, os.DirFS(static)); err != nil {
				t.Fatal(err)
			}
		}
		text, err := os.ReadFile(filepath.Join(corpus, c.Name(), "job.yaml"))
		if err != nil {
			t.Fatal(err)
		}
		// files present before the query starts determine its columns
		if first := filepath.Join(corpus, c.Name(), "batches", "00"); pathExists(first) {
			if err := os.CopyFS(base, os.DirFS(first)); err != nil {
				t.Fatal(err)
			}
		}
		if !bytes.Contains(text, []byte("x-missing-dir")) {
			if err := os.MkdirAll(filepath.Join(base, "in"), 0o755); err != nil {
				t.Fatal(err)
			}
		}
		file := filepath.Join(base, "job.yaml")
		if err := os.WriteFile(file, text, 0o644); err != nil {
			t.Fatal(err)
		}
		a, _, errText := testApp()
		if a.run(t.Context(), []string{"validate", "--portable", file}) != 0 {
			if errText.Len() == 0 {
				t.Errorf("%s: no reason", c.Name())
			}
			continue
		}
		passed++
		recorded, _ := filepath.Glob(filepath.Join(corpus, c.Name(), "expected*.error.json"))
		for _, r := range recorded {
			if text, err := os.ReadFile(r); err != nil || bytes.Contains(text, []byte(`"phase": "start"`)) && !aliasOfStream(text) {
				t.Errorf("%s passes, Spark refused it: %s", c.Name(), text)
			}
		}
	}
	if passed < 100 {
		t.Errorf("only %d of %d jobs pass", passed, len(cases))
	}
	t.Logf("%d of %d jobs pass", passed, len(cases))
}

// aliasOfStream reports whether Spark has taken an alias of the view stream for a table. An exported program quotes the view.
func aliasOfStream(recorded []byte) bool {
	return bytes.Contains(recorded, []byte("TABLE_OR_VIEW_NOT_FOUND")) && bytes.Contains(recorded, []byte("NamedStreamingRelation"))
}

func pathExists(path string) bool {
	_, err := os.Stat(path)
	return err == nil
}
