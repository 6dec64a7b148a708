package sinks

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/streamctl/streamctl/internal/checkpoint"
	"github.com/streamctl/streamctl/internal/codec/compress"
	"github.com/streamctl/streamctl/internal/job"
	"github.com/streamctl/streamctl/internal/storage"
	"github.com/streamctl/streamctl/internal/types"
	"github.com/streamctl/streamctl/internal/vector"
)

// files lists the output of a file sink: directory, name without its random part, and content.
func files(t *testing.T, dir string) string {
	t.Helper()
	random := regexp.MustCompile(`-[0-9a-f]{8}-[0-9a-f-]{27}`)
	var out []string
	err := filepath.WalkDir(dir, func(path string, e fs.DirEntry, err error) error {
		if err != nil || e.IsDir() {
			if e != nil && e.Name() == checkpoint.SinkLogDir {
				return filepath.SkipDir
			}
			return err
		}
		f, err := os.Open(path)
		if err != nil {
			return err
		}
		r, err := compress.ByPath(path).NewReader(f)
		if err != nil {
			return err
		}
		defer r.Close()
		text, err := io.ReadAll(r)
		rel, _ := filepath.Rel(dir, path)
		out = append(out, random.ReplaceAllString(rel, "")+"="+strings.ReplaceAll(string(text), "\n", ";"))
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return strings.Join(out, " ")
}

// fileStream returns a stream with a json sink.
func fileStream(dir string, by []string, options ...string) *job.Stream {
	s := &job.Stream{Sink: job.Sink{Format: "json", Path: dir, PartitionBy: by}}
	for i := 0; i < len(options); i += 2 {
		s.Sink.Options = append(s.Sink.Options, job.Option{Name: options[i], Value: options[i+1]})
	}
	return s
}

func textBatch(t *testing.T, cols ...[]any) *vector.Batch {
	t.Helper()
	b := &vector.Batch{N: len(cols[0])}
	for _, c := range cols {
		b.Cols = append(b.Cols, fill(t, types.String, c))
	}
	return b
}

var twoTexts = &types.Schema{Fields: []types.Field{{Name: "k", Type: types.String, Nullable: true}, {Name: "v", Type: types.String, Nullable: true}}}

// writeTasks writes one micro-batch with a batch of rows per task.
func writeTasks(t *testing.T, s Sink, id int64, batches ...*vector.Batch) {
	t.Helper()
	ctx := context.Background()
	out, err := s.Begin(ctx, id)
	if err != nil {
		t.Fatal(err)
	}
	for i, b := range batches {
		w, err := out.Partition(i, i)
		if err != nil {
			t.Fatal(err)
		}
		if err := errors.Join(w.Write(ctx, b), w.Close(ctx)); err != nil {
			t.Fatal(err)
		}
	}
	if err := out.Commit(ctx, len(batches)); err != nil {
		t.Fatal(err)
	}
}

func newFileSink(t *testing.T, s *job.Stream) Sink {
	t.Helper()
	sink, err := New(s, twoTexts, Env{Job: &job.Job{}})
	if err != nil {
		t.Fatal(err)
	}
	return sink
}

func TestRowsAreWrittenToTheirPartitionDirectories(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "out")
	sink := newFileSink(t, fileStream(dir, []string{"K"}))
	writeTasks(t, sink, 0, textBatch(t, []any{"b", "a", nil, "b", ""}, []any{"1", "2", "3", "4", "5"}), textBatch(t, []any{"a"}, []any{"6"}))
	want := `k=__HIVE_DEFAULT_PARTITION__/part-00000.c000.json={"v":"3"};{"v":"5"}; k=a/part-00000.c000.json={"v":"2"}; ` +
		`k=a/part-00001.c000.json={"v":"6"}; k=b/part-00000.c000.json={"v":"1"};{"v":"4"};`
	if got := files(t, dir); got != want {
		t.Errorf("%s\nwant %s", got, want)
	}
	log, _ := checkpoint.OpenSinkLog(storage.OS, dir)
	if list, err := log.Files(); err != nil || len(list) != 4 || list[0].Size != 20 {
		t.Errorf("%v %v", list, err)
	}
	writeTasks(t, sink, 1) // nothing to write, so no directory and no file
	if got := files(t, dir); got != want {
		t.Errorf("after an empty batch %s", got)
	}
}

func TestDirectoryNamesAreEscaped(t *testing.T) {
	for value, want := range map[string]string{
		"b/c=d": "k=b%2Fc%3Dd", "é%:*?": "k=é%25%3A%2A%3F", "a b": "k=a b", "..": "k=..", "../../x": "k=..%2F..%2Fx", "/etc": "k=%2Fetc",
		"a\x00\x01\n\x7f": "k=a%00%01%0A%7F", `"#'\{[]^}`: "k=%22%23%27%5C%7B%5B%5D%5E}",
	} {
		dir := t.TempDir()
		sink := newFileSink(t, fileStream(filepath.Join(dir, "out"), []string{"k"}))
		writeTasks(t, sink, 0, textBatch(t, []any{value}, []any{"1"}))
		if got := files(t, dir); got != "out/"+want+`/part-00000.c000.json={"v":"1"};` {
			t.Errorf("%q: %s", value, got)
		}
	}
}

func TestPartitionColumnsAreChecked(t *testing.T) {
	list := &types.Schema{Fields: []types.Field{{Name: "k", Type: types.ArrayOf(types.Int, true)}, {Name: "v", Type: types.Int}}}
	for by, want := range map[string]string{
		"k": "INVALID_PARTITION_COLUMN_DATA_TYPE", "v v": "COLUMN_ALREADY_EXISTS", "k v": "INVALID_PARTITION_COLUMN_DATA_TYPE", "x": "not among the columns",
	} {
		if _, err := New(fileStream("out", strings.Fields(by)), list, Env{Job: &job.Job{}}); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: error %v, want %s", by, err, want)
		}
	}
	if _, err := New(fileStream("out", []string{"k", "v"}), twoTexts, Env{Job: &job.Job{}}); err == nil || !strings.Contains(err.Error(), "ALL_PARTITION_COLUMNS_NOT_ALLOWED") {
		t.Errorf("error %v", err)
	}
}

