package file

import (
	"bytes"
	"context"
	"log/slog"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"github.com/streamctl/streamctl/internal/checkpoint"
	"github.com/streamctl/streamctl/internal/job"
	"github.com/streamctl/streamctl/internal/sources"
	"github.com/streamctl/streamctl/internal/storage"
)

// openLogged makes a source of text lines, and gives what it logs.
func openLogged(t *testing.T, path string, opts job.Options) (*Source, *bytes.Buffer) {
	t.Helper()
	s := open(t, path, opts)
	text := &bytes.Buffer{}
	s.left.log = slog.New(slog.NewTextHandler(text, &slog.HandlerOptions{Level: slog.LevelDebug}))
	s.lister.layout.schema = textSchema
	return s, text
}

// asNobody runs f with the rights of a user that owns nothing. Only the thread changes its user, so f must not leave it.
func asNobody(t *testing.T, f func()) {
	t.Helper()
	if os.Getuid() != 0 {
		f()
		return
	}
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	if _, err := unix.SetfsuidRetUid(65534); err != nil {
		t.Fatal(err)
	}
	f()
	if _, err := unix.SetfsuidRetUid(0); err != nil {
		t.Fatal(err)
	}
}

// shared makes a directory that every user may look into.
func shared(t *testing.T) string {
	t.Helper()
	dir := t.TempDir()
	for _, d := range []string{dir, filepath.Dir(dir)} {
		if err := os.Chmod(d, 0o755); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

func chmod(t *testing.T, path string, mode os.FileMode) {
	t.Helper()
	if err := os.Chmod(path, mode); err != nil {
		t.Fatal(err)
	}
}

func TestAFileThatMayNotBeReadIsTakenOnceItMay(t *testing.T) {
	dir := shared(t)
	put(t, dir, "a", "x\n", 0)
	put(t, dir, "b", "y\n", 0)
	put(t, dir, "c", "z\n", 0)
	chmod(t, filepath.Join(dir, "b"), 0)
	chmod(t, filepath.Join(dir, "c"), 0)
	s, log := openLogged(t, dir, nil)
	var from sources.Offset
	asNobody(t, func() {
		for _, want := range []string{"a", ""} {
			if got := strings.Join(take(t, s, &from), " "); got != want {
				t.Errorf("took %q, want %q", got, want)
			}
		}
	})
	if got := log.String(); strings.Count(got, "files that may not be read") != 1 || !strings.Contains(got, "path="+dir+"/") || !strings.Contains(got, "count=2") {
		t.Errorf("said %s", got)
	}
	chmod(t, filepath.Join(dir, "b"), 0o644)
	asNobody(t, func() {
		if got := strings.Join(take(t, s, &from), " "); got != "b" {
			t.Errorf("took %q once it may be read", got)
		}
	})
}

func TestFilesOfADirectoryThatMayOnlyBeListedAreNotTaken(t *testing.T) {
	dir := shared(t)
	put(t, dir, "a", "x\n", 0)
	chmod(t, dir, 0o744)
	s, log := openLogged(t, dir, nil)
	var from sources.Offset
	asNobody(t, func() {
		if got := take(t, s, &from); got != nil {
			t.Errorf("took %q", got)
		}
	})
	chmod(t, dir, 0o755)
	if !strings.Contains(log.String(), "files that may not be read") {
		t.Errorf("said %s", log)
	}
	if got := take(t, s, &from); len(got) != 1 {
		t.Errorf("took %q once it may be read", got)
	}
}

func TestAWatcherSeesThatAFileMayBeReadNow(t *testing.T) {
	dir := t.TempDir()
	s := open(t, dir, nil)
	var from sources.Offset
	take(t, s, &from)
	s.watch.stop = make(chan struct{})
	s.watch.bar(map[string]bool{filepath.Join(dir, "none"): true, dir: true})
	s.watch.checkDirs()
	if all, _ := s.watch.take(); !all {
		t.Error("nothing is listed again")
	}
	s.watch.stop = nil
}

func TestDirectoriesThatMayNotBeReadAreLeftOut(t *testing.T) {
	for path, options := range map[string]job.Options{"": given("recursiveFileLookup", "true"), "*": nil, "*/*": nil} {
		dir := shared(t)
		put(t, dir, "a/a", "x\n", 0)
		put(t, dir, "b/b", "y\n", 0)
		chmod(t, filepath.Join(dir, "b"), 0)
		s, log := openLogged(t, filepath.Join(dir, path), options)
		var from sources.Offset
		asNobody(t, func() {
			if got := strings.Join(take(t, s, &from), " "); got != "a" {
				t.Errorf("%s: took %q", path, got)
			}
			if _, err := Partitions(storage.OS, filepath.Join(dir, path), options, nil, nil); err != nil {
				t.Errorf("%s: %v", path, err)
			}
		})
		chmod(t, filepath.Join(dir, "b"), 0o755)
		if got := log.String(); !strings.Contains(got, `msg="a directory that may not be read is left out" path=`+dir+`/b`) {
			t.Errorf("%s: said %s", path, got)
		}
	}
}

func TestWhatIsLeftOutIsSaid(t *testing.T) {
	for name, test := range map[string]struct {
		path, drops string
		options     job.Options
		want, level string
	}{
		"an empty directory":    {"", "", nil, "", ""},
		"a glob without match":  {"*.csv", "a.txt@0", nil, "no files match", "WARN"},
		"hidden names only":     {"", ".a@0 _b@0", nil, "2 hidden names (by default those that begin with . or _), such as", "WARN"},
		"one hidden name":       {"", "_b@0", nil, "a hidden name (by default those that begin with . or _): _b", "WARN"},
		"filtered names only":   {"", "a.txt@0", given("pathGlobFilter", "*.csv"), "a file that pathGlobFilter leaves out: a.txt", "WARN"},
		"sub directories only":  {"", "sub/a@0", nil, "a sub directory (recursiveFileLookup=true reads it): sub", "WARN"},
		"beside what is read":   {"", "sub/a@0 a@0", nil, "a sub directory (recursiveFileLookup=true reads it): sub", "INFO"},
		"directories k=v":       {"", "k=1/a@0 a@0 j=2/b@0", nil, "sub directories k=v are left out", "WARN"},
		"a hidden file by glob": {"_*", "_a@0", nil, "a hidden name", "WARN"},
	} {
		dir := t.TempDir()
		for _, f := range strings.Fields(test.drops) {
			dropSpec(t, dir, f)
		}
		s, log := openLogged(t, filepath.Join(dir, test.path), test.options)
		var from sources.Offset
		take(t, s, &from)
		once := log.String()
		take(t, s, &from)
		if !strings.Contains(once, test.want) || !strings.Contains(once, test.level) || test.want == "" && once != "" || log.String() != once {
			t.Errorf("%s: said %s, then %s", name, once, log)
		}
	}
}

func TestPipesAndLinksToNowhereAreCounted(t *testing.T) {
	dir := t.TempDir()
	if err := syscall.Mkfifo(filepath.Join(dir, "fifo"), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink("nowhere", filepath.Join(dir, "link")); err != nil {
		t.Fatal(err)
	}
	s, log := openLogged(t, dir, nil)
	var from sources.Offset
	take(t, s, &from)
	if !strings.Contains(log.String(), "a pipe, socket or device: fifo; a link to nowhere: link") {
		t.Errorf("said %s", log)
	}
}

func TestFilesBesidePartitionsAreNotTaken(t *testing.T) {
	dir := t.TempDir()
	put(t, dir, "k=1/a", "one\n", 0)
	s, scan := openPartitioned(t, dir, "value STRING")
	text := &bytes.Buffer{}
	s.left.log = slog.New(slog.NewTextHandler(text, nil))
	put(t, dir, "beside", "two\n", 0)
	put(t, dir, "j=2/a", "three\n", 0)
	var from sources.Offset
	got, err := partitionedRows(t, s, scan, &from)
	if err != nil || strings.Join(got, " ") != "one|1" {
		t.Errorf("%q %v", got, err)
	}
	for _, f := range []string{"beside", "j=2/a"} {
		if s.seen.has(filepath.Join(dir, f)) || !strings.Contains(text.String(), "path="+filepath.Join(dir, f)) && !strings.Contains(text.String(), `path="`+filepath.Join(dir, f)) {
			t.Errorf("%s: taken %v, said %s", f, s.seen.has(filepath.Join(dir, f)), text)
		}
	}
}

func TestAPatternThatIsANameIsSaid(t *testing.T) {
	for name, test := range map[string]struct{ pattern, others, what, write string }{
		"brackets":     {"z[1]", "", "matches nothing", `z\[1\]`},
		"another name": {"z[1]", "z1/a@0", "matches other names, such as z1", `z\[1\]`},
		"braces":       {"a{b,c}", "", "matches nothing", `a\{b,c\}`},
		"backslash":    {`b\s`, "", "matches nothing", `b\\s`},
		"star":         {"x*y", "", "", ""},
		"question":     {"q?", "", "", ""},
		"ordinary":     {"in", "", "", ""},
		"a real glob":  {"i*", "", "", ""},
	} {
		dir := t.TempDir()
		literalName := test.pattern
		if name == "a real glob" {
			literalName = "in"
		}
		dropSpec(t, dir, literalName+"/f@0")
		for _, f := range strings.Fields(test.others) {
			dropSpec(t, dir, f)
		}
		l, err := newLister(tree{storage.OS}, filepath.Join(dir, test.pattern), &options{}, layout{})
		if err != nil {
			t.Fatal(err)
		}
		what, write := l.unmatched()
		if !strings.Contains(what, test.what) || filepath.Base(write) != filepath.Base(test.write) || (what == "") != (test.what == "") {
			t.Errorf("%s: %q, write %q", name, what, write)
		}
		if write == "" {
			continue
		}
		s := open(t, write, nil)
		to, err := s.LatestOffset(context.Background(), "", false)
		if err != nil || to == "" {
			t.Errorf("%s: %s reads nothing: %v", name, write, err)
		}
	}
}

func TestDiscretizedStreamsLeaveOutWhatMayNotBeRead(t *testing.T) {
	dir := shared(t)
	now := time.Now()
	later := now.Add(time.Second)
	for _, f := range []string{"a", "b", "sub/c", "sub/d", "barred/e"} {
		writeFile(t, filepath.Join(dir, f), "x\n")
		chmod(t, filepath.Join(dir, f), 0o644)
	}
	for _, f := range []string{"a", "b", "sub", "barred"} {
		if err := os.Chtimes(filepath.Join(dir, f), later, later); err != nil {
			t.Fatal(err)
		}
	}
	for _, f := range []string{"b", "sub/d", "barred"} {
		chmod(t, filepath.Join(dir, f), 0)
	}
	defer chmod(t, filepath.Join(dir, "barred"), 0o755)
	text := &bytes.Buffer{}
	env := testEnv(nil)
	env.Log, env.Now = slog.New(slog.NewTextHandler(text, nil)), func() time.Time { return now }
	s, err := NewInterval(dir, nil, lineDecoder(t), env, time.Second)
	if err != nil {
		t.Fatal(err)
	}
	var names []string
	asNobody(t, func() {
		found, err := s.find(later.Add(time.Second).UnixMilli())
		if err != nil {
			t.Error(err)
		}
		for _, c := range found {
			names = append(names, filepath.Base(c.path))
		}
	})
	slices.Sort(names)
	if !slices.Equal(names, []string{"a", "c"}) {
		t.Errorf("found %q", names)
	}
	if said := text.String(); strings.Count(said, "WARN") != 2 || !strings.Contains(said, "barred") {
		t.Errorf("said %s", said)
	}
	chmod(t, filepath.Join(dir, "b"), 0o644)
	if found, err := s.find(later.Add(2 * time.Second).UnixMilli()); err != nil || len(found) != 2 {
		t.Errorf("%d found once they may be read, %v", len(found), err)
	}
}

func TestFilesBesideTheOutputOfASinkAreSaid(t *testing.T) {
	dir := t.TempDir()
	log, err := checkpoint.OpenSinkLog(storage.OS, dir)
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range []string{"part-1@0", "part-2@0", "dropped@0", "_hidden@0"} {
		dropSpec(t, dir, f)
	}
	if err := log.Add(0, []checkpoint.SinkFile{{Path: filepath.Join(dir, "part-1"), Size: 2, ModTime: 1}}); err != nil {
		t.Fatal(err)
	}
	s, text := openLogged(t, dir, nil)
	var from sources.Offset
	for _, want := range []string{"part-1", ""} {
		if got := strings.Join(take(t, s, &from), " "); got != want {
			t.Errorf("took %q, want %q", got, want)
		}
	}
	if said := text.String(); strings.Count(said, "WARN") != 1 || !strings.Contains(said, "path="+dir+"/dropped count=1") {
		t.Errorf("said %s", said)
	}
}
