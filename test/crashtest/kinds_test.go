package crashtest

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"
)

// A kind is a kind of job. Each writes the rows 0, 1, 2, … of its input once.
type kind string

const (
	stateless kind = "without state"
	windows   kind = "windows without duplicates"
	within    kind = "duplicates within a watermark"
	joins     kind = "two streams"
)

var kinds = []kind{stateless, windows, within, joins}

// steps are the job files of the kinds with state. The first one drops duplicates and collects the rows by windows, which it writes when they are closed.
var steps = map[kind]string{
	windows: `streams:
- source: {format: csv, path: in, schema: a INT}
  transform:
  - withColumn: {ts: timestamp_seconds(86400 + a DIV 7 * 60)}
  - withWatermark: {eventTime: ts, delayThreshold: 1 second}
  - dropDuplicates: [a, ts]
  - groupBy: {keys: ["window(ts, '1 minute')"], agg: [collect_list(a) AS list, count(*) AS n]}
  - select: ["explode(if(n = size(list), list, array(-1))) AS a"]
`,
	within: `streams:
- source: {format: csv, path: in, schema: a INT}
  transform:
  - withColumn: {ts: timestamp_seconds(86400 + a)}
  - withWatermark: {eventTime: ts, delayThreshold: 20 seconds}
  - dropDuplicatesWithinWatermark: [a]
  - select: [a]
`,
	// Rows whose number divides by 3 have no match, and come out when it cannot come any more.
	joins: `sources:
  other:
    format: csv
    path: OTHER
    schema: a INT
    options: {maxFilesPerTrigger: 4}
    transform:
    - withColumn: {ts: timestamp_seconds(86400 + a)}
    - withWatermark: {eventTime: ts, delayThreshold: 1 second}
streams:
- source: {format: csv, path: in, schema: a INT}
  transform:
  - withColumn: {ts: timestamp_seconds(86400 + a)}
  - withWatermark: {eventTime: ts, delayThreshold: 1 second}
  - join: {with: {stream: other}, on: "l.a = r.a AND r.ts BETWEEN l.ts - INTERVAL 9 SECONDS AND l.ts + INTERVAL 9 SECONDS", how: leftOuter}
  - select: ["if((r.a IS NULL) = (l.a % 3 = 0), l.a, -1) AS a"]
`,
}

// stateSteps are how many steps of a kind keep state.
var stateSteps = map[kind]int{windows: 2, within: 1, joins: 1}

// stores is a pattern for the directories of the state in that of a step.
func (k kind) stores() string {
	if k == joins {
		return "[0-9]*/*-*"
	}
	return "[0-9]*"
}

// other returns the directory of the second input, which a join has besides in.
func other(in string) string { return in + "-other" }

