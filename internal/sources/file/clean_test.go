package file

import (
	"context"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/streamctl/streamctl/internal/atomicfile"
	"github.com/streamctl/streamctl/internal/checkpoint"
	"github.com/streamctl/streamctl/internal/job"
	"github.com/streamctl/streamctl/internal/sources"
)

// filesBelow lists the files below a directory.
func filesBelow(t *testing.T, dir string) []string {
	t.Helper()
	var out []string
	err := filepath.WalkDir(dir, func(path string, e os.DirEntry, err error) error {
		if err == nil && !e.IsDir() {
			rel, _ := filepath.Rel(dir, path)
			out = append(out, rel)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return out
}

func TestProcessedFilesArePutAway(t *testing.T) {
	for _, mode := range []string{"off", "DELETE", "archive"} {
		root := t.TempDir()
		in, old := filepath.Join(root, "in"), filepath.Join(root, "old")
		if err := os.MkdirAll(old, 0o755); err != nil {
			t.Fatal(err)
		}
		for i, name := range []string{"a", "k=1/b", "c"} {
			put(t, in, name, "x\n", i)
		}
		opts := given("cleanSource", mode, "sourceArchiveDir", old, "maxFilesPerTrigger", "1", "recursiveFileLookup", "true")
		log, err := checkpoint.Open(atomicfile.OS, filepath.Join(root, "ckpt"))
		if err != nil {
			t.Fatal(err)
		}
		ctx := context.Background()
		s := openWith(t, in, opts, log)
		var first, second sources.Offset
		take(t, s, &first)
		second = first
		take(t, s, &second)
		if err := s.Commit(ctx, first); err != nil {
			t.Fatal(err)
		}
		want, archived := []string{"a", "c", "k=1/b"}, []string(nil)
		switch mode {
		case "DELETE":
			want = []string{"c", "k=1/b"}
		case "archive":
			want, archived = []string{"c", "k=1/b"}, []string{filepath.Join(in, "a")[1:]}
		}
		if got := filesBelow(t, in); !slices.Equal(got, want) {
			t.Errorf("%s: input %q, want %q", mode, got, want)
		}
		if got := filesBelow(t, old); !slices.Equal(got, archived) {
			t.Errorf("%s: archive %q, want %q", mode, got, archived)
		}
		if mode != "archive" {
			continue
		}
		again := openWith(t, in, opts, log) // the last batch of a run is put away by the next one
		if err := again.Recover(ctx, second, second); err != nil {
			t.Fatal(err)
		}
		if got := read(t, again, second, second); len(got) > 0 {
			t.Errorf("read again %q", got)
		}
		if err := again.Commit(ctx, second); err != nil {
			t.Fatal(err)
		}
		if got := filesBelow(t, in); !slices.Equal(got, []string{"c"}) {
			t.Errorf("after a restart: %q", got)
		}
	}
}

func TestCleaningIsRefused(t *testing.T) {
	dir := t.TempDir()
	writeFile(t, filepath.Join(dir, "out", checkpoint.SinkLogDir, "0"), "v1\n")
	for _, test := range []struct {
		path, want string
		options    job.Options
	}{
		{"in", "Archive mode must be used with 'sourceArchiveDir' option", given("cleanSource", "archive")},
		{"in", "Invalid mode for clean source option no", given("cleanSource", "no")},
		{"in", "can read what is put into the archive", given("cleanSource", "archive", "sourceArchiveDir", filepath.Join(dir, "in", "old"))},
		{"in/sub", "can read what is put into the archive", given("cleanSource", "archive", "sourceArchiveDir", filepath.Join(dir, "in"))},
		{"i*", "can read what is put into the archive", given("cleanSource", "archive", "sourceArchiveDir", filepath.Join(dir, "in2", "old"))},
		{"out", "output directory of FileStreamSink", given("cleanSource", "delete")},
	} {
		_, err := newCleaner(filepath.Join(dir, test.path), test.options, testEnv(nil))
		if err == nil || !strings.Contains(err.Error(), test.want) {
			t.Errorf("%s %v: error %v, want %s", test.path, test.options, err, test.want)
		}
	}
}

func TestAFileMovesToAnotherFileSystemWhole(t *testing.T) {
	dir := t.TempDir()
	from, to := filepath.Join(dir, "a"), filepath.Join(dir, "b")
	writeFile(t, from, "text")
	if err := move(from, to); err != nil {
		t.Fatal(err)
	}
	if text, _ := os.ReadFile(to); string(text) != "text" || len(filesBelow(t, dir)) != 1 {
		t.Errorf("%q, files %q", text, filesBelow(t, dir))
	}
}
