package crashtest

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"maps"
	"math/rand/v2"
	"os"
	"path"
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

// A history is a random sequence of events in the life of directories and the queries that read them. Files are
// created, appended to, renamed and deleted, and created again under a name used before. Queries run, are
// killed, lose power, are refused, and lose their checkpoint or output. One to three queries may share
// directories, outputs and checkpoints.
//
// The property: after a successful run, each row of each file in its source directory is in its output exactly
// once, or a message of this or an earlier run named the file.

// TestNoRowIsLostSilently replays random histories. HISTORIES is their number and HISTORY_SEED the first
// seed.
func TestNoRowIsLostSilently(t *testing.T) {
	histories := count("HISTORIES", 250)
	first, failures := count("HISTORY_SEED", 1), 0
	root := historyRoot(t)
	var total historyCounts
	for i := range histories {
		events := newHistory(uint64(first + i))
		failure, done := replay(t, root, events)
		total.add(done)
		if failure == "" {
			continue
		}
		events, failure = shrink(t, root, events, failure)
		t.Errorf("HISTORY_SEED=%d HISTORIES=1: %s\nevents:\n\t%s", first+i, failure, strings.Join(describe(events), "\n\t"))
		if failures++; failures == 5 {
			break
		}
	}
	t.Logf("%d histories: %v", histories, total)
	if histories > 100 && total.exactlyOnce < total.rows/3 {
		t.Error("the histories say little: most rows are excused by a message")
	}
}

// historyRoot returns a directory in memory, if possible, because a history creates hundreds of small files.
func historyRoot(t *testing.T) string {
	t.Helper()
	dir, err := os.MkdirTemp("/dev/shm", "history")
	if err != nil {
		return t.TempDir()
	}
	t.Cleanup(func() { _ = os.RemoveAll(dir) })
	return dir
}

// An action is a kind of event.
type action uint8

const (
	drop      action = iota // create a file under a name that may have been used before
	appendTo                // append a row to a file
	overwrite               // replace the rows of a file
	rename                  // rename a file
	remove                  // delete a file
	run                     // run a query until it ends
	kill                    // kill a query at an operation
	powerLoss               // cut the power of a query's machine at an operation
	loseCheckpoint
	loseOutput
)

var actionNames = []string{"drop", "append to", "overwrite", "rename", "remove", "run", "kill", "cut the power of", "delete the checkpoint of", "delete the output of"}

// An event is an action and its arguments, whose meaning depends on the action.
type event struct {
	action    action
	query     historyQuery
	file, to  int // indexes into fileNames
	directory int
	rows      int
	old       bool // the file's time is ten days in the past
	operation int  // at which the process dies
	loss      loss
}

// A historyQuery names the directories of a query.
type historyQuery struct{ in, out, checkpoint int }

var fileNames = []string{"a.csv", "b.csv", "c.csv", "a.csv.1"}

// newHistory returns the events for a seed. All queries run at the end.
func newHistory(seed uint64) []event {
	random := rand.New(rand.NewPCG(seed, 7))
	queries := make([]historyQuery, 1+random.IntN(3))
	for i := range queries {
		queries[i] = historyQuery{random.IntN(2), random.IntN(len(queries)), random.IntN(len(queries))}
	}
	var events []event
	for range 3 + random.IntN(14) {
		e := event{
			query: queries[random.IntN(len(queries))], file: random.IntN(len(fileNames)), to: random.IntN(len(fileNames)), directory: random.IntN(2),
			rows: 1 + random.IntN(3), old: random.IntN(12) == 0, operation: 1 + random.IntN(150), loss: []loss{losesAll, losesData, losesNames, losesSome}[random.IntN(4)],
		}
		e.action = []action{drop, drop, drop, drop, appendTo, overwrite, rename, remove, run, run, run, kill, kill, powerLoss, loseCheckpoint, loseOutput}[random.IntN(16)]
		events = append(events, e)
	}
	for _, q := range queries {
		events = append(events, event{action: run, query: q})
	}
	return events
}

func (e event) String() string {
	name := actionNames[e.action]
	switch e.action {
	case drop, overwrite:
		return fmt.Sprintf("%s in%d/%s (%d rows, old: %v)", name, e.directory, fileNames[e.file], e.rows, e.old)
	case appendTo, remove:
		return fmt.Sprintf("%s in%d/%s", name, e.directory, fileNames[e.file])
	case rename:
		return fmt.Sprintf("%s in%d/%s to %s", name, e.directory, fileNames[e.file], fileNames[e.to])
	case kill, powerLoss:
		return fmt.Sprintf("%s %+v at operation %d (%s)", name, e.query, e.operation, e.loss)
	}
	return fmt.Sprintf("%s %+v", name, e.query)
}

