package main

import (
	"encoding/json"
	"errors"
	"math/rand/v2"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"
)

func TestASeedRepeatsItsJobs(t *testing.T) {
	for seed := range uint64(50) {
		a, b := draw(rand.New(rand.NewPCG(seed, 1)), 0), draw(rand.New(rand.NewPCG(seed, 1)), 0)
		if !reflect.DeepEqual(a, b) {
			t.Fatalf("seed %d: %+v and %+v", seed, a, b)
		}
	}
}

func TestJobsAreOfAllKinds(t *testing.T) {
	seen, random := map[string]int{}, rand.New(rand.NewPCG(1, 1))
	for range 2000 {
		j := draw(random, 0)
		seen[j.Mode]++
		for _, s := range j.Steps {
			seen[s.kind]++
			seen[s.text]++
		}
		text, err := json.Marshal(j.question())
		if err != nil {
			t.Fatal(err)
		}
		for _, part := range []string{"session_window(", "FILTER (WHERE", "HAVING", "window(w,", "window_time(w)", "named_struct(", "DISTINCT", "1969-12-31T23:5"} {
			if strings.Contains(string(text), part) {
				seen[part]++
			}
		}
		if len(j.Runs) > 1 {
			seen["restart"]++
		}
		if slices.Max(j.Kills) > 0 {
			seen["kill"]++
		}
		if slices.ContainsFunc(slices.Concat(j.Runs...), func(f file) bool { return len(f) == 0 }) {
			seen["empty file"]++
		}
	}
	for _, kind := range []string{
		"append", "update", "complete", "withWatermark", "groupBy", "query", "ROLLUP", "CUBE", "GROUPING SETS", "dropDuplicates", "dropDuplicatesWithinWatermark",
		"distinct", "limit", "orderBy", "filter", "withColumn", "select", "sql", "session_window(", "FILTER (WHERE", "HAVING", "window(w,", "window_time(w)", "named_struct(",
		"DISTINCT", "1969-12-31T23:5", "restart", "kill", "empty file",
	} {
		if seen[kind] == 0 {
			t.Errorf("no job has %s", kind)
		}
	}
}

func TestSmallerJobsAreSmaller(t *testing.T) {
	random := rand.New(rand.NewPCG(2, 1))
	for range 200 {
		j := draw(random, 0)
		before, size := j.question(), j.size()
		for _, s := range smaller(j) {
			if s.size() >= size {
				t.Fatalf("%+v is not smaller than %+v", s, j)
			}
			if len(s.Runs) != len(s.Kills) {
				t.Fatalf("%d runs with %d kills", len(s.Runs), len(s.Kills))
			}
		}
		if !reflect.DeepEqual(before, j.question()) {
			t.Fatal("making a job smaller changed the job itself")
		}
	}
}

func TestQueriesAreSQL(t *testing.T) {
	for want, s := range map[string]step{
		"SELECT window(ts, '1 day') AS w, s AS k0, count(*) AS a0 FROM stream GROUP BY CUBE(window(ts, '1 day'), s)":  {kind: "query", list: []string{"window(ts, '1 day') AS w", "s AS k0"}, aggs: []string{"count(*) AS a0"}, text: "CUBE"},
		"SELECT CAST(i AS STRING) AS k0, ts, count(*) AS a0 FROM stream GROUP BY CAST(i AS STRING), ts HAVING a0 > 1": {kind: "query", list: []string{"CAST(i AS STRING) AS k0", "ts"}, aggs: []string{"count(*) AS a0"}, after: " HAVING a0 > 1"},
		"SELECT count(*) AS a0 FROM stream": {kind: "query", aggs: []string{"count(*) AS a0"}},
	} {
		if got := s.sql(); got != want {
			t.Errorf("%s\nwant %s", got, want)
		}
	}
}

const line = "-------------------------------------------\n"

