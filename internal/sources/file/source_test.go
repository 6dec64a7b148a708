package file

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"go.uber.org/goleak"

	"github.com/streamctl/streamctl/internal/checkpoint"
	"github.com/streamctl/streamctl/internal/codec"
	"github.com/streamctl/streamctl/internal/codec/text"
	"github.com/streamctl/streamctl/internal/job"
	"github.com/streamctl/streamctl/internal/sources"
	"github.com/streamctl/streamctl/internal/storage"
	"github.com/streamctl/streamctl/internal/types"
	"github.com/streamctl/streamctl/internal/vector"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// epoch is the modification time 0 of tests, long settled.
var epoch = time.Date(2024, 1, 1, 0, 0, 0, 0, time.UTC)

// put writes a file with a modification time in seconds after epoch.
func put(t *testing.T, dir, name, text string, second int) {
	t.Helper()
	path := filepath.Join(dir, name)
	writeFile(t, path, text)
	at := epoch.Add(time.Duration(second) * time.Second)
	if err := os.Chtimes(path, at, at); err != nil {
		t.Fatal(err)
	}
}

func given(pairs ...string) job.Options {
	var o job.Options
	for i := 0; i < len(pairs); i += 2 {
		o = append(o, job.Option{Name: pairs[i], Value: pairs[i+1]})
	}
	return o
}

// open makes a source of text lines that remembers what it read in memory.
func open(t *testing.T, path string, opts job.Options) *Source {
	t.Helper()
	return openWith(t, path, opts, checkpoint.InMemory())
}

func openWith(t *testing.T, path string, opts job.Options, log *checkpoint.Checkpoint) *Source {
	t.Helper()
	s, err := New(path, opts, lineDecoder(t), testEnv(log))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = s.Close() })
	return s
}

func testEnv(log *checkpoint.Checkpoint) *sources.Env {
	return &sources.Env{FS: storage.OS, Log: slog.New(slog.DiscardHandler), Now: time.Now, Checkpoint: log, Stats: &sources.Stats{}}
}

var textSchema = &types.Schema{Fields: []types.Field{{Name: "value", Type: types.String, Nullable: true}}}

func lineDecoder(t *testing.T) *codec.Decoder {
	t.Helper()
	d, err := text.Codec.NewDecoder(nil, textSchema)
	if err != nil {
		t.Fatal(err)
	}
	return d
}

// take returns the names of the files of the next batch, in the order in which they were taken.
func take(t *testing.T, s *Source, from *sources.Offset) []string {
	t.Helper()
	to, err := s.LatestOffset(context.Background(), *from, false)
	if err != nil {
		t.Fatal(err)
	}
	var names []string
	a, _ := parseOffset(*from)
	b, _ := parseOffset(to)
	for id := a + 1; id <= b; id++ {
		for _, c := range s.batches[id] {
			names = append(names, filepath.Base(c.path))
		}
	}
	*from = to
	return names
}