func TestRecordsPerFileAreLimited(t *testing.T) {
	dir := t.TempDir()
	sink := newFileSink(t, fileStream(dir, nil, "maxRecordsPerFile", "2"))
	writeTasks(t, sink, 0, textBatch(t, []any{"a", "a", "a"}, []any{"1", "2", "3"}))
	want := `part-00000-c000.json={"k":"a","v":"1"};{"k":"a","v":"2"}; part-00000-c001.json={"k":"a","v":"3"};`
	if got := files(t, dir); got != want {
		t.Errorf("%s\nwant %s", got, want)
	}
	dir = t.TempDir()
	sink = newFileSink(t, fileStream(dir, []string{"k"}, "maxRecordsPerFile", "1"))
	writeTasks(t, sink, 0, textBatch(t, []any{"a", "b", "a"}, []any{"1", "2", "3"}))
	want = `k=a/part-00000.c000.json={"v":"1"}; k=a/part-00000.c001.json={"v":"3"}; k=b/part-00000.c000.json={"v":"2"};`
	if got := files(t, dir); got != want {
		t.Errorf("%s\nwant %s", got, want)
	}
	if _, err := New(fileStream(dir, nil, "maxRecordsPerFile", "x"), twoTexts, Env{Job: &job.Job{}}); err == nil {
		t.Error("x is a number of records")
	}
}

func TestPartFilesAreCompressed(t *testing.T) {
	for name, suffix := range map[string]string{"gzip": ".gz", "SNAPPY": ".snappy", "lz4": ".lz4", "deflate": ".deflate", "bzip2": ".bz2", "none": "", "uncompressed": ""} {
		dir := t.TempDir()
		sink := newFileSink(t, fileStream(dir, nil, "compression", name))
		writeTasks(t, sink, 0, textBatch(t, []any{"a"}, []any{"1"}))
		writeTasks(t, sink, 1)
		if got := files(t, dir); !strings.Contains(got, "part-00000-c000.json"+suffix+`={"k":"a","v":"1"};`) || strings.Count(got, "part-") != 2 {
			t.Errorf("%s: %s", name, got)
		}
	}
	nonsense := fileStream(t.TempDir(), nil, "compression", "nonsense")
	if _, err := New(nonsense, twoTexts, Env{Job: &job.Job{}}); err == nil || !strings.Contains(err.Error(), "CODEC_NOT_AVAILABLE") {
		t.Errorf("error %v", err)
	}
}