func TestABatchThatIsPrintedAgainCountsOnce(t *testing.T) {
	a := &answer{}
	a.tables(line + "Batch: 0\n" + line + "+-+\n|a|\n+-+\n|1|\n+-+\n\n" + line + "Batch: 1\n" + line + "+-+\n|a")
	a.tables(line + "Batch: 1\n" + line + "+-+\n|a|\n+-+\n|2|\n+-+\n\n")
	want := []batch{{0, "+-+\n|a|\n+-+\n|1|\n+-+\n"}, {1, "+-+\n|a|\n+-+\n|2|\n+-+\n"}}
	if kind, where := tables(a.Batches, want); kind != "" {
		t.Errorf("%s %s: %v", kind, where, a.Batches)
	}
}

func TestDifferencesAreFound(t *testing.T) {
	j := &job{Kills: []int{0}}
	table := func(id int, rows string) answer { return answer{Batches: []batch{{id, rows}}} }
	reported := func(state ...stateProgress) answer { return answer{Progress: []progress{{ID: 1, State: state}}} }
	fails := func(condition string) answer { return answer{Error: &failure{Condition: condition}} }
	for want, c := range map[string][2]answer{
		"":        {table(1, "|1|\n|2|"), table(1, "|2|\n|1|\n")},
		rows:      {table(1, "|1|\n|1|"), table(1, "|1|\n")},
		batches:   {table(1, ""), table(2, "")},
		counts:    {reported(stateProgress{Total: 1}), reported(stateProgress{Total: 2})},
		accepts:   {table(1, ""), fails("A")},
		rejects:   {fails("A"), table(1, "")},
		condition: {fails("A"), fails("B")},
		panics:    {{Error: &failure{Phase: "panic"}}, fails("A")},
	} {
		if kind, where := difference(j, &c[0], &c[1]); kind != want {
			t.Errorf("%s %s, want %s", kind, where, want)
		}
	}
	ours, theirs := fails("A"), fails("_LEGACY_ERROR_TEMP_3102")
	if kind, _ := difference(j, &ours, &theirs); kind != "" {
		t.Errorf("a condition without a public name differs: %s", kind)
	}
}

func TestOnlyCountsThatAreTwiceOursAreKnown(t *testing.T) {
	for _, c := range []struct {
		step  step
		got   stateProgress
		known bool
	}{
		{step{kind: "orderBy", list: []string{"k"}}, stateProgress{"stateStoreSave", 2, 1, 0, 3}, true},
		{step{kind: "query", after: " ORDER BY ALL"}, stateProgress{"stateStoreSave", 2, 1, 0, 3}, true},
		{step{kind: "orderBy", list: []string{"k"}}, stateProgress{"stateStoreSave", 2, 2, 0, 3}, false},
		{step{kind: "groupBy", list: []string{"k"}}, stateProgress{"stateStoreSave", 2, 1, 0, 3}, false},
	} {
		f := &finding{job: &job{Steps: []step{c.step}, Mode: "complete", Conf: map[string]string{partitions: "3"}}, kind: counts}
		f.ours = &answer{Progress: []progress{{ID: 1, State: []stateProgress{c.got}}}}
		f.theirs = &answer{Progress: []progress{{ID: 1, State: []stateProgress{{"stateStoreSave", 4, 2, 0, 6}}}}}
		if countedTwice(f) != c.known {
			t.Errorf("%+v", c)
		}
	}
}

func TestAKillBetweenListAndBatchIsSeen(t *testing.T) {
	base := t.TempDir()
	write := func(name, text string) {
		t.Helper()
		path := filepath.Join(base, "checkpoint", name)
		if err := errors.Join(os.MkdirAll(filepath.Dir(path), 0o755), os.WriteFile(path, []byte(text), 0o644)); err != nil {
			t.Fatal(err)
		}
	}
	check := func(when string, want bool) {
		t.Helper()
		if got := listedAhead(base); got != want {
			t.Errorf("%s: %v", when, got)
		}
	}
	check("before anything", false)
	write("sources/0/0", "v1")
	check("the first list", true)
	write("sources/1/0", "v1")
	write("offsets/0", "v1\n{}\n{\"logOffset\":0}\n-")
	check("a second source without a batch", true)
	write("offsets/1", "v1\n{}\n{\"logOffset\":0}\n{\"logOffset\":0}")
	check("all is in a batch", false)
	write("sources/0/1", "v1")
	check("the next list", true)
}
