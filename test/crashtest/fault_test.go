package crashtest

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/streamctl/streamctl/internal/atomicfile"
	"github.com/streamctl/streamctl/internal/checkpoint"
	"github.com/streamctl/streamctl/internal/engine"
	"github.com/streamctl/streamctl/internal/job"
)

// Output and checkpoint directories on the in-memory disk.
const (
	outDir  = "/data/out"
	ckptDir = "/data/checkpoint"
)

// A scenario is a job that is tested with all faults.
type scenario struct {
	name    string
	formats []string // of the sinks, one stream each; "by k" means partitioned
	before  int      // number of files processed before anything fails
	during  int      // number of files for the failing run, one per batch
	steps   []job.Step
	again   bool // each row is in two files, and the steps drop one
	open    bool // the last row stays in the state
	joined  bool // there is a second input, which is one row behind
}

var scenarios = []scenario{
	{name: "a new checkpoint", formats: []string{"csv"}, during: 2},
	{name: "at a compaction", formats: []string{"json"}, before: 8, during: 3},
	{name: "several streams", formats: []string{"csv", "text"}, before: 1, during: 2},
	{name: "directories of partitions", formats: []string{"csv by k"}, during: 2},
	{name: "parquet", formats: []string{"parquet"}, during: 2},
	{name: "windows", formats: []string{"json"}, before: 1, during: 2, steps: windowed, open: true},
	{name: "windows and a snapshot", formats: []string{"json"}, before: 10, during: 3, steps: windowed, open: true},
	{name: "duplicates", formats: []string{"csv"}, before: 1, during: 2, steps: []job.Step{job.DropDuplicates{Columns: []job.Text{{Text: "a"}}}}, again: true},
	{name: "windows without duplicates", formats: []string{"json"}, during: 2, steps: append([]job.Step{job.Distinct{}}, windowed...), again: true, open: true},
	{name: "two streams", formats: []string{"csv"}, before: 2, during: 3, steps: joinedSteps, open: true, joined: true},
}

// otherInput is the name of the second input.
const otherInput = "other"

// timed has a time for each row, after the epoch, up to which rows are late at first. What comes last has the latest one.
var timed = []job.Step{
	job.WithColumn{Columns: []job.Named{{Name: "ts", Text: job.Text{Text: "timestamp_seconds(600 * coalesce(try_cast(substr(a, 4) AS INT) + 1, 999))"}}}},
	windowed[1],
}

// joinedSteps join each row with that of the second input, which lacks those with odd numbers: they come out when the last rows are there. A row with the
// wrong match counts as another one.
var joinedSteps = append(timed,
	job.Join{
		With: job.Ref{Stream: job.Name{Text: otherInput}}, How: job.Text{Text: "leftOuter"},
		Condition: job.Text{Text: "l.a = r.a AND r.ts BETWEEN l.ts - INTERVAL 5 MINUTES AND l.ts + INTERVAL 5 MINUTES"},
	},
	job.Select{Exprs: []job.Text{{Text: "if((r.a IS NULL) = (substr(l.a, 4) % 2 = 1), l.a, 'late') AS a"}}},
)

// windowed puts each row into another time window. The file that is added last closes all others; the delay lets files that a fault has held
// back come later than others.
var windowed = []job.Step{
	job.WithColumn{Columns: []job.Named{{Name: "ts", Text: job.Text{Text: "timestamp_seconds(600 * coalesce(try_cast(substr(a, 4) AS INT), 999))"}}}},
	job.WithWatermark{EventTime: job.Text{Text: "ts"}, Delay: job.Text{Text: "1 hour"}},
	job.GroupBy{Keys: []job.Text{{Text: "window(ts, '5 minutes')"}}, Aggregates: []job.Text{{Text: "collect_list(a) AS list"}}},
	job.Select{Exprs: []job.Text{{Text: "explode(list) AS a"}}},
}

// losses returns the ways of losing data to test at operation n: all of them if CRASH=full, else one of them in
// turn.
func losses(n int, list ...loss) []loss {
	if os.Getenv("CRASH") == "full" {
		return list
	}
	return []loss{list[n%len(list)]}
}

// TestEveryOperationCanFail makes each disk operation fail once, followed by a power failure after the failed
// run.
func TestEveryOperationCanFail(t *testing.T) {
	for _, s := range scenarios {
		t.Run(s.name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t, s)
			for n := 1; n <= w.operations; n++ {
				for _, how := range losses(n, keepsAll, losesAll) {
					w.check(t, n, false, how)
				}
			}
			t.Logf("%d operations", w.operations)
		})
	}
}