// TestSelection drops files step by step and says which ones each look takes. A file is name@second or name@second:bytes.
func TestSelection(t *testing.T) {
	for name, test := range map[string]struct {
		options job.Options
		steps   []string // files dropped before a look
		want    []string // files taken by each look
	}{
		"by time, then by name":       {nil, []string{"b@1 c@0 a@1"}, []string{"c a b"}},
		"each once":                   {nil, []string{"a@0", "", "b@0"}, []string{"a", "", "b"}},
		"older files that come later": {nil, []string{"b@10", "a@0"}, []string{"b", "a"}},
		"max files":                   {given("maxFilesPerTrigger", "2"), []string{"a@0 b@1 c@2 d@3 e@4", "", "", ""}, []string{"a b", "c d", "e", ""}},
		"the rest goes first":         {given("maxFilesPerTrigger", "1"), []string{"b@1 c@2", "a@0", "", ""}, []string{"b", "c", "a", ""}},
		"a small rest is forgotten":   {given("maxFilesPerTrigger", "10"), []string{"a@0 b@1 c@2 d@3 e@4 f@5 g@6 h@7 i@8 j@9 l@11", "k@10", ""}, []string{"a b c d e f g h i j", "k l", ""}},
		"the cache has a size": {given("maxFilesPerTrigger", "1", "maxCachedFiles", "1"),
			[]string{"b@1 c@2 d@3", "a@0", "", ""}, []string{"b", "c", "a", "d"}},
		"newest first":      {given("maxFilesPerTrigger", "1", "latestFirst", "true"), []string{"a@0 b@1 c@2", "d@5", "", ""}, []string{"c", "d", "b", "a"}},
		"max bytes":         {given("maxBytesPerTrigger", "10"), []string{"a@0:6 b@1:4 c@2:1 d@3:20 e@4:1", "", "", ""}, []string{"a b", "c", "d", "e"}},
		"no skipping ahead": {given("maxBytesPerTrigger", "5"), []string{"a@0:3 b@1:4 c@2:2", "", ""}, []string{"a", "b", "c"}},
		"too old":           {given("maxFileAge", "10s"), []string{"a@0 b@100", "c@80 d@95", "e@90"}, []string{"a b", "d", "e"}},
		"newest first has no age": {given("maxFileAge", "10s", "latestFirst", "true", "maxFilesPerTrigger", "1"),
			[]string{"a@0 b@100", ""}, []string{"b", "a"}},
		"name only":          {given("fileNameOnly", "true", "recursiveFileLookup", "true"), []string{"x/a@0 y/a@1", "z/a@2"}, []string{"a a", ""}},
		"hidden":             {nil, []string{".a@0 _b@0 _k=v@0 .k=v@0 c._COPYING_@0 d.tmp@0 _metadata@0 _common_metadata.x@0"}, []string{"_k=v d.tmp"}},
		"hidden as told":     {given("ignoredPathSegmentRegex", "tmp"), []string{".a@0 _b@0 _tmp=v@0 c._COPYING_@0 d.tmp@0 tmp@0 _metadata@0"}, []string{".a _b _tmp=v"}},
		"nothing hidden":     {given("ignoredPathSegmentRegex", ""), []string{".a@0 _b@0 c._COPYING_@0 _metadata@0"}, []string{".a _b"}},
		"hidden directories": {given("recursiveFileLookup", "true"), []string{"_x/a@0 .y/b@0 _x=1/c@0 _metadata/d@0 z/_e@0 z/f@0 z/_metadata@0"}, []string{"d c f"}},
		"directories hidden as told": {given("recursiveFileLookup", "true", "ignoredPathSegmentRegex", "^t.*$"),
			[]string{"_x/a@0 tmp/b@0 xt/c@0"}, []string{"a c"}},
		"name filter":        {given("pathGlobFilter", "*.{csv,txt}"), []string{"a.csv@0 b.CSV@1 c.txt@2 d@3"}, []string{"a.csv c.txt"}},
		"no subdirectories":  {nil, []string{"a@0 sub/b@1"}, []string{"a"}},
		"all subdirectories": {given("recursiveFileLookup", "true"), []string{"a@0 sub/b@1 sub/k=1/c@2 .h/d@3"}, []string{"a b c"}},
	} {
		t.Run(name, func(t *testing.T) {
			dir := t.TempDir()
			s := open(t, dir, test.options)
			var from sources.Offset
			for i, step := range test.steps {
				for _, f := range strings.Fields(step) {
					dropSpec(t, dir, f)
				}
				if got := strings.Join(take(t, s, &from), " "); got != test.want[i] {
					t.Errorf("look %d took %q, want %q", i, got, test.want[i])
				}
			}
		})
	}
}

func dropSpec(t *testing.T, dir, spec string) {
	t.Helper()
	name, at, _ := strings.Cut(spec, "@")
	second, size := 0, 1
	if strings.Contains(at, ":") {
		_, _ = fmt.Sscanf(at, "%d:%d", &second, &size)
	} else {
		_, _ = fmt.Sscanf(at, "%d", &second)
	}
	put(t, dir, name, strings.Repeat("x", size-1)+"\n", second)
}

func TestAllIgnoresTheLimits(t *testing.T) {
	dir := t.TempDir()
	for _, f := range []string{"a@0", "b@1"} {
		dropSpec(t, dir, f)
	}
	s := open(t, dir, given("maxFilesPerTrigger", "1"))
	if _, err := s.LatestOffset(context.Background(), "", true); err != nil || len(s.batches[0]) != 2 {
		t.Errorf("%d files, %v", len(s.batches[0]), err)
	}
}

