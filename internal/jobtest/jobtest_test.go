package jobtest

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/streamctl/streamctl/internal/job"
)

// twentyBatches is a stateful job with a test of 20 batches.
func twentyBatches(tb testing.TB) []Case {
	tb.Helper()
	var b strings.Builder
	b.WriteString(`conf: {spark.sql.shuffle.partitions: 2, spark.sql.session.timeZone: UTC}
streams:
  - source: {format: csv, path: in, schema: "ts TIMESTAMP, k STRING"}
    transform:
      - withWatermark: {eventTime: ts, delayThreshold: 1 minute}
      - groupBy: {keys: ["window(ts, '1 minute') AS w", k], agg: ["count(*) AS n"]}
      - select: [w.start AS s, k, n]
tests:
  - batches:
`)
	for i := range 20 {
		fmt.Fprintf(&b, "      - rows: [[\"2024-01-01 00:%02d:30\", a]]\n        expect: [", i)
		if i > 1 {
			fmt.Fprintf(&b, `{s: "2024-01-01 00:%02d:00", k: a, n: 1}`, i-2)
		}
		b.WriteString("]\n")
	}
	j, err := job.Parse([]byte(b.String()), filepath.Join(tb.TempDir(), "job.yaml"))
	if err != nil {
		tb.Fatal(err)
	}
	return []Case{{Job: j, Test: j.Tests[0]}}
}

func TestABatchGoesOnWithTheStateOfTheLastOne(t *testing.T) {
	outcomes, err := Run(t.Context(), twentyBatches(t), &Embedded{})
	if err != nil {
		t.Fatal(err)
	}
	for _, d := range outcomes[0].Differences {
		t.Error(d.Describe())
	}
}

func BenchmarkTwentyBatches(b *testing.B) {
	b.ReportAllocs()
	for b.Loop() {
		if _, err := Run(b.Context(), twentyBatches(b), &Embedded{}); err != nil {
			b.Fatal(err)
		}
	}
}

// TestUpdatedFilesPass writes what comes out for values of many types into a file, and reads it back.
func TestUpdatedFilesPass(t *testing.T) {
	file := filepath.Join(t.TempDir(), "job.yaml")
	text := `conf: {spark.sql.session.timeZone: UTC}
streams:
  - source: {format: json, path: in, schema: "a STRING, b BINARY, c DOUBLE, d DECIMAL(9,2), e DATE, f TIMESTAMP, g ARRAY<STRUCT<x INT, y STRING>>, h MAP<STRING, BOOLEAN>, i TIMESTAMP_NTZ, j BIGINT"}
tests:
  - batches:
      - rows:
          - {a: "yes", b: AP8=, c: .inf, d: 1.50, e: 2024-02-29, f: 2024-02-29 01:02:03.456, g: [{x: 1, y: null}, {x: null, y: "a: b"}], h: {k: true, "x y": null}, i: 2024-02-29 01:02:03, j: 9007199254740993}
          - {a: "null", c: -0.0}
          - {a: "1e3", c: 1.0e+300}
          - {a: "tab\tnew\nline é \" \\"}
`
	if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	run := func() ([]*Outcome, []byte) {
		t.Helper()
		old, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		j, err := job.Load(file)
		if err != nil {
			t.Fatalf("%v\n%s", err, old)
		}
		outcomes, err := Run(t.Context(), []Case{{Job: j, Test: j.Tests[0]}}, &Embedded{})
		if err != nil {
			t.Fatalf("%v\n%s", err, old)
		}
		return outcomes, old
	}
	outcomes, old := run()
	updated, err := Update(old, outcomes)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(file, updated, 0o600); err != nil {
		t.Fatal(err)
	}
	if outcomes, _ = run(); !outcomes[0].Passed() || outcomes[0].Test.Batches[0].Expect == nil {
		t.Errorf("%+v\n%s", outcomes[0].Differences, updated)
	}
}
