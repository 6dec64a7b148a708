package nexmark

import (
	"bytes"
	"context"
	"flag"
	"fmt"
	"hash/fnv"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/streamctl/streamctl/internal/engine"
	"github.com/streamctl/streamctl/internal/job"
	"github.com/streamctl/streamctl/internal/sinks"
	"github.com/streamctl/streamctl/internal/storage"
)

var (
	record    = flag.String("record", "", "record the answers of Spark with this Python, which has pyspark")
	streamctl = flag.String("streamctl", "../../bin/streamctl", "the binary that exports the jobs for -record")
)

// 100 s of event time in four batches, so that windows close and state expires.
var (
	ordered    = Data{Seed: 1, Events: 100_000, Rate: 1000, Files: 4}
	disordered = Data{Seed: 1, Events: 100_000, Rate: 1000, Files: 4, Disorder: 3 * time.Second, Late: 0.01, LateBy: 30_000}
)

// streams are those whose answers are recorded.
var streams = map[string]Data{"ordered": ordered, "disordered": disordered}

// stateless are the queries whose rows do not depend on the order of the events. They only read the ordered stream.
var stateless = []string{"q0", "q1", "q2", "q10", "q13", "q14", "q21", "q22"}

// queriesOf returns the queries that read a stream.
func queriesOf(stream string) []string {
	if stream == "ordered" {
		return Queries()
	}
	return slices.DeleteFunc(Queries(), func(q string) bool { return slices.Contains(stateless, q) })
}

// TestBatchesAreThoseOfSpark compares the rows of every batch of every query.
func TestBatchesAreThoseOfSpark(t *testing.T) {
	if *record != "" {
		recordAnswers(t)
	}
	for name, data := range streams {
		dir := t.TempDir()
		prepare(t, dir, data)
		want := readAnswers(t, name)
		for i, q := range queriesOf(name) {
			if testing.Short() && i%4 != 0 { // the race detector makes them ten times as slow
				continue
			}
			t.Run(name+"/"+q, func(t *testing.T) {
				t.Parallel()
				got, err := run(JobFile(dir, q))
				if err != nil {
					t.Fatal(err)
				}
				if got.String() != want[q] {
					t.Errorf("batches:\n%swant:\n%s", got, want[q])
				}
			})
		}
	}
}

// prepare writes the jobs and their data to dir.
func prepare(t *testing.T, dir string, data Data) {
	t.Helper()
	if err := CopyJobs(dir); err != nil {
		t.Fatal(err)
	}
	if err := data.Write(filepath.Join(dir, "data")); err != nil {
		t.Fatal(err)
	}
}

func answersFile(stream string) string { return filepath.Join("testdata", stream+".txt") }

// TestEventsDoNotDependOnTheirOrder checks that streams in disorder have the events of the ordered one.
func TestEventsDoNotDependOnTheirOrder(t *testing.T) {
	var all []string
	for _, data := range []Data{ordered, disordered} {
		dir := t.TempDir()
		data.Events = 10_000
		data.LateBy = 2000
		if err := data.Write(dir); err != nil {
			t.Fatal(err)
		}
		var lines batch
		for _, file := range []string{"person", "auction", "bid"} {
			files, err := filepath.Glob(filepath.Join(dir, file, "*.csv"))
			if err != nil || len(files) != data.Files {
				t.Fatal(files, err)
			}
			for _, f := range files {
				lines.addFile(t, f)
			}
		}
		all = append(all, lines.String())
	}
	if all[0] != all[1] {
		t.Errorf("%s and %s", all[0], all[1])
	}
}

// answers are the batches of a query, by their ids.
type answers []*batch

// A batch is a number of rows as JSON, in any order.
type batch struct {
	rows  int
	sum   uint64
	first string // in lexical order
}