func TestAFrozenEndHoldsLimits(t *testing.T) {
	dir := t.TempDir()
	for _, f := range []string{"a@0", "b@1"} {
		dropSpec(t, dir, f)
	}
	s := open(t, dir, given("maxFilesPerTrigger", "1"))
	if err := s.FreezeEnd(context.Background()); err != nil {
		t.Fatal(err)
	}
	dropSpec(t, dir, "c@2")
	var from sources.Offset
	for _, want := range []string{"a", "b", ""} {
		if got := strings.Join(take(t, s, &from), " "); got != want {
			t.Errorf("took %q, want %q", got, want)
		}
	}
}

func TestGlobsAndSingleFiles(t *testing.T) {
	dir := t.TempDir()
	for _, f := range []string{"x/a@0", "x/_b@1", "y/c@2", "_z/d@3"} {
		dropSpec(t, dir, f)
	}
	for path, want := range map[string]string{"*": "a c d", "x/*": "a", "x/a": "a", "x/_*": "", "_*": "d", "x/{_b,a}": "a", "{x,y}": "a c", "no*": ""} {
		s := open(t, filepath.Join(dir, path), nil)
		var from sources.Offset
		if got := strings.Join(take(t, s, &from), " "); got != want {
			t.Errorf("%s took %q, want %q", path, got, want)
		}
	}
}

func TestDevicesAndPipesAreSkipped(t *testing.T) {
	dir := t.TempDir()
	if err := syscall.Mkfifo(filepath.Join(dir, "fifo"), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink("/dev/zero", filepath.Join(dir, "zero")); err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink("nowhere", filepath.Join(dir, "broken")); err != nil {
		t.Fatal(err)
	}
	s := open(t, dir, nil)
	var from sources.Offset
	if got := take(t, s, &from); got != nil {
		t.Errorf("took %q", got)
	}
}

func TestTheOutputOfAFileSinkIsReadByItsLog(t *testing.T) {
	dir := t.TempDir()
	log, err := checkpoint.OpenSinkLog(storage.OS, dir)
	if err != nil {
		t.Fatal(err)
	}
	dropSpec(t, dir, "committed@0")
	dropSpec(t, dir, "abandoned@0")
	if err := log.Add(0, []checkpoint.SinkFile{{Path: filepath.Join(dir, "committed"), Size: 2, ModTime: 1}}); err != nil {
		t.Fatal(err)
	}
	s := open(t, dir, nil)
	var from sources.Offset
	if got := take(t, s, &from); !slices.Equal(got, []string{"committed"}) {
		t.Errorf("took %q", got)
	}
}

func TestARemovedDirectoryIsAnError(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "in")
	dropSpec(t, dir, "a@0")
	s := open(t, dir, nil)
	var from sources.Offset
	take(t, s, &from)
	if err := os.RemoveAll(dir); err != nil {
		t.Fatal(err)
	}
	if _, err := s.LatestOffset(context.Background(), from, false); err == nil || !strings.Contains(err.Error(), "PATH_NOT_FOUND") {
		t.Errorf("error %v", err)
	}
}

func TestOptionErrors(t *testing.T) {
	for want, opts := range map[string]job.Options{
		"Invalid value '0' for option 'maxFilesPerTrigger', must be a positive integer": given("maxFilesPerTrigger", "0"),
		"Options 'maxFilesPerTrigger' and 'maxBytesPerTrigger' can't be both set":       given("maxFilesPerTrigger", "1", "MAXBYTESPERTRIGGER", "1"),
		"option 'modifiedbefore' is not allowed in file stream sources":                 given("modifiedBefore", "2024-01-01"),
		"Invalid value 'x' for option 'latestFirst'":                                    given("latestFirst", "x"),
		"Invalid value '5 parsecs' for option 'maxFileAge'":                             given("maxFileAge", "5 parsecs"),
		"Illegal file pattern": given("pathGlobFilter", "{a"),
		"The 'ignoredPathSegmentRegex' value '(' is not a valid": given("ignoredPathSegmentRegex", "("),
	} {
		if _, err := parseOptions(opts, nil); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("error %v, want %q", err, want)
		}
	}
}