// TestThePowerCanFailAtEveryOperation makes the power fail at each operation and loses unsynced data in several
// ways.
func TestThePowerCanFailAtEveryOperation(t *testing.T) {
	for _, s := range scenarios {
		t.Run(s.name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t, s)
			for n := 1; n <= w.operations; n++ {
				for _, how := range losses(n, keepsAll, losesAll, losesData, losesNames, losesSome) {
					w.check(t, n, true, how)
				}
			}
			t.Logf("%d operations", w.operations)
		})
	}
}

// A world is the input, and the disk before the run that fails.
type world struct {
	scenario
	in         string
	start      *disk
	operations int // number of operations of the run that fails
	rows       []string
}

func newWorld(t *testing.T, s scenario) *world {
	t.Helper()
	w := &world{scenario: s, in: t.TempDir(), start: newDisk()}
	if err := os.Mkdir(filepath.Join(w.in, otherInput), 0o755); err != nil {
		t.Fatal(err)
	}
	w.drop(t, w.before)
	if w.before > 0 {
		w.mustRun(t, w.start, firstFiles)
		w.start.crash(keepsAll, 0)
	}
	w.drop(t, w.during)
	whole := w.start.mount(0, false)
	w.mustRun(t, whole, firstFiles)
	w.operations = whole.n
	w.dropFile(t, "late")
	if w.joined {
		if last := w.rows[len(w.rows)-1]; len(w.rows)%2 == 1 {
			w.dropRow(t, filepath.Join(otherInput, "late1.csv"), last)
		}
		w.dropRow(t, filepath.Join(otherInput, "late2.csv"), "end")
	}
	if !w.open {
		w.rows = append(w.rows, "late")
	}
	slices.Sort(w.rows)
	w.mustRun(t, whole, allFiles)
	w.verify(t, whole, "the whole run")
	return w
}

// drop adds files with one distinct row each.
func (w *world) drop(t testing.TB, n int) {
	t.Helper()
	for range n {
		row := fmt.Sprintf("row%02d", len(w.rows))
		w.rows = append(w.rows, row)
		w.dropFile(t, row)
		if w.again {
			w.dropCopy(t, row)
		}
		if n := len(w.rows) - 2; w.joined && n >= 0 && n%2 == 0 {
			w.dropRow(t, filepath.Join(otherInput, row+".csv"), w.rows[n])
		}
	}
}

func (w *world) dropFile(t testing.TB, row string) {
	t.Helper()
	w.dropRow(t, row+".csv", row)
}

// dropCopy adds another file with the same row.
func (w *world) dropCopy(t testing.TB, row string) {
	t.Helper()
	w.dropRow(t, row+"-again.csv", row)
}

