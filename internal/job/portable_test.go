package job_test

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/streamctl/streamctl/internal/formats"
	"github.com/streamctl/streamctl/internal/job"
)

func TestPortabilityFindsWhatSparkDoesNotHave(t *testing.T) {
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, "one.csv"), []byte("1\n"), 0o644); err != nil {
		t.Fatal(err)
	}
	const schema = `, schema: "a INT"`
	for _, c := range []struct {
		name, source, sink string
		refused, notes     []int // columns on the lines of source and sink
	}{
		{"plain", `{format: rate}`, `{format: console}`, nil, nil},
		{"standard input", `{format: csv, path: "-"` + schema + `}`, `{format: console}`, []int{34}, nil},
		{"standard output", `{format: rate}`, `{format: json, path: "-"}`, []int{20}, nil},
		{"listening", `{format: socket, options: {listen: ":1", reconnect: true}}`, `{format: console}`, []int{40, 54}, nil},
		{"long lines", `{format: text, path: "s3a://b/d", options: {maxLineBytes: 5}}`, `{format: noop}`, []int{57}, nil},
		{"malformed records", `{format: text, path: "s3a://b/d", options: {rejectsPath: r, maxBadRows: 1}}`, `{format: noop}`, []int{57, 73}, nil},
		{"width", `{format: rate}`, `{format: console, options: {maxWidth: 5, truncate: true}}`, []int{39}, nil},
		{"one file", `{format: csv, path: one.csv` + schema + `}`, `{format: console}`, []int{33}, []int{33}},
		{"local paths", `{format: csv, path: in` + schema + `}`, `{format: csv, path: out, checkpointLocation: file:/c}`, nil, []int{33, 11}},
		{"kafka", `{format: kafka}`, `{format: kafka}`, nil, []int{22, 20}},
	} {
		t.Run(c.name, func(t *testing.T) {
			file := filepath.Join(dir, "job.yaml")
			text := "streams:\n  - source: " + c.source + "\n    sink: " + c.sink + "\n"
			if err := os.WriteFile(file, []byte(text), 0o644); err != nil {
				t.Fatal(err)
			}
			j, err := job.Load(file)
			if err != nil {
				t.Fatal(err)
			}
			refused, notes := j.Portability(formats.Sources, formats.Sinks)
			for _, list := range []struct {
				what string
				got  job.Errors
				want []int
			}{{"refused", refused, c.refused}, {"notes", notes, c.notes}} {
				var cols []int
				for _, e := range list.got {
					cols = append(cols, e.Place.Col)
					if e.Hint == "" {
						t.Errorf("%v has no remedy", e)
					}
				}
				if len(cols) != len(list.want) {
					t.Fatalf("%s: %v at %v, want %v", list.what, list.got, cols, list.want)
				}
				for i := range cols {
					if cols[i] != list.want[i] {
						t.Errorf("%s: %v at %v, want %v", list.what, list.got, cols, list.want)
					}
				}
			}
		})
	}
}

func TestTheNumberOfTasksOnSparkIsNoted(t *testing.T) {
	for conf, want := range map[string]int{"{}": 1, "{spark.sql.shuffle.partitions: 2}": 0} {
		file := filepath.Join(t.TempDir(), "job.yaml")
		text := "conf: " + conf + "\nstreams:\n  - source: {format: rate}\n    transform: [{groupBy: {keys: [value]}}, {limit: 3}]\n    sink: {format: console, outputMode: complete}\n"
		if err := os.WriteFile(file, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
		j, err := job.Load(file)
		if err != nil {
			t.Fatal(err)
		}
		if _, notes := j.Portability(formats.Sources, formats.Sinks); len(notes) != want {
			t.Errorf("%s: notes %v, want %d", conf, notes, want)
		}
	}
}
