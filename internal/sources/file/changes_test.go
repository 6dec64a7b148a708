package file

import (
	"context"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/streamctl/streamctl/internal/checkpoint"
	"github.com/streamctl/streamctl/internal/codec"
	"github.com/streamctl/streamctl/internal/job"
	"github.com/streamctl/streamctl/internal/sources"
	"github.com/streamctl/streamctl/internal/storage"
)

// openHeard makes a source of text lines, and collects what it tells the user.
func openHeard(t *testing.T, path string, opts job.Options, log *checkpoint.Checkpoint) (*Source, *[]string) {
	t.Helper()
	var told []string
	env := testEnv(log)
	env.OnLoss = func(l *codec.Loss) { told = append(told, l.Text) }
	s, err := New(path, opts, lineDecoder(t), env)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = s.Close() })
	return s, &told
}

func newCheckpoint(t *testing.T) *checkpoint.Checkpoint {
	t.Helper()
	log, err := checkpoint.Open(storage.OS, t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	return log
}

// processed reads what is new, as a batch does.
func processed(t *testing.T, s *Source, from *sources.Offset) []string {
	t.Helper()
	before := *from
	take(t, s, from)
	rows := read(t, s, before, *from)
	if _, err := s.Recheck(context.Background()); err != nil {
		t.Fatal(err)
	}
	return rows
}

func TestWhatHappenedToAFileAfterItWasReadIsTold(t *testing.T) {
	for want, change := range map[string]func(path string) error{
		"grew by 4 bytes":                 func(path string) error { return os.WriteFile(path, []byte("1\n2\n3\n4\n"), 0o644) },
		"was truncated from 4 to 2 bytes": func(path string) error { return os.Truncate(path, 2) },
		"was written to after it was read, without a change of its size": func(path string) error { return os.WriteFile(path, []byte("8\n9\n"), 0o644) },
		"was replaced by another file": func(path string) error {
			if err := os.WriteFile(path+".new", []byte("1\n2\n3\n4\n"), 0o644); err != nil {
				return err
			}
			return os.Rename(path+".new", path)
		},
	} {
		dir := t.TempDir()
		put(t, dir, "a", "1\n2\n", 0)
		s, told := openHeard(t, dir, nil, newCheckpoint(t))
		var to sources.Offset
		processed(t, s, &to)
		if err := change(filepath.Join(dir, "a")); err != nil {
			t.Fatal(err)
		}
		_ = s.Close()
		if got := strings.Join(*told, " "); !strings.Contains(got, want) || strings.Count(got, "its new contents are not read") != 1 || s.env.Stats.ChangedFiles.Load() != 1 {
			t.Errorf("told %q, want %q", got, want)
		}
	}
}

func TestAFileThatGrewWhileItWasReadHasNotChanged(t *testing.T) {
	dir, log := t.TempDir(), newCheckpoint(t)
	put(t, dir, "a", "1\n", 0)
	s := openWith(t, dir, nil, log)
	var to sources.Offset
	take(t, s, &to)
	read(t, s, "", to)
	appendTo(t, filepath.Join(dir, "a"), "2\n")
	more, err := s.Recheck(context.Background())
	if err != nil || len(readAll(t, more)) != 1 {
		t.Fatal("the tail was not read", err)
	}
	if _, err := s.Recheck(context.Background()); err != nil {
		t.Fatal(err)
	}
	_ = s.Close()
	again, told := openHeard(t, dir, nil, log)
	take(t, again, &to)
	if len(*told) > 0 {
		t.Errorf("told %q", *told)
	}
	appendTo(t, filepath.Join(dir, "a"), "3\n")
	_ = again.Close()
	last, told := openHeard(t, dir, nil, log)
	take(t, last, &to)
	if len(*told) != 1 {
		t.Errorf("told %q", *told)
	}
}

func TestKnownFilesAreComparedInPartitionDirectoriesAndSinkOutput(t *testing.T) {
	for name, file := range map[string]string{"partition": "k=1/a", "sink": "a"} {
		dir, log := t.TempDir(), newCheckpoint(t)
		put(t, dir, file, "1\n", 0)
		if name == "sink" {
			out, err := checkpoint.OpenSinkLog(storage.OS, dir)
			if err != nil {
				t.Fatal(err)
			}
			if err := out.Add(0, []checkpoint.SinkFile{{Path: filepath.Join(dir, file), Size: 2, ModTime: epoch.UnixMilli()}}); err != nil {
				t.Fatal(err)
			}
		}
		var to sources.Offset
		take(t, openWith(t, dir, nil, log), &to)
		quiet, told := openHeard(t, dir, nil, log)
		take(t, quiet, &to)
		if len(*told) > 0 {
			t.Errorf("%s: told %q", name, *told)
		}
		put(t, dir, file, "1\n2\n", 9)
		s, told := openHeard(t, dir, nil, log)
		take(t, s, &to)
		if len(*told) != 1 || !strings.Contains((*told)[0], file+" was changed") {
			t.Errorf("%s: told %q", name, *told)
		}
	}
}

func TestFilesBeyondMaxFileAgeAreTold(t *testing.T) {
	dir, log := t.TempDir(), newCheckpoint(t)
	put(t, dir, "old", "1\n", 0)
	put(t, dir, "newest", "1\n", 100)
	opts := given("maxFileAge", "10s")
	var to sources.Offset
	take(t, openWith(t, dir, opts, log), &to)
	s, told := openHeard(t, dir, opts, log)
	take(t, s, &to)
	if len(*told) > 0 {
		t.Errorf("a file that was read is told of: %q", *told)
	}
	put(t, dir, "late", "1\n", 50)
	take(t, s, &to)
	take(t, s, &to)
	if got := strings.Join(*told, "; "); len(*told) != 1 || !strings.Contains(got, "1 file is not read: more than maxFileAge (10s) older than the newest file, "+dir+"/newest of ") ||
		!strings.Contains(got, "first: "+dir+"/late of ") || s.env.Stats.OldFiles.Load() != 1 {
		t.Errorf("told %q", got)
	}
	put(t, dir, "old", "1\n2\n", 1)
	take(t, s, &to)
	_ = s.Close()
	if s.env.Stats.ChangedFiles.Load() != 1 {
		t.Errorf("the change of a file that is too old was not seen; told %q", *told)
	}
}

func TestAFileFromTheFutureIsTold(t *testing.T) {
	dir := t.TempDir()
	put(t, dir, "a", "1\n", 0)
	future := time.Date(2199, 1, 1, 0, 0, 0, 0, time.UTC)
	if err := os.Chtimes(filepath.Join(dir, "a"), future, future); err != nil {
		t.Fatal(err)
	}
	s, told := openHeard(t, dir, nil, newCheckpoint(t))
	var to sources.Offset
	processed(t, s, &to)
	_ = s.Close()
	if got := strings.Join(*told, "; "); !strings.Contains(got, dir+"/a, 2") || !strings.Contains(got, "lies in the future") {
		t.Errorf("told %q", got)
	}
}

func TestARotatedFileIsReadTwiceAndTold(t *testing.T) {
	for name, restart := range map[string]bool{"in the same run": false, "between two runs": true} {
		dir, log := t.TempDir(), newCheckpoint(t)
		put(t, dir, "a.log", "1\n", 0)
		s, told := openHeard(t, dir, nil, log)
		var to sources.Offset
		processed(t, s, &to)
		if err := os.Rename(filepath.Join(dir, "a.log"), filepath.Join(dir, "a.log.1")); err != nil {
			t.Fatal(err)
		}
		put(t, dir, "a.log", "2\n", 9)
		put(t, dir, "b.log", "3\n", 10)
		if restart {
			s, told = openHeard(t, dir, nil, log)
		}
		processed(t, s, &to)
		_ = s.Close()
		got := strings.Join(*told, "; ")
		if !strings.Contains(got, "1 file is read a second time, and the rows come twice; first: "+dir+"/a.log.1 ") || !strings.Contains(got, dir+"/a.log was ") ||
			s.env.Stats.TwiceFiles.Load() != 1 || s.env.Stats.ChangedFiles.Load() != 1 {
			t.Errorf("%s: told %q", name, got)
		}
	}
}

func TestFilesOfTheSameTimeAreNotTakenForRenamed(t *testing.T) {
	dir, log := t.TempDir(), newCheckpoint(t)
	put(t, dir, "a", "1\n", 0)
	var to sources.Offset
	take(t, openWith(t, dir, nil, log), &to)
	put(t, dir, "b", "2\n", 0)
	s, told := openHeard(t, dir, nil, log)
	processed(t, s, &to)
	_ = s.Close()
	if len(*told) > 0 {
		t.Errorf("told %q", *told)
	}
}

func TestAForgottenFileThatIsReadAgainIsTold(t *testing.T) {
	dir, log := t.TempDir(), newCheckpoint(t)
	put(t, dir, "old", "1\n", 0)
	put(t, dir, "new", "1\n", 100)
	opts := given("maxFileAge", "10s")
	var to sources.Offset
	take(t, openWith(t, dir, opts, log), &to)
	put(t, dir, "old", "1\n2\n", 101)
	s, told := openHeard(t, dir, opts, log)
	processed(t, s, &to)
	_ = s.Close()
	if got := strings.Join(*told, "; "); !strings.Contains(got, "/old was read before, was forgotten") {
		t.Errorf("told %q", got)
	}
}
