package engine

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/streamctl/streamctl/internal/job"
)

// TestAdmission is the table of what a query may find in its checkpoint and its output. A run over one file has ended well; then
// change does something to the directories, a second file comes, and the query runs again, twice.
func TestAdmission(t *testing.T) {
	remove := func(names ...string) func(t *testing.T, dir string) {
		return func(t *testing.T, dir string) {
			for _, name := range names {
				if err := os.RemoveAll(filepath.Join(dir, name)); err != nil {
					t.Fatal(err)
				}
			}
		}
	}
	for name, test := range map[string]struct {
		change  func(t *testing.T, dir string)
		refused string // "": both runs end well
	}{
		"nothing":                              {remove(), ""},
		"the checkpoint is gone":               {remove("ck"), "of another query"},
		"the checkpoint has no batch":          {remove("ck/offsets", "ck/commits", "ck/sources"), "is new: what is new would be lost"},
		"the output is gone":                   {remove("out"), "has no list of files in _spark_metadata"},
		"the list is gone":                     {remove("out/_spark_metadata"), "has no list of files in _spark_metadata"},
		"the newest entry is gone":             {remove("out/_spark_metadata/1"), "ends at batch 0, although the checkpoint"},
		"both are gone":                        {remove("out", "ck"), ""},
		"the last batch is not committed":      {remove("ck/commits/1"), ""},
		"and not in the output":                {remove("ck/commits/1", "out/_spark_metadata/1"), ""},
		"the checkpoint is behind":             {remove("ck/commits/1", "ck/offsets/1"), "knows none beyond 0"},
		"Spark wrote both":                     {remove("out/_spark_metadata/.owner.json", "ck/.query.json"), ""},
		"Spark wrote both, the checkpoint new": {remove("out/_spark_metadata/.owner.json", "ck"), "is new: what is new would be lost"},
		"Spark wrote both, one entry is gone":  {remove("out/_spark_metadata/.owner.json", "out/_spark_metadata/1"), "ends at batch 0"},
	} {
		t.Run(name, func(t *testing.T) {
			dir := t.TempDir()
			in := filepath.Join(dir, "in")
			if err := os.Mkdir(in, 0o755); err != nil {
				t.Fatal(err)
			}
			j := fileJob(in, job.AvailableNow)
			j.Streams[0].Sink = job.Sink{Format: "csv", Path: filepath.Join(dir, "out"), Checkpoint: filepath.Join(dir, "ck"), Trigger: job.Trigger{Kind: job.AvailableNow}}
			for _, name := range []string{"1.csv", "2.csv"} {
				drop(t, in, name, "x,1\n")
				if _, err := ranBatches(t, j); err != nil {
					t.Fatal(err)
				}
			}
			test.change(t, dir)
			drop(t, in, "3.csv", "x,1\n")
			before := tree(t, filepath.Join(dir, "ck"))
			for range 2 {
				_, err := ranBatches(t, j)
				switch {
				case test.refused == "" && err != nil:
					t.Fatal(err)
				case test.refused == "":
				case err == nil || !strings.Contains(err.Error(), test.refused) || PhaseOf(err) != PhaseStart:
					t.Fatalf("error %v, want %q", err, test.refused)
				case tree(t, filepath.Join(dir, "ck")) != before:
					t.Errorf("the refused run has changed the checkpoint:\n%s\nit was\n%s", tree(t, filepath.Join(dir, "ck")), before)
				}
			}
		})
	}
}

// tree lists the files below a directory, but for its lock.
func tree(t *testing.T, dir string) string {
	t.Helper()
	var names []string
	err := filepath.WalkDir(dir, func(path string, d os.DirEntry, err error) error {
		if err == nil && !d.IsDir() && d.Name() != ".lock" {
			names = append(names, path)
		}
		return err
	})
	if err != nil && !errors.Is(err, os.ErrNotExist) {
		t.Fatal(err)
	}
	return strings.Join(names, "\n")
}