func (b *batch) add(lines []byte) {
	for line := range bytes.Lines(lines) {
		line = bytes.TrimSuffix(line, []byte("\n"))
		h := fnv.New64a()
		_, _ = h.Write(line)
		b.sum += h.Sum64()
		if b.rows++; b.first == "" || string(line) < b.first {
			b.first = string(line)
		}
	}
}

func (b *batch) addFile(t *testing.T, file string) {
	t.Helper()
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	b.add(text)
}

func (b *batch) String() string {
	text := fmt.Sprintf("%d rows, %016x\n", b.rows, b.sum)
	if b.rows > 0 {
		text += "  " + b.first[:min(len(b.first), 200)] + "\n"
	}
	return text
}

func (a answers) String() string {
	var b strings.Builder
	for i, batch := range a {
		fmt.Fprintf(&b, "batch %d: %s", i, batch)
	}
	return b.String()
}

// readAnswers returns the recorded batches of each query.
func readAnswers(t *testing.T, stream string) map[string]string {
	t.Helper()
	text, err := os.ReadFile(answersFile(stream))
	if err != nil {
		t.Fatal(err)
	}
	all := map[string]string{}
	for part := range strings.SplitSeq(string(text), "# ") {
		name, batches, _ := strings.Cut(part, "\n")
		all[name] = batches
	}
	return all
}

// run runs a job, whose rows go to standard output as JSON instead of its sink.
func run(file string) (a answers, err error) {
	j, err := job.Load(file)
	if err != nil {
		return nil, err
	}
	sink := &j.Streams[0].Sink
	sink.Format, sink.Path, sink.PartitionBy = "json", "-", nil
	var out bytes.Buffer
	_, err = engine.Run(context.Background(), j, engine.Env{FS: storage.OS, Out: sinks.NewOutput(&out, false), Say: func(string, string) {}, Notify: func(string, string, string) {}, OnProgress: func(p *engine.Progress) {
		if !p.Idle {
			b := &batch{}
			b.add(out.Bytes())
			out.Reset()
			a = append(a, b)
		}
	}})
	return a, err
}

// recordAnswers runs the programs that streamctl exports, and records the digests of their batches. A recording that was interrupted goes on where it ended.
func recordAnswers(t *testing.T) {
	t.Helper()
	base := filepath.Join(os.TempDir(), "streamctl-nexmark")
	argv := []string{"../../scripts/record/nexmark.py"}
	for name, data := range streams {
		dir := filepath.Join(base, name)
		if _, err := os.Stat(dir + "/data"); err != nil {
			prepare(t, dir, data)
		}
		for _, q := range queriesOf(name) {
			program := filepath.Join(dir, q+".py")
			if out, err := exec.Command(*streamctl, "export", JobFile(dir, q), "--output", program).CombinedOutput(); err != nil {
				t.Fatalf("%v: %s", err, out)
			}
			argv = append(argv, program)
		}
	}
	c := exec.Command(*record, argv...)
	c.Stdout, c.Stderr = os.Stdout, os.Stderr
	if err := c.Run(); err != nil {
		t.Fatal(err)
	}
	for name := range streams {
		var text strings.Builder
		for _, q := range queriesOf(name) {
			fmt.Fprintf(&text, "# %s\n%s", q, sparkAnswers(t, filepath.Join(base, name, "spark", q)))
		}
		if err := os.WriteFile(answersFile(name), []byte(text.String()), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.RemoveAll(base); err != nil {
		t.Fatal(err)
	}
}

// sparkAnswers reads the batches that scripts/record/nexmark.py left in directories 0, 1, … as files of JSON.
func sparkAnswers(t *testing.T, dir string) (a answers) {
	t.Helper()
	for {
		sub := filepath.Join(dir, strconv.Itoa(len(a)))
		if _, err := os.Stat(sub); err != nil {
			return a
		}
		files, err := filepath.Glob(filepath.Join(sub, "part-*.json"))
		if err != nil {
			t.Fatal(err)
		}
		b := &batch{}
		for _, f := range files {
			b.addFile(t, f)
		}
		a = append(a, b)
	}
}