func (w *world) dropRow(t testing.TB, name, row string) {
	t.Helper()
	name = filepath.Join(w.in, name)
	if err := os.WriteFile(name, []byte(row+","+row[len(row)-1:]+"\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	old := time.Now().Add(time.Duration(len(w.rows)-3600) * time.Second)
	if err := os.Chtimes(name, old, old); err != nil {
		t.Fatal(err)
	}
}

// job processes the files whose names match a pattern, one per batch.
func (w *world) job(pattern string) *job.Job {
	j := &job.Job{Conf: map[string]string{"spark.sql.session.timeZone": "UTC"}}
	for i, format := range w.formats {
		format, partitioned := strings.CutSuffix(format, " by k")
		s := &job.Stream{
			Name: fmt.Sprint(i), Steps: w.steps,
			Source: job.Source{
				Format: "csv", Path: w.in, Schema: job.Schema{Given: true, Text: "a STRING, k STRING"},
				Options: job.Options{{Name: "maxFilesPerTrigger", Value: "1"}, {Name: "pathGlobFilter", Value: pattern}},
			},
			Sink: job.Sink{
				Format: format, Path: fmt.Sprint(outDir, i), Checkpoint: fmt.Sprint(ckptDir, i), Trigger: job.Trigger{Kind: job.AvailableNow},
			},
		}
		switch {
		case partitioned:
			s.Sink.PartitionBy = []string{"k"}
		case format == "text":
			s.Source.Schema.Text = "a STRING"
		case format == "parquet":
			s.Sink.Options = job.Options{{Name: "compression", Value: "none"}}
		}
		j.Streams = append(j.Streams, s)
	}
	if w.joined {
		second := j.Streams[0].Source
		second.Path = filepath.Join(w.in, otherInput)
		j.Sources = []*job.Relation{{Name: otherInput, Source: second, Steps: timed}}
	}
	return j
}

func (w *world) run(d *disk, pattern string) error {
	_, err := engine.Run(context.Background(), w.job(pattern), engine.Env{FS: d, Workers: 1})
	return err
}

// The failing run does not see the file that is added before the next one.
const (
	firstFiles = "row*.csv"
	allFiles   = "*.csv"
)

func (w *world) mustRun(t testing.TB, d *disk, pattern string) {
	t.Helper()
	if err := w.run(d, pattern); err != nil {
		t.Fatal(err)
	}
}

// check makes operation n of a run fail, cuts the power, and then runs a second run, which may also fail, and a
// third one.
func (w *world) check(t *testing.T, n int, dies bool, how loss) {
	t.Helper()
	d := w.start.mount(n, dies)
	err := w.run(d, firstFiles)
	what := fmt.Sprintf("operation %d (%s), %s, error %v", n, d.failed, how, err)
	if err != nil && !errors.Is(err, errFault) && !errors.Is(err, errDead) {
		t.Errorf("%s: the error hides its cause", what)
	}
	d.crash(how, uint64(n))
	if dies && n%3 == 0 {
		d = d.mount(1+n*7%40, true)
		_ = w.run(d, allFiles)
		what += ", then " + d.failed
		d.crash(how, uint64(n))
	}
	d = d.mount(0, false)
	if err := w.run(d, allFiles); err != nil {
		t.Errorf("%s: the next run fails: %v", what, err)
		return
	}
	w.verify(t, d, what)
}

// verify compares the outputs with the input and checks for leftovers.
func (w *world) verify(t *testing.T, d *disk, what string) {
	t.Helper()
	for i, format := range w.formats {
		dir := fmt.Sprint(outDir, i)
		files, err := checkpoint.ReadSinkLog(d, dir)
		if err != nil {
			t.Errorf("%s: %v", what, err)
			return
		}
		var rows []string
		listed := map[string]bool{}
		for _, f := range files {
			text, err := atomicfile.Read(d, f.Path)
			if err != nil {
				t.Errorf("%s: a listed file: %v", what, err)
			}
			rows = append(rows, rowsOf(format, string(text))...)
			listed[filepath.Base(f.Path)] = true
		}
		slices.Sort(rows)
		if !slices.Equal(rows, w.rows) {
			t.Errorf("%s: output %d has %q, want %q", what, i, rows, w.rows)
		}
		w.tidy(t, d, dir, listed, what)
		w.complete(t, d, i, what)
	}
}

// rowName matches the values of column a.
var rowName = regexp.MustCompile(`row[0-9]+|late`)

// rowsOf extracts the rows from a part file. In Parquet, each value is also in the column statistics.
func rowsOf(format, text string) []string {
	rows := rowName.FindAllString(text, -1)
	if format == "parquet" {
		slices.Sort(rows)
		rows = slices.Compact(rows)
	}
	return rows
}

// tidy checks that readers that ignore the list see the same files, and that failed attempts left nothing
// behind.
func (w *world) tidy(t *testing.T, d *disk, dir string, listed map[string]bool, what string) {
	t.Helper()
	found := map[string]bool{}
	addFiles(found, d.walk(dir))
	if !maps.Equal(found, listed) {
		t.Errorf("%s: %s has %v, listed are %v", what, dir, found, listed)
	}
	for _, name := range sortedNames(d.walk(filepath.Join(dir, checkpoint.SinkLogDir)).entries) {
		if strings.HasPrefix(name, ".") && name != ".owner.json" {
			t.Errorf("%s: %s is left over", what, name)
		}
	}
}

// addFiles collects the names of the files below a directory, except those of the log.
func addFiles(found map[string]bool, dir *node) {
	for name, e := range dir.entries {
		switch {
		case name == checkpoint.SinkLogDir:
		case e.isDir:
			addFiles(found, e)
		default:
			found[name] = true
		}
	}
}

// complete checks that each logged batch is committed and that there are no temporary files in the checkpoint.
func (w *world) complete(t *testing.T, d *disk, i int, what string) {
	t.Helper()
	c, err := checkpoint.Open(d, fmt.Sprint(ckptDir, i))
	if err != nil {
		t.Errorf("%s: %v", what, err)
		return
	}
	if c.Offsets.Latest() != c.Commits.Latest() {
		t.Errorf("%s: stream %d has batches up to %d, committed up to %d", what, i, c.Offsets.Latest(), c.Commits.Latest())
	}
	dirs := []string{"", "offsets", "commits", "sources/0"}
	if w.joined {
		dirs = append(dirs, "sources/1")
	}
	for _, dir := range dirs {
		for _, name := range sortedNames(d.walk(filepath.Join(c.Dir, dir)).entries) {
			if atomicfile.IsTemp(name) {
				t.Errorf("%s: %s/%s is left over", what, dir, name)
			}
		}
	}
}