// prepare writes the job file that args names, if the job has steps.
func (k kind) prepare(t *testing.T, dir string) {
	t.Helper()
	if k == joins {
		if err := os.Mkdir(other(filepath.Join(dir, "in")), 0o755); err != nil {
			t.Fatal(err)
		}
	}
	if text := strings.Replace(steps[k], "OTHER", other(filepath.Join(dir, "in")), 1); text != "" {
		if err := os.WriteFile(filepath.Join(dir, "job.yaml"), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
}

// rows returns the rows from one number to another. A job that drops duplicates also has some earlier rows again, of which it may still know some, while
// others are too late.
func (k kind) rows(from, to int) string {
	var text strings.Builder
	for a := from; a < to; a++ {
		fmt.Fprintln(&text, a)
		for _, before := range []int{0, 1, 5, 13, 100} {
			if (k == windows || k == within) && before <= a {
				fmt.Fprintln(&text, a-before)
			}
		}
	}
	return text.String()
}

// otherLags is how many rows the second input of a join is behind the first one.
const otherLags = 5

// drop adds a file with the rows from one number to another, and one to the second input of a join.
func (k kind) drop(in string, from, to int) error {
	name := fmt.Sprintf("%09d.csv", from)
	if err := dropText(in, name, k.rows(from, to)); err != nil || k != joins {
		return err
	}
	return dropMatches(in, name, from-otherLags, to-otherLags)
}

// dropMatches adds a file with the rows of the second input of a join from one number to another, unless there are none.
func dropMatches(in, name string, from, to int) error {
	var text strings.Builder
	for a := max(from, 0); a < to; a++ {
		if a%3 != 0 {
			fmt.Fprintln(&text, a)
		}
	}
	if text.Len() == 0 {
		return nil
	}
	return dropText(other(in), name, text.String())
}

// finish adds what the second input of a join lacks of n rows, and a row that closes all windows but its own, or that makes the join forget all rows.
func (k kind) finish(t *testing.T, in string, n int) {
	t.Helper()
	var err error
	switch k {
	case windows:
		err = dropText(in, "last.csv", "1000000000\n")
	case joins:
		err = errors.Join(dropMatches(in, "rest.csv", n-otherLags, n), dropText(in, "last.csv", "1000000000\n"), dropText(other(in), "last.csv", "1000000001\n"))
	}
	if err != nil {
		t.Fatal(err)
	}
}

// keepDropping adds files with the rows 0, 1, 2, … until ctx ends, and returns the number of rows.
func (k kind) keepDropping(ctx context.Context, t *testing.T, in string) int {
	if err := os.MkdirAll(in, 0o755); err != nil {
		t.Error(err)
	}
	n := 0
	for ; ctx.Err() == nil; time.Sleep(10 * time.Millisecond) {
		to := n + 1 + n%3
		if err := k.drop(in, n, to); err != nil {
			t.Error(err)
			return n
		}
		n = to
	}
	return n
}

// agree checks that the logs of a query that has ended are about the same batch: what the source has planned, what the state has, what is in the
// output, and what is committed.
func (k kind) agree(t *testing.T, dir string) {
	t.Helper()
	ckpt := filepath.Join(dir, "checkpoint")
	last := newest(t, filepath.Join(ckpt, "commits"))
	if n := newest(t, filepath.Join(ckpt, "offsets")); n != last {
		t.Fatalf("batch %d is planned, %d committed", n, last)
	}
	if n := newest(t, filepath.Join(dir, "out", "_spark_metadata")); n != last {
		t.Fatalf("batch %d is in the output, %d committed", n, last)
	}
	text, err := os.ReadFile(filepath.Join(ckpt, "offsets", strconv.Itoa(last)))
	if err != nil {
		t.Fatal(err)
	}
	inputs := 1
	if k == joins {
		inputs = 2
	}
	lines := strings.Split(string(text), "\n")
	for i, line := range lines[len(lines)-inputs:] {
		offset := struct{ LogOffset int }{-1}
		if line != "-" {
			if err := json.Unmarshal([]byte(line), &offset); err != nil {
				t.Fatal(err)
			}
		}
		log := filepath.Join(ckpt, "sources", strconv.Itoa(i))
		if !exists(log) && offset.LogOffset < 0 {
			continue
		}
		if n := newest(t, log); n != offset.LogOffset {
			t.Fatalf("source %d has logged %d, batch %d ends at %d", i, n, last, offset.LogOffset)
		}
	}
	partitions, err := filepath.Glob(filepath.Join(ckpt, "state", "*", k.stores()))
	if err != nil || len(partitions) < stateSteps[k] {
		t.Fatalf("%d partitions of states, %v", len(partitions), err)
	}
	for _, p := range partitions {
		if n := newest(t, p); n != last+1 {
			t.Fatalf("%s has version %d, batch %d is committed", p, n, last)
		}
	}
}

// newest returns the largest number of a file in a directory of a log or of state.
func newest(t *testing.T, dir string) int {
	t.Helper()
	entries, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	most := -1
	for _, e := range entries {
		name, _, _ := strings.Cut(e.Name(), ".")
		if n, err := strconv.Atoi(name); err == nil {
			most = max(most, n)
		}
	}
	return most
}
