package conformance

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
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

// TestStatesAreSparks runs the steps before each checkpoint, and compares the state with Spark's: the entries, and the bytes of the files that
// describe them.
func TestStatesAreSparks(t *testing.T) {
	if _, err := binary(); err != nil {
		t.Fatal(err)
	}
	cases, err := os.ReadDir("testdata/checkpoints")
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range cases {
		dir := filepath.Join("testdata/checkpoints", c.Name())
		var meta checkpointMeta
		if err := readJSON(filepath.Join(dir, "meta.json"), &meta); err != nil {
			t.Fatal(err)
		}
		if meta.Changed || meta.Kill != "" { // other steps have written it, or part of it is gone
			continue
		}
		t.Run(c.Name(), func(t *testing.T) {
			t.Parallel()
			limited(func() { report.verdict(t, "states", c.Name(), compareStates(t, dir, meta.From)) })
		})
	}
}

type checkpointMeta struct {
	From    int    // the first step after the checkpoint
	Changed bool   // another job has run the steps before
	Kill    string // what was removed of the last batch
}

// compareStates returns the difference between the state that the first steps leave and the recorded one, or "".
func compareStates(t *testing.T, dir string, steps int) string {
	text, j := readJob(t, dir)
	s := j.Streams[0]
	r := newStreamRun(dir, t.TempDir(), j, s)
	r.to = steps
	if err := errors.Join(r.prepare(), r.run(text)); err != nil {
		return err.Error()
	}
	if r.exit != 0 {
		return r.stderr.String()
	}
	ours, theirs := filepath.Join(r.base, s.Sink.CheckpointLocation), t.TempDir()
	if err := placeCheckpoint(filepath.Join(dir, "ckpt"), theirs, r.base); err != nil {
		t.Fatal(err)
	}
	files, err := filepath.Glob(filepath.Join(theirs, "state/*/_metadata/metadata"))
	if err != nil || len(files) == 0 {
		t.Fatalf("no state: %v", err)
	}
	schemas, _ := filepath.Glob(filepath.Join(theirs, "state/*/0/_metadata/schema"))
	for _, file := range append(files, schemas...) {
		rel, _ := filepath.Rel(theirs, file)
		got, _ := os.ReadFile(filepath.Join(ours, rel))
		if want, err := os.ReadFile(file); err != nil || !bytes.Equal(got, want) {
			return fmt.Sprintf("%s: %q, want %q", rel, got, want)
		}
	}
	for operator := range files {
		if got, want := entries(t, ours, operator), entries(t, theirs, operator); got != want {
			return fmt.Sprintf("state %d:\n%s\nwant:\n%s", operator, got, want)
		}
	}
	return ""
}

// entries returns the entries of an operator's state, sorted.
func entries(t *testing.T, checkpoint string, operator int) string {
	t.Helper()
	path, err := binary()
	if err != nil {
		t.Fatal(err)
	}
	text, err := exec.Command(path, "checkpoint", "state", checkpoint, "--operator", strconv.Itoa(operator), "-o", "json").CombinedOutput()
	if err != nil {
		t.Fatalf("%v\n%s", err, text)
	}
	lines := strings.Split(string(text), "\n")
	slices.Sort(lines)
	return strings.Join(lines, "\n")
}

func readJob(t *testing.T, dir string) (text []byte, j *streamJob) {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(dir, "job.yaml"))
	if err != nil {
		t.Fatal(err)
	}
	j = &streamJob{}
	if err := yaml.Unmarshal(text, j); err != nil {
		t.Fatal(err)
	}
	return text, j
}

// continueCheckpoint runs the steps that come after a checkpoint, and returns the difference from what Spark did, or "".
func continueCheckpoint(t *testing.T, dir string) string {
	text, j := readJob(t, dir)
	var meta checkpointMeta
	if err := readJSON(filepath.Join(dir, "meta.json"), &meta); err != nil {
		t.Fatal(err)
	}
	s := j.Streams[0]
	r := newStreamRun(dir, t.TempDir(), j, s)
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