// Only for CSV is the option codec an alias of compression.
func TestOptionCodecAppliesToCSVOnly(t *testing.T) {
	for format, want := range map[string]string{"csv": ".csv.gz", "json": ".json", "text": ".txt"} {
		dir := t.TempDir()
		s := fileStream(dir, nil, "codec", "gzip")
		s.Sink.Format = format
		sink, err := New(s, &types.Schema{Fields: []types.Field{{Name: "v", Type: types.String}}}, Env{Job: &job.Job{}})
		if err != nil {
			t.Fatal(err)
		}
		writeTasks(t, sink, 0)
		if got, _ := filepath.Glob(filepath.Join(dir, "part-*-c000"+want)); len(got) != 1 {
			t.Errorf("%s: %q", format, got)
		}
	}
}

func TestManyDirectoriesNeedFewOpenFiles(t *testing.T) {
	const directories, rows = 3 * maxOpenFiles, 3
	for _, codec := range []string{"none", "gzip"} {
		fsys := &openCounter{FS: storage.OS}
		dir := t.TempDir()
		sink, err := New(fileStream(dir, []string{"k"}, "compression", codec), twoTexts, Env{Job: &job.Job{}, FS: fsys})
		if err != nil {
			t.Fatal(err)
		}
		var keys, values []any
		long := strings.Repeat("x", pendingBytes/directories/2)
		for i := range directories * rows {
			keys = append(keys, fmt.Sprint(i%directories))
			values = append(values, fmt.Sprint(i)+long)
		}
		writeTasks(t, sink, 0, textBatch(t, keys, values))
		got := files(t, dir)
		if strings.Count(got, "part-") != directories || strings.Count(got, long) != directories*rows {
			t.Errorf("%s: %d files, %d rows", codec, strings.Count(got, "part-"), strings.Count(got, long))
		}
		if fsys.most > maxOpenFiles || fsys.now != 0 {
			t.Errorf("%s: up to %d files are open, %d at the end", codec, fsys.most, fsys.now)
		}
	}
}

// An openCounter counts the open part files.
type openCounter struct {
	storage.FS
	now, most int
}

func (c *openCounter) opened(name string, f storage.File, err error) (storage.File, error) {
	if err != nil || !strings.HasPrefix(filepath.Base(name), ".part-") {
		return f, err
	}
	c.now++
	c.most = max(c.most, c.now)
	return &countedFile{f, c}, nil
}

func (c *openCounter) SyncDir(string) error { return nil }

func (c *openCounter) Create(name string) (storage.File, error) {
	f, err := c.FS.Create(name)
	return c.opened(name, f, err)
}

func (c *openCounter) Append(name string) (storage.File, error) {
	f, err := c.FS.Append(name)
	return c.opened(name, f, err)
}

type countedFile struct {
	storage.File
	c *openCounter
}

// Sync does nothing: durability is not under test here.
func (f *countedFile) Sync() error { return nil }

func (f *countedFile) Close() error {
	f.c.now--
	return f.File.Close()
}

func TestCrashLeavesNothingInDirectories(t *testing.T) {
	for n := range 20 {
		dir := t.TempDir()
		run := func(fsys storage.FS) error {
			sink, err := New(fileStream(dir, []string{"k"}), twoTexts, Env{Job: &job.Job{}, FS: fsys})
			if err != nil {
				return err
			}
			ctx := context.Background()
			b, err := sink.Begin(ctx, 0)
			if errors.Is(err, ErrHave) {
				return nil
			}
			if err != nil {
				return err
			}
			w, err := b.Partition(0, 0)
			if err != nil {
				return err
			}
			return errors.Join(w.Write(ctx, textBatch(t, []any{"a", "b"}, []any{"1", "2"})), w.Close(ctx), b.Commit(ctx, 1))
		}
		died := run(&dying{FS: &openCounter{FS: storage.OS}, left: n})
		if err := run(&openCounter{FS: storage.OS}); err != nil {
			t.Fatalf("after a crash at %d (%v): %v", n, died, err)
		}
		if got := files(t, dir); got != `k=a/part-00000.c000.json={"v":"1"}; k=b/part-00000.c000.json={"v":"2"};` {
			t.Errorf("after a crash at operation %d (%v): %s", n, died, got)
		}
	}
}
