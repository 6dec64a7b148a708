package main

import (
	_ "embed"
	"flag"
	"fmt"
	"math"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/streamctl/streamctl/test/nexmark"
)

var (
	events    = flag.Int("events", 1_000_000, "Nexmark events")
	stores    = flag.String("stores", "hdfs,rocksdb", "state stores of Spark that run Nexmark")
	sparkRuns = flag.Int("spark-runs", 3, "runs of each Nexmark query on Spark")
)

// nexmarkFiles is the number of files of each stream, and of batches.
const nexmarkFiles = 10

// A nexmarkResult is what a query has cost.
type nexmarkResult struct {
	query string
	rows  int // of the streams that it reads
	here  measure
	state int64
	spark map[string]measure
}

// benchNexmark compares the Nexmark queries, with durable state, with Spark.
func benchNexmark(dir string) error {
	wanted, err := regexp.Compile(*match)
	if err != nil {
		return err
	}
	present("streamctl", "DuckDB", "Polars", "Spark")
	fmt.Printf(nexmarkMethod, *events, nexmarkFiles, *sparkRuns)
	if err := nexmark.CopyJobs(dir); err != nil {
		return err
	}
	if err := (nexmark.Data{Seed: 1, Events: *events, Files: nexmarkFiles}).Write(filepath.Join(dir, "data")); err != nil {
		return err
	}
	queries := slices.DeleteFunc(nexmark.Queries(), func(q string) bool { return !wanted.MatchString(q) })
	if err := checkNexmark(dir, queries); err != nil {
		return err
	}
	results, err := nexmarkHere(dir, queries)
	if err != nil {
		return err
	}
	for store := range strings.SplitSeq(*stores, ",") {
		if err := nexmarkOnSpark(dir, store, results); err != nil {
			fmt.Fprintln(os.Stderr, "bench: Spark:", err)
		}
	}
	printNexmark(results)
	return nil
}

const nexmarkMethod = `%d Nexmark events, CSV, in %d batches; job files in test/nexmark/jobs, noop sink but for q10. streamctl: a process per run, from its start to its end, with a
checkpoint. Spark: the exported programs, one session for all queries, local[2], from the start of a query to its end, without that of Spark; medians of %d runs.
rows/s/core: rows of the streams that the query names, each counted once, by streamctl's CPU time.

`

func nexmarkHere(dir string, queries []string) ([]*nexmarkResult, error) {
	var results []*nexmarkResult
	progress := filepath.Join(dir, "progress")
	for _, q := range queries {
		m, err := medians(*runs, "", []string{"sh", "-c", `rm -rf "$1/checkpoint" "$1/out"; exec "$2" multi "$1/$3.yaml" -q --progress json 2> "$1/progress"`, "sh", dir, *streamctl, q})
		if err != nil {
			return nil, err
		}
		r := &nexmarkResult{query: q, here: m[0], spark: map[string]measure{}}
		if r.rows, err = nexmarkRows(nexmark.JobFile(dir, q)); err != nil {
			return nil, err
		}
		if r.state, err = largestState(progress); err != nil {
			return nil, err
		}
		results = append(results, r)
	}
	return results, nil
}

// nexmarkRows returns the number of rows of the streams that a job reads.
func nexmarkRows(job string) (rows int, err error) {
	text, err := os.ReadFile(job)
	for n := range min(*events, 50) {
		if k := nexmark.KindOf(n); strings.Contains(string(text), "path: data/"+k.String()) {
			rows++
		}
	}
	return rows * *events / 50, err
}

// nexmarkOnSpark adds the times of a state store to the results.
func nexmarkOnSpark(dir, store string, results []*nexmarkResult) error {
	provider, known := map[string]string{"hdfs": "HDFSBackedStateStoreProvider", "rocksdb": "RocksDBStateStoreProvider"}[store]
	if !known {
		return fmt.Errorf("there is no state store %q", store)
	}
	argv := []string{"-c", nexmarkProgram, dir, provider, fmt.Sprint(*sparkRuns)}
	for _, r := range results {
		if out, err := exec.Command(*streamctl, "export", nexmark.JobFile(dir, r.query), "-o", filepath.Join(dir, r.query+".py")).CombinedOutput(); err != nil {
			return fmt.Errorf("%w: %s", err, out)
		}
		argv = append(argv, r.query)
	}
	c := exec.Command(filepath.Join(*sparkVenv, "bin", "python"), argv...)
	c.Stderr = os.Stderr
	out, err := c.Output()
	all := map[string][]measure{}
	for line := range strings.Lines(string(out)) {
		var query string
		var wall, cpu float64
		if _, err := fmt.Sscan(line, &query, &wall, &cpu); err != nil {
			return err
		}
		all[query] = append(all[query], measure{wall: duration(wall), cpu: duration(cpu)})
	}
	for _, r := range results {
		if ms := all[r.query]; len(ms) > 0 {
			r.spark[store] = measure{wall: median(ms, func(m measure) time.Duration { return m.wall }), cpu: median(ms, func(m measure) time.Duration { return m.cpu })}
		}
	}
	return err
}

//go:embed nexmark.py
var nexmarkProgram string

func duration(s float64) time.Duration { return time.Duration(s * float64(time.Second)) }

func printNexmark(results []*nexmarkResult) {
	names := strings.Split(*stores, ",")
	fmt.Print("| query | rows | wall | CPU | rows/s/core | RSS | state |")
	for _, n := range names {
		fmt.Printf(" Spark %s: wall, CPU | ratio |", n)
	}
	fmt.Println("\n|---|---|---|---|---|---|---|" + strings.Repeat("---|---|", len(names)))
	logs := map[string][]float64{}
	for _, r := range results {
		fmt.Printf("| %s | %d | %s | %s | %.2f M | %s | %s |", r.query, r.rows, sec(r.here.wall), sec(r.here.cpu), float64(r.rows)/r.here.cpu.Seconds()/1e6, mb(r.here.rss), mb(r.state))
		for _, n := range names {
			m, ok := r.spark[n]
			if !ok {
				fmt.Print(" – | – |")
				continue
			}
			ratio := m.wall.Seconds() / r.here.wall.Seconds()
			logs[n] = append(logs[n], math.Log(ratio))
			fmt.Printf(" %s, %s | %.1f |", sec(m.wall), sec(m.cpu), ratio)
		}
		fmt.Println()
	}
	for _, n := range names {
		if ls := logs[n]; len(ls) > 0 {
			sum := 0.0
			for _, l := range ls {
				sum += l
			}
			fmt.Printf("\nGeometric mean of the ratios, %s: %.1f\n", n, math.Exp(sum/float64(len(ls))))
		}
	}
}
