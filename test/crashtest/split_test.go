package crashtest

import (
	"cmp"
	"context"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/streamctl/streamctl/internal/atomicfile"
	"github.com/streamctl/streamctl/internal/checkpoint"
	"github.com/streamctl/streamctl/internal/engine"
	"github.com/streamctl/streamctl/internal/job"
)

// A reading is a row of the input: a key, a time in seconds, and a value.
type reading struct {
	k    string
	t, v int64
}

// The windows of the jobs, the gap that ends a session, how much later the second of two rows may be that match, and how late rows may be, in seconds.
const (
	windowLength = 300
	matchLength  = 200
	sessionGap   = 60
	lateness     = 900
)

// A split is a job whose results must not depend on how its input is split.
type split struct {
	name  string
	rows  func(*rand.Rand) []reading
	want  func([]reading) []string // what a loop over the rows finds
	steps []job.Step               // after the watermark
	joins bool                     // rows with an odd value are in a second input
}

var splits = []split{
	{"windows", readings, closed, []job.Step{
		job.GroupBy{Keys: texts(fmt.Sprintf("window(ts, '%d seconds') AS w", windowLength), "k"), Aggregates: texts("count(*) AS n", "sum(v) AS s", "max(v) AS m")},
		job.Select{Exprs: texts("unix_seconds(w.start) AS t", "k", "n", "s", "m")},
	}, false},
	{"sessions", readings, ended, []job.Step{
		job.GroupBy{Keys: texts(fmt.Sprintf("session_window(ts, '%d seconds') AS w", sessionGap), "k"), Aggregates: texts("count(*) AS n", "sum(v) AS s", "max(v) AS m")},
		job.Select{Exprs: texts("concat_ws('+', unix_seconds(w.start), unix_seconds(w.end)) AS t", "k", "n", "s", "m")},
	}, false},
	{"duplicates within a watermark", repeated, firsts, []job.Step{
		job.DropDuplicates{WithinWatermark: true, Columns: texts("k", "v")},
		job.Select{Exprs: texts("t", "k", "v")},
	}, false},
	{"two streams", pairs, matched, []job.Step{
		job.Join{
			With: job.Ref{Stream: job.Name{Text: otherInput}}, How: job.Text{Text: "fullOuter"},
			Condition: job.Text{Text: fmt.Sprintf("l.k = r.k AND r.ts BETWEEN l.ts AND l.ts + INTERVAL %d SECONDS", matchLength)},
		},
		job.Select{Exprs: texts("l.t AS t", "l.v AS v", "r.t AS t2", "r.v AS v2")},
	}, true},
}

// TestResultsDoNotDependOnBatches runs jobs over random rows that are less late than the watermark allows. However the rows are split into files, the files
// into batches and the batches into runs, the results are the same, and are those of a loop over the rows.
func TestResultsDoNotDependOnBatches(t *testing.T) {
	for _, s := range splits {
		for seed := range uint64(count("SPLITS", 8)) {
			random := rand.New(rand.NewPCG(seed, 1))
			rows := s.rows(random)
			want := s.want(rows)
			for _, files := range []int{1, 3, 11} {
				for _, runs := range []bool{false, true} {
					got := s.results(t, random, rows, files, runs)
					if !slices.Equal(got, want) {
						t.Errorf("%s, seed %d, %d files, a run for each %t:\n%s\nwant\n%s", s.name, seed, files, runs, strings.Join(got, "\n"), strings.Join(want, "\n"))
					}
				}
			}
		}
	}
}

// readings returns rows whose times move on, with less disorder than is allowed, and a last one that closes all windows but its own.
func readings(random *rand.Rand) (rows []reading) {
	at := int64(1_700_000_000)
	for range 50 + random.IntN(150) {
		at += random.Int64N(120)
		rows = append(rows, reading{string(rune('a' + random.IntN(4))), at - random.Int64N(lateness/2), random.Int64N(1000)})
	}
	return append(rows, reading{"z", at + 100*lateness, 0})
}

// repeated returns readings with different values, some of which come again a few rows later: the same rows, since which of two rows in one batch is the
// first one depends on the sizes of their files. (Spark: FilePartition.)
func repeated(random *rand.Rand) (rows []reading) {
	all := readings(random)
	for i, r := range all {
		r.v = int64(i)
		rows = append(rows, r)
		if before := random.IntN(12); before < min(i, 5) {
			rows = append(rows, rows[len(rows)-1-before])
		}
	}
	return rows
}

// pairs returns readings of two inputs, each with a last row that matches nothing.
func pairs(random *rand.Rand) []reading {
	rows := readings(random)
	last := rows[len(rows)-1]
	return append(rows, reading{"y", last.t, 1})
}

// matched returns what a full outer join of both inputs has, but for the last rows, which wait.
func matched(rows []reading) (lines []string) {
	rows = rows[:len(rows)-2]
	found := map[int]bool{}
	for i, l := range rows {
		for k, r := range rows {
			if l.v%2 == 0 && r.v%2 == 1 && l.k == r.k && r.t >= l.t && r.t <= l.t+matchLength {
				found[i], found[k] = true, true
				lines = append(lines, fmt.Sprintf("%d,%d,%d,%d", l.t, l.v, r.t, r.v))
			}
		}
	}
	for i, r := range rows {
		switch {
		case found[i]:
		case r.v%2 == 0:
			lines = append(lines, fmt.Sprintf("%d,%d,,", r.t, r.v))
		default:
			lines = append(lines, fmt.Sprintf(",,%d,%d", r.t, r.v))
		}
	}
	slices.Sort(lines)
	return lines
}

// A group is the results of an aggregation.
type group struct{ n, sum, most int64 }