func TestAFileBeingWrittenIsGivenTimeToSettle(t *testing.T) {
	now := time.Now()
	s := settler{fsys: tree{storage.OS}, now: func() time.Time { return now }, waiting: map[string]time.Time{}}
	dir := t.TempDir()
	for name, test := range map[string]struct {
		text  string
		age   time.Duration
		ready bool
	}{
		"young and empty":          {"", 0, false},
		"young and cut":            {"a,1\nb", 500 * time.Millisecond, false},
		"young and whole":          {"a,1\n", 0, true},
		"settled and empty":        {"", time.Second, true},
		"settled and cut":          {"a,1", time.Second, true},
		"from the future, cut":     {"a", -time.Hour, false},
		"from the future but done": {"a\n", -time.Hour, true},
	} {
		path := filepath.Join(dir, name)
		writeFile(t, path, test.text)
		if got := s.ready(&candidate{path, int64(len(test.text)), now.Add(-test.age)}); got != test.ready {
			t.Errorf("%s: ready %v", name, got)
		}
	}
	now = now.Add(time.Second)
	if !s.ready(&candidate{filepath.Join(dir, "from the future, cut"), 1, now.Add(time.Hour)}) {
		t.Error("a file from the future is held back for ever")
	}
}

// read plans and reads a range and gives the values of all rows.
func read(t *testing.T, s *Source, from, to sources.Offset) []string {
	t.Helper()
	scan := &sources.Scan{Scan: codec.Scan{Fields: textSchema.Fields, Schema: textSchema}}
	parts, err := s.Plan(context.Background(), from, to, scan)
	if err != nil {
		t.Fatal(err)
	}
	return readAll(t, parts)
}

func readAll(t *testing.T, parts []sources.Partition) []string {
	t.Helper()
	var rows []string
	for _, p := range parts {
		r, err := p.Open(context.Background())
		if err != nil {
			t.Fatal(err)
		}
		for {
			var b *vector.Batch
			if b, err = r.Next(context.Background()); err != nil {
				break
			}
			for i := range b.N {
				rows = append(rows, string(b.Cols[0].Bytes(i)))
			}
		}
		if err != io.EOF {
			t.Fatal(err)
		}
		_ = r.Close()
	}
	return rows
}

func TestABatchHasTheLargestFilesFirst(t *testing.T) {
	dir := t.TempDir()
	put(t, dir, "a", "a\n", 0)
	put(t, dir, "b", "bbbbb\n", 1)
	put(t, dir, "c", "ccc\n", 2)
	put(t, dir, "d", "ddd\n", 3)
	s := open(t, dir, nil)
	var to sources.Offset
	take(t, s, &to)
	if got := read(t, s, "", to); !slices.Equal(got, []string{"bbbbb", "ccc", "ddd", "a"}) {
		t.Errorf("rows %q", got)
	}
}

func TestTasksArePackedAsSparkDoes(t *testing.T) {
	const mb = 1 << 20
	for name, test := range map[string]struct {
		sizes []int64
		want  string // task:pieces of each task
	}{
		"small files share a task":   {[]int64{10, 20, 30}, "0:3"},
		"one file of several splits": {[]int64{300 * mb}, "0:64 1:64 2:22"},
		"a task is full":             {[]int64{120 * mb, 10 * mb}, "0:60 1:5"},
	} {
		s := open(t, t.TempDir(), nil)
		s.plan = plan{scan: &sources.Scan{}}
		for _, size := range test.sizes {
			s.plan.files = append(s.plan.files, planned{File: vector.File{Size: size}})
		}
		count := map[int]int{}
		var tasks []string
		total := int64(0)
		for _, p := range s.partitions() {
			count[p.Task()] += len(p.(*partition).pieces)
			total += p.(*partition).bytes
		}
		for task := range len(count) {
			tasks = append(tasks, fmt.Sprintf("%d:%d", task, count[task]))
		}
		if got := strings.Join(tasks, " "); got != test.want {
			t.Errorf("%s: tasks %s, want %s", name, got, test.want)
		}
		want := int64(0)
		for _, size := range test.sizes {
			want += size
		}
		if total != want {
			t.Errorf("%s: %d bytes planned, want %d", name, total, want)
		}
	}
}

