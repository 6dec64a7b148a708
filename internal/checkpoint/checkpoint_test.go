package checkpoint

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/streamctl/streamctl/internal/storage"
)

func openTemp(t *testing.T) *Checkpoint {
	t.Helper()
	c, err := Open(storage.OS, t.TempDir())
	must(t, err)
	return c
}

func content(t *testing.T, elem ...string) string {
	t.Helper()
	b, err := os.ReadFile(filepath.Join(elem...))
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

func TestFilesHaveSparksBytes(t *testing.T) {
	c := openTemp(t)
	must(t, c.Offsets.Add(0, &OffsetSeq{Timestamp: 1795378025867, Conf: map[string]string{"b": "2", "a": "x\"y"}, Offsets: []string{`{"logOffset":0}`, ""}}))
	must(t, c.Commits.Add(0, 0))
	log, err := c.SourceLog(0, 0)
	must(t, err)
	must(t, log.Add(0, slices.Values([]SourceFile{{Path: "/d/a b%ü.csv", ModTime: 1795377988000}, {Path: "/d/b.csv", ModTime: 1}})))
	sink, err := OpenSinkLog(storage.OS, filepath.Join(c.Dir, "out"))
	must(t, err)
	must(t, sink.Add(0, []SinkFile{{Path: "/out/part-0.csv", Size: 8, ModTime: 1795378036401}}))
	values, err := c.Values(1)
	must(t, err)
	must(t, values.Set("1795378036401"))

	for name, want := range map[string]string{
		"metadata":              `{"id":"` + c.ID + `"}`,
		"offsets/0":             "v1\n" + `{"batchWatermarkMs":0,"batchTimestampMs":1795378025867,"conf":{"a":"x\"y","b":"2"}}` + "\n" + `{"logOffset":0}` + "\n-",
		"commits/0":             "v1\n" + `{"nextBatchWatermarkMs":0}`,
		"sources/0/0":           "v1\n" + `{"path":"file:///d/a%20b%25ü.csv","timestamp":1795377988000,"batchId":0}` + "\n" + `{"path":"file:///d/b.csv","timestamp":1,"batchId":0}`,
		"sources/1/0":           "v1\n1795378036401",
		"out/_spark_metadata/0": "v1\n" + `{"path":"file:///out/part-0.csv","size":8,"isDir":false,"modificationTime":1795378036401,"blockReplication":1,"blockSize":33554432,"action":"add"}`,
	} {
		if got := content(t, c.Dir, name); got != want {
			t.Errorf("%s is\n%s\nwant\n%s", name, got, want)
		}
	}
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func TestLogsRoundTrip(t *testing.T) {
	c := openTemp(t)
	in := OffsetSeq{Watermark: 7, Timestamp: 8, Conf: map[string]string{"k": "v"}, Offsets: []string{"", "4"}}
	must(t, c.Offsets.Add(0, &in))
	must(t, c.Commits.Add(0, 9))
	again, err := Open(storage.OS, c.Dir)
	must(t, err)
	if again.ID != c.ID || again.Offsets.Latest() != 0 || again.Commits.Latest() != 0 {
		t.Errorf("reopened: id %s, offsets %d, commits %d", again.ID, again.Offsets.Latest(), again.Commits.Latest())
	}
	out, err := again.Offsets.Get(0)
	must(t, err)
	if fmt.Sprint(*out) != fmt.Sprint(in) {
		t.Errorf("read %v, want %v", *out, in)
	}
	if w, err := again.Commits.Get(0); err != nil || w != 9 {
		t.Errorf("watermark %d, %v", w, err)
	}
}

func TestDamageIsReported(t *testing.T) {
	good := "v1\n" + `{"batchWatermarkMs":0,"batchTimestampMs":1,"conf":{}}` + "\n" + `{"logOffset":0}`
	for name, test := range map[string]struct{ file, text, want string }{
		"newer version":    {"offsets/0", strings.Replace(good, "v1", "v2", 1), "UnsupportedLogVersion"},
		"no version":       {"offsets/0", "hello", "first line"},
		"empty":            {"offsets/0", "", "first line"},
		"no offsets":       {"offsets/0", "v1\n{}", "ends early"},
		"cut in metadata":  {"offsets/0", good[:20] + "\n4", "metadata"},
		"cut in offset":    {"offsets/0", good[:len(good)-2], "cut off"},
		"cut commit":       {"commits/0", "v1\n{", "watermark"},
		"cut source entry": {"sources/0/0", "v1\n" + `{"path":"file`, "cut off"},
		"gap":              {"sources/0/1", "v1", "missing"},
		"bad metadata":     {"metadata", "{", "metadata"},
	} {
		t.Run(name, func(t *testing.T) {
			dir := t.TempDir()
			must(t, os.MkdirAll(filepath.Dir(filepath.Join(dir, test.file)), 0o755))
			if !strings.HasPrefix(test.file, "metadata") {
				must(t, os.WriteFile(filepath.Join(dir, "metadata"), []byte(`{"id":"x"}`), 0o644))
			}
			must(t, os.WriteFile(filepath.Join(dir, test.file), []byte(test.text), 0o644))
			err := readAll(dir)
			if err == nil || !strings.Contains(err.Error(), test.want) {
				t.Errorf("error %v, want one with %q", err, test.want)
			}
		})
	}
}

// readAll reads everything in a checkpoint.
func readAll(dir string) error {
	c, err := Open(storage.OS, dir)
	if err != nil {
		return err
	}
	if c.Offsets.Latest() >= 0 {
		if _, err := c.Offsets.Get(c.Offsets.Latest()); err != nil {
			return err
		}
	}
	if c.Commits.Latest() >= 0 {
		if _, err := c.Commits.Get(c.Commits.Latest()); err != nil {
			return err
		}
	}
	l, err := c.SourceLog(0, 0)
	if err != nil {
		return err
	}
	return l.Each(func(SourceFile) {})
}

func TestLogsWithoutMetadataAreRefused(t *testing.T) {
	c := openTemp(t)
	must(t, c.Commits.Add(0, 0))
	must(t, os.Remove(filepath.Join(c.Dir, "metadata")))
	if _, err := Open(storage.OS, c.Dir); err == nil || !strings.Contains(err.Error(), "STREAMING_CHECKPOINT_MISSING_METADATA_FILE") {
		t.Errorf("error %v", err)
	}
}

func TestAMissingBatchIsNamed(t *testing.T) {
	c := openTemp(t)
	if _, err := c.Offsets.Get(3); err == nil || !strings.Contains(err.Error(), "batch 3 doesn't exist") {
		t.Errorf("error %v", err)
	}
}

func TestTwoRunsOnOneLogAreNoticed(t *testing.T) {
	c := openTemp(t)
	other, err := Open(storage.OS, c.Dir)
	must(t, err)
	must(t, other.Commits.Add(0, 0))
	if err := c.Commits.Add(0, 0); err == nil || !strings.Contains(err.Error(), "CONCURRENT_STREAM_LOG_UPDATE") {
		t.Errorf("error %v", err)
	}
}

func TestAStaleChecksumOfHadoopIsRemoved(t *testing.T) {
	c := openTemp(t)
	crc := filepath.Join(c.Dir, "commits", ".0.crc")
	must(t, os.WriteFile(crc, []byte("crc"), 0o644))
	again, err := Open(storage.OS, c.Dir)
	must(t, err)
	must(t, again.Commits.Add(0, 0))
	if _, err := os.Stat(crc); !os.IsNotExist(err) {
		t.Errorf("%s is still there (%v)", crc, err)
	}
}

func TestLogsKeepTheLastHundredBatches(t *testing.T) {
	c := openTemp(t)
	for id := range int64(105) {
		must(t, c.Offsets.Add(id, &OffsetSeq{Offsets: []string{"1"}}))
		must(t, c.Purge(id))
		must(t, c.Commits.Add(id, 0))
	}
	if n := len(c.Offsets.log.ids); n != 101 || c.Offsets.log.ids[0] != 4 {
		t.Errorf("%d batches from %d on", n, c.Offsets.log.ids[0])
	}
	if list, _ := os.ReadDir(filepath.Join(c.Dir, "commits")); len(list) != 101 {
		t.Errorf("%d commit files", len(list))
	}
}

func TestSourceLogIsCompactedEveryTenthEntry(t *testing.T) {
	c := openTemp(t)
	log, err := c.SourceLog(0, 0)
	must(t, err)
	for id := range int64(12) {
		must(t, log.Add(id, slices.Values([]SourceFile{{Path: fmt.Sprintf("/d/%d", id), ModTime: id}})))
	}
	if got := strings.Count(content(t, c.Dir, "sources/0/9.compact"), "\n"); got != 10 {
		t.Errorf("9.compact has %d entries", got)
	}
	again, err := c.SourceLog(0, 0)
	must(t, err)
	var files []SourceFile
	must(t, again.Each(func(f SourceFile) { files = append(files, f) }))
	if again.Latest() != 11 || len(files) != 12 {
		t.Errorf("latest %d with %d files", again.Latest(), len(files))
	}
	for i, f := range files {
		if f.BatchID != int64(i) || f.Path != fmt.Sprintf("/d/%d", i) {
			t.Errorf("file %d is %v", i, f)
		}
	}
}

func TestCompactFilesArePreparedInParts(t *testing.T) {
	for name, disturb := range map[string]func(dir string){
		"undisturbed": func(string) {},
		"the draft vanishes": func(dir string) {
			for _, tmp := range temporaries(t, dir) {
				must(t, os.Remove(tmp))
			}
		},
	} {
		c := openTemp(t)
		log, err := c.SourceLog(0, 0)
		must(t, err)
		var want strings.Builder
		want.WriteString("v1")
		for id := range int64(50) {
			path := fmt.Sprintf("/d/%s-%d", strings.Repeat("x", 100), id)
			fmt.Fprintf(&want, "\n{\"path\":\"file://%s\",\"timestamp\":%d,\"batchId\":%d}", path, id, id)
			must(t, log.Add(id, slices.Values([]SourceFile{{Path: path, ModTime: id}})))
			if drafts := temporaries(t, c.SourceDir(0)); len(drafts) > 1 || id >= 9 && len(drafts) == 0 && name == "undisturbed" {
				t.Errorf("%s: after entry %d there are %v", name, id, drafts)
			}
			if id == 33 {
				disturb(c.SourceDir(0))
			}
			if id%7 > 0 { // leave some batches without a commit
				log.Tidy()
			}
			if id == 38 && name == "undisturbed" {
				all := len(content(t, c.Dir, "sources/0/29.compact"))
				info, err := os.Stat(temporaries(t, c.SourceDir(0))[0])
				must(t, err)
				if info.Size() < int64(all)*3/4 {
					t.Errorf("of %d bytes %d are prepared", all, info.Size())
				}
			}
		}
		if got := content(t, c.Dir, "sources/0/49.compact"); got != want.String() {
			t.Errorf("%s: 49.compact is %d bytes, want %d", name, len(got), want.Len())
		}
		log.Close()
		if left := temporaries(t, c.SourceDir(0)); len(left) > 0 {
			t.Errorf("%s: %v are left", name, left)
		}
	}
}

// temporaries lists the temporary files of a log.
func temporaries(t *testing.T, dir string) []string {
	t.Helper()
	found, err := filepath.Glob(filepath.Join(dir, ".*.tmp"))
	must(t, err)
	return found
}

func TestCompactIntervalFollowsTheFilesThere(t *testing.T) {
	for _, test := range []struct{ want, compactID, interval int64 }{{10, 9, 10}, {10, 4, 5}, {10, 19, 20}, {3, 29, 3}, {4, 29, 5}} {
		if got := deriveInterval(test.want, test.compactID); got != test.interval {
			t.Errorf("deriveInterval(%d, %d) = %d, want %d", test.want, test.compactID, got, test.interval)
		}
	}
}

func TestSinkLogKnowsItsBatches(t *testing.T) {
	dir := t.TempDir()
	l, err := OpenSinkLog(storage.OS, dir)
	must(t, err)
	if l.Has(0) {
		t.Error("an empty log has batch 0")
	}
	must(t, l.Add(0, []SinkFile{{Path: "/o/a", Size: 1, ModTime: 2}}))
	l, err = OpenSinkLog(storage.OS, dir)
	must(t, err)
	if !l.Has(0) || l.Has(1) {
		t.Error("batch 0 is not the newest")
	}
	if files, err := l.Files(); err != nil || len(files) != 1 || files[0] != (SinkFile{"/o/a", 1, 2}) {
		t.Errorf("files %v, %v", files, err)
	}
}

func TestACheckpointInMemoryWritesNothingAndDoesNotGrow(t *testing.T) {
	tmp := t.TempDir()
	t.Setenv("TMPDIR", tmp)
	t.Chdir(tmp)
	c := InMemory()
	sources, err := c.SourceLog(0, 0)
	must(t, err)
	for id := range int64(3 * Retain) {
		must(t, c.Offsets.Add(id, &OffsetSeq{Offsets: []string{"1"}}))
		must(t, sources.Add(id, slices.Values([]SourceFile{{Path: "/in/a"}})))
		sources.Tidy()
		must(t, c.Commits.Add(id, 0))
		must(t, c.Purge(id))
	}
	for name, latest := range map[string]int64{"offsets": c.Offsets.Latest(), "commits": c.Commits.Latest(), "sources": sources.Latest()} {
		if latest != 3*Retain-1 {
			t.Errorf("the newest entry of %s is %d", name, latest)
		}
	}
	for _, l := range []*batchLog{c.Offsets.log, c.Commits.log, sources.log.batchLog} {
		if len(l.ids)+len(l.compact) != 1 {
			t.Errorf("a log keeps %d entries and %d compact ones", len(l.ids), len(l.compact))
		}
	}
	if list, err := os.ReadDir(tmp); err != nil || len(list) > 0 {
		t.Errorf("on disk: %v, %v", list, err)
	}
	if err := sources.Each(func(SourceFile) {}); err == nil {
		t.Error("entries that were forgotten are given as if there had been none")
	}
}
