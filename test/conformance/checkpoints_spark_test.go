package conformance

import (
	"fmt"
	"os"
	"path/filepath"
	"testing"
)

// TestCheckpointsContinuedOnSpark runs the steps before each recorded checkpoint with the command, and those after it on Spark, which must
// continue from the command's checkpoint as it did from its own.
func TestCheckpointsContinuedOnSpark(t *testing.T) {
	home := os.Getenv("STREAMCTL_SPARK")
	if home == "" || os.Getenv("STREAMCTL_SPARK_FULL") == "" {
		t.Skip("make spark-test-full runs this")
	}
	dirs, err := filepath.Glob("testdata/checkpoints/*")
	if err != nil {
		t.Fatal(err)
	}
	var cases []*sparkCase
	for _, dir := range dirs {
		var meta checkpointMeta
		if err := readJSON(filepath.Join(dir, "meta.json"), &meta); err != nil {
			t.Fatal(err)
		}
		if _, open := report.open["states/"+filepath.Base(dir)]; open || meta.Changed { // another job has run the first steps
			continue
		}
		c, err := newSparkCase(t, dir)
		if err == nil {
			err = c.begin(t, meta)
		}
		if err != nil {
			t.Errorf("%s: %v", filepath.Base(dir), err)
			continue
		}
		cases = append(cases, c)
	}
	drive(t, home, cases)
	for _, c := range cases {
		if difference := c.compare(); difference != "" {
			t.Errorf("%s: %s", c.Name, difference)
		}
	}
	t.Logf("Spark has continued %d checkpoints", len(cases))
}

// begin runs the steps before the checkpoint, in the directory of the case.
func (c *sparkCase) begin(t *testing.T, meta checkpointMeta) error {
	c.From = meta.From
	text, j := readJob(t, c.runs[0].dir)
	first := newStreamRun(c.runs[0].dir, c.Base, j, j.Streams[0])
	first.to = meta.From
	if err := first.run(text); err != nil {
		return err
	}
	if first.exit != 0 {
		return fmt.Errorf("exit code %d: %s", first.exit, first.stderr.String())
	}
	if meta.Kill == "" {
		return nil
	}
	dir := filepath.Join(c.Base, j.Streams[0].Sink.CheckpointLocation, "commits")
	return os.Remove(filepath.Join(dir, fmt.Sprint(newestBatch(dir))))
}

// newestBatch returns the number of the newest file of a log.
func newestBatch(dir string) int {
	last := 0
	entries, _ := os.ReadDir(dir)
	for _, e := range entries {
		n := 0
		if _, err := fmt.Sscan(e.Name(), &n); err == nil {
			last = max(last, n)
		}
	}
	return last
}