func TestLargeFilesAreCutWithoutLosingLines(t *testing.T) {
	dir := t.TempDir()
	var text strings.Builder
	var want []string
	for i := 0; text.Len() < 3*pieceBytes; i++ {
		line := strings.Repeat(string(rune('a'+i%26)), i%97)
		text.WriteString(line + "\n")
		want = append(want, line)
	}
	put(t, dir, "a", text.String(), 0)
	s := open(t, dir, nil)
	var to sources.Offset
	take(t, s, &to)
	if got := read(t, s, "", to); !slices.Equal(got, want) {
		t.Errorf("%d rows, want %d", len(got), len(want))
	}
	// Progress counts each byte once, though pieces are read beyond their ends.
	if stats := s.env.Stats; stats.BatchRead.Load() != int64(text.Len()) || stats.BatchBytes.Load() != int64(text.Len()) {
		t.Errorf("%d of %d bytes read, want %d", stats.BatchRead.Load(), stats.BatchBytes.Load(), text.Len())
	}
}

func TestAFileThatGrowsWhileItIsReadIsReadToItsNewEnd(t *testing.T) {
	dir := t.TempDir()
	put(t, dir, "a", "1\n2\n", 0)
	s := open(t, dir, nil)
	var to sources.Offset
	take(t, s, &to)
	read(t, s, "", to)
	appendTo(t, filepath.Join(dir, "a"), "3\n4\n")
	more, err := s.Recheck(context.Background())
	if err != nil {
		t.Fatal(err)
	}
	if got := readAll(t, more); !slices.Equal(got, []string{"3", "4"}) {
		t.Errorf("tail %q", got)
	}
	if more, err = s.Recheck(context.Background()); err != nil || more != nil {
		t.Errorf("again %v, %v", more, err)
	}
}

func TestTimesOfLogsAreNoChange(t *testing.T) {
	now := time.Date(2024, 1, 1, 0, 0, 0, 123_456_789, time.UTC)
	for millis, want := range map[int64]bool{now.UnixMilli(): true, now.UnixMilli() + 1: false} {
		if got := sameTime(time.UnixMilli(millis), now); got != want {
			t.Errorf("%d: same %v", millis, got)
		}
	}
	if sameTime(now, now.Add(time.Nanosecond)) {
		t.Error("a nanosecond is a change")
	}
}

func TestAFileThatChangesWhileItIsReadIsReadAgain(t *testing.T) {
	for name, change := range map[string]string{"cut line": "23", "rewritten": ""} {
		dir := t.TempDir()
		path := filepath.Join(dir, "a")
		put(t, dir, "a", "1", 0)
		s := open(t, dir, nil)
		var to sources.Offset
		take(t, s, &to)
		read(t, s, "", to)
		if change != "" {
			appendTo(t, path, change)
		} else {
			writeFile(t, path, "9")
		}
		if _, err := s.Recheck(context.Background()); !errors.Is(err, sources.ErrChanged) {
			t.Errorf("%s: error %v", name, err)
		}
		text, _ := os.ReadFile(path)
		if got := read(t, s, "", to); !slices.Equal(got, []string{string(text)}) {
			t.Errorf("%s: rows %q", name, got)
		}
		if _, err := s.Recheck(context.Background()); err != nil {
			t.Errorf("%s: again %v", name, err)
		}
	}
}

func TestAFileThatIsCutOffBeforeItIsReadIsReadAgain(t *testing.T) {
	dir := t.TempDir()
	put(t, dir, "a", "1\n2\n3\n", 0)
	s := open(t, dir, nil)
	var to sources.Offset
	take(t, s, &to)
	if err := os.Truncate(filepath.Join(dir, "a"), 2); err != nil {
		t.Fatal(err)
	}
	for range 2 {
		if got := read(t, s, "", to); !slices.Equal(got, []string{"1"}) {
			t.Errorf("rows %q", got)
		}
		_, err := s.Recheck(context.Background())
		if err == nil {
			return
		}
		if !errors.Is(err, sources.ErrChanged) {
			t.Fatal(err)
		}
	}
	t.Error("it still is not what was planned")
}

