package file

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/streamctl/streamctl/internal/job"
	"github.com/streamctl/streamctl/internal/storage"
)

func TestWhatASourceReads(t *testing.T) {
	recursive := given("recursiveFileLookup", "true")
	for _, test := range []struct {
		path        string
		options     job.Options
		partitioned bool
		file        string
		want        bool
	}{
		{"in", nil, false, "in/r.jsonl", true},
		{"in", nil, false, "in/.r.jsonl", false},
		{"in", nil, false, "in/_r.jsonl", false},
		{"in", nil, false, "in2/r.jsonl", false},
		{"in", nil, false, "r.jsonl", false},
		{"in", nil, false, "in/sub/r.jsonl", false},
		{"in", nil, false, "in/k=1/r.jsonl", true},
		{"in", nil, false, "in/k=1/sub/r.jsonl", true},
		{"in", nil, true, "in/sub/r.jsonl", true},
		{"in", recursive, false, "in/sub/r.jsonl", true},
		{"in", recursive, false, "in/_sub/r.jsonl", false},
		{"in", given("pathGlobFilter", "*.csv"), false, "in/r.jsonl", false},
		{"in/x.csv", nil, false, "in/x.csv", true},
		{"in/x.csv", nil, false, "in/y.csv", false},
		{"*", nil, false, "in/r.jsonl", true},
		{"*", nil, false, "in/sub/r.jsonl", false},
		{"*", nil, false, "_in/r.jsonl", true},
		{"in/*.csv", nil, false, "in/r.jsonl", false},
		{"in/*.csv", nil, false, "in/r.csv", true},
		{"{in,on}/*.csv", nil, false, "on/r.csv", true},
		{"link", nil, false, "in/r.jsonl", true},
		{"li*", nil, false, "in/r.jsonl", true},
		{"in", nil, false, "link/r.jsonl", true},
		{"in", nil, false, "dangling/r.jsonl", false},
		{"in/later", nil, false, "dangling/r.jsonl", true},
	} {
		dir := t.TempDir()
		dropSpec(t, dir, "in/x.csv@0")
		for from, to := range map[string]string{"link": "in", "dangling": "in/later", "circle": "circle"} {
			if err := os.Symlink(to, filepath.Join(dir, from)); err != nil {
				t.Fatal(err)
			}
		}
		r, err := NewReach(storage.OS, filepath.Join(dir, test.path), test.options, test.partitioned)
		if err != nil {
			t.Fatal(err)
		}
		if got := r.Reads(Resolve(storage.OS, filepath.Join(dir, test.file))); got != test.want {
			t.Errorf("%s %v reads %s: %v", test.path, test.options, test.file, got)
		}
	}
}

func TestACircleOfLinksIsResolvedToItself(t *testing.T) {
	dir := t.TempDir()
	link := filepath.Join(dir, "circle")
	if err := os.Symlink("circle", link); err != nil {
		t.Fatal(err)
	}
	if got := Resolve(storage.OS, link); filepath.Base(got) != "circle" {
		t.Errorf("resolved to %s", got)
	}
}
