package conformance

import (
	"bytes"
	"encoding/json"
	"io/fs"
	"os"
	"path/filepath"
	"testing"

	"go.yaml.in/yaml/v4"
)

// TestCheckpoints continues the checkpoints of stateful queries that Spark has stopped.
func TestCheckpoints(t *testing.T) {
	if _, err := binary(); err != nil {
		t.Fatal(err)
	}
	cases, err := os.ReadDir("testdata/checkpoints")
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range cases {
		t.Run(c.Name(), func(t *testing.T) {
			t.Parallel()
			limited(func() {
				report.verdict(t, "checkpoints", c.Name(), continueCheckpoint(t, filepath.Join("testdata/checkpoints", c.Name())))
			})
		})
	}
}

// continueCheckpoint runs the steps that come after a checkpoint, and returns the difference from what Spark did, or "".
func continueCheckpoint(t *testing.T, dir string) string {
	text, err := os.ReadFile(filepath.Join(dir, "job.yaml"))
	if err != nil {
		t.Fatal(err)
	}
	var j streamJob
	if err := yaml.Unmarshal(text, &j); err != nil {
		t.Fatal(err)
	}
	var meta struct{ From int }
	if err := readJSON(filepath.Join(dir, "meta.json"), &meta); err != nil {
		t.Fatal(err)
	}
	s := j.Streams[0]
	r := newStreamRun(dir, t.TempDir(), &j, s)
	if err := r.prepare(); err != nil {
		t.Fatal(err)
	}
	for n := range meta.From {
		if err := dropFiles(dir, r.base, n); err != nil {
			t.Fatal(err)
		}
	}
	if err := placeCheckpoint(filepath.Join(dir, "ckpt"), filepath.Join(r.base, s.Sink.CheckpointLocation), r.base); err != nil {
		t.Fatal(err)
	}
	r.from = meta.From
	if err := r.run(text); err != nil {
		return err.Error()
	}
	return r.compare("", s.Sink.Format, s.Sink.Path)
}

func readJSON(path string, v any) error {
	text, err := os.ReadFile(path)
	if err != nil {
		return err
	}
	return json.Unmarshal(text, v)
}

// placeCheckpoint copies a recorded checkpoint, with the base directory in place of $DIR in its logs.
func placeCheckpoint(from, to, base string) error {
	return filepath.WalkDir(from, func(path string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		rel, err := filepath.Rel(from, path)
		if err != nil {
			return err
		}
		if d.IsDir() {
			return os.MkdirAll(filepath.Join(to, rel), 0o755)
		}
		text, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		return os.WriteFile(filepath.Join(to, rel), bytes.ReplaceAll(text, []byte("$DIR"), []byte(base)), 0o600)
	})
}