func appendTo(t *testing.T, path, text string) {
	t.Helper()
	f, err := os.OpenFile(path, os.O_APPEND|os.O_WRONLY, 0)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	if _, err := f.WriteString(text); err != nil {
		t.Fatal(err)
	}
}

func TestGrowthAfterReadingIsCounted(t *testing.T) {
	dir := t.TempDir()
	put(t, dir, "a", "1\n", 0)
	s := open(t, dir, nil)
	var to sources.Offset
	take(t, s, &to)
	read(t, s, "", to)
	if _, err := s.Recheck(context.Background()); err != nil {
		t.Fatal(err)
	}
	appendTo(t, filepath.Join(dir, "a"), "2\n")
	appendTo(t, filepath.Join(dir, "a"), "3\n")
	if got := take(t, s, &to); got != nil {
		t.Errorf("took %q", got)
	}
	_ = s.Close()
	if st := s.env.Stats; st.ChangedFiles.Load() != 1 || st.UnreadBytes.Load() != 4 {
		t.Errorf("%d files, %d bytes", st.ChangedFiles.Load(), st.UnreadBytes.Load())
	}
}

func TestUnreadableFilesAreNamed(t *testing.T) {
	for name, want := range map[string]string{"a": "FAILED_READ_FILE.FILE_NOT_EXIST", "b.gz": "FAILED_READ_FILE.NO_HINT"} {
		dir := t.TempDir()
		put(t, dir, name, "this is not gzip\n", 0)
		s := open(t, dir, nil)
		var to sources.Offset
		take(t, s, &to)
		if name == "a" {
			if err := os.Remove(filepath.Join(dir, name)); err != nil {
				t.Fatal(err)
			}
		}
		parts, err := s.Plan(context.Background(), "", to, &sources.Scan{Scan: codec.Scan{Fields: textSchema.Fields, Schema: textSchema}})
		if err != nil {
			t.Fatal(err)
		}
		r, err := parts[0].Open(context.Background())
		if err == nil {
			_, err = r.Next(context.Background())
			_ = r.Close()
		}
		if err == nil || !strings.Contains(err.Error(), want) || !strings.Contains(err.Error(), name) {
			t.Errorf("%s: error %v", name, err)
		}
	}
}

func TestNotificationsWakeTheSource(t *testing.T) {
	for name, test := range map[string]struct {
		pattern, file string
		options       job.Options
	}{
		"directory":        {"in", "in/new", nil},
		"new subdirectory": {"in", "in/sub/new", given("recursiveFileLookup", "true")},
		"glob":             {"in*", "in/new", nil},
		"glob of files":    {"in/n*", "in/new", nil},
	} {
		t.Run(name, func(t *testing.T) {
			dir := t.TempDir()
			dropSpec(t, dir, "in/old@0")
			s := open(t, filepath.Join(dir, test.pattern), test.options)
			wake := s.Wake()
			var from sources.Offset
			take(t, s, &from)
			drain(wake)
			take(t, s, &from)
			dropSpec(t, dir, test.file+"@1")
			for start := time.Now(); ; {
				if got := take(t, s, &from); slices.Equal(got, []string{"new"}) {
					return
				}
				if time.Since(start) > time.Minute {
					t.Fatal("no wake-up")
				}
				select {
				case <-wake:
				case <-time.After(3 * time.Second):
				}
			}
		})
	}
}

func drain(c <-chan struct{}) {
	select {
	case <-c:
	case <-time.After(10 * time.Millisecond):
	}
}

func TestTheLogIsReadAgainAfterARestart(t *testing.T) {
	dir := t.TempDir()
	log, err := checkpoint.Open(storage.OS, t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	dropSpec(t, dir, "a@0")
	var to sources.Offset
	take(t, openWith(t, dir, nil, log), &to)
	dropSpec(t, dir, "b@1")
	s := openWith(t, dir, nil, log)
	if err := s.Recover(context.Background(), sources.Logged{Last: to, Again: true}); err != nil {
		t.Fatal(err)
	}
	if got := read(t, s, "", to); len(got) != 1 {
		t.Errorf("the batch has rows %q", got)
	}
	if got := take(t, s, &to); !slices.Equal(got, []string{"b"}) {
		t.Errorf("took %q", got)
	}
}
