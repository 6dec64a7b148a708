package file

import (
	"context"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/streamctl/streamctl/internal/checkpoint"
	"github.com/streamctl/streamctl/internal/job"
	"github.com/streamctl/streamctl/internal/sources"
	"github.com/streamctl/streamctl/internal/storage"
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
		log, err := checkpoint.Open(storage.OS, filepath.Join(root, "ckpt"))
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
		if err := again.Recover(ctx, sources.Logged{Last: second}); err != nil {
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
	if err := (tree{storage.OS}).move(from, to); err != nil {
		t.Fatal(err)
	}
	if text, _ := os.ReadFile(to); string(text) != "text" || len(filesBelow(t, dir)) != 1 {
		t.Errorf("%q, files %q", text, filesBelow(t, dir))
	}
}

func TestCleaningLeavesWhatWasNotRead(t *testing.T) {
	for name, restart := range map[string]bool{"in the same run": false, "in the next run": true} {
		for _, mode := range []string{"delete", "archive"} {
			root := t.TempDir()
			in := filepath.Join(root, "in")
			put(t, in, "a", "1\n", 0)
			put(t, in, "b", "1\n", 1)
			opts := given("cleanSource", mode, "sourceArchiveDir", filepath.Join(root, "old"))
			log := newCheckpoint(t)
			s, told := openHeard(t, in, opts, log)
			var to sources.Offset
			processed(t, s, &to)
			put(t, root, "other", "2\n", 2)
			if err := os.Rename(filepath.Join(root, "other"), filepath.Join(in, "a")); err != nil {
				t.Fatal(err)
			}
			if restart {
				s, told = openHeard(t, in, opts, log)
				if err := s.Recover(context.Background(), sources.Logged{Last: to}); err != nil {
					t.Fatal(err)
				}
			}
			if err := s.Commit(context.Background(), to); err != nil {
				t.Fatal(err)
			}
			if got := filesBelow(t, in); !slices.Equal(got, []string{"a"}) {
				t.Errorf("%s, %s: left %q", mode, name, got)
			}
			if got := strings.Join(*told, " "); !strings.Contains(got, "cleanSource leaves files where they are") || !strings.Contains(got, "in/a was ") {
				t.Errorf("%s, %s: told %q", mode, name, got)
			}
		}
	}
}

func TestCleaningStaysWithinTheSource(t *testing.T) {
	root := t.TempDir()
	in := filepath.Join(root, "in")
	put(t, in, "a", "1\n", 0)
	put(t, root, "outside/b", "2\n", 0)
	if err := os.Symlink("../outside", filepath.Join(in, "link")); err != nil {
		t.Fatal(err)
	}
	s, told := openHeard(t, in, given("cleanSource", "delete", "recursiveFileLookup", "true"), newCheckpoint(t))
	var to sources.Offset
	processed(t, s, &to)
	if err := s.Commit(context.Background(), to); err != nil {
		t.Fatal(err)
	}
	if got := filesBelow(t, root); !slices.Equal(got, []string{"in/link", "outside/b"}) {
		t.Errorf("left %q", got)
	}
	if got := strings.Join(*told, " "); !strings.Contains(got, "in/link/b lies outside of the source") {
		t.Errorf("told %q", got)
	}
}

func TestTheArchiveIsNotOverwritten(t *testing.T) {
	root := t.TempDir()
	in, old := filepath.Join(root, "in"), filepath.Join(root, "old")
	put(t, in, "a", "new\n", 0)
	put(t, filepath.Join(old, in), "a", "archived before\n", 0)
	s, _ := openHeard(t, in, given("cleanSource", "archive", "sourceArchiveDir", old), newCheckpoint(t))
	var to sources.Offset
	processed(t, s, &to)
	if err := s.Commit(context.Background(), to); err != nil {
		t.Fatal(err)
	}
	for name, want := range map[string]string{"a": "archived before\n", "a.1": "new\n"} {
		if text, _ := os.ReadFile(filepath.Join(old, in, name)); string(text) != want {
			t.Errorf("%s is %q", name, text)
		}
	}
}

func TestTheOutputOfASinkIsNotCleanedThroughAPattern(t *testing.T) {
	dir := t.TempDir()
	put(t, dir, "out/a", "1\n", 0)
	log, err := checkpoint.OpenSinkLog(storage.OS, filepath.Join(dir, "out"))
	if err != nil {
		t.Fatal(err)
	}
	if err := log.Add(0, []checkpoint.SinkFile{{Path: filepath.Join(dir, "out/a"), Size: 2, ModTime: epoch.UnixMilli()}}); err != nil {
		t.Fatal(err)
	}
	s, told := openHeard(t, filepath.Join(dir, "o*"), given("cleanSource", "delete"), newCheckpoint(t))
	var to sources.Offset
	processed(t, s, &to)
	if err := s.Commit(context.Background(), to); err != nil {
		t.Fatal(err)
	}
	if _, err := os.Stat(filepath.Join(dir, "out/a")); err != nil || !strings.Contains(strings.Join(*told, " "), "belongs to the output of a streaming file sink") {
		t.Errorf("%v, told %q", err, *told)
	}
}