func describe(events []event) []string {
	var lines []string
	for _, e := range events {
		lines = append(lines, e.String())
	}
	return lines
}

// historyCounts counts what the histories of a test did, so that the test fails if they do nothing.
type historyCounts struct{ succeeded, refused, died, rows, exactlyOnce int }

func (c *historyCounts) add(d historyCounts) {
	c.succeeded += d.succeeded
	c.refused += d.refused
	c.died += d.died
	c.rows += d.rows
	c.exactlyOnce += d.exactlyOnce
}

func (c historyCounts) String() string {
	return fmt.Sprintf("%d runs succeeded, %d were refused or failed, %d died; %d rows were compared, %d were in an output exactly once",
		c.succeeded, c.refused, c.died, c.rows, c.exactlyOnce)
}

// A historyFile is a file in a source directory.
type historyFile struct {
	rows  []string
	names []string // all base names that the rows have been under
}

// A past is the state in the middle of a history.
type past struct {
	root     string // of the source directories
	disk     *disk  // with outputs and checkpoints
	clock    time.Time
	rows     int
	files    map[string]*historyFile // by path
	messages []string
	done     historyCounts
}

// replay executes the events until the property is violated. It returns a description of the violation, or "".
func replay(t *testing.T, root string, events []event) (failure string, done historyCounts) {
	t.Helper()
	p := &past{root: root, disk: newDisk(), clock: time.Now().Add(-2 * time.Hour), files: map[string]*historyFile{}}
	must(t, os.RemoveAll(root))
	for i := range 2 {
		must(t, os.MkdirAll(p.directory(i), 0o755))
	}
	for i, e := range events {
		p.clock = p.clock.Add(time.Second)
		if failure := p.do(t, e); failure != "" {
			return fmt.Sprintf("event %d: %s\nmessages:\n\t%s", i+1, failure, strings.Join(p.messages, "\n\t")), p.done
		}
	}
	return "", p.done
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func (p *past) directory(i int) string { return filepath.Join(p.root, fmt.Sprint("in", i)) }

func (p *past) do(t *testing.T, e event) (failure string) {
	t.Helper()
	switch e.action {
	case drop, overwrite, appendTo, rename, remove:
		p.change(t, e, filepath.Join(p.directory(e.directory), fileNames[e.file]))
	case run:
		return p.run(t, e.query)
	case kill, powerLoss:
		d := p.disk.mount(e.operation, true)
		if p.start(e.query, d) == nil {
			p.done.succeeded++
		} else {
			p.done.died++
		}
		how := keepsAll
		if e.action == powerLoss {
			how = e.loss
		}
		d.crash(how, uint64(e.operation))
		p.disk = d
	case loseCheckpoint:
		p.delete(checkpointOf(e.query))
	case loseOutput:
		p.delete(outputOf(e.query))
	}
	return ""
}

// delete removes a directory from the disk permanently.
func (p *past) delete(dir string) {
	p.disk = p.disk.mount(0, false)
	if parent := p.disk.walk(path.Dir(dir)); parent != nil {
		delete(parent.entries, path.Base(dir))
	}
	p.disk.crash(keepsAll, 0)
}

// change changes a file. It ignores an event that is impossible because the file exists or does not exist.
func (p *past) change(t *testing.T, e event, path string) {
	t.Helper()
	f := p.files[path]
	if (f == nil) != (e.action == drop) {
		return
	}
	switch e.action {
	case drop, overwrite:
		f = &historyFile{rows: p.newRows(e.rows), names: []string{filepath.Base(path)}}
	case appendTo:
		f.rows = append(f.rows, p.newRows(1)...)
	case rename:
		to := filepath.Join(filepath.Dir(path), fileNames[e.to])
		if p.files[to] != nil {
			return
		}
		must(t, os.Rename(path, to))
		delete(p.files, path)
		f.names = append(f.names, filepath.Base(to))
		p.files[to] = f
		return
	case remove:
		must(t, os.Remove(path))
		delete(p.files, path)
		return
	}
	p.files[path] = f
	p.write(t, e, path, f)
}

// write updates a file on disk: an append extends the file, any other change renames a new file into place.
func (p *past) write(t *testing.T, e event, path string, f *historyFile) {
	t.Helper()
	text := strings.Join(f.rows, "\n") + "\n"
	if e.action == appendTo {
		must(t, os.WriteFile(path, []byte(text), 0o600)) // the same inode
	} else {
		must(t, dropText(filepath.Dir(path), filepath.Base(path), text))
	}
	at := p.clock
	if e.old {
		at = at.AddDate(0, 0, -10)
	}
	must(t, os.Chtimes(path, at, at))
}

func (p *past) newRows(n int) []string {
	var rows []string
	for range n {
		rows = append(rows, fmt.Sprintf("row%05d", p.rows))
		p.rows++
	}
	return rows
}

func outputOf(q historyQuery) string     { return fmt.Sprint(outDir, q.out) }
func checkpointOf(q historyQuery) string { return fmt.Sprint(ckptDir, q.checkpoint) }

// start runs a query on a disk until it ends and records its messages.
func (p *past) start(q historyQuery, d *disk) error {
	j := &job.Job{Conf: map[string]string{"spark.sql.session.timeZone": "UTC"}, Streams: []*job.Stream{{
		Source: job.Source{Format: "csv", Path: p.directory(q.in), Schema: job.Schema{Given: true, Text: "a STRING"}},
		Sink:   job.Sink{Format: "csv", Path: outputOf(q), Checkpoint: checkpointOf(q), Trigger: job.Trigger{Kind: job.AvailableNow}},
	}}}
	_, err := engine.Run(context.Background(), j, engine.Env{FS: d, Workers: 1, Log: slog.New(&keeper{past: p})})
	if err != nil {
		p.say(err.Error())
	}
	return err
}

// run runs a query until it ends and checks its output for the rows of its directory.
func (p *past) run(t *testing.T, q historyQuery) (failure string) {
	t.Helper()
	d := p.disk.mount(0, false)
	err := p.start(q, d)
	p.disk = d
	if errors.Is(err, errFault) || errors.Is(err, errDead) {
		return "an operation failed on a disk that works: " + err.Error()
	}
	if err != nil {
		p.done.refused++
		return ""
	}
	p.done.succeeded++
	times, err := outputRows(d, outputOf(q))
	if err != nil {
		return err.Error()
	}
	for _, path := range slices.Sorted(maps.Keys(p.files)) {
		if filepath.Dir(path) == p.directory(q.in) {
			failure = cmp.Or(failure, p.compare(path, q, times))
		}
	}
	return failure
}

// outputRows counts the rows in the files that an output lists.
func outputRows(d *disk, out string) (map[string]int, error) {
	times := map[string]int{}
	files, err := checkpoint.ReadSinkLog(d, out)
	if errors.Is(err, fs.ErrNotExist) {
		return times, nil // no batch had any rows
	}
	if err != nil {
		return nil, err
	}
	for _, f := range files {
		text, err := atomicfile.Read(d, f.Path)
		if err != nil {
			return nil, err
		}
		for row := range strings.FieldsSeq(string(text)) {
			times[row]++
		}
	}
	return times, nil
}

// compare checks the output for the rows of a file.
func (p *past) compare(path string, q historyQuery, times map[string]int) (failure string) {
	f := p.files[path]
	for _, row := range f.rows {
		p.done.rows++
		if times[row] == 1 {
			p.done.exactlyOnce++
		} else if !p.named(f) {
			return fmt.Sprintf("%s of %s is %d times in the output of %+v, and no message names the file", row, path, times[row], q)
		}
	}
	return ""
}

// andMore matches the end of a message that names only three of many files.
var andMore = regexp.MustCompile(`and \d+ more`)

// named reports whether a message has named a file under one of its names, or counted it among others.
func (p *past) named(f *historyFile) bool {
	if slices.ContainsFunc(p.messages, andMore.MatchString) {
		return true
	}
	for _, name := range f.names {
		whole := regexp.MustCompile(`(^|[^\w.])` + regexp.QuoteMeta(name) + `($|[^\w.]|\.($|\D))`)
		if slices.ContainsFunc(p.messages, whole.MatchString) {
			return true
		}
	}
	return false
}

func (p *past) say(text string) { p.messages = append(p.messages, text) }

// A keeper is a log handler that records warnings and errors.
type keeper struct {
	past  *past
	attrs []slog.Attr
}

func (k *keeper) Enabled(_ context.Context, level slog.Level) bool { return level >= slog.LevelWarn }
func (k *keeper) WithGroup(string) slog.Handler                    { return k }
func (k *keeper) WithAttrs(attrs []slog.Attr) slog.Handler {
	return &keeper{k.past, append(slices.Clip(k.attrs), attrs...)}
}

func (k *keeper) Handle(_ context.Context, r slog.Record) error {
	text := r.Message
	for _, a := range k.attrs {
		text += " " + a.String()
	}
	r.Attrs(func(a slog.Attr) bool { text += " " + a.String(); return true })
	k.past.say(text)
	return nil
}

// shrink removes events as long as the history still fails.
func shrink(t *testing.T, root string, events []event, failure string) ([]event, string) {
	t.Helper()
	for i := 0; i < len(events); {
		shorter := slices.Delete(slices.Clone(events), i, i+1)
		if f, _ := replay(t, root, shorter); f != "" {
			events, failure = shorter, f
			continue
		}
		i++
	}
	return events, failure
}
