package conformance

import (
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// A refusedCase is a streaming query that Spark started or refused; see scripts/record/streaming.py.
type refusedCase struct {
	ID         string
	Steps      []map[string]any
	OutputMode string
	Error      *recordedError
}

// TestStreamingQueriesThatSparkRefuses compares which queries over files are valid as streams, and the conditions and messages of those that
// are not. (Spark: UnsupportedOperationChecker.)
func TestStreamingQueriesThatSparkRefuses(t *testing.T) {
	command, err := binary()
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	if err := os.Mkdir(filepath.Join(dir, "in"), 0o700); err != nil {
		t.Fatal(err)
	}
	for _, c := range readLines[refusedCase](t, "testdata/refused/streaming.jsonl") {
		path := filepath.Join(dir, c.ID+".yaml")
		if err := os.WriteFile(path, c.job(t), 0o600); err != nil {
			t.Fatal(err)
		}
		out, err := exec.Command(command, "validate", path).CombinedOutput()
		report.verdict(t, "refused", c.ID, c.difference(err == nil, string(out)))
	}
}

// job returns the query as a job file; JSON is YAML.
func (c *refusedCase) job(t *testing.T) []byte {
	t.Helper()
	sink := map[string]string{"format": "noop"}
	if c.OutputMode != "" {
		sink["outputMode"] = c.OutputMode
	}
	text, err := json.Marshal(map[string]any{"streams": []any{map[string]any{
		"name": "q", "source": map[string]string{"format": "csv", "path": "in", "schema": "a INT, s STRING, ts TIMESTAMP"}, "transform": c.Steps, "sink": sink,
	}}})
	if err != nil {
		t.Fatal(err)
	}
	return text
}

// difference compares what the command says of the query with the recording.
func (c *refusedCase) difference(valid bool, output string) string {
	if c.Error == nil {
		if valid {
			return ""
		}
		return fmt.Sprintf("%v is refused: %s", c.Steps, oneLine(output))
	}
	want := c.Error.Message
	if c.Error.named() {
		want = "[" + c.Error.Condition + "]"
	}
	if valid || !strings.Contains(output, want) {
		return fmt.Sprintf("%v: %q, want %s", c.Steps, oneLine(output), want)
	}
	return ""
}
