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
	for name, test := range map[string]struct {
		change  func(t *testing.T, dir string)
		refused string // "": both runs end well
	}{
		"nothing":                              {discard(), ""},
		"the checkpoint is gone":               {discard("ck"), "from an earlier checkpoint at"},
		"the checkpoint has no metadata":       {discard("ck/metadata"), "MISSING_METADATA_FILE"},
		"the checkpoint has no batch":          {discard("ck/offsets", "ck/commits", "ck/sources"), "is new: what is new would be lost"},
		"the output is gone":                   {discard("out"), "has no list of files in _spark_metadata"},
		"the list is gone":                     {discard("out/_spark_metadata"), "has no list of files in _spark_metadata"},
		"the newest entry is gone":             {discard("out/_spark_metadata/1"), "ends at batch 0, although the checkpoint"},
		"an older entry is gone":               {discard("out/_spark_metadata/0"), "out/_spark_metadata/0 is damaged: it is missing, although later ones exist"},
		"both are gone":                        {discard("out", "ck"), ""},
		"the last batch is not committed":      {discard("ck/commits/1"), ""},
		"and not in the output":                {discard("ck/commits/1", "out/_spark_metadata/1"), ""},
		"the checkpoint is behind":             {discard("ck/commits/1", "ck/offsets/1"), "knows none beyond 0"},
		"Spark wrote both":                     {discard("out/_spark_metadata/.owner.json", "ck/.query.json"), ""},
		"Spark wrote both, the checkpoint new": {discard("out/_spark_metadata/.owner.json", "ck"), "is new: what is new would be lost"},
		"Spark wrote both, one entry is gone":  {discard("out/_spark_metadata/.owner.json", "out/_spark_metadata/1"), "ends at batch 0"},
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

// TestACopiedCheckpoint is the table of what becomes of a query whose checkpoint was copied in the middle of a batch: the copy would
// plan that batch anew, with files that the original reads in the next one.
func TestACopiedCheckpoint(t *testing.T) {
	for name, test := range map[string]struct {
		change  func(t *testing.T, dir string)
		refused string
	}{
		"beside the original":  {discard(), "of which"},
		"the original is gone": {discard("ck"), ""},
		"the original is a link now": {func(t *testing.T, dir string) {
			discard("ck")(t, dir)
			link(t, filepath.Join(dir, "copy"), filepath.Join(dir, "ck"))
		}, ""},
		"the original was replaced": {discard("ck/metadata"), ""},
	} {
		t.Run(name, func(t *testing.T) {
			dir := t.TempDir()
			in := filepath.Join(dir, "in")
			drop(t, in, "1.csv", "x,1\n")
			j := fileJob(in, job.AvailableNow)
			sink := &j.Streams[0].Sink
			*sink = job.Sink{Format: "csv", Path: filepath.Join(dir, "out"), Checkpoint: filepath.Join(dir, "ck"), Trigger: job.Trigger{Kind: job.AvailableNow}}
			if _, err := ranBatches(t, j); err != nil {
				t.Fatal(err)
			}
			if err := os.CopyFS(filepath.Join(dir, "copy"), os.DirFS(sink.Checkpoint)); err != nil {
				t.Fatal(err)
			}
			test.change(t, dir)
			drop(t, in, "2.csv", "x,1\n")
			sink.Checkpoint = filepath.Join(dir, "copy")
			for range 2 {
				_, err := ranBatches(t, j)
				if test.refused == "" && err != nil || test.refused != "" && (err == nil || !strings.Contains(err.Error(), test.refused)) {
					t.Fatalf("error %v, want %q", err, test.refused)
				}
			}
		})
	}
}

// discard returns a change that removes files and directories.
func discard(names ...string) func(t *testing.T, dir string) {
	return func(t *testing.T, dir string) {
		t.Helper()
		for _, name := range names {
			if err := os.RemoveAll(filepath.Join(dir, name)); err != nil {
				t.Fatal(err)
			}
		}
	}
}

func link(t *testing.T, to, name string) {
	t.Helper()
	if err := os.Symlink(to, name); err != nil {
		t.Fatal(err)
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