func (g *group) add(v int64) {
	if g.n == 0 || v > g.most {
		g.most = v
	}
	g.n, g.sum = g.n+1, g.sum+v
}

// closed returns the windows that end before the last row, less what rows may be late.
func closed(rows []reading) (lines []string) {
	groups := map[string]*group{}
	for _, r := range rows[:len(rows)-1] {
		key := fmt.Sprintf("%d,%s", r.t-r.t%windowLength, r.k)
		if groups[key] == nil {
			groups[key] = &group{}
		}
		groups[key].add(r.v)
	}
	for key, g := range groups {
		lines = append(lines, fmt.Sprintf("%s,%d,%d,%d", key, g.n, g.sum, g.most))
	}
	slices.Sort(lines)
	return lines
}

// ended returns the sessions before the last row.
func ended(rows []reading) (lines []string) {
	rows = slices.Clone(rows[:len(rows)-1])
	slices.SortFunc(rows, func(a, b reading) int { return cmp.Or(cmp.Compare(a.k, b.k), cmp.Compare(a.t, b.t)) })
	for len(rows) > 0 {
		first, g, end := rows[0], group{}, rows[0].t
		for len(rows) > 0 && rows[0].k == first.k && rows[0].t <= end {
			g.add(rows[0].v)
			end = rows[0].t + sessionGap
			rows = rows[1:]
		}
		lines = append(lines, fmt.Sprintf("%d+%d,%s,%d,%d,%d", first.t, end, first.k, g.n, g.sum, g.most))
	}
	slices.Sort(lines)
	return lines
}

// firsts returns the first row of each key and value.
func firsts(rows []reading) (lines []string) {
	seen := map[string]bool{}
	for _, r := range rows {
		if key := fmt.Sprintf("%s,%d", r.k, r.v); !seen[key] {
			seen[key] = true
			lines = append(lines, fmt.Sprintf("%d,%s", r.t, key))
		}
	}
	slices.Sort(lines)
	return lines
}

// results runs the job over the rows, in files of about equal size and one or two files for each batch.
func (s *split) results(t *testing.T, random *rand.Rand, rows []reading, files int, runs bool) (lines []string) {
	t.Helper()
	in, d := t.TempDir(), newDisk()
	if err := os.Mkdir(filepath.Join(in, otherInput), 0o755); err != nil {
		t.Fatal(err)
	}
	run := func() {
		if _, err := engine.Run(context.Background(), s.job(in, 1+random.IntN(2)), engine.Env{FS: d, Workers: 1 + random.IntN(2)}); err != nil {
			t.Fatal(err)
		}
	}
	var late []reading // of the second input, whose files may come later
	for k := range files {
		chunk := rows[len(rows)*k/files : len(rows)*(k+1)/files]
		if s.joins {
			first, second := divided(chunk)
			late = append(late, second...)
			if chunk = first; k == files-1 || random.IntN(2) == 0 {
				writeReadings(t, filepath.Join(in, otherInput), k, late)
				late = nil
			}
		}
		writeReadings(t, in, k, chunk)
		if runs {
			run()
		}
	}
	run()
	written, err := checkpoint.ReadSinkLog(d, outDir)
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range written {
		text, err := atomicfile.Read(d, f.Path)
		if err != nil {
			t.Fatal(err)
		}
		lines = append(lines, strings.Fields(string(text))...)
	}
	slices.Sort(lines)
	return lines
}

// divided returns the rows of each input of a join.
func divided(rows []reading) (first, second []reading) {
	for _, r := range rows {
		if r.v%2 == 0 {
			first = append(first, r)
		} else {
			second = append(second, r)
		}
	}
	return first, second
}

// writeReadings writes a file of an input.
func writeReadings(t *testing.T, dir string, number int, rows []reading) {
	t.Helper()
	var text strings.Builder
	for _, r := range rows {
		fmt.Fprintf(&text, "%d,%s,%d\n", r.t, r.k, r.v)
	}
	name := filepath.Join(dir, fmt.Sprintf("%03d.csv", number))
	old := time.Now().Add(time.Duration(number-3600) * time.Second)
	if err := os.WriteFile(name, []byte(text.String()), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.Chtimes(name, old, old); err != nil {
		t.Fatal(err)
	}
}

func texts(list ...string) (out []job.Text) {
	for _, s := range list {
		out = append(out, job.Text{Text: s})
	}
	return out
}

func (s *split) job(in string, filesPerBatch int) *job.Job {
	timed := []job.Step{
		job.WithColumn{Columns: []job.Named{{Name: "ts", Text: job.Text{Text: "timestamp_seconds(t)"}}}},
		job.WithWatermark{EventTime: job.Text{Text: "ts"}, Delay: job.Text{Text: fmt.Sprintf("%d seconds", lateness)}},
	}
	source := job.Source{
		Format: "csv", Path: in, Schema: job.Schema{Given: true, Text: "t BIGINT, k STRING, v BIGINT"},
		Options: job.Options{{Name: "maxFilesPerTrigger", Value: fmt.Sprint(filesPerBatch)}},
	}
	j := &job.Job{Conf: map[string]string{"spark.sql.session.timeZone": "UTC"}, Streams: []*job.Stream{{
		Name: "split", Source: source, Steps: slices.Concat(timed, s.steps),
		Sink: job.Sink{Format: "csv", Path: outDir, Checkpoint: ckptDir, Trigger: job.Trigger{Kind: job.AvailableNow}},
	}}}
	if s.joins {
		source.Path = filepath.Join(in, otherInput)
		j.Sources = []*job.Relation{{Name: otherInput, Source: source, Steps: timed}}
	}
	return j
}
